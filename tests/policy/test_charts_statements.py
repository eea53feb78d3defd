"""The swarm of statements, the map of statements, and how firm groups are."""

import itertools
import re

import pytest

from elicitation.kernel.charts import svg
from policy.charts_statements import packed, statement_charts
from policy.reading import kind_of, position_of
from tests.line import full_result, make_statements

HOSTILE = "<script>alert(1)</script> in a dry year"


@pytest.fixture
def result(river):
    """One statement that all want, and one that divides."""
    found = full_result(*make_statements(river, HOSTILE))
    item = {"kind": "statement", "id": found["statements"][1]["id"]}
    return found | {"decisions": [{"item": item, "decision": "contested"}]}


def titles(drawn: str) -> list[str]:
    """What shows under a pointer."""
    return re.findall(r"<title>([^<]*)</title>", drawn)


@pytest.mark.parametrize("radius", [2.0, 7.0])
def test_no_two_marks_of_a_swarm_overlap(radius):
    across = [37.0] * 30 + [40.0 + i / 3 for i in range(200)]
    places = [(x, 2 * radius * step) for x, step in packed(across, radius)]
    for (x, y), (x2, y2) in itertools.combinations(places, 2):
        assert abs(x - x2) >= 2 * radius or abs(y - y2) >= 2 * radius
    assert all(abs(x - was) <= radius for (x, _), was in zip(places, across, strict=True))


def test_agreement_of_all_is_at_one_end_and_a_gap_at_the_other(result):
    shared, apart = (one["label_sets"]["communities"] for one in result["statements"])
    assert position_of(shared) < -0.5
    assert position_of(apart) > 0.5


def test_every_statement_says_what_it_is_under_a_pointer(result):
    said = " ".join(titles(statement_charts(result)["swarm"]))
    assert "It should say when it is not sure.: common ground; at least 74" in said
    assert "&lt;script&gt;alert(1)&lt;/script&gt; in a dry year: contested" in said
    assert "<script" not in statement_charts(result)["swarm"]


def test_what_too_few_voted_on_stands_nowhere_on_the_axis(result):
    result["statements"][1]["label_sets"]["communities"]["groups"]["farmers"]["withheld"] = "."
    del result["statements"][0]
    drawn = statement_charts(result)["swarm"]
    assert "Too few answers to place:" in drawn
    assert "too few to say" in " ".join(titles(drawn))
    assert "points apart" not in drawn


def test_one_small_group_withholds_what_is_decided(result):
    statement = result["statements"][1]
    made = {statement["id"]: "contested"}
    assert kind_of(made, statement, "communities", 20) == "contested"
    assert kind_of(made, statement, "communities", 21) == "too_few"


def test_statements_taken_out_or_said_before_are_not_drawn(result):
    result["statements"][0]["moderation"] = "out"
    result["statements"][1]["twin_of"] = "1"
    assert "swarm" not in statement_charts(result)


def test_statements_stand_among_people_where_they_were_placed(result):
    assert "opinion_space_statements" not in statement_charts(result)
    result["statements"][0]["space"] = {"x": 0.2, "y": 0.1, "extremity": 0.3}
    result["statements"][1]["space"] = {"x": None, "y": None, "extremity": None}
    drawn = titles(statement_charts(result)["opinion_space_statements"])
    assert [one for one in drawn if "not sure" in one]
    assert not [one for one in drawn if "dry year" in one]


def test_a_drawing_says_things_under_a_pointer_only_where_it_was_asked():
    mark = {"mark": "point", "encoding": {"x": {"field": "x", "type": "quantitative"}}}
    spec = mark | {"data": {"values": [{"x": 1}]}}
    assert titles(svg(spec, title="Dots")) == []
    assert titles(svg(spec, title="Dots", hover=True)) != []
