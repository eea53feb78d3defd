"""From people's answers to training rows: shares per pair and community, principles, splits.

The rules (the shared design, "From answers to rows" and "Held out"): a row's key is (pair,
community); its share is (chosen + ½ equal) / (chosen + rejected + equal), kept raw with its n; ties
alone make no row; "neither acceptable" makes none either. Principles select and weight rows; they
never change what people said. Whole prompts are held out, and people separately; what would stand
on both sides of both is dropped and counted.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol

from training.methods.selection import Selection
from training.methods.splits import (
    FEWEST_PEOPLE_TO_HOLD_OUT,
    SPLITS,
    Person,
    Sides,
    Split,
)

Answer = Literal["first", "second", "equal", "neither"]
Features = Callable[[str, str], Mapping[str, float]]
PairName = tuple[str, str, str]  # conversation, one completion, the other
EVERYTHING = Selection()
Messages = tuple[Mapping[str, str], ...]


@dataclass(frozen=True)
class Pair:
    """Two completions of one prompt, in an order that does not depend on who saw which side."""

    prompt_id: int
    messages: Messages
    theme: str
    first_id: int
    second_id: int
    first: str
    second: str


@dataclass(frozen=True)
class Judgement:
    """One person's latest answer about one pair, and the event that recorded it."""

    event: int
    participant: str
    community: str
    workshop: str
    answer: Answer
    pair: Pair


@dataclass(frozen=True)
class Measure:
    """What a principle says about completions, as one measurable feature of them.

    direction: 1 wants more of the feature, -1 less. threshold: the least difference between two
    completions that the principle bears on, in the feature's units. theme: "" for every theme.
    communities: whose answers it speaks of; empty for all. weight: multiplies its rows' weight.
    """

    number: int
    feature: str
    direction: int
    threshold: float = 0.0
    theme: str = ""
    communities: frozenset[str] = frozenset()
    weight: float = 1.0


@dataclass(frozen=True)
class Rows:
    """Rows by split, with a lineage line for each, and what was left out and why."""

    splits: Mapping[Split, list[dict[str, Any]]]
    lineage: list[dict[str, Any]]
    left_out: Mapping[str, int]
    sentences: tuple[str, ...] = field(default=())


def build_preference_rows(
    judgements: Sequence[Judgement],
    measures: Sequence[Measure],
    *,
    features: Features,
    sides: Sides,
    selection: Selection = EVERYTHING,
) -> Rows:
    """Rows for preference training, one per (pair, community, split), each naming its principles.

    features(prompt, completion) → name → value. sides: what is held out. Deterministic, and
    independent of the order of judgements. Rows that no measure bears on are left out and counted.
    """
    left_out: Counter[str] = Counter()
    asked = asked_for(measures, selection)
    cells: dict[tuple[Split, str, PairName], dict[Person, Judgement]] = defaultdict(dict)
    for judgement in sorted(judgements, key=lambda j: (j.workshop, j.participant, j.event)):
        person = (judgement.workshop, judgement.participant)
        if not selection.takes(judgement.community, judgement.pair.theme):
            left_out["answers that were not asked for"] += 1
            continue
        split = sides.split_of(judgement.pair.messages, person)
        if split is None:
            left_out["answers of held-out people to held-out prompts"] += 1
            continue
        cell = cells[split, judgement.community, _pair_name(judgement.pair)]
        if person in cell:
            left_out["earlier answers of the same person about the same pair"] += 1
        cell[person] = judgement
    made: list[Made] = []
    for (split, _, _), cell in cells.items():
        answers = list(cell.values())
        row, reason = _row(answers, asked, features)
        reason = reason or (row and _not_clear(row, split, selection)) or ""
        if row is None or reason:
            left_out[reason] += 1
            continue
        row["id"] = row_id(row, split)
        made.append(Made(split, row, _lineage(row, split, answers)))
    return gathered(made, left_out, selection)


@dataclass(frozen=True)
class Made:
    """One row, where it stands, and the line that says what it rests on."""

    split: Split
    row: dict[str, Any]
    lineage: dict[str, Any]


def gathered(made: Iterable[Made], left_out: Mapping[str, int], selection: Selection) -> Rows:
    """Rows by split, each in the order of its name, training rows weighed by community."""
    # By name, so that the numbering of one database's tables leaves no trace in the files.
    ordered = sorted(made, key=lambda one: one.row["id"])
    splits: dict[Split, list[dict[str, Any]]] = {
        split: [one.row for one in ordered if one.split == split] for split in SPLITS
    }
    balance(splits["train"], selection)
    lineage = sorted((one.lineage for one in ordered), key=lambda line: str(line["row"]))
    return Rows(splits, lineage, dict(left_out), sentences_on(splits, left_out))


def asked_for(measures: Iterable[Measure], selection: Selection) -> list[Measure]:
    """The measures whose principles are asked for, with the weight that is asked for."""
    weighed = [
        replace(one, weight=one.weight * selection.principle_weight(one.number)) for one in measures
    ]
    return [one for one in weighed if one.weight > 0]


def in_place_of_training(
    rows: Rows, parts: Sequence[Rows], left_out: Mapping[str, int], selection: Selection
) -> Rows:
    """These parts' training rows in place of the preference rows, which stay where held out."""
    counted = Counter(left_out)
    for part in parts:
        counted.update(part.left_out)
    train = [row for part in parts for row in part.splits["train"]]
    train.sort(key=lambda row: str(row["id"]))
    balance(train, selection)
    splits = {**rows.splits, "train": train}
    kept = {row["id"] for split in SPLITS for row in splits[split]}
    lines = {line["row"]: line for one in (rows, *parts) for line in one.lineage}
    lineage = [lines[name] for name in sorted(kept)]
    return Rows(splits, lineage, dict(counted), sentences_on(splits, counted))


def row_id(row: Mapping[str, Any], split: str) -> str:
    """The name of a row: the hash of what it says, whose it is, and on which side it stands."""
    names = ("prompt", "chosen", "rejected", "share", "n", "community")
    return named_by({**row, "split": split}, *names, "split")


def _row(
    answers: Sequence[Judgement], measures: Sequence[Measure], features: Features
) -> tuple[dict[str, Any] | None, str]:
    """One row from one community's answers about one pair, or why there is none."""
    counts = Counter(answer.answer for answer in answers)
    judged = counts["first"] + counts["second"] + counts["equal"]
    if not judged:
        return None, "pairs that nobody found acceptable"
    if not counts["first"] + counts["second"]:
        return None, "pairs with ties alone"
    pair, community = answers[0].pair, answers[0].community
    if not pair.first.strip() or not pair.second.strip():
        return None, "pairs with an empty completion"
    first_chosen = counts["first"] >= counts["second"]
    for_chosen = max(counts["first"], counts["second"])
    chosen, rejected = (pair.first, pair.second) if first_chosen else (pair.second, pair.first)
    said = str(pair.messages[-1]["content"])
    better, worse = features(said, chosen), features(said, rejected)
    bearing = [
        m
        for m in measures
        if speaks_of(m, pair.theme, community)
        and is_told_apart(gain_of(m, better, worse), m.threshold)
    ]
    if not bearing:
        return None, "pairs that no principle bears on"
    against = [m.number for m in bearing if gain_of(m, better, worse) < 0]
    row = {
        "prompt": [dict(message) for message in pair.messages],
        "chosen": chosen,
        "rejected": rejected,
        "share": (for_chosen + counts["equal"] / 2) / judged,
        "n": judged,
        "community": community,
        "weight": max(m.weight for m in bearing),
        "principles": sorted({m.number for m in bearing}),
        "against": sorted(set(against)),
        "judgements": [
            {"participant": f"{answer.workshop}/{answer.participant}", "answer": value}
            for answer in answers
            if (value := _value(answer, first_chosen)) is not None
        ],
    }
    return row, ""


def _value(answer: Judgement, first_chosen: bool) -> float | None:
    """1 chosen, 0 rejected, ½ about equal; None where neither was acceptable."""
    if answer.answer == "neither":
        return None
    if answer.answer == "equal":
        return 0.5
    return 1.0 if (answer.answer == "first") == first_chosen else 0.0


def speaks_of(measure: Measure, theme: str, community: str) -> bool:
    """Whether a principle is about this theme and this community's answers."""
    themed = not measure.theme or measure.theme == theme
    return themed and (not measure.communities or community in measure.communities)


def is_told_apart(gain: float, threshold: float) -> bool:
    """Whether two completions differ enough in what a principle is about. NaN is no difference."""
    return abs(gain) > 0 and abs(gain) >= threshold


def gain_of(measure: Measure, better: Mapping[str, float], worse: Mapping[str, float]) -> float:
    """How much more the chosen completion has of what the principle wants."""
    return measure.direction * (better[measure.feature] - worse[measure.feature])


def _not_clear(row: Mapping[str, Any], split: Split, selection: Selection) -> str:
    """Why a training row is left out although it could be one; empty where it stays."""
    if split != "train":
        return ""
    if not selection.weight_of(row["community"]):
        return "pairs of communities of weight 0"
    if row["n"] < selection.least_n:
        return "pairs that too few people judged"
    return "" if selection.is_clear(row["share"], row["n"]) else "pairs with too little agreement"


class Recorded(Protocol):
    """What a row rests on: whose answer it is, and the event that recorded it."""

    @property
    def event(self) -> int: ...
    @property
    def participant(self) -> str: ...
    @property
    def workshop(self) -> str: ...


def lineage_of(
    row: Mapping[str, Any],
    split: Split,
    prompt_id: int,
    completion_ids: Sequence[int],
    answers: Iterable[tuple[Recorded, Any]],
) -> dict[str, Any]:
    """Where a row comes from. answers: each with what it says in the direction of the row."""
    return {
        "row": row["id"],
        "split": split,
        "community": row["community"],
        "prompt": prompt_id,
        "completions": list(completion_ids),
        "principles": row["principles"],
        "answers": [
            {
                "event": answer.event,
                "participant": answer.participant,
                "workshop": answer.workshop,
                "answer": says,
            }
            for answer, says in answers
        ],
    }


def named_by(row: Mapping[str, Any], *names: str) -> str:
    """The name of a row: the hash of these of its fields."""
    said = json.dumps({name: row[name] for name in names}, sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()


def _lineage(row: Mapping[str, Any], split: Split, answers: Sequence[Judgement]) -> dict[str, Any]:
    pair = answers[0].pair
    says = ((one, _value(one, row["chosen"] == pair.first)) for one in answers)
    return lineage_of(row, split, pair.prompt_id, [pair.first_id, pair.second_id], says)


def _pair_name(pair: Pair) -> PairName:
    """By its words: two sources can give the same completion, and two workshops ask the same."""
    messages = [dict(message) for message in pair.messages]
    return json.dumps(messages, sort_keys=True), pair.first, pair.second


def balance(rows: list[dict[str, Any]], selection: Selection = EVERYTHING) -> None:
    """Scale weights so that communities weigh as asked in all, and the mean weight is one.

    Where nothing is asked, every community weighs the same, however many rows it has.
    """
    totals: Counter[str] = Counter()
    for row in rows:
        totals[row.get("community", "")] += row["weight"]
    wanted = {name: selection.weight_of(name) for name in totals}
    for row in rows:
        name = row.get("community", "")
        part = wanted[name] / sum(wanted.values())
        row["weight"] = round(row["weight"] * part * len(rows) / totals[name], 6)


def sentences_on(
    splits: Mapping[Split, Sequence[Mapping[str, Any]]], left_out: Mapping[str, int]
) -> tuple[str, ...]:
    sentences = [f"Left out: {count} {what}." for what, count in sorted(left_out.items())]
    if not splits["heldout"]:
        sentences.append("No prompt is held out: nothing can be measured on unseen prompts.")
    if not splits["heldout_people"]:
        sentences.append(
            f"No people are held out: a community needs {FEWEST_PEOPLE_TO_HOLD_OUT} of them."
        )
    return tuple(sentences)
