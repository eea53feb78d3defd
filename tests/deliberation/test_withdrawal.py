"""What taking back does to statements, what was made of them, and votes."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from deliberation.models import (
    Reveal,
    Statement,
    StatementLineage,
    StatementTranslation,
    Vote,
)
from deliberation.services import cast_vote
from elicitation.methods.taking_back import TAKEN_BACK
from elicitation.models import AnswerEvent, Participant, Withdrawal, Workshop
from elicitation.services.withdrawing import withdraw
from tests.phones import open_activity, phone_of, send

WORDS = "Nobody should take water in a dry year."


@pytest.fixture
def theirs(river: Workshop, amara: Participant, bela: Participant) -> Statement:
    """Amara's statement, translated, on which both voted."""
    statement = Statement.objects.create(
        workshop=river, author=amara, text=WORDS, why="It dries out.", external_id="1"
    )
    StatementTranslation.objects.create(
        statement=statement, locale="es", text="Nadie tome agua.", origin="person"
    )
    for person in (amara, bela):
        cast_vote(participant=person, statement=statement, choice=1, key="vote")
    return statement


def leave(person: Participant) -> Withdrawal:
    """Take everything back."""
    return withdraw(participant=person, scope="all", key=uuid.uuid4())


def test_the_words_go_and_the_votes_of_others_stay(
    theirs: Statement, amara: Participant, bela: Participant
) -> None:
    leave(amara)
    theirs.refresh_from_db()
    assert (theirs.text, theirs.why) == (TAKEN_BACK, "")
    assert theirs.moderation == Statement.Moderation.OUT
    assert not theirs.translations.exists()
    assert Vote.objects.get(statement=theirs).participant == bela


def test_what_a_moderator_made_of_it_keeps_its_own_words(
    theirs: Statement, river: Workshop, amara: Participant
) -> None:
    merged = Statement.objects.create(
        workshop=river, text=f"All agree: {WORDS} And nobody builds.", external_id="2"
    )
    StatementLineage.objects.create(child=merged, parent=theirs, relation="merged")
    leave(amara)
    merged.refresh_from_db()
    assert merged.text == f"All agree: {TAKEN_BACK} And nobody builds."
    assert merged.moderation != Statement.Moderation.OUT


def test_what_was_revealed_keeps_its_counts(
    theirs: Statement, river: Workshop, amara: Participant
) -> None:
    activity = open_activity(river, "vote")
    result: dict[str, Any] = {"agree": 12, "text": WORDS}
    Reveal.objects.create(activity=activity, statement=theirs, round=1, result=result)
    leave(amara)
    assert Reveal.objects.get().result == {"agree": 12, "text": TAKEN_BACK}


def test_the_same_words_of_somebody_else_stay(
    theirs: Statement, river: Workshop, amara: Participant, bela: Participant
) -> None:
    same = Statement.objects.create(workshop=river, author=bela, text=WORDS, external_id="2")
    leave(amara)
    same.refresh_from_db()
    assert same.text == WORDS


def test_a_statement_written_on_a_phone_is_taken_back_as_an_answer(
    river: Workshop, amara: Participant
) -> None:
    open_activity(river, "propose")
    phone = phone_of(amara)
    send(phone, "river", "statement", 0, text=WORDS, why="It dries out.")
    other = "It should name its sources."
    send(phone, "river", "statement", 0, text=other)
    event = AnswerEvent.objects.filter(participant=amara).earliest("pk")
    receipt = withdraw(
        participant=amara, scope="answers", key=uuid.uuid4(), targets=[event.pk]
    ).receipt
    assert set(Statement.objects.values_list("text", flat=True)) == {TAKEN_BACK, other}
    assert receipt["erased"] == {"messages": 1, "statement": 1}


def test_a_vote_taken_back_can_be_given_anew(theirs: Statement, amara: Participant) -> None:
    vote = Vote.objects.get(participant=amara)
    withdraw(participant=amara, scope="answers", key=uuid.uuid4(), targets=[vote.event_id])
    assert not Vote.objects.filter(participant=amara).exists()
    cast_vote(participant=amara, statement=theirs, choice=-1, key="again")
    assert Vote.objects.get(participant=amara).choice == -1
