"""Which changes between two occasions may be told, and the clearest of them. Plain Python."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policy.reading import COMMUNITIES, Result, measured

# Drawings are made before anyone asks for them, so for the usual smallest number of people.
USUAL_FEWEST = 10
MOST_DRAWN = 8

Told = list[tuple[Mapping[str, Any], Mapping[str, Any]]]


def changes_of(result: Result, slug: str) -> Told:
    """(statement, change) for every statement on which people of a community voted twice."""
    votes = (result.get("before_after") or {}).get("votes") or {}
    return [
        (one, one["communities"][slug])
        for one in votes.get("statements", [])
        if slug in one["communities"]
    ]


def told_changes(result: Result, slug: str, fewest: int) -> Told:
    """Those that may be told: enough people voted both times, and no few others voted once.

    Where shares of all who voted stand beside those of the people who voted twice, the others'
    votes are the difference; so nothing is told where these others are few.
    """
    seen = {one["id"]: _seen(one, slug) for one in result["statements"]}
    return [
        (one, change)
        for one, change in changes_of(result, slug)
        if measured(change["change"])
        and change["n"] >= fewest
        and not 0 < seen.get(one["id"], 0) - change["n"] < fewest
    ]


def drawn_changes(result: Result, slug: str) -> Told:
    """What a drawing shows: the largest changes, those that are clear first."""
    told = told_changes(result, slug, USUAL_FEWEST)
    return sorted(told, key=_clear_then_large)[:MOST_DRAWN]


def _clear_then_large(row: tuple[Mapping[str, Any], Mapping[str, Any]]) -> tuple[bool, float]:
    return row[1]["state"] == "no clear change", -abs(row[1]["change"])


def _seen(statement: Mapping[str, Any], slug: str) -> int:
    counted = statement["label_sets"].get(COMMUNITIES, {}).get("groups", {}).get(slug, {})
    return int(counted.get("seen") or 0)
