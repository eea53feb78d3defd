"""What all groups agree on: Polis's product, and the minimum over groups that we decide on."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincinv

from policy.methods.label_sets import checked_labels
from policy.methods.opinion_groups import Labels
from policy.methods.vote_table import VoteTable, vote_table

Counts = NDArray[np.int64]
Shares = NDArray[np.float64]
# Votes of a group on a statement below which its share is not spoken of.
FEWEST = 5


@dataclass(frozen=True)
class GroupCounts:
    """Votes on each statement by group: labels (groups,); the others (groups, statements)."""

    labels: Labels
    agrees: Counts
    disagrees: Counts
    seen: Counts

    @property
    def shares(self) -> Shares:
        """Smoothed share that agrees, (A + 1) / (S + 2); one half where nobody saw it."""
        return np.asarray((self.agrees + 1) / (self.seen + 2), dtype=np.float64)


@dataclass(frozen=True)
class MinimumOverGroups:
    """For each statement, the group that agrees least for certain.

    bound: (statements,) lower bound of the share agreeing in that group; NaN when a group saw
    nothing of it. label, agrees, seen: (statements,) of that group. too_few: (statements,) some
    group has fewer votes on it than can be relied on. sentence: "" or why nothing can be said.
    """

    bound: Shares
    label: Labels
    agrees: Counts
    seen: Counts
    too_few: NDArray[np.bool_]
    level: float
    sentence: str


def count_votes(votes: ArrayLike | VoteTable, labels: ArrayLike) -> GroupCounts:
    """Agrees, disagrees and seen (passes count) per group, groups in order of their label.

    votes: (participants, statements) of -1, 0, 1; NaN where unseen, or a table of votes. labels:
    (participants,) int; people labelled -1 are not counted. Raises ValueError for other votes or
    shapes.
    """
    table = vote_table(votes)
    marks = checked_labels(labels, table.shape[0])
    names, place = np.unique(marks, return_inverse=True)
    unlabelled = int((names < 0).sum())
    shape = (len(names), table.shape[1], 3)
    # Each vote is one of three cells of its group and statement; -1 stands in the first.
    cell = (place.astype(np.int64) * (table.shape[1] * 3))[table.people]
    cell += table.statements.astype(np.int64) * 3
    cell += table.choices + 1
    counted = np.bincount(cell, minlength=int(np.prod(shape))).reshape(shape)[unlabelled:]
    return GroupCounts(names[unlabelled:], counted[:, :, 2], counted[:, :, 0], counted.sum(axis=2))


def group_informed_consensus(votes: ArrayLike | VoteTable, labels: ArrayLike) -> Shares:
    """Probability that every group agrees with each statement: ∏ (A + 1) / (S + 2).

    Arrays as in `count_votes`. Returns (statements,) in (0, 1); NaN when there are no groups. It
    falls as groups are added, so values compare only between statements of one label set.
    Source: Small et al. 2021, Recerca 26(2).
    """
    return consensus_of(count_votes(votes, labels))


def consensus_of(counts: GroupCounts) -> Shares:
    """`group_informed_consensus` of votes that were counted already."""
    if not len(counts.labels):
        return np.full(counts.seen.shape[1], np.nan)
    return np.asarray(counts.shares.prod(axis=0), dtype=np.float64)


def minimum_over_groups(
    votes: ArrayLike | VoteTable, labels: ArrayLike, level: float = 0.95, fewest: int = FEWEST
) -> MinimumOverGroups:
    """The least agreement among groups that the votes still vouch for.

    Each group's share agreeing has the posterior Beta(A + 1, S - A + 1); its lower bound is the
    (1 - level) quantile. One person casts one vote on a statement, so votes within a statement are
    independent; do not pool statements. fewest: votes below which a group is too small to say.
    Raises ValueError for a level outside (0, 1).
    """
    return minimum_of(count_votes(votes, labels), level, fewest)


def minimum_of(counts: GroupCounts, level: float = 0.95, fewest: int = FEWEST) -> MinimumOverGroups:
    """`minimum_over_groups` of votes that were counted already."""
    if not 0 < level < 1:
        raise ValueError("The level must lie between 0 and 1, such as 0.95.")
    statements = np.arange(counts.seen.shape[1])
    if not len(counts.labels):
        return _no_minimum(len(statements), level)
    bounds = betaincinv(counts.agrees + 1, counts.seen - counts.agrees + 1, 1 - level)
    least = bounds.argmin(axis=0)
    unseen = (counts.seen == 0).any(axis=0)
    return MinimumOverGroups(
        np.where(unseen, np.nan, bounds[least, statements]),
        counts.labels[least],
        counts.agrees[least, statements],
        counts.seen[least, statements],
        np.asarray((counts.seen < fewest).any(axis=0)),
        level,
        "No statement was seen by every group." if unseen.all() else "",
    )


def _no_minimum(n_statements: int, level: float) -> MinimumOverGroups:
    none = np.zeros(n_statements, dtype=np.int64)
    return MinimumOverGroups(
        np.full(n_statements, np.nan),
        none - 1,
        none,
        none,
        np.ones(n_statements, dtype=bool),
        level,
        "Nobody is in a group: there is no agreement between groups to measure.",
    )
