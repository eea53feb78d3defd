"""Counts that go on while people vote, held still until enough people stand behind each change.

Two looks at a running count tell what was said in between. So a cell is counted anew only when as
many people as may be reported on have voted in it since it was last shown.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Cells = NDArray[np.int64]


@dataclass(frozen=True)
class Held:
    """counts: (communities, statements, 3) people who disagree, pass and agree. marks:
    (communities, statements) the newest vote that each cell had heard of when it was counted."""

    counts: Cells
    marks: Cells


def held_anew(
    before: Held, rows: NDArray[np.intp], columns: NDArray[np.intp], votes: Cells, fewest: int
) -> Held:
    """The cells in which `fewest` people or more voted since, counted anew; the others as before.

    rows, columns: (votes,) the community and statement of each latest vote. votes: (votes, 2) its
    number, growing with time, and its choice, -1, 0 or 1. fewest: at least 1.
    """
    shape = before.marks.shape
    cells = rows * shape[1] + columns
    size = int(np.prod(shape))
    late = votes[:, 0] > before.marks.ravel()[cells]
    fresh = np.bincount(cells[late], minlength=size).reshape(shape) >= max(fewest, 1)
    now = np.bincount(cells * 3 + votes[:, 1] + 1, minlength=3 * size).reshape((*shape, 3))
    newest = int(votes[:, 0].max(initial=0))
    return Held(
        np.where(fresh[:, :, None], now, before.counts), np.where(fresh, newest, before.marks)
    )
