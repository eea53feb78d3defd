"""Opinion groups: people who vote alike, and how far such groups can be relied on.

Groups of one map depend on where k-means starts, so many runs vote on each person's group; and
they depend on who happened to take part, so every number of groups carries its bootstrap stability.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import linear_sum_assignment
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, silhouette_score

from policy.methods.opinion_space import OpinionSpace, Votes, checked_votes, fit_opinion_space

Labels = NDArray[np.int64]
Points = NDArray[np.float64]
NUMBERS = (2, 3, 4, 5)
BASE_CLUSTERS = 100
RUNS = 30
RUNS_PER_RESAMPLE = 4
FEWEST_PEOPLE = 10
MEDIAN_FLOOR, LOW_FLOOR, WEAKEST_FLOOR = 0.6, 0.3, 0.6


@dataclass(frozen=True)
class Stability:
    """Adjusted Rand index between the groups and those of resampled people; NaN when unknown.

    median, and low and high (10th and 90th percentile) over the resamples. weakest: how well the
    group found worst is found again, the mean of its best Jaccard overlap; a split that cuts a
    real group at random has a high index all the same, and shows here.
    """

    median: float
    low: float
    high: float
    weakest: float
    resamples: int


@dataclass(frozen=True)
class OpinionGroups:
    """Groups of people on the map of opinions.

    labels: (participants,) 0 for the largest group onwards, -1 for who is in none. k: the number of
    groups, 0 when there are none. silhouettes and stability: for every k that could be tried.
    supported: stable enough to rely on. sentence: what can be said, in words.
    """

    space: OpinionSpace
    labels: Labels
    k: int
    chosen_by: str
    silhouettes: Mapping[int, float]
    stability: Mapping[int, Stability]
    supported: bool
    sentence: str


def find_opinion_groups(
    votes: ArrayLike,
    *,
    seed: int,
    moderated_out: ArrayLike | None = None,
    k: int | None = None,
    resamples: int = 30,
) -> OpinionGroups:
    """Group people who vote alike; k by silhouette over 2 to 5 unless given.

    votes: (participants, statements) of -1, 0, 1; NaN where unseen. moderated_out: (statements,)
    of bool. resamples: bootstrap samples of people for the stability of every k; 0 leaves it NaN
    and unsupported. The same seed gives the same groups. Raises ValueError for other votes, or a k
    below 2 or above 5.
    """
    table = checked_votes(votes)
    if k is not None and k not in NUMBERS:
        raise ValueError("The number of opinion groups must be 2, 3, 4 or 5.")
    space = fit_opinion_space(table, moderated_out=moderated_out)
    points = space.coordinates[space.placed]
    if space.sentence or len(points) < FEWEST_PEOPLE:
        few = "Too few people voted on enough statements to look for opinion groups."
        return _no_groups(space, space.sentence or few)
    grouped = _groups_by_number(points, seed, RUNS)
    silhouettes = {n: _silhouette(points, labels, seed) for n, labels in grouped.items()}
    if not grouped or (k is not None and k not in grouped):
        return _no_groups(space, "People's votes are too alike to tell groups apart.")
    stability = _stability(table[space.placed], moderated_out, grouped, seed, resamples)
    number = k or max(silhouettes, key=lambda n: (silhouettes[n], -n))
    labels = np.full(len(table), -1, dtype=np.int64)
    labels[space.placed] = grouped[number]
    supported = is_supported(stability[number])
    return OpinionGroups(
        space,
        labels,
        number,
        "silhouette" if k is None else "the analyst",
        silhouettes,
        stability,
        supported,
        _sentence(number, labels, stability, supported),
    )


def is_supported(stability: Stability) -> bool:
    """Whether resampling people leaves a split, and each group of it, much as it was.

    Groups found again with a Jaccard overlap below 0.6 are not to be trusted (Hennig 2007,
    Computational Statistics and Data Analysis 52:258).
    """
    whole = stability.median >= MEDIAN_FLOOR and stability.low >= LOW_FLOOR
    return whole and stability.weakest >= WEAKEST_FLOOR


def split_people(space: OpinionSpace, *, k: int, seed: int, runs: int = 10) -> Labels:
    """Only the labels, (participants,) int, of k groups on a map; -1 for who is in none."""
    labels = np.full(len(space.placed), -1, dtype=np.int64)
    points = space.coordinates[space.placed]
    if not space.sentence and len(points) >= FEWEST_PEOPLE:
        grouped = _groups_by_number(points, seed, runs, (k,))
        labels[space.placed] = grouped.get(k, labels[space.placed])
    return labels


def _groups_by_number(
    points: Points, seed: int, runs: int, numbers: Sequence[int] = NUMBERS
) -> dict[int, Labels]:
    """Labels for each number of groups that the points can be split into."""
    distinct = len(np.unique(np.round(points, 9), axis=0))
    seeds = np.random.default_rng(seed).integers(2**31, size=runs)
    if distinct > BASE_CLUSTERS:
        bases = [_base(points, int(one)) for one in seeds]
    else:
        bases = [(points, np.arange(len(points)))]
    grouped = {}
    for number in (n for n in numbers if n < distinct):
        votes = [
            _k_means(centres, np.bincount(members), number, int(one))[members]
            for (centres, members), one in zip(bases, seeds, strict=False)
        ]
        labels = _by_size(_majority(votes, number), points)
        if len(np.unique(labels)) == number:
            grouped[number] = labels
    return grouped


def _base(points: Points, seed: int) -> tuple[Points, Labels]:
    fitted = KMeans(BASE_CLUSTERS, n_init=1, random_state=seed).fit(points)
    used, members = np.unique(fitted.labels_, return_inverse=True)
    return fitted.cluster_centers_[used], members


def _k_means(centres: Points, weights: Labels, number: int, seed: int) -> Labels:
    fitted = KMeans(number, n_init=10, random_state=seed).fit(centres, sample_weight=weights)
    return np.asarray(fitted.labels_, dtype=np.int64)


def _majority(runs: Sequence[Labels], number: int) -> Labels:
    """The group most runs put each person in, groups matched by their members."""
    alike = [np.mean([adjusted_rand_score(a, b) for b in runs]) for a in runs]
    reference = runs[int(np.argmax(alike))]
    ballots = np.zeros((len(reference), number))
    for labels in runs:
        ballots[np.arange(len(labels)), matched(labels, reference, number)] += 1
    return np.asarray(ballots.argmax(axis=1), dtype=np.int64)


def matched(labels: Labels, reference: Labels, number: int) -> Labels:
    """The labels renamed so that they agree with the reference as much as can be."""
    shared = np.zeros((number, number))
    np.add.at(shared, (labels, reference), 1)
    _, names = linear_sum_assignment(-shared)
    return np.asarray(names[labels], dtype=np.int64)


def _by_size(labels: Labels, points: Points) -> Labels:
    """Rename groups so that 0 is the largest; of equals, the one further left."""
    there = np.unique(labels)
    keys = [(-int((labels == g).sum()), float(points[labels == g, 0].mean())) for g in there]
    order = sorted(range(len(there)), key=keys.__getitem__)
    renamed = np.empty_like(labels)
    for rank, position in enumerate(order):
        renamed[labels == there[position]] = rank
    return renamed


def _silhouette(points: Points, labels: Labels, seed: int) -> float:
    size = min(len(points), 2000)
    if size < len(points):
        chosen = np.random.default_rng(seed).choice(len(points), size, replace=False)
        points, labels = points[chosen], labels[chosen]
    if not 1 < len(np.unique(labels)) < len(points):
        return float("nan")
    return float(silhouette_score(points, labels))


def _stability(
    table: Votes,
    moderated_out: ArrayLike | None,
    grouped: Mapping[int, Labels],
    seed: int,
    resamples: int,
) -> dict[int, Stability]:
    """Refit map and groups on resampled people; compare who is with whom."""
    rng = np.random.default_rng([seed, 1])
    found: dict[int, list[float]] = {number: [] for number in grouped}
    kept: dict[int, list[NDArray[np.float64]]] = {number: [] for number in grouped}
    for _ in range(resamples):
        chosen = rng.integers(len(table), size=len(table))
        space = fit_opinion_space(table[chosen], moderated_out=moderated_out)
        if space.sentence:
            continue
        again = _groups_by_number(space.coordinates, int(rng.integers(2**31)), RUNS_PER_RESAMPLE)
        people, first = np.unique(chosen, return_index=True)
        for number in grouped.keys() & again.keys():
            before, after = grouped[number][people], again[number][first]
            found[number].append(adjusted_rand_score(before, after))
            kept[number].append(_overlaps(before, after, number))
    return {number: _summary(found[number], kept[number]) for number in grouped}


def _overlaps(before: Labels, after: Labels, number: int) -> NDArray[np.float64]:
    """For each group, its best Jaccard overlap with a group found anew."""
    shared = np.zeros((number, number))
    np.add.at(shared, (before, after), 1)
    either = shared.sum(axis=1, keepdims=True) + shared.sum(axis=0) - shared
    return np.asarray((shared / np.maximum(either, 1)).max(axis=1), dtype=np.float64)


def _summary(indices: Sequence[float], overlaps: Sequence[NDArray[np.float64]]) -> Stability:
    if not indices:
        return Stability(float("nan"), float("nan"), float("nan"), float("nan"), 0)
    low, median, high = (float(one) for one in np.percentile(indices, (10, 50, 90)))
    weakest = float(np.mean(overlaps, axis=0).min())
    return Stability(median, low, high, weakest, len(indices))


def _sentence(
    number: int, labels: Labels, stability: Mapping[int, Stability], supported: bool
) -> str:
    sizes = ", ".join(str(int((labels == g).sum())) for g in range(number))
    chosen = stability[number]
    if not chosen.resamples:
        return f"{number} groups of {sizes} people; their stability was not measured."
    index = (
        f"resampled people fall the same way with an index of {chosen.median:.2f}, "
        f"the weakest group with an overlap of {chosen.weakest:.2f}"
    )
    if supported:
        return f"{number} groups of {sizes} people; {index} (1 is always)."
    others = [n for n, one in stability.items() if is_supported(one)]
    if others:
        return f"{number} groups are not stable enough to rely on ({index}); {others[0]} would be."
    return f"Votes differ, but no split into groups is stable enough to rely on ({index})."


def _no_groups(space: OpinionSpace, sentence: str) -> OpinionGroups:
    labels = np.full(len(space.placed), -1, dtype=np.int64)
    return OpinionGroups(space, labels, 0, "nothing", {}, {}, False, sentence)
