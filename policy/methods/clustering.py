"""Uncertainty of a fitted preference model when answers share a person, or an item, with others."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse, stats

from policy.methods.davidson import DavidsonFit, Design, Floats, Places
from policy.methods.intervals import joint_freedom

# Clusters × contrasts held at once: 32 MB.
_BLOCK = 4_000_000


@dataclass(frozen=True)
class Clustering:
    """ids: (answers,) below n, the number of clusters."""

    ids: Places
    n: int

    @cached_property
    def by_cluster(self) -> tuple[Places, Places]:
        """(answers,) the answers cluster by cluster, and (n + 1,) where each begins."""
        answers = self.ids.size
        selector = sparse.csr_array(
            (np.arange(answers), self.ids, np.arange(answers + 1)), shape=(answers, self.n)
        ).tocsc()
        return selector.data, selector.indptr


@dataclass(frozen=True)
class Told:
    """What was answered: rows, (n,) into a design; answers, (n,) of 1, ½, 0; whose and on what.

    weights: (n,) as how much of an answer each counts (equal_say); None where each counts as one.
    """

    rows: Places
    answers: Floats
    ways: tuple[Clustering, ...]
    weights: Floats | None = None

    def weighed(self, values: Floats) -> Floats:
        """Values of answers times their weights. values: (n,)."""
        return values if self.weights is None else values * self.weights


def cluster_by(labels: ArrayLike) -> Clustering:
    """Number the labels. labels: (answers,) of anything that sorts."""
    given = np.asarray(labels)
    if given.dtype.kind in "iu" and given.size and 0 <= given.min() <= given.max() < 4 * given.size:
        present = np.zeros(int(given.max()) + 1, dtype=np.bool_)
        present[given] = True
        numbers = np.cumsum(present, dtype=np.intp) - 1
        return Clustering(numbers[given], int(numbers[-1]) + 1)
    names, ids = np.unique(given, return_inverse=True)
    return Clustering(ids, len(names))


def clustered_errors(
    fit: DavidsonFit, design: Design, contrasts: Floats, told: Told
) -> tuple[Floats, Floats]:
    """Standard errors of contrasts of the coefficients, and how many equal clusters they rest on.

    contrasts: (c, k). Returns (c,) twice; errors are NaN where a way has fewer than two clusters.
    One way is the sandwich with the CR1 factor G/(G-1) · (n-1)/(n-p). Two ways add their variances
    less that of the crossing, and are never below the larger of the two; Satterthwaite's rule joins
    their freedoms. Sources: Liang and Zeger 1986, Biometrika 73:13; Cameron, Gelbach and Miller
    2011, J. Bus. Econ. Stat. 29:238.
    """
    pull = _Pull(fit, design, contrasts, told)
    variances = [pull.variance(way) for way in told.ways]
    parts = variances[:1]
    if len(told.ways) == 2:
        people, items = told.ways
        # What items add to people: nothing where each person judged items of their own.
        crossing = cluster_by(people.ids * items.n + items.ids)
        parts.append(np.maximum(variances[1] - pull.variance(crossing), 0.0))
    behind = np.transpose([pull.clusters_behind(way) for way in told.ways])
    rests_on = np.array([1 + f for f in map(joint_freedom, np.transpose(parts), behind)])
    if min(way.n for way in told.ways) < 2:
        return np.full(len(contrasts), np.nan), rests_on
    return np.sqrt(np.max([*variances, np.sum(parts, axis=0)], axis=0)), rests_on


def interval_and_p(
    estimate: Floats, error: Floats, rests_on: Floats, level: float
) -> tuple[Floats, Floats]:
    """Half-widths and two-sided p by Student's t with rests_on - 1 (at least 1) of freedom."""
    freedom = np.maximum(rests_on - 1, 1.0)
    half = stats.t.ppf((1 + level) / 2, freedom) * error
    with np.errstate(divide="ignore", invalid="ignore"):
        p = 2 * stats.t.sf(np.abs(estimate) / error, freedom)
    return np.asarray(half), np.asarray(p)


class _Pull:
    """How far each answer pulls each contrast: its residual times its row's pull, and its tie's."""

    def __init__(self, fit: DavidsonFit, design: Design, contrasts: Floats, told: Told) -> None:
        k = contrasts.shape[1]
        self.told = told
        self.parameters = len(fit.bread)
        bread = fit.bread[:, :k] @ contrasts.T
        self.of_row = design @ bread[:k]
        self.residuals = told.weighed(told.answers - 0.5 - fit.expected[told.rows])
        self.weights = told.weighed(fit.weights[told.rows])
        self.of_tie = bread[k:]
        self.ties = told.weighed((told.answers == 0.5) - fit.equal[told.rows])

    def variance(self, way: Clustering) -> Floats:
        """(c,) the sandwich's variance, clustered one way."""
        n = self.told.answers.size
        factor = way.n / max(way.n - 1, 1) * (n - 1) / max(n - self.parameters, 1)
        found = np.zeros(self.of_row.shape[1])
        ties = np.bincount(way.ids, weights=self.ties, minlength=way.n)
        for clusters, table in self._tables(way, self.residuals):
            sums = table @ self.of_row
            if self.of_tie.size:
                sums += ties[clusters, None] * self.of_tie
            found += np.einsum("gc,gc->c", sums, sums)
        return np.asarray(factor * found)

    def clusters_behind(self, way: Clustering) -> Floats:
        """Equal clusters behind each contrast, (c,): Kish's count of shares of the information.

        Source: Carter, Schnepel and Steigerwald 2017, Rev. Econ. Stat. 99:698.
        """
        squared = self.of_row**2
        total, squares = np.zeros((2, squared.shape[1]))
        for _, table in self._tables(way, self.weights):
            shares = table @ squared
            total += shares.sum(axis=0)
            squares += np.einsum("gc,gc->c", shares, shares)
        return np.divide(total**2, squares, out=np.zeros_like(total), where=squares > 0)

    def _tables(
        self, way: Clustering, values: Floats
    ) -> Iterator[tuple[slice, "sparse.csr_array[np.float64]"]]:
        """Values by cluster and row of the design, as many clusters at a time as memory allows."""
        order, starts = way.by_cluster
        rows, given = self.told.rows[order], values[order]
        m, contrasts = self.of_row.shape
        step = max(1, _BLOCK // max(contrasts, 1))
        for first in range(0, way.n, step):
            bounds = starts[first : first + step + 1]
            cells = slice(bounds[0], bounds[-1])
            table = (given[cells], rows[cells], bounds - bounds[0])
            shape = (bounds.size - 1, m)
            yield slice(first, first + step), sparse.csr_array(table, shape=shape)
