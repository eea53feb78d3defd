"""Which statements somebody votes on next, and with which chance each came up."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass, replace

from django.core import signing
from django.db.models import Count, Q, QuerySet

from deliberation.models import Reveal, Statement, Vote
from elicitation.activities import Progress
from elicitation.methods.drawing import LEAST_UNIFORM, seed_for
from elicitation.methods.statement_order import FLOOR, FLOOR_SHARE, Tally, draw_statements
from elicitation.models import Activity, Participant
from elicitation.services.asking import name_of, weights_for

SALT = "folkmoot.shown"
AT_ONCE = 5


@dataclass(frozen=True)
class Cast:
    """A vote that holds: the choice, and the round in which it was made."""

    choice: int
    round: int


@dataclass(frozen=True)
class Standing:
    """Where one person stands in a vote; primary keys of statements.

    votes: theirs that hold, the newest last. revealed: those whose result was shown in a round
    before. Who has voted on one of these votes again in the new round; on the others they are done.
    """

    all: frozenset[int]
    votes: dict[int, Cast]
    revealed: frozenset[int]
    round: int

    @property
    def done(self) -> list[int]:
        """What needs no vote now."""
        return [one for one in self.votes if one in self.all and not self.is_due(one)]

    @property
    def due(self) -> list[int]:
        """What they voted on before its result was shown, in the order in which they did."""
        return [one for one in self.votes if one in self.all and self.is_due(one)]

    def is_due(self, statement: int) -> bool:
        """Whether a vote on it was made in a round that is over, and its result shown since."""
        return statement in self.revealed and self.votes[statement].round < self.round


@dataclass(frozen=True)
class Asked:
    """One statement as it is put to one person.

    shown: what the form sends back, signed, so that the chance is stored with the vote. before:
    what the person said of it in the round before, or in this one when they come back to it.
    """

    statement: Statement
    round: int
    shown: str
    before: Cast | None = None


def votable(activity: Activity, community: int) -> QuerySet[Statement]:
    """What people of this community vote on: accepted, or the organisers' and not taken out."""
    accepted = Q(moderation=Statement.Moderation.IN)
    seeds = Q(is_seed=True, moderation=Statement.Moderation.UNREVIEWED)
    theirs = Q(community=None) | Q(community=community)
    here = Q(stage=activity.stage_id) | Q(stage=None)
    found = Statement.objects.filter(accepted | seeds, theirs, here)
    return found.filter(workshop=activity.stage.workshop_id)


def standing_of(participant: Participant, activity: Activity) -> Standing:
    """How far one person is in a vote."""
    found = votable(activity, participant.seat.community_id).values_list("pk", flat=True)
    votes = Vote.objects.filter(participant=participant).order_by("event")
    cast = {
        statement: Cast(choice, body.get("round", 1))
        for statement, choice, body in votes.values_list("statement", "choice", "event__body")
    }
    revealed = Reveal.objects.filter(activity=activity, round__lt=activity.round)
    shown = frozenset(revealed.values_list("statement", flat=True)) if activity.round > 1 else ()
    return Standing(frozenset(found), cast, frozenset(shown), activity.round)


def vote_progress(participant: Participant, activity: Activity) -> Progress:
    """How many statements somebody has voted on, of those they are asked for."""
    return progress_of(standing_of(participant, activity), activity)


def progress_of(standing: Standing, activity: Activity) -> Progress:
    """The same of a standing that is known."""
    there = len(standing.all)
    return Progress(len(standing.done), min(activity.wanted or there, there))


def room_for(
    standing: Standing, activity: Activity, skip: Collection[int] = (), *, more: bool = False
) -> int:
    """How many statements may be put to somebody now; what is pushed comes to everyone."""
    if more:
        return AT_ONCE
    held = {*standing.done, *skip}
    left = (progress_of(standing, activity).of or 0) - len(held)
    is_pushed = activity.pushed in standing.all and activity.pushed not in held
    return min(AT_ONCE, max(left, int(is_pushed)))


def next_statements(
    participant: Participant,
    activity: Activity,
    standing: Standing,
    skip: Collection[int] = (),
    count: int = AT_ONCE,
) -> list[Asked]:
    """What to put to somebody now, at most so many, in order.

    First what the facilitator put before everyone, then what they are to vote on again, then what
    is drawn (`elicitation.methods.statement_order`). skip: keys of what their phone holds already.
    """
    out = {*standing.done, *skip}
    chances: dict[int, tuple[float, str]] = {}
    if activity.pushed in standing.all and activity.pushed not in out:
        chances[activity.pushed] = (1.0, "pushed")
    for statement in standing.due:
        if statement not in out and len(chances) < count:
            chances.setdefault(statement, (1.0, "again"))
    if len(chances) < count:
        seen = {*out, *chances, *standing.votes}
        seed = seed_for("vote", activity.pk, activity.round, participant.pk, len(seen))
        for draw in draw_statements(
            _tallies(participant, activity, standing),
            count - len(chances),
            seen,
            seed=seed,
            floor=_floor(activity),
            uniform=_uniform(activity),
        ):
            chances[draw.statement] = (draw.propensity, draw.kind)
    return _asked(participant, activity, standing, chances)


def one_statement(
    participant: Participant, activity: Activity, standing: Standing, statement: int
) -> Asked | None:
    """One that somebody comes back to; None where they did not vote on it, or cannot now."""
    if statement not in standing.all or statement not in standing.votes:
        return None
    return _asked(participant, activity, standing, {statement: (1.0, "again")})[0]


def read_shown(token: str, participant: Participant, statement: Statement) -> dict[str, object]:
    """What a form sends back of how its statement came up; nothing where that does not fit.

    A vote without it counts; an analysis that needs chances leaves it out.
    """
    try:
        person, shown, chance, draw = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return {}
    fits = (person, shown) == (participant.pk, statement.pk)
    return {"propensity": chance, "draw": draw} if fits else {}


def _asked(
    participant: Participant,
    activity: Activity,
    standing: Standing,
    chances: dict[int, tuple[float, str]],
) -> list[Asked]:
    rows = Statement.objects.prefetch_related("translations").in_bulk(list(chances))
    return [
        Asked(
            rows[statement],
            activity.round,
            signing.dumps([participant.pk, statement, chance, draw], salt=SALT),
            standing.votes.get(statement),
        )
        for statement, (chance, draw) in chances.items()
    ]


def _tallies(participant: Participant, activity: Activity, standing: Standing) -> list[Tally]:
    """The votes so far on each statement: everybody's, and those of the person's community."""
    given = weights_for(activity, participant.seat_id)
    counted = (
        Vote.objects.filter(statement__in=standing.all)
        .order_by()
        .values_list("statement")
        .annotate(
            agrees=Count("pk", filter=Q(choice=Vote.Choice.AGREE)),
            passes=Count("pk", filter=Q(choice=Vote.Choice.PASS)),
            all=Count("pk"),
            here=Count("pk", filter=Q(participant__seat=participant.seat_id)),
        )
    )
    known = {row[0]: Tally(*row) for row in counted}
    tallies = [known.get(one) or Tally(one) for one in standing.all]
    if given is None:
        return tallies
    return [replace(one, weight=given.of(name_of([one.statement]))) for one in tallies]


def _floor(activity: Activity) -> int:
    """How many votes each statement should have in each community."""
    return max(0, int(_setting(activity, "floor", FLOOR)))


def _uniform(activity: Activity) -> float:
    """The share of draws that favour nothing, within what the method allows."""
    asked = _setting(activity, "uniform", LEAST_UNIFORM)
    return min(max(asked, LEAST_UNIFORM), 1 - FLOOR_SHARE)


def _setting(activity: Activity, name: str, otherwise: float) -> float:
    """A number of the activity's settings, which people write."""
    value = activity.settings.get(name)
    is_number = isinstance(value, int | float) and math.isfinite(value)
    return float(value) if is_number else otherwise
