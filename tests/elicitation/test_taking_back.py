"""Words are taken out of what was made from them, and nothing else changes."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from elicitation.methods.taking_back import (
    TAKEN_BACK,
    shows_words,
    texts_in,
    without_titles,
    without_words,
)

LONG = "It should say when it is not sure."
TREES = st.recursive(
    st.text(max_size=30) | st.integers() | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=20,
)


@given(TREES)
def test_what_does_not_hold_the_words_stays_as_it_is(tree: Any) -> None:
    assert without_words(tree, {LONG}) == tree


@given(TREES, st.text(max_size=20), st.text(max_size=20))
def test_a_long_text_goes_wherever_it_is_quoted(tree: Any, before: str, after: str) -> None:
    cleaned = without_words([tree, {"a": f"{before}{LONG}{after}"}], [LONG])
    assert LONG not in json.dumps(cleaned, ensure_ascii=False)
    assert f"{before}{TAKEN_BACK}{after}" in texts_in(cleaned) or TAKEN_BACK in texts_in(cleaned)


def test_a_short_text_goes_only_where_it_stands_alone() -> None:
    said = {"text": "Be kind.", "sentence": "Be kind. Be brief.", "n": 3}
    assert without_words(said, ["Be kind."]) == said | {"text": TAKEN_BACK}


def test_of_two_texts_that_overlap_the_longer_goes_first() -> None:
    assert without_words(f"{LONG} Always.", [LONG, f"{LONG} Always."]) == TAKEN_BACK


def test_names_of_fields_stay() -> None:
    assert without_words({LONG: LONG}, [LONG]) == {LONG: TAKEN_BACK}


def test_a_drawing_is_known_by_words_on_broken_lines() -> None:
    drawing = (
        "<svg><text><tspan>It should say when</tspan><tspan>it is not &amp;c.</tspan></text></svg>"
    )
    assert shows_words(drawing, ["It should say when it is not & c."])
    assert not shows_words(drawing, ["Nobody takes water in a dry year."])
    assert not shows_words(drawing, [])


def test_what_a_mark_shows_under_a_pointer_is_taken_out_and_the_others_stay() -> None:
    ours, theirs = (
        "<title>#1 It should say when it is not at all …</title>",
        "<title>#2 A &amp; B</title>",
    )
    drawing = f"<svg><path/>{ours}<path/>{theirs}</svg>"
    redrawn = without_titles(drawing, ["It should say when it is not at all sure."])
    assert redrawn == drawing.replace(ours, f"<title>{TAKEN_BACK}</title>")
    assert without_titles(drawing, []) == drawing
