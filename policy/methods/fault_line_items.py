"""What a fault line is made of: items on which communities or opinion groups may differ."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal
from zlib import crc32

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from policy.methods.consensus import count_votes
from policy.methods.distinguishing import divisive_of
from policy.methods.label_sets import checked_labels
from policy.methods.multiple_testing import benjamini_hochberg
from policy.methods.vote_table import VoteTable, vote_table

Draws = NDArray[np.float64]
Kind = Literal["statement", "feature", "reason", "mark", "rewrite"]


@dataclass(frozen=True)
class FaultItem:
    """One thing people judged, with what each label makes of it.

    key: unique. text: its words. values: label → estimate, best in [0, 1] so that kinds compare;
    n: label → people behind it; errors: label → standard error. q: adjusted p that the labels do
    not differ, NaN when it could not be tested. draws: label → (resamples,) of the estimate with
    people resampled, the same resamples for every item; without them the errors are used. p: before
    it was adjusted, NaN where only q is known. about: what its subject is read from, where that is
    more than its text. log_odds: of a word, how much more each label uses it.
    """

    key: str
    text: str
    kind: Kind
    values: Mapping[str, float]
    n: Mapping[str, int]
    errors: Mapping[str, float]
    q: float
    draws: Mapping[str, Draws] = field(default_factory=dict)
    p: float = float("nan")
    about: str = ""
    log_odds: Mapping[str, float] = field(default_factory=dict)


def adjusted_together(items: Sequence[FaultItem]) -> list[FaultItem]:
    """The same items with q adjusted over all of them at once, whatever their kinds.

    Each kind adjusted by itself would let chance in once per kind. Items without a p keep their q.
    """
    q = benjamini_hochberg([item.p for item in items])
    return [
        item if np.isnan(item.p) else replace(item, q=float(one))
        for item, one in zip(items, q, strict=True)
    ]


def items_from_votes(
    votes: ArrayLike | VoteTable,
    labels: ArrayLike,
    *,
    names: Mapping[int, str],
    keys: Sequence[str],
    texts: Sequence[str],
    seed: int,
    resamples: int = 200,
) -> list[FaultItem]:
    """Statements as items: shares that agree, exact tests, and resampled people.

    votes: (participants, statements) of -1, 0, 1; NaN where unseen, or a table of votes. labels:
    (participants,) int, -1 for none. names: label → name. keys, texts: one per statement. People
    are resampled within their label, whole persons at a time, so that what is learnt of one item
    carries over to the others.
    Raises ValueError when keys or texts do not match the statements, or a label has no name.
    """
    table = vote_table(votes)
    marks = checked_labels(labels, table.shape[0])
    if not len(keys) == len(texts) == table.shape[1] or len(set(keys)) < len(keys):
        raise ValueError("Every statement needs a text and a key of its own.")
    counts = count_votes(table, marks)
    missing = [str(label) for label in counts.labels if int(label) not in names]
    if missing:
        raise ValueError(f"No name was given for label {', '.join(missing)}.")
    apart = divisive_of(counts, seed=seed)
    drawn = _resampled_shares(table, marks, seed, resamples)
    # Not smoothed: pulled towards one half, differences would be told as smaller than they are.
    shares = np.where(counts.seen > 0, counts.agrees / np.maximum(counts.seen, 1), np.nan)
    errors = np.sqrt(counts.shares * (1 - counts.shares) / (counts.seen + 3))
    called = [names[int(label)] for label in counts.labels]
    return [
        FaultItem(
            key,
            texts[column],
            "statement",
            dict(zip(called, shares[:, column].tolist(), strict=True)),
            dict(zip(called, counts.seen[:, column].tolist(), strict=True)),
            dict(zip(called, errors[:, column].tolist(), strict=True)),
            float(apart.q[column]),
            {name: drawn[:, row, column] for row, name in enumerate(called)},
            float(apart.p[column]),
        )
        for column, key in enumerate(keys)
    ]


def _resampled_shares(table: VoteTable, marks: ArrayLike, seed: int, resamples: int) -> Draws:
    """(resamples, labels, statements) shares that agree; as counted where nobody drawn had voted.

    Spread by sqrt(n / (n - 1)), since people drawn from n differ less than people do.
    """
    parts = []
    for people, weights in resampled_people(marks, seed, resamples):
        votes = table.of_people(people)
        # The first row is everybody once.
        often = np.vstack([np.ones(len(people)), weights])
        agreed = _summed(votes, votes.choices == 1, often)
        voted = agreed + _summed(votes, votes.choices != 1, often)
        shares = agreed / np.maximum(voted, 1)
        counted, share = shares[0], np.where(voted[1:] > 0, shares[1:], shares[0])
        spread = (len(people) / max(len(people) - 1, 1)) ** 0.5
        parts.append(np.clip(counted + spread * (share - counted), 0.0, 1.0))
    if not parts:
        return np.zeros((resamples, 0, table.shape[1]))
    return np.stack(parts, axis=1)


def _summed(table: VoteTable, kept: NDArray[np.bool_], weights: Draws) -> Draws:
    """(draws, statements) how many of the votes kept are drawn. weights: (draws, people)."""
    # Whole numbers: short floats are exact to sixteen million.
    ones = np.ones(int(kept.sum()), dtype=np.float32)
    places = (table.statements[kept], table.people[kept])
    votes = sparse.coo_array((ones, places), shape=table.shape[::-1]).tocsr()
    return np.asarray(votes @ weights.T.astype(np.float32), dtype=np.float64).T


def resampled_people(
    marks: ArrayLike, seed: int, resamples: int
) -> Iterator[tuple[NDArray[np.intp], Draws]]:
    """For each label in order: its people, and (resamples, people) how often each is drawn."""
    labels = np.asarray(marks)
    for name in np.unique(labels[labels >= 0]):
        people = np.flatnonzero(labels == name)
        # The stream depends on who the people are, not on the label's name.
        rng = np.random.default_rng([seed, crc32(people.tobytes())])
        weights = rng.multinomial(len(people), np.full(len(people), 1 / len(people)), resamples)
        yield people, weights.astype(np.float64)
