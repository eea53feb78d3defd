"""The pages that show all four apps at once, and what the site says when it refuses."""

from pathlib import Path

from django.contrib.auth.views import redirect_to_login
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from deploy.overview import lines_of, seats_of, things_of, work_of
from elicitation import access


def home(request: HttpRequest) -> HttpResponse:
    """What Folkmoot is, for visitors; the workshops they are part of, for staff."""
    if not request.user.is_authenticated:
        return render(request, "home_public.html")
    workshops = list(access.workshops_of(request.user))
    lines = lines_of(workshops)
    seats = seats_of(workshops)
    cards = [
        {
            "workshop": workshop,
            "line": lines[workshop.pk],
            "seats": seats[workshop.pk],
            "people": sum(seat.people for seat in seats[workshop.pk]),
            "answers": sum(seat.answers for seat in seats[workshop.pk]),
        }
        for workshop in workshops
    ]
    page = {
        "cards": cards,
        "under_way": work_of(lines.values()),
        "may_make": access.may_make_workshops(request.user),
    }
    return render(request, "home.html", page)


def workshop(request: HttpRequest, slug: str) -> HttpResponse:
    """One workshop: who is in it, what they were asked, what they said, and what to do next."""
    workshop = access.workshop_or_404(request.user, slug)
    line = lines_of([workshop])[workshop.pk]
    seats = seats_of([workshop])[workshop.pk]
    page = {
        "workshop": workshop,
        "line_at": "workshop",
        "here": "workshop",
        "seats": seats,
        "people": sum(seat.people for seat in seats),
        "answers": sum(seat.answers for seat in seats),
        "stages": workshop.stages.all(),
        "imports": workshop.imports.select_related("community", "workshop"),
        "newest": line,
        "under_way": work_of([line]),
        "may_bring_data": access.has_role(request.user, workshop, *access.BRINGS_DATA),
        "may_see_imports": access.has_role(request.user, workshop, *access.STAFF),
        **things_of(workshop),
    }
    return render(request, "workshop.html", page)


@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """The script that keeps participants' pages for when there is no connection.

    It has an address of its own, because a script may only look after what is below its address.
    """
    script = Path(str(finders.find("elicitation/sw.js"))).read_bytes()
    headers = {"Service-Worker-Allowed": "/", "Cache-Control": "no-cache"}
    return HttpResponse(script, content_type="text/javascript", headers=headers)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Ask the signed-out to sign in, and phones to join; tell the others why this is not theirs."""
    if isinstance(exception, access.JoinFirst):
        return redirect("join-code")
    if isinstance(exception, access.HasLeft):
        left = {"slug": exception.slug}
        return render(request, "elicitation/phone/left.html", left, status=403)
    if isinstance(exception, access.SignInFirst):
        return redirect_to_login(request.get_full_path())
    return render(request, "403.html", {"reason": str(exception)}, status=403)
