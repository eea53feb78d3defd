"""One shape for every refusal: a sentence, the field that it is about, and a word for programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import PermissionDenied
from django.forms import BaseForm
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from elicitation import access
from elicitation.errors import Refused, Withdrawn

WRONG, NO, NOT_THERE, UNPROCESSABLE = 400, 403, 404, 422


def refusal(error: str, status: int, code: str = "refused", field: str = "") -> Response:
    """The one shape."""
    return Response({"error": error, "field": field, "code": code}, status=status)


def refused(raised: Exception, context: dict[str, Any]) -> Response | None:
    """What a client is answered; None, for a page that says 500, where nobody expected it."""
    if isinstance(raised, exceptions.ValidationError):
        field, error = next(said_of(raised.detail), ("", _("This cannot be read.")))
        return refusal(error, WRONG, "not_read", field)
    if isinstance(raised, Refused):
        status = NO if isinstance(raised, Withdrawn) else UNPROCESSABLE
        return refusal(str(raised), status, raised.code)
    if isinstance(raised, access.JoinFirst):
        return refusal(_("Join this workshop first."), NO, "join_first")
    if isinstance(raised, access.HasLeft):
        return refusal(_("You have left this workshop."), NO, "left")
    if isinstance(raised, Http404):
        return refusal(_("There is nothing here."), NOT_THERE, "not_there")
    if isinstance(raised, PermissionDenied):
        return refusal(str(raised), NO, "not_yours")
    return in_one_shape(exception_handler(raised, context), raised)


def in_one_shape(response: Response | None, raised: Exception) -> Response | None:
    """What the framework refuses by itself: a wrong method, a wrong type, not JSON."""
    if response is not None and isinstance(raised, exceptions.APIException):
        code = getattr(raised.detail, "code", "refused")
        response.data = {"error": str(raised.detail), "field": "", "code": code}
    return response


def said_of(detail: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Each complaint with its place, such as answers[2].key."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            # A list's items are counted by the framework in keys that are numbers.
            step = f"[{name}]" if isinstance(name, int) else f".{name}" if place else str(name)
            yield from said_of(inner, place if name == "non_field_errors" else place + step)
    elif isinstance(detail, list):
        for number, inner in enumerate(detail):
            deeper = isinstance(inner, dict)
            if inner:
                yield from said_of(inner, f"{place}[{number}]" if deeper else place)
    else:
        yield place, str(detail)


def refused_by(form: BaseForm) -> Response:
    """What a form found wrong first."""
    field, complaints = next(iter(form.errors.items()))
    place = "" if field == "__all__" else field
    return refusal(str(complaints[0]), UNPROCESSABLE, "not_so", place)
