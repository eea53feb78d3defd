"""Intervals for preferences by drawing people again: a second opinion beside the sandwich's."""

from collections.abc import Iterator

import numpy as np
from scipy import sparse, stats
from scipy.special import ndtr

from policy.methods.clustering import Told
from policy.methods.davidson import Design, Floats, fit_davidson, tally

# Fewer people have too few different ways of being drawn again.
FEWEST_PEOPLE = 10


def bootstrap_bounds(
    design: Design,
    told: Told,
    *,
    ridge: float = 0.01,
    resamples: int = 200,
    level: float = 0.95,
    seed: int = 0,
) -> tuple[Floats, Floats]:
    """Both ends of the interval of each coefficient, (k,) each, by resampling whole people.

    design: (m, k); told: what was answered, whose first way is people. Every resample draws as many
    people as there are, with repetition, and fits anew. Percentiles are taken further out for few
    people, as Student's t lies further out than the normal, and moved by twice how far the middle
    of the resamples lies off the fit: it is off by about as much itself, and they once more.
    NaN where fewer than FEWEST_PEOPLE answered, or fewer than two resamples are asked for.
    Deterministic given the seed.
    Source: Hesterberg 2015, Am. Stat. 69:371, section 4.4 (expanded percentiles).
    """
    people = told.ways[0].n
    if people < FEWEST_PEOPLE or resamples < 2:
        nothing = np.full(design.shape[1], np.nan)
        return nothing, nothing
    drawn = _resampled(design.shape[0], told, resamples, seed)
    counts = tally(told.rows, told.answers, design.shape[0], told.weights)
    start = fit_davidson(design, counts, ridge)
    theta = start.coefficients
    if start.has_ties:
        theta = np.append(theta, np.log(start.tie))
    found = [_refitted(design, counts, ridge, theta) for counts in drawn]
    further = np.sqrt(people / (people - 1)) * stats.t.ppf((1 - level) / 2, people - 1)
    tail = float(ndtr(further))
    draws = np.array(found)
    # Trimmed, because a resample in which all went one way lies as far out as the ridge lets it.
    off = stats.trim_mean(draws, 0.05, axis=0) - start.coefficients
    low, high = np.quantile(draws - 2 * off, [tail, 1 - tail], axis=0)
    return low, high


def _refitted(design: Design, counts: Floats, ridge: float, start: Floats) -> Floats:
    if counts[:, 1].sum() == counts.sum():
        return np.zeros(design.shape[1])  # All drawn found everything about equal.
    return fit_davidson(design, counts, ridge, start=start).coefficients


def _resampled(m: int, told: Told, resamples: int, seed: int) -> Iterator[Floats]:
    """(m, 3) counts of the answers of people drawn again, one resample after the other."""
    way = told.ways[0]
    places = told.rows * 3 + (2 - 2 * told.answers).astype(np.intp)
    each = told.weighed(np.ones(places.size))
    table = sparse.coo_array((each, (way.ids, places)), shape=(way.n, 3 * m)).tocsr().T.tocsr()
    rng = np.random.default_rng(seed)
    for _ in range(resamples):
        times = np.bincount(rng.integers(0, way.n, way.n), minlength=way.n)
        yield np.asarray(table @ times.astype(np.float64)).reshape(m, 3)
