"""All fault lines at a glance: broad ones with the lines in them, how far apart, who stands where.

Drawn by the page from what is read now, so that names and borders changed by analysts hold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from elicitation.templatetags.look import plain_number
from policy.line_edits import Edited
from policy.line_edits import Line as EditedLine
from policy.reading import COMMUNITIES, Result, around, measured, points

if TYPE_CHECKING:
    from policy.showing_lines import Line

# Below this a line's borders should not be relied on (Hennig 2007).
FIRM = 0.6
CHANGES_SIDES = "Who stands against whom changes from line to line."
COLUMNS = ("Fault line", "Within", "Apart, in points", "One side", "Other side", "Found again")
Named = tuple[str, int | None]


@dataclass(frozen=True)
class Bar:
    """How long a bar is, and from where to where its interval goes: percent of the room."""

    length: str
    low: str
    high: str
    firm: bool


@dataclass(frozen=True)
class Branch:
    """One line, or a broad one with the lines in it. sides, between: names with seats.

    number: of the line, None for a broad one. bar: None where too few people answered.
    """

    name: str
    number: int | None
    size: str
    bar: Bar | None
    found_again: float | None
    sides: tuple[Sequence[Named], Sequence[Named]] = ((), ())
    between: Sequence[Named] = ()
    says: str = ""
    lines: Sequence[Branch] = field(default=())


def tree_shown(result: Result, read: Edited, lines: Sequence[Line]) -> dict[str, Any] | None:
    """Branches, with a table of the same; None where a single line needs no overview."""
    if len(lines) < 2:
        return None
    pairs = list(zip(read.lines, lines, strict=True))
    places = {one["name"]: place for place, one in enumerate(result["communities"])}
    broad, within = [], set()
    for one in result["fault_lines"].get("broad", ()):
        inside = [pair for pair in pairs if pair[0].get("parent") == one["number"]]
        # What is said of a broad line is made of all lines in it.
        if len(inside) > 1 and not any(shown.too_few for _, shown in inside):
            broad.append(_broad(one, [_line(*pair, places) for pair in inside]))
            within |= {shown.number for _, shown in inside}
    alone = [_line(*pair, places) for pair in pairs if pair[1].number not in within]
    return {"broad": broad, "alone": alone, "columns": COLUMNS, "rows": _rows(broad, alone)}


def _broad(one: Mapping[str, Any], lines: Sequence[Branch]) -> Branch:
    return Branch(
        one["name"],
        None,
        f"{points(one['size'])} on average{around(one['size_low'], one['size_high'])}",
        _bar(one),
        _found_again(one),
        says=f"{one['pattern']}." if one["pattern"] else CHANGES_SIDES,
        lines=lines,
    )


def _line(line: EditedLine, shown: Line, places: Mapping[str, int]) -> Branch:
    if shown.too_few:
        return Branch(shown.name, shown.number, "", None, None)
    standing = line["direction"].items()
    is_ours = line["between"] == COMMUNITIES
    named = [(name, places.get(name) if is_ours else None, where) for name, where in standing]
    sides = tuple([(n, p) for n, p, at in named if at == side] for side in ("higher", "lower"))
    return Branch(
        shown.name,
        shown.number,
        shown.size,
        _bar(line),
        _found_again(line),
        (sides[0], sides[1]),
        [(name, place) for name, place, where in named if where == "middle"],
    )


def _found_again(one: Mapping[str, Any]) -> float | None:
    return float(one["stability"]) if measured(one["stability"]) else None


def _bar(one: Mapping[str, Any]) -> Bar | None:
    if not measured(one["size"]):
        return None
    known = measured(one["size_low"]) and measured(one["size_high"])
    ends = (one["size_low"], one["size_high"]) if known else (one["size"], one["size"])
    length, low, high = (_percent(value) for value in (one["size"], *ends))
    again = _found_again(one)
    return Bar(length, low, high, again is not None and again >= FIRM)


def _percent(value: float) -> str:
    return str(plain_number(100 * min(1.0, max(0.0, value))))


def _rows(broad: Sequence[Branch], alone: Sequence[Branch]) -> list[list[Any]]:
    """The same as a table: broad lines, each before the lines in it, then those by themselves."""
    rows = []
    for one in broad:
        rows.append(_row(one, ""))
        rows += [_row(line, one.name) for line in one.lines]
    return rows + [_row(line, "") for line in alone]


def _row(one: Branch, within: str) -> list[Any]:
    name = f"{one.number}. {one.name}" if one.number else one.name
    if one.bar is None:
        return [name, within, "Too few to say", "", "", ""]
    sides = [" and ".join(who for who, _ in side) for side in one.sides]
    again = "" if one.found_again is None else round(one.found_again, 2)
    return [name, within, one.size, *sides, again]
