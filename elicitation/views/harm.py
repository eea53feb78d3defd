"""Asking people whether they want to meet what is hard to bear."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from elicitation import access
from elicitation.models import Workshop
from elicitation.services.harm import choose_severe
from elicitation.views.answers import local_page

KEPT = timedelta(days=180)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def harm(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask whether somebody wants to see what is hard to bear; no, unless they say so."""
    device = access.device_or_join(request, slug)
    workshop = device.participant.workshop
    if request.method == "POST":
        sees = request.POST.get("see") == "yes"
        choose_severe(participant=device.participant, sees=sees)
        response = redirect(local_page(request, request.POST.get("next", ""), slug))
        response.set_cookie(
            asked_cookie(workshop),
            "1",
            max_age=KEPT,
            httponly=True,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )
        return response
    page = {
        "workshop": workshop,
        "device": device,
        "participant": device.participant,
        "next": local_page(request, request.GET.get("next", ""), slug),
    }
    return render(request, "elicitation/phone/harm.html", page)


def asked_cookie(workshop: Workshop) -> str:
    """The cookie of a browser in which the question was answered."""
    return f"harm-{workshop.pk}"


def was_asked(request: HttpRequest, workshop: Workshop) -> bool:
    """Whether this browser has asked already."""
    return asked_cookie(workshop) in request.COOKIES
