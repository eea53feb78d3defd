"""Casting votes: the order of answers is elicitation's (`elicitation.services.answers`).

People may vote on one statement several times: silently, and again after results were shown and
talked about. Each vote stays as an event with its round; the latest row holds the newest.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from deliberation.models import Statement, Vote
from elicitation.errors import AnswerRefused
from elicitation.models import Activity, AnswerEvent, Device, Participant, Stage
from elicitation.services.answers import (
    BATCH,
    Said,
    in_batches,
    keep_latest,
    record_events,
    sent_by,
)


@dataclass(frozen=True)
class VoteSaid:
    """One participant's vote on one statement, before it is recorded.

    activity: where it was cast, with its round; None for votes that came from elsewhere. about:
    what else is kept of it, such as the chance with which the statement was put to the person.
    """

    participant: Participant
    statement: Statement
    choice: int
    key: str
    device: Device | None = None
    client_seq: int | None = None
    activity: Activity | None = None
    about: dict[str, Any] | None = None

    @property
    def stage(self) -> Stage | None:
        """The stage that has to be open."""
        return self.activity.stage if self.activity else self.statement.stage


@dataclass(frozen=True)
class RoundVote:
    """What one person last said of one statement in one round; keys of each, and of their seat."""

    participant: int
    seat: int
    statement: int
    choice: int


def cast_vote(
    *,
    participant: Participant,
    statement: Statement,
    choice: int,
    key: str,
    device: Device | None = None,
    client_seq: int | None = None,
    activity: Activity | None = None,
) -> Vote:
    """Record one participant's view of one statement and return the one that holds now."""
    cast_votes([VoteSaid(participant, statement, choice, key, device, client_seq, activity)])
    return Vote.objects.get(participant=participant, statement=statement)


@transaction.atomic
def cast_votes(votes: Iterable[VoteSaid]) -> list[AnswerEvent]:
    """Record many votes by the rules of one, in the order given; all of them or none."""
    events: list[AnswerEvent] = []
    for batch in in_batches(votes, BATCH):
        for said in batch:
            _may_vote(said)
        recorded = record_events(AnswerEvent.Kind.VOTE, [_as_said(said) for said in batch])
        keep_latest(
            [_latest_vote(event) for event in recorded.latest.values()],
            of=["participant", "statement"],
            values=["choice"],
        )
        events += recorded.events
    return events


def votes_of_round(
    activity: Activity,
    round: int,
    statements: Collection[int],
    participant: Participant | None = None,
) -> list[RoundVote]:
    """The last vote per person and statement of one round, by the rules of devices.

    statements: primary keys. participant: of this person only. Votes that came from elsewhere
    belong to the first round. What was taken back is not among them.
    """
    events = AnswerEvent.objects.filter(
        kind=AnswerEvent.Kind.VOTE, target__in=statements, erased_at__isnull=True
    ).order_by("pk")
    if participant is not None:
        events = events.filter(participant=participant)
    fields = ("participant", "participant__seat", "target", "device", "client_seq", "body")
    highest: dict[tuple[int | None, int], int] = {}
    latest: dict[tuple[int, int], RoundVote] = {}
    for person, seat, statement, device, number, body in events.values_list(*fields).iterator():
        if body.get("round", 1) != round or body.get("activity", activity.pk) != activity.pk:
            continue
        if number is not None:
            if number < highest.get((device, statement), number):
                continue
            highest[(device, statement)] = number
        latest[(person, statement)] = RoundVote(person, seat, statement, body["choice"])
    return list(latest.values())


def _may_vote(said: VoteSaid) -> None:
    if said.choice not in Vote.Choice.values:
        raise AnswerRefused("A vote is 1 (agree), -1 (disagree) or 0 (pass).")
    if said.participant.workshop_id != said.statement.workshop_id:
        raise AnswerRefused("This statement belongs to another workshop.")


def _as_said(said: VoteSaid) -> Said:
    body: dict[str, Any] = {"choice": int(said.choice)}
    if said.activity is not None:
        body |= {"round": said.activity.round, "activity": said.activity.pk}
    return Said(
        participant=said.participant,
        key=said.key,
        target=said.statement.pk,
        body=body | (said.about or {}),
        stage=said.stage,
        device=said.device,
        client_seq=said.client_seq,
    )


def _latest_vote(event: AnswerEvent) -> Vote:
    return Vote(
        participant_id=event.participant_id,
        statement_id=event.target,
        choice=event.body["choice"],
        **sent_by(event),
    )
