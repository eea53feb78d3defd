"""Fault lines as an analyst reads them: computed lines with the analyst's changes applied.

Plain values in and out; the computed lines are never touched. A change names its lines by the keys
of their items, so the same rule finds them in the analysis that it was made on and in later ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any

Line = dict[str, Any]
# A line of a later analysis is the same line when at least half of their items together are shared.
SAME = 0.5


@dataclass(frozen=True)
class Change:
    """One change in force. number: of its row. by, at: who made it and when, as shown."""

    number: int
    kind: str
    detail: Mapping[str, Any]
    by: str = ""
    at: Any = None


@dataclass
class Edited:
    """Lines with changes applied. lost: changes that found no line of theirs, and why."""

    lines: list[Line]
    applied: list[Change] = field(default_factory=list)
    lost: list[tuple[Change, str]] = field(default_factory=list)


class NotHere(Exception):
    """A change that cannot be applied to these lines; says why in words."""


def edited(lines: Iterable[Mapping[str, Any]], changes: Iterable[Change]) -> Edited:
    """Apply changes in order. What cannot be applied is left out and named, never half done."""
    found = Edited([_as_read(line, number) for number, line in enumerate(lines, start=1)])
    for change in changes:
        try:
            found.lines = KINDS[change.kind](found.lines, change)
            found.applied.append(change)
        except NotHere as why:
            found.lost.append((change, str(why)))
    return found


def keys_of(line: Mapping[str, Any]) -> list[str]:
    """What a line is known by: the keys of its items, sorted."""
    return sorted(str(item.get("key", item["text"])) for item in line["items"])


def _as_read(line: Mapping[str, Any], number: int) -> Line:
    return {**line, "number": number, "notes": [], "by_hand": [], "also": []}


def _line(lines: Sequence[Line], between: str, keys: Iterable[str]) -> Line:
    """The line that shares most items with these keys."""
    wanted = set(keys)
    best, overlap = None, 0.0
    for line in lines:
        ours = set(keys_of(line))
        share = len(ours & wanted) / len(ours | wanted) if line["between"] == between else 0.0
        if share > overlap:
            best, overlap = line, share
    if best is None or overlap < SAME:
        raise NotHere("No fault line has at least half of the items it was about.")
    return best


def _rename(lines: list[Line], change: Change) -> list[Line]:
    line = _line(lines, change.detail["between"], change.detail["keys"])
    new = {**line, "name": change.detail["name"], "by_hand": [*line["by_hand"], "name"]}
    return _with(lines, line, [new | {"computed_name": line.get("computed_name", line["name"])}])


def _annotate(lines: list[Line], change: Change) -> list[Line]:
    line = _line(lines, change.detail["between"], change.detail["keys"])
    note = {"text": change.detail["note"], "by": change.by, "at": change.at}
    return _with(lines, line, [{**line, "notes": [*line["notes"], note]}])


def _merge(lines: list[Line], change: Change) -> list[Line]:
    between = change.detail["between"]
    parts = []
    for keys in change.detail["lines"]:
        line = _line(lines, between, keys)
        if line not in parts:
            parts.append(line)
    if len(parts) < 2:
        raise NotHere("These items are one fault line already.")
    first = min(parts, key=lambda line: line["number"])
    others = [line for line in parts if line is not first]
    whole = {
        **max(parts, key=lambda line: (line["size"] or 0, -line["number"])),
        "number": first["number"],
        "name": change.detail["name"] or first["name"],
        "parent": first.get("parent"),
        "notes": [note for line in parts for note in line["notes"]],
        "by_hand": [*first["by_hand"], "merge"],
        "also": sorted({one for line in others for one in (line["number"], *line["also"])}),
        "people": max((line.get("people") or 0 for line in parts), default=0) or None,
        "quotes": [quote for line in parts for quote in line.get("quotes", [])],
    }
    kept = [line for line in lines if not any(line is other for other in others)]
    return _with(kept, first, [_measured(whole, [i for line in parts for i in line["items"]])])


def _split(lines: list[Line], change: Change) -> list[Line]:
    line = _line(lines, change.detail["between"], change.detail["keys"])
    wanted = set(change.detail["items"])
    out = [item for item in line["items"] if item.get("key", item["text"]) in wanted]
    rest = [item for item in line["items"] if item.get("key", item["text"]) not in wanted]
    if not out or not rest:
        raise NotHere("The items to be taken out are not there, or are all that is there.")
    number = max(one["number"] for one in lines) + 1
    by_hand = [*line["by_hand"], "split"]
    new = {**line, "number": number, "name": change.detail["name"], "notes": [], "also": []}
    parts = [({**line, "by_hand": by_hand}, rest), ({**new, "by_hand": by_hand}, out)]
    return _with(lines, line, [_measured(one, items) for one, items in parts])


def _with(lines: Sequence[Line], line: Line, new: Sequence[Line]) -> list[Line]:
    """The lines with one of them replaced where it stood."""
    return [kept for one in lines for kept in (new if one is line else [one])]


def _measured(line: Line, items: Sequence[Mapping[str, Any]]) -> Line:
    """The line with other items: what can be told from the items' own numbers, and nothing else.

    Its interval takes the items to err together, so it is rather too wide than too narrow. How
    stable hand-made borders are is not measured.
    """
    told = [_toward(item, line["direction"]) for item in items]
    told.sort(key=lambda item: (-(item["difference"] or 0), item["text"]))
    if told and told[0]["favoured_by"]:
        turned = {"higher": "lower", "lower": "higher"}
        direction = {name: turned.get(side, side) for name, side in line["direction"].items()}
        line, told = {**line, "direction": direction}, [_turned(item) for item in told]
    size = fmean(item["difference"] or 0 for item in told)
    half = fmean(_half_width(item, line["direction"]) for item in told)
    keys = {str(item.get("key", item["text"])) for item in told}
    return {
        **line,
        "items": told,
        "size": size,
        "size_low": max(0.0, size - half),
        "size_high": min(1.0, size + half),
        "stability": None,
        "exemplars": [_exemplars(told, side) for side in (0, 1)],
        "quotes": _quotes(line, told, keys),
    }


def _toward(item: Mapping[str, Any], direction: Mapping[str, str]) -> dict[str, Any]:
    """An item with how far these sides are apart on it."""
    higher, lower = (_mean(item, direction, side) for side in ("higher", "lower"))
    gap = None if higher is None or lower is None else higher - lower
    new = {"difference": abs(gap) if gap is not None else None}
    return {**item, **new, "favoured_by": int(gap is not None and gap < 0)}


def _mean(item: Mapping[str, Any], direction: Mapping[str, str], side: str) -> float | None:
    values = [item["values"].get(name) for name, where in direction.items() if where == side]
    known = [value for value in values if value is not None]
    return fmean(known) if known else None


def _half_width(item: Mapping[str, Any], direction: Mapping[str, str]) -> float:
    """Half of the 95 % interval of the difference between the sides on one item."""
    squares = 0.0
    for side in ("higher", "lower"):
        names = [name for name, where in direction.items() if where == side]
        widths = [_width(item, name) for name in names if item["values"].get(name) is not None]
        squares += sum(width**2 for width in widths) / len(widths) ** 2 if widths else 0.0
    return float(squares**0.5)


def _width(item: Mapping[str, Any], name: str) -> float:
    low, high = item["low"].get(name), item["high"].get(name)
    return 0.5 if low is None or high is None else float(high - low) / 2


def _turned(item: Mapping[str, Any]) -> dict[str, Any]:
    return {**item, "favoured_by": 1 - item["favoured_by"]}


def _exemplars(items: Sequence[Mapping[str, Any]], side: int) -> list[str]:
    return [str(i.get("key", i["text"])) for i in items if i["favoured_by"] == side][:3]


def _quotes(
    line: Line, items: Sequence[Mapping[str, Any]], keys: set[str]
) -> list[Mapping[str, Any]]:
    """The line's quotes that belong to these items, on the side that their item is on now."""
    side = {str(item.get("key", item["text"])): item["favoured_by"] for item in items}
    ours = [quote for quote in line.get("quotes", []) if quote["item"] in keys]
    return sorted(
        ({**quote, "side": side[quote["item"]]} for quote in ours), key=lambda one: one["side"]
    )


KINDS = {"rename": _rename, "annotate": _annotate, "merge": _merge, "split": _split}
