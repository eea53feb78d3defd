"""Pages about statements and votes, and the one page that brings answers in."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_safe

from deliberation import access
from deliberation.forms import ImportForm, StatementFilter
from deliberation.methods.disclosure import Shown, shown_split
from deliberation.models import Statement
from deliberation.results import sentence_of
from deliberation.tallies import Split, splits_of
from deliberation.tasks import IMPORT_UPLOAD
from deliberation.uploads import keep_uploads
from elicitation.access import workshop_or_404
from elicitation.errors import ImportRefused
from elicitation.kernel.models import Work
from elicitation.kernel.work import enqueue
from elicitation.models import Activity, ImportedFile, Workshop
from elicitation.progress import progress_fragment

PER_PAGE = 25
WORK_SHOWN = 5
VOTING = "People are voting. What came of it stands here when they are asked no more."


@require_safe
def statements(request: HttpRequest, slug: str) -> HttpResponse:
    """What people proposed, and how each community voted on it."""
    workshop = workshop_or_404(request.user, slug)
    form = StatementFilter(workshop, request.GET)
    found = form.narrow(Statement.objects.filter(workshop=workshop))
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    splits = splits_of(workshop, page.object_list)
    told = told_of(workshop, page.object_list, splits)
    context = {
        "workshop": workshop,
        "line_at": "workshop",
        "here": "statements",
        "form": form,
        "page": page,
        "rows": [
            (statement, splits[statement.pk], told.get(statement.pk))
            for statement in page.object_list
        ],
    }
    return render(request, "deliberation/statements.html", context)


def told_of(
    workshop: Workshop, statements: Iterable[Statement], splits: Mapping[int, Sequence[Split]]
) -> dict[int, list[tuple[Split, str]]]:
    """What is told of votes of people who trusted us; of published votes all is told elsewhere.

    By the rule of what is shown to the room, and only where nobody is voting: two looks at a
    running count tell what one person said in between.
    """
    if workshop.is_public:
        return {}
    votes = Activity.objects.filter(kind=Activity.Kind.VOTE, phase=Activity.Phase.ANSWERING)
    under_way = set(
        votes.filter(stage__workshop=workshop, stage__status="open").values_list("stage", flat=True)
    )
    told = {}
    for statement in statements:
        is_voted_on = statement.stage_id in under_way or (under_way and not statement.stage_id)
        told[statement.pk] = [
            (split, VOTING if is_voted_on else sentence_of(shown_of(split, workshop.small_cell)))
            for split in splits[statement.pk]
        ]
    return told


def shown_of(split: Split, small_cell: int) -> Shown:
    """What may be said of how one community voted."""
    return shown_split(split.agree, split.disagree, split.passed, small_cell)


# Who may, and how much, is decided before a byte is read; reading the token would read it all.
@csrf_exempt
def bring_in(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Take files and hand them to the worker; show what it is doing with those of before."""
    workshop = access.import_page_or_404(request.user, slug)
    if int(request.META.get("CONTENT_LENGTH") or 0) > settings.IMPORT_MAX_BYTES:
        refusal = {"workshop": workshop, "limit": settings.IMPORT_MAX_BYTES}
        return render(request, "deliberation/import_too_large.html", refusal, status=413)
    request.upload_handlers = [TemporaryFileUploadHandler(request)]
    return take_files(request, workshop)


@csrf_protect
def take_files(request: HttpRequest, workshop: Workshop) -> HttpResponse:
    """The form, and what was sent with it."""
    is_sent = request.method == "POST"
    form = ImportForm(workshop, request.POST, request.FILES) if is_sent else ImportForm(workshop)
    if is_sent and form.is_valid():
        try:
            enqueue_upload(workshop, form.cleaned_data, by=request.user.pk)
            return redirect("import", workshop.slug)
        except ImportRefused as refused:
            form.add_error("uploads", str(refused))
    subject = access.import_subject(workshop)
    context = {
        "workshop": workshop,
        "line_at": "workshop",
        "here": "import",
        "form": form,
        "limit": settings.IMPORT_MAX_BYTES,
        "works": with_reports(Work.objects.filter(subject=subject).order_by("-pk")[:WORK_SHOWN]),
    }
    status = 422 if form.errors else 200
    return render(request, "deliberation/import.html", context, status=status)


def enqueue_upload(workshop: Workshop, data: dict[str, Any], *, by: int | None) -> Work:
    """Keep the files and ask the worker to read them."""
    return enqueue(
        IMPORT_UPLOAD,
        subject=access.import_subject(workshop),
        kind=data["kind"],
        format=data["format"],
        upload=keep_uploads(data["uploads"]),
        workshop=workshop.pk,
        community=data["community"],
        by=by,
    )


def with_reports(works: QuerySet[Work]) -> list[tuple[Work, ImportedFile | None]]:
    """Each piece of work with the import that came of it."""
    made = [(work.result or {}).get("imported_file") for work in works]
    files = ImportedFile.objects.select_related("workshop").in_bulk([pk for pk in made if pk])
    return [(work, files.get(pk)) for work, pk in zip(works, made, strict=True)]


@require_safe
def import_progress(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """How far one import is."""
    _, work = access.import_work_or_404(request.user, slug, pk)
    return progress_fragment(request, work)
