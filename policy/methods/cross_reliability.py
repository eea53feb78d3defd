"""Alpha within and reliability across sides, for many exchanges or resamples of people at once.

Every quantity is a sum over a side's people: ratings are one sparse table of (items × coordinates)
by people, so one product of it with a block of memberships gives all sides of many draws.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from policy.methods.agreement import Floats, Given, Ids, Metric, category_points

# Items are summed in chunks, and draws in blocks, that a processor's cache holds.
_HELD = 300_000
_COLUMNS = 128
# With more values than this, summing points is cheaper than summing each value's people.
_MOST_SUMMED_BY_CATEGORY = 20


@dataclass(frozen=True)
class Chunk:
    """Some items. table: (categories × items, people), the categories one under the other.

    It holds 1 where a category was said; or, where `Ratings.summed`, a block of ones, one of points
    and one of their squares. counted: (items, people), 1 where rated.
    """

    table: sparse.csr_array | sparse.csc_array
    counted: sparse.csr_array | sparse.csc_array


@dataclass(frozen=True)
class Ratings:
    """points: (categories,) each one's point; None for nominal, where each is its own corner."""

    chunks: tuple[Chunk, ...]
    points: Floats | None
    summed: bool

    def among(self, people: NDArray[np.bool_]) -> "Ratings":
        """The ratings of some people only. people: (people,) true for those kept."""
        columns = np.flatnonzero(people)
        chunks = [Chunk(one.table[:, columns], one.counted[:, columns]) for one in self.chunks]
        return Ratings(tuple(chunks), self.points, self.summed)

    def joined(self, parts: Ids) -> "Ratings":
        """The ratings with people put together, each part's summed.

        parts: (people,) the part of each, numbered. Sums over parts with weights of 0 and 1 are
        those over their people, at the cost of so many columns.
        """
        n = int(parts.max(initial=-1)) + 1
        dtype = self.chunks[0].table.dtype if self.chunks else np.float64
        places = (np.ones(len(parts), dtype=dtype), (np.arange(len(parts)), parts))
        join = sparse.csr_array(places, shape=(len(parts), n))
        chunks = [Chunk(one.table @ join, one.counted @ join) for one in self.chunks]
        return Ratings(tuple(chunks), self.points, self.summed)


@dataclass(frozen=True)
class Side:
    """Sums over one side's people: (items, draws) each, points (coordinates, items, draws).

    lengths: |points|². alone: the sum of squared weights, which is what people would add if they
    were compared with themselves; raters itself where nobody counts twice.
    """

    raters: Floats
    points: Floats
    squares: Floats
    lengths: Floats
    alone: Floats

    def with_(self, other: "Side") -> "Side":
        """The sums of both, lengths left out: they are not asked of a whole."""
        raters, squares = self.raters + other.raters, self.squares + other.squares
        return Side(raters, self.points + other.points, squares, self.lengths, raters)


def measured_ratings(given: Given, metric: Metric) -> Ratings:
    """The ratings as sums need them. Ordinal ranks are those of all ratings together."""
    if metric not in given.made:
        given.made[metric] = _measured(given, metric)
    found: Ratings = given.made[metric]
    return found


def _measured(given: Given, metric: Metric) -> Ratings:
    points, place, _ = category_points(given.values, metric)
    counts = np.bincount(given.items, minlength=max(given.n_items, 1))
    # Sums of ones are exact in 32 bits as long as squares of them are, and twice as fast.
    few = max(4 * int(counts.max()) ** 2, len(place)) < 2**24
    summed = metric != "nominal" and len(points) > _MOST_SUMMED_BY_CATEGORY
    dtype = np.float32 if few and not summed else np.float64
    blocks = 3 if summed else max(len(points), 1)
    size = max(_HELD // (blocks * _COLUMNS), 1)
    order = _in_order(given.items, given.n_items)
    items, people, place = given.items[order], given.people[order], place[order]
    chunks = []
    for first in range(0, given.n_items, size):
        within = slice(*np.searchsorted(items, [first, first + size]))
        where = (items[within] - first, people[within])
        shape = (min(size, given.n_items - first), given.n_people)
        ones = np.ones(len(where[0]), dtype=dtype)
        counted = _sparse(ones, *where, shape)
        if summed:
            values = points[place[within], 0]
            parts = [_sparse(v, *where, shape) for v in (values, values**2)]
            table = sparse.csr_array(sparse.vstack([counted, *parts]))
        else:
            rows = place[within] * shape[0] + where[0]
            table = _sparse(ones, rows, where[1], (blocks * shape[0], shape[1]))
        chunks.append(Chunk(_laid_out(table), _laid_out(counted)))
    scale = None if metric == "nominal" or summed else points[:, 0]
    return Ratings(tuple(chunks), scale, summed)


def _sparse(
    values: NDArray[Any], rows: Ids, columns: Ids, shape: tuple[int, int]
) -> sparse.csr_array:
    """A sparse table with no cell twice, made without the search for such cells."""
    order = _in_order(rows, shape[0])
    ends = np.cumsum(np.bincount(rows, minlength=shape[0]))
    return sparse.csr_array((values[order], columns[order], np.append(0, ends)), shape=shape)


def _laid_out(table: sparse.csr_array) -> sparse.csr_array | sparse.csc_array:
    """Person by person where they are many: then a person's weights are read once, and what they
    are added to stays near, which is seven times as fast. The sums are the same to the last bit."""
    return table.tocsc() if table.shape[1] > table.shape[0] else table


def _in_order(numbers: Ids, below: int) -> Ids:
    """The stable order of whole numbers; of 16 bits numpy sorts by counting, six times as fast."""
    return np.argsort(numbers.astype(np.min_scalar_type(max(below - 1, 0))), kind="stable")


def sums(
    rated: Ratings, chunk: Chunk, weights: NDArray[np.floating], *, repeated: bool = False
) -> Side:
    """Sums over people, each counted by a weight. weights: (people, draws), whole numbers.

    repeated: whether weights other than 0 and 1 occur.
    """
    n_items, draws = chunk.counted.shape[0], weights.shape[1]
    weights = weights.astype(chunk.table.dtype, copy=False)
    parts = np.asarray(chunk.table @ weights).reshape(-1, n_items, draws)
    if rated.summed:
        raters, points, squares = parts[0], parts[1:2], parts[2]
    elif rated.points is None:
        raters, points = parts.sum(axis=0), parts
        squares = raters
    else:
        raters = parts.sum(axis=0)
        scale = np.vstack([rated.points, rated.points**2])
        table = (scale @ parts.reshape(len(parts), -1)).reshape(2, n_items, draws)
        points, squares = table[:1], table[1]
    alone = np.asarray(chunk.counted @ weights**2) if repeated else raters
    return Side(raters, points, squares, np.einsum("tij,tij->ij", points, points), alone)


def less(whole: Side, part: Side) -> Side:
    """The sums of everyone but one side. whole: one draw, or as many as part has."""
    raters = whole.raters - part.raters
    squares = raters if whole.squares is whole.raters else whole.squares - part.squares
    alone = raters if whole.alone is whole.raters else whole.alone - part.alone
    lengths = whole.lengths - 2 * _dots(part, whole) + part.lengths
    return Side(raters, whole.points - part.points, squares, lengths, alone)


def alpha_terms(side: Side) -> Floats:
    """What alpha is made of, summed over these items: (terms, draws), to be added up over chunks.

    A pair of people counts by the product of their weights, and nobody is paired with herself.
    """
    pairs = side.raters * side.raters - side.alone
    pairable = (pairs > 0.5).astype(side.raters.dtype)
    apart = side.raters * side.squares - side.lengths
    apart *= side.raters
    apart /= np.maximum(pairs, 0.5)
    values = (apart, side.raters, side.alone, side.squares)
    return np.vstack([*(_total(one, pairable) for one in values), _totals(side.points, pairable)])


def alpha(terms: Floats) -> Floats:
    """Krippendorff's alpha of each draw (draws,), from its terms; NaN where undefined."""
    apart, n, alone, squares = terms[:4]
    expected = 2 * (n * squares - (terms[4:] ** 2).sum(axis=0)) / np.maximum(n**2 - alone, 1)
    return _beyond_chance(2 * apart / np.maximum(n, 1), expected)


def across_terms(first: Side, whole: Side) -> Floats:
    """What reliability across is made of, as `alpha_terms`: one side, and the rest of the whole.

    whole: the sums of both, one draw or as many as first has.
    """
    r, s = first.raters, whole.raters - first.raters
    products = r * s
    shared = (products > 0.5).astype(r.dtype)
    pairs = s * first.squares + r * (whole.squares - first.squares)
    pairs -= 2 * (_dots(first, whole) - first.lengths)
    pairs *= whole.raters
    pairs /= np.maximum(products, 0.5)
    values = (pairs, r, whole.raters, first.squares, whole.squares)
    ends = [_totals(one.points, shared) for one in (first, whole)]
    counted = shared.sum(axis=0, dtype=np.float64)
    return np.vstack([counted, *(_total(one, shared) for one in values), *ends])


def across(terms: Floats) -> tuple[Floats, Ids]:
    """Cross-replication reliability (draws,) over the items rated on both sides, from its terms.

    NaN where undefined; and how many items that is (draws,).
    """
    shared, apart, first, both, squares, all_squares = terms[:6]
    ends, all_ends = np.split(terms[6:], 2)
    n, m = np.maximum(first, 1), np.maximum(both - first, 1)
    spread = squares / n + (all_squares - squares) / m
    expected = spread - 2 * (ends * (all_ends - ends)).sum(axis=0) / (n * m)
    found = _beyond_chance(apart / np.maximum(both, 1), expected)
    return found, shared.astype(np.intp)


def _dots(part: Side, whole: Side) -> Floats:
    """The product of both sides' points on each item (items, draws)."""
    if whole.points.shape[2] == 1:
        return np.asarray(np.einsum("tij,ti->ij", part.points, whole.points[:, :, 0]))
    return np.asarray(np.einsum("tij,tij->ij", part.points, whole.points))


def _total(values: NDArray[np.floating], kept: NDArray[np.floating]) -> Floats:
    """Sums (draws,) over the items kept. values: (items, 1 or draws)."""
    if values.shape[1] == 1:
        return np.asarray(values[:, 0] @ kept, dtype=np.float64)
    return np.asarray(np.einsum("ij,ij->j", values, kept), dtype=np.float64)


def _totals(points: NDArray[np.floating], kept: NDArray[np.floating]) -> Floats:
    """Sums (coordinates, draws) over the items kept. points: (coordinates, items, 1 or draws)."""
    if points.shape[2] == 1:
        return np.asarray(points[:, :, 0] @ kept, dtype=np.float64)
    return np.asarray(np.einsum("tij,ij->tj", points, kept), dtype=np.float64)


def _beyond_chance(observed: Floats, expected: Floats) -> Floats:
    defined = expected > 1e-12
    return np.where(defined, 1 - observed / np.where(defined, expected, 1.0), np.nan)


def exchanged(
    labels: Ids,
    draws: int,
    sides: int,
    rng: np.random.Generator,
    within: Ids | None = None,
) -> Iterator[Ids]:
    """Blocks (draws, people) of labels: first as they are, then exchanged at random `draws` times.

    within: (people,) labels are exchanged only among people who have the same number here.
    """
    strata = [np.arange(labels.size)]
    if within is not None:
        strata = [np.flatnonzero(within == number) for number in np.unique(within)]
    left, is_first, size = draws + 1, True, max(_COLUMNS // max(sides, 1), 4)
    while left > 0:
        block = np.repeat(labels[None, :], min(left, size), axis=0)
        for people in strata:
            block[:, people] = rng.permuted(block[:, people], axis=1)
        if is_first:
            block[0], is_first = labels, False
        yield block
        left -= len(block)


def memberships(labels: Ids, sides: int) -> NDArray[np.float32]:
    """(people, sides × draws): 1 where somebody is on that side. labels: (draws, people)."""
    on = labels.T[:, None, :] == np.arange(sides)[None, :, None]
    table = on.reshape(labels.shape[1], sides * labels.shape[0])
    return np.asarray(table, dtype=np.float32)
