"""Maps of opinions: who has a colour of their own, and what is drawn of labels and of parts."""

from __future__ import annotations

import random

import pytest

from policy.charts_map import map_charts, own_colours
from policy.drawing import COLOURS, style
from tests.line import full_result, make_statements
from tests.policy.test_charts import words

LOOKS = {name: style(name.title(), place) for place, name in enumerate(("river", "hill", "shore"))}


@pytest.fixture
def result(river):
    """Sixty people of two communities, with imported labels."""
    return full_result(*make_statements(river))


def test_a_label_of_too_few_people_has_no_colour_of_its_own() -> None:
    labels = ["river"] * 40 + ["hill"] * 30 + ["shore"] * 4
    assert set(own_colours(labels, LOOKS, 0)) == {"river", "hill", "shore"}
    assert set(own_colours(labels, LOOKS, 10)) == {"river"}


@pytest.mark.parametrize("seed", range(30))
def test_the_others_are_enough_people_or_nobody(seed: int) -> None:
    rng = random.Random(seed)
    labels = [one for one in LOOKS for _ in range(rng.randrange(30))]
    others = sum(one not in own_colours(labels, LOOKS, 10) for one in labels)
    assert others == 0 or others >= min(10, len(labels))


def test_the_same_people_are_drawn_by_labels_from_elsewhere(result) -> None:
    labels = ["0"] * 25 + ["1"] * 25 + [""] * 10
    drawn = map_charts(result, 10, {"labels": {"polis": labels}})["opinion_space_labels_polis"]
    assert "In none" in words(drawn)
    assert "polis group 0 (25)" in words(drawn)


def test_labels_that_leave_too_few_apart_are_not_drawn_at_all(result) -> None:
    labels = ["0"] * 57 + ["1"] * 3
    assert "opinion_space_labels_polis" not in map_charts(result, 10, {"labels": {"polis": labels}})


def test_a_group_has_a_map_of_its_own_people_with_its_parts(result) -> None:
    points = [{"x": n % 7, "y": n % 5, "group": n % 2} for n in range(40)]
    places = {"within": {"0": {"points": points, "supported": True}}}
    drawn = map_charts(result, 10, places)["opinion_space_within_0"]
    assert "Part 1" in words(drawn)
    places["within"]["0"]["supported"] = False
    assert COLOURS[2] not in map_charts(result, 10, places)["opinion_space_within_0"]
    places["within"]["0"]["points"] = points[:9]
    assert "opinion_space_within_0" not in map_charts(result, 10, places)
