"""What the same people said earlier and later: votes that were cast again after talking."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deliberation.models import Statement
from deliberation.services.votes import votes_of_round
from elicitation.models import Activity, AnswerEvent, Workshop


@dataclass(frozen=True)
class VotedAgain:
    """Votes of people who voted on a statement on two occasions or more; n rows, by person.

    people: (n,) index into the workshop's participants. statements: (n,) ids. earlier, later: (n,)
    of -1, 0, 1, what each said first and last. occasions: what each occasion is called, in order.
    """

    people: NDArray[np.intp] = field(default_factory=lambda: np.zeros(0, dtype=np.intp))
    statements: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    earlier: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    later: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    occasions: Sequence[str] = ()


def read_rounds(workshop: Workshop, row_of: Mapping[int, int]) -> VotedAgain:
    """First and last votes of everyone who voted again, in a later round or stage.

    row_of: participant id → row, of those who have not withdrawn. Statements taken out are left
    out. Nothing is read where the workshop voted once only.
    """
    activities = list(
        Activity.objects.filter(stage__workshop=workshop, kind=Activity.Kind.VOTE)
        .select_related("stage")
        .order_by("stage__position", "position", "pk")
    )
    occasions = [(one, number) for one in activities for number in range(1, one.round + 1)]
    if len(occasions) < 2:
        return VotedAgain()
    standing = list(
        Statement.objects.filter(workshop=workshop).standing().values_list("pk", flat=True)
    )
    said: dict[tuple[int, int], list[int]] = {}
    for activity, number in occasions:
        elsewhere = _cast_elsewhere(activity, standing) if activity != activities[0] else ()
        for vote in votes_of_round(activity, number, standing):
            cast = (vote.participant, vote.statement)
            if vote.participant in row_of and cast not in elsewhere:
                key = (row_of[vote.participant], vote.statement)
                said.setdefault(key, []).append(vote.choice)
    called = [f"{one.stage.title}, round {number}" for one, number in occasions]
    return _rows(said, called)


def _cast_elsewhere(activity: Activity, statements: list[int]) -> set[tuple[int, int]]:
    """Votes that came from outside count once, on the first occasion: not here again."""
    votes = AnswerEvent.objects.filter(kind=AnswerEvent.Kind.VOTE, target__in=statements)
    keys = ("participant", "target")
    here = set(votes.filter(body__activity=activity.pk).values_list(*keys))
    return set(votes.filter(body__activity__isnull=True).values_list(*keys)) - here


def _rows(said: Mapping[tuple[int, int], list[int]], called: list[str]) -> VotedAgain:
    rows = sorted((key, votes[0], votes[-1]) for key, votes in said.items() if len(votes) > 1)
    return VotedAgain(
        people=np.array([key[0] for key, _, _ in rows], dtype=np.intp),
        statements=np.array([key[1] for key, _, _ in rows], dtype=np.int64),
        earlier=np.array([first for _, first, _ in rows], dtype=np.float64),
        later=np.array([last for _, _, last in rows], dtype=np.float64),
        occasions=called,
    )


def round_lines(
    again: VotedAgain, pseudonyms: Sequence[str], names: Mapping[int, str]
) -> Iterable[Sequence[Any]]:
    """What names these votes in the input's hash: none where nobody voted again."""
    for place, person in enumerate(again.people.tolist()):
        statement = names[int(again.statements[place])]
        choices = int(again.earlier[place]), int(again.later[place])
        yield "voted again", pseudonyms[person], statement, *choices
