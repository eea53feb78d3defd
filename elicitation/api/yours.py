"""What belongs to a participant: everything that is kept of them, and taking it back."""

from __future__ import annotations

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from elicitation.api.refusing import refused_by
from elicitation.api.seats import device_of
from elicitation.api.shapes import (
    AllowingShape,
    CodeShape,
    ContactShape,
    EndedShape,
    ReceiptShape,
    RefusalShape,
    ScopesShape,
    TakingBackShape,
)
from elicitation.api.taking_part import NOT_READ, NOT_YOURS, consent_of
from elicitation.forms.yours import ContactForm
from elicitation.services.consent import agree, give_contact
from elicitation.services.joining import end_other_devices, new_return_code
from elicitation.services.own_data import own_data
from elicitation.services.withdrawing import withdraw


@extend_schema(responses={200: OpenApiTypes.OBJECT, **NOT_YOURS}, tags=["yours"])
@api_view(["GET"])
def data(request: Request, slug: str) -> Response:
    """Everything that is kept of this person."""
    return Response(own_data(device_of(request).participant))


@extend_schema(request=None, responses={200: CodeShape, **NOT_YOURS}, tags=["yours"])
@api_view(["POST"])
def code(request: Request, slug: str) -> Response:
    """A new code to come back by; the one before stops working."""
    made = new_return_code(participant=device_of(request).participant)
    return Response(CodeShape({"return_code": made}).data)


@extend_schema(request=None, responses={200: EndedShape, **NOT_YOURS}, tags=["yours"])
@api_view(["DELETE"])
def other_devices(request: Request, slug: str) -> Response:
    """Let in none of this person's other devices any more; how many that ended."""
    return Response(EndedShape({"ended": end_other_devices(device=device_of(request))}).data)


@extend_schema(request=AllowingShape, responses={200: ScopesShape, **NOT_READ}, tags=["yours"])
@api_view(["POST"])
def allow(request: Request, slug: str) -> Response:
    """Agree to one more use of what was said, from now on. What ends one is taking back."""
    asked = AllowingShape(data=request.data)
    asked.is_valid(raise_exception=True)
    participant = device_of(request).participant
    agree(participant=participant, **{asked.validated_data["allow"]: True})
    return Response(ScopesShape(consent_of(participant)).data)


@extend_schema(
    request=ContactShape,
    responses={200: ContactShape, 422: RefusalShape, **NOT_READ},
    tags=["yours"],
)
@api_view(["POST"])
def contact(request: Request, slug: str) -> Response:
    """Say or change where one may be written to, and agree to that."""
    asked = ContactShape(data=request.data)
    asked.is_valid(raise_exception=True)
    form = ContactForm(asked.validated_data)
    if not form.is_valid():
        return refused_by(form)
    participant = device_of(request).participant
    give_contact(participant=participant, address=form.cleaned_data["address"])
    return Response(ContactShape(form.cleaned_data).data)


@extend_schema(
    request=TakingBackShape,
    responses={200: ReceiptShape, 422: RefusalShape, **NOT_READ},
    tags=["yours"],
)
@api_view(["POST"])
def take_back(request: Request, slug: str) -> Response:
    """Take back everything, some answers, or one use of them. Who took back all has left (403)."""
    asked = TakingBackShape(data=request.data)
    asked.is_valid(raise_exception=True)
    made = withdraw(participant=device_of(request).participant, **asked.validated_data)
    return Response(ReceiptShape(made).data)
