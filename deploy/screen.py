"""The projector: one message for the whole room, the way in always in a corner."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from deliberation.models import Statement
from deliberation.results import StatementShown, results_for
from elicitation import access
from elicitation.models import Activity, Participant, Workshop, WorkshopCommunity
from elicitation.views.sheet import WayIn, way_in


@dataclass(frozen=True)
class Message:
    """What the room is told now: a result, a statement to vote on, what there is to do, or how to
    join. talk: whether the room is asked to talk about the result."""

    joined: int
    activities: list[Activity] = field(default_factory=list)
    statement: Statement | None = None
    result: StatementShown | None = None
    results_elsewhere: bool = False
    talk: bool = False


@require_safe
def screen(request: HttpRequest, slug: str) -> HttpResponse:
    """The whole screen; `?seat=` keeps it to one community, which meets by itself."""
    workshop = access.workshop_or_404(request.user, slug, *access.FACILITATES)
    seats = seats_for(request, workshop)
    page = {
        "workshop": workshop,
        "ways": ways_of(request, seats),
        "asked": request.GET.urlencode(),
        "message": message_for(workshop, seats),
    }
    return render(request, "screen.html", page)


@require_safe
def screen_now(request: HttpRequest, slug: str) -> HttpResponse:
    """What changes on it, asked for every few seconds."""
    workshop = access.workshop_or_404(request.user, slug, *access.FACILITATES)
    seats = seats_for(request, workshop)
    page = {"workshop": workshop, "message": message_for(workshop, seats)}
    return render(request, "screen_now.html", page)


def seats_for(request: HttpRequest, workshop: Workshop) -> list[WorkshopCommunity]:
    """The seats that are in the room: one where it is asked for, otherwise all."""
    seats = list(workshop.seats.select_related("community"))
    asked = request.GET.get("seat", "")
    return [seat for seat in seats if str(seat.pk) == asked] or seats


def ways_of(request: HttpRequest, seats: list[WorkshopCommunity]) -> list[WayIn]:
    """How people join, for each community in the room."""
    return [way_in(request, seat) for seat in seats]


def message_for(workshop: Workshop, seats: list[WorkshopCommunity]) -> Message:
    """What the room is told now."""
    joined = Participant.objects.filter(seat__in=seats, withdrawn_at=None).count()
    found = Activity.objects.filter(stage__workshop=workshop, stage__status="open")
    activities = list(found.select_related("stage").order_by("stage__position", "position"))
    vote = next((one for one in activities if one.kind == Activity.Kind.VOTE), None)
    if vote is None:
        return Message(joined, activities)
    if vote.phase == Activity.Phase.ANSWERING:
        return Message(joined, activities, statement=pushed_statement(vote))
    result = result_for(vote, seats)
    return Message(
        joined,
        activities,
        result=result,
        results_elsewhere=result is None,
        talk=vote.phase == Activity.Phase.DISCUSSING,
    )


def result_for(vote: Activity, seats: list[WorkshopCommunity]) -> StatementShown | None:
    """What was shown of one statement, the pushed one before others.

    None with several communities in the room: each is shown its own, on its phones.
    """
    if len(seats) != 1:
        return None
    shown = results_for(vote, seats[0].community_id)
    return shown[0] if shown else None


def pushed_statement(vote: Activity) -> Statement | None:
    """The statement before everyone, if there is one that stands."""
    standing = Statement.objects.standing().filter(workshop=vote.stage.workshop_id)
    return standing.filter(pk=vote.pushed or 0).first()
