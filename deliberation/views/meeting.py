"""The facilitator's part of a vote: show results, have people talk, ask again, push a statement."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from deliberation.forms import StatementFilter
from deliberation.models import Statement
from deliberation.services.moderating import push_statement, ready_for
from deliberation.services.revealing import begin_discussion, open_round, reveal
from elicitation.access import activity_or_404, in_workshop_or_404, signed_in
from elicitation.errors import Refused
from elicitation.kernel.row_numbers import row_number

PER_PAGE = 25
TURNS = {
    "reveal": (reveal, "People see the results now."),
    "discuss": (begin_discussion, "People are asked to talk about it."),
    "again": (open_round, "People can vote again. Both votes are kept."),
}


@require_POST
def turn_vote(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Take a vote to where `do` says: results shown, talked about, or voted on again."""
    activity = activity_or_404(request.user, slug, pk)
    turn, said = TURNS.get(request.POST.get("do", ""), (None, ""))
    try:
        if turn is None:
            raise Refused("There is no such step.")
        turn(activity=activity, by=signed_in(request.user))
        messages.success(request, said)
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("meeting", slug)


def push(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Choose a statement to put before everyone."""
    activity = activity_or_404(request.user, slug, pk)
    workshop = activity.stage.workshop
    if request.method == "POST":
        number = row_number(request.POST.get("statement", "")) or 0
        statement = in_workshop_or_404(Statement.objects.all(), workshop, number)
        try:
            push_statement(activity=activity, statement=statement, by=signed_in(request.user))
            messages.success(request, "It comes first on every phone now.")
        except Refused as refused:
            messages.error(request, str(refused))
        return redirect("meeting", slug)
    form = StatementFilter(workshop, request.GET)
    found = form.narrow(ready_for(activity))
    page = {
        "workshop": workshop,
        "line_at": "workshop",
        "here": "meeting",
        "activity": activity,
        "form": form,
        "page": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "deliberation/push_statement.html", page)
