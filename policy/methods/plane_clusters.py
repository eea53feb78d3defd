"""k-means in a plane, from many starts at once, and how well it parts the points."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
Labels = NDArray[np.int64]
BASE_CLUSTERS = 128
STARTS = 24
CARRIED, CARRIED_WITH_MANY = 8, 2
MOVES, MOVED = 100, 5000
STEPS, FIRST_STEPS, TRIED_STEPS = 100, 10, 3
LARGEST_SILHOUETTE = 2000


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
    bases, masses = base_clusters(points, heavy)
    found = {}
    for number in (n for n in numbers if n < len(bases)):
        rng = np.random.default_rng([seed, number])
        centres = _lloyd(bases, masses, _starts(bases, masses, number, rng), FIRST_STEPS)
        labels = _carried_on(points, heavy, centres, _costs(bases, masses, centres))
        if len(np.unique(labels)) == number:
            found[number] = _by_weight(labels, points, heavy)
    return found


def base_clusters(points: Points, weights: Points) -> tuple[Points, Points]:
    """At most 128 weighted points that stand for these, and their weights.

    Points on the same spot are one. More spots than that are halved, along the wider side and at
    the median, until there are as many parts as may be; the parts' means stand for them.
    """
    spots, where = np.unique(np.round(points, 9) @ np.array([1.0, 1.0j]), return_inverse=True)
    masses = np.bincount(where, weights=weights).astype(np.float64)
    plane = np.column_stack([spots.real, spots.imag])
    if len(plane) <= BASE_CLUSTERS:
        return plane, masses
    member = _halved(plane)
    sums = np.bincount(member, weights=masses).astype(np.float64)
    return np.column_stack(
        [np.bincount(member, weights=masses * plane[:, axis]) / sums for axis in (0, 1)]
    ), sums


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
    sums = (_distances(points[chosen]) @ np.hstack(inside)).astype(np.float64)
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


def _halved(plane: Points) -> NDArray[np.intp]:
    """(points,) which of the parts each is in. All parts are halved at once, as often as fits."""
    member = np.zeros(len(plane), dtype=np.intp)
    for level in range(int(np.log2(BASE_CLUSTERS))):
        low, high = (np.full((2**level, 2), bound) for bound in (np.inf, -np.inf))
        np.minimum.at(low, member, plane)
        np.maximum.at(high, member, plane)
        axis = np.argmax(high - low, axis=1)[member]
        order = np.lexsort((plane[np.arange(len(plane)), axis], member))
        sizes = np.bincount(member, minlength=2**level)
        first = np.repeat(np.cumsum(sizes) - sizes, sizes)
        upper = np.arange(len(plane)) - first >= np.repeat(sizes // 2, sizes)
        member[order] = 2 * member[order] + upper
    return np.asarray(np.unique(member, return_inverse=True)[1], dtype=np.intp)


def _starts(bases: Points, masses: Points, number: int, rng: np.random.Generator) -> Points:
    """(starts, number, 2) first centres: far from one another, by chance (k-means++)."""
    chosen = np.empty((STARTS, number), dtype=np.intp)
    nearest = np.ones((STARTS, len(bases)))
    for place in range(number):
        rising = np.cumsum(nearest * masses, axis=1)
        drawn = rng.random((STARTS, 1)) * rising[:, -1:]
        chosen[:, place] = np.minimum((rising <= drawn).sum(axis=1), len(bases) - 1)
        steps = bases[None] - bases[chosen[:, place]][:, None]
        apart = (steps**2).sum(axis=2)
        nearest = apart if place == 0 else np.minimum(nearest, apart)
    return np.asarray(bases[chosen], dtype=np.float64)


def _lloyd(points: Points, weights: Points, centres: Points, steps: int = STEPS) -> Points:
    """Move every start's centres to the mean of their points until nothing changes."""
    starts, number, _ = centres.shape
    offset = (np.arange(starts) * number)[:, None]
    heavy = [np.tile(weights * one, starts) for one in (1.0, points[:, 0], points[:, 1])]
    before = None
    for _ in range(steps):
        member = (_nearest(points, centres) + offset).ravel()
        if before is not None and (member == before).all():
            break
        before = member
        mass, x, y = (np.bincount(member, weights=one, minlength=starts * number) for one in heavy)
        moved = np.column_stack([x, y]) / np.maximum(mass, 1e-300)[:, None]
        kept = (mass > 0).reshape(starts, number, 1)
        centres = np.where(kept, moved.reshape(centres.shape), centres)
    return centres


def _nearest(points: Points, centres: Points) -> NDArray[np.intp]:
    """(starts, points) which of each start's centres is nearest; of equals, the first."""
    best = _square_distance(points, centres[:, 0])
    which = np.zeros(best.shape, dtype=np.intp)
    for place in range(1, centres.shape[1]):
        apart = _square_distance(points, centres[:, place])
        np.copyto(which, place, where=apart < best)
        np.minimum(best, apart, out=best)
    return which


def _square_distance(points: Points, ends: Points) -> Points:
    apart = points[:, 0] - ends[:, :1]
    apart *= apart
    apart += (points[:, 1] - ends[:, 1:]) ** 2
    return np.asarray(apart)


def _costs(points: Points, weights: Points, centres: Points) -> Points:
    """(starts,) weighted sum of squared distances to the nearest centre."""
    apart = [_square_distance(points, centres[:, place]) for place in range(centres.shape[1])]
    return np.asarray(np.min(apart, axis=0) @ weights, dtype=np.float64)


def _carried_on(points: Points, weights: Points, centres: Points, costs: Points) -> Labels:
    """The best clustering of all points from the few best starts."""
    carried = CARRIED if len(points) <= MOVED else CARRIED_WITH_MANY
    distinct = np.unique(np.round(costs, 9), return_index=True)[1][:carried]
    tried = _lloyd(points, weights, centres[distinct], TRIED_STEPS)
    likely = np.argsort(_costs(points, weights, tried), kind="stable")[:CARRIED_WITH_MANY]
    settled = _lloyd(points, weights, tried[likely])
    best = int(np.argmin(_costs(points, weights, settled)))
    labels = np.asarray(_nearest(points, settled[best : best + 1])[0], dtype=np.int64)
    return _single_moves(points, weights, labels, centres.shape[1])


def _single_moves(points: Points, weights: Points, labels: Labels, number: int) -> Labels:
    """Move one point at a time to where it costs less, which means alone do not see.

    Of more than 5,000 points one is too little to matter.
    Source: Hartigan and Wong 1979, Appl. Stat. 28:100.
    """
    everyone = np.arange(len(points))
    for _ in range(MOVES if len(points) <= MOVED else 0):
        mass = np.bincount(labels, weights=weights, minlength=number)
        sums = [
            np.bincount(labels, weights=weights * points[:, a], minlength=number) for a in (0, 1)
        ]
        centres = np.column_stack(sums) / np.maximum(mass, 1e-300)[:, None]
        apart = np.column_stack([_square_distance(points, one[None])[0] for one in centres])
        left = mass[labels] - weights
        alone = left <= 0
        saved = apart[everyone, labels] * mass[labels] / np.where(alone, np.inf, left)
        costs = apart * mass / (mass + weights[:, None])
        costs[everyone, labels] = np.inf
        gain = weights * (saved - costs.min(axis=1))
        one = int(np.argmax(gain))
        if gain[one] <= 1e-9:
            break
        labels[one] = int(np.argmin(costs[one]))
    return labels


def _by_weight(labels: Labels, points: Points, weights: Points) -> Labels:
    """Rename clusters so that 0 is the heaviest; of equals, the one further left."""
    mass = np.bincount(labels, weights=weights)
    left = np.bincount(labels, weights=weights * points[:, 0]) / mass
    renamed = np.empty(len(mass), dtype=np.int64)
    renamed[np.lexsort((left, -mass))] = np.arange(len(mass))
    return np.asarray(renamed[labels], dtype=np.int64)


def _distances(points: Points) -> NDArray[np.float32]:
    """Between every two points; short floats, which are long enough for a mean of many."""
    short = (points - points.mean(axis=0)).astype(np.float32)
    apart = np.subtract.outer(short[:, 0], short[:, 0])
    other = np.subtract.outer(short[:, 1], short[:, 1])
    np.square(apart, out=apart)
    np.square(other, out=other)
    apart += other
    return np.asarray(np.sqrt(apart, out=apart), dtype=np.float32)


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
