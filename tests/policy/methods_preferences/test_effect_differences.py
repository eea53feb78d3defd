import numpy as np
import pytest
from scipy.special import expit

from policy.methods.bradley_terry import fit_preferences
from policy.methods.effect_differences import effect_differences


def community(rng, effects, people=25, answers=16, spread=0.4):
    effects = np.asarray(effects, dtype=float)
    ids = np.repeat(np.arange(people), answers)
    rows = rng.normal(size=(ids.size, effects.size))
    own = effects + rng.normal(0, spread, (people, effects.size))
    log_odds = (rows * own[ids]).sum(axis=1)
    return fit_preferences(rows, (rng.random(ids.size) < expit(log_odds)).astype(float), ids)


def test_planted_opposition_is_found_and_common_ground_left_alone():
    rng = np.random.default_rng(1)
    ours, theirs = community(rng, [1.0, 0.7, 0.0]), community(rng, [-1.0, 0.7, 0.0])
    found = effect_differences(ours, theirs)
    assert found[0].opposed
    assert found[0].low > 1
    assert found[0].q < 0.001
    assert not found[1].opposed
    assert found[1].q > 0.05


def test_communities_that_are_alike_seldom_differ():
    rng = np.random.default_rng(2)
    p = [
        d.p
        for _ in range(200)
        for d in effect_differences(community(rng, [0.5, 0], 12), community(rng, [0.5, 0], 30))
    ]
    assert np.mean(np.array(p) < 0.05) == pytest.approx(0.05, abs=0.03)


def test_exchanging_the_communities_turns_the_sign():
    rng = np.random.default_rng(3)
    ours, theirs = community(rng, [0.5, -0.2]), community(rng, [0.1, 0.3])
    for there, back in zip(
        effect_differences(ours, theirs), effect_differences(theirs, ours), strict=True
    ):
        assert there.difference == pytest.approx(-back.difference)
        assert there.low == pytest.approx(-back.high)
        assert there.p == pytest.approx(back.p)


def test_a_difference_from_nothing_is_undefined_with_the_reason():
    ours = community(np.random.default_rng(4), [0.5, -0.2])
    nobody = fit_preferences(np.empty((0, 2)), [], [])
    for found in effect_differences(ours, nobody):
        assert np.isnan([found.difference, found.low, found.p, found.q]).all()
        assert found.note == "Nobody answered."


def test_fits_of_different_features_are_not_compared():
    rng = np.random.default_rng(5)
    with pytest.raises(ValueError, match="same features"):
        effect_differences(community(rng, [0.5]), community(rng, [0.5, 0.1]))
