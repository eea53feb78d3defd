"""Label sets, the map of opinions, and opinion groups: how many, how firm, and in what words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from elicitation.methods.taking_back import SHORTEST_PHRASE
from policy.computing.polis import consensus_lists, representative_lists
from policy.computing.statements import COMMUNITIES, OPINION_GROUPS, Voted
from policy.methods.consensus import GroupCounts
from policy.methods.distinguishing import LEVEL as FALSE_DISCOVERIES
from policy.methods.distinguishing import Representativeness, representative_of
from policy.methods.label_sets import LabelSetTest, explains_votes, groups_explain_votes
from policy.methods.opinion_groups import OpinionGroups, groups_within

TOLD_APART_BY = 3
DESCRIBES = (
    "Groups were computed from these votes: the statements describe them, and prove nothing."
)


def label_set_section(voted: Voted, seed: int) -> dict[str, Any]:
    """Every label set with its sizes, whether it explains the votes, and Polis's lists."""
    section: dict[str, dict[str, Any]] = {}
    for name, labels in voted.label_sets.items():
        sizes = {
            label: int((labels == number).sum()) for number, label in enumerate(voted.names[name])
        }
        section[name] = {"labels": sizes, "polis": _polis_lists(voted, name)}
        section[name] |= _test(_tested(voted, name, seed))
    section.setdefault(OPINION_GROUPS, {"labels": {}, "polis": {}} | _test(None))
    section[OPINION_GROUPS] |= _found(voted.groups)
    section[OPINION_GROUPS] |= {
        "described": described(voted, OPINION_GROUPS) if voted.groups.k else {},
        "describes": DESCRIBES if voted.groups.k else "",
        "within": _within(voted, seed),
    }
    if len(voted.answers.communities) > 1:
        section[COMMUNITIES]["described"] = described(voted, COMMUNITIES)
    return section


def places_for_drawings(voted: Voted, label_sets: Mapping[str, Any]) -> dict[str, Any]:
    """What only drawings need, taken out of the label sets: it is drawn, and not stored.

    labels: for each imported set, the label of each point of the map, "" for none. within: for each
    opinion group, its people on their own map, and whether its parts can be relied on.
    """
    placed = np.flatnonzero(voted.groups.space.placed)
    within = label_sets[OPINION_GROUPS]["within"].items()
    return {
        "labels": {
            name: [names[int(n)] if n >= 0 else "" for n in voted.label_sets[name][placed]]
            for name, names in voted.names.items()
            if name not in (COMMUNITIES, OPINION_GROUPS)
        },
        "within": {
            number: {"points": inner.pop("points"), "supported": inner["supported"]}
            for number, inner in within
        },
    }


def polis_consensus_section(voted: Voted) -> dict[str, Any]:
    """What Polis's report opens with: what everybody agrees and disagrees with."""
    return consensus_lists(voted.in_all, voted.moderated_out, voted.statements)


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


def described(voted: Voted, name: str) -> dict[str, dict[str, Any]]:
    """For each label of a set, the statements that tell it apart, as a sentence and as numbers."""
    counts, statements = voted.counts[name], voted.statements
    sides = [
        (True, counts.agrees, representative_of(counts)),
        (False, counts.disagrees, representative_of(counts, choice="disagree")),
    ]
    quotable = _quotable(voted)
    found = {}
    for row, label in enumerate(counts.labels):
        entries = [
            _telling(counts, chosen, apart, agrees, row, int(column), statements)
            for agrees, chosen, apart in sides
            for column in np.flatnonzero(apart.representative[row] & quotable)
        ]
        entries.sort(key=lambda one: (one["others"] - one["share"], one["external_id"]))
        told = entries[:TOLD_APART_BY]
        found[voted.names[name][int(label)]] = {"statements": told, "sentence": _in_words(told)}
    return found


def _quotable(voted: Voted) -> NDArray[np.bool_]:
    """(columns,) what may stand in a description: nothing withheld, nor not to be quoted."""
    refused = voted.answers.unquotable
    agreed = np.array([one["id"] not in refused for one in voted.statements], dtype=np.bool_)
    return np.asarray(~voted.moderated_out & agreed, dtype=np.bool_)


def _telling(
    counts: GroupCounts,
    chosen: NDArray[np.int64],
    apart: Representativeness,
    agrees: bool,
    row: int,
    column: int,
    statements: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    others = int(counts.seen[:, column].sum() - counts.seen[row, column])
    of_others = int(chosen[:, column].sum() - chosen[row, column])
    statement = statements[column]
    return {
        "id": statement["id"],
        "external_id": statement["external_id"],
        "text": statement["text"],
        "agrees": agrees,
        "share": int(chosen[row, column]) / int(counts.seen[row, column]),
        "n": int(counts.seen[row, column]),
        "others": of_others / others,
        "others_n": others,
        "q": float(apart.difference_q[row, column]),
    }


def _in_words(told: Sequence[Mapping[str, Any]]) -> str:
    if not told:
        none = f"at a false discovery rate of {100 * FALSE_DISCOVERIES:.0f} %"
        return f"No statement tells it apart from the others {none}."
    parts = []
    for verb, agrees in (("agrees with", True), ("disagrees with", False)):
        quotes = [
            f"{_quoted(one)} ({100 * one['share']:.0f} % of {one['n']}, "
            f"of the others {100 * one['others']:.0f} %)"
            for one in told
            if one["agrees"] is agrees
        ]
        if quotes:
            parts.append(f"{verb} {', '.join(quotes)}")
    return f"More than the others it {'; it '.join(parts)}."


def _quoted(one: Mapping[str, Any]) -> str:
    """The words, where they can be taken back out of a sentence; the number of short ones."""
    text = str(one["text"])
    return (
        f"“{text}”" if len(text.strip()) >= SHORTEST_PHRASE else f"statement {one['external_id']}"
    )


def _within(voted: Voted, seed: int) -> dict[str, Any]:
    """Each opinion group looked at by itself."""
    found = groups_within(voted.cast, voted.groups, seed=seed, moderated_out=voted.moderated_out)
    return {
        str(number): _found(inner)
        | {"labels": {str(one): int((inner.labels == one).sum()) for one in range(inner.k)}}
        | {"points": _inner_points(inner, np.flatnonzero(voted.groups.labels == number))}
        for number, inner in found.items()
    }


def _inner_points(inner: OpinionGroups, members: NDArray[np.intp]) -> list[dict[str, Any]]:
    """Where a group's own people stand on their map, and in which part of the group."""
    space = inner.space
    if space.sentence:
        return []
    return [
        {
            "x": float(space.coordinates[row, 0]),
            "y": float(space.coordinates[row, 1]),
            "group": int(label) if label >= 0 else None,
        }
        for row, label in enumerate(inner.labels[members].tolist())
        if space.placed[row]
    ]


def _found(groups: OpinionGroups) -> dict[str, Any]:
    return {
        "k": groups.k,
        "chosen_by": groups.chosen_by,
        "supported": groups.supported,
        "stability": {str(k): asdict(found) for k, found in groups.stability.items()},
        "silhouettes": {str(k): value for k, value in groups.silhouettes.items()},
        "sentence": groups.sentence,
    }


def _polis_lists(voted: Voted, name: str) -> dict[str, Any]:
    return representative_lists(
        voted.counts[name], voted.moderated_out, voted.names[name], voted.statements
    )


def _tested(voted: Voted, name: str, seed: int) -> LabelSetTest:
    if name == OPINION_GROUPS:
        # Computed from these votes, so they are found in one half and tested in the other.
        return groups_explain_votes(
            voted.cast, seed=seed, k=voted.groups.k, moderated_out=voted.moderated_out
        )
    return explains_votes(voted.cast, voted.label_sets[name], seed=seed)


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
