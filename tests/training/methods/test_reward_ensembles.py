"""Rewards on one scale and their combinations, as arithmetic."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.methods.reward_ensembles import combine, fit_scale, length_slope

SCORES = [[1.0, 4.0, 2.0], [3.0, 0.0, 2.0]]


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ("mean", [2, 2, 2]),
        ("worst", [1, 0, 2]),
        ("variance_penalised", [2 - 0.5, 2 - 2, 2]),
    ],
)
def test_a_worked_table(how: str, expected: list[float]) -> None:
    assert combine(SCORES, how, penalty=0.5).tolist() == pytest.approx(expected)


def test_the_least_community_counts_each_community_once() -> None:
    scores = [[1.0, 5.0], [3.0, 5.0], [2.5, 4.0]]
    told = combine(scores, "min_over_communities", communities=["a", "a", "b"])
    assert told.tolist() == [2.0, 4.0]
    with pytest.raises(ValueError, match="each reward model's community"):
        combine(scores, "min_over_communities", communities=["a", None, "b"])


def test_members_that_agree_are_left_alone_by_every_combination() -> None:
    alike = [[0.3, -1.0]] * 4
    for how in ("mean", "worst", "variance_penalised"):
        assert combine(alike, how, penalty=3.0).tolist() == pytest.approx([0.3, -1.0])


@given(st.lists(st.lists(st.floats(-9, 9), min_size=3, max_size=3), min_size=1, max_size=6))
def test_doubt_never_adds_and_order_never_matters(table: list[list[float]]) -> None:
    mean = combine(table, "mean")
    for how in ("worst", "variance_penalised"):
        assert (combine(table, how) <= mean + 1e-9).all()
        assert combine(table[::-1], how) == pytest.approx(combine(table, how))


def test_one_fooled_member_does_not_carry_a_cautious_ensemble() -> None:
    honest, exploit = [1.0, 0.9, 1.1, 1.0], [9.0, -1.0, -1.2, -0.8]
    scores = np.array([honest, exploit]).T  # four members, two completions
    assert np.argmax(combine(scores, "mean")) == 1
    assert np.argmax(combine(scores, "worst")) == 0
    assert np.argmax(combine(scores, "variance_penalised")) == 0


def test_a_scale_gives_its_own_completions_mean_0_and_sd_1() -> None:
    scores, lengths = [3.0, 7.0, 4.0, 9.0], [4, 9, 2, 9]
    scale = fit_scale(scores, lengths, list("aabb"), length_debiased=False)
    rewards = scale.reward(scores, lengths)
    assert (rewards.mean(), rewards.std()) == pytest.approx((0, 1))
    shifted = fit_scale([5 * s - 2 for s in scores], lengths, list("aabb"), length_debiased=False)
    assert shifted.reward([5 * s - 2 for s in scores], lengths) == pytest.approx(rewards)


def test_a_planted_trend_in_length_is_found_within_prompts_and_taken_out() -> None:
    lottery = np.random.default_rng(0)
    prompts = [str(i // 4) for i in range(400)]
    lengths = lottery.integers(5, 60, 400)
    # Prompts that want long answers are also those whose answers are better: no taste for length.
    worth = lottery.normal(size=400) + np.repeat(lottery.normal(size=100) * 5, 4)
    scores = worth + 0.2 * lengths
    assert length_slope(scores, lengths, prompts) == pytest.approx(0.2, abs=0.01)
    scale = fit_scale(scores, lengths, prompts, length_debiased=True)
    rewards = scale.reward(scores, lengths)
    assert length_slope(rewards, lengths, prompts) == pytest.approx(0, abs=1e-12)
    assert np.corrcoef(rewards, worth)[0, 1] > 0.99


def test_equal_lengths_leave_no_trend_to_take_out() -> None:
    assert length_slope([1.0, 2.0], [7, 7], ["a", "a"]) == 0.0
    assert length_slope([1.0, 2.0], [3, 9], ["a", "b"]) == 0.0
    assert fit_scale([2.0, 2.0], [1, 2], ["a", "a"], length_debiased=False).sd == 1.0
    with pytest.raises(ValueError, match="no completions"):
        fit_scale([], [], [], length_debiased=True)
