"""Where a solution goes wrong first: found by a scorer of steps, compared with the labels."""

import math
from collections.abc import Sequence
from typing import Any

from policy.methods.intervals import clustered_proportion


def first_error(scores: Sequence[float], threshold: float = 0.5) -> int | None:
    """The first step that scores below the threshold, or None. Labels are scores of 0 and 1."""
    return next((i for i, score in enumerate(scores) if score < threshold), None)


def first_errors_report(
    labelled: Sequence[Sequence[bool]], scored: Sequence[Sequence[float]], level: float = 0.95
) -> dict[str, Any]:
    """How often the first wrong step is found, and how often a right solution is let pass.

    One entry per solution. f1 is the harmonic mean of the two, as in ProcessBench (Zheng et al.
    2024), so that calling every step wrong, or none, scores 0. NaN where there is no such solution.
    Raises ValueError when a solution's labels and scores differ in number.
    """
    wanted, found = [], []
    for labels, scores in zip(labelled, scored, strict=True):
        if len(labels) != len(scores):
            raise ValueError(f"{len(labels)} labels came with {len(scores)} scores.")
        wanted.append(first_error([float(label) for label in labels]))
        found.append(first_error(scores))
    pairs = list(zip(wanted, found, strict=True))
    wrong = _share([float(a == b) for a, b in pairs if a is not None], level)
    right = _share([float(b is None) for a, b in pairs if a is None], level)
    total = wrong["estimate"] + right["estimate"]
    f1 = 2 * wrong["estimate"] * right["estimate"] / total if total else total
    return {"first_error_found": wrong, "right_let_pass": right, "f1": f1}


def _share(values: Sequence[float], level: float) -> dict[str, Any]:
    found = clustered_proportion(values, [str(i) for i in range(len(values))], level)
    estimate = found.estimate if values else math.nan
    return {"estimate": estimate, "low": found.low, "high": found.high, "n": found.n}
