"""Changing fault lines as a policy analyst: kept, shown, carried over, undone, and audited."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from deliberation.models import Statement
from elicitation.models import AuditEntry, Consent, ConsentText, Participant, User, Workshop
from policy.editing_lines import (
    annotate_line,
    lines_of,
    merge_lines,
    rename_line,
    split_line,
    undo_edit,
)
from policy.errors import PolicyRefused
from policy.exports import analysis_as_json
from policy.models import Analysis, FaultLineEdit
from policy.quoting import quotable_now, tradeoff
from tests.line import full_result, line, make_analysis, make_statements

pytestmark = pytest.mark.django_db
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def analysis(river: Workshop) -> Analysis:
    """Two lines: one on water, one on honesty."""
    honest, water = make_statements(river)
    result = full_result(honest, water)
    other = line(honest) | {"number": 2, "name": "sure, honest"}
    result["fault_lines"]["lines"].append(other)
    return make_analysis(river, result)


def later(analysis: Analysis) -> Analysis:
    return make_analysis(analysis.workshop, analysis.result)


def names(analysis: Analysis) -> list[str]:
    return [one["name"] for one in lines_of(analysis).lines]


def test_a_name_is_read_and_the_analysis_stays_as_it_was(analysis: Analysis, pilar: User) -> None:
    before = analysis.result
    rename_line(analysis=analysis, number=1, name="Whose river", by=pilar)
    assert names(analysis) == ["Whose river", "sure, honest"]
    analysis.refresh_from_db()
    assert analysis.result == before


def test_undoing_is_a_change_of_its_own(analysis: Analysis, pilar: User) -> None:
    row = rename_line(analysis=analysis, number=1, name="Whose river", by=pilar)
    undo_edit(analysis=analysis, edit=row.pk, by=pilar)
    assert names(analysis) == ["water, dry year", "sure, honest"]
    assert FaultLineEdit.objects.count() == 2
    with pytest.raises(PolicyRefused, match="undone already"):
        undo_edit(analysis=analysis, edit=row.pk, by=pilar)


def test_changes_carry_over_to_a_later_analysis_and_not_to_an_earlier_one(
    analysis: Analysis, pilar: User
) -> None:
    merge_lines(analysis=analysis, numbers=[1, 2], name="The river", by=pilar)
    after = later(analysis)
    assert names(after) == ["The river"]
    rename_line(analysis=after, number=1, name="Water", by=pilar)
    assert (names(analysis), names(after)) == (["The river"], ["Water"])


def test_a_change_made_after_a_later_analysis_leaves_that_one_alone(
    analysis: Analysis, pilar: User
) -> None:
    after = later(analysis)
    rename_line(analysis=analysis, number=1, name="Whose river", by=pilar)
    assert names(after) == ["water, dry year", "sure, honest"]


def test_what_was_carried_over_can_be_undone_there_alone(analysis: Analysis, pilar: User) -> None:
    row = rename_line(analysis=analysis, number=1, name="Whose river", by=pilar)
    after = later(analysis)
    undo_edit(analysis=after, edit=row.pk, by=pilar)
    assert (names(analysis)[0], names(after)[0]) == ("Whose river", "water, dry year")


def test_the_audit_log_says_who_changed_what(analysis: Analysis, pilar: User) -> None:
    row = annotate_line(analysis=analysis, number=1, note="Ask the millers.", by=pilar)
    entry = AuditEntry.objects.get()
    assert (entry.user, entry.action) == (pilar, "fault line: note")
    assert entry.detail["edit"] == row.pk
    assert "millers" not in str(entry.detail)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda a, by: rename_line(analysis=a, number=9, name="x", by=by), "not there any more"),
        (lambda a, by: rename_line(analysis=a, number=1, name=" ", by=by), "Write a name"),
        (lambda a, by: merge_lines(analysis=a, numbers=[1], by=by), "two fault lines or more"),
        (
            lambda a, by: split_line(analysis=a, number=1, items=["no"], name="x", by=by),
            "some of its items",
        ),
    ],
)
def test_what_cannot_be_done_is_said_in_words(analysis, pilar, make, said) -> None:
    with pytest.raises(PolicyRefused, match=said):
        make(analysis, pilar)
    assert not FaultLineEdit.objects.exists()


def test_the_page_changes_lines_without_scripts(
    client: Client, analysis: Analysis, pilar: User
) -> None:
    client.force_login(pilar)
    names_of = [analysis.workshop.slug, analysis.pk]
    address = reverse("fault-lines-change", args=names_of)
    client.post(address, {"kind": "rename", "line": 1, "name": HOSTILE})
    client.post(address, {"kind": "annotate", "line": 2, "note": "Ask the millers."})
    client.post(address, {"kind": "merge", "lines": [1, 2], "name": ""})
    page = client.get(reverse("fault-lines", args=names_of)).content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert HOSTILE not in page
    assert "Ask the millers." in page
    assert "put together from 1, 2" in page
    edit = FaultLineEdit.objects.get(kind="merge").pk
    client.post(address, {"kind": "undo", "edit": edit})
    assert len(lines_of(analysis).lines) == 2


def test_the_analysis_page_shows_the_lines_as_they_are_read(
    client: Client, analysis: Analysis, pilar: User
) -> None:
    rename_line(analysis=analysis, number=1, name="Whose river", by=pilar)
    client.force_login(pilar)
    page = client.get(analysis.get_absolute_url()).content.decode()
    assert "Whose river" in page
    assert "changed by an analyst" in page


def test_what_could_not_be_carried_over_is_shown(
    client: Client, analysis: Analysis, pilar: User
) -> None:
    rename_line(analysis=analysis, number=2, name="Being honest", by=pilar)
    result = analysis.result
    result["fault_lines"]["lines"].pop()
    after = make_analysis(analysis.workshop, result)
    client.force_login(pilar)
    address = reverse("fault-lines", args=[analysis.workshop.slug, after.pk])
    page = client.get(address).content.decode()
    assert "Not applied here: No fault line has at least half of the items" in page
    assert f"analysis {analysis.pk}" in page


def test_an_export_names_what_is_in_force(analysis: Analysis, pilar: User) -> None:
    row = rename_line(analysis=analysis, number=1, name="Whose river", by=pilar)
    assert analysis_as_json(analysis)["fault_line_edits"][0]["detail"]["name"] == "Whose river"
    undo_edit(analysis=analysis, edit=row.pk, by=pilar)
    assert analysis_as_json(analysis)["fault_line_edits"] == []


def test_a_quote_goes_when_its_author_takes_back_that_it_may_be_quoted(
    river: Workshop, amara: Participant
) -> None:
    statement = Statement.objects.create(
        workshop=river, text="Mind the weir.", external_id="7", author=amara
    )
    quote = {"id": f"statement:{statement.pk}", "kind": "statement", "side": 0, "text": "…"}
    text = ConsentText.objects.create(version="1", locale="en", body="…")
    for agreed in (True, False):
        Consent.objects.create(participant=amara, text=text, take_part=True, be_quoted=agreed)
        assert bool(quotable_now(river, [{"quotes": [quote]}])) is agreed


def test_the_tradeoff_is_made_of_whole_quotes_and_names() -> None:
    told = {"direction": {"Fishers": "higher", "Farmers": "lower"}}
    quotes = [
        {"id": "statement:1", "side": 0, "text": "Nets stay."},
        {"id": "answer:9", "side": 1, "text": "Fields need water first."},
    ]
    assert tradeoff(told, quotes) == (
        "Fishers, more than Farmers: “Nets stay.”; "
        "Farmers, more than Fishers: “Fields need water first.”"
    )
    assert tradeoff(told, quotes[:1]) == "Fishers, more than Farmers: “Nets stay.”"
    assert tradeoff(told, []) == ""


def test_a_double_click_is_one_note(analysis: Analysis, pilar: User) -> None:
    first = annotate_line(analysis=analysis, number=1, note="Ask the fishers.", by=pilar)
    again = annotate_line(analysis=analysis, number=1, note="Ask the fishers.", by=pilar)
    assert first == again
    undo_edit(analysis=analysis, edit=first.pk, by=pilar)
    assert annotate_line(analysis=analysis, number=1, note="Ask the fishers.", by=pilar) != first
