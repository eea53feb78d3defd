"""Showing results to people, having them talk, and asking them again.

An activity goes from answering to revealed, to discussing if there is time, and on to the next
round of answering. What was shown is frozen: it is what people saw before they voted again.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from deliberation.methods.disclosure import Shown, shown_change, shown_split
from deliberation.models import Reveal
from deliberation.services.showing import votable
from deliberation.services.votes import RoundVote, votes_of_round
from elicitation.errors import Refused
from elicitation.models import Activity, User, WorkshopCommunity
from elicitation.services.facilitating import announce

Phase = Activity.Phase
# Each person's choice, by statement and seat.
Choices = dict[tuple[int, int], dict[int, int]]


@transaction.atomic
def reveal(*, activity: Activity, by: User | None) -> list[Reveal]:
    """Show each community how it voted in this round; on what is pushed only, where something is.

    Every statement that could be voted on gets a row, so that a missing one tells nothing. Raises
    Refused when results are shown already, or the activity is no vote.
    """
    if activity.kind != Activity.Kind.VOTE:
        raise Refused(_("Only votes have results that can be shown."))
    _move(activity, {Phase.ANSWERING}, phase=Phase.REVEALED)
    rows = Reveal.objects.bulk_create(_results(activity, by))
    _tell(activity, by, "show results", statements=len({row.statement_id for row in rows}))
    return rows


@transaction.atomic
def begin_discussion(*, activity: Activity, by: User | None) -> None:
    """Ask people to talk about what was shown. Raises Refused before it was."""
    _move(activity, {Phase.REVEALED}, phase=Phase.DISCUSSING)
    _tell(activity, by, "begin discussion")


@transaction.atomic
def open_round(*, activity: Activity, by: User | None) -> None:
    """Ask people to vote again, knowing what was shown. Raises Refused before it was."""
    _move(
        activity,
        {Phase.REVEALED, Phase.DISCUSSING},
        phase=Phase.ANSWERING,
        round=activity.round + 1,
    )
    _tell(activity, by, "open round")


def _move(activity: Activity, before: Collection[str], **after: Any) -> None:
    """Change what people can do, if nobody else did in the meantime."""
    here = Activity.objects.filter(pk=activity.pk, phase__in=before, round=activity.round)
    if not here.update(**after):
        raise Refused(_("This was done already, or is not possible now. Look at the page again."))
    for name, value in after.items():
        setattr(activity, name, value)


def _tell(activity: Activity, by: User | None, action: str, **detail: Any) -> None:
    announce(
        workshop=activity.stage.workshop,
        by=by,
        action=action,
        activity=activity.pk,
        round=activity.round,
        **detail,
    )


def _results(activity: Activity, by: User | None) -> Iterator[Reveal]:
    """A row for each statement and each community that votes on it."""
    workshop = activity.stage.workshop
    seats = list(workshop.seats.all())
    asked = {seat.pk: _in_question(activity, seat) for seat in seats}
    everything = {statement for found in asked.values() for statement in found}
    now = _choices(votes_of_round(activity, activity.round, everything))
    earlier = _earlier(activity, everything)
    for seat in seats:
        for statement in asked[seat.pk]:
            choices = now[(statement, seat.pk)]
            shown = shown_split(*_split(choices), workshop.small_cell)
            before = earlier.get((statement, seat.community_id))
            result = shown.as_json()
            if before is not None:
                old = before[1][(statement, seat.pk)]
                result["changed"] = _changed(before[0], shown, old, choices, workshop.small_cell)
            yield Reveal(
                activity=activity,
                statement_id=statement,
                community_id=seat.community_id,
                round=activity.round,
                result=result,
                shown_by=by,
            )


def _in_question(activity: Activity, seat: WorkshopCommunity) -> list[int]:
    """What is shown to one community: what the facilitator pushed, or else all of it."""
    found = votable(activity, seat.community_id)
    if activity.pushed is not None:
        found = found.filter(pk=activity.pushed)
    return list(found.values_list("pk", flat=True))


def _earlier(
    activity: Activity, statements: Collection[int]
) -> dict[tuple[int, int | None], tuple[Shown, Choices]]:
    """What each community was last shown of each statement, and the votes of that round."""
    rows = Reveal.objects.filter(
        activity=activity, statement__in=statements, round__lt=activity.round
    ).order_by("round")
    last = {(row.statement_id, row.community_id): row for row in rows}
    rounds = {row.round for row in last.values()}
    votes = {one: _choices(votes_of_round(activity, one, statements)) for one in rounds}
    return {place: (Shown.from_json(row.result), votes[row.round]) for place, row in last.items()}


def _choices(votes: Collection[RoundVote]) -> Choices:
    found: Choices = defaultdict(dict)
    for vote in votes:
        found[(vote.statement, vote.seat)][vote.participant] = vote.choice
    return found


def _split(choices: dict[int, int]) -> tuple[int, int, int]:
    """How many agree, disagree and pass."""
    counted = Counter(choices.values())
    return counted[1], counted[-1], counted[0]


def _changed(
    before: Shown, after: Shown, old: dict[int, int], new: dict[int, int], small_cell: int
) -> int:
    """How many changed their mind, where that may be said; otherwise 0."""
    both = [person for person in new if person in old]
    changed = sum(new[person] != old[person] for person in both)
    return shown_change(before, after, changed, len(both) - changed, small_cell)
