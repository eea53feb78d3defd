"""What is agreed, group by group: communities, opinion groups and imported labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from policy.computing.polis import PolisSection, polis_section
from policy.inputs import WorkshopAnswers
from policy.methods.bridging import Bridging, bridging_scores
from policy.methods.consensus import (
    FEWEST,
    GroupCounts,
    MinimumOverGroups,
    consensus_of,
    count_votes,
    minimum_of,
)
from policy.methods.distinguishing import (
    Divisiveness,
    Representativeness,
    divisive_of,
    representative_of,
)
from policy.methods.intervals import posterior_bounds
from policy.methods.opinion_groups import RESAMPLES, OpinionGroups, find_opinion_groups
from policy.methods.vote_table import VoteTable

LEVEL = 0.95
COMMUNITIES, OPINION_GROUPS = "communities", "opinion_groups"
TOO_FEW = "too few to say"


@dataclass(frozen=True)
class Voted:
    """The part of a workshop's answers that is about statements with at least one vote.

    columns: which of the workshop's statements. cast: their votes, of all participants. label_sets:
    name → (participants,) numbers with -1 for none, and names: the label of each number.
    """

    answers: WorkshopAnswers
    columns: NDArray[np.intp]
    cast: VoteTable
    moderated_out: NDArray[np.bool_]
    groups: OpinionGroups
    label_sets: Mapping[str, NDArray[np.intp]]
    names: Mapping[str, list[str]]

    @property
    def statements(self) -> list[dict[str, Any]]:
        """The statements with votes, in the order of `columns`."""
        return [self.answers.statements[int(column)] for column in self.columns]

    @cached_property
    def counts(self) -> dict[str, GroupCounts]:
        """The votes of every label set, counted once."""
        return {name: count_votes(self.cast, one) for name, one in self.label_sets.items()}

    @cached_property
    def in_all(self) -> GroupCounts:
        """The votes of everybody, labelled or not, as of one group."""
        return count_votes(self.cast, np.zeros(self.cast.shape[0], dtype=np.intp))


def read_votes(
    answers: WorkshopAnswers, seed: int, k: int | None = None, resamples: int = RESAMPLES
) -> Voted:
    """Keep the statements that were voted on, find opinion groups, and line up every label set.

    k: how many groups the analyst wants; suggested when None.
    """
    columns = np.flatnonzero(answers.cast.seen_of > 0)
    cast = answers.cast.of_statements(columns)
    out = np.array(
        [answers.statements[int(c)]["moderation"] == "out" for c in columns], dtype=np.bool_
    )
    groups = find_opinion_groups(cast, seed=seed, moderated_out=out, k=k, resamples=resamples)
    sets = {COMMUNITIES: answers.community_of}
    names = {COMMUNITIES: [one["slug"] for one in answers.communities]}
    for name, given in answers.label_sets.items():
        # Other people's labels never stand where communities or computed groups do.
        ours = f"imported {name}" if name in (COMMUNITIES, OPINION_GROUPS) else name
        sets[ours], names[ours] = answers.labels(name), sorted(set(given.values()))
    if groups.k:
        sets[OPINION_GROUPS] = groups.labels.astype(np.intp)
        names[OPINION_GROUPS] = [str(number) for number in range(groups.k)]
    return Voted(answers, columns, cast, out, groups, sets, names)


def statement_section(voted: Voted, seed: int) -> list[dict[str, Any]]:
    """Every statement with what each label of each set makes of it."""
    bridging = bridging_scores(voted.cast, seed=seed, moderated_out=voted.moderated_out)
    seen = voted.cast.seen_of
    found: list[dict[str, Any]] = [
        {
            "id": statement["id"],
            "external_id": statement["external_id"],
            "text": statement["text"],
            "theme": statement["theme"],
            "moderation": statement["moderation"],
            "seen": int(seen[column]),
            "twin_of": None,
            "bridging": _bridging(bridging, column),
            "space": _place(voted, column),
            "label_sets": {},
        }
        for column, statement in enumerate(voted.statements)
    ]
    for name in voted.label_sets:
        for column, counted in enumerate(_by_label_set(voted, name, seed)):
            found[column]["label_sets"][name] = counted
    return found


def bounds(agrees: NDArray[Any], seen: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Both ends of the share that agrees, by Beta(A + 1, S - A + 1); NaN where nobody saw it."""
    low, high = posterior_bounds(agrees, seen, LEVEL)
    return np.where(seen > 0, low, np.nan), np.where(seen > 0, high, np.nan)


def stance(low: float, high: float, seen: int) -> str:
    """What a label makes of a statement: for, against, unclear, or too few to say."""
    if seen < FEWEST:
        return TOO_FEW
    if low > 0.5:
        return "for"
    return "against" if high < 0.5 else "unclear"


def _bridging(found: Bridging, column: int) -> dict[str, float]:
    return {"score": float(found.score[column]), "side": float(found.side[column])}


def _place(voted: Voted, column: int) -> dict[str, float]:
    """Where the statement stands on the map of opinions, as Polis projects it."""
    space = voted.groups.space
    x, y = (float(value) for value in space.statements[column])
    return {"x": x, "y": y, "extremity": float(space.extremity[column])}


def _by_label_set(voted: Voted, name: str, seed: int) -> list[dict[str, Any]]:
    """One entry per statement for one label set."""
    counts, names = voted.counts[name], voted.names[name]
    consensus = consensus_of(counts)
    minimum = minimum_of(counts)
    divisive = divisive_of(counts, seed=seed)
    raw = np.where(counts.seen > 0, counts.agrees / np.maximum(counts.seen, 1), np.nan)
    groups = _Groups(counts, polis_section(counts, voted.groups.space.extremity))
    return [
        {
            "group_informed_consensus": float(consensus[column]),
            "minimum": _minimum(minimum, names, column),
            # Remesh's measure of bridging: the least share, whatever it rests on.
            "least_share": float(raw[:, column].min()) if len(raw) else float("nan"),
            **_divisive(divisive, column),
            "priority": float(groups.polis.priority[column]),
            "groups": {
                names[int(label)]: groups.entry(row, column)
                for row, label in enumerate(counts.labels)
            },
        }
        for column in range(voted.cast.shape[1])
    ]


def _minimum(minimum: MinimumOverGroups, names: list[str], column: int) -> dict[str, Any]:
    least = int(minimum.label[column])
    return {
        "group": names[least] if least >= 0 else None,
        "low": float(minimum.bound[column]),
        "n": int(minimum.seen[column]),
        "too_few": bool(minimum.too_few[column]),
    }


def _divisive(divisive: Divisiveness, column: int) -> dict[str, float]:
    return {
        "polarisation": float(divisive.polarisation[column]),
        "divisive_p": float(divisive.p[column]),
        "divisive_q": float(divisive.q[column]),
    }


class _Groups:
    """What every label of a set makes of every statement."""

    def __init__(self, counts: GroupCounts, polis: PolisSection) -> None:
        self.counts, self.polis = counts, polis
        self.low, self.high = bounds(counts.agrees, counts.seen)
        self.agreeing = representative_of(counts)
        self.disagreeing = representative_of(counts, choice="disagree")

    def entry(self, row: int, column: int) -> dict[str, Any]:
        """One label's counts, share with its bounds, and what sets it apart."""
        counts = self.counts
        agrees, seen = int(counts.agrees[row, column]), int(counts.seen[row, column])
        low, high = float(self.low[row, column]), float(self.high[row, column])
        return {
            "agrees": agrees,
            "disagrees": int(counts.disagrees[row, column]),
            "seen": seen,
            "share": agrees / seen if seen else float("nan"),
            "low": low,
            "high": high,
            "stance": stance(low, high, seen),
            "representative": _apart(self.agreeing, row, column)
            | {"disagrees": bool(self.disagreeing.representative[row, column])},
            "polis": self.polis.entry(row, column),
        }


def _apart(agreeing: Representativeness, row: int, column: int) -> dict[str, Any]:
    return {
        "r": float(agreeing.ratio[row, column]),
        "p": float(agreeing.difference_p[row, column]),
        "q": float(agreeing.difference_q[row, column]),
        "polis_z": float(agreeing.polis_difference_z[row, column]),
        "agrees": bool(agreeing.representative[row, column]),
    }
