"""What is decided about each statement, how firmly, and what is still missing for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from policy.computing.decision_words import sentence_of, whole, worst
from policy.computing.preference_decisions import preference_decisions
from policy.computing.preferences import Fits
from policy.computing.statements import Voted
from policy.drafting import Basis, basis_in
from policy.methods.asking_next import Ahead, deciding, look_ahead
from policy.methods.consensus import GroupCounts, count_votes
from policy.methods.opinion_groups import NUMBERS, split_people
from policy.methods.other_rules import RULES, top_by
from policy.methods.sensitivity import (
    DECISIONS,
    UNCLEAR,
    WAYS,
    Counts,
    Fewest,
    Way,
    decisions,
    fewest_to_change,
    margins,
    stances,
)

STANCES = ("for", "against", "unclear")
# Besides these, one in a hundred of all who took part.
BUDGETS = (1, 5, 10)


@dataclass(frozen=True)
class Decided:
    """Statements that a draft may choose from, and their votes by the labels it weighs.

    columns: places in the voted statements. counts: (labels, columns). sizes: (labels,) people.
    """

    columns: NDArray[np.intp]
    labels: list[str]
    counts: GroupCounts
    sizes: NDArray[np.int64]

    @property
    def left(self) -> Counts:
        """People of each label who have not voted on each statement."""
        return np.maximum(self.sizes[:, None] - self.counts.seen, 0)


@dataclass(frozen=True)
class Weighed:
    """Everything found about the decisions, (columns,) each, or by label and column.

    others, by_k: the decisions of other rules by name, and by number of opinion groups.
    """

    now: Counts
    ways: Mapping[Way, Fewest]
    margin: NDArray[np.float64]
    others: Mapping[str, list[str]]
    by_k: Mapping[int, list[str]]
    stances: Counts
    bears: NDArray[np.bool_]
    ahead: Ahead


def decision_sections(
    voted: Voted, fits: Fits, result: Mapping[str, Any], seed: int
) -> dict[str, Any]:
    """The sections `decisions` and `bought_votes`. result: the sections that they rest on."""
    basis, people = basis_in(result), len(voted.answers.participants)
    entries = decision_section(voted, basis, result["statements"], seed)
    preferred = preference_decisions(voted.answers, fits, result, basis)
    bought = bought_section(entries, people, preferred)
    return {"decisions": entries + preferred, "bought_votes": bought}


def read_decided(voted: Voted, basis: Basis) -> Decided:
    """The votes that decide, over all labels of the basis, whoever voted or not."""
    columns = np.flatnonzero(~voted.moderated_out)
    labels = [name for name in voted.names[basis.label_set] if name in basis.names]
    numbers = [voted.names[basis.label_set].index(name) for name in labels]
    given = voted.label_sets[basis.label_set]
    sizes = np.array([(given == number).sum() for number in numbers], dtype=np.int64)
    counts = _counts(voted.counts[basis.label_set], numbers, columns)
    return Decided(columns, labels, counts, sizes)


def decision_section(
    voted: Voted, basis: Basis, counted: Sequence[Mapping[str, Any]], seed: int
) -> list[dict[str, Any]]:
    """One entry per statement that is not moderated out, in the order of the statements.

    counted: the section of statements.
    """
    decided = read_decided(voted, basis)
    if not decided.labels or not decided.columns.size:
        return []
    weighed = _weigh(voted, basis, decided, _scores(counted, basis, decided), seed)
    statements = voted.statements
    return [
        _entry(statements[int(column)], place, decided, weighed)
        for place, column in enumerate(decided.columns)
    ]


def bought_section(
    entries: Sequence[Mapping[str, Any]],
    people: int,
    preferred: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """Which decisions so many people could change: left out, bought, or added anew.

    entries: decisions on statements; preferred: on preferences, told apart.
    """
    budgets = sorted({*BUDGETS, worst(people)})
    rows = [
        {
            "people": k,
            "is_one_percent": k == worst(people),
            **{way: [one["external_id"] for one in _within(entries, way, k)] for way in WAYS},
            "preferences": {way: _within(preferred, way, k) for way in WAYS},
        }
        for k in budgets
        if entries or preferred
    ]
    return {
        "people": people,
        "decisions": len(entries),
        "preferences": len(preferred),
        "budgets": rows,
        "sentence": _sum(rows if entries else []),
    }


def _counts(found: GroupCounts, numbers: Sequence[int], columns: NDArray[np.intp]) -> GroupCounts:
    """Counts with a row for each of these labels, zeros where nobody has it."""
    row_of = {int(label): row for row, label in enumerate(found.labels)}
    tables = []
    for table in (found.agrees, found.disagrees, found.seen):
        rows = np.zeros((len(numbers), table.shape[1]), dtype=np.int64)
        for row, number in enumerate(numbers):
            if number in row_of:
                rows[row] = table[row_of[number]]
        tables.append(rows[:, columns])
    return GroupCounts(np.array(numbers, dtype=np.int64), *tables)


def _all_of(voted: Voted, name: str, columns: NDArray[np.intp]) -> GroupCounts:
    numbers = range(len(voted.names[name]))
    return _counts(voted.counts[name], numbers, columns)


def _weigh(
    voted: Voted,
    basis: Basis,
    decided: Decided,
    scores: Mapping[str, NDArray[np.float64]],
    seed: int,
) -> Weighed:
    yes, seen = decided.counts.agrees, decided.counts.seen
    found = stances(yes, seen)
    now = decisions(found)
    return Weighed(
        now,
        {way: fewest_to_change(yes, seen, way) for way in WAYS},
        margins(yes, seen),
        _other_methods(voted, basis, decided, now, scores),
        _other_numbers(voted, decided, seed),
        found,
        deciding(yes, seen),
        look_ahead(yes, seen, decided.left),
    )


def _scores(
    statements: Sequence[Mapping[str, Any]], basis: Basis, decided: Decided
) -> dict[str, NDArray[np.float64]]:
    """What has no threshold of its own: name → a score per decided statement."""
    rows = [statements[int(column)] for column in decided.columns]
    consensus = [
        row["label_sets"].get(basis.label_set, {}).get("group_informed_consensus", np.nan)
        for row in rows
    ]
    bridging = [row.get("bridging", {}).get("score", np.nan) for row in rows]
    return {
        "group-informed consensus": np.array(consensus, dtype=np.float64),
        "bridging score": np.array(bridging, dtype=np.float64),
    }


def _other_methods(
    voted: Voted,
    basis: Basis,
    decided: Decided,
    now: Counts,
    scores: Mapping[str, NDArray[np.float64]],
) -> dict[str, list[str]]:
    """What other rules decide: name → a decision per statement."""
    counts = decided.counts
    found = {name: _named(decisions(rule(counts))) for name, rule in RULES.items()}
    if len(decided.labels) > 1:
        for row, label in enumerate(decided.labels):
            rest = np.delete(stances(counts.agrees, counts.seen), row, axis=0)
            found[f"without {basis.names[label]}"] = _named(decisions(rest))
    for name in voted.label_sets:
        if name != basis.label_set:
            other = _all_of(voted, name, decided.columns)
            if other.labels.size:
                found[f"by {name}"] = _named(decisions(stances(other.agrees, other.seen)))
    for name, score in scores.items():
        found[f"{name}, as many"] = _is_common(top_by(score, int((now == 0).sum())))
    return found


def _is_common(chosen: NDArray[np.bool_]) -> list[str]:
    return ["common_ground" if one else "not_common_ground" for one in chosen]


def _named(found: Counts) -> list[str]:
    return [DECISIONS[int(one)] for one in found]


def _other_numbers(voted: Voted, decided: Decided, seed: int) -> dict[int, list[str]]:
    """What would be decided between 2 to 5 opinion groups: number → a decision per statement."""
    found = {}
    for k in NUMBERS:
        labels = split_people(voted.groups.space, k=k, seed=seed).astype(np.intp)
        if (labels >= 0).any():
            counts = _counts(count_votes(voted.cast, labels), range(k), decided.columns)
            found[k] = _named(decisions(stances(counts.agrees, counts.seen)))
    return found


def _entry(
    statement: Mapping[str, Any], place: int, decided: Decided, weighed: Weighed
) -> dict[str, Any]:
    names = ("id", "external_id")
    entry = {
        "item": {"kind": "statement"} | {name: statement[name] for name in names},
        "decision": DECISIONS[int(weighed.now[place])],
        "stances": {
            label: STANCES[int(weighed.stances[row, place])]
            for row, label in enumerate(decided.labels)
        },
        "margin": float(weighed.margin[place]),
        **_people(decided, weighed, place),
    }
    entry |= {
        "methods": [
            {"name": name, "decision": made[place], "differs": _differs(made[place], entry)}
            for name, made in weighed.others.items()
        ],
        "ks": [{"k": k, "decision": made[place]} for k, made in weighed.by_k.items()],
        "pending": _pending(decided, weighed, place),
    }
    return entry | {"sentence": sentence_of(entry)}


def _people(decided: Decided, weighed: Weighed, place: int) -> dict[str, Any]:
    """How many people the decision rests on."""
    seen = int(decided.counts.seen[:, place].sum())
    found = {str(way): whole(one.people[place]) for way, one in weighed.ways.items()}
    fewest, becomes = found["left_out"], int(weighed.ways["left_out"].becomes[place])
    return {
        "fewest_people_that_change_it": fewest,
        "becomes": DECISIONS[becomes] if becomes >= 0 else None,
        "share": fewest / seen if fewest and seen else None,
        "holds_without_any_one": fewest is None or fewest > 1,
        "holds_without_worst_percent": fewest is None or fewest > worst(int(decided.sizes.sum())),
        **found,
    }


def _differs(theirs: str, entry: Mapping[str, Any]) -> bool:
    if theirs == "not_common_ground":
        return bool(entry["decision"] == "common_ground")
    return bool(theirs != entry["decision"])


def _pending(decided: Decided, weighed: Weighed, place: int) -> dict[str, dict[str, Any]]:
    """How far along each stance is that is unclear and bears on the decision."""
    found = {}
    for row, label in enumerate(decided.labels):
        if weighed.stances[row, place] != UNCLEAR or not weighed.bears[row, place]:
            continue
        votes = int(decided.counts.seen[row, place])
        further = whole(weighed.ahead.further[row, place])
        found[label] = {
            "votes": votes,
            "left": int(decided.left[row, place]),
            "further": further,
            "done": votes / (votes + further) if further else None,
            "chance_when_all_voted": float(weighed.ahead.chance[row, place]),
        }
    return found


def _within(entries: Sequence[Mapping[str, Any]], way: str, people: int) -> list[Mapping[str, Any]]:
    """What is decided that so many people could change."""
    return [entry["item"] for entry in entries if entry[way] is not None and entry[way] <= people]


def _sum(rows: Sequence[Mapping[str, Any]]) -> str:
    if not rows:
        return "Nothing was decided about statements, so nothing could be bought."
    told = [f"{row['people']} could change {len(row['bought'])}" for row in rows]
    return f"If people's votes were bought, one decision at a time: {', '.join(told)}."
