"""Answers worth a look: flags that ask a question, never a verdict."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from elicitation import access
from elicitation.kernel.models import Work
from elicitation.kernel.work import enqueue
from elicitation.models import Workshop
from elicitation.progress import progress_fragment


def integrity(request: HttpRequest, slug: str) -> HttpResponse:
    """The latest list of what stands out; and asking for a new one."""
    workshop = access.workshop_or_404(request.user, slug, *access.FACILITATES)
    subject = integrity_subject(workshop)
    if request.method == "POST":
        if not Work.objects.open().filter(subject=subject).exists():
            enqueue("elicitation.tasks.check_integrity", subject=subject, workshop=workshop.pk)
        messages.success(request, "The list is being made.")
        return redirect("integrity", slug)
    works = Work.objects.filter(subject=subject).order_by("-pk")
    page = {
        "workshop": workshop,
        "line_at": "workshop",
        "here": "meeting",
        "latest": works.first(),
        "done": works.filter(status=Work.Status.DONE).first(),
    }
    return render(request, "elicitation/facilitate/integrity.html", page)


@require_safe
def integrity_progress(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """How far the list is."""
    workshop = access.workshop_or_404(request.user, slug, *access.FACILITATES)
    return progress_fragment(request, access.work_or_404(integrity_subject(workshop), pk))


def integrity_subject(workshop: Workshop) -> str:
    """What the checks of a workshop are filed under."""
    return f"integrity:{workshop.pk}"
