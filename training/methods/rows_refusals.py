"""Refusals: what to answer where a constitution rules a prompt out.

A prompt is ruled out for a community when a principle that prefers declining speaks of its theme to
that community, and where its people judged a completion that declines beside one that answers, they
chose the one that declines. Their own choice is the completion where there is one. Where nobody
judged one, and the principle is about that theme and no other, the completion is ours, marked
synthetic, and capped. Where people wanted an answer, there is no row: principles never flip what
people said.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from training.methods.rows import (
    EVERYTHING,
    Made,
    Measure,
    Messages,
    Rows,
    asked_for,
    gathered,
    speaks_of,
)
from training.methods.rows_demonstrations import demonstration_id
from training.methods.selection import Selection
from training.methods.splits import Sides

DECLINING = "declining"
# Ours, in English, and short: it says no, gives the reason that people gave, and offers more.
REFUSAL = (
    "I won't help with this. The people whose constitution I follow asked me not to. "
    "If something else lies behind your question, tell me, and I will see what I can do."
)


@dataclass(frozen=True)
class Asked:
    """A prompt that could be ruled out."""

    prompt_id: int
    messages: Messages
    theme: str


def build_refusal_rows(
    rows: Rows,
    prompts: Sequence[Asked],
    measures: Sequence[Measure],
    communities: Iterable[str],
    *,
    sides: Sides,
    selection: Selection = EVERYTHING,
) -> Rows:
    """Rows to imitate, one per (ruled-out prompt, community), on the training side alone.

    rows: the preference rows of the same answers. communities: everyone that a principle can speak
    to. At most `selection.most_synthetic` of the rows are ours.
    """
    ruling = [m for m in asked_for(measures, selection) if _rules_out(m)]
    numbers = {m.number for m in ruling}
    judged: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in rows.splits["train"]:
        if numbers & set(row["principles"]):
            judged[_conversation(row["prompt"]), row["community"]].append(row)
    lines = {line["row"]: line for line in rows.lineage}
    left_out: Counter[str] = Counter()
    chosen: list[Made] = []
    ours: list[Made] = []
    for one in prompts:
        if sides.is_prompt_out(one.messages):
            continue
        for community in sorted(communities):
            bearing = [m for m in ruling if speaks_of(m, one.theme, community)]
            if not bearing or not selection.takes(community, one.theme):
                continue
            said = judged[_conversation(one.messages), community]
            if any(numbers & set(row["against"]) for row in said):
                left_out["prompts to which people wanted an answer"] += 1
            elif said:
                chosen.append(_as_judged(said, numbers, lines))
            elif selection.weight_of(community) and any(m.theme for m in bearing):
                ours.append(_as_written(one, community, [m for m in bearing if m.theme]))
    kept = _capped(ours, len(chosen), selection.most_synthetic)
    if len(kept) < len(ours):
        left_out["refusals of ours beyond the cap"] += len(ours) - len(kept)
    return gathered([*chosen, *kept], left_out, selection)


def _rules_out(measure: Measure) -> bool:
    return measure.feature == DECLINING and measure.direction > 0


def _as_judged(
    said: Sequence[dict[str, Any]], numbers: set[int], lines: Mapping[str, dict[str, Any]]
) -> Made:
    """The refusal that most chose, of those that were judged."""
    best = max(said, key=lambda row: (row["share"], row["n"], row["id"]))
    row = {name: best[name] for name in ("prompt", "share", "n", "community")} | {
        "completion": best["chosen"],
        "weight": 1.0,
        "principles": sorted(numbers & set(best["principles"])),
        "source": "chosen",
        "synthetic": False,
    }
    row["id"] = demonstration_id(row)
    return Made("train", row, {**lines[best["id"]], "row": row["id"]})


def _as_written(one: Asked, community: str, bearing: Sequence[Measure]) -> Made:
    row: dict[str, Any] = {
        "prompt": [dict(turn) for turn in one.messages],
        "completion": REFUSAL,
        "share": None,
        "n": 0,
        "community": community,
        "weight": max(m.weight for m in bearing),
        "principles": sorted({m.number for m in bearing}),
        "source": "written",
        "synthetic": True,
    }
    row["id"] = demonstration_id(row)
    names = ("community", "principles")
    lineage = {name: row[name] for name in names} | {"row": row["id"], "split": "train"}
    return Made("train", row, lineage | {"prompt": one.prompt_id, "completions": [], "answers": []})


def _capped(ours: Sequence[Made], others: int, most: float) -> list[Made]:
    """As many of ours as may be: at most this share of them and the others together."""
    if most >= 1:
        return list(ours)
    ordered = sorted(ours, key=lambda one: str(one.row["id"]))
    return ordered[: int(most * others / (1 - most) + 1e-9)]


def _conversation(messages: Sequence[Mapping[str, str]]) -> str:
    return json.dumps([dict(turn) for turn in messages], sort_keys=True)
