"""The measured parts of an analysis's page: groups, preferences, agreement and label sets."""

from __future__ import annotations

from typing import Any

from policy.reading import (
    COMMUNITIES,
    OPINION_GROUPS,
    Result,
    measured,
)


def is_said(label_set: str) -> bool:
    """Whether people said these labels of themselves: such a set is named by its question."""
    return label_set.startswith("“")


def label_sets_shown(result: Result) -> list[dict[str, Any]]:
    """Every label set with its sizes and whether it says anything about the votes."""
    kinds = {COMMUNITIES: "Communities", OPINION_GROUPS: "Opinion groups"}
    return [
        {
            "name": kinds.get(name, name),
            "imported": name not in kinds and not is_said(name),
            "said": is_said(name),
            "labels": len(one["labels"]),
            "people": sum(size or 0 for size in one["labels"].values()),
            "share": one["explains_votes_share"],
            "p": one["explains_votes_p"],
            "flagged": one["flagged"] and measured(one["explains_votes_p"]),
            "sentence": one.get("explains_votes_sentence") or one.get("sentence", ""),
        }
        for name, one in result["label_sets"].items()
    ]
