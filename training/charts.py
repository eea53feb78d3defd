"""The drawings of a training run, made by the worker when the run is done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from policy.drawing import Mark, Row, Style, both_widths, interval_rows, measured, style
from policy.drawing_lines import Series, lines_over_steps
from training.reading import CHART_TITLES

Metrics = Sequence[Mapping[str, Any]]
EVERYONE = Style("Everyone", "#1d2021", "circle")


def report_charts(
    metrics: Metrics, report: Mapping[str, Any] | None, communities: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Every drawing there is reason for: name → SVG, and name_narrow for phones.

    Names: loss, margin, group_weights, before_after. communities: slug → name in the order of
    their seats, which decides their colours; without it, slugs in the order of the alphabet.
    """
    names = dict(communities or {})
    for slug in sorted({slug for row in metrics for slug in row.get("communities") or {}}):
        names.setdefault(slug, slug)
    for slug in sorted((report or {}).get("communities", {})):
        names.setdefault(slug, slug)
    looks = {slug: style(name, place) for place, (slug, name) in enumerate(names.items())}
    return _curves(metrics, looks) | _before_after(report, looks)


def _curves(metrics: Metrics, looks: Mapping[str, Style]) -> dict[str, str]:
    drawn: dict[str, str] = {}
    loss = _overall(metrics, "loss")
    if loss:
        drawn |= _lines("loss", [Series(EVERYONE, loss)], "Loss at each step", None)
    margins = [
        Series(look, points)
        for slug, look in looks.items()
        if (points := _of_community(metrics, slug, "margin"))
    ]
    if margins:
        title = "Margin: above 0, the chosen answer gained on the rejected one"
        drawn |= _lines("margin", margins, title, 0.0)
    weights = [
        Series(look, points)
        for slug, look in looks.items()
        if (points := _of_community(metrics, slug, "weight"))
    ]
    if any(value != 1.0 for one in weights for _, value in one.points):
        title = "Weight of a community's rows; 1 is its plain share"
        drawn |= _lines("group_weights", weights, title, 1.0)
    return drawn


def _lines(
    name: str, series: Sequence[Series], title: str, reference: float | None
) -> dict[str, str]:
    return both_widths(
        name,
        CHART_TITLES[name],
        lambda width: lines_over_steps(series, width, title=title, reference=reference),
    )


def _overall(metrics: Metrics, name: str) -> list[tuple[float, float]]:
    return [(row["step"], row[name]) for row in metrics if measured(row.get(name))]


def _of_community(metrics: Metrics, slug: str, name: str) -> list[tuple[float, float]]:
    """A community's values at the steps that had rows of it."""
    found = [(row["step"], (row.get("communities") or {}).get(slug, {})) for row in metrics]
    return [(step, one[name]) for step, one in found if measured(one.get(name))]


def _before_after(report: Mapping[str, Any] | None, looks: Mapping[str, Style]) -> dict[str, str]:
    """Before (hollow) and after (filled) for each community, and the better length baseline."""
    rows, styles = [], {}
    for slug, one in (report or {}).get("communities", {}).items():
        look = looks[slug]
        styles[f"{slug} before"] = Style("before", look.colour, look.shape)
        styles[f"{slug} after"] = Style("after", look.colour, look.shape)
        marks = [
            Mark(f"{slug} {when}", found["estimate"], found["low"], found["high"], when == "before")
            for when, found in (("before", one["base"]), ("after", one["tuned"]))
        ]
        length = one["length_baseline"]
        thin = [Mark("", length["estimate"])] if measured(length["estimate"]) else []
        rows.append(Row(look.name, marks, thin))
    if not rows:
        return {}
    title = "Held-out answers it agrees with"
    return both_widths(
        "before_after",
        CHART_TITLES["before_after"],
        lambda width: interval_rows(rows, styles, width, title=title, beside=180),
    )
