"""How people vote, while they do: for those who facilitate or analyse, not for phones or walls."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from elicitation.models import Workshop
from policy import access
from policy.live import picture_of
from policy.models import LivePicture
from policy.showing_live import live_shown, stamp
from policy.showing_parts import fewest


@require_safe
def live(request: HttpRequest, slug: str) -> HttpResponse:
    """The opinion map, its groups, and the statements from agreed to divisive."""
    workshop = access.live_workshop_or_403(request.user, slug)
    context = {
        **_shown(picture_of(workshop), workshop),
        "line_at": "analysis",
        "here": "analyses",
    }
    return render(request, "policy/live.html", context)


@require_safe
def live_now(request: HttpRequest, slug: str) -> HttpResponse:
    """The same without the page around it; nothing (204) while what is shown is as it was."""
    workshop = access.live_workshop_or_403(request.user, slug)
    picture = picture_of(workshop)
    if request.GET.get("have") == stamp(picture, workshop):
        return HttpResponse(status=204)
    return render(request, "policy/parts/live.html", _shown(picture, workshop))


def _shown(picture: LivePicture, workshop: Workshop) -> dict[str, object]:
    return {
        "workshop": workshop,
        "stamp": stamp(picture, workshop),
        "shown": live_shown(picture, workshop, fewest(workshop)),
    }
