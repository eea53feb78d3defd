"""Sums, minima and tournaments of rewards, by worked numbers and symmetries."""

import math
from typing import Any

import numpy as np
import pytest

from training.methods.rewards import (
    describe,
    distinct_n,
    least_of_each,
    length_penalty,
    tournament,
    weighted_sum,
    worst_off,
)

NAN = math.nan


def test_a_sum_leaves_out_what_does_not_apply() -> None:
    total = weighted_sum([np.array([1.0, NAN, NAN]), np.array([2.0, 3.0, NAN])], [1.0, 0.5])
    assert total[:2].tolist() == [2.0, 1.5]
    assert math.isnan(total[2])
    with pytest.raises(ValueError, match="2 rewards came with 1 weights"):
        weighted_sum([total, total], [1.0])


def test_the_least_is_taken_for_each_completion_and_never_exceeds_a_community() -> None:
    scores = {"up": np.array([2.0, -1.0, 0.0]), "down": np.array([-2.0, 1.0, 0.5])}
    assert least_of_each(scores).tolist() == [-2.0, -1.0, 0.0]
    assert least_of_each(scores).mean() <= min(s.mean() for s in scores.values())


def test_names_of_communities_decide_nothing() -> None:
    up, down = np.array([0.0, 1.0]), np.array([0.5, 1.0])
    assert worst_off({"a": up, "b": down}) == "a"
    assert worst_off({"b": up, "a": down}) == "b"


def test_length_costs_nothing_up_to_the_limit_and_one_at_its_double() -> None:
    assert length_penalty([0, 10, 15, 20], 10).tolist() == [0.0, 0.0, -0.5, -1.0]


def test_a_tournament_gives_everyone_a_half_in_the_mean_and_finds_the_best() -> None:
    strengths = [0.0, 2.0, 1.0]
    won = tournament(3, lambda i, j: 1 / (1 + math.exp(strengths[j] - strengths[i])))
    assert won.mean() == pytest.approx(0.5)
    assert won.argmax() == 1
    assert tournament(1, lambda i, j: 0.0).tolist() == [0.5]


def test_repeating_oneself_lowers_the_part_of_different_pairs_of_words() -> None:
    assert distinct_n(["a b c d"]) == 1.0
    assert distinct_n(["a b", "a b"]) == 0.5
    assert math.isnan(distinct_n(["alone"]))


def record(community: str, reward: float, **more: Any) -> dict[str, Any]:
    told = {"parts": {"answer": reward}, "tokens": 4, "text": "one two three", "finished": True}
    return {"community": community, "reward": reward, "extractable": None, **told, **more}


def test_a_step_is_described_for_all_and_for_each_community() -> None:
    told = describe([record("up", 1.0), record("up", 0.0), record("down", NAN, extractable=True)])
    assert told["reward"] == 0.5
    assert told["communities"]["up"] == {"rows": 2, "reward": 0.5, "completion_length": 4.0}
    assert math.isnan(told["communities"]["down"]["reward"])
    assert told["extractable"] == 1.0
    assert told["distinct_2"] == pytest.approx(1 / 3)
