"""What analysts change about fault lines: applied on reading, found again later, undone."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.line_edits import Change, edited, keys_of

SIDES = {"Fishers": "higher", "Farmers": "lower"}


def item(key: str, fishers: float, farmers: float) -> dict[str, Any]:
    values = {"Fishers": fishers, "Farmers": farmers}
    return {
        "key": key,
        "text": f"Text of {key}.",
        "values": values,
        "low": {name: value - 0.1 for name, value in values.items()},
        "high": {name: value + 0.1 for name, value in values.items()},
        "n": dict.fromkeys(values, 30),
        "difference": abs(fishers - farmers),
        "favoured_by": int(fishers < farmers),
    }


def line(name: str, *items: dict[str, Any]) -> dict[str, Any]:
    quotes = [{"id": one["key"], "item": one["key"], "side": one["favoured_by"], "text": "…"}
              for one in items]  # fmt: skip
    told = {"between": "communities", "name": name, "sentence": f"{name}: …", "direction": SIDES}
    return {**told, "size": 0.5, "size_low": 0.4, "size_high": 0.6, "stability": 0.9,
            "items": list(items), "quotes": quotes}  # fmt: skip


WATER = line("water", item("s1", 0.9, 0.3), item("s2", 0.2, 0.7), item("s3", 0.8, 0.5))
SCHOOL = line("school", item("s4", 0.3, 0.8), item("s5", 0.7, 0.4))
LINES = [WATER, SCHOOL]


def change(kind: str, **detail: Any) -> Change:
    return Change(1, kind, {"between": "communities", **detail}, "pilar")


RENAME = change("rename", keys=["s1", "s2", "s3"], name="Who may fish")
MERGE = change("merge", lines=[["s1", "s2", "s3"], ["s4", "s5"]], name="Both")
SPLIT = change("split", keys=["s1", "s2", "s3"], items=["s2"], name="Nets")


def test_a_name_is_the_analysts_and_the_computed_one_is_kept():
    (first, _) = edited(LINES, [RENAME]).lines
    assert (first["name"], first["computed_name"]) == ("Who may fish", "water")


def test_lines_put_together_hold_the_items_of_both_on_common_sides():
    (whole,) = edited(LINES, [MERGE]).lines
    assert keys_of(whole) == ["s1", "s2", "s3", "s4", "s5"]
    assert whole["also"] == [2]
    assert {one["key"]: one["favoured_by"] for one in whole["items"]}["s4"] == 1
    assert whole["size"] == pytest.approx((0.6 + 0.5 + 0.3 + 0.5 + 0.3) / 5)
    assert whole["size_low"] < whole["size"] < whole["size_high"]


def test_borders_drawn_by_hand_have_no_measured_stability():
    assert [one["stability"] for one in edited(LINES, [SPLIT]).lines] == [None, None, 0.9]


def test_a_split_parts_the_items_and_the_quotes():
    rest, new, _ = edited(LINES, [SPLIT]).lines
    assert (keys_of(rest), keys_of(new), new["name"]) == (["s1", "s3"], ["s2"], "Nets")
    assert [one["item"] for one in new["quotes"]] == ["s2"]
    # The side that stands higher on the clearest item comes first.
    assert new["direction"] == {"Fishers": "lower", "Farmers": "higher"}


def test_a_later_line_with_half_of_the_items_is_the_same_line():
    later = [line("water again", item("s1", 0.8, 0.3), item("s2", 0.1, 0.7))]
    assert edited(later, [RENAME]).lines[0]["name"] == "Who may fish"


def test_a_change_whose_line_is_gone_says_so_and_changes_nothing():
    later = [line("other", item("s9", 0.9, 0.1))]
    found = edited(later, [RENAME, MERGE, SPLIT])
    assert [one["name"] for one in found.lines] == ["other"]
    assert [why for _, why in found.lost] == [
        "No fault line has at least half of the items it was about."
    ] * 3


def test_lines_that_are_one_already_are_not_put_together_again():
    again = change("merge", lines=[["s1", "s2", "s3"], ["s1", "s2", "s3", "s4"]], name="")
    found = edited(LINES, [MERGE, again])
    assert len(found.lines) == 1
    assert [why for _, why in found.lost] == ["These items are one fault line already."]


def test_communities_and_opinion_groups_keep_lines_of_their_own():
    groups = {**WATER, "between": "opinion_groups"}
    found = edited([groups], [RENAME])
    assert found.lines[0]["name"] == "water"
    assert found.lost


def test_what_was_computed_is_never_touched():
    before = copy.deepcopy(LINES)
    edited(LINES, [RENAME, SPLIT, MERGE, change("annotate", keys=["s4", "s5"], note="!")])
    assert before == LINES


@given(st.lists(st.sampled_from([RENAME, MERGE, SPLIT]), max_size=6))
def test_no_item_is_lost_or_doubled_whatever_is_changed(changes: list[Change]):
    found = edited(LINES, changes)
    keys = [key for one in found.lines for key in keys_of(one)]
    assert sorted(keys) == ["s1", "s2", "s3", "s4", "s5"]
    assert len(found.applied) + len(found.lost) == len(changes)
    numbers = [one["number"] for one in found.lines]
    assert len(set(numbers)) == len(numbers)


def test_putting_together_what_was_split_gives_back_its_items_and_size():
    together = change("merge", lines=[["s1", "s3"], ["s2"]], name="")
    (whole, _) = edited([WATER, SCHOOL], [SPLIT, together]).lines
    assert keys_of(whole) == keys_of(WATER)
    assert whole["size"] == pytest.approx((0.6 + 0.5 + 0.3) / 3)
    assert whole["direction"] == SIDES
