"""How strongly each source's completions are preferred, from comparisons between sources."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from scipy.special import expit

from policy.methods.bradley_terry import ALL_EQUAL, NOBODY, ONE_ITEM, ONE_PERSON
from policy.methods.clustering import (
    Clustering,
    cluster_by,
    clustered_errors,
    interval_and_p,
)
from policy.methods.davidson import Floats, fit_davidson

_UNBEATEN = (
    "It won, or lost, all of its decided comparisons with the rest: its strength rests on the "
    "ridge and has no interval."
)


@dataclass(frozen=True)
class Strength:
    """One source. strength, low, high: log-odds against the average source; NaN with a note.

    chosen: probability of being chosen over an average source, ties aside. n: comparisons it is in.
    """

    source: int
    strength: float
    low: float
    high: float
    chosen: float
    n: int
    note: str = ""


@dataclass(frozen=True)
class SourceStrengths:
    """Strengths of all sources. tie: Davidson's ν; connected: whether all can be compared."""

    strengths: tuple[Strength, ...]
    tie: float
    n: int
    n_clusters: int
    connected: bool
    level: float
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Comparisons:
    first: NDArray[np.intp]
    second: NDArray[np.intp]
    answers: Floats
    ways: tuple[Clustering, ...]
    n_sources: int


def strengths(
    first: ArrayLike,
    second: ArrayLike,
    answers: ArrayLike,
    clusters: ArrayLike,
    n_sources: int,
    *,
    items: ArrayLike | None = None,
    ridge: float = 0.01,
    level: float = 0.95,
) -> SourceStrengths:
    """Bradley-Terry-Davidson strengths of sources, with intervals over people.

    first, second: (n,) source numbers below n_sources; answers: (n,) of 1 first, 0 second, ½ about
    equal, NaN left out; clusters: (n,) participant ids; items: (n,) ids of the pairs, as in
    fit_preferences. The average is over the largest set of sources that each both won and lost,
    directly or through others (over all where there is none); sources outside it get a strength
    without an interval. Sources that no chain of comparisons joins cannot be compared: all are NaN
    and a note names the parts. A source compared with itself says nothing and is left out.
    Raises ValueError for other shapes, sources or answers.
    """
    kept = _prepare(first, second, answers, clusters, items, n_sources)
    reason = _reason_not_to_fit(kept)
    if reason:
        return _undefined(kept, level, reason)
    rows = np.arange(kept.answers.size)
    design = np.zeros((rows.size, n_sources))
    design[rows, kept.first] = 1.0
    design[rows, kept.second] = -1.0
    fit = fit_davidson(design, kept.answers, ridge)
    core = _core(kept)
    average = core if core.any() else np.ones(n_sources)
    contrasts = np.eye(n_sources) - average / average.sum()
    error, rests_on = clustered_errors(fit, design, contrasts, kept.ways)
    error = np.where(core, error, np.nan)
    estimate = contrasts @ fit.coefficients
    half, _ = interval_and_p(estimate, error, rests_on, level)
    found = tuple(
        _strength(kept, source, estimate[source], half[source], "" if core[source] else _UNBEATEN)
        for source in range(n_sources)
    )
    reasons = zip(kept.ways, (ONE_PERSON, ONE_ITEM), strict=False)
    too_few = [note for way, note in reasons if way.n < 2]
    return SourceStrengths(
        found, fit.tie, kept.answers.size, kept.ways[0].n, True, level, tuple(too_few[:1])
    )


def _core(kept: _Comparisons) -> NDArray[np.bool_]:
    """The largest set, of two or more, in which each source beats each through some chain."""
    won = kept.answers != 0
    lost = kept.answers != 1
    beats = np.concatenate([kept.first[won], kept.second[lost]])
    beaten = np.concatenate([kept.second[won], kept.first[lost]])
    part = _parts(beats, beaten, kept.n_sources, "strong")
    sizes = np.bincount(part)
    return np.asarray((part == sizes.argmax()) & (sizes.max() > 1))


def _parts(
    one: NDArray[np.intp], other: NDArray[np.intp], n_sources: int, connection: str
) -> NDArray[np.intp]:
    graph = sparse.coo_array((np.ones(one.size), (one, other)), shape=(n_sources, n_sources))
    return np.asarray(connected_components(graph.tocsr(), connection=connection)[1])


def _reason_not_to_fit(kept: _Comparisons) -> str:
    if not kept.answers.size:
        return NOBODY
    part = _parts(kept.first, kept.second, kept.n_sources, "weak")
    if part.max() > 0:
        return _disconnected(part)
    return ALL_EQUAL if (kept.answers == 0.5).all() else ""


def _disconnected(part: NDArray[np.intp]) -> str:
    named = (
        "{" + ", ".join(str(source) for source in np.flatnonzero(part == k)) + "}"
        for k in range(int(part.max()) + 1)
    )
    return f"Not comparable: no comparison joins the sources {' and '.join(named)}."


def _undefined(kept: _Comparisons, level: float, reason: str) -> SourceStrengths:
    nan = float("nan")
    found = tuple(_strength(kept, source, nan, nan, reason) for source in range(kept.n_sources))
    connected = reason == ALL_EQUAL
    return SourceStrengths(
        found, nan, kept.answers.size, kept.ways[0].n, connected, level, (reason,)
    )


def _strength(kept: _Comparisons, source: int, estimate: float, half: float, note: str) -> Strength:
    return Strength(
        source=source,
        strength=float(estimate),
        low=float(estimate - half),
        high=float(estimate + half),
        chosen=float(expit(estimate)),
        n=int(((kept.first == source) | (kept.second == source)).sum()),
        note=note,
    )


def _prepare(
    first: ArrayLike,
    second: ArrayLike,
    answers: ArrayLike,
    clusters: ArrayLike,
    items: ArrayLike | None,
    n_sources: int,
) -> _Comparisons:
    one, other = np.asarray(first, dtype=np.intp), np.asarray(second, dtype=np.intp)
    given = np.asarray(answers, dtype=np.float64)
    labels = [np.asarray(clusters)] if items is None else [np.asarray(clusters), np.asarray(items)]
    if given.ndim != 1 or any(a.shape != given.shape for a in (one, other, *labels)):
        raise ValueError("There must be two sources, one answer and one person per comparison.")
    named = np.concatenate([one, other])
    if n_sources < 1 or (named.size and (named.min() < 0 or named.max() >= n_sources)):
        raise ValueError("A source must be a number from 0 to one less than n_sources.")
    if not np.isin(given[~np.isnan(given)], (0, 0.5, 1)).all():
        raise ValueError("An answer is 1 (first), 0 (second) or 0.5 (about equal).")
    kept = ~np.isnan(given) & (one != other)
    ways = tuple(cluster_by(label[kept]) for label in labels)
    return _Comparisons(one[kept], other[kept], given[kept], ways, n_sources)
