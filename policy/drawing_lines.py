"""A Vega-Lite specification for lines over steps, named at their ends."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from policy.drawing import INK, LINE_HEIGHT, TEXT, Spec, Style, axis_text, columns, marked, words


@dataclass(frozen=True)
class Series:
    """One line of a line chart: (step, value) pairs in order."""

    look: Style
    points: Sequence[tuple[float, float]]


def lines_over_steps(
    series: Sequence[Series],
    width: int,
    *,
    title: str,
    reference: float | None = None,
    height: int = 220,
) -> Spec:
    """Lines that are named at their ends, with steps along the bottom."""
    values = [v for one in series for _, v in one.points] + (
        [] if reference is None else [reference]
    )
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    room = (high - low) * 0.08 or 0.5
    low, high = low - room, high + room
    names_room = max((columns(one.look.name) for one in series), default=0) * TEXT * 0.58 + 16
    end = max(width * 0.45, width - names_room - 40)
    steps = [s for one in series for s, _ in one.points]
    x_scale = {"domain": [min(steps, default=0), max(steps, default=1)], "range": [0, end]}
    y_scale = {"domain": [low, high], "zero": False, "nice": False}
    x_axis = {"title": "Step", "tickMinStep": 1, "grid": False, "format": "d", **axis_text()}
    y_axis = {"title": None, "tickCount": 5, "gridColor": "#eeebe4", "domain": False}
    place = {
        "x": {"field": "step", "type": "quantitative", "scale": x_scale, "axis": x_axis},
        "y": {
            "field": "value",
            "type": "quantitative",
            "scale": y_scale,
            "axis": {**y_axis, **axis_text()},
        },
    }
    rows = [
        {"step": step, "value": value, "who": one.look.name, "fill": one.look.colour}
        | {"stroke": INK, "shape": one.look.shape}
        for one in series
        for step, value in one.points
    ]
    layers: list[Spec] = []
    if reference is not None:
        layers.append(
            {
                "data": {"values": [{"value": reference}]},
                "mark": {"type": "rule", "color": INK, "strokeDash": [3, 3], "opacity": 0.6},
                "encoding": {"y": place["y"], "x": {"value": 0}, "x2": {"value": end}},
            }
        )
    stroke = {"field": "fill", "type": "nominal", "scale": None, "legend": None}
    layers += [
        {
            "data": {"values": rows},
            "mark": {"type": "line", "strokeWidth": 2.5},
            "encoding": {**place, "stroke": stroke, "detail": {"field": "who", "type": "nominal"}},
        },
        {
            "data": {"values": rows},
            "mark": {"type": "point", "filled": True, "size": 45, "opacity": 1, "strokeWidth": 0.8},
            "encoding": {**place, **marked()},
        },
        words(_end_names(series, end + 12, low, high, height)),
    ]
    words_above = {"text": title, "fontSize": TEXT, "fontWeight": "normal"}
    frame = {"title": words_above, "width": width - 40, "height": height, "padding": 4}
    return {**frame, "layer": layers}


def _end_names(
    series: Sequence[Series], x: float, low: float, high: float, height: int
) -> list[dict[str, Any]]:
    """Each line's name at its end, pushed apart where lines end close together."""
    ends: list[dict[str, Any]] = [
        {"x": x, "y": height * (high - one.points[-1][1]) / (high - low), "text": one.look.name}
        for one in series
        if one.points and one.look.name
    ]
    ends.sort(key=lambda end: end["y"])
    for before, after in itertools.pairwise(ends):
        after["y"] = max(after["y"], before["y"] + LINE_HEIGHT)
    spill = (ends[-1]["y"] - height) if ends else 0
    if spill > 0:
        for end in ends:
            end["y"] -= spill
    return ends
