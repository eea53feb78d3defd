"""Casting votes: the order of answers is elicitation's (`elicitation.services.answers`)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction

from deliberation.models import Statement, Vote
from elicitation.errors import AnswerRefused
from elicitation.models import AnswerEvent, Device, Participant
from elicitation.services.answers import BATCH, Said, in_batches, record_events


@dataclass(frozen=True)
class VoteSaid:
    """One participant's vote on one statement, before it is recorded."""

    participant: Participant
    statement: Statement
    choice: int
    key: str
    device: Device | None = None
    client_seq: int | None = None


def cast_vote(
    *,
    participant: Participant,
    statement: Statement,
    choice: int,
    key: str,
    device: Device | None = None,
    client_seq: int | None = None,
) -> Vote:
    """Record one participant's view of one statement and return the one that holds now."""
    cast_votes([VoteSaid(participant, statement, choice, key, device, client_seq)])
    return Vote.objects.get(participant=participant, statement=statement)


@transaction.atomic
def cast_votes(votes: Iterable[VoteSaid]) -> list[AnswerEvent]:
    """Record many votes by the rules of one, in the order given; all of them or none."""
    events: list[AnswerEvent] = []
    for batch in in_batches(votes, BATCH):
        for said in batch:
            _may_vote(said)
        recorded = record_events(AnswerEvent.Kind.VOTE, [_as_said(said) for said in batch])
        Vote.objects.bulk_create(
            [_latest_vote(event) for event in recorded.latest.values()],
            update_conflicts=True,
            unique_fields=["participant", "statement"],
            update_fields=["choice", "event", "device", "client_seq"],
        )
        events += recorded.events
    return events


def _may_vote(said: VoteSaid) -> None:
    if said.choice not in Vote.Choice.values:
        raise AnswerRefused("A vote is 1 (agree), -1 (disagree) or 0 (pass).")
    if said.participant.workshop_id != said.statement.workshop_id:
        raise AnswerRefused("This statement belongs to another workshop.")


def _as_said(said: VoteSaid) -> Said:
    return Said(
        participant=said.participant,
        key=said.key,
        target=said.statement.pk,
        body={"choice": int(said.choice)},
        stage=said.statement.stage,
        device=said.device,
        client_seq=said.client_seq,
    )


def _latest_vote(event: AnswerEvent) -> Vote:
    return Vote(
        participant_id=event.participant_id,
        statement_id=event.target,
        choice=event.body["choice"],
        event=event,
        device_id=event.device_id,
        client_seq=event.client_seq,
    )
