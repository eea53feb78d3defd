"""Reading what models answered, before it reaches phones."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from elicitation import access
from elicitation.errors import Refused
from elicitation.forms.facilitate import ScreeningForm
from elicitation.models import Completion, Prompt, Workshop
from elicitation.services.screening import DECISIONS, screen

PER_PAGE = 10
Screening = Completion.Screening


def screening(request: HttpRequest, slug: str) -> HttpResponse:
    """Prompts with the completions that wait to be read, or that were decided; and deciding."""
    workshop = access.workshop_or_404(request.user, slug, *access.MODERATES)
    if request.method == "POST":
        return decide(request, workshop)
    state = request.GET.get("state", Screening.WAITING)
    state = state if state in Screening.values else Screening.WAITING
    listed = Completion.objects.filter(screening=state).order_by("pk")
    prompts = (
        Prompt.objects.filter(workshop=workshop, completions__screening=state)
        .distinct()
        .order_by("pk")
        .prefetch_related(Prefetch("completions", listed, to_attr="listed"))
    )
    counted = Completion.objects.filter(prompt__workshop=workshop).values_list("screening")
    counts = dict(counted.order_by().annotate(number=Count("pk")))
    page = {
        "workshop": workshop,
        "line_at": "workshop",
        "here": "screening",
        "state": state,
        "states": [(name, label, counts.get(name, 0)) for name, label in Screening.choices],
        "decisions": [(one.value, one.label) for one in DECISIONS],
        "is_shown": "show" in request.GET,
        "page": Paginator(prompts, PER_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "elicitation/facilitate/screening.html", page)


def decide(request: HttpRequest, workshop: Workshop) -> HttpResponse:
    """Store what was decided about one screenful."""
    form = ScreeningForm(request.POST)
    try:
        done = screen(
            workshop=workshop,
            by=access.signed_in(request.user),
            decisions=form.decisions(),
            warnings=form.warnings(),
        )
        messages.success(request, f"{done.decided} decided.")
        if done.overtaken:
            messages.warning(
                request, f"{done.overtaken} were decided by somebody else meanwhile, and stay so."
            )
    except Refused as refused:
        messages.error(request, f"{refused} Nothing was stored.")
    return redirect(f"{request.path}?{request.GET.urlencode()}")
