"""Which labels stand on which side of a line, and how far apart the sides are."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from policy.methods.fault_line_field import Field
from policy.methods.joint_clusters import patterns

Places = NDArray[np.intp]
Numbers = NDArray[np.float64]
# A label nearer the middle than this share of its side's farthest is on neither side.
IN_BETWEEN = 0.25


@dataclass(frozen=True)
class Parting:
    """The sides of some items. first, second, between: places of labels.

    toward: (items,) 1 where the first side stands higher, -1 where the second does. gaps: (items,)
    how far apart, never below zero by choice of side. drawn: (resamples, items) of the same.
    """

    first: Places
    second: Places
    between: Places
    toward: Numbers
    gaps: Numbers
    drawn: Numbers


def parting(field: Field, rows: Places) -> Parting:
    """The sides along which the items in these rows of a field part their labels.

    The first side is the one that the clearest item favours.
    """
    first, second, between = _sides(_axis(field.values[rows]))
    toward = np.where(_gap(field.values[rows], first, second) >= 0, 1.0, -1.0)
    gaps = toward * _gap(field.values[rows], first, second)
    drawn = toward * _gap(field.drawn[:, rows], first, second)
    if toward[clearest(field, rows, gaps)] < 0:
        first, second, toward = second, first, -toward
    return Parting(first, second, between, toward, gaps, drawn)


def clearest(field: Field, rows: Places, gaps: Numbers) -> int:
    """The place, among these rows, of the item with the largest gap."""
    return strongest_first(field, rows, gaps)[0]


def strongest_first(field: Field, rows: Places, gaps: Numbers) -> list[int]:
    """Places among these rows, the largest gap first; words settle ties."""
    items = [field.items[row] for row in rows]
    return sorted(range(len(rows)), key=lambda i: (-gaps[i], items[i].text, items[i].key))


def called(labels: Sequence[str], chosen: Places) -> tuple[str, ...]:
    """The names of labels at these places."""
    return tuple(labels[place] for place in chosen)


def _axis(values: Numbers) -> Numbers:
    """The direction over labels along which the items of a line differ most."""
    return np.asarray(np.linalg.svd(patterns(values), full_matrices=False)[2][0])


def _sides(axis: Numbers) -> tuple[Places, ...]:
    first = np.flatnonzero((axis > 0) & (axis >= IN_BETWEEN * axis.max()))
    second = np.flatnonzero((axis < 0) & (axis <= IN_BETWEEN * axis.min()))
    return first, second, np.setdiff1d(np.arange(len(axis)), np.union1d(first, second))


def _gap(values: Numbers, first: Places, second: Places) -> Numbers:
    """Mean of the first side less mean of the second; who has no estimate stands at the mean."""
    middle = np.nanmean(values, axis=-1, keepdims=True)
    full = np.where(np.isnan(values), middle, values)
    return np.asarray(full[..., first].mean(axis=-1) - full[..., second].mean(axis=-1))
