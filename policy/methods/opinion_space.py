"""A map of opinions: people who vote alike stand close together (the Polis recipe)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import eigh
from scipy.sparse import csr_array
from scipy.sparse.linalg import ArpackError, LinearOperator, eigsh

from policy.methods.vote_table import VoteTable, checked_votes, vote_table

__all__ = ["OpinionSpace", "Votes", "checked_votes", "fit_opinion_space", "moderated"]

Votes = NDArray[np.float64]
MINIMUM_VOTES = 7
# Rows of the map that are made dense at a time: 32 MB with a thousand statements.
BLOCK = 4096
# More statements than this have too many products to work them all out for two directions.
MANY = 150


@dataclass(frozen=True)
class OpinionSpace:
    """Two principal components of the votes.

    placed: (participants,) True for who voted enough to be placed. coordinates: (participants, 2),
    NaN where not placed. loadings: (2, statements). explained: (2,) shares of the variance.
    statements: (statements, 2) where somebody stands who voted on one statement alone, and agreed.
    NaN throughout, and a `sentence`, when the votes do not span a map; "" when they do.
    """

    placed: NDArray[np.bool_]
    coordinates: NDArray[np.float64]
    loadings: NDArray[np.float64]
    explained: NDArray[np.float64]
    statements: NDArray[np.float64]
    sentence: str = ""

    @property
    def extremity(self) -> NDArray[np.float64]:
        """(statements,) how far from the middle each statement stands, as Polis measures it."""
        return np.asarray(np.linalg.norm(self.statements, axis=1), dtype=np.float64)


def fit_opinion_space(
    votes: ArrayLike | VoteTable,
    *,
    moderated_out: ArrayLike | None = None,
    minimum_votes: int = MINIMUM_VOTES,
    weights: ArrayLike | None = None,
    tolerance: float = 1e-9,
) -> OpinionSpace:
    """Place people by their votes: missing to the column mean, centre, two components.

    votes: (participants, statements) of -1, 0, 1; NaN where unseen, or a table of votes.
    moderated_out: (statements,) of bool, columns put to 0. weights: (participants,) how often each
    person counts, 1 unless given. tolerance: of the variances, where many statements have them
    found step by step. Everybody's votes make the map; people with fewer than
    `minimum_votes` (or than there are statements) are not placed on it. Each person is scaled by
    sqrt(statements / seen), which undoes the pull of missing votes to the centre; as in Polis a
    column put to 0 counts as seen by all. Each component's largest loading is positive.
    Raises ValueError for other votes or shapes. Source: Small et al. 2021, Recerca 26(2), and
    Polis's own program (compdemocracy/polis, math/pca.clj), whose groups it reproduces.
    """
    table = vote_table(votes)
    n_people, n_statements = table.shape
    counted = np.ones(n_people) if weights is None else np.asarray(weights, dtype=np.float64)
    if counted.shape != (n_people,):
        raise ValueError("There must be one weight per person.")
    out = moderated(moderated_out, n_statements)
    seen = table.seen_by
    placed = (seen >= min(minimum_votes, n_statements)) & (seen > 0) & (counted > 0)
    centred, means = _centred(table, out, counted)
    if placed.sum() < 2 or not (centred * (counted[table.people] > 0)).any():
        return _no_space(placed, n_people, n_statements)
    values, loadings, total = _components(table, centred, counted, tolerance)
    coordinates = np.full((n_people, 2), np.nan)
    known = seen - np.bincount(table.people[out[table.statements]], minlength=n_people)
    scale = np.sqrt(n_statements / (known[placed] + out.sum()))
    spread = table.matrix(centred) @ loadings.T
    coordinates[placed] = spread[placed] * scale[:, None]
    statements = (np.where(out, 0.0, 1 - means) * loadings).T * np.sqrt(n_statements)
    return OpinionSpace(placed, coordinates, loadings, values / total, statements)


def moderated(moderated_out: ArrayLike | None, n_statements: int) -> NDArray[np.bool_]:
    """(statements,) of bool. Raises ValueError for another shape."""
    if moderated_out is None:
        return np.zeros(n_statements, dtype=bool)
    mask = np.asarray(moderated_out, dtype=bool)
    if mask.shape != (n_statements,):
        raise ValueError("moderated_out needs one value per statement.")
    return mask


def _centred(table: VoteTable, out: NDArray[np.bool_], counted: Votes) -> tuple[Votes, Votes]:
    """(votes,) less their column's mean, so that a missing vote is 0, and (statements,) means."""
    how_often = counted[table.people]
    said = np.where(out[table.statements], 0.0, table.choices)
    sums, counts = (
        np.bincount(table.statements, weights=one, minlength=table.shape[1])
        for one in (how_often * said, how_often)
    )
    means = sums / np.where(counts > 0, counts, 1.0)
    return said - means[table.statements], means


def _components(
    table: VoteTable, centred: Votes, counted: Votes, tolerance: float
) -> tuple[Votes, Votes, float]:
    """The two largest variances, their directions (2, statements), and the sum of all variances.

    Missing votes are 0 once centred, so only votes that were cast are summed.
    """
    rows = table.matrix(centred * np.sqrt(counted[table.people]))
    many = table.shape[1] > MANY
    values, vectors = _largest_of_many(rows, tolerance) if many else _largest_of_few(rows)
    loadings = _two_rows(vectors[:, ::-1].T)
    loadings *= np.where(loadings[[0, 1], np.abs(loadings).argmax(axis=1)] < 0, -1.0, 1.0)[:, None]
    largest = np.append(np.maximum(values[::-1], 0.0), 0.0)[:2]
    return largest, loadings, float((rows.data**2).sum())


def _largest_of_few(rows: csr_array) -> tuple[Votes, Votes]:
    """The two largest variances, rising, and their directions in columns, from all products."""
    n_people, n_statements = rows.shape
    products = np.zeros((n_statements, n_statements))
    for start in range(0, n_people, BLOCK):
        block = rows[start : start + BLOCK].toarray()
        products += block.T @ block
    values, vectors = eigh(products, subset_by_index=(max(n_statements - 2, 0), n_statements - 1))
    return values, vectors


def _largest_of_many(rows: csr_array, tolerance: float) -> tuple[Votes, Votes]:
    """The same without the products of every two statements, by Lanczos' iteration."""
    turned, size = rows.T, rows.shape[1]
    products = LinearOperator((size, size), matvec=lambda x: turned @ (rows @ x), dtype=np.float64)
    start = np.random.default_rng(0).normal(size=size)
    try:
        values, vectors = eigsh(products, k=2, v0=start, ncv=20, tol=tolerance)
    except ArpackError:
        return _largest_of_few(rows)
    order = np.argsort(values)
    return values[order], vectors[:, order]


def _two_rows(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """The first two rows; a map of one statement has an empty second direction."""
    padded = np.vstack([rows[:2], np.zeros((2, rows.shape[1]))])
    return padded[:2].copy()


def _no_space(placed: NDArray[np.bool_], n_people: int, n_statements: int) -> OpinionSpace:
    few = int(placed.sum()) < 2
    sentence = (
        "Too few people voted on enough statements to draw a map of opinions."
        if few
        else "Everyone voted alike: there are no differences to map."
    )
    return OpinionSpace(
        placed,
        np.full((n_people, 2), np.nan),
        np.full((2, n_statements), np.nan),
        np.full(2, np.nan),
        np.full((n_statements, 2), np.nan),
        sentence,
    )
