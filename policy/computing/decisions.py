"""What is decided about each statement, how firmly, and what is still missing for it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from policy.computing.statements import Voted
from policy.drafting import Basis, basis_in
from policy.methods.asking_next import Ahead, deciding, look_ahead
from policy.methods.consensus import GroupCounts, count_votes, group_informed_consensus
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
PLAIN = {
    "common_ground": "common ground",
    "community_specific": "wanted by some, refused by none",
    "contested": "contested",
    "not_selected": "not selected",
}
# Besides one, five and ten people, the share of all who took part that a decision should survive.
BUDGETS, WORST_SHARE = (1, 5, 10), 0.01


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


def decision_sections(voted: Voted, result: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """The sections `decisions` and `bought_votes`. result: its communities and label sets."""
    entries = decision_section(voted, basis_in(result), seed)
    people = len(voted.answers.participants)
    return {"decisions": entries, "bought_votes": bought_section(entries, people)}


def read_decided(voted: Voted, basis: Basis) -> Decided:
    """The votes that decide, over all labels of the basis, whoever voted or not."""
    columns = np.flatnonzero(~voted.moderated_out)
    labels = [name for name in voted.names[basis.label_set] if name in basis.names]
    numbers = [voted.names[basis.label_set].index(name) for name in labels]
    given = voted.label_sets[basis.label_set]
    sizes = np.array([(given == number).sum() for number in numbers], dtype=np.int64)
    return Decided(columns, labels, _counts(voted, given, numbers, columns), sizes)


def decision_section(voted: Voted, basis: Basis, seed: int) -> list[dict[str, Any]]:
    """One entry per statement that is not moderated out, in the order of the statements."""
    decided = read_decided(voted, basis)
    if not decided.labels or not decided.columns.size:
        return []
    weighed = _weigh(voted, basis, decided, seed)
    statements = voted.statements
    return [
        _entry(statements[int(column)], place, decided, weighed)
        for place, column in enumerate(decided.columns)
    ]


def bought_section(entries: Sequence[Mapping[str, Any]], people: int) -> dict[str, Any]:
    """Which decisions so many people could change: left out, bought, or added anew."""
    budgets = sorted({*BUDGETS, worst(people)})
    rows = [
        {
            "people": k,
            "is_one_percent": k == worst(people),
            **{way: _within(entries, way, k) for way in WAYS},
        }
        for k in budgets
        if entries
    ]
    return {"people": people, "decisions": len(entries), "budgets": rows, "sentence": _sum(rows)}


def worst(people: int) -> int:
    """One in a hundred of those who took part, at least one."""
    return max(1, math.ceil(WORST_SHARE * people))


def _counts(
    voted: Voted, given: NDArray[np.intp], numbers: Sequence[int], columns: NDArray[np.intp]
) -> GroupCounts:
    """Counts with a row for each of these labels, zeros where nobody has it."""
    found = count_votes(voted.cast, given)
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
    return _counts(voted, voted.label_sets[name], numbers, columns)


def _weigh(voted: Voted, basis: Basis, decided: Decided, seed: int) -> Weighed:
    yes, seen = decided.counts.agrees, decided.counts.seen
    found = stances(yes, seen)
    now = decisions(found)
    return Weighed(
        now,
        {way: fewest_to_change(yes, seen, way) for way in WAYS},
        margins(yes, seen),
        _other_methods(voted, basis, decided, now),
        _other_numbers(voted, decided, seed),
        found,
        deciding(yes, seen),
        look_ahead(yes, seen, decided.left),
    )


def _other_methods(
    voted: Voted, basis: Basis, decided: Decided, now: Counts
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
    score = group_informed_consensus(voted.votes, voted.label_sets[basis.label_set])
    chosen = top_by(score[decided.columns], int((now == 0).sum()))
    found["group-informed consensus, as many"] = _is_common(chosen)
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
            counts = _counts(voted, labels, range(k), decided.columns)
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
    return entry | {"sentence": _sentence(entry)}


def _people(decided: Decided, weighed: Weighed, place: int) -> dict[str, Any]:
    """How many people the decision rests on."""
    seen = int(decided.counts.seen[:, place].sum())
    found = {str(way): _whole(one.people[place]) for way, one in weighed.ways.items()}
    fewest, becomes = found["left_out"], int(weighed.ways["left_out"].becomes[place])
    return {
        "fewest_people_that_change_it": fewest,
        "becomes": DECISIONS[becomes] if becomes >= 0 else None,
        "share": fewest / seen if fewest and seen else None,
        "holds_without_any_one": fewest is None or fewest > 1,
        "holds_without_worst_percent": fewest is None or fewest > worst(int(decided.sizes.sum())),
        **found,
    }


def _whole(people: float) -> int | None:
    return None if math.isinf(people) else int(people)


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
        further = _whole(weighed.ahead.further[row, place])
        found[label] = {
            "votes": votes,
            "left": int(decided.left[row, place]),
            "further": further,
            "done": votes / (votes + further) if further else None,
            "chance_when_all_voted": float(weighed.ahead.chance[row, place]),
        }
    return found


def _sentence(entry: Mapping[str, Any]) -> str:
    decision, fewest = PLAIN[entry["decision"]].capitalize(), entry["left_out"]
    if fewest is None:
        first = f"{decision}: leaving people out changes nothing about it."
    elif fewest == 1:
        first = f"{decision}, but without one person it would be {PLAIN[entry['becomes']]}."
    else:
        first = f"{decision}; without {fewest} people it could be {PLAIN[entry['becomes']]}."
    differing = sum(one["differs"] for one in entry["methods"])
    return f"{first} {differing} of {len(entry['methods'])} other ways of counting say otherwise."


def _within(entries: Sequence[Mapping[str, Any]], way: str, people: int) -> list[str]:
    """The statements whose decision so many people could change."""
    return [
        entry["item"]["external_id"]
        for entry in entries
        if entry[way] is not None and entry[way] <= people
    ]


def _sum(rows: Sequence[Mapping[str, Any]]) -> str:
    if not rows:
        return "Nothing was decided about statements, so nothing could be bought."
    told = [f"{row['people']} could change {len(row['bought'])}" for row in rows]
    return f"If people's votes were bought, one decision at a time: {', '.join(told)}."
