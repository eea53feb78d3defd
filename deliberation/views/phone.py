"""What people meet on their phones: voting on statements, results, and writing statements."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from deliberation.forms_phone import ProposeForm, asked_for
from deliberation.items import alike_item, items_of_vote, statement_words
from deliberation.methods.wording import SEVERAL_IDEAS
from deliberation.models import Statement
from deliberation.proposals import own_statements
from deliberation.results import last_shown, results_for
from deliberation.services.proposing import LONGEST, alike
from deliberation.services.showing import progress_of, standing_of
from elicitation import access
from elicitation.activities import open_activity
from elicitation.models import Activity, Device

Kind, Phase = Activity.Kind, Activity.Phase
A_PAGE = 20


def page_of(device: Device, **more: Any) -> dict[str, Any]:
    """What every page on a phone needs, and this."""
    return {"workshop": device.participant.workshop, "device": device, **more}


@require_safe
def vote(request: HttpRequest, slug: str) -> HttpResponse:
    """The statements that somebody votes on next; the results while those are shown."""
    device = access.device_or_join(request, slug)
    participant = device.participant
    activity = open_activity(participant, Kind.VOTE)
    if activity is None:
        return render(request, "deliberation/phone/closed.html", page_of(device))
    if activity.phase != Phase.ANSWERING:
        return show_results(request, device, activity)
    asked = asked_for(request.GET)
    standing = standing_of(participant, activity)
    items = items_of_vote(
        participant, activity, standing, item=asked.item, skip=asked.skip, more=asked.more
    )
    page = page_of(
        device,
        activity=activity,
        items=items,
        progress=progress_of(standing, activity),
        last=standing.done[-1] if standing.done else None,
        has_more=len(standing.done) < len(standing.all),
        next=reverse("vote", args=[slug]) + ("?more=1" if asked.more else ""),
    )
    return render(request, "deliberation/phone/vote.html", page)


@require_safe
def results(request: HttpRequest, slug: str) -> HttpResponse:
    """How one's community voted, as it was shown last, with one's own place in it."""
    device = access.device_or_join(request, slug)
    return show_results(request, device, last_shown(device.participant))


def show_results(request: HttpRequest, device: Device, activity: Activity | None) -> HttpResponse:
    """The results of one vote, as they were shown to this person's community."""
    community, start = device.participant.seat.community, asked_for(request.GET).start
    shown = []
    if activity is not None:
        shown = results_for(
            activity, community.pk, device.participant, start=start, most=A_PAGE + 1
        )
    page = page_of(
        device,
        activity=activity,
        rows=[(one, statement_words(one.statement)) for one in shown[:A_PAGE]],
        community=community,
        next=start + A_PAGE if len(shown) > A_PAGE else None,
    )
    return render(request, "deliberation/phone/results.html", page)


@require_safe
def propose(request: HttpRequest, slug: str) -> HttpResponse:
    """Write a statement, or change one that nobody has read yet (`?item=`)."""
    device = access.device_or_join(request, slug)
    activity = open_activity(device.participant, Kind.PROPOSE)
    if activity is None or not activity.takes_answers:
        return render(request, "deliberation/phone/closed.html", page_of(device))
    own = Statement.objects.filter(author=device.participant, stage=activity.stage)
    mine = own.filter(pk=asked_for(request.GET).item or 0, moderation="unreviewed").first()
    page = page_of(
        device,
        activity=activity,
        form=ProposeForm.for_activity(activity, mine),
        mine=mine,
        written=own.count(),
        longest=LONGEST,
        several=SEVERAL_IDEAS,
    )
    return render(request, "deliberation/phone/propose.html", page)


@require_safe
def similar(request: HttpRequest, slug: str) -> HttpResponse:
    """Statements that say something like `?text=`, while somebody is writing."""
    device = access.device_or_join(request, slug)
    participant = device.participant
    activity = open_activity(participant, Kind.VOTE)
    text = request.GET.get("text", "")[:LONGEST]
    found = alike(text, participant, activity) if activity and text.strip() else []
    page = page_of(device, alike=[(one, statement_words(one)) for one in found])
    return render(request, "deliberation/phone/similar.html", page)


@require_safe
def mine(request: HttpRequest, slug: str) -> HttpResponse:
    """What became of what somebody wrote, and why."""
    device = access.device_or_join(request, slug)
    participant = device.participant
    proposing = open_activity(participant, Kind.PROPOSE)
    voting = open_activity(participant, Kind.VOTE)
    rows = [
        (own, statement_words(own.statement), [alike_item(one, voting) for one in own.alike])
        for own in own_statements(participant, proposing, voting)
    ]
    page = page_of(device, rows=rows, may_write=proposing is not None)
    return render(request, "deliberation/phone/mine.html", page)
