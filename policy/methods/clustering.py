"""Uncertainty of a fitted preference model when answers share a person, or an item, with others."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from policy.methods.davidson import DavidsonFit, Floats
from policy.methods.intervals import effective_clusters, joint_freedom


@dataclass(frozen=True)
class Clustering:
    """ids: (answers,) below n, the number of clusters."""

    ids: NDArray[np.intp]
    n: int


def cluster_by(labels: ArrayLike) -> Clustering:
    """Number the labels. labels: (answers,) of anything that sorts."""
    names, ids = np.unique(np.asarray(labels), return_inverse=True)
    return Clustering(ids, len(names))


def clustered_errors(
    fit: DavidsonFit, design: Floats, contrasts: Floats, ways: Sequence[Clustering]
) -> tuple[Floats, Floats]:
    """Standard errors of contrasts of the coefficients, and how many equal clusters they rest on.

    contrasts: (m, k). Returns (m,) twice; errors are NaN where a way has fewer than two clusters.
    One way is the sandwich with the CR1 factor G/(G-1) · (n-1)/(n-p). Two ways add their variances
    less that of the crossing, and are never below the larger of the two; Satterthwaite's rule joins
    their freedoms. Sources: Liang and Zeger 1986, Biometrika 73:13; Cameron, Gelbach and Miller
    2011, J. Bus. Econ. Stat. 29:238.
    """
    k = contrasts.shape[1]
    influence = fit.scores @ (fit.bread[:, :k] @ contrasts.T)
    p = fit.scores.shape[1]
    variances = [_variance(influence, way, p) for way in ways]
    parts = variances[:1]
    if len(ways) == 2:
        crossing = cluster_by(ways[0].ids * ways[1].n + ways[1].ids)
        # What items add to people: nothing where each person judged items of their own.
        parts.append(np.maximum(variances[1] - _variance(influence, crossing, p), 0.0))
    behind = _clusters_behind(fit, design, contrasts, ways)
    rests_on = np.array([1 + f for f in map(joint_freedom, np.transpose(parts), behind)])
    if min(way.n for way in ways) < 2:
        return np.full(len(contrasts), np.nan), rests_on
    return np.sqrt(np.max([*variances, np.sum(parts, axis=0)], axis=0)), rests_on


def _clusters_behind(
    fit: DavidsonFit, design: Floats, contrasts: Floats, ways: Sequence[Clustering]
) -> Floats:
    """Equal clusters behind each contrast, (m, ways): Kish's count of shares of the information.

    Source: Carter, Schnepel and Steigerwald 2017, Rev. Econ. Stat. 99:698.
    """
    k = design.shape[1]
    pull = design @ (fit.bread[:k, :k] @ contrasts.T)
    shares = pull**2 * fit.weights[:, None]
    counts = [[effective_clusters(c) for c in _sums(shares, way).T] for way in ways]
    return np.array(counts, dtype=np.float64).reshape(len(ways), len(contrasts)).T


def interval_and_p(
    estimate: Floats, error: Floats, rests_on: Floats, level: float
) -> tuple[Floats, Floats]:
    """Half-widths and two-sided p by Student's t with rests_on - 1 (at least 1) of freedom."""
    freedom = np.maximum(rests_on - 1, 1.0)
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
