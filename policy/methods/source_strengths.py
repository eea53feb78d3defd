"""How strongly each source's completions are preferred, from comparisons between sources."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from scipy.special import expit

from policy.methods.bradley_terry import ALL_EQUAL, NOBODY, ONE_ITEM, ONE_PERSON, are_answers
from policy.methods.clustering import Told, cluster_by, clustered_errors, interval_and_p
from policy.methods.davidson import Floats, Places, fit_davidson, tally

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
    """sources: (m, 2) the pairs of sources compared, the lower number first; counts: (m, 3)."""

    sources: Places
    counts: Floats
    told: Told
    n_sources: int

    @property
    def people(self) -> int:
        return self.told.ways[0].n

    def design(self) -> sparse.csr_array:
        """(m, sources) of 1 for the first, -1 for the second."""
        m = len(self.sources)
        sides = np.tile([1.0, -1.0], m)
        starts = np.arange(0, 2 * m + 1, 2)
        return sparse.csr_array((sides, self.sources.ravel(), starts), shape=(m, self.n_sources))

    def in_comparisons(self) -> Floats:
        """(sources,) how many answers each source is in."""
        n = self.counts.sum(axis=1)
        one, other = (np.bincount(side, n, self.n_sources) for side in self.sources.T)
        return np.asarray(one + other)


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
    design = kept.design()
    fit = fit_davidson(design, kept.counts, ridge)
    core = _core(kept)
    contrasts = _against_the_average(core)
    error, rests_on = clustered_errors(fit, design, contrasts, kept.told)
    error = np.where(core, error, np.nan)
    estimate = contrasts @ fit.coefficients
    half, _ = interval_and_p(estimate, error, rests_on, level)
    n = kept.in_comparisons()
    found = tuple(
        _strength(source, estimate[source], half[source], n[source], "" if inside else _UNBEATEN)
        for source, inside in enumerate(core)
    )
    reasons = zip(kept.told.ways, (ONE_PERSON, ONE_ITEM), strict=False)
    too_few = [note for way, note in reasons if way.n < 2]
    answers = int(kept.counts.sum())
    return SourceStrengths(found, fit.tie, answers, kept.people, True, level, tuple(too_few[:1]))


def _against_the_average(core: NDArray[np.bool_]) -> Floats:
    average = core if core.any() else np.ones(core.size)
    return np.asarray(np.eye(core.size) - average / average.sum())


def _core(kept: _Comparisons) -> NDArray[np.bool_]:
    """The largest set, of two or more, in which each source beats each through some chain."""
    drawn = kept.counts[:, 1] > 0
    won, lost = ((kept.counts[:, side] > 0) | drawn for side in (0, 2))
    first, second = kept.sources.T
    beats = np.concatenate([first[won], second[lost]])
    beaten = np.concatenate([second[won], first[lost]])
    part = _parts(beats, beaten, kept.n_sources, "strong")
    sizes = np.bincount(part)
    return np.asarray((part == sizes.argmax()) & (sizes.max() > 1))


def _parts(
    one: NDArray[np.intp], other: NDArray[np.intp], n_sources: int, connection: str
) -> NDArray[np.intp]:
    graph = sparse.coo_array((np.ones(one.size), (one, other)), shape=(n_sources, n_sources))
    return np.asarray(connected_components(graph.tocsr(), connection=connection)[1])


def _reason_not_to_fit(kept: _Comparisons) -> str:
    if not len(kept.sources):
        return NOBODY
    part = _parts(kept.sources[:, 0], kept.sources[:, 1], kept.n_sources, "weak")
    if part.max() > 0:
        return _disconnected(part)
    return ALL_EQUAL if kept.counts[:, 1].sum() == kept.counts.sum() else ""


def _disconnected(part: NDArray[np.intp]) -> str:
    named = (
        "{" + ", ".join(str(source) for source in np.flatnonzero(part == k)) + "}"
        for k in range(int(part.max()) + 1)
    )
    return f"Not comparable: no comparison joins the sources {' and '.join(named)}."


def _undefined(kept: _Comparisons, level: float, reason: str) -> SourceStrengths:
    nan = float("nan")
    n = kept.in_comparisons()
    found = tuple(_strength(source, nan, nan, n[source], reason) for source in range(n.size))
    connected, answers = reason == ALL_EQUAL, int(kept.counts.sum())
    return SourceStrengths(found, nan, answers, kept.people, connected, level, (reason,))


def _strength(source: int, estimate: float, half: float, n: float, note: str) -> Strength:
    return Strength(
        source=source,
        strength=float(estimate),
        low=float(estimate - half),
        high=float(estimate + half),
        chosen=float(expit(estimate)),
        n=int(n),
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
    _check(one, other, given, labels, n_sources)
    kept = ~np.isnan(given) & (one != other)
    one, other, given = one[kept], other[kept], given[kept]
    named = np.minimum(one, other) * n_sources + np.maximum(one, other)
    pairs = np.flatnonzero(np.bincount(named, minlength=1))
    rows = np.zeros(n_sources**2, dtype=np.intp)
    rows[pairs] = np.arange(pairs.size)
    answered = np.where(one < other, given, 1 - given)
    told = Told(rows[named], answered, tuple(cluster_by(label[kept]) for label in labels))
    sources = np.column_stack(np.divmod(pairs, n_sources))
    return _Comparisons(sources, tally(told.rows, answered, pairs.size), told, n_sources)


def _check(
    one: Places, other: Places, answers: Floats, labels: list[NDArray[Any]], n_sources: int
) -> None:
    if answers.ndim != 1 or any(a.shape != answers.shape for a in (one, other, *labels)):
        raise ValueError("There must be two sources, one answer and one person per comparison.")
    for named in (one, other):
        if n_sources < 1 or (named.size and not 0 <= named.min() <= named.max() < n_sources):
            raise ValueError("A source must be a number from 0 to one less than n_sources.")
    if not are_answers(answers):
        raise ValueError("An answer is 1 (first), 0 (second) or 0.5 (about equal).")
