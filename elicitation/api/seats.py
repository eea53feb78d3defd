"""Who asks: a device that shows its seat, by the cookie of its pages or by a header."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.request import Request

from elicitation import access
from elicitation.models import Device, Participant

SCHEME = "Seat"


class SeatAuthentication(BaseAuthentication):
    """Lets in the devices of the workshop that the address names, and nobody else."""

    def authenticate(self, request: Request) -> tuple[Participant, Device]:
        """The person and their device. Raises Http404, JoinFirst, HasLeft, or of CSRF."""
        slug = request.parser_context["kwargs"]["slug"]
        token = token_of(request)
        if token is None:
            # A browser sends cookies along by itself, so the page has to prove that it is ours.
            SessionAuthentication().enforce_csrf(request)
            token = request.COOKIES.get(access.seat_cookie(slug), "")
        device = access.device_of_token(token, slug)
        return device.participant, device


def token_of(request: Request) -> str | None:
    """The token of the header; None where no seat is shown there."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == SCHEME.lower() else None


def device_of(request: Request) -> Device:
    """The device that SeatAuthentication let in."""
    device: Device = request.auth
    return device


class SeatScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the description of the API speaks of seats."""

    target_class = SeatAuthentication
    name = "seat"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """An API key in a header: OpenAPI has no word for a scheme of one's own."""
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Seat TOKEN`, with the token that joining or coming back gave.",
        }
