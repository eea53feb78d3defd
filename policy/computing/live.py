"""The live picture of a vote: what moved enough to be told, and everything else as it was told.

docs/small-cells.md says why a picture stands still between two looks. No bootstrap and no
permutations: whether groups are stable, an analysis tells.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from policy.computing.statements import bounds, stance
from policy.inputs_live import LiveVotes
from policy.methods.consensus import GroupCounts, minimum_of
from policy.methods.holding import Held, held_anew
from policy.methods.opinion_groups import OpinionGroups, find_opinion_groups

SEED = 7
UNMEASURED = "These groups are of this moment; whether they are stable, an analysis tells."
FOR, AGAINST = "for", "against"


@dataclass(frozen=True)
class Told:
    """What was told last. held: {statement id: {community: [disagree, pass, agree, mark]}}. map: of
    opinions, {} for none yet. since: votes up to this one were taken to tell nothing of."""

    held: Mapping[str, Mapping[str, list[int]]]
    map: Mapping[str, Any]
    since: int


@dataclass(frozen=True)
class Picture:
    """What is to be stored. points: of a new map, to be drawn and forgotten; None: the old map."""

    held: dict[str, dict[str, list[int]]]
    statements: dict[str, dict[str, Any]]
    map: dict[str, Any]
    points: list[dict[str, Any]] | None


def live_picture(votes: LiveVotes, told: Told, fewest: int) -> Picture:
    """The picture after these votes. fewest: how many people stand behind every change of it."""
    held = held_anew(
        _held_before(votes, told),
        votes.community_of[votes.people],
        votes.columns,
        votes.votes,
        fewest,
    )
    drawn = _new_map(votes, told, max(fewest, 1))
    found, points = drawn or (dict(told.map), None)
    return Picture(_kept(votes, held), _statements(votes, held), found, points)


def _held_before(votes: LiveVotes, told: Told) -> Held:
    shape = (len(votes.communities), len(votes.statements))
    counts = np.zeros((*shape, 3), dtype=np.int64)
    marks = np.full(shape, told.since, dtype=np.int64)
    for column, statement in enumerate(votes.statements):
        for row, slug in enumerate(votes.communities):
            cell = told.held.get(str(statement), {}).get(slug)
            if cell:
                counts[row, column], marks[row, column] = cell[:3], cell[3]
    return Held(counts, marks)


def _kept(votes: LiveVotes, held: Held) -> dict[str, dict[str, list[int]]]:
    """The cells that tell something."""
    told = held.counts.sum(axis=2) > 0
    return {
        str(statement): {
            slug: [*held.counts[row, column].tolist(), int(held.marks[row, column])]
            for row, slug in enumerate(votes.communities)
            if told[row, column]
        }
        for column, statement in enumerate(votes.statements)
        if told[:, column].any()
    }


def _statements(votes: LiveVotes, held: Held) -> dict[str, dict[str, Any]]:
    """What each community makes of each statement, and where it stands from agreed to divisive."""
    seen = held.counts.sum(axis=2)
    if not votes.communities:
        return {}
    labels = np.arange(len(votes.communities), dtype=np.int64)
    counts = GroupCounts(labels, held.counts[:, :, 2], held.counts[:, :, 0], seen)
    least, apart = minimum_of(counts).bound, np.ptp(counts.shares, axis=0)
    low, high = bounds(counts.agrees, seen)
    return {
        str(statement): {
            "kind": _kind(low[:, column], high[:, column], seen[:, column]),
            "least": float(least[column]),
            "apart": float(apart[column]),
            "communities": {
                slug: {
                    "share": int(counts.agrees[row, column]) / int(seen[row, column]),
                    "low": float(low[row, column]),
                    "high": float(high[row, column]),
                    "n": int(seen[row, column]),
                }
                for row, slug in enumerate(votes.communities)
                if seen[row, column]
            },
        }
        for column, statement in enumerate(votes.statements)
        if seen[:, column].any()
    }


def _kind(low: NDArray[Any], high: NDArray[Any], seen: NDArray[Any]) -> str:
    """Agreed by all, refused by all, apart, or open, by what each community's votes vouch for.

    Partly: some community has not voted enough to say anything.
    """
    if not seen.all():
        return "partly"
    cells = zip(low.tolist(), high.tolist(), seen.tolist(), strict=True)
    stances = {stance(*cell) for cell in cells}
    if stances == {FOR}:
        return "agreed"
    if stances == {AGAINST}:
        return "refused"
    return "apart" if {FOR, AGAINST} <= stances else "open"


def _new_map(
    votes: LiveVotes, told: Told, fewest: int
) -> tuple[dict[str, Any], list[dict[str, Any]]] | None:
    """A new map of opinions, or None where too few voted since the last or can be placed."""
    mark = int(told.map.get("mark", told.since))
    late = np.unique(votes.people[votes.votes[:, 0] > mark])
    if len(late) < fewest:
        return None
    groups = find_opinion_groups(votes.cast, seed=SEED, resamples=0)
    points = _points(votes, groups)
    if points and len(points) < fewest:
        return None
    return {
        "mark": int(votes.votes[:, 0].max(initial=0)),
        "people": len(points),
        "k": groups.k,
        "sizes": {str(n): int((groups.labels == n).sum()) for n in range(groups.k)},
        "explained": [float(share) for share in groups.space.explained],
        "sentence": UNMEASURED if groups.k else groups.sentence,
    }, points


def _points(votes: LiveVotes, groups: OpinionGroups) -> list[dict[str, Any]]:
    """Where people stand, in no order that tells who they are."""
    space = groups.space
    if space.sentence:
        return []
    points = [
        {
            "x": float(space.coordinates[row, 0]),
            "y": float(space.coordinates[row, 1]),
            "community": votes.communities[int(votes.community_of[row])],
            "group": int(groups.labels[row]) if groups.labels[row] >= 0 else None,
        }
        for row in np.flatnonzero(space.placed)
    ]
    return sorted(points, key=lambda point: (point["x"], point["y"]))
