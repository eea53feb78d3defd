"""Joining by a community's code, and coming back by one's own."""

from __future__ import annotations

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view, authentication_classes
from rest_framework.request import Request
from rest_framework.response import Response

from elicitation import access
from elicitation.api.refusing import UNPROCESSABLE, refusal, refused_by
from elicitation.api.shapes import (
    InvitationShape,
    JoiningShape,
    RefusalShape,
    ReturningShape,
    SeatShape,
)
from elicitation.forms.phone import ConsentForm
from elicitation.models import Device
from elicitation.services.joining import (
    Phone,
    age_asked,
    come_back,
    consent_text,
    guardian_may_agree,
    join,
)

REFUSALS = {400: RefusalShape, 404: RefusalShape, 413: RefusalShape, 422: RefusalShape}
MADE = 201


@extend_schema(responses={200: InvitationShape, 404: RefusalShape}, tags=["joining"])
@api_view(["GET"])
@authentication_classes([])
def invitation(request: Request, code: str) -> Response:
    """What the workshop of a code is, and the words that people agree to."""
    seat = access.seat_of_code_or_404(code)
    workshop = seat.workshop
    text = consent_text(workshop=workshop, locale=get_language() or "en")
    shown = {
        "workshop": workshop.slug,
        "title": workshop.title,
        "description": workshop.description,
        "content_warning": workshop.content_warning,
        "community": seat.community.name,
        "consent_version": text.version,
        "consent_text": text.body,
        "age_asked": age_asked(workshop) or None,
        "guardian_may_agree": guardian_may_agree(workshop),
    }
    return Response(InvitationShape(shown).data)


@extend_schema(request=JoiningShape, responses={201: SeatShape, **REFUSALS}, tags=["joining"])
@api_view(["POST"])
@authentication_classes([])
def take_seat(request: Request) -> Response:
    """Agree to take part: a token for this device, and a code to come back by."""
    asked = JoiningShape(data=request.data)
    asked.is_valid(raise_exception=True)
    said = asked.validated_data
    seat = access.seat_of_code_or_404(said["code"])
    text = consent_text(workshop=seat.workshop, locale=get_language() or "en")
    if said["consent_version"] != text.version:
        changed = _("These are not the words that people are asked to agree to now.")
        return refusal(changed, UNPROCESSABLE, "not_so", "consent_version")
    form = ConsentForm(seat.workshop, said)
    if not form.is_valid():
        return refused_by(form)
    device, code = join(
        seat=seat,
        key=said["key"],
        agreed=form.agreed(text),
        phone=phone_of(request, form.cleaned_data["install"]),
        locale=get_language() or "en",
        address=form.cleaned_data["address"],
    )
    return Response(seat_shown(device, code), status=MADE)


@extend_schema(
    request=ReturningShape, responses={200: SeatShape, 403: RefusalShape, **REFUSALS},
    tags=["joining"],
)  # fmt: skip
@api_view(["POST"])
@authentication_classes([])
def return_to_seat(request: Request) -> Response:
    """Come back on this device by the code that joining gave."""
    asked = ReturningShape(data=request.data)
    asked.is_valid(raise_exception=True)
    said = asked.validated_data
    device = come_back(code=said["code"], phone=phone_of(request, said.get("install", "")))
    return Response(seat_shown(device, None))


def phone_of(request: Request, install: str) -> Phone:
    """What the client says of itself."""
    return Phone(install, request.headers.get("User-Agent", ""))


def seat_shown(device: Device, code: str | None) -> dict[str, object]:
    """What a client keeps of its seat."""
    shown = {
        "token": access.seat_token(device),
        "workshop": device.participant.workshop.slug,
        "pseudonym": device.participant.pseudonym,
        "seat": device.pk,
        "return_code": code,
    }
    return dict(SeatShape(shown).data)
