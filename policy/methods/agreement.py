"""How far people agree beyond chance: Krippendorff's alpha and Cohen's kappa.

A rating is turned into a point so that squared distance between points is the metric's distance:
itself for interval, its mid-rank for ordinal, a corner per category for nominal. Sums over pairs of
people then follow from sums over people, with no pair ever formed.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Metric = Literal["nominal", "ordinal", "interval"]

TOO_FEW = "No item was rated by two people: agreement cannot be measured."
MOST_CATEGORIES = 200
ALL_THE_SAME = "Every rating is the same: agreement beyond chance is undefined."


@dataclass(frozen=True)
class Agreement:
    """value: 1 perfect, 0 chance, below 0 worse than chance; NaN with a note. n_*: what counted."""

    value: float
    n_items: int
    n_ratings: int
    note: str = ""


def krippendorff_alpha(ratings: ArrayLike, metric: Metric = "nominal") -> Agreement:
    """Krippendorff's alpha, 1 - observed / expected disagreement.

    ratings: (items, people) numbers, NaN where not rated; an item rated once does not count.
    Raises ValueError for another shape, an infinite rating or an unknown metric.
    Source: Krippendorff 2011, Computing Krippendorff's Alpha-Reliability.
    """
    table = checked_ratings(ratings)
    pairable = (~np.isnan(table)).sum(axis=1) >= 2
    table = table[pairable]
    given = ~np.isnan(table)
    n_items, n = int(pairable.sum()), int(given.sum())
    if n_items == 0:
        return Agreement(np.nan, 0, 0, TOO_FEW)
    rows = np.nonzero(given)[0]
    points = metric_points(table[given], metric)
    raters = np.bincount(rows, minlength=n_items).astype(np.float64)
    squares = np.bincount(rows, weights=(points**2).sum(axis=1), minlength=n_items)
    lengths = np.zeros(n_items)
    for column in points.T:
        lengths += np.bincount(rows, weights=column, minlength=n_items) ** 2
    observed = float((2 * (raters * squares - lengths) / (raters - 1)).sum()) / n
    expected = 2 * (n * float((points**2).sum()) - float((points.sum(axis=0) ** 2).sum()))
    expected /= n * (n - 1)
    if np.ptp(table[given]) == 0:
        return Agreement(np.nan, n_items, n, ALL_THE_SAME)
    return Agreement(1 - observed / expected, n_items, n)


def cohen_kappa(first: ArrayLike, second: ArrayLike) -> Agreement:
    """Cohen's kappa of two people on the items that both rated, without weights.

    first, second: (items,), NaN where not rated. Raises ValueError for other shapes.
    Source: Cohen 1960, Educational and Psychological Measurement 20:37.
    """
    one, other = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if one.ndim != 1 or one.shape != other.shape:
        raise ValueError("Both people need one rating (or NaN) per item.")
    both = ~np.isnan(one) & ~np.isnan(other)
    one, other = one[both], other[both]
    if not one.size:
        return Agreement(np.nan, 0, 0, "The two rated no item in common.")
    chance = sum(float((one == c).mean() * (other == c).mean()) for c in np.unique(one))
    if chance == 1:
        return Agreement(np.nan, one.size, 2 * one.size, ALL_THE_SAME)
    value = (float((one == other).mean()) - chance) / (1 - chance)
    return Agreement(value, one.size, 2 * one.size)


def metric_points(values: Floats, metric: Metric) -> Floats:
    """Points whose squared distances are the metric's, up to a factor alpha does not notice.

    values: (n,). Returns (n, 1) for interval and ordinal, (n, categories) for nominal. Ordinal
    distance between two ratings is the number of ratings between them, each end counted half, so
    the mid-rank among `values` is its point. Centred, to keep sums of squares exact.
    """
    categories, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    if metric == "nominal":
        if len(categories) > MOST_CATEGORIES:
            raise ValueError(f"Nominal ratings take at most {MOST_CATEGORIES} different values.")
        return np.eye(len(categories))[place]
    if metric == "ordinal":
        scale = np.cumsum(counts) - counts / 2
    elif metric == "interval":
        scale = categories
    else:
        raise ValueError(f"The metric is nominal, ordinal or interval, not {metric!r}.")
    middle = float(scale[place].mean()) if values.size else 0.0
    return np.asarray((scale - middle)[place][:, None], dtype=np.float64)


def checked_ratings(ratings: ArrayLike) -> Floats:
    """The ratings as a float table. Raises ValueError unless (items, people) and finite or NaN."""
    table = np.asarray(ratings, dtype=np.float64)
    if table.ndim != 2:
        raise ValueError("Ratings must be a table of items by people.")
    if np.isinf(table).any():
        raise ValueError("A rating must be finite, or NaN where not given.")
    return table
