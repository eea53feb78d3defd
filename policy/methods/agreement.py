"""How far people agree beyond chance: Krippendorff's alpha and Cohen's kappa.

A rating is turned into a point so that squared distance between points is the metric's distance:
itself for interval, its mid-rank for ordinal, a corner per category for nominal. Sums over pairs of
people then follow from sums over people, with no pair ever formed.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ids = NDArray[np.intp]
Metric = Literal["nominal", "ordinal", "interval"]

TOO_FEW = "No item was rated by two people: agreement cannot be measured."
MOST_CATEGORIES = 200
ALL_THE_SAME = "Every rating is the same: agreement beyond chance is undefined."


@dataclass(frozen=True)
class Given:
    """Ratings in a row, one entry each, no person twice on one item.

    items, people: (n,) indices. values: (n,) finite. n_items, n_people: the size of the table.
    """

    items: Ids
    people: Ids
    values: Floats
    n_items: int
    n_people: int
    # What was made of these ratings before, by metric: several measures begin with the same.
    made: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.items.shape == self.people.shape == self.values.shape:
            raise ValueError("There must be one item, one person and one value per rating.")
        if not np.isfinite(self.values).all():
            raise ValueError("A rating must be finite; leave out what was not given.")

    def among(self, people: NDArray[np.bool_]) -> "Given":
        """The ratings of some people only. people: (n_people,) true for those kept."""
        kept, place = people[self.people], np.cumsum(people) - 1
        rows = (self.items[kept], place[self.people[kept]], self.values[kept])
        return Given(*rows, self.n_items, int(people.sum()))


@dataclass(frozen=True)
class Agreement:
    """value: 1 perfect, 0 chance, below 0 worse than chance; NaN with a note. n_*: what counted."""

    value: float
    n_items: int
    n_ratings: int
    note: str = ""


def as_given(ratings: ArrayLike | Given) -> Given:
    """Ratings in a row, from a table of (items, people) with NaN where not rated.

    Raises ValueError for another shape or an infinite rating.
    """
    if isinstance(ratings, Given):
        return ratings
    table = np.asarray(ratings, dtype=np.float64)
    if table.ndim != 2:
        raise ValueError("Ratings must be a table of items by people.")
    items, people = np.nonzero(~np.isnan(table))
    return Given(items, people, table[items, people], *table.shape)


def krippendorff_alpha(ratings: ArrayLike | Given, metric: Metric = "nominal") -> Agreement:
    """Krippendorff's alpha, 1 - observed / expected disagreement.

    ratings: (items, people) numbers, NaN where not rated, or the same in a row; an item rated once
    does not count. Raises ValueError for another shape, an infinite rating or an unknown metric.
    Source: Krippendorff 2011, Computing Krippendorff's Alpha-Reliability.
    """
    given = as_given(ratings)
    pairable = np.bincount(given.items, minlength=given.n_items) >= 2
    kept = pairable[given.items]
    rows, values = given.items[kept], given.values[kept]
    n_items, n = int(pairable.sum()), len(rows)
    points, place, counts = category_points(values, metric)
    if n_items == 0:
        return Agreement(np.nan, 0, 0, TOO_FEW)
    if len(counts) == 1:
        return Agreement(np.nan, n_items, n, ALL_THE_SAME)
    raters = np.bincount(rows, minlength=given.n_items).astype(np.float64)
    lengths = _squared_sums(rows, place, points, given.n_items)
    squares = (points**2).sum(axis=1)
    near = np.bincount(rows, weights=squares[place], minlength=given.n_items)
    pairs = 2 * (raters * near - lengths) / np.maximum(raters - 1, 1)
    observed = float(pairs[pairable].sum()) / n
    expected = 2 * (n * float(counts @ squares) - float(((counts @ points) ** 2).sum()))
    expected /= n * (n - 1)
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


def category_points(values: Floats, metric: Metric) -> tuple[Floats, Ids, Floats]:
    """Points whose squared distances are the metric's, up to a factor alpha does not notice.

    values: (n,). Returns the points (categories, dimensions), the category of each value (n,) and
    how many values each has. One dimension for interval and ordinal, a corner per category for
    nominal. Ordinal distance between two ratings is the number of ratings between them, each end
    counted half, so the mid-rank among `values` is its point. Centred, to keep sums of squares
    exact. Raises ValueError for an unknown metric or too many nominal categories.
    """
    categories, place, numbers = _categories(values)
    counts = numbers.astype(np.float64)
    if metric == "nominal":
        if len(categories) > MOST_CATEGORIES:
            raise ValueError(f"Nominal ratings take at most {MOST_CATEGORIES} different values.")
        return np.eye(len(categories)), place, counts
    if metric == "ordinal":
        scale = np.cumsum(counts) - counts / 2
    elif metric == "interval":
        scale = categories
    else:
        raise ValueError(f"The metric is nominal, ordinal or interval, not {metric!r}.")
    middle = float(counts @ scale / counts.sum()) if len(values) else 0.0
    return (scale - middle)[:, None], place, counts


def _categories(values: Floats) -> tuple[Floats, Ids, Ids]:
    """Different values in order, the place of each value among them, and their counts."""
    if values.size:
        low, high = float(values.min()), float(values.max())
        if high - low < MOST_CATEGORIES and (values == np.rint(values)).all():
            # Small whole numbers need no sorting, which is most of the time at a million ratings.
            steps = (values - low).astype(np.intp)
            counts = np.bincount(steps)
            there = np.flatnonzero(counts)
            place = (np.cumsum(counts > 0) - 1)[steps]
            return low + there.astype(np.float64), place, counts[there]
    categories, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    return categories, place, counts


def _squared_sums(rows: Ids, place: Ids, points: Floats, n_items: int) -> Floats:
    """|Σ points|² of each item, over its ratings. Returns (n_items,)."""
    n_categories, dimensions = points.shape
    if dimensions == 1:
        sums = np.bincount(rows, weights=points[place, 0], minlength=n_items)
        return np.asarray(sums**2, dtype=np.float64)
    cells = np.bincount(rows * n_categories + place, minlength=n_items * n_categories)
    counted = cells.reshape(n_items, n_categories).astype(np.float64)
    return np.asarray((counted**2).sum(axis=1))
