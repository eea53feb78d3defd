"""Pages on which a policy analyst changes how fault lines are read."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from elicitation.access import has_role
from elicitation.models import User
from policy import access
from policy.editing_lines import (
    annotate_line,
    lines_of,
    merge_lines,
    rename_line,
    split_line,
    undo_edit,
)
from policy.errors import PolicyRefused
from policy.forms_lines import LineEditForm
from policy.models import Analysis, FaultLineEdit
from policy.showing_edits import history_shown
from policy.showing_lines import lines_shown
from policy.showing_parts import Drawings, fewest

Kind = FaultLineEdit.Kind
DONE = {
    Kind.RENAME: "It has another name.",
    Kind.ANNOTATE: "The note is kept.",
    Kind.MERGE: "They are read as one fault line.",
    Kind.SPLIT: "Those items are a fault line of their own.",
    Kind.UNDO: "The change is undone.",
}


@require_safe
def fault_lines(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The fault lines as they are read, what was changed, and forms to change more."""
    analysis = access.analysis_or_404(request.user, slug, pk)
    workshop = analysis.workshop
    smallest = fewest(workshop)
    shown = lines_shown(analysis, Drawings(analysis, smallest), smallest)
    context = {
        "workshop": workshop,
        "analysis": analysis,
        "lines": shown["lines"],
        "history": history_shown(analysis, shown),
        "may_write": has_role(request.user, workshop, *access.WRITES_POLICY),
        "line_at": "analysis",
        "here": "analyses",
    }
    return render(request, "policy/fault_lines.html", context)


@require_POST
def change(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Make one change, or undo one."""
    analysis = access.line_editor_or_403(request.user, slug, pk)
    form = LineEditForm(lines_of(analysis), request.POST)
    try:
        if not form.is_valid():
            raise PolicyRefused("That could not be read: choose a fault line and what to change.")
        if isinstance(request.user, User):
            _make(analysis, form, request.user)
        messages.success(request, DONE[Kind(form.cleaned_data["kind"])])
    except PolicyRefused as refused:
        messages.error(request, str(refused))
    return redirect("fault-lines", slug, pk)


def _make(analysis: Analysis, form: LineEditForm, by: User) -> None:
    said = form.cleaned_data
    kind, number, name = said["kind"], said["line"] or 0, said["name"]
    if kind == Kind.RENAME:
        rename_line(analysis=analysis, number=number, name=name, by=by)
    elif kind == Kind.ANNOTATE:
        annotate_line(analysis=analysis, number=number, note=said["note"], by=by)
    elif kind == Kind.MERGE:
        merge_lines(analysis=analysis, numbers=said["lines"], name=name, by=by)
    elif kind == Kind.SPLIT:
        split_line(analysis=analysis, number=number, items=said["items"], name=name, by=by)
    else:
        undo_edit(analysis=analysis, edit=said["edit"] or 0, by=by)
