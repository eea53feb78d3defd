"""Pages on which people judge models' answers, one at a time, alone."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from elicitation import access
from elicitation.activities import Progress, open_activities
from elicitation.items import SERIES, Item, answered_rows, items_of, own_row
from elicitation.models import Activity, Device, Participant
from elicitation.services.assigning import answered, next_items, progress_in
from elicitation.services.harm import has_severe
from elicitation.views.harm import was_asked
from elicitation.views.numbers import number_asked, numbers_asked

Kind = Activity.Kind


@never_cache
@require_safe
def items_page(request: HttpRequest, slug: str, kind: str) -> HttpResponse:
    """What waits for this person in one kind of activity; ?item= shows one of them again.

    ?skip= names those that the phone holds already.
    """
    device = access.device_or_join(request, slug)
    participant = device.participant
    if asks_first(request, participant):
        return redirect(reverse("harm", args=[slug]) + "?" + urlencode({"next": request.path}))
    activities = [one for one in open_activities(participant) if one.kind == kind]
    items: list[Item] = []
    activity = None
    for activity in activities:
        items = again(request, participant, activity) or waiting(request, participant, activity)
        if items:
            break
    page = {
        **frame(device, kind),
        "activity": activity,
        "items": items,
        "part": f"elicitation/phone/{kind}.html",
        "answered": activity and answered_rows(participant, activity)[:1],
    }
    return render(request, "elicitation/phone/items.html", page)


def frame(device: Device, kind: str) -> dict[str, object]:
    """What every page of one kind of activity has."""
    return {"workshop": device.participant.workshop, "device": device, "kind": kind}


def asks_first(request: HttpRequest, participant: Participant) -> bool:
    """Whether to ask, once, if somebody wants to meet what is hard to bear."""
    if "skip" in request.GET or participant.sees_severe or was_asked(request, participant.workshop):
        return False
    return has_severe(participant.workshop)


def again(request: HttpRequest, participant: Participant, activity: Activity) -> list[Item]:
    """The item that the page asks for, with what was said of it; nothing where it is not theirs."""
    target = number_asked(request, "item")
    row = own_row(participant, activity, target) if target else None
    if row is None:
        return []
    return items_of([row], kind=activity.kind, language=get_language() or "en")


def waiting(request: HttpRequest, participant: Participant, activity: Activity) -> list[Item]:
    """What comes next, counted on from how far this person is."""
    if not activity.takes_answers:
        return []
    skip = numbers_asked(request, "skip")
    series = SERIES[activity.kind]
    rows = next_items(series, participant=participant, activity=activity, skip=skip)
    done = progress_in(series, participant, activity)
    given = series.given(participant, activity).filter(pk__in=skip)
    progress = Progress(done.done + given.exclude(answered(series.kind)).count(), done.of)
    return items_of(rows, kind=activity.kind, language=get_language() or "en", progress=progress)


compare = partial(items_page, kind=Kind.COMPARE.value)
rate = partial(items_page, kind=Kind.RATE.value)
criteria = partial(items_page, kind=Kind.CRITERIA.value)
rank = partial(items_page, kind=Kind.RANK.value)
rewrite = partial(items_page, kind=Kind.REWRITE.value)


@never_cache
@require_safe
def said(request: HttpRequest, slug: str, kind: str) -> HttpResponse:
    """What this person answered in one kind of activity, each to look at or change."""
    device = access.device_or_join(request, slug)
    if kind not in SERIES:
        raise Http404("There is no such activity.")
    activities = [one for one in open_activities(device.participant) if one.kind == kind]
    lists: Sequence[tuple[Activity, list[Item]]] = [
        (
            activity,
            items_of(
                answered_rows(device.participant, activity),
                kind=kind,
                language=get_language() or "en",
            ),
        )
        for activity in activities
    ]
    page = {**frame(device, kind), "lists": lists, "activity": next(iter(activities), None)}
    return render(request, "elicitation/phone/said.html", page)
