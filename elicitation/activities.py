"""Where people do each activity, and how far they are; the app that owns one registers it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse

from elicitation.models import Activity, Participant


@dataclass(frozen=True)
class Progress:
    """How much of an activity somebody has done. of: None where there is no end."""

    done: int
    of: int | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to do."""
        return self.of is not None and self.done >= self.of


@dataclass(frozen=True)
class ActivityPage:
    """url: the name of a page that takes the workshop's slug."""

    url: str
    progress: Callable[[Participant, Activity], Progress]


PAGES: dict[str, ActivityPage] = {}


@dataclass(frozen=True)
class Task:
    """One activity as the page of what there is to do shows it."""

    activity: Activity
    address: str
    progress: Progress


def register(kind: str, url: str, progress: Callable[[Participant, Activity], Progress]) -> None:
    """Say where an activity is done."""
    PAGES[kind] = ActivityPage(url, progress)


def open_activities(participant: Participant) -> list[Activity]:
    """What people of this workshop can do or see now, in the order of stages."""
    found = Activity.objects.filter(
        stage__workshop=participant.workshop_id, stage__status="open"
    ).select_related("stage__workshop")
    # Ordered here: to order by columns that are read too takes SQL long to write down.
    return sorted(found.order_by(), key=lambda one: (one.stage.position, one.position, one.pk))


def tasks_of(participant: Participant) -> list[Task]:
    """The activities of the open stages, with this person's progress."""
    slug = participant.workshop.slug
    return [
        Task(
            activity,
            reverse(PAGES[activity.kind].url, args=[slug]),
            PAGES[activity.kind].progress(participant, activity),
        )
        for activity in open_activities(participant)
        if activity.kind in PAGES
    ]


def open_activity(participant: Participant, kind: str) -> Activity | None:
    """The activity of this kind in an open stage; None where none is."""
    return next((one for one in open_activities(participant) if one.kind == kind), None)
