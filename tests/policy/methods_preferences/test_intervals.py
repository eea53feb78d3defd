import numpy as np
import pytest

from policy.methods.intervals import (
    clustered_proportion,
    effective_clusters,
    exact_bounds,
    paired_difference,
    posterior_bounds,
    verdict,
)


def test_the_exact_interval_is_clopper_and_pearsons():
    low, high = exact_bounds([0, 9, 10], 10)
    assert low == pytest.approx([0, 0.5550, 0.025**0.1], abs=1e-4)
    assert high == pytest.approx([1 - 0.025**0.1, 0.9975, 1], abs=1e-4)


def test_one_agree_of_one_says_little():
    assert exact_bounds(1, 1)[0] == pytest.approx(0.025)
    assert posterior_bounds(1, 1)[0] == pytest.approx(np.sqrt(0.025))


def test_nobody_answering_is_undefined_or_the_prior():
    assert np.isnan(exact_bounds(0, 0)).all()
    assert posterior_bounds(0, 0) == pytest.approx((0.025, 0.975))


def test_intervals_of_shares_turn_round_with_the_answers():
    for bounds in (exact_bounds, posterior_bounds):
        low, high = bounds([3, 8], 11)
        assert 1 - low == pytest.approx(high[::-1])


def test_impossible_counts_are_refused():
    with pytest.raises(ValueError, match="3 of 2 is not a share"):
        exact_bounds([1, 3], 2)
    with pytest.raises(ValueError, match="level"):
        posterior_bounds(1, 2, level=95)


@pytest.mark.parametrize(
    ("people", "answers", "share", "likeness"), [(20, 10, 0.6, 0.2), (40, 5, 0.8, 0.4)]
)
def test_intervals_over_people_cover_the_truth_as_often_as_they_say(
    people, answers, share, likeness
):
    rng = np.random.default_rng(11)
    ids = np.repeat(np.arange(people), answers)
    spread = 1 / likeness - 1
    covered = 0
    for _ in range(3000):
        own = rng.beta(share * spread, (1 - share) * spread, people)
        found = clustered_proportion(rng.random(ids.size) < own[ids], ids)
        covered += found.low <= share <= found.high
    assert 0.93 <= covered / 3000 <= 0.97


def test_intervals_that_ignore_who_answered_cover_far_too_rarely():
    rng = np.random.default_rng(12)
    ids = np.repeat(np.arange(20), 20)
    own = rng.beta(2, 2, (2000, 20))
    yes = rng.binomial(20, own).sum(axis=1)
    low, high = exact_bounds(yes, ids.size)
    assert np.mean((low <= 0.5) & (high >= 0.5)) < 0.75


def test_paired_differences_cover_the_truth_as_often_as_they_say():
    rng = np.random.default_rng(13)
    ids = np.repeat(np.arange(25), 8)
    covered = 0
    for _ in range(2000):
        own = rng.normal(0, 0.15, 25)[ids]
        before = rng.random(ids.size) < np.clip(0.55, 0, 1)
        after = rng.random(ids.size) < np.clip(0.62 + own, 0, 1)
        found = paired_difference(before, after, ids)
        covered += found.low <= 0.07 <= found.high
    assert 0.93 <= covered / 2000 <= 0.97


def test_a_model_tried_on_few_prompts_is_judged_with_other_prompts_in_mind():
    rng = np.random.default_rng(16)
    people, prompts = np.repeat(np.arange(20), 15), np.tile(np.arange(15), 20)
    both, people_only = [], []
    for _ in range(1000):
        before = rng.random(15)[prompts] < 0.5
        after = (rng.random(15)[prompts] < 0.6) ^ (rng.random(300) < 0.1)
        for items, covered in ((prompts, both), (None, people_only)):
            found = paired_difference(before, after, people, items=items)
            covered.append(found.low <= 0.08 <= found.high)
    assert 0.92 <= np.mean(both) <= 0.98
    assert np.mean(people_only) < 0.5


def test_one_prompt_says_nothing_of_others():
    found = clustered_proportion([1, 0, 1, 1], [1, 2, 3, 4], items=[7, 7, 7, 7])
    assert np.isnan(found.low)
    assert found.note == "Only one item was judged: nothing can be said of others."
    assert (found.n_clusters, found.n_items) == (4, 1)


def test_agreement_of_everyone_still_leaves_room_for_those_not_asked():
    found = clustered_proportion(np.ones(100), np.repeat(np.arange(10), 10))
    assert found.estimate == 1.0
    assert 0.5 < found.low < 0.8
    assert "same" in found.note


def test_more_answers_from_the_same_people_do_not_narrow_a_unanimous_interval():
    few = clustered_proportion(np.ones(10), np.arange(10))
    many = clustered_proportion(np.ones(1000), np.repeat(np.arange(10), 100))
    assert many.low == pytest.approx(few.low)


def test_one_person_however_talkative_gives_no_interval():
    found = clustered_proportion([1, 0, 1, 1], ["amara"] * 4)
    assert found.estimate == 0.75
    assert np.isnan([found.low, found.high]).all()
    assert found.note == "Only one person answered: too few to say."


def test_nobody_or_nothing_measured_is_nan_and_a_sentence():
    nobody = clustered_proportion([], [])
    assert np.isnan(nobody.estimate)
    assert nobody.note == "Nobody answered."
    unmeasured = paired_difference([np.nan, 1], [1, np.nan], [1, 2])
    assert unmeasured.note == "not measured"
    assert verdict(unmeasured.low, unmeasured.high) == "not measured"


def test_yes_and_no_mirror_each_other():
    rng = np.random.default_rng(14)
    yes, ids = rng.integers(0, 2, 60).astype(float), rng.integers(0, 9, 60)
    one, other = clustered_proportion(yes, ids), clustered_proportion(1 - yes, ids)
    assert one.low == pytest.approx(1 - other.high)


def test_an_unmeasured_answer_changes_nothing():
    whole = clustered_proportion([1, 0, 1, 0.5], [1, 1, 2, 3])
    with_gap = clustered_proportion([1, np.nan, 0, 1, 0.5], [1, 9, 1, 2, 3])
    assert whole == with_gap


def test_before_and_after_change_sign_together():
    rng = np.random.default_rng(15)
    before, after, ids = rng.random(80), rng.random(80), rng.integers(0, 12, 80)
    up, down = paired_difference(before, after, ids), paired_difference(after, before, ids)
    assert up.estimate == pytest.approx(float(np.mean(after - before)))
    assert (up.low, up.high) == (pytest.approx(-down.high), pytest.approx(-down.low))


def test_a_model_that_did_not_change_is_inconclusive_not_certain():
    same = paired_difference([1, 0, 1, 0] * 5, [1, 0, 1, 0] * 5, np.repeat(np.arange(5), 4))
    assert same.estimate == 0
    assert same.low < 0 < same.high
    assert verdict(same.low, same.high) == "inconclusive"


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [
        (0.01, 0.2, "better"),
        (-0.2, -0.01, "worse"),
        (-0.1, 0.2, "inconclusive"),
        (0, 1, "inconclusive"),
    ],
)
def test_the_verdict_follows_the_interval(low, high, word):
    assert verdict(low, high) == word


def test_values_outside_the_scale_are_refused():
    with pytest.raises(ValueError, match="between 0 and 1"):
        clustered_proportion([0.2, 1.2], [1, 2])
    with pytest.raises(ValueError, match="between 0 and 1"):
        paired_difference([-3.0], [-2.0], [1])
    with pytest.raises(ValueError, match="one person and one item"):
        clustered_proportion([0.2, 1.0], [1])


def test_one_person_with_most_answers_counts_for_little_more_than_one():
    assert effective_clusters([5, 5, 5, 5]) == pytest.approx(4)
    assert effective_clusters([100, 1, 1]) < 1.1
    assert effective_clusters([0, 0]) == 0
