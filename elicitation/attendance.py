"""Who is here and how far they are, in numbers per community; never what one person said."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from django.db.models import Count, QuerySet

from elicitation.models import (
    Activity,
    AnswerEvent,
    Case,
    IdentityAnswer,
    Participant,
    Preference,
    Ranking,
    Showing,
    Workshop,
    WorkshopCommunity,
)
from elicitation.services.assigning import answered

LATELY = timedelta(minutes=5)
# Participant → how many things of an activity they have answered; nobody who answered none.
Counted = Mapping[int, int]
Counter = Callable[[Activity], Counted]
COUNTERS: dict[str, Counter] = {}


def counts(*kinds: str) -> Callable[[Counter], Counter]:
    """Register how answers to activities of these kinds are counted; their app does it."""

    def register(counter: Counter) -> Counter:
        COUNTERS.update(dict.fromkeys(kinds, counter))
        return counter

    return register


def per_person(rows: QuerySet[Any], path: str) -> Counted:
    """How many rows each participant has; path: the lookup from a row to its participant."""
    return dict(rows.order_by().values_list(path).annotate(number=Count("pk")))


def has_answers(activity: Activity) -> bool:
    """Whether anybody has answered; where that cannot be counted, whether anybody could have."""
    counter = COUNTERS.get(activity.kind)
    if counter is None:
        return activity.stage.status != activity.stage.Status.WAITING
    return bool(counter(activity))


@counts(Activity.Kind.COMPARE)
def compared(activity: Activity) -> Counted:
    """Comparisons of the stage that were answered."""
    rows = Preference.objects.filter(comparison__stage=activity.stage_id)
    return per_person(rows, "comparison__participant")


@counts(Activity.Kind.RATE, Activity.Kind.CRITERIA, Activity.Kind.REWRITE)
def judged(activity: Activity) -> Counted:
    """Completions shown in the activity that were judged, rewritten or passed over."""
    kind = AnswerEvent.Kind.RATING
    if activity.kind == Activity.Kind.REWRITE:
        kind = AnswerEvent.Kind.REWRITE
    return per_person(Showing.objects.filter(answered(kind), activity=activity), "participant")


@counts(Activity.Kind.RANK)
def ranked(activity: Activity) -> Counted:
    """Orders given in the stage."""
    return per_person(Ranking.objects.filter(task__stage=activity.stage_id), "task__participant")


@counts(Activity.Kind.CASE)
def wrote_cases(activity: Activity) -> Counted:
    """Cases written in the stage."""
    return per_person(Case.objects.filter(stage=activity.stage_id), "participant")


@counts(Activity.Kind.IDENTITY)
def said_of_oneself(activity: Activity) -> Counted:
    """Questions about oneself that were answered."""
    rows = IdentityAnswer.objects.filter(question__workshop=activity.stage.workshop_id)
    return per_person(rows, "participant")


@dataclass(frozen=True)
class HowFar:
    """How much of one activity the people of one community have done. typical: their median."""

    activity: Activity
    typical: float | None
    wanted: int | None


@dataclass
class Present:
    """One community in the room. stuck: silent for five minutes with something left to do."""

    seat: WorkshopCommunity
    joined: int = 0
    lately: int = 0
    stuck: int = 0
    far: list[HowFar] = field(default_factory=list)


def attendance(workshop: Workshop, now: datetime) -> list[Present]:
    """The communities of a workshop with their numbers, in the order of their seats."""
    people = list(
        Participant.objects.filter(workshop=workshop, withdrawn_at=None).values_list(
            "pk", "seat", "joined_at"
        )
    )
    recent = AnswerEvent.objects.filter(
        participant__workshop=workshop, recorded_at__gte=now - LATELY
    )
    lately = set(recent.order_by().values_list("participant", flat=True).distinct())
    done = [(one, COUNTERS[one.kind](one)) for one in _counted_now(workshop)]
    rows = []
    for seat in workshop.seats.select_related("community"):
        mine = [(person, joined) for person, home, joined in people if home == seat.pk]
        rows.append(_present(seat, mine, lately, done, now))
    return rows


def _counted_now(workshop: Workshop) -> list[Activity]:
    """What can be answered now and is counted."""
    found = Activity.objects.filter(stage__workshop=workshop, stage__status="open")
    found = found.select_related("stage").order_by("stage__position", "position")
    return [one for one in found if one.takes_answers and one.kind in COUNTERS]


def _present(
    seat: WorkshopCommunity,
    people: list[tuple[int, datetime]],
    lately: set[int],
    done: list[tuple[Activity, Counted]],
    now: datetime,
) -> Present:
    row = Present(seat, joined=len(people))
    row.lately = sum(person in lately for person, _ in people)
    row.far = [
        HowFar(
            activity,
            median(counted.get(person, 0) for person, _ in people) if people else None,
            activity.wanted,
        )
        for activity, counted in done
    ]
    row.stuck = sum(
        person not in lately and joined < now - LATELY and _has_more(person, done)
        for person, joined in people
    )
    return row


def _has_more(person: int, done: list[tuple[Activity, Counted]]) -> bool:
    """Whether somebody did less than they are asked for, or nothing where no number is asked."""
    asked = [(counted.get(person, 0), one.wanted) for one, counted in done if one.wanted]
    if asked:
        return any(said < (wanted or 0) for said, wanted in asked)
    return bool(done) and not any(counted.get(person, 0) for _, counted in done)
