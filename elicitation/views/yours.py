"""What belongs to a participant: their answers, their consent, and taking things back."""

from __future__ import annotations

import uuid
from contextlib import suppress
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from elicitation import access
from elicitation.errors import Refused, Withdrawn
from elicitation.forms.yours import AllowForm, ContactForm, TakeBackForm
from elicitation.models import AnswerEvent, Device, Withdrawal
from elicitation.receipts import receipt_shown
from elicitation.services.consent import agree, give_contact, latest_consent
from elicitation.services.joining import end_other_devices, other_devices
from elicitation.services.own_data import contact_of, own_answers, own_data
from elicitation.services.withdrawing import answers_with, is_too_late, too_late, withdraw

Scope = Withdrawal.Scope


def frame(device: Device) -> dict[str, Any]:
    """What every page of this kind has."""
    participant = device.participant
    return {"workshop": participant.workshop, "device": device, "participant": participant}


def frame_even_if_left(device: Device) -> dict[str, Any]:
    """The same without what asks for news of the workshop, for whoever has left it."""
    page = frame(device)
    return page | {"device": None} if device.participant.withdrawn_at else page


@never_cache
@require_safe
def you(request: HttpRequest, slug: str) -> HttpResponse:
    """What is kept of this person, and what they can do with it."""
    device = access.device_or_join(request, slug)
    participant = device.participant
    page = {
        **frame(device),
        "consent": latest_consent(participant),
        "contact": contact_of(participant),
        "answered": AnswerEvent.objects.filter(participant=participant, erased_at=None).exists(),
        "receipts": participant.withdrawals.order_by("-pk"),
        "is_late": is_too_late(participant.workshop),
        "others": other_devices(device).count(),
    }
    return render(request, "elicitation/phone/you.html", page)


@require_POST
def allow(request: HttpRequest, slug: str) -> HttpResponse:
    """Agree to one more use of what was said, from now on."""
    device = access.device_or_join(request, slug)
    form = AllowForm(request.POST)
    if form.is_valid():
        with suppress(Withdrawn):
            agree(participant=device.participant, **{form.cleaned_data["allow"]: True})
            messages.success(request, _("Saved."))
    return redirect("you", slug)


@require_POST
def devices(request: HttpRequest, slug: str) -> HttpResponse:
    """End what this person's other phones may do."""
    end_other_devices(device=access.device_or_join(request, slug))
    messages.success(request, _("Only this phone is yours here now."))
    return redirect("you", slug)


@never_cache
def contact(request: HttpRequest, slug: str) -> HttpResponse:
    """Say or change where one may be written to."""
    device = access.device_or_join(request, slug)
    participant = device.participant
    known = contact_of(participant)
    sent = request.POST if request.method == "POST" else None
    form = ContactForm(sent, initial={"address": known})
    if form.is_valid():
        # Whoever left meanwhile on another phone is told so by the next page.
        with suppress(Withdrawn):
            give_contact(participant=participant, address=form.cleaned_data["address"])
            messages.success(request, _("Saved."))
        return redirect("you", slug)
    page = {**frame(device), "form": form, "known": known}
    status = 422 if form.errors else 200
    return render(request, "elicitation/phone/contact.html", page, status=status)


@never_cache
@require_safe
def answers(request: HttpRequest, slug: str) -> HttpResponse:
    """Everything that this person said, to look at, change or take back."""
    device = access.device_or_join(request, slug)
    participant = device.participant
    page = {
        **frame(device),
        "answers": own_answers(participant),
        "is_late": is_too_late(participant.workshop),
    }
    return render(request, "elicitation/phone/answers.html", page)


@never_cache
def take_back(request: HttpRequest, slug: str) -> HttpResponse:
    """Say what cannot be undone, ask once, and take back what was chosen."""
    device = access.device_or_join(request, slug)
    form = TakeBackForm(request.POST if request.method == "POST" else request.GET)
    scope = form.data.get("scope", "")
    if scope not in Scope.values:
        return redirect("you", slug)
    if not form.is_valid():
        for error in form.non_field_errors() or [_("Please try once more.")]:
            messages.error(request, str(error))
        return redirect("own-answers" if scope == Scope.ANSWERS else "you", slug)
    if request.method != "POST" or not form.cleaned_data["sure"]:
        return ask_once(request, device, form.cleaned_data)
    try:
        made = withdraw(
            participant=device.participant,
            scope=scope,
            key=form.cleaned_data["key"],
            targets=form.cleaned_data["answer"],
        )
    except Refused as refused:
        return ask_once(request, device, form.cleaned_data, str(refused))
    return redirect("receipt", slug, made.key)


def ask_once(
    request: HttpRequest, device: Device, chosen: dict[str, Any], refused: str = ""
) -> HttpResponse:
    """The page that says what taking this back does and does not do."""
    workshop, scope = device.participant.workshop, Scope(chosen["scope"])
    is_late = is_too_late(workshop)
    try:
        events = answers_with(device.participant, chosen["answer"]) if chosen["answer"] else []
    except Refused as error:
        events, refused = [], str(error)
    page = {
        **frame(device),
        "scope": scope.value,
        "chosen": chosen["answer"],
        "things": len({(event.kind, event.target or event.pk) for event in events}),
        "key": chosen.get("key") or uuid.uuid4(),
        "is_late": is_late,
        "too_late": too_late(workshop) if is_late else "",
        "refused": refused,
    }
    status = 422 if refused else 200
    return render(request, "elicitation/phone/take_back.html", page, status=status)


@never_cache
@require_safe
def data(request: HttpRequest, slug: str) -> HttpResponse:
    """Everything that is kept of this person, to read here or to take along in one file."""
    device = access.device_or_join(request, slug)
    kept = own_data(device.participant)
    wanted = request.GET.get("as", "")
    if wanted == "json":
        options = {"indent": 1, "ensure_ascii": False}
        return as_file(JsonResponse(kept, json_dumps_params=options), f"{slug}.json")
    page = {**frame(device), "kept": kept}
    if wanted == "html":
        text = render_to_string("elicitation/phone/own_data_file.html", page, request)
        return as_file(HttpResponse(text), f"{slug}.html")
    return render(request, "elicitation/phone/own_data.html", page)


def as_file(response: HttpResponse, name: str) -> HttpResponse:
    """The same, to be kept instead of shown."""
    response["Content-Disposition"] = f'attachment; filename="my-data-{name}"'
    return response


@never_cache
@require_safe
def receipts(request: HttpRequest, slug: str) -> HttpResponse:
    """What this person took back; it can be read after they left, too."""
    device = access.device_even_if_left(request, slug)
    page = {
        **frame_even_if_left(device),
        "receipts": device.participant.withdrawals.order_by("-pk"),
    }
    return render(request, "elicitation/phone/receipts.html", page)


@never_cache
@require_safe
def receipt(request: HttpRequest, slug: str, key: uuid.UUID) -> HttpResponse:
    """What one taking back touched, and what it could not undo."""
    device = access.device_even_if_left(request, slug)
    made = get_object_or_404(Withdrawal, participant=device.participant, key=key)
    page = {**frame_even_if_left(device), "withdrawal": made, "shown": receipt_shown(made)}
    return render(request, "elicitation/phone/receipt.html", page)
