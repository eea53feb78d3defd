"""Alpha within two sides and reliability across them, for many exchanges of people at once.

Every quantity is a sum over a side's people: one sparse product per block of exchanges gives all.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from policy.methods.agreement import Floats, Metric, metric_points

# Permutations are drawn and summed in blocks so that memory does not grow with their number.
_BLOCK = 50


@dataclass(frozen=True)
class Ratings:
    """(items, people) tables: counts of 0 and 1; points, one per coordinate; squares, |point|²."""

    counts: sparse.csr_array
    points: tuple[sparse.csr_array, ...]
    squares: sparse.csr_array


@dataclass(frozen=True)
class _Side:
    """Sums over one side's people: (items, draws) each, points one such table per coordinate."""

    raters: Floats
    points: tuple[Floats, ...]
    squares: Floats


@dataclass(frozen=True)
class Exchanges:
    """(1 + permutations,) each; the first entry is what was found, the rest under exchange."""

    irr_first: Floats
    irr_second: Floats
    xrr: Floats
    n_shared: int


def sparse_ratings(table: Floats, metric: Metric) -> Ratings:
    """The ratings as sums need them. table: (items, people), NaN where not rated."""
    where = np.nonzero(~np.isnan(table))
    points = metric_points(table[where], metric)

    def sums_over(values: Floats) -> sparse.csr_array:
        return sparse.csr_array((values, where), shape=table.shape)

    return Ratings(
        counts=sums_over(np.ones(len(points))),
        points=tuple(sums_over(column) for column in points.T),
        squares=sums_over((points**2).sum(axis=1)),
    )


def among(rated: Ratings, people: NDArray[np.bool_]) -> Ratings:
    """The ratings of some people only. people: (people,) true for those kept."""
    columns = np.flatnonzero(people)
    points = tuple(point[:, columns] for point in rated.points)
    return Ratings(rated.counts[:, columns], points, rated.squares[:, columns])


def exchange_people(
    rated: Ratings, first: NDArray[np.bool_], permutations: int, rng: np.random.Generator
) -> Exchanges:
    """What is found with `first` (people,) as one side, and after each random exchange."""
    whole = _side(rated, np.ones((first.size, 1)))
    found: list[tuple[Floats, Floats, Floats, int]] = []
    left = permutations + 1
    while left > 0:
        size = min(left, _BLOCK)
        members = rng.permuted(np.repeat(first[:, None], size, axis=1), axis=0)
        if not found:
            members[:, 0] = first
        found.append(_measure(rated, members.astype(np.float64), whole))
        left -= size
    irr_first, irr_second, xrr = (np.concatenate([block[k] for block in found]) for k in range(3))
    return Exchanges(irr_first, irr_second, xrr, found[0][3])


def _measure(rated: Ratings, members: Floats, whole: _Side) -> tuple[Floats, Floats, Floats, int]:
    first = _side(rated, members)
    second = _Side(
        whole.raters - first.raters,
        tuple(a - b for a, b in zip(whole.points, first.points, strict=True)),
        whole.squares - first.squares,
    )
    shared = (first.raters > 0.5) & (second.raters > 0.5)
    return _alpha(first), _alpha(second), _across(first, second, shared), int(shared[:, 0].sum())


def _side(rated: Ratings, members: Floats) -> _Side:
    points = tuple(np.asarray(point @ members) for point in rated.points)
    return _Side(np.asarray(rated.counts @ members), points, np.asarray(rated.squares @ members))


def _alpha(side: _Side) -> Floats:
    """Krippendorff's alpha of each draw; NaN where undefined."""
    pairable = side.raters > 1.5
    raters = np.where(pairable, side.raters, 0.0)
    n = raters.sum(axis=0)
    lengths = _summed([point**2 for point in side.points], raters.shape)
    pairs = 2 * (raters * side.squares - lengths)
    observed = np.where(pairable, pairs / np.maximum(raters - 1, 1), 0.0).sum(axis=0)
    total = np.where(pairable, side.squares, 0.0).sum(axis=0)
    ends = [np.where(pairable, point, 0.0).sum(axis=0) ** 2 for point in side.points]
    expected = 2 * (n * total - _summed(ends, n.shape))
    return _beyond_chance(observed / np.maximum(n, 1), expected / np.maximum(n * (n - 1), 1))


def _across(first: _Side, second: _Side, shared: NDArray[np.bool_]) -> Floats:
    """Cross-replication reliability of each draw, over the items rated on both sides."""
    r = np.where(shared, first.raters, 0.0)
    s = np.where(shared, second.raters, 0.0)
    both = zip(first.points, second.points, strict=True)
    products = _summed([a * b for a, b in both], r.shape)
    pairs = s * first.squares + r * second.squares - 2 * products
    weights = (r + s) / np.maximum(r * s, 1)
    observed = np.where(shared, weights * pairs, 0.0).sum(axis=0)
    n, m = np.maximum(r.sum(axis=0), 1), np.maximum(s.sum(axis=0), 1)
    spread = _over(first.squares, shared) / n + _over(second.squares, shared) / m
    means = [
        _over(a, shared) * _over(b, shared)
        for a, b in zip(first.points, second.points, strict=True)
    ]
    expected = spread - 2 * _summed(means, n.shape) / (n * m)
    return _beyond_chance(observed / np.maximum((r + s).sum(axis=0), 1), expected)


def _over(values: Floats, shared: NDArray[np.bool_]) -> Floats:
    return np.asarray(np.where(shared, values, 0.0).sum(axis=0))


def _summed(terms: list[Floats], shape: tuple[int, ...]) -> Floats:
    total = np.zeros(shape)
    for term in terms:
        total += term
    return total


def _beyond_chance(observed: Floats, expected: Floats) -> Floats:
    defined = expected > 1e-12
    return np.where(defined, 1 - observed / np.where(defined, expected, 1.0), np.nan)
