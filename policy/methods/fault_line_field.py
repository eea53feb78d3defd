"""The numbers behind fault lines: items by labels, as estimated and as resampled."""

from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from policy.methods.fault_line_items import Draws, FaultItem

# Below this a pattern says next to nothing, and dividing by it would say anything.
LEAST_TRUST = 0.5


@dataclass(frozen=True)
class Field:
    """Items by labels: values (items, labels) and drawn (resamples, items, labels).

    NaN where a label has no estimate, or too few people behind it. trust: (items,) how much of what
    sets labels apart is not error, from one half up.
    """

    items: list[FaultItem]
    labels: list[str]
    values: NDArray[np.float64]
    drawn: Draws
    trust: NDArray[np.float64]


def build_field(credible: list[FaultItem], fewest: int, seed: int, resamples: int) -> Field:
    """Line items up with labels; draw from the errors where no resamples were given."""
    labels = sorted({label for item in credible for label in usable_labels(item, fewest)})
    values = np.full((len(credible), len(labels)), np.nan)
    for row, item in enumerate(credible):
        for label in usable_labels(item, fewest):
            values[row, labels.index(label)] = item.values[label]
    drawn = np.full((_length(credible, resamples), *values.shape), np.nan)
    for row, item in enumerate(credible):
        for label, draws in _draws(item, usable_labels(item, fewest), seed, len(drawn)).items():
            drawn[:, row, labels.index(label)] = draws
    return Field(credible, labels, values, drawn, _trust(credible, values, fewest))


def _trust(
    items: Sequence[FaultItem], values: NDArray[np.float64], fewest: int
) -> NDArray[np.float64]:
    """Squared differences from the mean less what errors alone would give, over themselves."""
    apart = np.nansum((values - np.nanmean(values, axis=1, keepdims=True)) ** 2, axis=1)
    error = np.zeros(len(items))
    for row, item in enumerate(items):
        usable = usable_labels(item, fewest)
        known = [item.errors.get(label, np.nan) ** 2 for label in usable]
        error[row] = np.nansum(known) * (1 - 1 / len(usable))
    trust = 1.0 - error / np.maximum(apart, 1e-12)
    return np.asarray(np.clip(trust, LEAST_TRUST, 1.0), dtype=np.float64)


def _length(items: Sequence[FaultItem], resamples: int) -> int:
    given = {len(draws) for item in items for draws in item.draws.values()}
    if len(given) > 1:
        raise ValueError("Every item must have been resampled equally often.")
    return given.pop() if given else resamples


def _draws(item: FaultItem, usable: list[str], seed: int, resamples: int) -> dict[str, Draws]:
    if all(label in item.draws for label in usable):
        return {label: item.draws[label] for label in usable}
    # One stream per text, labels by their value: names and order cannot change the draws.
    rng = np.random.default_rng([seed, crc32(item.text.encode())])
    if any(np.isnan(item.errors.get(label, np.nan)) for label in usable):
        raise ValueError(f"Item {item.key} has neither resamples nor standard errors.")
    ranked = sorted(usable, key=lambda label: (item.values[label], item.n[label]))
    return {
        label: rng.normal(item.values[label], item.errors[label], resamples) for label in ranked
    }


def usable_labels(item: FaultItem, fewest: int) -> list[str]:
    """Labels with an estimate that enough people are behind."""
    return sorted(
        label
        for label, value in item.values.items()
        if item.n.get(label, 0) >= fewest and not np.isnan(value)
    )


def is_tested(item: FaultItem, fewest: int) -> bool:
    """Whether two labels or more can be compared on it."""
    return len(usable_labels(item, fewest)) > 1 and not np.isnan(item.q)


def spread(item: FaultItem, fewest: int) -> float:
    """Highest less lowest estimate of the labels that can be compared."""
    values = [item.values[label] for label in usable_labels(item, fewest)]
    return max(values) - min(values)
