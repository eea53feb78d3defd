"""A Vega-Lite specification for lines over steps, named at their ends."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from policy.drawing import (
    DASHED,
    GRID,
    INK,
    LINE_HEIGHT,
    TEXT,
    Spec,
    Style,
    axis_text,
    columns,
    marked,
    words,
)


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
    low, high = _range(series, reference)
    names_room = max((columns(one.look.name) for one in series), default=0) * TEXT * 0.58 + 16
    end = max(width * 0.45, width - names_room - 40)
    place = _axes(series, end, low, high)
    layers = [] if reference is None else [_level(reference, end, place["y"])]
    layers += _line_layers(series, place)
    layers.append(words(_end_names(series, end + 12, low, high, height)))
    words_above = {"text": title, "fontSize": TEXT, "fontWeight": "normal"}
    frame = {"title": words_above, "width": width - 40, "height": height, "padding": 4}
    return {**frame, "layer": layers}


def _range(series: Sequence[Series], reference: float | None) -> tuple[float, float]:
    """The lowest and highest value with a little room."""
    values = [value for one in series for _, value in one.points]
    values += [] if reference is None else [reference]
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    room = (high - low) * 0.08 or 0.5
    return low - room, high + room


def _axes(series: Sequence[Series], end: float, low: float, high: float) -> Spec:
    """Steps along the bottom up to `end` pixels, values at the side."""
    steps = [step for one in series for step, _ in one.points]
    across = {"domain": [min(steps, default=0), max(steps, default=1)], "range": [0, end]}
    upwards = {"domain": [low, high], "zero": False, "nice": False}
    x_axis = {"title": "Step", "tickMinStep": 1, "grid": False, "format": "d", **axis_text()}
    y_axis = {"title": None, "tickCount": 5, "gridColor": GRID, "domain": False, **axis_text()}
    return {
        "x": {"field": "step", "type": "quantitative", "scale": across, "axis": x_axis},
        "y": {"field": "value", "type": "quantitative", "scale": upwards, "axis": y_axis},
    }


def _level(reference: float, end: float, y: Spec) -> Spec:
    """A dashed level to compare with."""
    return {
        "data": {"values": [{"value": reference}]},
        "mark": {"type": "rule", **DASHED},
        "encoding": {"y": y, "x": {"value": 0}, "x2": {"value": end}},
    }


def _line_layers(series: Sequence[Series], place: Spec) -> list[Spec]:
    """Each line, and a mark at each of its steps."""
    rows = [
        {"step": step, "value": value, "who": one.look.name, "fill": one.look.colour}
        | {"stroke": INK, "shape": one.look.shape}
        for one in series
        for step, value in one.points
    ]
    stroke = {"field": "fill", "type": "nominal", "scale": None, "legend": None}
    who = {"detail": {"field": "who", "type": "nominal"}}
    dot = {"type": "point", "filled": True, "size": 45, "opacity": 1, "strokeWidth": 0.8}
    return [
        {
            "data": {"values": rows},
            "mark": {"type": "line", "strokeWidth": 2.5},
            "encoding": {**place, "stroke": stroke, **who},
        },
        {"data": {"values": rows}, "mark": dot, "encoding": {**place, **marked()}},
    ]


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
