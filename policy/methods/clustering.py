"""Uncertainty of a fitted preference model when answers share a person, or an item, with others."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from policy.methods.davidson import DavidsonFit, Floats
from policy.methods.intervals import effective_clusters


@dataclass(frozen=True)
class Clustering:
    """ids: (answers,) below n, the number of clusters."""

    ids: NDArray[np.intp]
    n: int


def cluster_by(labels: ArrayLike) -> Clustering:
    """Number the labels. labels: (answers,) of anything that sorts."""
    names, ids = np.unique(np.asarray(labels), return_inverse=True)
    return Clustering(ids, len(names))


def clustered_errors(fit: DavidsonFit, contrasts: Floats, ways: Sequence[Clustering]) -> Floats:
    """Standard errors of contrasts of the coefficients, clustered in one way or in two.

    contrasts: (m, k). Returns (m,); NaN where a way has fewer than two clusters. One way is the
    sandwich with the CR1 factor G/(G-1) · (n-1)/(n-p). Two ways add their variances less that of
    the crossing, and are never below the larger of the two. Sources: Liang and Zeger 1986,
    Biometrika 73:13; Cameron, Gelbach and Miller 2011, J. Bus. Econ. Stat. 29:238.
    """
    if min(way.n for way in ways) < 2:
        return np.full(len(contrasts), np.nan)
    k = contrasts.shape[1]
    influence = fit.scores @ (fit.bread[:, :k] @ contrasts.T)
    variances = [_variance(influence, way, fit.scores.shape[1]) for way in ways]
    if len(ways) == 2:
        crossing = cluster_by(ways[0].ids * ways[1].n + ways[1].ids)
        variances.append(sum(variances) - _variance(influence, crossing, fit.scores.shape[1]))
    return np.asarray(np.sqrt(np.max(variances, axis=0)))


def clusters_behind(
    fit: DavidsonFit, design: Floats, contrasts: Floats, ways: Sequence[Clustering]
) -> Floats:
    """How many equal clusters each contrast rests on, in the way that has fewest.

    contrasts: (m, k). Returns (m,): Kish's count of each cluster's share of the information, as
    Carter, Schnepel and Steigerwald 2017 (Rev. Econ. Stat. 99:698) propose.
    """
    k = design.shape[1]
    pull = design @ (fit.bread[:k, :k] @ contrasts.T)
    shares = pull**2 * fit.weights[:, None]
    counts = [[effective_clusters(c) for c in _sums(shares, way).T] for way in ways]
    return np.asarray(np.min(np.array(counts).reshape(len(ways), len(contrasts)), axis=0))


def interval_and_p(
    estimate: Floats, error: Floats, behind: Floats, level: float
) -> tuple[Floats, Floats]:
    """Half-widths and two-sided p by Student's t on the clusters behind less one (at least 1)."""
    freedom = np.maximum(behind - 1, 1.0)
    half = stats.t.ppf((1 + level) / 2, freedom) * error
    with np.errstate(divide="ignore", invalid="ignore"):
        p = 2 * stats.t.sf(np.abs(estimate) / error, freedom)
    return np.asarray(half), np.asarray(p)


def _variance(influence: Floats, way: Clustering, parameters: int) -> Floats:
    n = len(influence)
    factor = way.n / max(way.n - 1, 1) * (n - 1) / max(n - parameters, 1)
    return np.asarray(factor * (_sums(influence, way) ** 2).sum(axis=0))


def _sums(rows: Floats, way: Clustering) -> Floats:
    sums = np.zeros((way.n, rows.shape[1]))
    for j, column in enumerate(rows.T):
        sums[:, j] = np.bincount(way.ids, weights=column, minlength=way.n)
    return sums
