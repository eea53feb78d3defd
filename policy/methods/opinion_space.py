"""A map of opinions: people who vote alike stand close together (the Polis recipe)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Votes = NDArray[np.float64]
MINIMUM_VOTES = 7


@dataclass(frozen=True)
class OpinionSpace:
    """Two principal components of the votes.

    placed: (participants,) True for who voted enough to be placed. coordinates: (participants, 2),
    NaN where not placed. loadings: (2, statements). explained: (2,) shares of the variance. NaN
    throughout, and a `sentence`, when the votes do not span a map; "" when they do.
    """

    placed: NDArray[np.bool_]
    coordinates: NDArray[np.float64]
    loadings: NDArray[np.float64]
    explained: NDArray[np.float64]
    sentence: str = ""


def checked_votes(votes: ArrayLike) -> Votes:
    """The votes as floats. Raises ValueError unless a table of -1, 0, 1 and NaN."""
    table = np.asarray(votes, dtype=np.float64)
    if table.ndim != 2:
        raise ValueError(f"Votes must be people × statements; got {table.ndim} dimensions.")
    if not np.isin(table[~np.isnan(table)], (-1.0, 0.0, 1.0)).all():
        raise ValueError("A vote is -1 (disagree), 0 (pass), 1 (agree) or NaN (unseen).")
    return table


def fit_opinion_space(
    votes: ArrayLike, *, moderated_out: ArrayLike | None = None, minimum_votes: int = MINIMUM_VOTES
) -> OpinionSpace:
    """Place people by their votes: missing to the column mean, centre, two components.

    votes: (participants, statements) of -1, 0, 1; NaN where unseen. moderated_out: (statements,)
    of bool, columns put to 0. People with fewer votes than `minimum_votes` (or than there are
    statements) are left out. Each person is scaled by sqrt(statements / seen), which undoes the
    pull of missing votes to the centre. Each component's largest loading is positive.
    Raises ValueError for other votes or shapes. Source: Small et al. 2021, Recerca 26(2).
    """
    table = checked_votes(votes)
    n_people, n_statements = table.shape
    seen = (~np.isnan(table)).sum(axis=1)
    placed = (seen >= min(minimum_votes, n_statements)) & (seen > 0)
    filled = _filled(table[placed], _mask(moderated_out, n_statements))
    if filled.shape[0] < 2 or not filled.any():
        return _no_space(placed, n_people, n_statements)
    values, vectors = np.linalg.eigh(filled.T @ filled)
    values = np.maximum(values[::-1], 0.0)
    loadings = _two_rows(vectors[:, ::-1].T)
    loadings *= np.where(loadings[[0, 1], np.abs(loadings).argmax(axis=1)] < 0, -1.0, 1.0)[:, None]
    coordinates = np.full((n_people, 2), np.nan)
    coordinates[placed] = filled @ loadings.T * np.sqrt(n_statements / seen[placed])[:, None]
    explained = np.append(values, 0.0)[:2] / values.sum()
    return OpinionSpace(placed, coordinates, loadings, explained)


def _filled(table: Votes, out: NDArray[np.bool_]) -> Votes:
    """Votes less their column's mean, so that a missing one is 0."""
    kept = table.copy()
    kept[:, out] = 0.0
    there = ~np.isnan(kept)
    counts = np.maximum(there.sum(axis=0), 1)
    centred = np.where(there, kept, 0.0) - np.where(there, kept, 0.0).sum(axis=0) / counts
    return np.where(there, centred, 0.0)


def _mask(moderated_out: ArrayLike | None, n_statements: int) -> NDArray[np.bool_]:
    if moderated_out is None:
        return np.zeros(n_statements, dtype=bool)
    mask = np.asarray(moderated_out, dtype=bool)
    if mask.shape != (n_statements,):
        raise ValueError("moderated_out needs one value per statement.")
    return mask


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
        sentence,
    )
