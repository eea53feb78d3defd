"""What the drawings of an analysis and of a run show, and what they leave undrawn."""

import itertools
import re

import pytest

from policy.charts import analysis_charts
from policy.drawing import COLOURS, Mark, Row, interval_rows, style, wrapped
from policy.drawing_lines import Series, lines_over_steps
from tests.line import empty_result, full_result, make_statements, one_community, report_result
from training.charts import report_charts

HOSTILE = "<script>alert(1)</script> in a dry year"


@pytest.fixture
def result(river):
    """An analysis with something in every section."""
    return full_result(*make_statements(river, HOSTILE))


def words(svg: str) -> str:
    """The texts of a drawing."""
    return " ".join(re.findall(r"<text[^>]*>([^<]*)</text>", svg))


def test_every_section_with_something_in_it_is_drawn_for_page_and_phone(result):
    names = set(analysis_charts(result))
    drawn = {"opinion_space_communities", "swarm", "fault_line_1", "preferences"}
    drawn |= {"agreement_votes"}
    assert names == drawn | {f"{name}_narrow" for name in drawn}


def test_groups_that_are_not_stable_lend_nobody_a_colour(result):
    del result["communities"][1]
    for point in result["opinion_space"]["points"]:
        point["group"] = 0
    result["label_sets"]["opinion_groups"]["labels"] = {"0": 60}
    drawn = analysis_charts(result)["opinion_space"]
    assert COLOURS[4] not in drawn
    result["label_sets"]["opinion_groups"]["supported"] = True
    assert COLOURS[4] in analysis_charts(result)["opinion_space"]


def test_nothing_is_drawn_of_nothing():
    assert analysis_charts(empty_result()) == {}


def test_a_fault_line_names_its_sides_and_items(result):
    drawn = words(analysis_charts(result)["fault_line_1"])
    assert "Fishers" in drawn
    assert "Farmers" in drawn
    assert "&lt;script&gt;alert(1)&lt;/script&gt; in a dry year" in drawn


def test_what_was_not_measured_is_said_and_not_drawn_as_zero(result):
    drawn = analysis_charts(result)["preferences"]
    assert "Fishers: not measured" in words(drawn)
    assert "NaN" not in drawn


def test_an_axis_names_what_it_measures(result):
    assert "Probability of being chosen" in words(analysis_charts(result)["preferences"])


def test_a_community_keeps_its_seats_colour_wherever_it_is_drawn(result):
    charts = analysis_charts(result)
    for name in ("opinion_space_communities", "fault_line_1", "preferences"):
        assert f'fill="{COLOURS[0]}"' in charts[name]
        assert f'fill="{COLOURS[1]}"' in charts[name]


def test_names_of_marks_that_stand_close_are_pushed_apart():
    looks = {"a": style("Upper valley", 0), "b": style("Lower valley", 1)}
    row = Row("Water", [Mark("a", 0.5), Mark("b", 0.51)])
    spec = interval_rows([row], looks, 720, title="Share", joined=True)
    names = spec["layer"][-1]["layer"][0]["data"]["values"]
    assert abs(names[0]["x"] - names[1]["x"]) > 90


def test_names_at_the_ends_of_lines_are_pushed_apart():
    series = [Series(style(name, i), [(1, 0.0), (2, 1.0)]) for i, name in enumerate("ABC")]
    names = lines_over_steps(series, 720, title="Loss")["layer"][-1]["layer"][0]["data"]["values"]
    heights = [name["y"] for name in names]
    assert min(b - a for a, b in itertools.pairwise(heights)) >= 18


@pytest.mark.parametrize("text", ["word " * 30, "字" * 60, "unbroken" * 20])
def test_long_texts_are_wrapped_in_any_script(text):
    lines = wrapped(text, 330)
    assert len(lines) > 1
    assert all(len(line) <= 46 for line in lines)


def test_words_beyond_the_last_line_are_marked_as_cut():
    assert wrapped("word " * 200, 330)[-1].endswith("…")


STEPS = [
    {"step": i, "loss": 0.7 - i / 100, "communities": {"fishers": {"margin": i / 10, "weight": w}}}
    for i, w in ((1, 1.0), (2, 1.1), (3, None))
]


def test_a_run_draws_its_curves_and_each_community_before_and_after():
    report = report_result(fishers=one_community(0.1, 0.05, 0.2))
    charts = report_charts(STEPS, report, {"fishers": "Fishers"})
    assert {"loss", "margin", "group_weights", "before_after"} <= set(charts)
    drawn = words(charts["before_after"])
    assert "Fishers" in drawn
    assert "before" in drawn
    assert "after" in drawn


def test_weights_that_never_moved_are_not_drawn():
    steps = [{"step": i, "loss": 0.7, "communities": {"a": {"weight": 1.0}}} for i in (1, 2)]
    assert "group_weights" not in report_charts(steps, None)


def test_a_run_without_report_draws_its_loss():
    assert set(report_charts([{"step": 1, "loss": 0.7}], None)) == {"loss", "loss_narrow"}


def test_a_report_that_measured_nothing_says_so_in_its_drawing():
    report = report_result(fishers=one_community(None, None, None))
    assert "after: not measured" in words(report_charts([], report)["before_after"])
