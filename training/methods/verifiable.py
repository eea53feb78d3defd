"""Answers that can be checked: finding them in a text, comparing them, rewarding them."""

import re
from fractions import Fraction

NUMBER = re.compile(r"-?\$?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:/\d+)?|-?\.\d+")
# A number longer than this is a loop of the model's, not an answer.
LONGEST = 40


def last_number(text: str) -> Fraction | None:
    """The last number in a text, exactly, or None.

    Reads 1,234.5, $18, 3/4 and -2; a minus counts only where no digit or letter stands before it,
    so that "7-4" ends in 4. Source: the last number is what Cobbe et al. 2021 ("#### 18") and
    Luong et al. 2024 compare.
    """
    found = [match for match in NUMBER.finditer(text) if len(match.group()) <= LONGEST]
    for match in reversed(found):
        number = _fraction(_unsigned(text, match))
        if number is not None:
            return number
    return None


def same_answer(text: str, answer: str) -> bool:
    """Whether a text comes to an answer: the same last number, or equal as mathematics.

    An answer that is itself a number is compared as one; any other is read as LaTeX or as an
    expression by math-verify (HuggingFace, Apache-2.0).
    """
    wanted = _plain(answer)
    if wanted is not None:
        return last_number(text) == wanted
    return _equal_as_mathematics(text, answer)


def answer_reward(text: str, answer: str, wrong: float = 0.1) -> float:
    """1 for the right answer, `wrong` for an extractable other one, 0 where there is none.

    Source: Luong et al. 2024 (ReFT), equation 4, with .1. Raises ValueError when wrong is not in
    [0, 1).
    """
    if not 0 <= wrong < 1:
        raise ValueError(f"The reward of a wrong answer must be in [0, 1), not {wrong}.")
    if same_answer(text, answer):
        return 1.0
    return wrong if is_extractable(text, answer) else 0.0


def is_extractable(text: str, answer: str) -> bool:
    """Whether a text holds an answer of the wanted kind at all, right or wrong."""
    if _plain(answer) is not None:
        return last_number(text) is not None
    from math_verify import parse

    return bool(parse(text))


def _plain(answer: str) -> Fraction | None:
    """An answer that is a number and nothing else; GSM8K's "… #### 18" is 18."""
    alone = answer.rpartition("####")[2].strip()
    match = NUMBER.fullmatch(alone)
    return _fraction(alone) if match else None


def _unsigned(text: str, match: re.Match[str]) -> str:
    found, before = match.group(), text[: match.start()]
    return found.lstrip("-") if before[-1:].isalnum() or before.endswith(")") else found


def _fraction(text: str) -> Fraction | None:
    try:
        return Fraction(text.replace(",", "").replace("$", ""))
    except ZeroDivisionError:
        return None


def _equal_as_mathematics(text: str, answer: str) -> bool:
    from math_verify import parse, verify

    # Both stop by themselves after five seconds: a model can write towers of powers.
    return bool(verify(parse(answer), parse(text)))
