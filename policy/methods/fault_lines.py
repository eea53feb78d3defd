"""Fault lines: what communities differ on, gathered by what it is about and by who differs.

The choice, its guarantees and a worked table are in docs/fault-lines.md.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from policy.methods.embeddings import Embedder
from policy.methods.fault_line_field import Field, build_field, is_tested, spread, usable_labels
from policy.methods.fault_line_intervals import Chosen, gap_needed, joined
from policy.methods.fault_line_items import FaultItem
from policy.methods.fault_line_sides import (
    Numbers,
    Parting,
    Places,
    called,
    parting,
    strongest_first,
)
from policy.methods.fault_line_words import (
    broad_summary,
    found_sentence,
    line_name,
    line_summary,
    nothing_sentence,
)
from policy.methods.joint_clusters import clusterwise_stability, topic_distances, two_levels

LEVEL = 0.05
MINIMUM_DIFFERENCE = 0.15
TOPIC_WEIGHT = 0.5
THRESHOLD = 0.4
BROAD_THRESHOLD = 0.7
FEWEST_PEOPLE = 5
EXEMPLARS = 3


@dataclass(frozen=True)
class LineItem:
    """An item on a fault line. favoured_by: 0 when the first side stands higher on it, else 1.

    difference: mean of the side that stands higher less the mean of the other.
    """

    key: str
    text: str
    kind: str
    favoured_by: int
    difference: float
    q: float


@dataclass(frozen=True)
class FaultLine:
    """A cluster of items on which the same labels differ about the same thing.

    name: distinctive words of the items. sides: the labels on each; the first favours the strongest
    item. between: labels on neither. pattern: the sides in words. size: mean difference between
    the sides, low and high its 95 % interval. stability: mean Jaccard overlap with its nearest
    cluster in resamples, in [0, 1]. items: strongest first. exemplars: up to 3 keys that the first
    side favours, and that the second does.
    """

    name: str
    sides: tuple[tuple[str, ...], tuple[str, ...]]
    between: tuple[str, ...]
    pattern: str
    size: float
    low: float
    high: float
    stability: float
    items: tuple[LineItem, ...]
    exemplars: tuple[tuple[str, ...], tuple[str, ...]]
    summary: str


@dataclass(frozen=True)
class BroadLine:
    """Lines within one line: two or more that speak of the same thing, or of nearly related things.

    lines: places among the lines, largest first. same_sides: whether the same labels stand against
    one another on all of them; pattern then says which, and is empty otherwise. size: mean over all
    items of how far their own line's sides are apart, low and high its 95 % interval.
    """

    name: str
    lines: tuple[int, ...]
    same_sides: bool
    pattern: str
    size: float
    low: float
    high: float
    stability: float
    summary: str


@dataclass(frozen=True)
class FaultLines:
    """All fault lines, largest first; which items were tested and which differ credibly.

    broad: lines within lines, in the order of their first line. embedder: how the items' texts were
    compared. sentence: what can be said, in words.
    """

    lines: tuple[FaultLine, ...]
    broad: tuple[BroadLine, ...]
    tested: tuple[str, ...]
    credible: tuple[str, ...]
    embedder: str
    sentence: str


@dataclass(frozen=True)
class _Found:
    """A line with what its broad line needs of it: rows of the field, and its items' gaps."""

    line: FaultLine
    rows: Places
    chosen: Chosen


@dataclass(frozen=True)
class _Rule:
    """What made items credible: the largest p that passed, and the least difference by kind."""

    passing: float
    smallest: Callable[[str], float]
    fewest: int


def find_fault_lines(
    items: Sequence[FaultItem],
    *,
    embedder: Embedder,
    seed: int,
    minimum_difference: float | Mapping[str, float] = MINIMUM_DIFFERENCE,
    topic_weight: float = TOPIC_WEIGHT,
    threshold: float = THRESHOLD,
    broad_threshold: float = BROAD_THRESHOLD,
    fewest: int = FEWEST_PEOPLE,
    resamples: int = 200,
) -> FaultLines:
    """Find what labels differ on, cluster it on two levels, and name it from its own words.

    An item is tested when two labels or more have `fewest` people behind it and it has a q; it is
    credible when q ≤ 0.05 and its labels lie at least `minimum_difference` apart (one number, or
    one per kind). Credible items are clustered by average linkage on topic_weight × topic distance
    + (1 - topic_weight) × distance between who differs, cut at `threshold`, lone items up to 0.46;
    the lines then by the mean of that between their items with a topic weight of ¾, cut at
    `broad_threshold`. Order and names of items and labels change nothing. Raises ValueError for
    keys that repeat or weights off [0, 1].
    """
    _check(items, topic_weight, threshold, broad_threshold)
    tested = [item for item in items if is_tested(item, fewest)]
    smallest = _minimum_by_kind(minimum_difference)
    credible = [
        item for item in tested if item.q <= LEVEL and spread(item, fewest) >= smallest(item.kind)
    ]
    keys = tuple(sorted(item.key for item in tested))
    if not credible:
        return FaultLines((), (), keys, (), embedder.name, nothing_sentence(items, tested))
    credible.sort(key=lambda item: (-spread(item, fewest), item.q, item.text, item.key))
    everything = sorted(tested, key=lambda item: (item.text, item.key))
    topic = _topic(everything, credible, embedder)
    field = build_field(credible, fewest, seed, resamples)
    cut = partial(_cut, topic, field.trust, topic_weight, threshold, broad_threshold)
    narrow, wide = cut(field.values, np.arange(len(credible)))
    minimum = np.array([smallest(item.kind) for item in credible])
    stability = clusterwise_stability(np.stack([narrow, wide]), field.drawn, minimum, cut)
    rule = _Rule(_passing(tested), smallest, fewest)
    found = [
        _line(field, np.flatnonzero(narrow == one), float(stability[0][one]), everything, rule)
        for one in range(len(stability[0]))
    ]
    found.sort(key=lambda one: (-one.line.size * len(one.rows) ** 0.5, one.line.items[0].text))
    broad = [_broad(field, found, wide == one, s, everything) for one, s in enumerate(stability[1])]
    return FaultLines(
        tuple(one.line for one in found),
        tuple(sorted((one for one in broad if one), key=lambda one: one.lines)),
        keys,
        tuple(item.key for item in credible),
        embedder.name,
        found_sentence(len(found), len(credible), len(tested)),
    )


def _topic(
    everything: Sequence[FaultItem], credible: Sequence[FaultItem], embedder: Embedder
) -> Numbers:
    """Topic distances between credible items, measured against all that were tested."""
    vectors = embedder([item.about or item.text for item in everything])
    place = {item.key: row for row, item in enumerate(everything)}
    rows = [place[item.key] for item in credible]
    return topic_distances(vectors)[np.ix_(rows, rows)]


def _cut(
    topic: Numbers,
    trust: Numbers,
    topic_weight: float,
    threshold: float,
    broad_threshold: float,
    values: Numbers,
    kept: Places,
) -> NDArray[np.int64]:
    among = np.ix_(kept, kept)
    return two_levels(values, topic[among], trust[kept], topic_weight, threshold, broad_threshold)


def _line(
    field: Field,
    rows: Places,
    stability: float,
    everything: Sequence[FaultItem],
    rule: _Rule,
) -> _Found:
    apart = parting(field, rows)
    members = [field.items[row] for row in rows]
    order = strongest_first(field, rows, apart.gaps)
    items = tuple(
        _line_item(members[i], int(apart.toward[i] < 0), float(apart.gaps[i])) for i in order
    )
    sides = called(field.labels, apart.first), called(field.labels, apart.second)
    name = line_name(members, everything)
    pattern = f"{', '.join(sides[0])} against {', '.join(sides[1])}"
    chosen = _chosen(field, rows, apart, rule)
    size, (low, high) = float(apart.gaps.mean()), chosen.interval()
    exemplars = tuple(
        tuple(item.key for item in items if item.favoured_by == side)[:EXEMPLARS] for side in (0, 1)
    )
    line = FaultLine(
        name,
        sides,
        called(field.labels, apart.between),
        pattern,
        size,
        low,
        high,
        stability,
        items,
        (exemplars[0], exemplars[1]),
        line_summary(name, pattern, (size, low, high), members, members[order[0]]),
    )
    return _Found(line, rows, chosen)


def _chosen(field: Field, rows: Places, apart: Parting, rule: _Rule) -> Chosen:
    """The gaps of a line's items, with what it took for each of them to be on a line at all."""
    items = [field.items[row] for row in rows]
    # Where only q is known, it passed where it was at most the level.
    known = np.array([not np.isnan(item.p) for item in items])
    p = np.array([item.q if np.isnan(item.p) else item.p for item in items])
    least = np.array([rule.smallest(item.kind) / spread(item, rule.fewest) for item in items])
    errors = apart.drawn.std(axis=0, ddof=1) if len(apart.drawn) > 1 else np.zeros(len(rows))
    passing = np.where(known, rule.passing, LEVEL)
    needed = gap_needed(apart.gaps, errors, p, passing, least, len(field.labels))
    people = min(item.n[label] for item in items for label in usable_labels(item, rule.fewest))
    return Chosen(apart.gaps, apart.drawn, needed, people)


def _passing(tested: Sequence[FaultItem]) -> float:
    """The largest p among items that chance alone does not explain; the level where none is
    known."""
    return max((item.p for item in tested if item.q <= LEVEL and item.p == item.p), default=LEVEL)


def _broad(
    field: Field,
    found: Sequence[_Found],
    inside: NDArray[np.bool_],
    stability: float,
    everything: Sequence[FaultItem],
) -> BroadLine | None:
    """What is said of the lines whose items are all inside; None where that is one line."""
    places = tuple(place for place, one in enumerate(found) if inside[one.rows[0]])
    if len(places) < 2:
        return None
    parts = [found[place] for place in places]
    weights = np.array([len(one.rows) for one in parts]) / int(inside.sum())
    size = float(weights @ [one.line.size for one in parts])
    low, high = joined([one.chosen for one in parts]).interval()
    same = len({frozenset(map(frozenset, one.line.sides)) for one in parts}) == 1
    name = line_name([field.items[row] for row in np.flatnonzero(inside)], everything)
    pattern = parts[0].line.pattern if same else ""
    counts = len(parts), int(inside.sum())
    summary = broad_summary(name, pattern, (size, low, high), counts)
    return BroadLine(name, places, same, pattern, size, low, high, float(stability), summary)


def _line_item(item: FaultItem, favoured_by: int, gap: float) -> LineItem:
    return LineItem(item.key, item.text, item.kind, favoured_by, gap, item.q)


def _minimum_by_kind(minimum: float | Mapping[str, float]) -> Callable[[str], float]:
    if isinstance(minimum, Mapping):
        return lambda kind: minimum.get(kind, MINIMUM_DIFFERENCE)
    return lambda kind: minimum


def _check(items: Sequence[FaultItem], *shares: float) -> None:
    keys = [item.key for item in items]
    if len(set(keys)) < len(keys):
        raise ValueError("Every item needs a key of its own.")
    if not all(0 <= share <= 1 for share in shares):
        raise ValueError("The topic's weight and the thresholds lie between 0 and 1.")
