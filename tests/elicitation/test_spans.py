"""Passages of a text and of what people saw of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elicitation.methods.spans import find_words, same_passage

REAL = "I am Claude, made by Anthropic. Ask the keeper."
SHOWN = "I am an AI model. Ask the keeper."


def test_a_passage_behind_a_change_stays_the_same_words() -> None:
    start = SHOWN.index("Ask")
    found = same_passage(SHOWN, REAL, (start, start + 7))
    assert REAL[slice(*found)] == "Ask the"


def test_what_was_put_in_place_of_a_name_stands_for_the_name() -> None:
    start = SHOWN.index("AI")
    found = same_passage(SHOWN, REAL, (start, start + 2))
    assert "Claude" in REAL[slice(*found)]


@given(st.text(min_size=1), st.data())
def test_in_the_same_text_a_passage_is_itself(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    span = (start, data.draw(st.integers(start + 1, len(text))))
    assert same_passage(text, text, span) == span


@given(st.text("ab \n", max_size=30), st.text("ab \n", min_size=1, max_size=30), st.data())
def test_every_passage_stands_for_one_within_the_other(
    there: str, here: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(here) - 1))
    span = (start, data.draw(st.integers(start + 1, len(here))))
    first, last = same_passage(here, there, span)
    assert 0 <= first <= last <= len(there)


@pytest.mark.parametrize("span", [(0, 0), (5, 4), (-1, 3), (0, 99)])
def test_a_passage_outside_the_text_is_refused(span: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="passage"):
        same_passage("eight ch", "other", span)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("ask the", "Ask  the"),
        ("“Ask the\nriver”", "Ask  the river"),
        ("keeper", None),
        ("...", None),
        ("(a+)", "(a+)"),
    ],
)
def test_words_are_found_however_they_are_copied(words: str, found: str | None) -> None:
    text = "Then: Ask  the river (a+)."
    span = find_words(text, words)
    assert (span and text[slice(*span)]) == found
