"""What a live picture rests on: the latest votes with their order of arrival, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from django.db.models import F
from numpy.typing import NDArray

from deliberation.models import Statement, Vote
from elicitation.models import Participant, Workshop
from policy.inputs_votes import Joined
from policy.methods.vote_table import VoteTable, votes_from_rows


@dataclass(frozen=True)
class LiveVotes:
    """Latest votes of those who have not withdrawn, on statements that stand.

    communities: slugs of those with people, in the workshop's order. community_of: (participants,)
    index into them. statements: ids. people, columns: (votes,) indices. votes: (votes, 2) the
    event's number and the choice.
    """

    communities: list[str]
    community_of: NDArray[np.intp]
    statements: list[int]
    people: NDArray[np.intp]
    columns: NDArray[np.intp]
    votes: NDArray[np.int64]

    @property
    def cast(self) -> VoteTable:
        """The same without the order of arrival."""
        shape = (len(self.community_of), len(self.statements))
        return votes_from_rows(shape, self.people, self.columns, self.votes[:, 1])


def read_live_votes(workshop: Workshop) -> LiveVotes:
    """Read a workshop's votes as they are now."""
    seats = list(workshop.seats.values_list("pk", "community__slug"))
    here = Participant.objects.filter(workshop=workshop, withdrawn_at=None)
    seat_of = dict(here.order_by("pk").values_list("pk", "seat_id"))
    taken = [(seat, slug) for seat, slug in seats if seat in set(seat_of.values())]
    place = {seat: number for number, (seat, _) in enumerate(taken)}
    standing = Statement.objects.standing().filter(workshop=workshop)
    statements = list(standing.order_by("pk").values_list("pk", flat=True))
    people, columns, votes = _votes(workshop, list(seat_of), statements)
    return LiveVotes(
        [slug for _, slug in taken],
        np.array([place[seat] for seat in seat_of.values()], dtype=np.intp),
        statements,
        people,
        columns,
        votes,
    )


def _votes(
    workshop: Workshop, participants: list[int], statements: list[int]
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.int64]]:
    """The person, the statement and (event, choice) of each vote."""
    joined = (
        Vote.objects.filter(participant__workshop=workshop, participant__withdrawn_at=None)
        .order_by()
        .values_list("participant_id")
        .annotate(said=Joined(F("event_id") * 4 + F("choice") + 1), on=Joined(F("statement_id")))
    )
    lines = list(joined)
    said, on = (_numbers([line[part] for line in lines]) for part in (1, 2))
    counts = [line[2].count(" ") + 1 for line in lines]
    ids = np.repeat(np.array([line[0] for line in lines], dtype=np.int64), counts)
    people, known = _places(ids, participants)
    columns, stands = _places(on, statements)
    kept = known & stands
    votes = np.column_stack([said >> 2, (said & 3) - 1])[kept]
    return people[kept], columns[kept], votes


def _numbers(lines: list[str]) -> NDArray[np.int64]:
    if not lines:
        return np.zeros(0, dtype=np.int64)
    return np.fromstring(" ".join(lines), dtype=np.int64, sep=" ")


def _places(ids: NDArray[np.int64], among: list[int]) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Where each id stands in a sorted list, and whether it is there."""
    known = np.array(among, dtype=np.int64)
    if not len(known):
        return np.zeros(len(ids), dtype=np.intp), np.zeros(len(ids), dtype=np.bool_)
    places = np.minimum(np.searchsorted(known, ids), len(known) - 1)
    return places, known[places] == ids
