"""What people wrote beside their choices: read by person, quoted only where they agreed."""

from __future__ import annotations

import pytest

from elicitation.models import (
    AnswerEvent,
    Completion,
    Consent,
    ConsentText,
    Participant,
    Preference,
    Prompt,
    Rewrite,
    Workshop,
)
from policy.inputs import read_answers
from policy.inputs_words import Said, may_be_shown
from tests.pipeline.making import make_workshop

pytestmark = pytest.mark.django_db
REASON = "It says what I need and then it stops."


@pytest.fixture
def mill() -> Workshop:
    workshop = make_workshop(prompts=3, people=2)
    first = Preference.objects.order_by("pk").first()
    Preference.objects.filter(pk=first.pk).update(rationale=REASON)
    return workshop


def said(workshop: Workshop) -> list[Said]:
    return list(read_answers(workshop).said)


def author(workshop: Workshop) -> Participant:
    return Preference.objects.get(rationale=REASON).comparison.participant


def test_a_reason_belongs_to_the_answer_it_explains(mill: Workshop) -> None:
    (one,) = said(mill)
    row = Preference.objects.get(rationale=REASON)
    assert (one.kind, one.text, one.key) == ("reason", REASON, f"answer:{row.event_id}")
    assert row.comparison.left.content_hash in one.choice
    assert one.quotable


def test_words_of_whoever_left_are_not_read(mill: Workshop) -> None:
    Participant.objects.filter(pk=author(mill).pk).update(withdrawn_at="2027-01-01T00:00Z")
    assert said(mill) == []


def test_only_who_agreed_to_be_quoted_is_quotable(mill: Workshop) -> None:
    person = author(mill)
    text = ConsentText.objects.create(version="1", locale="en", body="…")
    for agreed in (True, False):
        Consent.objects.create(participant=person, text=text, take_part=True, be_quoted=agreed)
        assert said(mill)[0].quotable is agreed


def test_somebody_who_was_never_asked_is_not_quoted(mill: Workshop) -> None:
    person = author(mill)
    Participant.objects.filter(pk=person.pk).update(identity=Participant.Identity.PERSON)
    assert not said(mill)[0].quotable


@pytest.mark.parametrize("hard", ["severe prompt", "warned prompt", "severe answer", "withheld"])
def test_what_stands_beside_something_hard_to_bear_is_not_quoted(mill: Workshop, hard: str) -> None:
    comparison = Preference.objects.get(rationale=REASON).comparison
    if hard == "severe prompt":
        Prompt.objects.filter(pk=comparison.prompt_id).update(is_severe=True)
    elif hard == "warned prompt":
        Prompt.objects.filter(pk=comparison.prompt_id).update(content_warning="Violence")
    else:
        screening = hard.removesuffix(" answer")
        Completion.objects.filter(pk=comparison.right_id).update(screening=screening)
    assert [one.quotable for one in said(mill)] == [False]


@pytest.mark.parametrize(
    "text", ["", "Write to amara@example.org.", "Call +44 20 7946 0958", "See https://example.org"]
)
def test_words_by_which_somebody_can_be_reached_are_not_shown(text: str) -> None:
    assert not may_be_shown(text)


def test_marked_passages_are_counted_and_never_shown_as_theirs(mill: Workshop) -> None:
    row = Preference.objects.exclude(rationale=REASON).first()
    start = row.comparison.left.text.index("Yes")
    spans = [{"side": "left", "start": start, "end": start + 4}]
    Preference.objects.filter(pk=row.pk).update(spans=spans)
    (mark,) = [one for one in said(mill) if one.kind == "mark"]
    assert (mark.text, mark.quotable) == ("Yes.", False)


def test_a_rewrite_is_read_with_what_stood_there_before(mill: Workshop) -> None:
    person, completion = author(mill), Completion.objects.order_by("pk").first()
    event = AnswerEvent.objects.create(
        participant=person, key="again", kind="rewrite", target=1, body={}
    )
    Rewrite.objects.create(
        participant=person, completion=completion, event=event, text="Yes, gladly."
    )
    (one,) = [one for one in said(mill) if one.kind == "rewrite"]
    assert (one.text, one.beyond) == ("Yes, gladly.", completion.text)


def test_words_are_part_of_the_name_of_what_was_read(mill: Workshop) -> None:
    before = read_answers(mill).hash
    Preference.objects.filter(rationale=REASON).update(rationale="It is short, and I like that.")
    changed = read_answers(mill).hash
    Preference.objects.update(rationale="")
    assert len({before, changed, read_answers(mill).hash}) == 3


def test_a_workshop_without_such_words_keeps_its_name(mill: Workshop) -> None:
    Preference.objects.update(rationale="")
    lines = [line[0] for line in read_answers(mill)._lines()]
    assert set(lines) <= {"community", "person", "statement", "vote", "preference", "label"}
