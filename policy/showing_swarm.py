"""Every statement from agreed to divisive, as the page shows the swarm: a sentence and a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from policy.reading import (
    STATEMENT_KINDS,
    Result,
    basis_of_result,
    kind_of,
    label_name,
    made_decisions,
    percent,
    points,
    position_of,
    standing,
    whose,
)
from policy.showing_lines import in_brief
from policy.showing_parts import Drawings, Share, place_of

TOO_FEW = STATEMENT_KINDS["too_few"]


def swarm_shown(result: Result, drawn: Drawings, fewest: int) -> dict[str, Any] | None:
    """The drawing with its table, and what stands at both ends; None where it was not drawn."""
    basis, made = basis_of_result(result), made_decisions(result)
    rows = [(one, kind_of(made, one, basis, fewest)) for one in standing(result, basis)]
    labels = sorted({label for one, _ in rows for label in _groups(one, basis)})
    names = [label_name(result, basis, label) for label in labels]
    columns = ["Statement", "What is decided", *names, "All agree by at least", "Apart by"]
    table = [_row(result, one, basis, labels, kind, fewest) for one, kind in rows]
    chart = drawn.get("swarm", "", _says(basis), columns, table)
    return {"chart": chart, "sentence": _sentence(rows, basis)} if chart else None


def _groups(statement: Mapping[str, Any], basis: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = statement["label_sets"][basis]["groups"]
    return found


def _says(basis: str) -> str:
    return (
        f"The more people of every {whose(basis)} agree for certain, the further left a statement "
        "stands; the further they are apart on it, the further right. On the dashed line both "
        "weigh the same. Rest a pointer on a mark to read it, or open the table."
    )


def _row(
    result: Result,
    statement: Mapping[str, Any],
    basis: str,
    labels: Sequence[str],
    kind: str,
    fewest: int,
) -> list[str]:
    groups = _groups(statement, basis)
    shares = [
        in_brief(_share(result, basis, label, groups[label], fewest)) if label in groups else "–"
        for label in labels
    ]
    counted = statement["label_sets"][basis]
    told = [percent(counted["minimum"]["low"]), points(counted["polarisation"])]
    ends = [TOO_FEW, TOO_FEW] if kind == "too_few" else told
    words = f"#{statement['external_id']} {statement['text']}"
    return [words, STATEMENT_KINDS[kind], *shares, *ends]


def _share(result: Result, basis: str, label: str, group: Mapping[str, Any], fewest: int) -> Share:
    few = "withheld" in group or group["seen"] < fewest
    return Share(
        label_name(result, basis, label),
        place_of(result, basis, label),
        group["share"],
        group["low"],
        group["high"],
        group["seen"] or 0,
        few,
    )


def _sentence(rows: Sequence[tuple[Mapping[str, Any], str]], basis: str) -> str:
    """The statements at both ends, in their own words."""
    placed = [
        (position_of(one["label_sets"][basis]) or 0.0, str(one["text"]).strip().rstrip("."))
        for one, kind in rows
        if kind != "too_few"
    ]
    if not placed:
        return "So far too few people have voted to place any statement."
    if len(placed) == 1:
        return f"One statement has enough votes to be placed: “{placed[0][1]}”."
    agreed, divisive = min(placed)[1], max(placed)[1]
    return f"Most agreed by all: “{agreed}”. Most divisive: “{divisive}”."
