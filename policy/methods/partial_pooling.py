"""What a small community prefers, leaning on the others as far as they are alike.

Communities' effects are taken as draws around a common one. How far apart they lie is estimated
from the data: alike communities lend one another much, unlike ones little, and a community with
answers enough of its own keeps its own.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, stats
from scipy.special import ndtr

from policy.methods.davidson import Floats

# Below this, in log-odds, how far communities lie apart makes no difference to any decision.
LEAST_SPREAD = 0.1
_WIDEST_SPREAD = 5.0
_POINTS = 80


@dataclass(frozen=True)
class PooledEffect:
    """One effect over communities; every array (communities,), NaN where nothing can be said.

    mean, mean_low, mean_high: of communities like these. spread: standard deviation between them.
    estimate, low, high: each community's effect, leaning on the others. own: the share of the
    estimate that is its own, in [0, 1]. note: why nothing was pooled, else "".
    """

    mean: float
    mean_low: float
    mean_high: float
    spread: float
    estimate: Floats
    low: Floats
    high: Floats
    own: Floats
    note: str = ""


@dataclass(frozen=True)
class _Given:
    """What is known of the communities if they lie this far apart: a row per spread."""

    mean: Floats
    mean_variance: Floats
    centre: Floats
    variance: Floats
    own: Floats
    log_likelihood: Floats


def pool_effects(
    estimates: ArrayLike,
    errors: ArrayLike,
    rests_on: ArrayLike,
    *,
    scale: float = 0.5,
    level: float = 0.95,
) -> PooledEffect:
    """Partial pooling of one effect: normal around a common mean, both unknown.

    estimates, errors, rests_on: (communities,) log-odds, standard errors and equal people behind
    them (Effect); NaN where a community has none: it lends nothing and is lent nothing. scale: the
    median of how far communities are thought apart beforehand (common_spread), with Cauchy's tail,
    so that data that say otherwise win. Integrated over that spread, and over the mean, so that
    intervals know of both. Errors of few people count as larger, by Student's t over the normal.
    Fewer than two communities give NaN and a sentence. Raises ValueError for other shapes, a
    negative error, or a scale or level out of range.
    Sources: Rubin 1981, J. Educ. Stat. 6:377; Gelman 2006, Bayesian Analysis 1:515 (the prior).
    """
    value, error, there = _check(estimates, errors, rests_on, scale, level)
    if there.sum() < 2:
        return _nothing(value.size)
    given = _given(value[there], error[there], _spreads(scale))
    weights = np.exp(given.log_likelihood - given.log_likelihood.max())
    weights /= weights.sum()
    ends = _quantiles(given.centre, given.variance, weights, level)
    mean_ends = _quantiles(given.mean[:, None], given.mean_variance[:, None], weights, level)
    found = np.full((4, value.size), np.nan)
    found[:, there] = [weights @ given.centre, *ends, weights @ given.own]
    return PooledEffect(
        mean=float(weights @ given.mean),
        mean_low=float(mean_ends[0][0]),
        mean_high=float(mean_ends[1][0]),
        spread=float(weights @ _spreads(scale)),
        estimate=found[0],
        low=found[1],
        high=found[2],
        own=found[3],
    )


def common_spread(estimates: ArrayLike, errors: ArrayLike, rests_on: ArrayLike) -> float:
    """How far communities lie apart over many effects: the likeliest one standard deviation.

    estimates, errors, rests_on: (effects, communities), comparable units. At least LEAST_SPREAD,
    also where no effect has two communities. Few communities say little about one effect's
    spread; a dozen effects together say more.
    """
    value, error, there = _check(estimates, errors, rests_on, LEAST_SPREAD, 0.5)
    rows = [(v[t], e[t]) for v, e, t in zip(value, error, there, strict=True) if t.sum() > 1]
    spreads = np.geomspace(LEAST_SPREAD, _WIDEST_SPREAD, _POINTS)
    likely = [_given(v, e, spreads).log_likelihood for v, e in rows]
    return float(spreads[np.sum(likely, axis=0).argmax()]) if rows else LEAST_SPREAD


def _given(value: Floats, error: Floats, spreads: Floats) -> _Given:
    """Everything that has a formula once the spread is fixed (Gelman and others, BDA3, 5.4)."""
    variance = error**2 + spreads[:, None] ** 2
    mean_variance = 1 / (1 / variance).sum(axis=1)
    mean = mean_variance * (value / variance).sum(axis=1)
    lent = error**2 / variance
    away = ((value - mean[:, None]) ** 2 / variance).sum(axis=1)
    return _Given(
        mean=mean,
        mean_variance=mean_variance,
        centre=(1 - lent) * value + lent * mean[:, None],
        variance=(1 - lent) * error**2 + lent**2 * mean_variance[:, None],
        own=1 - lent * (1 - mean_variance[:, None] / variance),
        log_likelihood=0.5 * (np.log(mean_variance) - np.log(variance).sum(axis=1) - away),
    )


def _spreads(scale: float) -> Floats:
    """Equally likely spreads of a half-Cauchy distribution with this median."""
    return np.asarray(scale * np.tan(np.pi / 2 * (np.arange(_POINTS) + 0.5) / _POINTS))


def _quantiles(
    centre: Floats, variance: Floats, weights: Floats, level: float
) -> tuple[Floats, Floats]:
    """Ends of the central interval of each column's mixture of normal distributions."""
    deviation = np.sqrt(variance)
    columns = range(centre.shape[1])
    low, high = (
        np.array([_quantile(centre[:, j], deviation[:, j], weights, tail) for j in columns])
        for tail in ((1 - level) / 2, (1 + level) / 2)
    )
    return low, high


def _quantile(centre: Floats, deviation: Floats, weights: Floats, tail: float) -> float:
    reach = 10 * deviation.max() + np.ptp(centre) + 1e-9
    return float(
        optimize.brentq(
            lambda x: float(weights @ ndtr((x - centre) / deviation)) - tail,
            centre.min() - reach,
            centre.max() + reach,
        )
    )


def _check(
    estimates: ArrayLike, errors: ArrayLike, rests_on: ArrayLike, scale: float, level: float
) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    value = np.asarray(estimates, dtype=np.float64)
    error, behind = (np.asarray(given, dtype=np.float64) for given in (errors, rests_on))
    if value.shape != error.shape or value.shape != behind.shape:
        raise ValueError("Each effect needs one estimate, one error and how many it rests on.")
    if (error < 0).any() or scale <= 0 or not 0 < level < 1:
        raise ValueError("Errors are not negative, the scale is positive, the level within 0 to 1.")
    there = np.isfinite(value) & np.isfinite(error) & (error > 0)
    few = stats.t.ppf(0.975, np.maximum(np.nan_to_num(behind) - 1, 1)) / stats.norm.ppf(0.975)
    return value, np.asarray(error * few), np.asarray(there)


def _nothing(communities: int) -> PooledEffect:
    nan, nothing = float("nan"), np.full(communities, np.nan)
    note = "Fewer than two communities have an effect of their own, so none can lean on another."
    return PooledEffect(nan, nan, nan, nan, nothing, nothing, nothing, nothing, note)
