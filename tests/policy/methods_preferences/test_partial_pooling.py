import numpy as np
import pytest

from policy.methods.partial_pooling import LEAST_SPREAD, common_spread, pool_effects

EIGHT_SCHOOLS = [28, 8, -3, 7, -1, 1, 18, 12], [15, 10, 16, 11, 9, 11, 10, 18]
MANY = 1e6


def pool(estimates, errors, rests_on=None, **settings):
    behind = np.full(len(estimates), MANY) if rests_on is None else rests_on
    return pool_effects(estimates, errors, behind, **settings)


def test_the_eight_schools_come_out_as_published():
    """Gelman and others, Bayesian Data Analysis 3, table 5.3: medians and school A's interval."""
    found = pool(*EIGHT_SCHOOLS, scale=50)
    assert found.estimate == pytest.approx([10, 8, 7, 8, 5, 6, 10, 8], abs=1.5)
    assert (found.low[0], found.high[0]) == pytest.approx((-2, 31), abs=1)
    assert found.mean == pytest.approx(8, abs=0.5)


def test_a_small_community_leans_on_the_others_and_a_large_one_stands_by_itself():
    found = pool([0.5, 0.6, -0.4], [0.05, 0.05, 0.6])
    assert found.own[0] > 0.85
    assert found.own[2] < 0.4
    assert found.estimate[0] == pytest.approx(0.5, abs=0.02)
    assert -0.4 < found.estimate[2] < 0.55


def test_communities_far_apart_lend_one_another_little():
    found = pool([3.0, -3.0, 0.0], [0.2, 0.2, 0.3])
    assert found.estimate == pytest.approx([3, -3, 0], abs=0.1)
    assert (found.own > 0.9).all()


def test_a_few_people_count_for_less_than_their_error_says():
    many, few = (pool([0.5, 0.5, -1.0], [0.1, 0.1, 0.4], [50, 50, n]) for n in (50, 3))
    assert few.own[2] < many.own[2]


def test_renaming_communities_or_turning_the_feature_changes_nothing():
    one = pool([0.4, -0.2, 0.9], [0.2, 0.3, 0.5])
    turned = pool([-0.9, -0.4, 0.2], [0.5, 0.2, 0.3])
    assert turned.estimate == pytest.approx(-one.estimate[[2, 0, 1]])
    assert turned.low == pytest.approx(-one.high[[2, 0, 1]])


def test_a_community_without_an_effect_lends_nothing_and_is_lent_nothing():
    with_it = pool([0.4, np.nan, 0.2], [0.2, np.nan, 0.3])
    without = pool([0.4, 0.2], [0.2, 0.3])
    assert np.isnan(with_it.estimate[1])
    assert with_it.estimate[[0, 2]] == pytest.approx(without.estimate)


@pytest.mark.parametrize("estimates", [[], [0.4], [0.4, np.nan]])
def test_one_community_alone_is_a_sentence(estimates):
    found = pool(estimates, np.full(len(estimates), 0.2))
    assert np.isnan(found.estimate).all()
    assert "Fewer than two communities" in found.note


def test_how_far_communities_lie_apart_is_found_from_many_effects():
    rng = np.random.default_rng(1)
    errors = np.full((40, 4), 0.2)
    apart = rng.normal(0.3, 0.8, (40, 4)) + rng.normal(0, errors)
    alike = rng.normal(0.3, 0.2, (40, 4))
    behind = np.full((40, 4), MANY)
    assert common_spread(apart, errors, behind) == pytest.approx(0.8, abs=0.15)
    assert common_spread(alike, errors, behind) <= 0.15
    assert common_spread([[0.3]], [[0.2]], [[9]]) == LEAST_SPREAD


@pytest.mark.parametrize("spread", [0.1, 0.3, 0.8])
def test_intervals_that_lean_cover_the_communities_own_truth(spread):
    rng = np.random.default_rng(int(10 * spread))
    errors, behind, held, gain = np.array([0.08, 0.15, 0.45]), np.array([90, 40, 8.0]), [], []
    for _ in range(40):
        truth = rng.normal(0.2, spread, (12, 3))
        told = truth + rng.normal(0, errors, truth.shape)
        seen = errors * np.sqrt(rng.chisquare(behind - 1, truth.shape) / (behind - 1))
        scale = 2 * common_spread(told, seen, np.tile(behind, (12, 1)))
        for true, own, error in zip(truth, told, seen, strict=True):
            found = pool_effects(own, error, behind, scale=scale)
            held.append((found.low <= true) & (true <= found.high))
            gain.append((found.estimate - true)[2] ** 2 - (own - true)[2] ** 2)
    assert 0.93 <= np.mean(held) <= 0.98
    # In squared error, what the smallest community gains; nothing is lost where all are unlike.
    assert np.mean(gain) < (-0.02 if spread < 0.5 else 0.01)


def test_what_cannot_be_right_is_refused():
    for change in ({"scale": 0}, {"level": 95}):
        with pytest.raises(ValueError, match="scale is positive"):
            pool([0.1, 0.2], [0.1, 0.1], **change)
    with pytest.raises(ValueError, match="one error"):
        pool_effects([0.1], [0.1, 0.2], [1, 2])
