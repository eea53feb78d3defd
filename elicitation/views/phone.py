"""What people meet on their phones: joining, what there is to do, and what is theirs."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from elicitation import access
from elicitation.activities import tasks_of
from elicitation.errors import Refused, Withdrawn
from elicitation.forms.phone import CodeForm, ConsentForm, ReturnForm
from elicitation.models import Device, Workshop, WorkshopCommunity
from elicitation.services.joining import (
    Phone,
    come_back,
    consent_text,
    join,
    new_return_code,
)
from elicitation.services.people import return_code_hash
from elicitation.services.withdrawing import receipt_device

KEPT = timedelta(days=180)
CODE_SHOWN = timedelta(hours=1)
CODE_SALT = "folkmoot.code"


def join_by_code(request: HttpRequest) -> HttpResponse:
    """Ask for the code on the wall, and go to the community that it leads to."""
    form = CodeForm(request.GET if "code" in request.GET else None)
    if form.is_valid():
        return redirect("join", form.cleaned_data["code"])
    return render(request, "elicitation/phone/enter_code.html", {"form": form})


@never_cache
def join_page(request: HttpRequest, code: str) -> HttpResponse:
    """Say what the workshop is and what becomes of answers, and ask for consent."""
    seat = access.seat_of_code_or_404(code)
    known = access.device_here(request, seat.workshop)
    if known is not None and request.method != "POST":
        return redirect("phone-home", seat.workshop.slug)
    text = consent_text(workshop=seat.workshop, locale=get_language() or "en")
    form = ConsentForm(seat.workshop, request.POST if request.method == "POST" else None)
    if request.POST.get("consent_version", text.version) != text.version:
        # They were changed while somebody was reading: what counts is what was read.
        form.add_error(None, _("These are not the words that people are asked to agree to now."))
    if request.method == "POST" and form.is_valid():
        try:
            return take_seat(request, seat, form)
        except Refused as refused:
            form.add_error(None, str(refused))
    page = {"seat": seat, "workshop": seat.workshop, "text": text, "form": form}
    status = 422 if form.errors else 200
    return render(request, "elicitation/phone/consent.html", page, status=status)


def take_seat(request: HttpRequest, seat: WorkshopCommunity, form: ConsentForm) -> HttpResponse:
    """Seat the person, remember their phone, and go to the page with their return code."""
    text = consent_text(workshop=seat.workshop, locale=get_language() or "en")
    device, code = join(
        seat=seat,
        key=form.cleaned_data["key"],
        agreed=form.agreed(text),
        phone=phone_of(request, form.cleaned_data["install"]),
        locale=get_language() or "en",
        address=form.cleaned_data["address"],
    )
    response = redirect("return-code", seat.workshop.slug)
    remember_device(response, seat.workshop, device)
    show_code_for_a_while(response, seat.workshop, code)
    return response


def phone_of(request: HttpRequest, install: str) -> Phone:
    """What the browser says of itself."""
    return Phone(install, request.headers.get("User-Agent", ""))


def remember_device(response: HttpResponse, workshop: Workshop, device: Device) -> None:
    """Have this browser known again."""
    response.set_cookie(
        access.seat_cookie(workshop.slug),
        access.seat_token(device),
        max_age=KEPT,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def show_code_for_a_while(response: HttpResponse, workshop: Workshop, code: str) -> None:
    """Put the code into the person's own browser: nowhere else is it in plain letters."""
    response.set_cookie(
        code_cookie(workshop),
        signing.dumps(code, salt=CODE_SALT),
        max_age=CODE_SHOWN,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def code_cookie(workshop: Workshop) -> str:
    """The name of the cookie that holds a return code until its owner has kept it."""
    return f"code-{workshop.pk}"


@never_cache
def return_code(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the code to come back by, until it is kept; make another when asked to."""
    device = access.device_or_join(request, slug)
    workshop = device.participant.workshop
    if request.method == "POST":
        again = request.POST.get("do") == "again"
        response = redirect("return-code" if again else "phone-home", slug)
        response.delete_cookie(code_cookie(workshop))
        if again:
            code = new_return_code(participant=device.participant)
            show_code_for_a_while(response, workshop, code)
        return response
    try:
        code = signing.loads(
            request.COOKIES.get(code_cookie(workshop), ""), salt=CODE_SALT, max_age=CODE_SHOWN
        )
    except signing.BadSignature:
        code = ""
    if return_code_hash(code) != device.participant.return_code_hash:
        # Another one has been made since, or somebody else of this workshop has this phone now.
        code = ""
    page = {"workshop": workshop, "device": device, "code": code}
    return render(request, "elicitation/phone/return_code.html", page)


@never_cache
def return_page(request: HttpRequest) -> HttpResponse:
    """Let somebody who joined before come back, on this phone or another."""
    form = ReturnForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            device = come_back(
                code=form.cleaned_data["code"],
                phone=phone_of(request, form.cleaned_data["install"]),
            )
            response = redirect("phone-home", device.participant.workshop.slug)
            remember_device(response, device.participant.workshop, device)
            return response
        except Withdrawn:
            return to_receipts(form.cleaned_data["code"])
        except Refused as refused:
            form.add_error("code", str(refused))
    status = 422 if form.errors else 200
    return render(request, "elicitation/phone/return.html", {"form": form}, status=status)


def to_receipts(code: str) -> HttpResponse:
    """All that the code of somebody who left still opens."""
    device = receipt_device(code=code)
    if device is None:
        return redirect("return")
    workshop = device.participant.workshop
    response = redirect("receipts", workshop.slug)
    remember_device(response, workshop, device)
    return response


@require_safe
def home(request: HttpRequest, slug: str) -> HttpResponse:
    """What there is to do now, and how far one is."""
    device = access.device_or_join(request, slug)
    participant = device.participant
    page = {
        "workshop": participant.workshop,
        "device": device,
        "participant": participant,
        "tasks": tasks_of(participant),
        "waiting": participant.workshop.stages.filter(status="waiting").first(),
    }
    return render(request, "elicitation/phone/home.html", page)


@require_safe
def support(request: HttpRequest, slug: str) -> HttpResponse:
    """Who helps, how to stop, and that stopping costs nothing."""
    device = access.device_or_join(request, slug)
    page = {"workshop": device.participant.workshop, "device": device}
    return render(request, "elicitation/phone/support.html", page)


@require_POST
def stop(request: HttpRequest, slug: str) -> HttpResponse:
    """Forget this phone; what was said stays, and the return code still works."""
    device = access.device_or_join(request, slug)
    workshop = device.participant.workshop
    response = redirect("stopped")
    response.delete_cookie(access.seat_cookie(workshop.slug))
    response.delete_cookie(code_cookie(workshop))
    messages.info(request, _("This phone has forgotten the workshop."))
    return response


@require_safe
def stopped(request: HttpRequest) -> HttpResponse:
    """What holds after somebody stopped."""
    return render(request, "elicitation/phone/stopped.html")


@require_safe
def pulse(request: HttpRequest, slug: str) -> HttpResponse:
    """A number that changes when there is something new; phones ask for it every few seconds."""
    number = access.pulse_or_join(request, slug)
    tag = f'"{number}"'
    if request.headers.get("If-None-Match") == tag:
        response: HttpResponse = HttpResponseNotModified()
    else:
        response = JsonResponse({"pulse": number})
    response["ETag"] = tag
    response["Cache-Control"] = "no-cache"
    return response
