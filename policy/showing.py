"""An analysis as its page shows it: sections made of plain values, with nothing left to decide.

`fewest`: below how many people the answer is "too few to say"; 0 for what was published elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.text import capfirst

from policy.models import Analysis
from policy.reading import (
    CHART_TITLES,
    COMMUNITIES,
    Result,
    around,
    basis_of_result,
    found,
    label_name,
    percent,
    points,
    strongest,
    whose,
    widest,
)
from policy.showing_measures import (
    agreement_shown,
    groups_shown,
    label_sets_shown,
    preferences_shown,
)
from policy.showing_parts import Chart, Drawings, Share, place_of

MOST_ITEMS_IN_SIGHT = 8


@dataclass(frozen=True)
class Line:
    """One fault line."""

    number: int
    name: str
    sentence: str
    size: str
    stability: float | None
    sides: Sequence[tuple[str, Sequence[str]]]
    between: str
    too_few: bool
    chart: Chart | None
    items: Sequence[tuple[Mapping[str, Any], Sequence[Share]]] = field(default=())


def analysis_shown(analysis: Analysis, fewest: int) -> dict[str, Any]:
    """Every section of an analysis's page."""
    result = analysis.result
    drawn = Drawings(analysis, fewest)
    basis = basis_of_result(result)
    return {
        "found": found(result),
        "lines": [
            line_shown(result, number, line, drawn, fewest)
            for number, line in enumerate(result["fault_lines"]["lines"], start=1)
        ],
        "lines_sentence": result["fault_lines"]["sentence"],
        "basis": whose(basis),
        "common": [statement_shown(result, one, basis, fewest) for one in strongest(result, basis)],
        "divisive": [statement_shown(result, one, basis, fewest) for one in widest(result, basis)],
        "has_statements": bool(result["statements"]),
        "statements_chart": statements_chart(result, basis, drawn, fewest),
        "groups": groups_shown(result, drawn),
        "preferences": preferences_shown(result, drawn, fewest),
        "agreement": agreement_shown(result, drawn),
        "identified": result["identified"],
        "label_sets": label_sets_shown(result),
        "notes": result["notes"],
    }


def shares_of(
    result: Result, label_set: str, groups: Mapping[str, Any], fewest: int
) -> list[Share]:
    """One share per group that saw a statement."""
    return [
        Share(
            label_name(result, label_set, label),
            place_of(result, label_set, label),
            group["share"],
            group["low"],
            group["high"],
            group["seen"],
            group["seen"] < fewest,
        )
        for label, group in groups.items()
    ]


def statement_shown(
    result: Result, statement: Mapping[str, Any], basis: str, fewest: int
) -> dict[str, Any]:
    """A statement with how each group votes on it."""
    counted = statement["label_sets"][basis]
    shares = shares_of(result, basis, counted["groups"], fewest)
    least = counted["minimum"]
    return {
        "id": statement["id"],
        "external_id": statement["external_id"],
        "text": statement["text"],
        "theme": statement["theme"],
        "shares": shares,
        "least": label_name(result, basis, least["group"]) if least["group"] is not None else "",
        "low": percent(least["low"]),
        "gap": points(counted["polarisation"]),
        "q": counted["divisive_q"],
        "too_few": any(share.too_few for share in shares),
    }


def statements_chart(result: Result, basis: str, drawn: Drawings, fewest: int) -> Chart | None:
    """Every statement as a dot, with a table of all of them."""
    rows = [
        statement_shown(result, one, basis, fewest)
        for one in result["statements"]
        if basis in one["label_sets"]
    ]
    if not rows:
        return None
    names = [share.name for share in rows[0]["shares"]]
    table = [
        [f"#{row['external_id']} {row['text']}", *(in_brief(s) for s in row["shares"]), row["gap"]]
        for row in rows
    ]
    says = (
        "Filled: groups differ by more than chance gives. Numbers name the statements that stand "
        "out; the table has all of them."
    )
    return drawn.get("statements", "", says, ["Statement", *names, "Apart by"], table)


def in_brief(share: Share) -> str:
    """A share with interval and n in one cell of a table."""
    if share.too_few:
        return "Too few to say"
    return f"{percent(share.value)}{around(share.low, share.high)}, n {share.n}"


def line_shown(
    result: Result, number: int, line: Mapping[str, Any], drawn: Drawings, fewest: int
) -> Line:
    """A fault line with the words on both of its sides."""
    items = [(item, item_shares(result, item, fewest)) for item in line["items"]]
    too_few = any(share.too_few for _, shares in items for share in shares)
    names = [share.name for share in items[0][1]] if items else []
    table = [[str(item["text"]), *(in_brief(share) for share in shares)] for item, shares in items]
    shown = min(len(items), MOST_ITEMS_IN_SIGHT)
    says = f"The {shown} clearest of {len(items)} items." if shown < len(items) else ""
    title = CHART_TITLES["fault_line"].format(name=line["name"])
    return Line(
        number,
        line["name"],
        capfirst(line["sentence"].removeprefix(f"{line['name']}: ")),
        f"{points(line['size'])} apart{around(line['size_low'], line['size_high'])}",
        line["stability"],
        sides_of(line),
        "communities" if line["between"] == COMMUNITIES else "opinion groups",
        too_few,
        None
        if too_few
        else drawn.get(f"fault_line_{number}", title, says, ["Item", *names], table),
        items,
    )


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


def sides_of(line: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    """Each side's labels, with the words of the items it stands higher on."""
    texts = {item.get("key", item["text"]): str(item["text"]) for item in line["items"]}
    sides = []
    exemplars = line.get("exemplars") or [[], []]
    for side, keys in zip(("higher", "lower"), exemplars, strict=False):
        names = [name for name, where in line["direction"].items() if where == side]
        said = [texts[key] for key in keys if key in texts]
        if names and said:
            sides.append((" and ".join(names), said))
    return sides
