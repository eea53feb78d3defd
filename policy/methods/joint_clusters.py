"""Clusters of items by two things at once: who differs on them, and what they are about."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

Matrix = NDArray[np.float64]
Clusters = NDArray[np.int64]
WHOLLY_APART = 0.75
# Of a broad line the subject is the larger part: within it, sides may change.
BROAD_TOPIC_WEIGHT = 0.75
# An item that would stand alone joins the nearest line up to here: less strict than the cut.
ALONE = 0.46


def patterns(values: Matrix) -> Matrix:
    """Who stands above and who below: (items, labels) less each item's mean, of length 1.

    values: (items, labels), NaN where a label has no estimate; that label then counts as standing
    at the mean. An item without differences is a row of zeros.
    """
    there = ~np.isnan(values)
    means = np.where(there, values, 0.0).sum(axis=1) / np.maximum(there.sum(axis=1), 1)
    centred = np.where(there, values - means[:, None], 0.0)
    lengths = np.linalg.norm(centred, axis=1, keepdims=True)
    return np.asarray(centred / np.where(lengths > 1e-12, lengths, 1.0), dtype=np.float64)


def topic_distances(vectors: Matrix) -> Matrix:
    """How little items have to do with one another: 0 the same, 1 as any two of them or more.

    vectors: (items, dimensions) of length 1. Cosine distance over its median between items, because
    what counts as near depends on the embedder and on how broad a workshop's subject is.
    """
    raw = np.clip(1.0 - vectors @ vectors.T, 0.0, None)
    pairs = raw[np.triu_indices(len(raw), 1)]
    typical = float(np.median(pairs)) if pairs.size else 1.0
    scaled = np.minimum(raw / typical, 1.0) if typical > 1e-9 else np.zeros_like(raw)
    np.fill_diagonal(scaled, 0.0)
    return np.asarray(scaled, dtype=np.float64)


def joint_distances(who: Matrix, topic: Matrix, topic_weight: float, trust: Matrix) -> Matrix:
    """Weighted mean of topic distance and of how differently people divide, in [0, 1].

    The latter is (1 - cosine²) / 0.75 between patterns, at most 1: 0 for the same sides, 1 from "A
    against B, C" to "C against A, B" onwards, whose cosine is a half. The sign is left out: "ban
    it" and "allow it" divide people along one and the same line. trust: (items,) in (0, 1], how
    much of a pattern is not error; cosine² is over the product of two, as a correlation is
    corrected for error (Spearman 1904, Am. J. Psychol. 15:72), so that error alone parts no items.
    """
    alike = (who @ who.T) ** 2 / np.outer(trust, trust)
    apart = np.clip((1.0 - alike) / WHOLLY_APART, 0.0, 1.0)
    joint = topic_weight * topic + (1 - topic_weight) * apart
    joint = (joint + joint.T) / 2
    np.fill_diagonal(joint, 0.0)
    return np.asarray(joint, dtype=np.float64)


def clusters(distances: Matrix, threshold: float) -> Clusters:
    """Average linkage, cut where clusters stand further apart than the threshold.

    Returns (items,) of cluster numbers from 0 in order of first item.
    """
    if len(distances) < 2:
        return np.zeros(len(distances), dtype=np.int64)
    # Rounded, so that digits lost in another order of items cannot turn a tie.
    tree = linkage(np.round(squareform(distances, checks=False), 10), method="average")
    _, first, members = np.unique(
        fcluster(tree, threshold, criterion="distance"), return_index=True, return_inverse=True
    )
    return np.asarray(np.argsort(np.argsort(first))[members], dtype=np.int64)


def two_levels(
    values: Matrix,
    topic: Matrix,
    trust: Matrix,
    topic_weight: float,
    threshold: float,
    broad_threshold: float,
) -> Clusters:
    """Items into lines, and lines into broad ones: (2, items) of numbers, narrow then broad.

    Lines are joined whole, by the mean distance between their items, in which the topic weighs
    three quarters; so no line lies in two broad ones.
    """
    who = patterns(values)
    near = joint_distances(who, topic, topic_weight, trust)
    narrow = with_lone_items_joined(clusters(near, threshold), near, max(ALONE, threshold))
    weights = np.eye(int(narrow.max(initial=-1)) + 1)[narrow]
    weights = weights / np.maximum(weights.sum(axis=0), 1.0)
    between = weights.T @ joint_distances(who, topic, BROAD_TOPIC_WEIGHT, trust) @ weights
    np.fill_diagonal(between, 0.0)
    return np.stack([narrow, clusters(between, broad_threshold)[narrow]])


def with_lone_items_joined(members: Clusters, distances: Matrix, most: float) -> Clusters:
    """Each item that is alone in the cluster whose items are nearest on average, up to `most`.

    Only clusters of two or more take items in, as they were: who joins does not depend on order.
    """
    sizes = np.bincount(members)
    taking = np.flatnonzero(sizes > 1)
    alone = np.flatnonzero(sizes[members] == 1)
    if not taking.size or not alone.size:
        return members
    inside = (members[:, None] == taking).astype(np.float64)
    away = np.round(distances[alone] @ inside / sizes[taking], 10)
    joined = members.copy()
    near = away.min(axis=1) <= most
    joined[alone[near]] = taking[away[near].argmin(axis=1)]
    _, first, again = np.unique(joined, return_index=True, return_inverse=True)
    return np.asarray(np.argsort(np.argsort(first))[again], dtype=np.int64)


def clusterwise_stability(
    levels: Clusters,
    drawn: NDArray[np.float64],
    minimum: NDArray[np.float64],
    cluster_again: Callable[[Matrix, NDArray[np.intp]], Clusters],
) -> list[NDArray[np.float64]]:
    """For each cluster of each level, how well resamples find it again, in [0, 1].

    levels: (levels, items) cluster numbers. drawn: (resamples, items, labels) estimates. In each
    resample items that differ by less than their `minimum` (items,) drop out, and cluster_again
    (values and places of the rest) returns their (levels, kept) clusters; a cluster scores its best
    Jaccard overlap with a new one. Means over resamples. Source: Hennig 2007, Computational
    Statistics and Data Analysis 52:258.
    """
    totals = [int(members.max(initial=-1)) + 1 for members in levels]
    if not len(drawn):
        return [np.full(total, np.nan) for total in totals]
    scores = [np.zeros((len(drawn), total)) for total in totals]
    for row, values in enumerate(drawn):
        spread = np.nanmax(values, axis=1) - np.nanmin(values, axis=1)
        kept = np.flatnonzero(spread >= minimum)
        if not len(kept):
            continue
        for level, found in enumerate(cluster_again(values[kept], kept)):
            again = np.full(levels.shape[1], -1)
            again[kept] = found
            scores[level][row] = _best_overlaps(levels[level], again, totals[level])
    return [np.asarray(one.mean(axis=0), dtype=np.float64) for one in scores]


def _best_overlaps(members: Clusters, again: Clusters, total: int) -> Matrix:
    """Each cluster's best Jaccard overlap with a new one; -1 in `again` is no cluster."""
    both = np.zeros((total, int(again.max()) + 1))
    there = again >= 0
    np.add.at(both, (members[there], again[there]), 1.0)
    sizes = np.bincount(members, minlength=total)[:, None] + np.bincount(again[there])[None, :]
    return np.asarray((both / (sizes - both)).max(axis=1), dtype=np.float64)
