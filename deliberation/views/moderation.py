"""Reading what people propose, before others vote on it."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from deliberation import access
from deliberation.models import Statement
from deliberation.services.moderating import likest, merge_statements, moderate_statement
from elicitation.access import MODERATES, signed_in, workshop_or_404
from elicitation.errors import Refused
from elicitation.kernel.row_numbers import row_number

PER_PAGE = 25
CANDIDATES = 20
Moderation = Statement.Moderation


@require_safe
def moderation(request: HttpRequest, slug: str) -> HttpResponse:
    """What people proposed and nobody has read yet, or what was decided."""
    workshop = workshop_or_404(request.user, slug, *MODERATES)
    state = request.GET.get("state", Moderation.UNREVIEWED)
    state = state if state in Moderation.values else Moderation.UNREVIEWED
    mine = Statement.objects.filter(workshop=workshop)
    if state == Moderation.UNREVIEWED:
        # The organisers' own were chosen by them.
        mine = mine.exclude(is_seed=True)
    counted = Statement.objects.filter(workshop=workshop, is_seed=False).values_list("moderation")
    counts = dict(counted.order_by().annotate(number=Count("pk")))
    found = mine.filter(moderation=state).select_related("community", "stage").order_by("pk")
    page = {
        "workshop": workshop,
        "line_at": "workshop",
        "here": "screening",
        "state": state,
        "states": [(name, label, counts.get(name, 0)) for name, label in Moderation.choices],
        "page": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "deliberation/moderation.html", page)


@require_POST
def moderate(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Accept a statement, or take it out."""
    statement = access.statement_or_404(request.user, slug, pk)
    becomes = Moderation.IN if request.POST.get("do") == "accept" else Moderation.OUT
    try:
        changed = moderate_statement(
            statement=statement,
            becomes=becomes,
            reason=request.POST.get("reason", ""),
            by=signed_in(request.user),
        )
        said = "It is accepted." if becomes == Moderation.IN else "It is taken out."
        messages.success(request, said if changed else "Somebody else has done that already.")
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect(came_from(request, slug))


def merge(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Choose the statement that says the same, and take this one out for it."""
    statement = access.statement_or_404(request.user, slug, pk)
    if request.method == "POST":
        number = row_number(request.POST.get("into", "")) or 0
        into = access.statement_or_404(request.user, slug, number)
        try:
            merge_statements(merged=statement, into=into, by=signed_in(request.user))
            messages.success(request, "They are one now. Whoever wrote it is told which.")
        except Refused as refused:
            messages.error(request, str(refused))
        return redirect("moderation", slug)
    same = Statement.objects.standing().filter(
        workshop=statement.workshop_id, stage=statement.stage_id
    )
    page = {
        "workshop": statement.workshop,
        "line_at": "workshop",
        "here": "screening",
        "statement": statement,
        "others": likest(statement, same.exclude(pk=statement.pk), CANDIDATES),
    }
    return render(request, "deliberation/merge.html", page)


def came_from(request: HttpRequest, slug: str) -> str:
    """The page of the list that the form was on, if it is ours."""
    asked = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(asked, {request.get_host()}, request.is_secure())
    here = reverse("moderation", args=[slug])
    return asked if ours and asked.startswith(here) else here
