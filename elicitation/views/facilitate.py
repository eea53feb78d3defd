"""The facilitator's page: who is here, the stages, and what people do in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from elicitation import access
from elicitation.attendance import attendance
from elicitation.errors import Refused
from elicitation.forms.facilitate import (
    ActivityForm,
    CommunityForm,
    NewActivityForm,
    QuestionForm,
    SettingsForm,
    StageForm,
)
from elicitation.forms.staff import PromptFilter
from elicitation.kernel.row_numbers import row_number
from elicitation.models import Activity, Completion, Prompt, Stage, Workshop
from elicitation.services import facilitating, setting_up

PER_PAGE = 25


@require_safe
def meeting(request: HttpRequest, slug: str) -> HttpResponse:
    """Who is here and how far, and the stages with what people do in them."""
    workshop = access.workshop_or_404(request.user, slug, *access.FACILITATES)
    page = {
        "workshop": workshop,
        "line_at": "workshop",
        "here": "meeting",
        "present": attendance(workshop, timezone.now()),
        "stages": [shown(stage) for stage in stages_of(workshop)],
        "community_form": CommunityForm(auto_id="community-%s"),
        "stage_form": StageForm(auto_id="stage-%s"),
        "to_read": completions_to_read(workshop),
        "has_prompts": workshop.prompts.exists(),
    }
    return render(request, "elicitation/facilitate/meeting.html", page)


def stages_of(workshop: Workshop) -> list[Stage]:
    """The stages with their activities, in order."""
    return list(workshop.stages.prefetch_related("activities"))


def shown(stage: Stage) -> dict[str, Any]:
    """A stage with a form for each of its activities, and one to add another."""
    activities = list(stage.activities.all())
    prompts = Prompt.objects.in_bulk(
        [a.pushed for a in activities if a.pushed and takes_prompts(a)]
    )
    return {
        "stage": stage,
        "new": NewActivityForm(stage),
        "activities": [
            {
                "activity": activity,
                "form": ActivityForm(activity),
                "takes_prompts": takes_prompts(activity),
                "prompt": prompts.get(activity.pushed or 0) if takes_prompts(activity) else None,
            }
            for activity in activities
        ],
    }


def takes_prompts(activity: Activity) -> bool:
    """Whether what is put before everyone in it is a prompt."""
    return activity.kind in facilitating.TAKES_PROMPTS


def completions_to_read(workshop: Workshop) -> int:
    """How many completions nobody has read yet."""
    waiting = Completion.Screening.WAITING
    return Completion.objects.filter(prompt__workshop=workshop, screening=waiting).count()


@require_safe
def numbers(request: HttpRequest, slug: str) -> HttpResponse:
    """Who is here, asked for again every few seconds."""
    workshop = access.workshop_or_404(request.user, slug, *access.FACILITATES)
    page = {"workshop": workshop, "present": attendance(workshop, timezone.now())}
    return render(request, "elicitation/facilitate/numbers.html", page)


@require_POST
def add_community(request: HttpRequest, slug: str) -> HttpResponse:
    """Seat a community."""
    workshop = access.workshop_or_404(request.user, slug, *access.FACILITATES)
    by = access.signed_in(request.user)
    form = CommunityForm(request.POST)
    return carry_out(
        request,
        workshop,
        lambda: setting_up.add_community(workshop=workshop, by=by, **form.cleaned_data),
        "The community has a seat and a code of its own.",
        form,
    )


@require_POST
def add_stage(request: HttpRequest, slug: str) -> HttpResponse:
    """Add a stage from a template."""
    workshop = access.workshop_or_404(request.user, slug, *access.FACILITATES)
    by = access.signed_in(request.user)
    form = StageForm(request.POST)
    return carry_out(
        request,
        workshop,
        lambda: facilitating.add_stage(workshop=workshop, by=by, **form.cleaned_data),
        "The stage is there. Open it when people are ready.",
        form,
    )


@require_POST
def act_on_stage(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Open, close or remove a stage, or add something to do in it; `do` says which."""
    stage = access.stage_or_404(request.user, slug, pk)
    by = access.signed_in(request.user)
    do = request.POST.get("do")
    if do in ("open", "close"):
        turn = facilitating.open_stage if do == "open" else facilitating.close_stage
        said = "It is open." if do == "open" else "It is closed."
        return carry_out(request, stage.workshop, lambda: turn(stage=stage, by=by), said)
    if do == "remove":
        remove = facilitating.remove_stage
        said = "The stage is taken out."
        return carry_out(request, stage.workshop, lambda: remove(stage=stage, by=by), said)
    form = NewActivityForm(stage, request.POST)
    add = facilitating.add_activity
    return carry_out(
        request,
        stage.workshop,
        lambda: add(stage=stage, by=by, **form.cleaned_data),
        "People can do that in this stage now.",
        form,
    )


@require_POST
def act_on_activity(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Change or remove what people do, or put nothing before everyone any more."""
    activity = access.activity_or_404(request.user, slug, pk)
    by, workshop = access.signed_in(request.user), activity.stage.workshop
    do = request.POST.get("do")
    if do == "remove":
        remove = facilitating.remove_activity
        return carry_out(
            request, workshop, lambda: remove(activity=activity, by=by), "It is taken out."
        )
    if do == "unpush":
        push = facilitating.push_item
        said = "Everyone goes on with their own next one."
        return carry_out(request, workshop, lambda: push(activity=activity, item=None, by=by), said)
    form = ActivityForm(activity, request.POST)
    change = facilitating.change_activity
    return carry_out(
        request,
        workshop,
        lambda: change(
            activity=activity,
            wanted=form.cleaned_data["wanted"],
            settings=form.settings(),
            by=by,
        ),
        "That holds from now on.",
        form,
    )


def carry_out(
    request: HttpRequest,
    workshop: Workshop,
    change: Callable[[], object],
    said: str,
    form: Form | None = None,
) -> HttpResponse:
    """Make a change and say so, or say why not, on the meeting's page.

    A change that returns False found things as they were to be already.
    """
    if form is not None and not form.is_valid():
        for errors in form.errors.values():
            messages.error(request, " ".join(str(error) for error in errors))
        return redirect("meeting", workshop.slug)
    try:
        happened = change() is not False
        messages.success(request, said if happened else "Somebody else has done that already.")
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("meeting", workshop.slug)


def push_prompt(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Choose a prompt to put before everyone."""
    activity = access.activity_or_404(request.user, slug, pk)
    workshop = activity.stage.workshop
    if request.method == "POST":
        number = row_number(request.POST.get("prompt", "")) or 0
        prompt = access.prompt_or_404(request.user, slug, number)
        by = access.signed_in(request.user)
        push = facilitating.push_prompt
        said = "It comes first on every phone now."
        return carry_out(
            request, workshop, lambda: push(activity=activity, prompt=prompt, by=by), said
        )
    form = PromptFilter(workshop, request.GET)
    cleared = Prompt.objects.filter(
        workshop=workshop, is_severe=False, completions__screening=Completion.Screening.CLEARED
    )
    found = form.narrow(cleared.distinct()).order_by("pk")
    page = {
        "workshop": workshop,
        "line_at": "workshop",
        "here": "meeting",
        "activity": activity,
        "form": form,
        "page": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "elicitation/facilitate/push_prompt.html", page)


def settings(request: HttpRequest, slug: str) -> HttpResponse:
    """What people are told before they begin, and what they may be asked of themselves."""
    workshop = access.workshop_or_404(request.user, slug, *access.FACILITATES)
    # A form of this kind writes into what it is given, so it gets a copy of its own.
    held = Workshop.objects.get(pk=workshop.pk)
    form = SettingsForm(request.POST if request.method == "POST" else None, instance=held)
    if request.method == "POST" and form.is_valid():
        try:
            by = access.signed_in(request.user)
            setting_up.change_settings(workshop=workshop, by=by, **form.cleaned_data)
            messages.success(request, "That holds from now on.")
            return redirect("workshop-settings", slug)
        except Refused as refused:
            form.add_error(None, str(refused))
    page = {
        "workshop": workshop,
        "line_at": "workshop",
        "here": "meeting",
        "form": form,
        "questions": workshop.identity_questions.all(),
        "question_form": QuestionForm(auto_id="question-%s"),
    }
    status = 422 if form.errors else 200
    return render(request, "elicitation/facilitate/settings.html", page, status=status)


@require_POST
def add_question(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask one more thing that nobody has to answer."""
    workshop = access.workshop_or_404(request.user, slug, *access.FACILITATES)
    form = QuestionForm(request.POST)
    if form.is_valid():
        try:
            by = access.signed_in(request.user)
            setting_up.add_question(workshop=workshop, by=by, **form.cleaned_data)
            messages.success(request, "The question is there.")
        except Refused as refused:
            messages.error(request, str(refused))
    for errors in form.errors.values():
        messages.error(request, " ".join(str(error) for error in errors))
    return redirect("workshop-settings", slug)


@require_POST
def remove_question(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Take out a question that nobody answered."""
    question = access.question_or_404(request.user, slug, pk)
    try:
        setting_up.remove_question(question=question, by=access.signed_in(request.user))
        messages.success(request, "The question is taken out.")
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("workshop-settings", slug)
