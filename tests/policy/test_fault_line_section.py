"""A whole analysis of a workshop in which people gave their reasons, from its rows to its lines."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from deliberation.models import Statement
from elicitation.models import Participant, Preference, Workshop
from policy.computing.whole import compute
from policy.inputs import read_answers
from tests.pipeline.making import make_workshop

pytestmark = pytest.mark.django_db
REASONS = (
    "The dosage depends on who takes the pill.",
    "A wrong dosage of a pill can kill somebody.",
    "Only a doctor knows the right dosage for a person.",
)
OTHERS = ("It answers what was asked and nothing else.", "It is easy to read for anyone here.")


def quiet(done: int, say: str) -> None:
    """Nobody watches."""


@pytest.fixture
def mill() -> Workshop:
    """Everybody wants the shorter answer; the millers say it is for the dosage's sake."""
    workshop = make_workshop(prompts=4, people=16)
    Preference.objects.update(choice="left")
    for community, words in (("millers", REASONS), ("anglers", OTHERS)):
        rows = Preference.objects.filter(comparison__participant__seat__community__slug=community)
        for row, text in zip(rows.order_by("pk"), itertools.cycle(words), strict=False):
            Preference.objects.filter(pk=row.pk).update(rationale=text)
    return workshop


def found(workshop: Workshop) -> dict[str, Any]:
    result = compute(read_answers(workshop), 3, quiet).result
    section: dict[str, Any] = result["fault_lines"]
    return section


def test_reasons_divide_where_choices_do_not(mill: Workshop) -> None:
    section = found(mill)
    items = [item for line in section["lines"] for item in line["items"]]
    dosage = next(item for item in items if item.get("word") == "dosage")
    assert dosage["text"] == "“dosage” in reasons for the same choice"
    assert dosage["values"]["Millers"] > 0.9 > 0.1 > dosage["values"]["Anglers"]
    assert dosage["log_odds"]["Millers"] > 0 > dosage["log_odds"]["Anglers"]
    assert all(item["kind"] == "reason" for item in items)


def test_quotes_are_whole_reasons_that_lead_back_to_their_answers(mill: Workshop) -> None:
    quotes = [quote for line in found(mill)["lines"] for quote in line["quotes"]]
    assert quotes
    for quote in quotes:
        event = int(quote["id"].removeprefix("answer:"))
        assert Preference.objects.get(event=event).rationale == quote["text"]
    assert {quote["text"] for quote in quotes} <= {*REASONS, *OTHERS}


def test_whoever_did_not_agree_is_counted_and_not_quoted(mill: Workshop) -> None:
    Participant.objects.update(identity=Participant.Identity.PERSON)
    lines = found(mill)["lines"]
    assert lines
    assert all(line["quotes"] == [] for line in lines)


def test_a_line_counts_the_people_who_spoke_on_it(mill: Workshop) -> None:
    assert {line["people"] for line in found(mill)["lines"]} == {32}


def test_the_same_answers_and_seed_give_the_same_lines(mill: Workshop) -> None:
    Statement.objects.create(workshop=mill, external_id="1", text="Mind the weir.")
    assert found(mill) == found(mill)
