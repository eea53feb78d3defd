"""k-means in a plane, from many starts at once, and how well it parts the points."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
Labels = NDArray[np.int64]
BASE_CLUSTERS = 128
STARTS = 40
# How many starts are tried on all points, with few points as many as come to so many in all, and
# how many of these are followed to their end.
CARRIED, TRIED, FOLLOWED = 8, 10_000, 2
MOVES, MOVED = 100, 5000
STEPS, FIRST_STEPS, TRIED_STEPS = 100, 8, 2
LARGEST_SILHOUETTE = 2000
# Rows of distances that a processor's cache holds.
HELD = 64


@dataclass(frozen=True)
class _Spots:
    """Points that differ, (spots, 2), from left to right, and the weight on each, (spots,)."""

    points: Points
    masses: Points

    @cached_property
    def lifted(self) -> Points:
        """(4, spots) of which one product gives squared distances to any centres."""
        ones, lengths = np.ones(len(self.points)), (self.points**2).sum(axis=1)
        return np.vstack([self.points.T, ones, lengths])

    @cached_property
    def moments(self) -> Points:
        """(3, spots) weight, and weight times either coordinate."""
        return np.vstack([self.masses, self.masses * self.points.T])


def k_means(
    points: Points, numbers: Sequence[int], *, seed: int, weights: Points | None = None
) -> dict[int, Labels]:
    """Labels for each number of clusters that the points can be parted into.

    points: (points, 2). weights: (points,) positive. Starts (k-means++; Arthur and Vassilvitskii
    2007) are tried on at most 128 weighted base clusters, as Polis clusters at most 100; the best
    are carried on with all points, and the least sum of squares wins. The order of the points does
    not matter. Labels go from 0, for the cluster of most weight, onwards.
    """
    heavy = np.ones(len(points)) if weights is None else weights
    # In the order of where they stand, so that nothing below can depend on another.
    spots, where = _spots(points, heavy)
    bases = _halves(spots)
    possible = [number for number in numbers if number < len(bases.points)]
    starts = _starts(bases, max(possible, default=0), np.random.default_rng(seed))
    found = {}
    for number in possible:
        tried = _lloyd(bases, starts[:, :number], FIRST_STEPS)
        labels = _carried_on(spots, *tried)[where]
        if len(np.unique(labels)) == number:
            found[number] = _by_weight(labels, points, heavy)
    return found


def base_clusters(points: Points, weights: Points) -> tuple[Points, Points]:
    """At most 128 weighted points that stand for these, and their weights.

    Points on the same spot are one. More spots than that are halved, along the wider side and at
    the median, until there are as many parts as may be; the parts' means stand for them.
    """
    bases = _halves(_spots(points, weights)[0])
    return bases.points, bases.masses


def silhouettes(points: Points, grouped: Mapping[int, Labels], seed: int) -> dict[int, float]:
    """Mean silhouette of each clustering, in [-1, 1], over at most 2,000 of the points.

    Source: Rousseeuw 1987, J. Comput. Appl. Math. 20:53. NaN where fewer than two clusters, or only
    single points, are among them.
    """
    chosen = np.arange(len(points))
    if len(points) > LARGEST_SILHOUETTE:
        # Drawn by where people stand, so that their order does not matter.
        order = np.lexsort((points[:, 1], points[:, 0]))
        drawn = np.random.default_rng(seed).choice(len(points), LARGEST_SILHOUETTE, replace=False)
        chosen = order[np.sort(drawn)]
    members = {n: np.unique(one[chosen], return_inverse=True)[1] for n, one in grouped.items()}
    widths = [int(member.max(initial=-1)) + 1 for member in members.values()]
    # One pass over all distances, for the clusters of every number.
    inside = [
        np.eye(w, dtype=np.float32)[one] for w, one in zip(widths, members.values(), strict=True)
    ]
    sums = _distance_sums(points[chosen], np.hstack(inside))
    parts = np.split(sums, np.cumsum(widths)[:-1], axis=1)
    return {n: _silhouette(part, members[n]) for n, part in zip(members, parts, strict=True)}


def adjusted_rand(one: Labels, other: Labels) -> float:
    """How far two labellings of the same points agree, beyond chance; 1 when they are the same.

    Source: Hubert and Arabie 1985, J. Classification 2:193.
    """
    table = np.zeros((int(one.max(initial=0)) + 1, int(other.max(initial=0)) + 1))
    np.add.at(table, (one, other), 1)
    both, first, second, total = (
        float((counts * (counts - 1)).sum())
        for counts in (table, table.sum(axis=1), table.sum(axis=0), np.array([float(len(one))]))
    )
    chance = first * second / total if total else 0.0
    most = (first + second) / 2
    return 1.0 if most == chance else (both - chance) / (most - chance)


def _spots(points: Points, weights: Points) -> tuple[_Spots, NDArray[np.intp]]:
    """The spots that points stand on, and (points,) which is whose."""
    spots, where = np.unique(np.round(points, 9) @ np.array([1.0, 1.0j]), return_inverse=True)
    masses = np.bincount(where, weights=weights).astype(np.float64)
    return _Spots(np.column_stack([spots.real, spots.imag]), masses), where


def _halves(spots: _Spots) -> _Spots:
    if len(spots.points) <= BASE_CLUSTERS:
        return spots
    member = _halved(spots.points)
    mass, *sums = (np.bincount(member, weights=one).astype(float) for one in spots.moments)
    return _Spots(np.column_stack(sums) / mass[:, None], mass)


def _halved(plane: Points) -> NDArray[np.intp]:
    """(points,) which of the parts each is in. All parts are halved at once, as often as fits."""
    ranks = np.argsort(np.argsort(plane, axis=0, kind="stable"), axis=0, kind="stable")
    order, sizes = np.arange(len(plane)), np.array([len(plane)])
    while len(sizes) < BASE_CLUSTERS:
        first = np.cumsum(sizes) - sizes
        low, high = (one.reduceat(plane[order], first) for one in (np.minimum, np.maximum))
        part = np.repeat(np.arange(len(sizes)), sizes)
        axis = np.argmax(high - low, axis=1)[part]
        order = order[np.argsort(part * len(plane) + ranks[order, axis])]
        sizes = np.column_stack([sizes // 2, sizes - sizes // 2]).ravel()
    member = np.empty(len(plane), dtype=np.intp)
    member[order] = np.repeat(np.arange(BASE_CLUSTERS), sizes)
    return member


def _starts(bases: _Spots, number: int, rng: np.random.Generator) -> Points:
    """(starts, number, 2) first centres: far from one another, by chance (k-means++).

    The first few of each are themselves such a start of so many.
    """
    chosen = np.empty((STARTS, number), dtype=np.intp)
    apart = _square_distances(bases, bases.points[None])[0]
    nearest = np.ones((STARTS, len(apart)))
    for place in range(number):
        rising = np.cumsum(nearest * bases.masses, axis=1)
        drawn = rng.random((STARTS, 1)) * rising[:, -1:]
        chosen[:, place] = np.minimum((rising <= drawn).sum(axis=1), len(apart) - 1)
        here = apart[chosen[:, place]]
        nearest = here if place == 0 else np.minimum(nearest, here)
    return np.asarray(bases.points[chosen], dtype=np.float64)


def _lloyd(spots: _Spots, centres: Points, steps: int = STEPS) -> tuple[Points, Points]:
    """Move every start's centres to the mean of their points until nothing changes.

    Returns the centres, and (starts,) the weighted sum of squared distances to the nearest.
    """
    starts, number, _ = centres.shape
    offset = (np.arange(starts) * number)[:, None]
    heavy = np.tile(spots.moments, starts)
    before = None
    for _ in range(steps):
        nearest, apart = _nearest(spots, centres)
        member = (nearest + offset).ravel()
        if before is not None and (member == before).all():
            return centres, apart @ spots.masses
        before = member
        mass, x, y = (np.bincount(member, weights=one, minlength=starts * number) for one in heavy)
        moved = np.column_stack([x, y]) / np.maximum(mass, 1e-300)[:, None]
        kept = (mass > 0).reshape(starts, number, 1)
        centres = np.where(kept, moved.reshape(centres.shape), centres)
    return centres, _nearest(spots, centres)[1] @ spots.masses


def _nearest(spots: _Spots, centres: Points) -> tuple[NDArray[np.int8], Points]:
    """(starts, spots) each: which of the start's centres is nearest, and how far in squares.

    Of equals, the first.
    """
    apart = _square_distances(spots, centres)
    best, which = apart[:, 0].copy(), np.zeros((len(centres), len(spots.points)), dtype=np.int8)
    for place in range(1, centres.shape[1]):
        np.copyto(which, place, where=apart[:, place] < best)
        np.minimum(best, apart[:, place], out=best)
    return which, best


def _square_distances(spots: _Spots, centres: Points) -> Points:
    """(starts, number, spots), by one product: |c|² - 2 c·p + |p|²."""
    starts, number, _ = centres.shape
    lines = np.ones((starts * number, 4))
    lines[:, :2] = -2 * centres.reshape(-1, 2)
    lines[:, 2] = (lines[:, :2] ** 2).sum(axis=1) / 4
    apart = lines @ spots.lifted
    return np.maximum(apart, 0.0, out=apart).reshape(starts, number, -1)


def _carried_on(spots: _Spots, centres: Points, costs: Points) -> Labels:
    """The best clustering of all points from the few best starts."""
    size = len(spots.points)
    carried = max(CARRIED if size <= MOVED else FOLLOWED, TRIED // size)
    distinct = np.unique(np.round(costs, 9), return_index=True)[1][:carried]
    tried, costs = _lloyd(spots, centres[distinct], TRIED_STEPS)
    likely = np.argsort(costs, kind="stable")[:FOLLOWED]
    settled, costs = _lloyd(spots, tried[likely])
    best = int(np.argmin(costs))
    labels = _nearest(spots, settled[best : best + 1])[0][0].astype(np.int64)
    return _single_moves(spots, labels, centres.shape[1])


def _single_moves(spots: _Spots, labels: Labels, number: int) -> Labels:
    """Move one spot at a time to where it costs less, which means alone do not see.

    Of more than 5,000 spots one is too little to matter.
    Source: Hartigan and Wong 1979, Appl. Stat. 28:100.
    """
    everyone, weights = np.arange(len(labels)), spots.masses
    for _ in range(MOVES if len(labels) <= MOVED else 0):
        mass, x, y = (np.bincount(labels, weights=w, minlength=number) for w in spots.moments)
        centres = np.column_stack([x, y]) / np.maximum(mass, 1e-300)[:, None]
        apart = _square_distances(spots, centres[None])[0]
        left = mass[labels] - weights
        alone = left <= 0
        saved = apart[labels, everyone] * mass[labels] / np.where(alone, np.inf, left)
        costs = apart * (mass[:, None] / (mass[:, None] + weights))
        costs[labels, everyone] = np.inf
        gain = weights * (saved - costs.min(axis=0))
        one = int(np.argmax(gain))
        if gain[one] <= 1e-9:
            break
        labels[one] = int(np.argmin(costs[:, one]))
    return labels


def _by_weight(labels: Labels, points: Points, weights: Points) -> Labels:
    """Rename clusters so that 0 is the heaviest; of equals, the one further left."""
    mass = np.bincount(labels, weights=weights)
    left = np.bincount(labels, weights=weights * points[:, 0]) / mass
    renamed = np.empty(len(mass), dtype=np.int64)
    renamed[np.lexsort((left, -mass))] = np.arange(len(mass))
    return np.asarray(renamed[labels], dtype=np.int64)


def _distance_sums(points: Points, inside: NDArray[np.float32]) -> Points:
    """(points, clusters) summed distances to every cluster's points. inside: 1 where one is in it.

    Short floats, long enough for a mean of many; every distance is worked out once, for both ends.
    """
    x, y = (points - points.mean(axis=0)).astype(np.float32).T.copy()
    sums = np.zeros(inside.shape)
    for start in range(0, len(points), HELD):
        here = slice(start, start + HELD)
        apart, other = (np.subtract.outer(one[here], one[start:]) for one in (x, y))
        np.multiply(apart, apart, out=apart)
        np.multiply(other, other, out=other)
        apart += other
        np.sqrt(apart, out=apart)
        sums[here] += apart @ inside[start:]
        sums[start + HELD :] += apart[:, HELD:].T @ inside[here]
    return sums


def _silhouette(sums: Points, member: NDArray[np.intp]) -> float:
    """sums: (points, clusters) of distances. member: (points,) the cluster of each."""
    if not 1 < sums.shape[1] < len(member):
        return float("nan")
    everyone, counts = np.arange(len(member)), np.bincount(member)
    own = sums[everyone, member] / np.maximum(counts[member] - 1, 1)
    means = sums / counts
    means[everyone, member] = np.inf
    nearest = means.min(axis=1)
    widest = np.maximum(own, nearest)
    score = np.where(widest > 0, (nearest - own) / np.where(widest > 0, widest, 1.0), 0.0)
    return float(np.where(counts[member] > 1, score, 0.0).mean())
