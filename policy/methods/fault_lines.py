"""Fault lines: what communities differ on, gathered by what it is about and by who differs.

The choice, its guarantees and a worked table are in docs/fault-lines.md.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from policy.methods.embeddings import Embedder
from policy.methods.fault_line_field import Field, build_field, is_tested, spread
from policy.methods.fault_line_items import FaultItem
from policy.methods.fault_line_words import (
    found_sentence,
    line_name,
    line_summary,
    nothing_sentence,
)
from policy.methods.joint_clusters import (
    clusters,
    clusterwise_stability,
    joint_distances,
    patterns,
    topic_distances,
)

LEVEL = 0.05
MINIMUM_DIFFERENCE = 0.15
TOPIC_WEIGHT = 0.5
THRESHOLD = 0.4
FEWEST_PEOPLE = 5
EXEMPLARS = 3
# A label nearer the middle than this share of its side's farthest is on neither side.
IN_BETWEEN = 0.25


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
class FaultLines:
    """All fault lines, largest first; which items were tested and which differ credibly.

    embedder: how the items' texts were compared. sentence: what can be said, in words.
    """

    lines: tuple[FaultLine, ...]
    tested: tuple[str, ...]
    credible: tuple[str, ...]
    embedder: str
    sentence: str


def find_fault_lines(
    items: Sequence[FaultItem],
    *,
    embedder: Embedder,
    seed: int,
    minimum_difference: float | Mapping[str, float] = MINIMUM_DIFFERENCE,
    topic_weight: float = TOPIC_WEIGHT,
    threshold: float = THRESHOLD,
    fewest: int = FEWEST_PEOPLE,
    resamples: int = 200,
) -> FaultLines:
    """Find what labels differ on, cluster it, and name it from its own words.

    An item is tested when two labels or more have `fewest` people behind it and it has a q; it is
    credible when q ≤ 0.05 and its labels lie at least `minimum_difference` apart (one number, or
    one per kind). Credible items are clustered by average linkage on topic_weight × topic distance
    + (1 - topic_weight) × distance between who differs, cut at `threshold`. Order and names of
    items and labels change nothing. Raises ValueError for keys that repeat or weights off [0, 1].
    """
    _check(items, topic_weight, threshold)
    tested = [item for item in items if is_tested(item, fewest)]
    smallest = _minimum_by_kind(minimum_difference)
    credible = [
        item for item in tested if item.q <= LEVEL and spread(item, fewest) >= smallest(item.kind)
    ]
    keys = tuple(sorted(item.key for item in tested))
    if not credible:
        return FaultLines((), keys, (), embedder.name, nothing_sentence(items, tested))
    credible.sort(key=lambda item: (-spread(item, fewest), item.q, item.text, item.key))
    everything = sorted(tested, key=lambda item: (item.text, item.key))
    vectors = embedder([item.text for item in everything])
    place = {item.key: row for row, item in enumerate(everything)}
    rows = [place[item.key] for item in credible]
    topic = topic_distances(vectors)[np.ix_(rows, rows)]
    field = build_field(credible, fewest, seed, resamples)
    members = clusters(joint_distances(patterns(field.values), topic, topic_weight), threshold)
    stability = clusterwise_stability(
        members,
        field.drawn,
        topic,
        topic_weight=topic_weight,
        threshold=threshold,
        minimum=np.array([smallest(item.kind) for item in credible]),
    )
    lines = [
        _line(field, np.flatnonzero(members == one), float(stability[one]), everything)
        for one in range(len(stability))
    ]
    lines.sort(key=lambda line: (-line.size * len(line.items) ** 0.5, line.items[0].text))
    found = tuple(item.key for item in credible)
    return FaultLines(
        tuple(lines),
        keys,
        found,
        embedder.name,
        found_sentence(len(lines), len(credible), len(tested)),
    )


def _line(
    field: Field, rows: NDArray[np.intp], stability: float, everything: Sequence[FaultItem]
) -> FaultLine:
    axis = _axis(field.values[rows])
    first, second, between = _sides(axis)
    toward = np.where(_gap(field.values[rows], first, second) >= 0, 1.0, -1.0)
    gaps = toward * _gap(field.values[rows], first, second)
    drawn = (toward * _gap(field.drawn[:, rows], first, second)).mean(axis=1)
    low, high = np.percentile(drawn, (2.5, 97.5)) if len(drawn) else (np.nan, np.nan)
    members = [field.items[row] for row in rows]
    order = sorted(range(len(rows)), key=lambda i: (-gaps[i], members[i].text, members[i].key))
    if toward[order[0]] < 0:
        first, second, toward = second, first, -toward
    line_items = tuple(_line_item(members[i], int(toward[i] < 0), float(gaps[i])) for i in order)
    sides = _named(field.labels, first), _named(field.labels, second)
    name = line_name(members, everything)
    pattern = f"{', '.join(sides[0])} against {', '.join(sides[1])}"
    size = float(gaps.mean())
    exemplars = tuple(
        tuple(item.key for item in line_items if item.favoured_by == side)[:EXEMPLARS]
        for side in (0, 1)
    )
    return FaultLine(
        name,
        sides,
        _named(field.labels, between),
        pattern,
        size,
        float(low),
        float(high),
        stability,
        line_items,
        (exemplars[0], exemplars[1]),
        line_summary(name, pattern, (size, float(low), float(high)), members, members[order[0]]),
    )


def _axis(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The direction over labels along which the items of a line differ most."""
    return np.asarray(np.linalg.svd(patterns(values), full_matrices=False)[2][0])


def _sides(axis: NDArray[np.float64]) -> tuple[NDArray[np.intp], ...]:
    first = np.flatnonzero((axis > 0) & (axis >= IN_BETWEEN * axis.max()))
    second = np.flatnonzero((axis < 0) & (axis <= IN_BETWEEN * axis.min()))
    return first, second, np.setdiff1d(np.arange(len(axis)), np.union1d(first, second))


def _gap(
    values: NDArray[np.float64], first: NDArray[np.intp], second: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Mean of the first side less mean of the second; who has no estimate stands at the mean."""
    middle = np.nanmean(values, axis=-1, keepdims=True)
    full = np.where(np.isnan(values), middle, values)
    return np.asarray(full[..., first].mean(axis=-1) - full[..., second].mean(axis=-1))


def _line_item(item: FaultItem, favoured_by: int, gap: float) -> LineItem:
    return LineItem(item.key, item.text, item.kind, favoured_by, gap, item.q)


def _named(labels: Sequence[str], chosen: NDArray[np.intp]) -> tuple[str, ...]:
    return tuple(labels[position] for position in chosen)


def _minimum_by_kind(minimum: float | Mapping[str, float]) -> Callable[[str], float]:
    if isinstance(minimum, Mapping):
        return lambda kind: minimum.get(kind, MINIMUM_DIFFERENCE)
    return lambda kind: minimum


def _check(items: Sequence[FaultItem], topic_weight: float, threshold: float) -> None:
    keys = [item.key for item in items]
    if len(set(keys)) < len(keys):
        raise ValueError("Every item needs a key of its own.")
    if not (0 <= topic_weight <= 1 and 0 <= threshold <= 1):
        raise ValueError("The topic's weight and the threshold lie between 0 and 1.")
