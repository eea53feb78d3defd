"""Answers found in texts, compared exactly, and rewarded as ReFT does."""

import json
from fractions import Fraction

import pytest

from training.methods.verifiable import answer_reward, is_extractable, last_number, same_answer

GSM8K = "Janet sells 16 - 3 - 4 = <<16-3-4=9>>9 duck eggs.\nShe makes 9 * 2 = $18.\n#### 18"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("The answer is 1,234.50 dollars.", Fraction("1234.5")),
        ("between 3 and -4", Fraction(-4)),
        ("7-4", Fraction(4)),
        ("so (2)-1", Fraction(1)),
        ("it is 3/4", Fraction(3, 4)),
        ("5 or 1/0", Fraction(5)),
        ("about $-2", Fraction(-2)),
        ("It costs $18.", Fraction(18)),
        ("half: .5", Fraction(1, 2)),
        ("no number", None),
        ("9" * 60, None),
        (GSM8K, Fraction(18)),
    ],
)
def test_the_last_number_of_a_text_is_its_answer(text: str, number: Fraction | None) -> None:
    assert last_number(text) == number


def test_right_wrong_and_missing_answers_earn_one_a_tenth_and_nothing() -> None:
    assert answer_reward("That makes 18.", GSM8K) == 1.0
    assert answer_reward("That makes 19.", GSM8K) == 0.1
    assert answer_reward("I do not know.", GSM8K) == 0.0


def test_numbers_are_compared_exactly_however_they_are_written() -> None:
    assert same_answer("0.50", "1/2")
    assert same_answer("$1,000", "1000.0")
    assert not same_answer("0.1000000001", "0.1")


def test_answers_that_are_no_numbers_are_compared_as_mathematics() -> None:
    assert same_answer(r"It is $\frac{x}{2}$", r"$0.5x$")
    assert not same_answer(r"It is $\frac{x}{3}$", r"$0.5x$")
    assert answer_reward(r"It is $\frac{x}{3}$", r"$0.5x$") == 0.1
    assert not is_extractable("I do not know.", r"$0.5x$")


def test_a_wrong_answer_may_never_earn_as_much_as_a_right_one() -> None:
    with pytest.raises(ValueError, match="must be in"):
        answer_reward("1", "2", wrong=1.0)


def test_an_answer_survives_being_written_as_json() -> None:
    assert same_answer("18", json.loads(json.dumps(GSM8K)))
