"""The frame around every page of a workshop: the line it is on, and the workshop's own pages."""

from typing import Any

from django import template
from django.urls import reverse

from deploy.overview import Line, lines_of
from elicitation import access
from elicitation.kernel.models import Work
from elicitation.models import Workshop
from policy.models import Analysis, ConstitutionVersion
from training.models import DatasetSnapshot, TrainingRun

register = template.Library()

# Only where people join: what was published elsewhere has no meeting and reaches no phone.
LIVE_ONLY = ("meeting", "screening")
TABS = (
    ("workshop", "Overview", access.ROLES),
    ("meeting", "Meeting", access.FACILITATES),
    ("screening", "Moderation", access.MODERATES),
    ("statements", "Statements", access.ROLES),
    ("prompts", "Prompts", access.ROLES),
    ("analyses", "Analyses", access.ROLES),
    ("people", "People", access.STAFF),
    ("import", "Import", access.BRINGS_DATA),
)


@register.inclusion_tag("parts/line.html")
def line(
    workshop: Workshop,
    at: str = "",
    analysis: Analysis | None = None,
    version: ConstitutionVersion | None = None,
    snapshot: DatasetSnapshot | None = None,
    run: TrainingRun | None = None,
) -> dict[str, Any]:
    """From workshop to report: what this page shows and what that came from, else the newest."""
    shown = lines_of([workshop])[workshop.pk]
    if run:
        shown.run = run
        shown.run_work = Work.objects.latest_for(run.subject)
        snapshot = run.snapshot
    if snapshot:
        shown.snapshot = snapshot
        version = snapshot.constitution_version
    if version:
        shown.version = version
        analysis = analysis or version.analysis
    if analysis:
        shown.analysis = analysis
    return steps(shown, at)


@register.inclusion_tag("parts/line.html")
def line_in_short(line: Line) -> dict[str, Any]:
    """The same for a card, from a line that was fetched with many others."""
    return steps(line, "") | {"short": True}


def steps(line: Line, at: str) -> dict[str, Any]:
    """What parts/line.html shows."""
    return {"steps": line.steps(at)}


@register.inclusion_tag("parts/tabs.html", takes_context=True)
def tabs(context: dict[str, Any], workshop: Workshop, here: str = "") -> dict[str, Any]:
    """Links to the workshop's pages that this reader may open."""
    user = context["request"].user
    return {
        "tabs": [
            {"name": name, "url": reverse(page, args=[workshop.slug]), "here": page == here}
            for page, name, roles in TABS
            if access.has_role(user, workshop, *roles)
            and not (workshop.is_public and page in LIVE_ONLY)
        ]
    }
