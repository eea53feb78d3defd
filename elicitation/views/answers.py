"""Answers that forms send; phones with JavaScript send the same to the API."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from elicitation import access
from elicitation.errors import AnswerRefused
from elicitation.kernel.row_numbers import row_number
from elicitation.models import Device
from elicitation.services.inbox import Sent, take_answer

CONTROL = ("csrfmiddlewaretoken", "kind", "target", "key", "next", "seq")


@require_POST
def answer(request: HttpRequest, slug: str) -> HttpResponse:
    """Record one answer that a form sends, and go on to where the form says."""
    device = access.device_or_join(request, slug)
    try:
        take_answer(device=device, sent=sent_by(request.POST))
    except AnswerRefused as refused:
        return refusal(request, device, str(refused))
    messages.success(request, _("Saved."))
    return redirect(next_page(request, slug))


def sent_by(data: QueryDict) -> Sent:
    """A form's fields as an answer.

    "why" is a text, "spans[]" a list of texts, and "values:tone" the entry "tone" of "values".
    """
    target = row_number(data.get("target", "0"))
    if target is None:
        raise AnswerRefused("What is answered is named by a number.")
    # PostgreSQL can look for no text that holds a NUL.
    key = data.get("key", "").replace("\x00", "")
    return Sent(data.get("kind", ""), target, body_of(data), key)


def body_of(data: QueryDict) -> dict[str, Any]:
    """The fields that are not about sending, nested by their names. Raises AnswerRefused."""
    body: dict[str, Any] = {}
    for name, values in data.lists():
        if name in CONTROL:
            continue
        outer, colon, inner = name.partition(":")
        if name.endswith("[]"):
            body[name[:-2]] = values
        elif colon:
            nested = body.setdefault(outer, {})
            if not isinstance(nested, dict):
                raise AnswerRefused(_("'%(name)s' is not what was asked.") % {"name": outer[:40]})
            nested[inner] = values[-1]
        else:
            body[name] = values[-1]
    return body


def next_page(request: HttpRequest, slug: str) -> str:
    """Where the form asks to go on, if that is here; otherwise what there is to do."""
    return local_page(request, request.POST.get("next", ""), slug)


def local_page(request: HttpRequest, asked: str, slug: str) -> str:
    """An address, if it is one of this workshop's pages for participants; otherwise their first."""
    ours = url_has_allowed_host_and_scheme(asked, {request.get_host()}, request.is_secure())
    return asked if ours and asked.startswith(f"/w/{slug}/") else f"/w/{slug}/"


def refusal(request: HttpRequest, device: Device, reason: str) -> HttpResponse:
    """Say why an answer was not taken, and give back every word of it."""
    typed = [
        value
        for name, values in request.POST.lists()
        for value in values
        if name not in CONTROL and " " in value.strip()
    ]
    page = {
        "workshop": device.participant.workshop,
        "device": device,
        "reason": reason,
        "typed": typed,
        "back": next_page(request, device.participant.workshop.slug),
    }
    return render(request, "elicitation/phone/refused.html", page, status=422)
