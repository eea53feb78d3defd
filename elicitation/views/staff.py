"""Pages about people, what they were shown, and what came in."""

import csv
from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from elicitation import access
from elicitation.forms.staff import PeopleFilter, PromptFilter, WorkshopForm
from elicitation.kernel.tabular import csv_safe
from elicitation.models import (
    Activity,
    AnswerEvent,
    ImportedFile,
    ImportRejection,
    Participant,
    Prompt,
    Workshop,
)
from elicitation.services.staff import make_workshop
from elicitation.tallies import numbers_of, pairs_of

PER_PAGE = 25
REJECTIONS_PER_PAGE = 100
PEOPLE_PER_PAGE = 100


def new_workshop(request: HttpRequest) -> HttpResponse:
    """Make a workshop; whoever makes it facilitates it."""
    maker = access.workshop_maker_or_403(request.user)
    is_sent = request.method == "POST"
    form = WorkshopForm(request.POST if is_sent else None)
    if is_sent and form.is_valid():
        workshop = make_workshop(by=maker, **form.cleaned_data)
        if not workshop.is_public:
            messages.success(request, "The workshop is made. Next: set up the meeting.")
            return redirect("meeting", workshop.slug)
        messages.success(request, "The workshop is made. Next: bring in what people said.")
        return redirect(workshop)
    status = 422 if form.errors else 200
    return render(request, "elicitation/workshop_new.html", {"form": form}, status=status)


@require_safe
def import_report(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """What one import stored, what it noticed, and each row that it turned away."""
    imported = access.import_or_404(request.user, slug, pk)
    rejections = Paginator(imported.rejections.all(), REJECTIONS_PER_PAGE)
    page = {
        "workshop": imported.workshop,
        "line_at": "workshop",
        "imported": imported,
        "counts": [(words(name), count) for name, count in imported.counts.items()],
        "rejections": rejections.get_page(request.GET.get("page")),
    }
    return render(request, "elicitation/import_report.html", page)


def words(name: str) -> str:
    """A count's name as people read it."""
    return name.replace("_", " ").capitalize()


@require_safe
def import_rejections(request: HttpRequest, slug: str, pk: int) -> StreamingHttpResponse:
    """The rows that one import turned away, as a CSV file that is safe to open."""
    imported = access.import_or_404(request.user, slug, pk)
    response = StreamingHttpResponse(rejection_lines(imported), content_type="text/csv")
    name = f"rejected-{imported.workshop.slug}-{imported.pk}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def rejection_lines(imported: ImportedFile) -> Iterator[str]:
    """The rejections of one import as lines of CSV."""
    fields = ("file", "line", "field", "reason")
    rows = ImportRejection.objects.filter(imported_file=imported).values_list(*fields)
    writer = csv.writer(Lines())
    yield writer.writerow(fields)
    for row in rows.iterator():
        yield writer.writerow([csv_safe(value) for value in row])


class Lines:
    """A file for csv.writer that hands each line straight back."""

    def write(self, line: str) -> str:
        """The line itself."""
        return line


@require_safe
def prompts(request: HttpRequest, slug: str) -> HttpResponse:
    """What models were asked, with how many completions and preferences there are for each."""
    workshop = access.workshop_or_404(request.user, slug)
    form = PromptFilter(workshop, request.GET)
    found = form.narrow(Prompt.objects.filter(workshop=workshop)).order_by("pk")
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    numbers = numbers_of(page.object_list)
    context = {
        "workshop": workshop,
        "line_at": "workshop",
        "here": "prompts",
        "form": form,
        "page": page,
        "rows": [(prompt, *numbers[prompt.pk]) for prompt in page.object_list],
    }
    return render(request, "elicitation/prompts.html", context)


@require_safe
def prompt(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One prompt, what models answered and where from, and what each community prefers."""
    prompt = access.prompt_or_404(request.user, slug, pk)
    completions = list(prompt.completions.order_by("pk"))
    letters = {completion.pk: letter(place) for place, completion in enumerate(completions)}
    workshop = prompt.workshop
    context = {
        "workshop": workshop,
        "line_at": "workshop",
        "here": "prompts",
        "prompt": prompt,
        "warning": prompt.content_warning or workshop.content_warning,
        "completions": [(letters[completion.pk], completion) for completion in completions],
        "pairs": [] if is_under_way(workshop) else told(prompt, letters),
        "under_way": is_under_way(workshop),
    }
    return render(request, "elicitation/prompt.html", context)


def is_under_way(workshop: Workshop) -> bool:
    """Whether people are comparing: two looks at running counts tell what one of them said."""
    if workshop.is_public:
        return False
    comparing = workshop.stages.open().filter(activities__kind=Activity.Kind.COMPARE)
    return comparing.exists()


def told(prompt: Prompt, letters: dict[int, str]) -> list[tuple[str, str, list[Any]]]:
    """Each pair with what its communities said, and whether that may be told."""
    workshop = prompt.workshop
    small_cell = 0 if workshop.is_public else workshop.small_cell
    return [
        (
            letters[pair.one],
            letters[pair.other],
            [(row, row.may_be_told(small_cell)) for row in pair.rows],
        )
        for pair in pairs_of(prompt)
    ]


def letter(place: int) -> str:
    """A, B, … Z, then numbers: what a completion is called on its prompt's page."""
    return chr(ord("A") + place) if place < 26 else str(place + 1)


@require_safe
def people(request: HttpRequest, slug: str) -> HttpResponse:
    """The pseudonyms of a workshop with how much each said; never names."""
    workshop = access.workshop_or_404(request.user, slug, *access.STAFF)
    form = PeopleFilter(workshop, request.GET)
    found = form.narrow(Participant.objects.filter(workshop=workshop))
    found = found.select_related("seat__community").order_by("seat__position", "pk")
    page = Paginator(found, PEOPLE_PER_PAGE).get_page(request.GET.get("page"))
    shown = [person.pk for person in page.object_list]
    events = AnswerEvent.objects.filter(participant__in=shown).order_by()
    said = dict(events.values_list("participant").annotate(number=Count("pk")))
    context = {
        "workshop": workshop,
        "line_at": "workshop",
        "here": "people",
        "form": form,
        "page": page,
        "rows": [(person, said.get(person.pk, 0)) for person in page.object_list],
    }
    return render(request, "elicitation/people.html", context)
