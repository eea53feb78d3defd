"""What the page of an analysis says of agreement, within communities and between them."""

from typing import Any

import pytest

from elicitation.models import Workshop
from policy.charts import analysis_charts
from policy.showing_agreement import with_names
from tests.line import full_result, make_analysis, make_statements


@pytest.fixture
def section(client, pilar):
    """The part of an analysis's page about agreement, as Pilar reads it."""
    client.force_login(pilar)

    def opened(workshop: Workshop, result: dict[str, Any]) -> str:
        page = client.get(make_analysis(workshop, result).get_absolute_url()).content.decode()
        return page[page.index('id="agreement"') : page.index('id="rests-on"')]

    return opened


@pytest.fixture
def result(river) -> dict[str, Any]:
    """Fishers agree with one another twice as much as with farmers."""
    found = full_result(*make_statements(river))
    alpha = {"alpha": 0.4, "low": 0.31, "high": 0.52, "ordinal": 0.41, "note": ""}
    alpha |= {"n_items": 20, "n_ratings": 800, "n_people": 40}
    axes = [
        axis("communities", group("fishers", 40, 2.0), group("farmers", 20, 1.1)),
        axis("communities × polis", group("fishers × 0", 30, 1.6), group("farmers × 1", 14, 0.9)),
    ]
    found["agreement"]["votes"] = {
        "all": alpha | {"n_people": 60},
        "communities": {"fishers": alpha, "farmers": alpha | {"n_people": 20}},
        "across": [crossing("fishers", "farmers", 2.0), crossing("farmers", "fishers", 1.1)],
        "axes": axes,
        "note": "",
    }
    return found


def crossing(first: str, second: str, gai: float) -> dict[str, Any]:
    found = {"first": first, "second": second, "irr": 0.44, "xrr": 0.22, "gai": gai}
    found |= {"irr_low": 0.35, "irr_high": 0.53, "xrr_low": 0.13, "xrr_high": 0.29}
    found |= {"gai_low": gai - 0.3, "gai_high": gai + 0.3, "gai_p": 0.01, "n_shared": 20}
    return found | {"gai_q": 0.01 if gai > 1.5 else 0.4, "note": ""}


def group(name: str, people: int, gai: float) -> dict[str, Any]:
    found = {"name": name, "n_people": people, "irr": 0.3, "xrr": 0.2, "gai": gai, "gai_q": 0.01}
    return found | {"n_shared": 20, "note": ""}


def axis(name: str, *groups: dict[str, Any]) -> dict[str, Any]:
    people = sum(one["n_people"] for one in groups)
    found = {"axis": name, "dsi": groups[0]["gai"], "group": groups[0]["name"], "p": 0.01}
    found |= {"q": 0.02, "groups": list(groups), "n_people": people, "left_out": 0, "note": ""}
    return found


def test_who_agrees_with_whom_is_a_matrix_with_intervals(river, section, result):
    page = section(river, result)
    assert "Fishers agree 2.0 times as much among themselves as with Farmers." in page
    assert "(0.35–0.53)" in page
    assert "(0.13–0.29)" in page
    assert "(1.7–2.3)" in page
    assert "(0.31–0.52)" in page


def test_crossed_groups_are_called_by_name(river, section, result):
    page = section(river, result)
    assert "Communities × polis" in page
    assert "Fishers and polis group 0" in page
    assert "People divide along this line." in page


def test_a_community_of_few_is_in_no_comparison(river, section, result):
    result["agreement"]["votes"]["communities"]["farmers"]["n_people"] = 7
    page = section(river, result)
    assert "too few to say" in page.lower()
    assert "0.13–0.29" not in page
    assert "times as much among themselves" not in page


def test_a_group_against_few_others_is_too_few_to_say_too(river, section, result):
    result["agreement"]["votes"]["axes"] = [
        axis("polis", group("0", 52, 3.25), group("1", 8, 1.5)),
    ]
    page = section(river, result)
    assert "Too few to say" in page
    assert "3.25" not in page
    assert ">52<" not in page


def test_an_analysis_from_before_there_were_intervals_is_still_shown(river, section):
    page = section(river, full_result(*make_statements(river)))
    assert "0.41" in page
    assert "Along which lines" not in page


def test_intervals_of_agreement_are_drawn(result):
    with_ends = analysis_charts(result)["agreement_votes"]
    for one in result["agreement"]["votes"]["across"]:
        one |= {"xrr_low": None, "xrr_high": None}
    assert analysis_charts(result)["agreement_votes"] != with_ends


def test_a_name_is_put_in_for_a_slug_and_not_for_part_of_a_word(result):
    told = with_names(result, "fishers and kingfishers share 3 items")
    assert told == "Fishers and kingfishers share 3 items"
