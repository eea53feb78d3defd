"""Handing what to ask next from an analysis to its workshop."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from policy import access
from policy.handing_over import ask_evenly, ask_for_next


@require_POST
def ask_next(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Have the workshop ask what its open decisions lack, or ask evenly again."""
    analysis = access.asking_or_403(request.user, slug, pk)
    by = request.user if request.user.is_authenticated else None
    if request.POST.get("do") == "stop":
        ask_evenly(workshop=analysis.workshop, by=by)
        messages.success(request, "People are asked evenly again.")
    else:
        ask_for_next(workshop=analysis.workshop, by=by)
        messages.success(request, "The worker hands it over; this page then says what is asked.")
    return redirect(f"{analysis.get_absolute_url()}#ask-next")
