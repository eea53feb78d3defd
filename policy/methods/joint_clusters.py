"""Clusters of items by two things at once: who differs on them, and what they are about."""

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

Matrix = NDArray[np.float64]
Clusters = NDArray[np.int64]
WHOLLY_APART = 0.75


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


def joint_distances(who: Matrix, topic: Matrix, topic_weight: float) -> Matrix:
    """Weighted mean of topic distance and of how differently people divide, in [0, 1].

    The latter is (1 - cosine²) / 0.75 between patterns, at most 1: 0 for the same sides, 1 from "A
    against B, C" to "C against A, B" onwards, whose cosine is a half. The sign is left out: "ban
    it" and "allow it" divide people along one and the same line.
    """
    apart = np.clip((1.0 - (who @ who.T) ** 2) / WHOLLY_APART, 0.0, 1.0)
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


def clusterwise_stability(
    members: Clusters,
    drawn: NDArray[np.float64],
    topic: Matrix,
    *,
    topic_weight: float,
    threshold: float,
    minimum: NDArray[np.float64],
) -> NDArray[np.float64]:
    """For each cluster, how well resamples find it again, in [0, 1].

    members: (items,) cluster numbers. drawn: (resamples, items, labels) estimates. In each resample
    items that differ by less than their `minimum` (items,) drop out, the rest are clustered anew;
    a cluster scores its best Jaccard overlap with a new one. The mean over resamples is returned.
    Source: Hennig 2007, Computational Statistics and Data Analysis 52:258.
    """
    total = int(members.max()) + 1 if len(members) else 0
    scores = np.zeros((len(drawn), total))
    for row, values in enumerate(drawn):
        spread = np.nanmax(values, axis=1) - np.nanmin(values, axis=1)
        kept = np.flatnonzero(spread >= minimum)
        if not len(kept):
            continue
        joint = joint_distances(patterns(values[kept]), topic[np.ix_(kept, kept)], topic_weight)
        again = np.full(len(members), -1)
        again[kept] = clusters(joint, threshold)
        scores[row] = [_best_overlap(members == one, again) for one in range(total)]
    if not len(drawn):
        return np.full(total, np.nan)
    return np.asarray(scores.mean(axis=0), dtype=np.float64)


def _best_overlap(cluster: NDArray[np.bool_], again: Clusters) -> float:
    best = 0.0
    for name in np.unique(again[cluster & (again >= 0)]):
        other = again == name
        best = max(best, float((cluster & other).sum() / (cluster | other).sum()))
    return best
