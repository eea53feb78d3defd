"""What people meet on their phones: the rules that are before their community."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from elicitation import access
from elicitation.activities import Progress, open_activity
from elicitation.models import Activity
from policy.ratifying import ratification_of
from policy.reviewing import asked_for, next_rules, rules_of


@require_safe
def review(request: HttpRequest, slug: str) -> HttpResponse:
    """The rules one by one; `?list=1`: all of them, with what somebody said of each."""
    device = access.device_or_join(request, slug)
    participant = device.participant
    activity = open_activity(participant, Activity.Kind.REVIEW)
    ratification = ratification_of(participant, activity) if activity else None
    page: dict[str, Any] = {
        "workshop": participant.workshop,
        "device": device,
        "activity": activity,
    }
    if activity is None or ratification is None or not activity.takes_answers:
        return render(request, "policy/phone/not_now.html", page)
    rules = rules_of(ratification, participant)
    asked = asked_for(request.GET)
    items = [] if asked.whole else next_rules(rules, asked, activity.pushed)
    page |= {
        "ratification": ratification,
        "community": participant.seat.community,
        "rules": rules,
        "items": items,
        "progress": Progress(sum(rule.said is not None for rule in rules), len(rules)),
        "next": reverse("review", args=[slug]),
    }
    return render(request, "policy/phone/review.html", page)
