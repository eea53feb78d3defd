"""Thumbs: completions by themselves, wanted or not, for training on unpaired answers (KTO).

Two answers make them: a thumb up or down, and "neither acceptable", which says of both completions
that they are not wanted. A person counts once per completion, by their latest answer.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from training.methods.rows import (
    EVERYTHING,
    Features,
    Judgement,
    Made,
    Measure,
    Messages,
    Rows,
    asked_for,
    gathered,
    is_told_apart,
    lineage_of,
    named_by,
    speaks_of,
)
from training.methods.selection import Selection
from training.methods.splits import Person, Sides

Cell = tuple[str, str, str]  # community, conversation, completion
Away = Mapping[tuple[str, str], Mapping[str, float]]  # conversation, completion → feature → gap


@dataclass(frozen=True)
class Thumb:
    """What one person said of one completion by itself, and the event that recorded it."""

    event: int
    participant: str
    community: str
    workshop: str
    prompt_id: int
    messages: Messages
    theme: str
    completion_id: int
    completion: str
    is_up: bool


def thumbs_of(judgements: Sequence[Judgement]) -> list[Thumb]:
    """Two thumbs down for every answer that neither completion is acceptable."""
    return [
        Thumb(
            one.event,
            one.participant,
            one.community,
            one.workshop,
            one.pair.prompt_id,
            one.pair.messages,
            one.pair.theme,
            number,
            text,
            is_up=False,
        )
        for one in judgements
        if one.answer == "neither"
        for number, text in (
            (one.pair.first_id, one.pair.first),
            (one.pair.second_id, one.pair.second),
        )
    ]


def build_thumbs_rows(
    thumbs: Sequence[Thumb],
    measures: Sequence[Measure],
    *,
    features: Features,
    sides: Sides,
    selection: Selection = EVERYTHING,
) -> Rows:
    """Training rows, one per (completion, community): desirable where most thumbs are up.

    share: the part of n people with a thumb up, in [0, 1]. A principle bears on a completion that
    is at least half its threshold away from the mean of the completions of the same prompt (of all
    prompts, where it is the only one): of two completions, exactly when it bears on the pair. As
    many up as down make no row.
    """
    left_out: Counter[str] = Counter()
    asked = asked_for(measures, selection)
    cells: dict[Cell, dict[Person, Thumb]] = defaultdict(dict)
    for thumb in sorted(thumbs, key=lambda t: (t.workshop, t.participant, t.event)):
        if reason := _no_use(thumb, sides, selection):
            left_out[reason] += 1
            continue
        cell = cells[thumb.community, _conversation(thumb.messages), thumb.completion]
        person = (thumb.workshop, thumb.participant)
        if person in cell:
            left_out["earlier thumbs of the same person about the same completion"] += 1
        cell[person] = thumb
    away = _away(thumbs, features)
    made = []
    for cell in cells.values():
        found, reason = _row(list(cell.values()), asked, away, selection)
        if found is None:
            left_out[reason] += 1
        else:
            made.append(found)
    return gathered(made, left_out, selection)


def _no_use(thumb: Thumb, sides: Sides, selection: Selection) -> str:
    if not selection.takes(thumb.community, thumb.theme):
        return "thumbs that were not asked for"
    if sides.split_of(thumb.messages, (thumb.workshop, thumb.participant)) != "train":
        return "thumbs of held-out people or on held-out prompts"
    if not selection.weight_of(thumb.community):
        return "thumbs of communities of weight 0"
    return "" if thumb.completion.strip() else "thumbs on an empty completion"


def _row(
    thumbs: Sequence[Thumb], measures: Sequence[Measure], away: Away, selection: Selection
) -> tuple[Made | None, str]:
    one, n = thumbs[0], len(thumbs)
    up = sum(thumb.is_up for thumb in thumbs)
    if 2 * up == n:
        return None, "completions with as many thumbs up as down"
    if not selection.is_clear(up / n, n):
        return None, "completions that too few people judged, or with too little agreement"
    gaps = away[_conversation(one.messages), one.completion]
    bearing = [
        (m, m.direction * gaps[m.feature])
        for m in measures
        if speaks_of(m, one.theme, one.community)
        and is_told_apart(gaps[m.feature], m.threshold / 2)
    ]
    if not bearing:
        return None, "completions that no principle bears on"
    desirable = 2 * up > n
    row: dict[str, Any] = {
        "prompt": [dict(turn) for turn in one.messages],
        "completion": one.completion,
        "desirable": desirable,
        "share": up / n,
        "n": n,
        "community": one.community,
        "weight": max(m.weight for m, _ in bearing),
        "principles": sorted({m.number for m, _ in bearing}),
        "against": sorted({m.number for m, gain in bearing if (gain > 0) != desirable}),
    }
    row["id"] = named_by(row, "prompt", "completion", "desirable", "share", "n", "community")
    return Made("train", row, _lineage(row, thumbs)), ""


def _away(thumbs: Sequence[Thumb], features: Features) -> Away:
    """How far each completion is from the mean of those of its prompt, feature by feature."""
    by_prompt: dict[str, dict[str, Mapping[str, float]]] = defaultdict(dict)
    for thumb in thumbs:
        beside = by_prompt[_conversation(thumb.messages)]
        if thumb.completion not in beside:
            asked = str(thumb.messages[-1]["content"])
            beside[thumb.completion] = features(asked, thumb.completion)
    overall = _mean([one for beside in by_prompt.values() for one in beside.values()])
    gaps = {}
    for prompt, beside in by_prompt.items():
        mean = _mean(list(beside.values())) if len(beside) > 1 else overall
        for completion, own in beside.items():
            gaps[prompt, completion] = {name: value - mean[name] for name, value in own.items()}
    return gaps


def _mean(measured: Sequence[Mapping[str, float]]) -> dict[str, float]:
    names = measured[0] if measured else ()
    return {name: fmean(one[name] for one in measured) for name in names}


def _conversation(messages: Messages) -> str:
    return json.dumps([dict(turn) for turn in messages], sort_keys=True)


def _lineage(row: Mapping[str, Any], thumbs: Sequence[Thumb]) -> dict[str, Any]:
    completions = sorted({thumb.completion_id for thumb in thumbs})
    says = ((thumb, "up" if thumb.is_up else "down") for thumb in thumbs)
    return lineage_of(row, "train", thumbs[0].prompt_id, completions, says)
