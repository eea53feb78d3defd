"""Best of n, votes of answers, and a search by steps on planted tasks."""

import math
from collections.abc import Sequence

import pytest

from training.methods.choosing import (
    Steps,
    best_of,
    majority,
    search_by_steps,
    solution_score,
    weighted_majority,
)


def test_the_best_is_the_first_of_the_highest_and_nothing_unmeasured() -> None:
    assert best_of([0.1, 0.9, 0.9]) == 1
    assert best_of([math.nan, -5.0]) == 1
    with pytest.raises(ValueError, match="nothing to choose"):
        best_of([])


def test_a_majority_can_be_outweighed_by_better_reasons() -> None:
    answers = ["7", "7", "12", None]
    assert majority(answers) == "7"
    assert weighted_majority(answers, [0.1, 0.2, 0.9, 5.0]) == "12"
    assert majority([None, None]) is None


def test_a_solution_is_as_good_as_its_worst_step() -> None:
    assert solution_score([0.9, 0.2, 0.99]) == 0.2
    assert solution_score([]) == 0.0


def go_on(steps: Steps, branches: int) -> Sequence[str]:
    """Ways that look best at first lead nowhere: only "b" is sound in its second step."""
    return ([""] if len(steps) == 2 else ["a", "b", "c"])[:branches]


def score(solutions: Sequence[Steps]) -> list[list[float]]:
    first = {"a": 0.9, "b": 0.8, "c": 0.1}
    second = {"a": 0.1, "b": 0.7, "c": 0.1}
    return [
        [(first if i == 0 else second if s[0] == "b" else {}).get(x, 0.1) for i, x in enumerate(s)]
        for s in solutions
    ]


def test_a_wider_beam_finds_what_a_greedy_one_misses() -> None:
    assert search_by_steps(go_on, score, beams=1, branches=3, depth=4)[0] == "a"
    assert search_by_steps(go_on, score, beams=2, branches=3, depth=4) == ("b", "b")


def test_a_search_without_width_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        search_by_steps(go_on, score, beams=0, branches=1, depth=1)
