"""Pages about datasets, the answers behind each row, training runs and their reports."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    JsonResponse,
)
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.views.decorators.http import require_POST, require_safe

from elicitation.kernel.models import Work
from elicitation.models import Participant, Prompt, User
from elicitation.progress import etag, progress_fragment
from elicitation.templatetags.look import progress_context
from policy.access import version_or_404
from policy.models import ConstitutionVersion
from policy.showing_parts import fewest
from training import access, showing
from training.errors import TrainingRefused
from training.exporting import exported_zip
from training.forms import ExportForm, FreezeForm, RowFilter, RunForm
from training.lineage import trace_participant, trace_row
from training.models import DatasetSnapshot, EvaluationReport
from training.services import ask_for_snapshot, cancel_training, continue_training, start_training
from training.telling import check_lines, fewest_of, principles_told, told

ROWS_PER_PAGE = 25
RUNS_PER_PAGE = 50


def asker(request: HttpRequest) -> User | None:
    """Who asks, for the record."""
    return request.user if isinstance(request.user, User) else None


@require_safe
def datasets(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """The datasets frozen from one constitution version, and the one being frozen."""
    version = version_or_404(request.user, pk, number)
    return datasets_page(request, version, FreezeForm(version))


def datasets_page(
    request: HttpRequest, version: ConstitutionVersion, form: FreezeForm, status: int = 200
) -> HttpResponse:
    """The page; form: as it was filled in, where something in it was wrong."""
    work = Work.objects.latest_for(access.freezing_subject(version))
    looked = showing.preview_of(work, version)
    context = {
        "workshop": version.analysis.workshop,
        "version": version,
        "snapshots": DatasetSnapshot.objects.filter(constitution_version=version),
        "work": work if work and work.status != Work.Status.DONE else None,
        "looked": looked,
        "form": form,
        "may_train": access.may_train(request.user, version),
        "line_at": "dataset",
    }
    return render(request, "training/datasets.html", context, status=status)


@require_POST
def freeze(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Hand the freezing of a dataset, or a look at it, to the worker, unless one is under way."""
    version = access.version_to_freeze_or_403(request.user, pk, number)
    form = FreezeForm(version, request.POST)
    work = Work.objects.latest_for(access.freezing_subject(version))
    if not form.is_valid():
        return datasets_page(request, version, form, status=422)
    if work and work.is_open:
        messages.info(request, "A dataset of this version is being frozen already.")
    else:
        data = form.cleaned_data
        ask_for_snapshot(
            version=version,
            kind=data["kind"],
            seed=data["seed"],
            selection=data["selection"],
            only_look="look" in request.POST,
            by=asker(request),
        )
    return redirect("datasets", pk, number)


@require_safe
def freeze_progress(request: HttpRequest, pk: int, number: int, work: int) -> HttpResponse:
    """How far a freezing is."""
    found = access.freezing_work_or_404(request.user, pk, number, work)
    return progress_fragment(request, found)


@require_safe
def snapshot(request: HttpRequest, name: str) -> HttpResponse:
    """A dataset: how much of what, what was left out and why, and its rows."""
    snapshot = access.snapshot_or_404(request.user, name)
    may_train = access.may_train(request.user, snapshot.constitution_version)
    form = RunForm(snapshot.kind) if may_train else None
    return render(request, "training/snapshot.html", snapshot_page(request, snapshot, form))


def snapshot_page(
    request: HttpRequest, snapshot: DatasetSnapshot, form: RunForm | None
) -> dict[str, object]:
    """What the page of a dataset shows; form: to start a run, for those who may."""
    version = snapshot.constitution_version
    places = showing.places_of(version)
    summary = told(snapshot.summary, snapshot.kind, fewest_of(version))
    row_filter = RowFilter(snapshot, {s: name for s, (name, _) in places.items()}, request.GET)
    may_see = access.may_see_answers(request.user, version)
    return {
        "workshop": version.analysis.workshop,
        "version": version,
        "snapshot": snapshot,
        "counts": showing.counts_shown(summary, places),
        "checks": check_lines(summary, snapshot.kind),
        "principles": principles_told(snapshot, summary),
        "export_form": ExportForm() if access.may_train(request.user, version) else None,
        "filter": row_filter,
        "may_see_answers": may_see,
        "runs": snapshot.runs.all(),
        "form": form,
        "line_at": "dataset",
        **(rows_page(request, snapshot, row_filter, places) if may_see else {}),
    }


def rows_page(
    request: HttpRequest, snapshot: DatasetSnapshot, row_filter: RowFilter, places: dict
) -> dict[str, object]:
    """One page of a dataset's rows, or why they cannot be shown."""
    wanted = request.GET.get("page", "1")
    number = max(1, int(wanted)) if wanted.isdecimal() else 1
    rows = showing.rows_matching(snapshot, row_filter.asked(), places)
    try:
        shown, total = showing.page_of_rows(rows, number, ROWS_PER_PAGE)
        if total and not shown:  # beyond the end: the last page, as the paginator says
            number = -(-total // ROWS_PER_PAGE)
            rows = showing.rows_matching(snapshot, row_filter.asked(), places)
            shown, total = showing.page_of_rows(rows, number, ROWS_PER_PAGE)
    except TrainingRefused as refused:
        return {"rows_lost": str(refused)}
    page = Paginator(range(total), ROWS_PER_PAGE).get_page(number)
    return {"rows": shown, "page": page, "total": total}


@require_POST
def export(request: HttpRequest, name: str) -> HttpResponseBase:
    """A dataset in a format of other tools, with its card, as one zip file."""
    snapshot = access.snapshot_to_train_on_or_403(request.user, name)
    form = ExportForm(request.POST)
    if not form.is_valid():
        messages.error(request, form.errors.as_text())
        return redirect(snapshot)
    try:
        file = exported_zip(snapshot=snapshot, by=asker(request), **form.cleaned_data)
    except TrainingRefused as refused:
        messages.error(request, str(refused))
        return redirect(snapshot)
    called = f"{snapshot.hash[:12]}-{form.cleaned_data['format']}.zip"
    return FileResponse(file, as_attachment=True, filename=called)


@require_safe
def row(request: HttpRequest, name: str, row: str) -> HttpResponse:
    """One row, the principles it names, and every answer it rests on, down to file and line."""
    snapshot = access.snapshot_for_staff_or_403(request.user, name)
    try:
        traced = trace_row(row, snapshot)
    except TrainingRefused as refused:
        raise Http404(str(refused)) from refused
    version = snapshot.constitution_version
    prompt = (
        Prompt.objects.filter(pk=traced["lineage"]["prompt"]).select_related("workshop").first()
    )
    workshop = prompt.workshop if prompt else version.analysis.workshop
    context = {
        "workshop": workshop,
        "version": version,
        "snapshot": snapshot,
        "traced": traced,
        "split": showing.SPLITS[traced["lineage"]["split"]],
        "community": showing.places_of(version).get(traced["lineage"]["community"]),
        "prompt": prompt,
        "warning": (prompt.content_warning if prompt else "") or workshop.content_warning,
        "line_at": "dataset",
    }
    return render(request, "training/row.html", context)


@require_safe
def trace_person(request: HttpRequest, slug: str) -> HttpResponse:
    """Every row that rests on one person's answers, found by pseudonym."""
    workshop = access.traced_workshop_or_404(request.user, slug)
    pseudonym = request.GET.get("pseudonym", "").strip()[:80]
    person = Participant.objects.filter(workshop=workshop, pseudonym=pseudonym).first()
    mine = set(access.snapshots_of(request.user).values_list("hash", flat=True))
    try:
        found = list(trace_participant(pseudonym, slug)) if person else []
    except TrainingRefused as refused:
        found = []
        messages.error(request, f"Not every dataset could be read. {refused}")
    context = {
        "workshop": workshop,
        "pseudonym": pseudonym,
        "person": person,
        "rows": [
            one | {"split": showing.SPLITS[one["split"]]}
            for one in found
            if one["snapshot"] in mine
        ],
        "here": "people",
        "line_at": "dataset",
    }
    return render(request, "training/trace.html", context)


@require_POST
def start_run(request: HttpRequest, name: str) -> HttpResponse:
    """Prepare a run and hand it to the worker."""
    snapshot = access.snapshot_to_train_on_or_403(request.user, name)
    form = RunForm(snapshot.kind, request.POST)
    if form.is_valid():
        data = form.cleaned_data
        try:
            run = start_training(
                snapshot=snapshot,
                recipe=data["recipe"],
                base=data["base"],
                overrides=form.overrides(),
                by=asker(request),
            )
            return redirect(run)
        except TrainingRefused as refused:
            form.add_error(None, str(refused))
    page = snapshot_page(request, snapshot, form)
    return render(request, "training/snapshot.html", page, status=422)


@require_safe
def runs(request: HttpRequest) -> HttpResponse:
    """Every run this reader may see, the newest first."""
    found = access.runs_of(request.user).select_related(
        "snapshot__constitution_version__constitution", "checkpoint__report__worst_community"
    )
    page = Paginator(found, RUNS_PER_PAGE).get_page(request.GET.get("page"))
    subjects = {one.subject: one for one in page.object_list}
    works = {
        work.subject: work
        for work in Work.objects.filter(subject__in=subjects).order_by("pk").defer("traceback")
    }
    rows = [(one, works.get(subject)) for subject, one in subjects.items()]
    return render(request, "training/runs.html", {"page": page, "rows": rows})


@require_safe
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """One run: how far it is, what it measured, and what came out for each community."""
    run = access.run_or_404(request.user, pk)
    version = run.snapshot.constitution_version
    report = EvaluationReport.objects.filter(checkpoint__run=run).first()
    places = showing.places_of(version)
    work = Work.objects.latest_for(run.subject)
    workshop = version.analysis.workshop
    context = {
        "workshop": workshop,
        "version": version,
        "snapshot": run.snapshot,
        "run": run,
        **(progress_context(work) if work else {}),
        "live": showing.live_shown(run),
        "report": showing.report_shown(report, places, fewest(workshop)) if report else None,
        "curves": showing.curves_of(report.charts) if report else [],
        "metrics": showing.metric_rows(run),
        "config": showing.config_shown(run.config),
        "files": showing.files_of(run),
        "checkpoint": getattr(run, "checkpoint", None),
        "may_train": access.may_train(request.user, version),
        "warning": workshop.content_warning,
        "line_at": "report" if report else "run",
    }
    return render(request, "training/run.html", context)


@require_safe
def run_progress(request: HttpRequest, pk: int, work: int) -> HttpResponse:
    """How far a run is, with its curve so far; 304 while nothing moved."""
    run, found = access.run_work_or_404(request.user, pk, work)
    tag = etag(request, found)
    response = get_conditional_response(request, etag=tag)
    if response is None:
        shown = progress_context(found) | {"live": showing.live_shown(run), "run": run}
        response = render(request, "training/live.html", shown)
        if not found.is_open:
            response["HX-Refresh"] = "true"
    response["ETag"] = tag
    patch_cache_control(response, private=True, no_cache=True)
    return response


@require_POST
def cancel_run(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop a run; what it saved is kept, and it can be continued."""
    run = access.run_to_steer_or_403(request.user, pk)
    if cancel_training(run):
        messages.info(request, "The run is cancelled. Its last checkpoint is kept.")
    else:
        messages.info(request, "The run had ended already.")
    return redirect(run)


@require_POST
def continue_run(request: HttpRequest, pk: int) -> HttpResponse:
    """Take up a stopped run from its last complete checkpoint."""
    run = access.run_to_steer_or_403(request.user, pk)
    try:
        continue_training(run)
    except TrainingRefused as refused:
        messages.error(request, str(refused))
    return redirect(run)


@require_safe
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """The report of a run, on the run's page."""
    run = access.run_or_404(request.user, pk)
    return redirect(reverse("training-run", args=[run.pk]) + "#report")


@require_safe
def report_json(request: HttpRequest, pk: int) -> HttpResponse:
    """The report as a file."""
    run = access.run_or_404(request.user, pk)
    report = EvaluationReport.objects.filter(checkpoint__run=run).first()
    if report is None:
        raise Http404("This run has no report yet.")
    version = run.snapshot.constitution_version
    if showing.is_small(report.result, fewest(version.analysis.workshop)):
        raise PermissionDenied("The file holds results about too few people to be passed on.")
    response = JsonResponse(report.result, json_dumps_params={"indent": 1})
    response["Content-Disposition"] = f'attachment; filename="report-{run.pk}.json"'
    return response
