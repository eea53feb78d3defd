"""Pages about what was found in a workshop, and the constitutions drafted from it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from elicitation.access import Role, has_role, workshop_or_404
from elicitation.kernel.models import Work
from elicitation.progress import progress_fragment
from policy import access
from policy.errors import PolicyRefused
from policy.exports import analysis_as_json, compare_versions, export_constitution
from policy.forms import AnalyseForm, DraftForm, RatifyForm
from policy.live import is_voting
from policy.models import Analysis
from policy.ratifying import open_ratification
from policy.reading import found
from policy.services import ask_for_analysis, draft_constitution
from policy.showing import analysis_shown
from policy.showing_asking import handed_over
from policy.showing_parts import fewest
from policy.showing_principles import differences_shown, principles_shown
from policy.showing_ratification import ratifications_shown
from policy.withholding import withheld

CONTENT_TYPES = {
    "json": "application/json",
    "yaml": "application/yaml",
    "md": "text/markdown; charset=utf-8",
}
FRAMED = {"line_at": "analysis", "here": "analyses"}


@require_safe
def analyses(request: HttpRequest, slug: str) -> HttpResponse:
    """What was found so far, what is being computed, and the constitutions drafted from it."""
    workshop = workshop_or_404(request.user, slug)
    rows = Analysis.objects.filter(workshop=workshop).select_related("created_by")
    newest = rows.first()
    work = Work.objects.latest_for(access.analysis_subject(workshop))
    constitutions = access.constitutions_of(request.user).filter(workshops=workshop)
    context = {
        "workshop": workshop,
        "analyses": rows.defer("result", "charts"),
        "newest": newest,
        "found": found(withheld(newest.result, fewest(workshop))) if newest else [],
        "work": work if work and work.status != Work.Status.DONE else None,
        "constitutions": constitutions.select_related("community").prefetch_related("versions"),
        "may_write": has_role(request.user, workshop, *access.WRITES_POLICY),
        "may_watch": is_voting(workshop) and has_role(request.user, workshop, *access.WATCHES),
        "analyse_form": AnalyseForm(),
        "draft_form": DraftForm(workshop),
        **FRAMED,
    }
    return render(request, "policy/analyses.html", context)


@require_POST
def analyse(request: HttpRequest, slug: str) -> HttpResponse:
    """Hand an analysis to the worker, unless one is under way."""
    workshop = access.policy_maker_or_403(request.user, slug)
    form = AnalyseForm(request.POST)
    work = Work.objects.latest_for(access.analysis_subject(workshop))
    if work and work.is_open:
        messages.info(request, "An analysis of this workshop is under way already.")
    elif form.is_valid():
        by = request.user if request.user.is_authenticated else None
        chosen = form.cleaned_data
        ask_for_analysis(workshop=workshop, seed=chosen["seed"], groups=chosen["groups"], by=by)
    else:
        messages.error(request, form.errors.as_text())
    return redirect("analyses", workshop.slug)


@require_safe
def analysis_progress(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """How far an analysis is."""
    return progress_fragment(request, access.analysis_work_or_404(request.user, slug, pk))


@require_safe
def analysis(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """What one analysis found: fault lines first, then common ground, then all the rest."""
    analysis = access.analysis_or_404(request.user, slug, pk)
    workshop = analysis.workshop
    context = {
        "workshop": workshop,
        "analysis": analysis,
        "shown": analysis_shown(analysis, fewest(workshop)),
        "may_write": has_role(request.user, workshop, *access.WRITES_POLICY),
        "may_ask": has_role(request.user, workshop, *access.ASKS_NEXT),
        "asking": handed_over(workshop),
        "analyse_form": AnalyseForm(),
        "draft_form": DraftForm(workshop),
        **FRAMED,
    }
    return render(request, "policy/analysis.html", context)


@require_safe
def analysis_json(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The whole analysis as a file; docs/analysis-export.md describes it."""
    analysis = access.whole_analysis_or_403(request.user, slug, pk)
    response = JsonResponse(analysis_as_json(analysis), json_dumps_params={"indent": 1})
    return attached(response, f"analysis-{slug}-{pk}.json")


def attached(response: HttpResponse, name: str) -> HttpResponse:
    """The response as a file to keep."""
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_POST
def draft(request: HttpRequest, slug: str) -> HttpResponse:
    """Draft the next version of a constitution, for all communities or for one."""
    workshop = access.policy_maker_or_403(request.user, slug)
    form = DraftForm(workshop, request.POST)
    if not form.is_valid():
        messages.error(request, form.errors["community"].as_text())
        return redirect("analyses", workshop.slug)
    by = request.user if request.user.is_authenticated else None
    community = form.cleaned_data["community"]
    try:
        version = draft_constitution(workshop=workshop, community=community, by=by)
    except PolicyRefused as refused:
        messages.error(request, str(refused))
        return redirect("analyses", workshop.slug)
    return redirect(version)


@require_safe
def constitution(request: HttpRequest, pk: int) -> HttpResponse:
    """The newest version of a constitution."""
    constitution = access.constitution_or_404(request.user, pk)
    return redirect(constitution.versions.latest())


@require_safe
def version(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """One version as a document: each principle with whose it is and what it rests on."""
    version = access.version_or_404(request.user, pk, number)
    workshop = version.analysis.workshop
    others = version.constitution.versions.exclude(pk=version.pk)
    context = {
        "workshop": workshop,
        "version": version,
        "principles": principles_shown(version, fewest(workshop)),
        "others": others.only("number", "constitution_id", "created_at"),
        "is_newest": not others.filter(number__gt=number).exists(),
        "formats": CONTENT_TYPES,
        "received": ratifications_shown(version),
        "ratify_form": RatifyForm(version),
        "may_ratify": access.may_ratify(request.user, version.constitution),
        "may_freeze": access.has_role_in_all(request.user, version.constitution, Role.TRAINER),
        **FRAMED,
        "line_at": "constitution",
    }
    return render(request, "policy/constitution.html", context)


@require_POST
def ratify(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Put a version before the communities that it speaks for."""
    version = access.ratifiable_or_403(request.user, pk, number)
    form = RatifyForm(version, request.POST)
    try:
        if not form.is_valid():
            raise PolicyRefused("Choose a stage in which people look at it.")
        by = request.user if request.user.is_authenticated else None
        open_ratification(version=version, stage=form.cleaned_data["stage"], by=by)
        messages.success(request, "Its communities can look at it when the stage is open.")
    except PolicyRefused as refused:
        messages.error(request, str(refused))
    return redirect(version)


@require_safe
def compare(request: HttpRequest, pk: int, number: int, other: int) -> HttpResponse:
    """What changed between two versions; the older is always before."""
    found = [access.version_or_404(request.user, pk, one) for one in sorted((number, other))]
    older, newer = found
    context = {
        "workshop": newer.analysis.workshop,
        "version": newer,
        "older": older,
        "newer": newer,
        **differences_shown(compare_versions(older, newer)),
        **FRAMED,
        "line_at": "constitution",
    }
    return render(request, "policy/compare.html", context)


@require_safe
def export(request: HttpRequest, pk: str, number: str, format: str) -> HttpResponse:
    """One version as a file that others can read."""
    version = access.version_or_404(request.user, int(pk), int(number))
    text = export_constitution(version, format)
    response = HttpResponse(text, content_type=CONTENT_TYPES[format])
    return attached(response, f"constitution-{pk}-{number}.{format}")
