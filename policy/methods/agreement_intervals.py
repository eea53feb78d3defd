"""How sure a measure of agreement is: intervals by leaving people out, or drawing them anew.

Agreement within is measured again without each person, and without some pairs of people. People
drawn with replacement would meet themselves, and agree perfectly with themselves; where two sides
are compared, which takes drawing, a person drawn twice counts twice in every pair with others, and
is never paired with herself.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from policy.methods.agreement import Floats, Given, Ids, Metric, as_given
from policy.methods.cross_reliability import (
    Ratings,
    across,
    across_terms,
    alpha,
    alpha_terms,
    measured_ratings,
    sums,
)

Over = Literal["people", "items"]
FEWEST = 5
TOO_FEW_PEOPLE = f"Fewer than {FEWEST} people: too few to say how sure this is."
TOO_FEW_ITEMS = f"Fewer than {FEWEST} items: too few to say how sure this is."
TOO_LITTLE = "Too little was rated in common to say how sure this is."
ALL_ALIKE = "Whoever is left out, agreement stays the same: how others would answer cannot be said."
# Beyond so many people, groups of people are left out in place of one after the other.
MOST_PARTS = 200
PAIRS_LEFT_OUT = 300
# How much of what pairs have in common, which leaving out counts twice, is taken off again.
TAKEN_OFF = 0.5
_BLOCK = 64


@dataclass(frozen=True)
class Interval:
    """low, high: NaN with a note where they cannot be had."""

    low: float
    high: float
    level: float
    note: str = ""


@dataclass(frozen=True)
class CrossIntervals:
    """irr: by community; xrr and gai: by ordered pair of communities. gai is irr of the first."""

    irr: dict[str, Interval]
    xrr: dict[tuple[str, str], Interval]
    gai: dict[tuple[str, str], Interval]


def alpha_interval(
    ratings: ArrayLike | Given,
    metric: Metric = "nominal",
    *,
    over: Over = "people",
    level: float = 0.95,
    resamples: int = 500,
    seed: int = 0,
) -> Interval:
    """An interval of Krippendorff's alpha.

    ratings: (items, people), NaN where not rated, or the same in a row. over: "people" asks what
    other people would have said of these items, "items" what these people would say of others.
    Over people: the jackknife with Student's t. Its variance counts twice what pairs of people have
    in common beyond what each has with everybody (Efron and Stein 1981, Ann. Stat. 9:586); half of
    that is taken off, since without all of it small variances, which go with low agreement, made
    intervals too narrow. Over items: percentiles of `resamples` drawn anew. How often they hold the
    truth is in docs/analysis-methods.md. Ordinal ranks are those of all ratings, in each draw too.
    Raises ValueError as krippendorff_alpha does. Source for items: Zapf and others 2016, BMC
    Medical Research Methodology 16:93.
    """
    given = as_given(ratings)
    rated = measured_ratings(given, metric)
    rng = np.random.default_rng(seed)
    if over == "items":
        return _over_items(rated, given, level, resamples, rng)
    kept = np.unique(given.people)
    if len(kept) < FEWEST:
        return Interval(np.nan, np.nan, level, TOO_FEW_PEOPLE)
    return _over_people(rated.among(np.isin(np.arange(given.n_people), kept)), level, rng)


def cross_intervals(
    ratings: ArrayLike | Given,
    groups: ArrayLike,
    metric: Metric = "nominal",
    *,
    level: float = 0.95,
    resamples: int = 500,
    seed: int = 0,
) -> CrossIntervals:
    """Intervals of IRR (alpha_interval), and of XRR and GAI by drawing people anew within their
    community.

    groups: (people,) communities. A ratio whose draws are not all above 0 gets no interval.
    """
    given = as_given(ratings)
    names, labels = np.unique(np.asarray(groups).astype(str), return_inverse=True)
    people = np.bincount(labels, minlength=len(names))
    rated = measured_ratings(given, metric)
    irr, xrr = _people_drawn(rated, labels, len(names), resamples, np.random.default_rng(seed))
    few = Interval(np.nan, np.nan, level, TOO_FEW_PEOPLE)
    within: dict[str, Interval] = {}
    for side, name in enumerate(names):
        rng = np.random.default_rng(seed)
        alone = rated.among(labels == side)
        within[str(name)] = _over_people(alone, level, rng) if people[side] >= FEWEST else few
    between, ratio = {}, {}
    for (one, other), draws in xrr.items():
        enough = min(people[one], people[other]) >= FEWEST
        for first, second in ((one, other), (other, one)):
            key = (str(names[first]), str(names[second]))
            between[key] = _interval(draws, level) if enough else few
            ratio[key] = _ratio_interval(irr[:, first], draws, level) if enough else few
    return CrossIntervals(within, between, ratio)


def _over_people(rated: Ratings, level: float, rng: np.random.Generator) -> Interval:
    """Everybody in `rated`, without each part of them once, and without some two parts."""
    n_people = rated.chunks[0].counted.shape[1]
    parts = rng.permutation(n_people) % min(n_people, MOST_PARTS)
    n = int(parts.max()) + 1
    first, second = np.triu_indices(n, 1)
    if len(first) > PAIRS_LEFT_OUT:
        chosen = rng.choice(len(first), PAIRS_LEFT_OUT, replace=False)
        first, second = first[chosen], second[chosen]
    left_out = np.arange(n)[:, None] == np.concatenate([[-1], np.arange(n), first])
    left_out[:, n + 1 :] |= np.arange(n)[:, None] == second
    found = _alphas(rated.joined(parts), (~left_out).astype(np.float64))
    if np.isnan(found).any():
        return Interval(np.nan, np.nan, level, TOO_LITTLE)
    whole, without, pairs = found[0], found[1 : n + 1], found[n + 1 :]
    variance = (n - 1) / n * float(((without - without.mean()) ** 2).sum())
    both = n * whole - (n - 1) * (without[first] + without[second]) + (n - 2) * pairs
    in_common = (n - 1) / (2 * n) * float((both**2).mean())
    variance -= TAKEN_OFF * min(in_common, variance / 2)
    if variance < 1e-12:
        return Interval(np.nan, np.nan, level, ALL_ALIKE)
    half = float(stats.t.ppf((1 + level) / 2, n - 1)) * variance**0.5
    return Interval(float(whole) - half, min(1.0, float(whole) + half), level)


def _alphas(rated: Ratings, weights: Floats) -> Floats:
    """Alpha of each draw. weights: (people or parts of them, draws) of 0 and 1."""
    found = []
    for start in range(0, weights.shape[1], _BLOCK):
        terms = np.zeros((1, 1))
        for chunk in rated.chunks:
            terms = terms + alpha_terms(sums(rated, chunk, weights[:, start : start + _BLOCK]))
        found.append(alpha(terms))
    return np.concatenate(found)


def _people_drawn(
    rated: Ratings, labels: Ids, sides: int, resamples: int, rng: np.random.Generator
) -> tuple[Floats, dict[tuple[int, int], Floats]]:
    """IRR (resamples, sides), and XRR (resamples,) of each two sides; -1 in labels is nobody's."""
    members = [labels == side for side in range(sides)]
    apart = [rated.among(people) for people in members]
    irr: list[Floats] = []
    xrr: dict[tuple[int, int], list[Floats]] = {pair: [] for pair in _pairs(sides)}
    for weights in _weights([int(people.sum()) for people in members], resamples, rng):
        within = [np.zeros((1, 1))] * sides
        between = {pair: np.zeros((1, 1)) for pair in xrr}
        for chunk in range(len(rated.chunks)):
            found = [
                sums(one, one.chunks[chunk], drawn, repeated=True)
                for one, drawn in zip(apart, weights, strict=True)
            ]
            for side, one in enumerate(found):
                within[side] = within[side] + alpha_terms(one)
            for first, second in between:
                both = found[first].with_(found[second])
                between[first, second] = between[first, second] + across_terms(found[first], both)
        irr.append(np.column_stack([alpha(terms) for terms in within]))
        for pair, terms in between.items():
            xrr[pair].append(across(terms)[0])
    return np.concatenate(irr), {pair: np.concatenate(draws) for pair, draws in xrr.items()}


def _pairs(sides: int) -> list[tuple[int, int]]:
    return [(one, other) for one in range(sides) for other in range(one + 1, sides)]


def _weights(sizes: list[int], resamples: int, rng: np.random.Generator) -> Iterator[list[Floats]]:
    """Blocks of how often each person is drawn: one (people, draws) table per side."""
    for first in range(0, resamples, _BLOCK):
        draws = min(_BLOCK, resamples - first)
        tables = []
        for size in sizes:
            drawn = (
                rng.integers(max(size, 1), size=(draws, size)) + size * np.arange(draws)[:, None]
            )
            table = np.bincount(drawn.ravel(), minlength=draws * size).reshape(draws, size)
            tables.append(np.ascontiguousarray(table.T, dtype=np.float64))
        yield tables


def _over_items(
    rated: Ratings, given: Given, level: float, resamples: int, rng: np.random.Generator
) -> Interval:
    everyone = np.ones((given.n_people, 1))
    terms = [_terms_by_item(rated, place, everyone) for place in range(len(rated.chunks))]
    table = np.hstack([*terms, np.zeros((terms[0].shape[0] if terms else 4, 0))])
    table = table[:, table[1] > 0]
    n_items = table.shape[1]
    if n_items < FEWEST:
        return Interval(np.nan, np.nan, level, TOO_FEW_ITEMS)
    drawn = rng.integers(n_items, size=(resamples, n_items))
    weights = np.array([np.bincount(row, minlength=n_items) for row in drawn], dtype=np.float64)
    return _interval(alpha(table @ weights.T), level)


def _terms_by_item(rated: Ratings, place: int, everyone: Floats) -> Floats:
    """The terms of alpha, item by item: (terms, items)."""
    side = sums(rated, rated.chunks[place], everyone)
    pairs = (side.raters**2 - side.alone)[:, 0]
    pairable = pairs > 0.5
    apart = side.raters * (side.raters * side.squares - side.lengths)
    values = [apart[:, 0] / np.maximum(pairs, 1), side.raters[:, 0], side.alone[:, 0]]
    rows = [*values, side.squares[:, 0], *side.points[:, :, 0]]
    return np.vstack([np.where(pairable, row, 0.0) for row in rows])


def _ratio_interval(irr: Floats, xrr: Floats, level: float) -> Interval:
    if not ((irr > 0) & (xrr > 0)).all():
        note = "Agreement this close to chance has no ratio that could be bounded."
        return Interval(np.nan, np.nan, level, note)
    return _interval(irr / xrr, level)


def _interval(draws: Floats, level: float) -> Interval:
    """Percentiles of the draws that are defined; NaN where more than one in twenty is not."""
    defined = draws[~np.isnan(draws)]
    if defined.size < 0.95 * max(draws.size, 1):
        return Interval(np.nan, np.nan, level, TOO_LITTLE)
    tail = (1 - level) / 2
    low, high = np.quantile(defined, [tail, 1 - tail])
    return Interval(float(low), float(high), level)
