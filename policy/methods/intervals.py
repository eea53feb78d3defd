"""Intervals for proportions and paired differences, honest when people or answers are few.

Answers of one person are alike, so the person, not the answer, is the unit: every clustered
interval takes its variance from leaving out one person at a time and its quantile from Student's t
on the effective number of people.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats
from scipy.special import betaincinv

Floats = NDArray[np.float64]
Ids = NDArray[np.intp]
Bounds = tuple[Floats, Floats]
# Stands for 0 where a distribution takes only what is above it.
TINY = 1e-9
Verdict = Literal["better", "worse", "inconclusive", "not measured"]

_TOO_FEW = (
    "Only one person answered: too few to say.",
    "Only one item was judged: nothing can be said of others.",
)


@dataclass(frozen=True)
class Estimate:
    """A number with its interval; NaN where it could not be had, and then `note` says why.

    n_items: distinct items, 0 where the interval was not clustered by item.
    """

    estimate: float
    low: float
    high: float
    level: float
    n: int
    n_clusters: int
    note: str = ""
    n_items: int = 0


def exact_bounds(successes: ArrayLike, n: ArrayLike, level: float = 0.95) -> Bounds:
    """Clopper and Pearson's interval for shares of independent answers; arrays of any shape.

    Coverage is never below the level. Source: Clopper and Pearson 1934, Biometrika 26:404.
    Raises ValueError for impossible counts. n = 0 gives NaN.
    """
    yes, of = _checked_counts(successes, n, level)
    tail = (1 - level) / 2
    low = stats.beta.ppf(tail, np.maximum(yes, TINY), of - yes + 1)
    high = stats.beta.ppf(1 - tail, yes + 1, np.maximum(of - yes, TINY))
    known = of > 0
    return (
        np.where(known, np.where(yes == 0, 0.0, low), np.nan),
        np.where(known, np.where(yes == of, 1.0, high), np.nan),
    )


def posterior_bounds(
    successes: ArrayLike, n: ArrayLike, level: float = 0.95, prior: float = 1.0
) -> Bounds:
    """The central interval of Beta(successes + prior, n - successes + prior); arrays of any shape.

    Strictly inside (0, 1), even where all agree; where nobody answered it is the prior's.
    Raises ValueError for impossible counts or a prior that is not positive.
    """
    yes, of = _checked_counts(successes, n, level)
    if prior <= 0:
        raise ValueError("A prior must be positive.")
    tail = (1 - level) / 2
    low, high = (betaincinv(yes + prior, of - yes + prior, q) for q in (tail, 1 - tail))
    return low, high


def clustered_proportion(
    values: ArrayLike,
    clusters: ArrayLike,
    level: float = 0.95,
    *,
    items: ArrayLike | None = None,
) -> Estimate:
    """Mean of answers between 0 and 1 when each person (cluster) gave several.

    values: (n,) in [0, 1], ½ for about equal; NaN where not answered, left out and not counted.
    clusters: (n,) participant ids. items: (n,) ids of what was judged, where several people judged
    the same: the interval then also allows for other items than these. The interval is Wilson's at
    the effective number of answers, p(1 - p) / V, with V the leave-one-person-out variance (with
    items, of both ways; never below that of independent answers) and Student's t, its freedom
    lowered when few people make up the variance. When every answer is the same, people's likeness
    cannot be seen and each person counts as one answer. One person: NaN and a sentence.
    Raises ValueError for other shapes or values out of range.
    Simulated, 95 % intervals cover .93-.98 with 20 people or more, more than that with 5 to 10, and
    .90-.92 at worst, for shares near .95 on which people differ strongly (tests/benchmarks).
    Sources: Wilson 1927, JASA 22:209; Korn and Graubard 1998, Survey Methodology 24:193;
    Cameron, Gelbach and Miller 2011, J. Bus. Econ. Stat. 29:238 (two ways).
    """
    kept, ways = _answered(values, clusters, items, level)
    if kept.size and (kept.min() < 0 or kept.max() > 1):
        raise ValueError("Values must lie between 0 and 1.")
    counts = [int(ids.max()) + 1 if ids.size else 0 for ids in ways]
    reasons = [reason for count, reason in zip(counts, _TOO_FEW, strict=False) if count < 2]
    mean = float(kept.mean()) if kept.size else np.nan
    if reasons:
        reason = reasons[0] if kept.size else "Nobody answered."
        found = (mean, np.nan, np.nan, reason)
    else:
        found = (mean, *_wilson(kept, ways, counts, level))
    n_items = counts[1] if items is not None else 0
    return Estimate(*found[:3], level, kept.size, counts[0], found[3], n_items)


def paired_difference(
    before: ArrayLike,
    after: ArrayLike,
    clusters: ArrayLike,
    level: float = 0.95,
    *,
    items: ArrayLike | None = None,
) -> Estimate:
    """Mean of after - before over the same answers, clustered by person, and by item if given.

    before, after: (n,) in [0, 1], such as 1 where a model ranks the pair as the person did; NaN
    where not measured. A row counts only where both are there. Returns an estimate in [-1, 1];
    NaN and "not measured" when no row has both. Raises ValueError as clustered_proportion does.
    """
    earlier = np.asarray(before, dtype=np.float64)
    later = np.asarray(after, dtype=np.float64)
    if earlier.shape != later.shape:
        raise ValueError("Before and after must have one value per answer each.")
    for measure in (earlier, later):
        if (np.abs(measure - 0.5) > 0.5).any():
            raise ValueError("Values must lie between 0 and 1.")
    share = clustered_proportion((later - earlier + 1) / 2, clusters, level, items=items)
    note = "not measured" if share.n == 0 else share.note
    # Counting each change on a 0 to 1 scale lets one formula bound both shares and differences.
    estimate, low, high = (2 * v - 1 for v in (share.estimate, share.low, share.high))
    return replace(share, estimate=estimate, low=low, high=high, note=note)


def verdict(low: float, high: float) -> Verdict:
    """What an interval of a difference (after - before) allows one to say."""
    if np.isnan(low) or np.isnan(high):
        return "not measured"
    if low > 0:
        return "better"
    return "worse" if high < 0 else "inconclusive"


def effective_clusters(weights: ArrayLike) -> float:
    """How many equal clusters weigh as much as these: (Σw)² / Σw², Kish's count.

    weights: (clusters,) not negative. Returns 0 when all are zero.
    """
    w = np.asarray(weights, dtype=np.float64)
    total = float((w**2).sum())
    return float(w.sum() ** 2 / total) if total > 0 else 0.0


def joint_freedom(variances: ArrayLike, clusters: ArrayLike) -> float:
    """Degrees of freedom of the sum of variances, each on its own clusters less one.

    Satterthwaite's rule; each way counts at least one degree. variances, clusters: (ways,).
    """
    v = np.asarray(variances, dtype=np.float64)
    freedoms = np.maximum(np.asarray(clusters, dtype=np.float64) - 1, 1.0)
    if v.sum() <= 0:
        return float(freedoms.min())
    return float(v.sum() ** 2 / (v**2 / freedoms).sum())


def _wilson(
    values: Floats, ways: Sequence[Ids], counts: Sequence[int], level: float
) -> tuple[float, float, str]:
    n, mean = values.size, float(values.mean())
    same = bool(np.ptp(values) == 0)
    variances, freedoms = zip(*(_left_out(values, ids) for ids in ways), strict=True)
    parts = [variances[0]]
    if len(ways) == 2:
        crossing = np.unique(ways[0] * counts[1] + ways[1], return_inverse=True)[1]
        # What items add to people: nothing where each person judged items of their own.
        parts.append(max(variances[1] - _left_out(values, crossing)[0], 0.0))
    variance = max(*variances, sum(parts), float(values.var()) / n)
    answers = float(min(counts)) if same else mean * (1 - mean) / variance
    freedom = joint_freedom(parts, np.array(freedoms) + 1)
    t2 = float(stats.t.ppf((1 + level) / 2, freedom)) ** 2
    centre = (mean + t2 / (2 * answers)) / (1 + t2 / answers)
    spread = mean * (1 - mean) / answers + t2 / (4 * answers**2)
    half = float(np.sqrt(t2 * spread)) / (1 + t2 / answers)
    note = "Every answer is the same; each person counts once." if same else ""
    return max(0.0, centre - half), min(1.0, centre + half), note


def _left_out(values: Floats, ids: Ids) -> tuple[float, float]:
    """Variance of the mean by leaving out one cluster at a time, and its degrees of freedom.

    Freedom is the effective number of clusters less one, or Satterthwaite's 2 / relative variance,
    2(G - 1) / (kurtosis - 1), where a few clusters make up the variance.
    """
    sizes = np.bincount(ids)
    if sizes.size < 2:
        return 0.0, 1.0
    sums = np.bincount(ids, weights=values)
    moved = ((values.sum() - sums) / (values.size - sizes) - values.mean()) ** 2
    freedom = effective_clusters(sizes) - 1
    alike = effective_clusters(moved)
    if alike > 0:
        freedom = min(freedom, 2 * (sizes.size - 1) / max(sizes.size / alike - 1, 1e-9))
    return float(moved.sum()) * (sizes.size - 1) / sizes.size, max(freedom, 1.0)


def _answered(
    values: ArrayLike, clusters: ArrayLike, items: ArrayLike | None, level: float
) -> tuple[Floats, list[Ids]]:
    numbers = np.asarray(values, dtype=np.float64)
    labels = [np.asarray(clusters)] if items is None else [np.asarray(clusters), np.asarray(items)]
    if numbers.ndim != 1 or any(label.shape != numbers.shape for label in labels):
        raise ValueError("There must be one value, one person and one item if any per answer.")
    _check_level(level)
    there = ~np.isnan(numbers)
    return numbers[there], [np.unique(label[there], return_inverse=True)[1] for label in labels]


def _unmeasured(level: float, n: int, n_clusters: int, note: str) -> Estimate:
    return Estimate(np.nan, np.nan, np.nan, level, n, n_clusters, note)


def _checked_counts(successes: ArrayLike, n: ArrayLike, level: float) -> Bounds:
    given = (np.asarray(one, dtype=np.float64) for one in (successes, n))
    yes, of = np.broadcast_arrays(*given)
    wrong = (yes < 0) | (yes > of)
    if wrong.any():
        raise ValueError(f"{yes[wrong][0]:g} of {of[wrong][0]:g} is not a share.")
    _check_level(level)
    return yes, of


def _check_level(level: float) -> None:
    if not 0 < level < 1:
        raise ValueError("The level must lie between 0 and 1, such as 0.95.")
