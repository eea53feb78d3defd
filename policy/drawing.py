"""Vega-Lite specifications that several charts share: words, marks and intervals in rows.

Everything is placed in pixels, so that labels stand beside what they name and long words wrap.
Each chart is drawn twice, for a page and for a phone, since text in a scaled drawing shrinks.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from elicitation.kernel.charts import INK, OKABE_ITO, QUIET, svg

Spec = dict[str, Any]

WIDE, NARROW = 720, 330
LINE, GRID = "#c9c4b8", "#eeebe4"
DASHED: Spec = {"color": INK, "strokeDash": [3, 3], "opacity": 0.6}
TEXT = 14
LINE_HEIGHT = 18
# The shapes that the stylesheet puts beside the same colours, in the same order.
COLOURS = OKABE_ITO
SHAPES = (
    *("circle", "square", "triangle-up", "diamond", "cross", "triangle-down"),
    "M-.5,-.87L.5,-.87L1,0L.5,.87L-.5,.87L-1,0Z",
    "M-1.1,-.6L1.1,-.6L1.1,.6L-1.1,.6Z",
)
# Opinion groups are not communities: they begin at another place of the same palette.
FIRST_OF_GROUPS = 4


@dataclass(frozen=True)
class Style:
    """How one community or group is drawn, and what it is called."""

    name: str
    colour: str
    shape: str


@dataclass(frozen=True)
class Mark:
    """One estimate with its interval; None where it was not measured."""

    who: str
    value: float | None
    low: float | None = None
    high: float | None = None
    hollow: bool = False


@dataclass(frozen=True)
class Row:
    """What the marks of one line of a chart are about."""

    label: str
    marks: Sequence[Mark]
    thin: Sequence[Mark] = field(default=())


def style(name: str, place: int) -> Style:
    """The style of the community that sits at this place of its workshop."""
    return Style(name, COLOURS[place % len(COLOURS)], SHAPES[place % len(SHAPES)])


def both_widths(name: str, title: str, draw: Callable[[int], Spec]) -> dict[str, str]:
    """Two drawings of one chart: `name` for a page, `name`_narrow for a phone."""
    widths = {name: WIDE, f"{name}_narrow": NARROW}
    return {key: svg(draw(width), title=title) for key, width in widths.items()}


def wrapped(text: str, width: int, most: int = 6) -> list[str]:
    """The text in lines of about so many pixels; what is beyond `most` lines ends in "…"."""
    room = max(8, int(width / (TEXT * 0.53)))
    lines, line = [], ""
    for word in _pieces(text, room):
        longer = f"{line}{word}"
        if line and columns(longer.rstrip()) > room:
            lines.append(line.rstrip())
            line = word
        else:
            line = longer
    lines.append(line.rstrip())
    return lines if len(lines) <= most else [*lines[: most - 1], f"{lines[most - 1]} …"]


def columns(text: str) -> int:
    """How wide a text is, counted in Latin letters; those of East Asia take two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _pieces(text: str, room: int) -> Iterable[str]:
    """Words with the space after them; a script without spaces may break anywhere."""
    for word in " ".join(text.split()).split(" "):
        if columns(word) <= room:
            yield f"{word} "
            continue
        piece = ""
        for char in word:
            if columns(piece + char) > room - 1:
                yield piece
                piece = ""
            piece += char
        yield f"{piece} "


def interval_rows(
    rows: Sequence[Row],
    styles: Mapping[str, Style],
    width: int,
    *,
    title: str,
    domain: tuple[float, float] = (0.0, 1.0),
    reference: float | None = 0.5,
    percent: bool = True,
    beside: int = 0,
    joined: bool = False,
) -> Spec:
    """One block per row: its words, then a line for each mark with its interval.

    beside: pixels for the words at the left on a page; 0 or a phone puts them above the marks.
    joined: connect the marks of a row, so that the gap between them is what is seen.
    """
    left = beside if width == WIDE else 0
    plot = (left + 8.0, width - 12.0)
    placed = _Layout(styles, plot, domain)
    height = placed.place(rows, left, width, joined)
    axis = value_axis(title, percent=percent)
    scale = {"domain": list(domain), "range": list(plot), "nice": False, "clamp": True}
    base = {"type": "quantitative", "scale": scale, "axis": axis}
    layers = [] if reference is None else [_reference(reference, height, base)]
    layers += _interval_layers(placed, base, joined)
    layers += [words(placed.words), words(placed.names, colour=QUIET)]
    return {"width": width, "height": height, "layer": layers, "padding": 4}


def value_axis(title: str, *, percent: bool) -> Spec:
    """An axis along the bottom with thin lines upwards."""
    look = {"tickCount": 5, "orient": "bottom", "grid": True, "gridColor": GRID, "domain": False}
    return {"format": "%" if percent else "~g", "title": title, **look, **axis_text()}


def _reference(at: float, height: float, x: Spec) -> Spec:
    """A dashed upright where there is no difference."""
    return {
        "data": {"values": [{"at": at, "top": 0, "end": height}]},
        "mark": {"type": "rule", **DASHED},
        "encoding": {"x": {"field": "at", **x}, "y": y_pixel("top"), "y2": {"field": "end"}},
    }


def _interval_layers(placed: _Layout, x: Spec, joined: bool) -> list[Spec]:
    """From the back: what joins marks, their intervals, thin uprights, the marks."""
    at = {"x": {"field": "value", **x}, "y": y_pixel("y")}
    thick = {"type": "line", "color": LINE, "strokeWidth": 5, "strokeCap": "round"}
    upright = {"type": "tick", "color": INK, "thickness": 2, "size": 22, "orient": "vertical"}
    joins = {
        "data": {"values": placed.joins},
        "mark": thick,
        "encoding": {**at, "detail": {"field": "row", "type": "nominal"}},
    }
    intervals = {
        "data": {"values": placed.intervals},
        "mark": {"type": "rule", "color": INK, "strokeWidth": 1.8},
        "encoding": {**at, "x": {"field": "low", **x}, "x2": {"field": "high"}},
    }
    thin = {"data": {"values": placed.thin}, "mark": upright, "encoding": at}
    points = {
        "data": {"values": placed.points},
        "mark": {"type": "point", "filled": True, "size": 110, "opacity": 1, "strokeWidth": 1},
        "encoding": {**at, **marked()},
    }
    return [*([joins] if joined else []), intervals, thin, points]


class _Layout:
    """Where everything of `interval_rows` stands, from the top down, in pixels."""

    def __init__(
        self, styles: Mapping[str, Style], plot: tuple[float, float], domain: tuple[float, float]
    ) -> None:
        self.styles, self.plot, self.domain = styles, plot, domain
        self.words: list[Spec] = []
        self.names: list[Spec] = []
        self.intervals: list[Spec] = []
        self.points: list[Spec] = []
        self.thin: list[Spec] = []
        self.joins: list[Spec] = []
        self.named: set[str] = set()

    def place(self, rows: Sequence[Row], left: int, width: int, joined: bool) -> float:
        """Place every row; returns the height."""
        y = 4.0
        for number, row in enumerate(rows):
            lines = wrapped(row.label, (left - 12) if left else width)
            for i, line in enumerate(lines):
                self.words.append({"x": 0, "y": y + LINE_HEIGHT * (i + 0.5), "text": line})
            top = y if left else y + LINE_HEIGHT * len(lines) + 3
            if joined and number == 0:
                self.name_above(row.marks, top + LINE_HEIGHT * 0.5)
                top += LINE_HEIGHT
            for i, mark in enumerate(row.marks):
                step = 0 if joined else i
                self.mark(mark, top + LINE_HEIGHT * (step + 0.5), number)
            self.thin += [{"value": m.value, "y": top + LINE_HEIGHT * 0.5} for m in row.thin]
            marks_end = top + LINE_HEIGHT * (1 if joined else len(row.marks))
            y = max(marks_end, y + LINE_HEIGHT * len(lines)) + 14
        return y

    def pixel(self, value: float) -> float:
        """Where a value stands from the left."""
        share = (value - self.domain[0]) / (self.domain[1] - self.domain[0])
        return self.plot[0] + min(1.0, max(0.0, share)) * (self.plot[1] - self.plot[0])

    def mark(self, mark: Mark, at: float, row: int) -> None:
        """One estimate with its interval, and its name when it is the first of its kind."""
        look = self.styles[mark.who]
        if not measured(mark.value):
            text = f"{look.name}: not measured" if look.name else "not measured"
            self.names.append({"x": self.plot[0], "y": at, "text": text})
            return
        value = float(mark.value or 0)
        fill = "#ffffff" if mark.hollow else look.colour
        self.points.append(
            {"value": value, "y": at, "fill": fill, "stroke": INK, "shape": look.shape}
        )
        self.joins.append({"value": value, "y": at, "row": row})
        ends = [value]
        if measured(mark.low) and measured(mark.high):
            ends += [float(mark.low or 0), float(mark.high or 0)]
            self.intervals.append({"low": mark.low, "high": mark.high, "y": at})
        if look.name and mark.who not in self.named:
            self.named.add(mark.who)
            self.name_beside(look.name, min(ends), max(ends), at)

    def name_beside(self, name: str, low: float, high: float, at: float) -> None:
        """A name after its interval, or before it where there is no room after."""
        room = text_width(name)
        after, before = self.pixel(high) + 12, self.pixel(low) - 12
        fits_after = after + room <= self.plot[1] + 12
        place = {"x": after} if fits_after else {"x": before, "end": True}
        self.names.append({**place, "y": at, "text": name})

    def name_above(self, marks: Sequence[Mark], at: float) -> None:
        """The names of marks on one line, each above its mark, pushed apart where they meet."""
        known = sorted(
            (self.pixel(float(mark.value or 0)), self.styles[mark.who].name, mark.who)
            for mark in marks
            if measured(mark.value)
        )
        end = 0.0
        for x, name, who in known:
            half = text_width(name) / 2
            middle = min(max(x, end + half, half), self.plot[1] + 12 - half)
            end = middle + half + 14
            self.named.add(who)
            self.names.append({"x": middle, "y": at, "text": name, "middle": True})


def text_width(text: str) -> float:
    """About how many pixels a text takes."""
    return columns(text) * TEXT * 0.55


def measured(value: float | None) -> bool:
    """Whether there is a number to draw."""
    return value is not None and math.isfinite(value)


def words(values: Sequence[Mapping[str, Any]], colour: str = INK, weight: str = "normal") -> Spec:
    """Texts at pixels; "end" in a value lets it end there instead of beginning."""
    base = {"type": "text", "baseline": "middle", "fontSize": TEXT, "color": colour}
    where = {
        "x": {"field": "x", "type": "quantitative", "scale": None, "axis": None},
        "y": y_pixel("y"),
        "text": {"field": "text", "type": "nominal"},
    }
    # A white edge keeps words readable where they cross a line.
    edge = {**base, "stroke": "#ffffff", "strokeWidth": 4, "strokeJoin": "round"}
    layers = []
    for align in ("left", "right", "center"):
        mine = [v for v in values if _align(v) == align]
        if mine:
            for mark in ({**edge, "color": "#ffffff"}, {**base, "fontWeight": weight}):
                layers.append(
                    {
                        "data": {"values": mine},
                        "mark": {**mark, "align": align},
                        "encoding": where,
                    }
                )
    return {"layer": layers}


def _align(value: Mapping[str, Any]) -> str:
    return "right" if value.get("end") else "center" if value.get("middle") else "left"


def y_pixel(name: str) -> Spec:
    """A vertical place in pixels from the top."""
    return {"field": name, "type": "quantitative", "scale": None, "axis": None}


def marked() -> Spec:
    """Fill, stroke and shape as the data say."""
    given = {"type": "nominal", "scale": None, "legend": None}
    return {
        "fill": {"field": "fill", **given},
        "stroke": {"field": "stroke", **given},
        "shape": {"field": "shape", **given},
    }


def axis_text() -> Spec:
    """Quiet words along an axis."""
    return {
        "labelFontSize": TEXT - 1,
        "titleFontSize": TEXT - 1,
        "titleFontWeight": "normal",
        "labelColor": QUIET,
        "titleColor": QUIET,
        "ticks": False,
        "labelPadding": 6,
        "labelFlush": False,
    }
