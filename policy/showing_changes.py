"""What changed when the same people were asked again, as an analysis's page shows it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from policy.reading import CHART_TITLES, Result, measured
from policy.reading_changes import changes_of, drawn_changes, told_changes
from policy.showing_parts import Drawings

WORDS = {
    "more": "More agree",
    "fewer": "Fewer agree",
    "more agree": "More agree",
    "fewer agree": "Fewer agree",
    "no clear change": "No clear change",
}
CLEAR = 0.05
CHART_SAYS = (
    "Hollow: before. Filled: after. Where the thin line crosses the hollow mark, chance may "
    "explain the change."
)


def changes_shown(result: Result, drawn: Drawings, fewest: int) -> dict[str, Any] | None:
    """Changes of votes and of preferences by community; None where an analysis knows of none."""
    section = result.get("before_after")
    if section is None:
        return None
    names = {one["slug"]: (one["name"], place) for place, one in enumerate(result["communities"])}
    return {
        "asked_twice": any(section[kind]["communities"] for kind in ("votes", "preferences")),
        "sentence": section["sentence"],
        "votes": [
            _votes(result, slug, names[slug], drawn, fewest)
            for slug in section["votes"]["communities"]
            if slug in names
        ],
        "preferences": [
            _preferences(one, names[slug], fewest)
            for slug, one in section["preferences"]["communities"].items()
            if slug in names
        ],
    }


def _votes(
    result: Result, slug: str, named: tuple[str, int], drawn: Drawings, fewest: int
) -> dict[str, Any]:
    """One community's changes, the clear ones first."""
    overall = result["before_after"]["votes"]["communities"][slug]
    changes = changes_of(result, slug)
    told = told_changes(result, slug, fewest)
    may_tell = {one["id"] for one, _ in told}
    kept = [change for one, change in changes if one["id"] not in may_tell]
    rows = [_row(one, change, one["id"] in may_tell) for one, change in changes]
    in_drawing = {one["id"] for one, _ in drawn_changes(result, slug)}
    title = CHART_TITLES["before_after"].format(name=named[0])
    return {
        "name": named[0],
        "place": named[1],
        "people": overall["people"],
        "overall": {name: _in_points(overall[name]) for name in ("change", "low", "high")}
        if _sum_may_be_told(overall, kept, fewest)
        else None,
        "verdict": WORDS.get(overall["verdict"], ""),
        "rows": sorted(rows, key=_order),
        "clear": sum(row["is_clear"] for row in rows),
        "chart": drawn.get(f"before_after_{slug}", title, CHART_SAYS)
        if in_drawing <= may_tell
        else None,
    }


def _sum_may_be_told(
    overall: Mapping[str, Any], kept: Sequence[Mapping[str, Any]], fewest: int
) -> bool:
    """Whether a community's change over all statements tells of no few people.

    It is made of every statement: where one alone is withheld, the others give it away.
    """
    if overall["people"] < fewest or not measured(overall["change"]):
        return False
    return not fewest or not kept or (len(kept) > 1 and sum(one["n"] for one in kept) >= fewest)


def _row(statement: Mapping[str, Any], change: Mapping[str, Any], told: bool) -> dict[str, Any]:
    clear = told and change["state"] != "no clear change"
    return {
        "text": statement["text"],
        "external_id": statement["external_id"],
        "too_few": not told,
        "is_clear": clear,
        "state": WORDS.get(change["state"], "") if told else "",
        **{name: change[name] if told else None for name in ("before", "after", "n", "q")},
        **{name: _in_points(change[name]) if told else None for name in ("change", "low", "high")},
    }


def _in_points(share: Any) -> float | None:
    return 100 * share if measured(share) else None


def _order(row: Mapping[str, Any]) -> tuple[bool, bool, float]:
    return row["too_few"], not row["is_clear"], -abs(row["change"] or 0)


def _preferences(one: Mapping[str, Any], named: tuple[str, int], fewest: int) -> dict[str, Any]:
    """How often an answer with more of each feature is chosen, before and after."""
    too_few = one["people"] < fewest or not one["effects"]
    return {
        "name": named[0],
        "place": named[1],
        "sentence": "" if too_few else one["sentence"],
        "too_few": too_few,
        "rows": [] if too_few else [_effect(effect) for effect in one["effects"]],
    }


def _effect(effect: Mapping[str, Any]) -> dict[str, Any]:
    known = measured(effect["change"]) and measured(effect["q"])
    way = "Chosen more" if known and effect["change"] > 0 else "Chosen less"
    return {
        **effect,
        "chosen_before": _share(effect["before"]),
        "chosen_after": _share(effect["after"]),
        "state": (way if effect["q"] <= CLEAR else WORDS["no clear change"]) if known else "",
    }


def _share(log_odds: Any) -> float | None:
    return 1 / (1 + math.exp(-log_odds)) if measured(log_odds) else None
