"""Drawings of statements and opinion groups: the swarm, the map of statements, stability of K."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from elicitation.kernel.charts import INK, QUIET, svg
from policy.drawing import (
    DASHED,
    LINE,
    LINE_HEIGHT,
    NARROW,
    WIDE,
    Mark,
    Row,
    Spec,
    Style,
    both_widths,
    interval_rows,
    marked,
    text_width,
    words,
    y_pixel,
)
from policy.reading import (
    CHART_TITLES,
    OPINION_GROUPS,
    STATEMENT_KINDS,
    Result,
    basis_of_result,
    kind_of,
    label_name,
    made_decisions,
    measured,
    percent,
    points,
    position_of,
    standing,
)

# More marks than this make a drawing heavier, not clearer.
MOST_PEOPLE, MOST_PLACED, MOST_NUMBERED = 600, 400, 8
TALLEST, DOTS = 260, (7.0, 6.0, 5.0, 4.0, 3.0, 2.0)
LONGEST_TITLE = 160
# No colour of a community's, so that nothing here is taken for one; each kind has its own shape.
LOOKS = {
    "common_ground": Style(STATEMENT_KINDS["common_ground"], "#0b5f5c", "circle"),
    "community_specific": Style(STATEMENT_KINDS["community_specific"], "#a9cfca", "square"),
    "contested": Style(STATEMENT_KINDS["contested"], "#e69f00", "diamond"),
    "not_selected": Style(STATEMENT_KINDS["not_selected"], "#ffffff", "circle"),
    "too_few": Style(STATEMENT_KINDS["too_few"], "#d9d4c8", "triangle-down"),
}


@dataclass(frozen=True)
class Dot:
    """One statement in the swarm. at: -1 (agreed by all) to 1 (divisive); None: too few to say."""

    kind: str
    at: float | None
    title: str


def statement_charts(result: Result) -> dict[str, str]:
    """Drawings by name, each with a `_narrow` one for phones.

    Names: swarm, opinion_space_statements, opinion_groups_stability. result: without what is about
    too few people.
    """
    return _swarm(result) | _statement_map(result) | _stability(result)


def _swarm(result: Result) -> dict[str, str]:
    basis = basis_of_result(result)
    made = made_decisions(result)
    dots = [
        _dot(result, one, basis, kind_of(made, one, basis, 0)) for one in standing(result, basis)
    ]
    return _hovering("swarm", lambda width: _swarm_spec(dots, width)) if dots else {}


def _hovering(name: str, draw: Callable[[int], Spec]) -> dict[str, str]:
    """Two drawings of one chart, whose marks say what they are under a pointer."""
    widths = {name: WIDE, f"{name}_narrow": NARROW}
    title = CHART_TITLES[name]
    return {key: svg(draw(width), title=title, hover=True) for key, width in widths.items()}


def _dot(result: Result, statement: Mapping[str, Any], basis: str, kind: str) -> Dot:
    named = f"#{statement['external_id']} {_cut(str(statement['text']))}"
    if kind == "too_few":
        return Dot(kind, None, f"{named}: {STATEMENT_KINDS[kind].lower()}")
    counted = statement["label_sets"][basis]
    least = counted["minimum"]
    where = label_name(result, basis, least["group"])
    says = f"at least {percent(least['low'])} agree in {where}, "
    says += f"{points(counted['polarisation'])} apart"
    return Dot(kind, position_of(counted), f"{named}: {STATEMENT_KINDS[kind].lower()}; {says}")


def _cut(text: str) -> str:
    """A text as short as a title that shows on hovering; the table has it whole."""
    joined = " ".join(text.split())
    return joined if len(joined) <= LONGEST_TITLE else f"{joined[:LONGEST_TITLE].rstrip()} …"


def packed(across: Sequence[float], radius: float) -> list[tuple[float, int]]:
    """Where dots stand so that none overlap: (pixels across, step up or down) for each.

    Columns as wide as a dot, filled from the middle (Wilkinson 1999, American Statistician 53:276):
    no dot moves by more than its radius.
    """
    filled: dict[int, int] = {}
    places = [(0.0, 0)] * len(across)
    for number in sorted(range(len(across)), key=lambda one: across[one]):
        column = int(across[number] // (2 * radius))
        before = filled.get(column, 0)
        filled[column] = before + 1
        step = (before + 1) // 2 * (1 if before % 2 else -1)
        places[number] = ((2 * column + 1) * radius, step)
    return places


def _fitting(across: Sequence[float]) -> tuple[float, list[tuple[float, int]]]:
    """The largest dots whose tallest column is not too tall, and where they stand."""
    for radius in DOTS:
        places = packed(across, radius)
        tallest = 2 * max((abs(step) for _, step in places), default=0) + 1
        if 2 * radius * tallest <= TALLEST:
            break
    return radius, places


def _swarm_spec(dots: Sequence[Dot], width: int) -> Spec:
    placed = [dot for dot in dots if dot.at is not None]
    left, room = 8.0, width - 16.0
    across = [room * (1 + float(dot.at or 0)) / 2 for dot in placed]
    radius, places = _fitting(across)
    key_rows, key_words, top = _key(dots, width)
    steps = max((abs(step) for _, step in places), default=0)
    middle = top + 12 + (2 * steps + 1) * radius
    bottom = middle + (2 * steps + 1) * radius + 10
    rows = [
        _row(dot, left + x, middle + 2 * radius * step)
        for dot, (x, step) in zip(placed, places, strict=True)
    ]
    ends = _ends(width, bottom)
    few, few_words, height = _beneath([d for d in dots if d.at is None], bottom + 40, width, radius)
    layers = [] if not placed else [_rule(left, middle, left + room, middle, {"color": LINE})]
    layers += [_rule(left + room / 2, top + 8, left + room / 2, bottom, DASHED)] if placed else []
    layers += [marks_at(rows + few, (1.8 * radius) ** 2), marks_at(key_rows, 90)]
    layers.append(words([*key_words, *(ends if placed else []), *few_words], colour=QUIET))
    return {"width": width, "height": height, "padding": 4, "layer": layers}


def _row(dot: Dot, x: float, y: float) -> Spec:
    look = LOOKS[dot.kind]
    return {"x": x, "y": y, "title": dot.title, "fill": look.colour} | {
        "stroke": INK,
        "shape": look.shape,
    }


def _key(dots: Sequence[Dot], width: int) -> tuple[list[Spec], list[Spec], float]:
    """What each mark means, with how many there are, in as many lines as they need."""
    numbers = {kind: sum(dot.kind == kind for dot in dots) for kind in LOOKS}
    there = {kind: look for kind, look in LOOKS.items() if numbers[kind]}
    return key_of(((look, f"{look.name} ({numbers[kind]})") for kind, look in there.items()), width)


def key_of(
    entries: Iterable[tuple[Style, str]], width: int
) -> tuple[list[Spec], list[Spec], float]:
    """Marks with their words in as many lines as they need, and where the room below begins."""
    marks, texts, x, y = [], [], 8.0, 10.0
    for look, text in entries:
        needed = 18 + text_width(text) + 18
        if x > 8 and x + needed > width:
            x, y = 8.0, y + LINE_HEIGHT + 4
        marks.append(
            {"x": x + 6, "y": y, "title": text, "fill": look.colour}
            | {"stroke": INK, "shape": look.shape}
        )
        texts.append({"x": x + 18, "y": y, "text": text})
        x += needed
    return marks, texts, y + LINE_HEIGHT


def _ends(width: int, y: float) -> list[Spec]:
    """What the two ends of the axis mean."""
    place = {"y": y + 8}
    return [
        {"x": 4, "text": "← Agreed by all", **place},
        {"x": width - 4, "text": "Divisive →", "end": True, **place},
    ]


def _beneath(
    dots: Sequence[Dot], top: float, width: int, radius: float
) -> tuple[list[Spec], list[Spec], float]:
    """Those about which there is too little to say: in a block of their own, at no place."""
    if not dots:
        return [], [], top - 16
    most = max(1, int((width - 16) // (2 * radius + 2)))
    text = {"x": 4, "y": top, "text": "Too few answers to place:"}
    rows = [
        _row(dot, 12 + (2 * radius + 2) * (i % most), top + 20 + (2 * radius + 2) * (i // most))
        for i, dot in enumerate(dots)
    ]
    return rows, [text], top + 28 + (2 * radius + 2) * (1 + (len(dots) - 1) // most)


def _rule(x: float, y: float, x2: float, y2: float, look: Spec) -> Spec:
    """A line from one place to another, in pixels."""
    across = {"field": "x", "type": "quantitative", "scale": None, "axis": None}
    return {
        "data": {"values": [{"x": x, "y": y, "x2": x2, "y2": y2}]},
        "mark": {"type": "rule", "aria": False, **look},
        "encoding": {"x": across, "y": y_pixel("y"), "x2": {"field": "x2"}, "y2": {"field": "y2"}},
    }


def marks_at(rows: Sequence[Spec], size: float, *, opacity: float = 1, edge: float = 1) -> Spec:
    """Marks at pixels, each with what shows on hovering where it has a title."""
    look = {"filled": True, "size": size, "opacity": opacity, "strokeWidth": edge}
    across = {"field": "x", "type": "quantitative", "scale": None, "axis": None}
    title = {"description": {"field": "title", "type": "nominal"}}
    return {
        "data": {"values": list(rows)},
        "mark": {"type": "point", **look},
        "encoding": {"x": across, "y": y_pixel("y"), **marked()}
        | (title if any("title" in row for row in rows) else {}),
    }


def _statement_map(result: Result) -> dict[str, str]:
    """Statements in the space in which people stand: near those who tend to agree with them."""
    people = result["opinion_space"]["points"]
    known = [
        one
        for one in standing(result, basis_of_result(result))
        if measured((one.get("space") or {}).get("x"))
    ]
    if not people or not known:
        return {}
    known.sort(key=lambda one: -one["space"]["extremity"])
    return _hovering("opinion_space_statements", lambda width: _map_spec(people, known, width))


def _map_spec(
    people: Sequence[Mapping[str, Any]],
    statements: Sequence[Mapping[str, Any]],
    width: int,
) -> Spec:
    height = round(width * (0.95 if width == NARROW else 0.55))
    every = 1 + len(people) // MOST_PEOPLE
    shown = statements[:MOST_PLACED]
    pixel = pixels_of(people, width, height)
    # Polis's projection keeps statements near the middle: drawn larger, around the same centre.
    larger = _reach(people) / (_reach([one["space"] for one in shown]) or 1.0)
    dots = [
        {"x": x, "y": y, "title": "A person", "fill": "#d9d4c8", "stroke": "#d9d4c8"}
        | {"shape": "circle"}
        for x, y in (pixel(one) for one in people[::every])
    ]
    placed = [
        {"x": x, "y": y, "fill": "#ffffff", "stroke": INK, "shape": "diamond"}
        | {"title": f"#{one['external_id']} {_cut(str(one['text']))}"}
        for one, (x, y) in ((one, pixel(one["space"], larger)) for one in shown)
    ]
    numbers = _numbers(shown, placed)
    layers = [marks_at(dots, 26), marks_at(placed, 80), words(numbers)]
    return {"width": width, "height": height, "padding": 8, "layer": layers}


def _reach(places: Iterable[Mapping[str, Any]]) -> float:
    """How far from the centre of the map the outermost stands, along either direction."""
    return max(max(abs(one["x"]), abs(one["y"])) for one in places)


def pixels_of(places: Iterable[Mapping[str, Any]], width: int, height: int) -> Any:
    """From the map to pixels, both directions by the same scale, as much of the room as it can."""
    xs, ys = zip(*((one["x"], one["y"]) for one in places), strict=True)
    spread = max((max(xs) - min(xs)) / (width - 60), (max(ys) - min(ys)) / (height - 40)) or 1.0
    centre = (max(xs) + min(xs)) / 2, (max(ys) + min(ys)) / 2

    def pixel(one: Mapping[str, Any], larger: float = 1.0) -> tuple[float, float]:
        across = (larger * one["x"] - centre[0]) / spread
        up = (larger * one["y"] - centre[1]) / spread
        return (
            min(max(width / 2 + across, 8), width - 8),
            min(max(height / 2 - up, 24), height - 8),
        )

    return pixel


def _numbers(statements: Sequence[Mapping[str, Any]], placed: Sequence[Spec]) -> list[Spec]:
    """The numbers of the outermost statements, without those that would stand on another."""
    kept: list[Spec] = []
    for one, at in zip(statements, placed, strict=True):
        apart = all(abs(at["x"] - k["x"]) > 48 or abs(at["y"] - 13 - k["y"]) > 18 for k in kept)
        if apart:
            text = {"text": f"#{one['external_id']}", "middle": True}
            kept.append({"x": at["x"], "y": at["y"] - 13, **text})
        if len(kept) == MOST_NUMBERED:
            break
    return kept


def _stability(result: Result) -> dict[str, str]:
    """How alike the groups are when other people had come, for every number of groups."""
    groups = result["label_sets"].get(OPINION_GROUPS, {})
    found = sorted(groups.get("stability", {}).items(), key=lambda one: int(one[0]))
    if not any(measured(one["median"]) for _, one in found):
        return {}
    looks = {"": Style("", "#0b5f5c", "circle")}
    rows = [
        Row(f"{k} groups", [Mark("", one["median"], one["low"], one["high"])]) for k, one in found
    ]
    title = "1: the same every time; 0: as by chance"
    return both_widths(
        "opinion_groups_stability",
        CHART_TITLES["opinion_groups_stability"],
        lambda width: interval_rows(
            rows, looks, width, title=title, reference=None, percent=False, beside=110
        ),
    )
