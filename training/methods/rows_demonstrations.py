"""Demonstrations: what a community clearly chose, and what its people wrote themselves."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from training.methods.rows import (
    EVERYTHING,
    Features,
    Made,
    Measure,
    Messages,
    Rows,
    asked_for,
    gain_of,
    gathered,
    in_place_of_training,
    is_told_apart,
    lineage_of,
    named_by,
    speaks_of,
)
from training.methods.selection import Selection
from training.methods.splits import Person, Sides


@dataclass(frozen=True)
class Written:
    """One person's better completion: text, in place of completion."""

    event: int
    participant: str
    community: str
    workshop: str
    prompt_id: int
    messages: Messages
    theme: str
    completion_id: int
    completion: str
    text: str


def build_demonstration_rows(
    rows: Rows,
    beside: Rows | None = None,
    *,
    least_share: float = 0.75,
    least_n: int = 1,
    selection: Selection = EVERYTHING,
) -> Rows:
    """Demonstrations: the completion of each preference row that its community clearly chose.

    beside: demonstrations that people wrote. least_share, least_n: how clear. A prompt with several
    such pairs gives the most wanted one. Held-out splits stay preference rows, since that is what
    is measured.
    """
    left_out = Counter(dict(rows.left_out))
    best: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows.splits["train"]:
        if row["share"] < least_share or row["n"] < least_n:
            left_out["pairs too close to show as a demonstration"] += 1
            continue
        key = (json.dumps(row["prompt"], sort_keys=True), row["community"])
        if key in best and (best[key]["share"], best[key]["n"]) >= (row["share"], row["n"]):
            left_out["less wanted answers to the same prompt"] += 1
            continue
        if key in best:
            left_out["less wanted answers to the same prompt"] += 1
        best[key] = row
    chosen = Rows({"train": [_demonstration(row) for row in best.values()]}, rows.lineage, {})
    return in_place_of_training(rows, [chosen, *([beside] if beside else [])], left_out, selection)


def build_rewrite_rows(
    rewrites: Sequence[Written],
    measures: Sequence[Measure],
    *,
    features: Features,
    sides: Sides,
    selection: Selection = EVERYTHING,
) -> Rows:
    """Training rows of what people wrote in place of a completion, the same words of several once.

    A principle bears on a rewrite when it differs from what it replaces by the principle's
    threshold; rewrites that none bears on are left out. What held-out people wrote, or anybody to
    held-out prompts, is left out too: there is no pair to measure it by.
    """
    left_out: Counter[str] = Counter()
    asked = asked_for(measures, selection)
    cells: dict[tuple[str, str, str], dict[Person, Written]] = defaultdict(dict)
    for one in sorted(rewrites, key=lambda w: (w.workshop, w.participant, w.event)):
        person = (one.workshop, one.participant)
        if reason := _no_use(one, person, sides, selection):
            left_out[reason] += 1
            continue
        prompt = json.dumps([dict(turn) for turn in one.messages], sort_keys=True)
        cells[one.community, prompt, one.text.strip()][person] = one
    made = []
    for cell in cells.values():
        writers = list(cell.values())
        found = _rewrite(writers, asked, features)
        if found is None:
            left_out["rewrites that no principle bears on"] += 1
        elif len(writers) < selection.least_n:
            left_out["rewrites by too few people"] += 1
        else:
            made.append(found)
    return gathered(made, left_out, selection)


def _no_use(one: Written, person: Person, sides: Sides, selection: Selection) -> str:
    if not selection.takes(one.community, one.theme):
        return "rewrites that were not asked for"
    if sides.split_of(one.messages, person) != "train":
        return "rewrites by held-out people or of held-out prompts"
    if not selection.weight_of(one.community):
        return "rewrites of communities of weight 0"
    same = one.text.split() == one.completion.split()
    return "rewrites that change nothing" if same or not one.text.strip() else ""


def _rewrite(
    writers: Sequence[Written], measures: Sequence[Measure], features: Features
) -> Made | None:
    one = writers[0]
    said = str(one.messages[-1]["content"])
    better = features(said, one.text)
    bearing: dict[int, Measure] = {}
    for replaced in {writer.completion for writer in writers}:
        worse = features(said, replaced)
        for m in measures:
            told_apart = is_told_apart(gain_of(m, better, worse), m.threshold)
            if told_apart and speaks_of(m, one.theme, one.community):
                bearing[m.number] = m
    if not bearing:
        return None
    row: dict[str, Any] = {
        "prompt": [dict(turn) for turn in one.messages],
        "completion": one.text.strip(),
        "share": 1.0,
        "n": len(writers),
        "community": one.community,
        "weight": max(m.weight for m in bearing.values()),
        "principles": sorted(bearing),
        "source": "rewrite",
        "synthetic": False,
    }
    row["id"] = demonstration_id(row)
    return Made("train", row, _lineage(row, writers))


def demonstration_id(row: Mapping[str, Any]) -> str:
    """The name of a row to imitate: the hash of what it says, whose it is, and who wrote it."""
    return named_by(row, "prompt", "completion", "share", "n", "community", "source")


def _lineage(row: Mapping[str, Any], writers: Sequence[Written]) -> dict[str, Any]:
    completions = sorted({writer.completion_id for writer in writers})
    says = ((writer, "wrote it") for writer in writers)
    return lineage_of(row, "train", writers[0].prompt_id, completions, says)


def _demonstration(row: Mapping[str, Any]) -> dict[str, Any]:
    names = ("id", "prompt", "share", "n", "community", "principles")
    more = {"completion": row["chosen"], "weight": 1.0, "source": "chosen", "synthetic": False}
    return {name: row[name] for name in names} | more
