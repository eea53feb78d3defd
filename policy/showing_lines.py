"""Fault lines as pages show them: with the analyst's changes, in quotes that may be shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from django.utils.text import capfirst

from policy.editing_lines import lines_of
from policy.line_edits import Line as EditedLine
from policy.models import Analysis
from policy.quoting import quotable_now, trace, tradeoff
from policy.reading import CHART_TITLES, COMMUNITIES, Result, around, count, percent, points
from policy.showing_parts import Chart, Drawings, Share
from policy.showing_tree import tree_shown

MOST_ITEMS_IN_SIGHT = 8


@dataclass(frozen=True)
class Line:
    """One fault line. sides: for each, its labels and its quotes with where they come from."""

    number: int
    name: str
    sentence: str
    size: str
    stability: float | None
    sides: Sequence[tuple[str, Sequence[tuple[str, str]]]]
    between: str
    too_few: bool
    chart: Chart | None
    items: Sequence[tuple[Mapping[str, Any], Sequence[Share]]] = field(default=())
    tradeoff: str = ""
    rests_on: str = ""
    notes: Sequence[Mapping[str, Any]] = ()
    also: Sequence[int] = ()
    changed: bool = False


def lines_shown(analysis: Analysis, drawn: Drawings, fewest: int) -> dict[str, Any]:
    """`lines` by themselves, `tree` all at a glance, `edited` as they are read after changes."""
    result, read = analysis.result, lines_of(analysis)
    may_be_quoted = quotable_now(analysis.workshop, read.lines)
    lines = [line_shown(result, line, drawn, fewest, may_be_quoted) for line in read.lines]
    return {"lines": lines, "tree": tree_shown(result, read, lines), "edited": read}


def in_brief(share: Share) -> str:
    """A share with interval and n in one cell of a table."""
    if share.too_few:
        return "Too few to say"
    return f"{percent(share.value)}{around(share.low, share.high)}, n {share.n}"


def line_shown(
    result: Result,
    line: EditedLine,
    drawn: Drawings,
    fewest: int,
    may_be_quoted: Set[str],
) -> Line:
    """A fault line with the words on both of its sides."""
    items = [(item, item_shares(result, item, fewest)) for item in line["items"]]
    too_few = any(share.too_few for _, shares in items for share in shares)
    names = [share.name for share in items[0][1]] if items else []
    table = [[str(item["text"]), *(in_brief(share) for share in shares)] for item, shares in items]
    shown = min(len(items), MOST_ITEMS_IN_SIGHT)
    says = f"The {shown} clearest of {len(items)} items." if shown < len(items) else ""
    number, title = line["number"], CHART_TITLES["fault_line"].format(name=line["name"])
    # A drawing shows the line as it was computed, so it goes when its items change.
    as_computed = not {"merge", "split"} & set(line["by_hand"])
    quotes = [one for one in line.get("quotes", ()) if one["id"] in may_be_quoted]
    return Line(
        number,
        line["name"],
        _sentence(line) if as_computed else "",
        f"{points(line['size'])} apart{around(line['size_low'], line['size_high'])}",
        line["stability"],
        sides_of(line, quotes),
        "communities" if line["between"] == COMMUNITIES else "opinion groups",
        too_few,
        drawn.get(f"fault_line_{number}", title, says, ["Item", *names], table)
        if as_computed and not too_few
        else None,
        items,
        capfirst(tradeoff(line, quotes)),
        _rests_on(line),
        line["notes"],
        line["also"],
        bool(line["by_hand"]),
    )


def _sentence(line: EditedLine) -> str:
    """On which item they are furthest apart, and by how much."""
    first = max(line["items"], key=lambda item: abs(item["difference"]), default=None)
    if first is None:
        return ""
    shares = sorted(first["values"].items(), key=lambda one: -one[1])
    text = str(first["text"]).strip()
    if first["kind"] == "statement":
        told = ", ".join(f"{percent(value)} of {name}" for name, value in shares)
        return f"Furthest apart on “{text}”: {told} agree."
    told = ", ".join(f"{name} {percent(value)}" for name, value in shares)
    return f"Furthest apart on this: {text} ({told})."


def _rests_on(line: EditedLine) -> str:
    """How many items and people, as far as they were counted."""
    items = count(len(line["items"]), "item")
    people = line.get("people")
    return f"{items}, {count(people, 'person', 'people')}" if people else items


def item_shares(result: Result, item: Mapping[str, Any], fewest: int) -> list[Share]:
    """One share per side; a fault line calls its sides by name."""
    places = {one["name"]: place for place, one in enumerate(result["communities"])}
    return [
        Share(
            name,
            places.get(name),
            value,
            item["low"].get(name),
            item["high"].get(name),
            item["n"].get(name, 0),
            item["n"].get(name, 0) < fewest,
        )
        for name, value in item["values"].items()
    ]


def sides_of(
    line: Mapping[str, Any], quotes: Sequence[Mapping[str, Any]]
) -> list[tuple[str, list[tuple[str, str]]]]:
    """Each side's labels, with whole quotes and where each comes from.

    Analyses from before there were quotes show the texts of the items that a side stands higher on.
    """
    texts = {item.get("key", item["text"]): str(item["text"]) for item in line["items"]}
    numbers = {item["key"]: item["external_id"] for item in line["items"] if "external_id" in item}
    exemplars = line.get("exemplars") or [[], []]
    sides = []
    for place, side in enumerate(("higher", "lower")):
        names = [name for name, where in line["direction"].items() if where == side]
        mine = [one for one in quotes if one["side"] == place]
        said = [(str(one["text"]), trace(one, numbers)) for one in mine]
        if "quotes" not in line and place < len(exemplars):
            said = [(texts[key], "") for key in exemplars[place] if key in texts]
        if names and said:
            sides.append((" and ".join(names), said))
    return sides
