"""What a decision and the people it rests on are called."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

PLAIN = {
    "common_ground": "common ground",
    "community_specific": "wanted by some, refused by none",
    "contested": "contested",
    "not_selected": "not selected",
}
# The share of all who took part that a decision should survive the loss of.
WORST_SHARE = 0.01


def worst(people: int) -> int:
    """One in a hundred of those who took part, at least one."""
    return max(1, math.ceil(WORST_SHARE * people))


def whole(people: float) -> int | None:
    """A number of people, or None where no number would do."""
    return None if math.isinf(people) else int(people)


def sentence_of(entry: Mapping[str, Any]) -> str:
    """How firm one decision is, in words."""
    decision, fewest = PLAIN[entry["decision"]].capitalize(), entry["left_out"]
    if fewest is None:
        first = f"{decision}: leaving people out changes nothing about it."
    elif fewest == 1:
        first = f"{decision}, but without one person it would be {PLAIN[entry['becomes']]}."
    else:
        first = f"{decision}; without {fewest} people it could be {PLAIN[entry['becomes']]}."
    differing = sum(one["differs"] for one in entry["methods"])
    return f"{first} {differing} of {len(entry['methods'])} other ways of counting say otherwise."
