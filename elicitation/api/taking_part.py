"""What somebody who has a seat asks for and sends."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseNotModified
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from elicitation.activities import Task, tasks_of
from elicitation.api.reading import TooMuch
from elicitation.api.refusing import NO, refusal
from elicitation.api.seats import device_of
from elicitation.api.shapes import (
    ActivitiesShape,
    AnswersShape,
    MeShape,
    OutcomesShape,
    PulseShape,
    RefusalShape,
)
from elicitation.models import Consent, Device, Participant
from elicitation.services.inbox import (
    MOST_AT_ONCE,
    Outcome,
    Sent,
    highest_number,
)
from elicitation.services.together import TABLE
from elicitation.templatetags.phone import activity_name

NOT_YOURS = {403: RefusalShape, 404: RefusalShape}
NOT_READ = {**NOT_YOURS, 400: RefusalShape, 413: RefusalShape}
# Where clients find what an activity asks, by its kind: the app that has it says so.
ITEMS: dict[str, str] = {}


@extend_schema(responses={200: MeShape, **NOT_YOURS}, tags=["taking part"])
@api_view(["GET"])
def me(request: Request, slug: str) -> Response:
    """Who this device is here."""
    device = device_of(request)
    participant = device.participant
    shown = {
        "workshop": slug,
        "title": participant.workshop.title,
        "community": participant.seat.community.name,
        "pseudonym": participant.pseudonym,
        "consent": consent_of(participant),
        "seq": highest_number(device),
        "pulse": participant.workshop.pulse,
    }
    return Response(MeShape(shown).data)


def consent_of(participant: Participant) -> Consent:
    """What holds of what a participant agreed to; nothing, where they were never asked."""
    return participant.consents.order_by("-pk").first() or Consent()


@extend_schema(responses={200: ActivitiesShape, **NOT_YOURS}, tags=["taking part"])
@api_view(["GET"])
def activities(request: Request, slug: str) -> Response:
    """What there is to do now, and how far this person is."""
    tasks = [task_shown(task, slug) for task in tasks_of(device_of(request).participant)]
    return Response(ActivitiesShape({"activities": tasks}).data)


def task_shown(task: Task, slug: str) -> dict[str, Any]:
    """One activity, for a client."""
    activity = task.activity
    return {
        "kind": activity.kind,
        "name": activity_name(activity),
        "stage": activity.stage.title,
        "phase": activity.phase,
        "round": activity.round,
        "done": task.progress.done,
        "of": task.progress.of,
        "page": task.address,
        "items": address_of_items(activity.kind, slug),
    }


def address_of_items(kind: str, slug: str) -> str | None:
    """Where a client finds what an activity asks; one address serves several kinds."""
    name = ITEMS.get(kind)
    if name is None:
        return None
    return reverse(name, args=[slug, kind] if name == "api-items" else [slug])


@extend_schema(
    request=AnswersShape, responses={200: OutcomesShape, **NOT_READ}, tags=["taking part"]
)
@api_view(["POST"])
def answers(request: Request, slug: str) -> Response:
    """Record answers in the order given; each is stored or refused by itself."""
    sent = request.data.get("answers")
    if isinstance(sent, list) and len(sent) > MOST_AT_ONCE:
        raise TooMuch(_("At most %(most)s answers are taken at once.") % {"most": MOST_AT_ONCE})
    asked = AnswersShape(data=request.data)
    asked.is_valid(raise_exception=True)
    device = device_of(request)
    if asked.validated_data["seat"] not in (None, device.pk):
        # Two people share a phone: one's page would send as the other, whose cookie it is now.
        return refusal(_("These answers were given at another seat."), NO, "other_seat", "seat")
    said = [Sent(**answer) for answer in asked.validated_data["answers"]]
    outcomes = record_answers(device, said)
    # Only a client whose number was used already needs to know where to go on counting.
    seq = None if all(one.is_stored for one in outcomes) else highest_number(device)
    return Response(OutcomesShape({"outcomes": outcomes, "seq": seq}).data)


def record_answers(device: Device, answers: list[Sent]) -> list[Outcome]:
    """Record what one request brought, together with what others bring in the same moment."""
    return TABLE.record(device, answers)


@extend_schema(
    responses={200: PulseShape, 304: OpenApiResponse(description="Nothing new."), **NOT_YOURS},
    tags=["taking part"],
)
@api_view(["GET"])
def pulse(request: Request, slug: str) -> Response | HttpResponseNotModified:
    """A number that changes when there is something new; ask with If-None-Match."""
    number = device_of(request).participant.workshop.pulse
    headers = {"ETag": f'"{number}"', "Cache-Control": "no-cache"}
    if request.headers.get("If-None-Match") == headers["ETag"]:
        return HttpResponseNotModified(headers=headers)
    return Response(PulseShape({"pulse": number}).data, headers=headers)
