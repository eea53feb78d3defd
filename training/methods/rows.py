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
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Answer = Literal["first", "second", "equal", "neither"]
Split = Literal["train", "heldout", "heldout_people"]
Features = Callable[[str, str], Mapping[str, float]]
Person = tuple[str, str]  # workshop, pseudonym
PairName = tuple[str, str, str]  # conversation, one completion, the other

SPLITS: tuple[Split, ...] = ("train", "heldout", "heldout_people")
# A community with fewer people than this keeps all of them for training: holding one of three out
# would say more about that one than about people.
FEWEST_PEOPLE_TO_HOLD_OUT = 10


@dataclass(frozen=True)
class Pair:
    """Two completions of one prompt, in an order that does not depend on who saw which side."""

    prompt_id: int
    messages: tuple[Mapping[str, str], ...]
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
    seed: int,
    held_out_prompts: float = 0.25,
    held_out_people: float = 0.15,
) -> Rows:
    """Rows for preference training, one per (pair, community, split), each naming its principles.

    features(prompt, completion) → name → value. held_out_…: shares in [0, 1). Deterministic given
    the seed and independent of the order of judgements. Rows that no measure bears on are left out
    and counted. Raises ValueError when a share is out of range.
    """
    _check_shares(held_out_prompts, held_out_people)
    left_out: Counter[str] = Counter()
    people_out = _people_held_out(judgements, seed, held_out_people)
    cells: dict[tuple[Split, str, PairName], dict[Person, Judgement]] = defaultdict(dict)
    for judgement in sorted(judgements, key=lambda j: (j.workshop, j.participant, j.event)):
        split = _split_of(judgement, people_out, seed, held_out_prompts)
        if split is None:
            left_out["answers of held-out people to held-out prompts"] += 1
            continue
        cell = cells[split, judgement.community, _pair_name(judgement.pair)]
        person = (judgement.workshop, judgement.participant)
        if person in cell:
            left_out["earlier answers of the same person about the same pair"] += 1
        cell[person] = judgement
    splits: dict[Split, list[dict[str, Any]]] = {split: [] for split in SPLITS}
    lineage = []
    for (split, _, _), cell in cells.items():
        answers = list(cell.values())
        row, reason = _row(answers, measures, features)
        if row is None:
            left_out[reason] += 1
            continue
        row["id"] = row_id(row, split)
        splits[split].append(row)
        lineage.append(_lineage(row, split, answers))
    # By name, so that the numbering of one database's tables leaves no trace in the files.
    for rows in splits.values():
        rows.sort(key=lambda row: row["id"])
    lineage.sort(key=lambda line: line["row"])
    _balance(splits["train"])
    return Rows(splits, lineage, dict(left_out), _sentences(splits, left_out))


def build_demonstration_rows(rows: Rows, *, least_share: float = 0.75, least_n: int = 1) -> Rows:
    """Demonstrations: the completion of each preference row that its community clearly chose.

    least_share, least_n: how clear. A prompt with several such pairs gives the most wanted one.
    Held-out splits stay preference rows, since that is what is measured.
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
    train = [_demonstration(row) for row in best.values()]
    _balance(train)
    splits = {**rows.splits, "train": train}
    kept = {row["id"] for split in SPLITS for row in splits[split]}
    lineage = [line for line in rows.lineage if line["row"] in kept]
    return Rows(splits, lineage, dict(left_out), _sentences(splits, left_out))


def row_id(row: Mapping[str, Any], split: str) -> str:
    """The name of a row: the hash of what it says, whose it is, and on which side it stands."""
    names = ("prompt", "chosen", "rejected", "share", "n", "community")
    said = {name: row[name] for name in names} | {"split": split}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


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
    bearing = [m for m in measures if _bears(m, pair, community, better, worse)]
    if not bearing:
        return None, "pairs that no principle bears on"
    against = [m.number for m in bearing if _gain(m, better, worse) < 0]
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


def _bears(
    measure: Measure,
    pair: Pair,
    community: str,
    better: Mapping[str, float],
    worse: Mapping[str, float],
) -> bool:
    """Whether a principle speaks of this pair: its theme, its community, a large enough gap."""
    if measure.theme and measure.theme != pair.theme:
        return False
    if measure.communities and community not in measure.communities:
        return False
    gap = abs(_gain(measure, better, worse))
    return gap > 0 and gap >= measure.threshold


def _gain(measure: Measure, better: Mapping[str, float], worse: Mapping[str, float]) -> float:
    """How much more the chosen completion has of what the principle wants."""
    return measure.direction * (better[measure.feature] - worse[measure.feature])


def _demonstration(row: Mapping[str, Any]) -> dict[str, Any]:
    names = ("id", "prompt", "share", "n", "community", "principles")
    return {name: row[name] for name in names} | {"completion": row["chosen"], "weight": 1.0}


def _lineage(row: Mapping[str, Any], split: Split, answers: Sequence[Judgement]) -> dict[str, Any]:
    pair = answers[0].pair
    return {
        "row": row["id"],
        "split": split,
        "community": row["community"],
        "prompt": pair.prompt_id,
        "completions": [pair.first_id, pair.second_id],
        "principles": row["principles"],
        "answers": [
            {
                "event": answer.event,
                "participant": answer.participant,
                "workshop": answer.workshop,
                "answer": _value(answer, row["chosen"] == pair.first),
            }
            for answer in answers
        ],
    }


def _split_of(
    judgement: Judgement, people_out: frozenset[tuple[str, str]], seed: int, share: float
) -> Split | None:
    prompt_out = _chance(seed, "prompt", _opening(judgement.pair.messages)) < share
    person_out = (judgement.workshop, judgement.participant) in people_out
    if prompt_out and person_out:
        return None
    return "heldout" if prompt_out else "heldout_people" if person_out else "train"


def _opening(messages: Sequence[Mapping[str, str]]) -> str:
    """What conversations that differ only later share, so that they are held out together.

    A system turn is no part of it: a whole workshop can have the same one.
    """
    asked = [message for message in messages if message["role"] == "user"] or messages
    return " ".join(str(asked[0]["content"]).lower().split())


def _pair_name(pair: Pair) -> PairName:
    """By its words: two sources can give the same completion, and two workshops ask the same."""
    messages = [dict(message) for message in pair.messages]
    return json.dumps(messages, sort_keys=True), pair.first, pair.second


def _people_held_out(
    judgements: Sequence[Judgement], seed: int, share: float
) -> frozenset[tuple[str, str]]:
    people: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for judgement in judgements:
        people[judgement.community].add((judgement.workshop, judgement.participant))
    return frozenset(
        person
        for members in people.values()
        if len(members) >= FEWEST_PEOPLE_TO_HOLD_OUT
        for person in members
        if _chance(seed, "person", "/".join(person)) < share
    )


def _chance(seed: int, what: str, name: str) -> float:
    """A number in [0, 1) that depends on nothing but these."""
    digest = hashlib.sha256(f"{seed}\0{what}\0{name}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def _balance(rows: list[dict[str, Any]]) -> None:
    """Scale weights so that every community weighs the same in all and the mean weight is one."""
    totals: Counter[str] = Counter()
    for row in rows:
        totals[row["community"]] += row["weight"]
    for row in rows:
        share = len(rows) / (len(totals) * totals[row["community"]])
        row["weight"] = round(row["weight"] * share, 6)


def _sentences(
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


def _check_shares(*shares: float) -> None:
    for share in shares:
        if not 0 <= share < 1:
            raise ValueError(f"A held-out share lies in [0, 1), not {share}.")
