"""What sections of an analysis's page are made of: shares, stored charts, places of communities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from elicitation.models import Workshop
from policy.models import Analysis
from policy.reading import CHART_TITLES, COMMUNITIES, Result


@dataclass(frozen=True)
class Share:
    """How one community or group answers: a share with its interval and n.

    place: the community's seat, for its colour; None where the label is no community.
    """

    name: str
    place: int | None
    value: float | None
    low: float | None
    high: float | None
    n: int
    too_few: bool


@dataclass(frozen=True)
class Chart:
    """A stored drawing with its title, its text and its numbers; nothing where none was stored."""

    svg: SafeString
    title: str
    says: str = ""
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[Any]] = ()


class Drawings:
    """The stored drawings of an analysis, for both widths, where they may be shown."""

    def __init__(self, analysis: Analysis, fewest: int) -> None:
        self.charts: Mapping[str, str] = analysis.charts
        people = [one["people"] for one in analysis.result["communities"]]
        # A drawing shows every community, so one small community keeps it from being shown.
        self.may_show = not fewest or all(number >= fewest for number in people)

    def get(
        self,
        name: str,
        title: str = "",
        says: str = "",
        columns: Sequence[str] = (),
        rows: Sequence[Sequence[Any]] = (),
    ) -> Chart | None:
        """One chart, or None where it was not drawn or may not be shown."""
        if name not in self.charts or not self.may_show:
            return None
        svg = both_widths(self.charts[name], self.charts.get(f"{name}_narrow", ""))
        return Chart(svg, title or CHART_TITLES[name], says, columns, rows)


def both_widths(wide: str, narrow: str) -> SafeString:
    """Two drawings of one chart; the stylesheet shows the one that fits.

    They come from our own worker, where texts in them were escaped.
    """
    if not narrow:
        return mark_safe(wide)  # noqa: S308
    return mark_safe(  # noqa: S308
        f'<div class="on-pages">{wide}</div><div class="on-phones">{narrow}</div>'
    )


def place_of(result: Result, label_set: str, label: str) -> int | None:
    """The seat of a community; None for other labels."""
    if label_set != COMMUNITIES:
        return None
    slugs = [one["slug"] for one in result["communities"]]
    return slugs.index(label) if label in slugs else None


def fewest(workshop: Workshop) -> int:
    """Below how many people a result is too few to say; 0 for what was published elsewhere."""
    return 0 if workshop.is_public else workshop.small_cell
