"""What belongs to a participant: everything that is kept of them, and taking it back."""

from __future__ import annotations

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from elicitation.api.seats import device_of
from elicitation.api.shapes import ReceiptShape, RefusalShape, TakingBackShape
from elicitation.api.taking_part import NOT_READ, NOT_YOURS
from elicitation.services.own_data import own_data
from elicitation.services.withdrawing import withdraw


@extend_schema(responses={200: OpenApiTypes.OBJECT, **NOT_YOURS}, tags=["yours"])
@api_view(["GET"])
def data(request: Request, slug: str) -> Response:
    """Everything that is kept of this person."""
    return Response(own_data(device_of(request).participant))


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
