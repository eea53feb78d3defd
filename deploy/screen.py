"""The projector: one message for the whole room, the way in always in a corner."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from deliberation.models import Statement
from deliberation.results import StatementShown, results_for
from elicitation import access
from elicitation.models import (
    Activity,
    Completion,
    Participant,
    Prompt,
    Workshop,
    WorkshopCommunity,
)
from elicitation.services.facilitating import TAKES_PROMPTS
from elicitation.shown_words import shown_text
from elicitation.views.numbers import number_asked
from elicitation.views.sheet import WayIn, way_in


@dataclass(frozen=True)
class PromptShown:
    """A prompt before everyone. A warning is shown alone until somebody at the wall goes on."""

    prompt: Prompt
    activity: Activity
    words: str
    is_open: bool


@dataclass(frozen=True)
class Message:
    """What the room is told now: a result, a statement to vote on, a prompt to answer, what there
    is to do, or how to join. talk: whether the room is asked to talk about the result."""

    joined: int
    activities: list[Activity] = field(default_factory=list)
    statement: Statement | None = None
    prompt: PromptShown | None = None
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
        "message": message_for(workshop, seats, number_asked(request, "show")),
    }
    return render(request, "screen.html", page)


@require_safe
def screen_now(request: HttpRequest, slug: str) -> HttpResponse:
    """What changes on it, asked for every few seconds."""
    workshop = access.workshop_or_404(request.user, slug, *access.FACILITATES)
    seats = seats_for(request, workshop)
    message = message_for(workshop, seats, number_asked(request, "show"))
    page = {"workshop": workshop, "message": message}
    return render(request, "screen_now.html", page)


def seats_for(request: HttpRequest, workshop: Workshop) -> list[WorkshopCommunity]:
    """The seats that are in the room: one where it is asked for, otherwise all."""
    seats = list(workshop.seats.select_related("community"))
    asked = request.GET.get("seat", "")
    return [seat for seat in seats if str(seat.pk) == asked] or seats


def ways_of(request: HttpRequest, seats: list[WorkshopCommunity]) -> list[WayIn]:
    """How people join, for each community in the room."""
    return [way_in(request, seat) for seat in seats]


def message_for(workshop: Workshop, seats: list[WorkshopCommunity], show: int = 0) -> Message:
    """What the room is told now. show: the prompt that was opened though it carries a warning."""
    joined = Participant.objects.filter(seat__in=seats, withdrawn_at=None).count()
    found = Activity.objects.filter(stage__workshop=workshop, stage__status="open")
    activities = list(found.select_related("stage").order_by("stage__position", "position"))
    vote = next((one for one in activities if one.kind == Activity.Kind.VOTE), None)
    if vote is None or vote.phase == Activity.Phase.ANSWERING:
        statement = pushed_statement(vote) if vote else None
        prompt = None if statement else pushed_prompt(activities, show)
        return Message(joined, activities, statement, prompt)
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


def pushed_prompt(activities: list[Activity], show: int) -> PromptShown | None:
    """The prompt before everyone, if there is one that everyone may still see."""
    pushed = [one for one in activities if one.pushed and one.kind in TAKES_PROMPTS]
    prompts = Prompt.objects.in_bulk([one.pushed for one in pushed])
    for activity in pushed:
        prompt = prompts.get(activity.pushed or 0)
        if prompt is not None and may_be_on_the_wall(prompt, activity):
            is_open = not prompt.content_warning or prompt.pk == show
            return PromptShown(prompt, activity, shown_text(prompt.last_turn), is_open)
    return None


def may_be_on_the_wall(prompt: Prompt, activity: Activity) -> bool:
    """Whether it is this workshop's, is not severe, and still has answers that were cleared."""
    ours = prompt.workshop_id == activity.stage.workshop_id and not prompt.is_severe
    cleared = prompt.completions.filter(screening=Completion.Screening.CLEARED)
    return ours and cleared.count() >= TAKES_PROMPTS[Activity.Kind(activity.kind)]
