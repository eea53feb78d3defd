"""The measured parts of an analysis's page: groups, preferences, agreement and label sets."""

from __future__ import annotations

from typing import Any

from policy.reading import (
    COMMUNITIES,
    OPINION_GROUPS,
    Result,
    count,
    label_name,
    measured,
    percent,
)
from policy.showing_parts import Drawings


def groups_shown(result: Result, drawn: Drawings) -> dict[str, Any]:
    """Opinion groups with their stability, and the map of people."""
    groups = result["label_sets"].get(OPINION_GROUPS, {})
    stability = groups.get("stability", {}).get(str(groups.get("k")), {})
    explained = [share for share in result["opinion_space"]["explained"] if measured(share)]
    placed = count(len(result["opinion_space"]["points"]), "person", "people")
    says = f"{placed} with enough votes to be placed, on the two axes that tell them apart best."
    if explained:
        says += f" These show {percent(sum(explained[:2]))} of how votes differ."
    maps = [drawn.get("opinion_space", says=says), drawn.get("opinion_space_communities")]
    return {
        "sentence": groups.get("sentence", ""),
        "supported": groups.get("supported", False),
        "sizes": [
            (label_name(result, OPINION_GROUPS, name), size)
            for name, size in groups.get("labels", {}).items()
        ],
        "stability": stability,
        "explains": groups.get("explains_votes_sentence", ""),
        "space_sentence": result["opinion_space"]["sentence"],
        "charts": [chart for chart in maps if chart],
    }


def label_sets_shown(result: Result) -> list[dict[str, Any]]:
    """Every label set with its sizes and whether it says anything about the votes."""
    kinds = {COMMUNITIES: "Communities", OPINION_GROUPS: "Opinion groups"}
    return [
        {
            "name": kinds.get(name, name),
            "imported": name not in kinds,
            "labels": len(one["labels"]),
            "people": sum(one["labels"].values()),
            "share": one["explains_votes_share"],
            "p": one["explains_votes_p"],
            "flagged": one["flagged"] and measured(one["explains_votes_p"]),
            "sentence": one.get("explains_votes_sentence") or one.get("sentence", ""),
        }
        for name, one in result["label_sets"].items()
    ]
