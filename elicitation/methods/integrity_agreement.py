"""Who answers alike beyond what their community and people of the same views explain."""

from __future__ import annotations

import numpy as np

from elicitation.methods.integrity_table import Bools, Ints, Singles, Table

FEWEST_SHARED = 10
# One-sided 1 %. A gate and no verdict: other evidence decides.
BEYOND = 2.326
# People of like views who are asked: an eighth of the workshop, within these bounds.
FEWEST_LIKE, MOST_LIKE = 10, 50
# The weight of the community's own shares beside those people's.
PRIOR = 2.0


def agree_beyond_views(table: Table, linked: Bools) -> Bools:
    """(n, n): whether two people agree more than the people of like views whom nothing links to
    either would lead to expect, both ways. linked: (n, n), left out of those who are asked.

    A minority that is known from people outside the pair's own circle is thereby explained.
    """
    marks, item = _marks(table)
    seen = table.seen.astype(np.float32)
    shared = seen @ seen.T
    shares = _community_shares(marks, seen, item, table.community)
    like = _like_minded(marks, shares, seen[:, item], shared, linked)
    expected = (like @ marks + PRIOR * shares) / ((like @ seen)[:, item] + PRIOR)
    asked = expected * seen[:, item]
    mean = asked @ marks.T
    spread = np.sqrt(np.maximum((asked * (1 - expected)) @ marks.T, 0.25))
    beyond = (marks @ marks.T - mean) / spread
    agree = (np.minimum(beyond, beyond.T) >= BEYOND) & (shared >= FEWEST_SHARED)
    np.fill_diagonal(agree, False)
    return np.asarray(agree, dtype=np.bool_)


def _marks(table: Table) -> tuple[Singles, Ints]:
    """(n, choices) of 0 and 1, one column per choice of an item; and the item of each column."""
    rows, items = np.nonzero(table.seen)
    codes, column = np.unique(table.choices[rows, items], return_inverse=True)
    marks = np.zeros((len(table.joined), len(codes)), dtype=np.float32)
    marks[rows, column] = 1
    item = np.zeros(len(codes), dtype=np.int64)
    item[column] = items
    return marks, item


def _community_shares(marks: Singles, seen: Singles, item: Ints, community: Ints) -> Singles:
    """(n, choices): share of each choice in the person's community, drawn to the workshop's."""
    overall = (marks.sum(axis=0) + 0.5) / (seen.sum(axis=0)[item] + 1)
    found = np.empty_like(marks)
    for number in np.unique(community):
        inside = community == number
        answered = seen[inside].sum(axis=0)[item]
        found[inside] = (marks[inside].sum(axis=0) + PRIOR * overall) / (answered + PRIOR)
    return found


def _like_minded(
    marks: Singles, shares: Singles, asked: Singles, shared: Singles, linked: Bools
) -> Singles:
    """(n, n) of 0 and 1: for each person the unlinked people who answer most like them."""
    apart = (marks - shares) * asked
    likeness = (apart @ apart.T) / np.sqrt(np.maximum(shared, 1))
    likeness[linked | (shared < 1)] = -np.inf
    np.fill_diagonal(likeness, -np.inf)
    n = len(marks)
    wanted = min(max(FEWEST_LIKE, min(MOST_LIKE, n // 8)), n)
    nearest = np.argpartition(-likeness, wanted - 1, axis=1)[:, :wanted] if n else np.empty((0, 0))
    found = np.zeros((n, n), dtype=np.float32)
    np.put_along_axis(found, nearest.astype(np.int64), 1, axis=1)
    return found * np.isfinite(likeness)
