"""What is agreed, group by group: communities, opinion groups and imported labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from policy.inputs import WorkshopAnswers
from policy.methods.consensus import (
    GroupCounts,
    count_votes,
    group_informed_consensus,
    minimum_over_groups,
)
from policy.methods.distinguishing import (
    Divisiveness,
    Representativeness,
    divisive_statements,
    representative_statements,
)
from policy.methods.label_sets import LabelSetTest, explains_votes, groups_explain_votes
from policy.methods.opinion_groups import OpinionGroups, find_opinion_groups

LEVEL = 0.95
COMMUNITIES, OPINION_GROUPS = "communities", "opinion_groups"


@dataclass(frozen=True)
class Voted:
    """The part of a workshop's answers that is about statements with at least one vote.

    columns: which of the workshop's statements. votes: (participants, columns). label_sets: name →
    (participants,) numbers with -1 for none, and names: the label of each number.
    """

    answers: WorkshopAnswers
    columns: NDArray[np.intp]
    votes: NDArray[np.float64]
    moderated_out: NDArray[np.bool_]
    groups: OpinionGroups
    label_sets: Mapping[str, NDArray[np.intp]]
    names: Mapping[str, list[str]]

    @property
    def statements(self) -> list[dict[str, Any]]:
        """The statements with votes, in the order of `columns`."""
        return [self.answers.statements[int(column)] for column in self.columns]


def read_votes(answers: WorkshopAnswers, seed: int) -> Voted:
    """Keep the statements that were voted on, find opinion groups, and line up every label set."""
    columns = np.flatnonzero((~np.isnan(answers.votes)).any(axis=0))
    votes = answers.votes[:, columns]
    out = np.array(
        [answers.statements[int(c)]["moderation"] == "out" for c in columns], dtype=np.bool_
    )
    groups = find_opinion_groups(votes, seed=seed, moderated_out=out)
    sets = {COMMUNITIES: answers.community_of}
    names = {COMMUNITIES: [one["slug"] for one in answers.communities]}
    for name, given in answers.label_sets.items():
        # Other people's labels never stand where communities or computed groups do.
        ours = f"imported {name}" if name in (COMMUNITIES, OPINION_GROUPS) else name
        sets[ours], names[ours] = answers.labels(name), sorted(set(given.values()))
    if groups.k:
        sets[OPINION_GROUPS] = groups.labels.astype(np.intp)
        names[OPINION_GROUPS] = [str(number) for number in range(groups.k)]
    return Voted(answers, columns, votes, out, groups, sets, names)


def label_set_section(voted: Voted, seed: int) -> dict[str, Any]:
    """Every label set with its sizes and whether it explains the votes."""
    section = {}
    for name, labels in voted.label_sets.items():
        sizes = {
            label: int((labels == number).sum()) for number, label in enumerate(voted.names[name])
        }
        section[name] = {"labels": sizes} | _test(_tested(voted, name, seed))
    groups = voted.groups
    section.setdefault(OPINION_GROUPS, {"labels": {}} | _test(None))
    section[OPINION_GROUPS] |= {
        "k": groups.k,
        "chosen_by": groups.chosen_by,
        "supported": groups.supported,
        "stability": {str(k): asdict(found) for k, found in groups.stability.items()},
        "silhouettes": {str(k): value for k, value in groups.silhouettes.items()},
        "sentence": groups.sentence,
    }
    return section


def space_section(voted: Voted) -> dict[str, Any]:
    """Where each person stands on the map of opinions, with community and opinion group."""
    space = voted.groups.space
    people = voted.answers.participants
    return {
        "points": [
            {
                "participant": people[row]["pseudonym"],
                "x": float(space.coordinates[row, 0]),
                "y": float(space.coordinates[row, 1]),
                "community": people[row]["community"],
                "group": int(voted.groups.labels[row]) if voted.groups.labels[row] >= 0 else None,
            }
            for row in np.flatnonzero(space.placed)
        ]
        if not space.sentence
        else [],
        "explained": [float(share) for share in space.explained],
        "sentence": space.sentence,
    }


def statement_section(voted: Voted, seed: int) -> list[dict[str, Any]]:
    """Every statement with what each label of each set makes of it."""
    found: list[dict[str, Any]] = [
        {
            "id": statement["id"],
            "external_id": statement["external_id"],
            "text": statement["text"],
            "theme": statement["theme"],
            "moderation": statement["moderation"],
            "seen": int((~np.isnan(voted.votes[:, column])).sum()),
            "twin_of": None,
            "label_sets": {},
        }
        for column, statement in enumerate(voted.statements)
    ]
    for name, labels in voted.label_sets.items():
        for column, counted in enumerate(_by_label_set(voted, name, labels, seed)):
            found[column]["label_sets"][name] = counted
    return found


def bounds(agrees: NDArray[Any], seen: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Both ends of the share that agrees, by Beta(A + 1, S - A + 1); NaN where nobody saw it."""
    tail = (1 - LEVEL) / 2
    low = stats.beta.ppf(tail, agrees + 1, seen - agrees + 1)
    high = stats.beta.ppf(1 - tail, agrees + 1, seen - agrees + 1)
    return np.where(seen > 0, low, np.nan), np.where(seen > 0, high, np.nan)


def _tested(voted: Voted, name: str, seed: int) -> LabelSetTest:
    if name == OPINION_GROUPS:
        # Computed from these votes, so they are found in one half and tested in the other.
        return groups_explain_votes(
            voted.votes, seed=seed, k=voted.groups.k, moderated_out=voted.moderated_out
        )
    return explains_votes(voted.votes, voted.label_sets[name], seed=seed)


def _test(test: LabelSetTest | None) -> dict[str, Any]:
    if test is None:
        nan = float("nan")
        return {"explains_votes_p": nan, "explains_votes_share": nan, "flagged": True}
    return {
        "explains_votes_p": test.p,
        "explains_votes_share": test.statistic,
        "chance_share": test.chance,
        "flagged": test.flagged,
        "sentence": test.sentence,
        "explains_votes_sentence": test.sentence,
    }


def _by_label_set(
    voted: Voted, name: str, labels: NDArray[np.intp], seed: int
) -> list[dict[str, Any]]:
    """One entry per statement for one label set."""
    names = voted.names[name]
    counts = count_votes(voted.votes, labels)
    consensus = group_informed_consensus(voted.votes, labels)
    minimum = minimum_over_groups(voted.votes, labels)
    divisive = divisive_statements(voted.votes, labels, seed=seed)
    agreeing = representative_statements(voted.votes, labels)
    low, high = bounds(counts.agrees, counts.seen)
    entries = []
    for column in range(voted.votes.shape[1]):
        least = int(minimum.label[column])
        entries.append(
            {
                "group_informed_consensus": float(consensus[column]),
                "minimum": {
                    "group": names[least] if least >= 0 else None,
                    "low": float(minimum.bound[column]),
                    "n": int(minimum.seen[column]),
                    "too_few": bool(minimum.too_few[column]),
                },
                **_divisive(divisive, column),
                "groups": {
                    names[int(label)]: _group(counts, agreeing, low, high, row, column)
                    for row, label in enumerate(counts.labels)
                },
            }
        )
    return entries


def _divisive(divisive: Divisiveness, column: int) -> dict[str, float]:
    return {
        "polarisation": float(divisive.polarisation[column]),
        "divisive_p": float(divisive.p[column]),
        "divisive_q": float(divisive.q[column]),
    }


def _group(
    counts: GroupCounts,
    agreeing: Representativeness,
    low: NDArray[Any],
    high: NDArray[Any],
    row: int,
    column: int,
) -> dict[str, Any]:
    agrees, seen = int(counts.agrees[row, column]), int(counts.seen[row, column])
    return {
        "agrees": agrees,
        "disagrees": int(counts.disagrees[row, column]),
        "seen": seen,
        "share": agrees / seen if seen else float("nan"),
        "low": float(low[row, column]),
        "high": float(high[row, column]),
        "representative": {
            "r": float(agreeing.ratio[row, column]),
            "p": float(agreeing.difference_p[row, column]),
            "q": float(agreeing.difference_q[row, column]),
            "polis_z": float(agreeing.polis_difference_z[row, column]),
            "agrees": bool(agreeing.representative[row, column]),
        },
    }
