"""What exists in each workshop, from its people to its newest report."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, Model, Q
from django.urls import NoReverseMatch, reverse
from django.utils.formats import date_format

from deliberation.models import Statement, Vote
from elicitation.kernel.models import Work
from elicitation.models import Participant, Preference, Prompt, Workshop, WorkshopCommunity
from policy.models import Analysis, ConstitutionVersion
from policy.reading import count
from training.models import DatasetSnapshot, EvaluationReport, TrainingRun

STEPS = ("workshop", "analysis", "constitution", "dataset", "run", "report")
NOT_YET = "Not yet"


@dataclass(frozen=True)
class Step:
    """One step of the line from answers to a report, as a page shows it."""

    name: str
    note: str
    url: str = ""
    there: bool = False
    here: bool = False


@dataclass
class Line:
    """The things of one workshop that follow from one another; None where there is none yet."""

    workshop: Workshop
    analysis: Analysis | None = None
    version: ConstitutionVersion | None = None
    snapshot: DatasetSnapshot | None = None
    run: TrainingRun | None = None
    report: EvaluationReport | None = None
    run_work: Work | None = None

    @property
    def run_status(self) -> str:
        """How far the training run is, in a word."""
        if self.run is None:
            return NOT_YET
        if self.run_work:
            return str(self.run_work.get_status_display())
        return "Done" if self.report else "Made"

    def steps(self, at: str = "") -> list[Step]:
        """The six steps; at: the one that the reader is on, a word of STEPS."""
        report_run = self.report.checkpoint.run if self.report else None
        return [
            Step("Workshop", "", self.workshop.get_absolute_url(), True, at == "workshop"),
            step("Analysis", self.analysis, said_on(self.analysis), at == "analysis"),
            step("Constitution", self.version, version_note(self.version), at == "constitution"),
            step("Dataset", self.snapshot, rows_note(self.snapshot), at == "dataset"),
            step("Training run", self.run, self.run_status, at == "run"),
            Step(
                "Report",
                said_on(self.report),
                page("report", report_run.pk) if report_run else "",
                self.report is not None,
                at == "report",
            ),
        ]


def step(name: str, thing: Any, note: str, here: bool) -> Step:
    """A step with the page of what is there."""
    return Step(name, note, page_of(thing), thing is not None, here)


def page_of(thing: Any) -> str:
    """The address of a thing's page, or nothing where it has no page of its own."""
    try:
        return str(thing.get_absolute_url()) if thing else ""
    except NoReverseMatch:
        return ""


def page(name: str, *arguments: object) -> str:
    """The address of a named page, or nothing where there is none."""
    try:
        return reverse(name, args=arguments)
    except NoReverseMatch:
        return ""


def said_on(thing: Any) -> str:
    """The day it was made."""
    return date_format(thing.created_at, "DATE_FORMAT") if thing else NOT_YET


def version_note(version: ConstitutionVersion | None) -> str:
    """Which version it is."""
    return f"Version {version.number}" if version else NOT_YET


def rows_note(snapshot: DatasetSnapshot | None) -> str:
    """How many rows it has."""
    return count(snapshot.rows, "row") if snapshot else NOT_YET


def newest(
    model: type[Model], path: str, workshops: Sequence[Workshop], *follow: str
) -> dict[int, Any]:
    """The newest row for each workshop; path: the lookup from a row to its workshop."""
    found = (
        model._default_manager.filter(**{f"{path}__in": workshops})
        .order_by()
        .values_list(path)
        .annotate(newest=Max("pk"))
    )
    newest_of = dict(found)
    # Results, charts and configurations can be megabytes; a line needs none of them.
    heavy = {"result", "charts", "parameters", "summary", "config", "choosing"}
    names = {field.name for field in model._meta.concrete_fields}
    rows = model._default_manager.select_related(*follow).defer(*(heavy & names))
    by_pk = rows.in_bulk(list(newest_of.values()))
    return {workshop: by_pk[pk] for workshop, pk in newest_of.items()}


def lines_of(workshops: Sequence[Workshop]) -> dict[int, Line]:
    """The newest line of each workshop, in eleven queries however many there are."""
    of_version = "constitution__workshops"
    of_snapshot = f"constitution_version__{of_version}"
    of_run = f"snapshot__{of_snapshot}"
    analyses = newest(Analysis, "workshop", workshops, "workshop")
    versions = newest(ConstitutionVersion, of_version, workshops, "constitution")
    snapshots = newest(DatasetSnapshot, of_snapshot, workshops)
    runs = newest(TrainingRun, of_run, workshops)
    reports = newest(EvaluationReport, f"checkpoint__run__{of_run}", workshops, "checkpoint__run")
    subjects = [run.subject for run in runs.values()]
    works = {
        work.subject: work for work in Work.objects.filter(subject__in=subjects).order_by("pk")
    }
    return {
        workshop.pk: Line(
            workshop,
            analyses.get(workshop.pk),
            versions.get(workshop.pk),
            snapshots.get(workshop.pk),
            runs.get(workshop.pk),
            reports.get(workshop.pk),
            works.get(runs[workshop.pk].subject) if workshop.pk in runs else None,
        )
        for workshop in workshops
    }


@dataclass
class Seat:
    """One community of a workshop with how much it said."""

    seat: WorkshopCommunity
    people: int = 0
    votes: int = 0
    preferences: int = 0

    @property
    def answers(self) -> int:
        """Votes and preferences together."""
        return self.votes + self.preferences


def seats_of(workshops: Iterable[Workshop]) -> dict[int, list[Seat]]:
    """The communities of each workshop with their people and answers, in four queries."""
    workshops = list(workshops)
    seats = WorkshopCommunity.objects.filter(workshop__in=workshops).select_related("community")
    mine = Q(workshop__in=workshops)
    people = counted(Participant.objects.filter(mine), "seat")
    votes = counted(Vote.objects.filter(participant__workshop__in=workshops), "participant__seat")
    preferences = counted(
        Preference.objects.filter(comparison__participant__workshop__in=workshops),
        "comparison__participant__seat",
    )
    result: dict[int, list[Seat]] = {workshop.pk: [] for workshop in workshops}
    for seat in seats:
        row = Seat(seat, *(count.get(seat.pk, 0) for count in (people, votes, preferences)))
        result[seat.workshop_id].append(row)
    return result


def counted(rows: Any, path: str) -> dict[int, int]:
    """How many rows there are for each value of a lookup."""
    return dict(rows.order_by().values_list(path).annotate(number=Count("pk")))


def things_of(workshop: Workshop) -> dict[str, int]:
    """How many statements and prompts a workshop has."""
    return {
        "statements": Statement.objects.filter(workshop=workshop).standing().count(),
        "prompts": Prompt.objects.filter(workshop=workshop).count(),
    }


def work_of(lines: Iterable[Line]) -> list[Work]:
    """What is under way or waiting in these workshops, newest first."""
    subjects: list[str] = []
    for line in lines:
        subjects += [f"import:{line.workshop.pk}", f"analysis:{line.workshop.slug}"]
        subjects += [f"snapshot:{line.version.pk}"] if line.version else []
        subjects += [line.run.subject] if line.run else []
    return list(Work.objects.open().filter(subject__in=subjects).order_by("-pk")[:20])
