"""The drawings of an analysis, made by the worker when the analysis is. Pages only show them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from policy.charts_changes import change_charts
from policy.charts_map import Places, map_charts, styles_of
from policy.charts_statements import statement_charts
from policy.drawing import (
    COLOURS,
    SHAPES,
    Mark,
    Row,
    Style,
    both_widths,
    interval_rows,
    measured,
)
from policy.reading import (
    CHART_TITLES,
    COMMUNITIES,
)

MOST_NAMED = 4
MOST_ITEMS_DRAWN = 8

Result = Mapping[str, Any]


def analysis_charts(
    result: Result, fewest: int = 0, places: Places | None = None
) -> dict[str, str]:
    """Every drawing that this result gives reason for: name → SVG, and name_narrow for phones.

    Names: fault_line_<number>, preferences, agreement_votes, agreement_preferences, sources, and
    those of `map_charts` and `statement_charts`. fewest, places: as in `map_charts`.
    """
    drawn = map_charts(result, fewest, places) | statement_charts(result)
    for number, line in enumerate(result["fault_lines"]["lines"], start=1):
        drawn |= _fault_line(result, number, line)
    drawn |= _preferences(result) | change_charts(result)
    for kind in ("votes", "preferences"):
        drawn |= _agreement(result, kind)
    return drawn | _sources(result)


def _fault_line(result: Result, number: int, line: Mapping[str, Any]) -> dict[str, str]:
    # A fault line calls its sides by name.
    looks = {look.name: look for look in styles_of(result, line["between"]).values()}
    rows = [
        Row(
            str(item["text"]),
            [
                Mark(name, value, item["low"].get(name), item["high"].get(name))
                for name, value in _in_order(item["values"], looks)
            ],
        )
        for item in line["items"][:MOST_ITEMS_DRAWN]
    ]
    title = "Share that agrees with each, or chooses more of it"
    # With more than two on one line their intervals could not be told apart.
    joined = all(len(row.marks) <= 2 for row in rows)
    return both_widths(
        f"fault_line_{number}",
        CHART_TITLES["fault_line"].format(name=line["name"]),
        lambda width: interval_rows(rows, looks, width, title=title, joined=joined),
    )


def _in_order(values: Mapping[str, Any], looks: Mapping[str, Style]) -> Iterable[tuple[str, Any]]:
    return ((name, values[name]) for name in looks if name in values)


def _preferences(result: Result) -> dict[str, str]:
    looks = styles_of(result, COMMUNITIES)
    by_feature: dict[str, list[Mark]] = {}
    names: dict[str, str] = {}
    for slug in looks:
        fitted = result["preferences"]["communities"].get(slug, {}).get("themes", {}).get("")
        for effect in fitted["effects"] if fitted else []:
            names[effect["feature"]] = effect["name"]
            ends = effect["chosen_low"], effect["chosen_high"]
            mark = Mark(slug, effect["chosen"], *ends)
            by_feature.setdefault(effect["feature"], []).append(mark)
    rows = [Row(f"It {names[feature]}", marks) for feature, marks in by_feature.items()]
    if not rows:
        return {}
    title = "Probability of being chosen; ½ is no difference"
    return both_widths(
        "preferences",
        CHART_TITLES["preferences"],
        lambda width: interval_rows(
            rows, looks, width, title=title, domain=_around_half(rows), beside=240
        ),
    )


def _around_half(rows: Iterable[Row]) -> tuple[float, float]:
    """A domain around one half that holds every estimate, and most of every interval."""
    values = [mark.value for row in rows for mark in row.marks]
    gaps = [abs(float(value or 0) - 0.5) for value in values if measured(value)]
    reach = min(0.5, max([0.15, *(1.6 * gap for gap in gaps)]))
    return 0.5 - reach, 0.5 + reach


def _agreement(result: Result, kind: str) -> dict[str, str]:
    section = result["agreement"][kind]
    looks = styles_of(result, COMMUNITIES)
    everyone = {"": Style("", "#4d4d4d", SHAPES[3])}
    rows = []
    if section["all"]:
        rows.append(Row("Everyone together", [_mark("", section["all"], "alpha")]))
    for slug, found in section["communities"].items():
        if slug in looks and len(looks) > 1:
            rows.append(Row(f"Within {looks[slug].name}", [_mark(slug, found, "alpha")]))
    # XRR is the same from both sides, so each two communities are drawn once.
    across = {frozenset((pair["first"], pair["second"])): pair for pair in section["across"]}
    for pair in across.values():
        first, second = (_name(looks, pair[side]) for side in ("first", "second"))
        rows.append(Row(f"Between {first} and {second}", [_mark("", pair, "xrr", "xrr_")]))
    marks = [mark for row in rows for mark in row.marks if measured(mark.value)]
    if not marks:
        return {}
    looks = {slug: Style("", look.colour, look.shape) for slug, look in looks.items()}
    low = min(0.0, *(float(end) for m in marks for end in (m.value, m.low) if end is not None))
    title = "Agreement: 0 is what chance gives, 1 is complete"
    return both_widths(
        f"agreement_{kind}",
        CHART_TITLES[f"agreement_{kind}"],
        lambda width: interval_rows(
            rows,
            looks | everyone,
            width,
            title=title,
            domain=(low, 1.0),
            reference=0.0,
            percent=False,
            beside=280,
        ),
    )


def _mark(who: str, found: Mapping[str, Any], name: str, ends: str = "") -> Mark:
    """An estimate with the interval stored beside it; older results have none."""
    return Mark(who, found[name], found.get(f"{ends}low"), found.get(f"{ends}high"))


def _name(looks: Mapping[str, Style], slug: str) -> str:
    return looks[slug].name if slug in looks else slug


def _sources(result: Result) -> dict[str, str]:
    strengths = (result["preferences"]["sources"] or {}).get("strengths", [])
    looks = {"": Style("", COLOURS[4], "circle")}
    marks = [Mark("", one["strength"], one["low"], one["high"]) for one in strengths]
    ends = [e for m in marks for e in (m.value, m.low, m.high) if e is not None and measured(e)]
    if not ends:
        return {}
    reach = max(abs(end) for end in ends) * 1.1 or 1.0
    rows = [Row(one["source"], [mark]) for one, mark in zip(strengths, marks, strict=True)]
    return both_widths(
        "sources",
        CHART_TITLES["sources"],
        lambda width: interval_rows(
            rows,
            looks,
            width,
            title="Strength (log-odds); 0 is the average",
            domain=(-reach, reach),
            reference=0.0,
            percent=False,
            beside=200,
        ),
    )
