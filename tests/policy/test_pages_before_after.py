"""What the page of an analysis says of changes between two occasions, and whom it keeps hidden."""

from typing import Any

import pytest

from elicitation.models import Workshop
from policy.charts import analysis_charts
from policy.models import Analysis
from policy.reading_changes import told_changes
from tests.line import full_result, make_analysis, make_statements


@pytest.fixture
def section(client, pilar):
    """The part of an analysis's page about before and after, as Pilar reads it."""
    client.force_login(pilar)

    def opened(workshop: Workshop, result: dict[str, Any]) -> str:
        analysis = make_analysis(workshop, result)
        Analysis.objects.filter(pk=analysis.pk).update(charts=analysis_charts(result))
        page = client.get(analysis.get_absolute_url()).content.decode()
        found = page[page.index('id="before-after"') : page.index('id="agreement"')]
        return found.replace("\N{NO-BREAK SPACE}", " ").replace("\N{MINUS SIGN}", "-")

    return opened


@pytest.fixture
def result(river) -> dict[str, Any]:
    """Forty fishers voted twice on both statements and came round on the second."""
    honest, water = make_statements(river)
    found = full_result(honest, water)
    found["before_after"] = again(
        (honest, change(40, 0.9, 0.9, -0.1, 0.1, "no clear change")),
        (water, change(40, 0.4, 0.8, 0.2, 0.55, "more")),
    )
    return found


def change(n: int, before: float, after: float, low: float, high: float, state: str) -> dict:
    moved = {"n": n, "before": before, "after": after, "change": after - before}
    return moved | {"low": low, "high": high, "p": 0.01, "q": 0.01, "state": state, "sentence": ""}


def again(*rows: tuple[Any, dict]) -> dict[str, Any]:
    """What is stored of fishers who voted twice."""
    statements = [
        {"id": one.pk, "external_id": one.external_id, "text": one.text}
        | {"communities": {"fishers": moved}}
        for one, moved in rows
    ]
    whole = {"people": 40, "answers": 80, "change": 0.2, "low": 0.1, "high": 0.3}
    whole |= {"verdict": "more agree", "sentence": ""}
    votes = {"occasions": [0, 1], "communities": {"fishers": whole}, "statements": statements}
    nothing = {"stages": [], "communities": {}, "sentence": ""}
    return {"votes": votes | {"sentence": ""}, "preferences": nothing, "sentence": "40 again."}


def moved_of(result: dict[str, Any], place: int) -> dict[str, Any]:
    return result["before_after"]["votes"]["statements"][place]["communities"]["fishers"]


def test_a_clear_change_stands_first_with_its_interval(river, section, result):
    page = section(river, result)
    table = page[page.index("<tbody>") :]
    assert table.index("takes water") < table.index("not sure")
    assert "More agree" in table
    assert "(20–55)" in table
    assert "<svg" in page


def test_people_who_voted_once_cannot_be_told_by_subtraction(river, section, result):
    moved_of(result, 1)["n"] = 35
    page = section(river, result)
    assert "Too few to say" in page
    assert "(20–55)" not in page
    assert "takes" not in page[page.index("<svg") : page.index("</figure>")]
    assert len(told_changes(result, "fishers", 0)) == 2


def test_one_withheld_statement_withholds_the_sum_over_all(river, section, result):
    assert "over all statements, by" in section(river, result)
    moved_of(result, 1)["n"] = 35
    assert "over all statements, by" not in section(river, result)


def test_a_larger_smallest_number_hides_a_drawing_made_before(river, section, result):
    Workshop.objects.filter(pk=river.pk).update(small_cell=15)
    moved_of(result, 1)["n"] = 28
    page = section(river, result)
    assert "Hollow: before" not in page


def test_nobody_asked_twice_is_said_in_a_sentence(river, section, result):
    result["before_after"] = {
        "votes": {"occasions": [], "communities": {}, "statements": [], "sentence": ""},
        "preferences": {"stages": [], "communities": {}, "sentence": ""},
        "sentence": "Nobody was asked twice, so what changed cannot be said.",
    }
    assert "Nobody was asked twice" in section(river, result)


def test_an_analysis_from_before_says_that_it_did_not_measure_this(river, section, result):
    del result["before_after"]
    assert "Not measured in this analysis." in section(river, result)


def test_preferences_before_and_after_are_shares_of_choices(river, section, result):
    effect = {"feature": "length", "name": "is longer", "before": 0.0, "after": 1.0986}
    effect |= {"change": 1.0986, "low": 0.4, "high": 1.8, "p": 0.001, "q": 0.002, "note": ""}
    result["before_after"]["preferences"]["communities"] = {
        "fishers": {"people": 30, "effects": [effect], "sentence": "30 people compared."},
        "farmers": {"people": 4, "effects": [], "sentence": "Too few."},
    }
    page = section(river, result)
    assert "75 %" in page
    assert "Chosen more" in page
    assert "Too few to say" in page
