"""What became of what somebody wrote: read, voted on, joined with another, taken out, and why."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field

from deliberation.methods.wording import holds_several_ideas
from deliberation.models import Statement, StatementLineage
from deliberation.results import StatementShown, results_for
from deliberation.services.proposing import alike
from elicitation.models import Activity, Participant

Moderation = Statement.Moderation


@dataclass(frozen=True)
class Own:
    """One statement of this person. state: "waiting", "in", "out" or "became" (others' words).

    became: what was made of it, with how. may_change: nobody has read it yet. tip: it may say two
    things. alike: what others said like it, on which one can vote instead.
    """

    statement: Statement
    state: str
    may_change: bool = False
    tip: bool = False
    became: tuple[tuple[str, Statement], ...] = ()
    results: StatementShown | None = None
    alike: list[Statement] = field(default_factory=list)
    key: str = field(default_factory=lambda: str(uuid.uuid4()))


def own_statements(
    participant: Participant, proposing: Activity | None, voting: Activity | None
) -> list[Own]:
    """What this person wrote in the workshop, the newest first."""
    rows = list(Statement.objects.filter(author=participant).order_by("-pk"))
    became = _lineage(rows)
    results = _results(participant, rows)
    newest = rows[0].pk if rows else None
    asks = voting if voting and voting.takes_answers else None
    return [
        _own(
            row,
            became.get(row.pk, ()),
            results.get(row.pk),
            proposing,
            alike(row.text, participant, asks) if asks and row.pk == newest else [],
        )
        for row in rows
    ]


def _own(
    row: Statement,
    became: tuple[tuple[str, Statement], ...],
    results: StatementShown | None,
    proposing: Activity | None,
    others: list[Statement],
) -> Own:
    waits = row.moderation == Moderation.UNREVIEWED and not became
    state = {Moderation.IN: "in", Moderation.OUT: "out"}.get(Moderation(row.moderation), "waiting")
    here = proposing is not None and row.stage_id == proposing.stage_id
    may_change = waits and here and proposing is not None and proposing.takes_answers
    return Own(
        row,
        "became" if became else state,
        may_change,
        tip=may_change and holds_several_ideas(row.text),
        became=became,
        results=results,
        alike=others if may_change else [],
    )


def _lineage(rows: Iterable[Statement]) -> dict[int, tuple[tuple[str, Statement], ...]]:
    """What was made of each of these that still stands."""
    made: dict[int, tuple[tuple[str, Statement], ...]] = {}
    lines = StatementLineage.objects.filter(parent__in=list(rows)).select_related("child")
    for line in lines.exclude(child__moderation=Moderation.OUT).order_by("pk"):
        made[line.parent_id] = (*made.get(line.parent_id, ()), (line.relation, line.child))
    return made


def _results(participant: Participant, rows: list[Statement]) -> dict[int, StatementShown]:
    """The results of these that were shown to this person's community."""
    votes = Activity.objects.filter(
        stage__workshop=participant.workshop_id, kind=Activity.Kind.VOTE
    )
    found: dict[int, StatementShown] = {}
    for activity in votes.exclude(stage__status="waiting").order_by("stage__position"):
        for one in results_for(activity, participant.seat.community_id, participant, rows):
            found[one.statement.pk] = one
    return found
