"""How strongly each source's completions are preferred, from comparisons between sources."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from scipy.special import expit

from policy.methods.bradley_terry import ALL_EQUAL, NOBODY, ONE_ITEM, ONE_PERSON, are_answers
from policy.methods.clustering import Told, cluster_by, clustered_errors, interval_and_p
from policy.methods.davidson import Design, Floats, Places, fit_davidson, tally
from policy.methods.equal_say import equal_say, most_answers

_UNBEATEN = (
    "It won, or lost, all of its decided comparisons with the rest: its strength rests on the "
    "ridge and has no interval."
)


@dataclass(frozen=True)
class Strength:
    """One source. strength, low, high: log-odds against the average source; NaN with a note.

    error: its standard error. chosen: probability of being chosen over an average source, ties
    aside. n: comparisons it is in. rests_on: how many equal participants the estimate rests on.
    """

    source: int
    strength: float
    low: float
    high: float
    error: float
    chosen: float
    n: int
    rests_on: float
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
    """sources: (m, 2) the pairs of sources compared, the lower number first; counts: (m, 3), each
    answer by its weight.

    beside: (n, k) how far the two differ in other things, the same way around; k may be 0.
    """

    sources: Places
    counts: Floats
    told: Told
    n_sources: int
    beside: Floats

    @property
    def people(self) -> int:
        return self.told.ways[0].n if self.told.ways else 0

    def design(self) -> sparse.csr_array:
        """(m, sources) of 1 for the first, -1 for the second."""
        m = len(self.sources)
        sides = np.tile([1.0, -1.0], m)
        starts = np.arange(0, 2 * m + 1, 2)
        return sparse.csr_array((sides, self.sources.ravel(), starts), shape=(m, self.n_sources))

    def asked(self) -> tuple[Design, Floats, Told]:
        """The rows to fit, their counts and answers: pairs of sources, or each answer by itself
        where it is known how else the two differ."""
        design, told = self.design(), self.told
        if not self.beside.shape[1]:
            return design, self.counts, told
        each = np.arange(told.answers.size)
        whole = np.hstack([design.toarray()[told.rows], self.beside])
        counts = tally(each, told.answers, each.size, told.weights)
        return whole, counts, Told(each, told.answers, told.ways, told.weights)

    def in_comparisons(self) -> Floats:
        """(sources,) how many answers each source is in."""
        n = np.bincount(self.told.rows, minlength=len(self.sources))
        one, other = (np.bincount(side, n, self.n_sources) for side in self.sources.T)
        return np.asarray(one + other)


def strengths(
    first: ArrayLike,
    second: ArrayLike,
    answers: ArrayLike,
    clusters: ArrayLike | None,
    n_sources: int,
    *,
    items: ArrayLike | None = None,
    beside: ArrayLike | None = None,
    ridge: float = 0.01,
    level: float = 0.95,
    names: Sequence[str] = (),
    cap: float = np.inf,
) -> SourceStrengths:
    """Bradley-Terry-Davidson strengths of sources, with intervals over people.

    first, second: (n,) source numbers below n_sources; answers: (n,) of 1 first, 0 second, ½ about
    equal, NaN left out; clusters: (n,) participant ids, None for strengths without intervals;
    items: (n,) ids of the pairs, as in fit_preferences. beside: (n, k) first less second in other
    things, such as length: strengths are then those of answers alike in these; a row with a NaN is
    left out. names: of the sources, for notes. cap: as in fit_preferences, where people are known.
    The average is over the largest set of sources that each both won and lost, directly or through
    others (over all where there is none); sources outside it get a strength without an interval.
    Sources that no chain of comparisons joins cannot be compared: all are NaN and a note names the
    parts. A source compared with itself says nothing and is left out. The ridge takes
    ½·ridge·|strengths|² off the log-likelihood, so that a source that never lost stays finite.
    Raises ValueError for other shapes, sources or answers.
    """
    kept = _prepare(first, second, answers, clusters, items, beside, n_sources, cap)
    reason = _reason_not_to_fit(kept, list(names) or [str(k) for k in range(n_sources)])
    if reason:
        return _undefined(kept, level, reason)
    design, counts, told = kept.asked()
    fit = fit_davidson(design, counts, ridge)
    core = _core(kept)
    contrasts = np.pad(_against_the_average(core), ((0, 0), (0, kept.beside.shape[1])))
    estimate = contrasts @ fit.coefficients
    error, rests_on = np.full((2, n_sources), np.nan)
    if told.ways:
        error, rests_on = clustered_errors(fit, design, contrasts, told)
    error = np.where(core, error, np.nan)
    half, _ = interval_and_p(estimate, error, rests_on, level)
    notes = np.where(core, "", _UNBEATEN)
    numbers = np.column_stack([estimate, half, error, rests_on, kept.in_comparisons()])
    found = tuple(_strength(k, numbers[k], str(notes[k])) for k in range(n_sources))
    answered = kept.told.answers.size
    return SourceStrengths(found, fit.tie, answered, kept.people, True, level, _too_few(kept))


def _too_few(kept: _Comparisons) -> tuple[str, ...]:
    reasons = zip(kept.told.ways, (ONE_PERSON, ONE_ITEM), strict=False)
    return tuple(note for way, note in reasons if way.n < 2)[:1]


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


def _reason_not_to_fit(kept: _Comparisons, names: Sequence[str]) -> str:
    if not len(kept.sources):
        return NOBODY
    part = _parts(kept.sources[:, 0], kept.sources[:, 1], kept.n_sources, "weak")
    if part.max() > 0:
        return _disconnected(part, names)
    return ALL_EQUAL if (kept.told.answers == 0.5).all() else ""


def _disconnected(part: NDArray[np.intp], names: Sequence[str]) -> str:
    named = (
        "{" + ", ".join(names[int(source)] for source in np.flatnonzero(part == k)) + "}"
        for k in range(int(part.max()) + 1)
    )
    return f"Not comparable: no comparison joins the sources {' and '.join(named)}."


def _undefined(kept: _Comparisons, level: float, reason: str) -> SourceStrengths:
    nan = float("nan")
    n = kept.in_comparisons()
    found = tuple(_strength(k, np.array([nan, nan, nan, 0.0, n[k]]), reason) for k in range(n.size))
    connected, answers = reason == ALL_EQUAL, kept.told.answers.size
    return SourceStrengths(found, nan, answers, kept.people, connected, level, (reason,))


def _strength(source: int, numbers: Floats, note: str) -> Strength:
    estimate, half, error, rests_on, n = (float(number) for number in numbers)
    return Strength(
        source=source,
        strength=estimate,
        low=estimate - half,
        high=estimate + half,
        error=error,
        chosen=float(expit(estimate)),
        n=int(n),
        rests_on=rests_on,
        note=note,
    )


def _prepare(
    first: ArrayLike,
    second: ArrayLike,
    answers: ArrayLike,
    clusters: ArrayLike | None,
    items: ArrayLike | None,
    beside: ArrayLike | None,
    n_sources: int,
    cap: float,
) -> _Comparisons:
    one, other = np.asarray(first, dtype=np.intp), np.asarray(second, dtype=np.intp)
    given = np.asarray(answers, dtype=np.float64)
    more = np.zeros((given.size, 0)) if beside is None else np.asarray(beside, dtype=np.float64)
    labels = [np.asarray(label) for label in (clusters, items) if label is not None]
    _check(one, other, given, labels, more, n_sources)
    kept = ~np.isnan(given) & (one != other) & ~np.isnan(more).any(axis=1)
    one, other, given = one[kept], other[kept], given[kept]
    named = np.minimum(one, other) * n_sources + np.maximum(one, other)
    pairs = np.flatnonzero(np.bincount(named, minlength=1))
    rows = np.zeros(n_sources**2, dtype=np.intp)
    rows[pairs] = np.arange(pairs.size)
    answered = np.where(one < other, given, 1 - given)
    ways = tuple(cluster_by(label[kept]) for label in labels)
    weights = None
    if clusters is not None and np.isfinite(cap) and answered.size:
        weights = equal_say(ways[0].ids, most_answers(ways[0].ids, cap))
    told = Told(rows[named], answered, ways, weights)
    sources = np.column_stack(np.divmod(pairs, n_sources))
    turned = np.where((one < other)[:, None], more[kept], -more[kept])
    counts = tally(told.rows, answered, pairs.size, weights)
    return _Comparisons(sources, counts, told, n_sources, turned)


def _check(
    one: Places,
    other: Places,
    answers: Floats,
    labels: list[NDArray[Any]],
    beside: Floats,
    n_sources: int,
) -> None:
    if beside.ndim != 2 or len(beside) != answers.size or np.isinf(beside).any():
        raise ValueError("There must be one row of finite differences per comparison.")
    if answers.ndim != 1 or any(a.shape != answers.shape for a in (one, other, *labels)):
        raise ValueError("There must be two sources, one answer and one person per comparison.")
    for named in (one, other):
        if n_sources < 1 or (named.size and not 0 <= named.min() <= named.max() < n_sources):
            raise ValueError("A source must be a number from 0 to one less than n_sources.")
    if not are_answers(answers):
        raise ValueError("An answer is 1 (first), 0 (second) or 0.5 (about equal).")
