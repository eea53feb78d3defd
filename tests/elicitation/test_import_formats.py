"""Formats row by row, and JSON documents item by item."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elicitation.methods.json_stream import NotJson, json_items
from elicitation.methods.preference_formats import hh_pairs, pandalm_pairs, table_pairs
from elicitation.methods.row_fields import RowRefused

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def pieces(text: str, size: int) -> list[str]:
    return [text[start : start + size] for start in range(0, len(text), size)]


@settings(max_examples=60)
@given(st.lists(VALUES), st.integers(1, 9), st.sampled_from([None, 2]))
def test_an_array_reads_the_same_in_pieces_of_any_size(
    values: list[Any], size: int, indent: int | None
) -> None:
    text = json.dumps(values, indent=indent)
    assert [value for _, _, value in json_items(pieces(text, size))] == values


@settings(max_examples=60)
@given(st.dictionaries(st.text(), VALUES), st.lists(VALUES), st.integers(1, 9))
def test_an_objects_members_come_whole_or_item_by_item(
    members: dict[str, Any], items: list[Any], size: int
) -> None:
    text = json.dumps(members | {"tree": items})
    read = list(json_items(pieces(text, size), streamed=["tree"]))
    assert [value for name, at, value in read if name == "tree" and at] == items
    assert {name: value for name, at, value in read if not at} == {
        name: value for name, value in members.items() if name != "tree"
    }


@settings(max_examples=60)
@given(st.lists(VALUES, min_size=1), st.integers(1, 9), st.data())
def test_a_document_that_breaks_off_is_refused(
    values: list[Any], size: int, data: st.DataObject
) -> None:
    text = json.dumps(values)
    cut = data.draw(st.integers(0, len(text) - 1))
    with pytest.raises(NotJson):
        list(json_items(pieces(text[:cut], size)))


@pytest.mark.parametrize("text", ["[1,]", "[1] 2", "[1 2]", '{"a" 1}', "{1: 2}x", "[,]", "[nul]"])
def test_what_is_nearly_json_is_refused(text: str) -> None:
    with pytest.raises(NotJson):
        list(json_items([text]))


def test_an_item_that_is_too_long_is_refused_early() -> None:
    def endless() -> Any:
        yield '["'
        while True:
            yield "x" * 1000

    with pytest.raises(NotJson, match="item 1 is too long"):
        list(json_items(endless(), longest=10_000))


def test_a_transcript_parts_at_the_assistants_last_turn() -> None:
    before = "\n\nHuman: Hi\n\nAssistant: Hello\n\nHuman: Help?\n\nAssistant:"
    [pair] = hh_pairs({"chosen": f"{before} Sure.", "rejected": f"{before} No."})
    assert [turn["role"] for turn in pair.messages] == ["user", "assistant", "user"]
    assert (pair.messages[-1]["content"], pair.completion_a, pair.completion_b) == (
        "Help?",
        "Sure.",
        "No.",
    )


@pytest.mark.parametrize(
    ("chosen", "reason"),
    [
        ("no turns at all", "no turn of the assistant"),
        ("\n\nHuman: a\n\nAssistant: b\n\nHuman: c", "does not end with the assistant"),
        ("Preamble\n\nHuman: a\n\nAssistant: b", "does not begin with a person"),
        ("\n\nHuman: a\n\nAssistant: b\n\nAssistant: c", "does not end with a person"),
    ],
)
def test_a_transcript_without_a_question_and_an_answer_is_refused(chosen: str, reason: str) -> None:
    with pytest.raises(RowRefused, match=reason):
        list(hh_pairs({"chosen": chosen, "rejected": chosen + "!"}))


def test_the_same_text_of_two_models_is_kept_and_of_one_is_refused() -> None:
    judged = {"instruction": "?", "response1": "x", "response2": "x", "annotator1": 0}
    [pair] = pandalm_pairs(judged | {"cmp_key": "one_other"})
    assert (pair.choice, pair.source_a, pair.source_b) == ("equal", "one", "other")
    with pytest.raises(RowRefused, match="identical"):
        list(pandalm_pairs(judged | {"cmp_key": "one_one"}))


@settings(max_examples=60)
@given(st.dictionaries(st.sampled_from(["prompt", "messages", "choice", "rater"]), VALUES) | VALUES)
def test_no_row_whatever_it_holds_makes_the_reader_stumble(row: Any) -> None:
    texts = {"completion_a": "x", "completion_b": "y"} if isinstance(row, dict) else {}
    with contextlib.suppress(RowRefused):
        assert all(pair.messages for pair in table_pairs(row | texts if texts else row))
