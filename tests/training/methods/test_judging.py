"""Judging by principles, in both orders."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.methods.judging import (
    Principle,
    agreement_with_people,
    balanced,
    draw_principles,
    label,
)

PRINCIPLES = [Principle(1, "one"), Principle(2, "two"), Principle(3, "three", weight=0.0)]


def odds(value: float) -> float:
    return 1 / (1 + math.exp(-value))


@given(preference=st.floats(-3, 3), habit=st.floats(-6, 6))
def test_a_habit_of_position_cancels(preference: float, habit: float) -> None:
    def judge(_conversation: Any, a: str, _b: str, _principle: str) -> float:
        return odds(habit + (preference if a == "good" else -preference))

    assert balanced(judge, [], "good", "bad", "") == pytest.approx(odds(preference), abs=1e-4)


def test_a_judge_that_always_says_the_first_says_nothing() -> None:
    found = label(lambda *_: 1.0, [], "x", "y", PRINCIPLES, count=2, seed="s")
    assert found.share == 0.5


def test_labels_average_over_the_principles_drawn() -> None:
    def judge(_conversation: Any, a: str, _b: str, principle: str) -> float:
        likes = 0.9 if principle == "one" else 0.6
        return likes if a == "x" else 1 - likes

    found = label(judge, [], "x", "y", PRINCIPLES, count=5, seed="s")
    assert found.by_principle == pytest.approx({1: 0.9, 2: 0.6})
    assert found.share == pytest.approx(0.75)


def test_a_draw_depends_on_the_pair_and_not_on_the_order_of_principles() -> None:
    first = [draw_principles(PRINCIPLES, 1, f"7 row{i}")[0].number for i in range(40)]
    second = [draw_principles(PRINCIPLES[::-1], 1, f"7 row{i}")[0].number for i in range(40)]
    assert first == second
    assert set(first) == {1, 2}
    with pytest.raises(ValueError, match="nothing to judge by"):
        draw_principles(PRINCIPLES[2:], 1, "s")


def test_agreement_near_chance_is_called_that() -> None:
    people = [(f"p{i}", float(i % 2)) for i in range(20)]
    told = agreement_with_people([(0.7, people), (0.2, people)])
    assert told["estimate"] == 0.5
    assert "not distinguishable from chance" in told["sentence"]


def test_agreement_beyond_chance_and_none_at_all() -> None:
    people = [(f"p{i}", 1.0) for i in range(20)] + [("doubter", 0.5)]
    assert "more than chance" in agreement_with_people([(0.9, people)] * 3)["sentence"]
    assert "less than chance" in agreement_with_people([(0.1, people)] * 3)["sentence"]
    assert "not measured" in agreement_with_people([])["sentence"]


def test_an_answer_that_is_no_probability_is_refused() -> None:
    with pytest.raises(ValueError, match="no probability"):
        balanced(lambda *_: 1.5, [], "x", "y", "")
