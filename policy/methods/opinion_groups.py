"""Opinion groups: people who vote alike, and how far such groups can be relied on.

Groups depend on who happened to take part, so every number of groups carries its bootstrap
stability. They do not depend on where a search began: many beginnings are tried, the best is kept.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from policy.methods.opinion_space import OpinionSpace, fit_opinion_space
from policy.methods.plane_clusters import adjusted_rand, k_means, silhouettes
from policy.methods.vote_table import VoteTable, vote_table

Labels = NDArray[np.int64]
NUMBERS = (2, 3, 4, 5)
RESAMPLES, RESAMPLES_WITHIN = 30, 15
# People in each resample: more cost time and make the groups look steadier, never less so.
RESAMPLED_PEOPLE = 3000
# Far finer than what another draw of people does to a map, at half the work.
RESAMPLED_TOLERANCE = 1e-4
FEWEST_PEOPLE = 10
# Where nobody differs, 160 simulated conversations came to medians of .31 and lows of .20 at most.
MEDIAN_FLOOR, LOW_FLOOR, WEAKEST_FLOOR = 0.6, 0.25, 0.6


@dataclass(frozen=True)
class Stability:
    """Adjusted Rand index between the groups and those of resampled people; NaN when unknown.

    median, and low and high (10th and 90th percentile) over the resamples. weakest: how well the
    group found worst is found again, the mean of its best Jaccard overlap; a split that cuts a
    real group at random has a high index all the same, and shows here. people: how many were drawn
    each time, of all or of a part.
    """

    median: float
    low: float
    high: float
    weakest: float
    resamples: int
    people: int = 0


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
    votes: ArrayLike | VoteTable,
    *,
    seed: int,
    moderated_out: ArrayLike | None = None,
    k: int | None = None,
    resamples: int = RESAMPLES,
) -> OpinionGroups:
    """Group people who vote alike; k by silhouette over 2 to 5 unless given.

    votes: (participants, statements) of -1, 0, 1; NaN where unseen, or a table of votes.
    moderated_out: (statements,) of bool. resamples: bootstrap samples of people (of 3,000 at most)
    for the stability of every k; 0 leaves it NaN and unsupported. The same seed gives the same
    groups. Raises ValueError for other votes, or a k below 2 or above 5.
    """
    table = vote_table(votes)
    if k is not None and k not in NUMBERS:
        raise ValueError("The number of opinion groups must be 2, 3, 4 or 5.")
    space = fit_opinion_space(table, moderated_out=moderated_out)
    points = space.coordinates[space.placed]
    if space.sentence or len(points) < FEWEST_PEOPLE:
        few = "Too few people voted on enough statements to look for opinion groups."
        return _no_groups(space, space.sentence or few)
    grouped = k_means(points, NUMBERS, seed=seed)
    if not grouped or (k is not None and k not in grouped):
        return _no_groups(space, "People's votes are too alike to tell groups apart.")
    found = silhouettes(points, grouped, seed)
    everyone = {n: _of_everyone(space, labels) for n, labels in grouped.items()}
    stability = _stability(table, moderated_out, everyone, seed, resamples)
    number = k or max(found, key=lambda n: (found[n], -n))
    labels = everyone[number]
    supported = is_supported(stability[number])
    return OpinionGroups(
        space,
        labels,
        number,
        "silhouette" if k is None else "the analyst",
        found,
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


def split_people(space: OpinionSpace, *, k: int, seed: int) -> Labels:
    """Only the labels, (participants,) int, of k groups on a map; -1 for who is in none."""
    points = space.coordinates[space.placed]
    found = {}
    if not space.sentence and len(points) >= FEWEST_PEOPLE:
        found = k_means(points, (k,), seed=seed)
    return _of_everyone(space, found.get(k, np.full(len(points), -1, dtype=np.int64)))


def groups_within(
    votes: ArrayLike | VoteTable,
    groups: OpinionGroups,
    *,
    seed: int,
    moderated_out: ArrayLike | None = None,
    resamples: int = RESAMPLES_WITHIN,
) -> dict[int, OpinionGroups]:
    """Each group looked at by itself: a map of its own people, and the groups on that.

    A new map, because what parts people within a group hardly shows on the map of all. Arrays as in
    `find_opinion_groups`; labels stay those of all participants, -1 outside the group. What was
    found is to be relied on only where it is `supported`.
    """
    table = vote_table(votes)
    found = {}
    for number in range(groups.k):
        members = np.flatnonzero(groups.labels == number)
        inner = find_opinion_groups(
            table.of_people(members),
            seed=seed,
            moderated_out=moderated_out,
            resamples=resamples,
        )
        labels = np.full(table.shape[0], -1, dtype=np.int64)
        labels[members] = inner.labels
        found[number] = replace(inner, labels=labels)
    return found


def _of_everyone(space: OpinionSpace, labels: Labels) -> Labels:
    """(participants,) the labels of those who are placed, -1 for the others."""
    everyone = np.full(len(space.placed), -1, dtype=np.int64)
    everyone[space.placed] = labels
    return everyone


def _stability(
    table: VoteTable,
    moderated_out: ArrayLike | None,
    grouped: Mapping[int, Labels],
    seed: int,
    resamples: int,
) -> dict[int, Stability]:
    """Refit map and groups on resampled people; compare who is with whom."""
    rng = np.random.default_rng([seed, 1])
    people = table.shape[0]
    drawn = min(people, RESAMPLED_PEOPLE)
    found: dict[int, list[float]] = {number: [] for number in grouped}
    kept: dict[int, list[NDArray[np.float64]]] = {number: [] for number in grouped}
    for _ in range(resamples):
        chosen, counts = np.unique(rng.integers(people, size=drawn), return_counts=True)
        space = fit_opinion_space(
            table.of_people(chosen),
            moderated_out=moderated_out,
            weights=counts,
            tolerance=RESAMPLED_TOLERANCE,
        )
        again = _again(space, tuple(grouped), counts, int(rng.integers(2**31)))
        for number in grouped.keys() & again.keys():
            # Who was drawn voted as before, so who is placed now was placed then.
            before, after = grouped[number][chosen[space.placed]], again[number]
            found[number].append(adjusted_rand(before, after))
            kept[number].append(_overlaps(before, after, number))
    return {number: _summary(found[number], kept[number], drawn) for number in grouped}


def _again(
    space: OpinionSpace, numbers: Sequence[int], counts: NDArray[np.int64], seed: int
) -> dict[int, Labels]:
    """The groups of those who were drawn, each counted as often as they were."""
    if space.sentence:
        return {}
    points, weights = space.coordinates[space.placed], counts[space.placed].astype(np.float64)
    return k_means(points, numbers, seed=seed, weights=weights)


def _overlaps(before: Labels, after: Labels, number: int) -> NDArray[np.float64]:
    """For each group, its best Jaccard overlap with a group found anew."""
    shared = np.zeros((number, number))
    np.add.at(shared, (before, after), 1)
    either = shared.sum(axis=1, keepdims=True) + shared.sum(axis=0) - shared
    return np.asarray((shared / np.maximum(either, 1)).max(axis=1), dtype=np.float64)


def _summary(
    indices: Sequence[float], overlaps: Sequence[NDArray[np.float64]], people: int
) -> Stability:
    nan = float("nan")
    if not indices:
        return Stability(nan, nan, nan, nan, 0)
    low, median, high = (float(one) for one in np.percentile(indices, (10, 50, 90)))
    weakest = float(np.mean(overlaps, axis=0).min())
    return Stability(median, low, high, weakest, len(indices), people)


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
