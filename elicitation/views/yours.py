"""What belongs to a participant: their answers, their consent, and taking things back."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from elicitation import access


@require_safe
def you(request: HttpRequest, slug: str) -> HttpResponse:
    """What is kept of this person, and what they can do with it."""
    device = access.device_or_join(request, slug)
    page = {
        "workshop": device.participant.workshop,
        "device": device,
        "participant": device.participant,
    }
    return render(request, "elicitation/phone/you.html", page)
