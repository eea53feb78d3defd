"""What other reasonable rules would say of the same votes, beside the rule that decides."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from policy.methods.consensus import GroupCounts
from policy.methods.intervals import exact_bounds, posterior_bounds
from policy.methods.sensitivity import AGAINST, FOR, UNCLEAR, Counts

Bounds = tuple[NDArray[np.float64], NDArray[np.float64]]
# Polis's test: one-sided at 90 %, with one added to successes and to trials.
POLIS_Z = 1.2816
SCEPTICAL = 5.0


def _beta(level: float, prior: float) -> Callable[[GroupCounts], Counts]:
    """The interval of Beta(A + prior, N + prior), N counting passes."""

    def rule(counts: GroupCounts) -> Counts:
        return _sides(*posterior_bounds(counts.agrees, counts.seen, level, prior), counts.seen)

    return rule


def _wilson(counts: GroupCounts) -> Counts:
    """Wilson's score interval, 95 % (Wilson 1927, JASA 22:209)."""
    z = stats.norm.ppf(0.975)
    n = np.maximum(counts.seen, 1)
    middle = (counts.agrees + z**2 / 2) / (n + z**2)
    share = counts.agrees / n
    half = z / (n + z**2) * np.sqrt(n * share * (1 - share) + z**2 / 4)
    return _sides(middle - half, middle + half, counts.seen)


def _exact(counts: GroupCounts) -> Counts:
    """Clopper and Pearson's interval, 95 % (1934, Biometrika 26:404)."""
    return _sides(*exact_bounds(counts.agrees, counts.seen), counts.seen)


def _without_passes(counts: GroupCounts) -> Counts:
    """The same interval over those who took a side."""
    sided = counts.agrees + counts.disagrees
    return _sides(*posterior_bounds(counts.agrees, sided), sided)


def _polis(counts: GroupCounts) -> Counts:
    """Polis's own test of agrees, and of disagrees, against one half (Small et al. 2021)."""
    z = [
        2 * np.sqrt(counts.seen + 1) * ((one + 1) / (counts.seen + 1) - 0.5)
        for one in (counts.agrees, counts.disagrees)
    ]
    found = np.where(z[0] > POLIS_Z, FOR, np.where(z[1] > POLIS_Z, AGAINST, UNCLEAR))
    return np.where(counts.seen > 0, found, UNCLEAR)


RULES: Mapping[str, Callable[[GroupCounts], Counts]] = {
    "90 % interval": _beta(0.90, 1),
    "99 % interval": _beta(0.99, 1),
    "Jeffreys' prior": _beta(0.95, 0.5),
    "a sceptical prior: ten more votes, evenly split": _beta(0.95, SCEPTICAL),
    "Wilson's interval": _wilson,
    "Clopper and Pearson's interval": _exact,
    "passes left out": _without_passes,
    "Polis's test": _polis,
}


def top_by(score: ArrayLike, how_many: int) -> NDArray[np.bool_]:
    """The statements that a score would call common ground, given how many there are to be.

    score: (statements,), higher is more agreed; NaN is never chosen. Equal scores at the edge are
    all chosen. Scores such as the group-informed consensus have no threshold of their own: it
    falls with every group that is added.
    """
    values = np.asarray(score, dtype=np.float64)
    known = np.sort(values[~np.isnan(values)])[::-1]
    if not how_many or not known.size:
        return np.zeros(values.shape, dtype=np.bool_)
    return np.asarray(values >= known[min(how_many, known.size) - 1])


def _sides(low: NDArray[np.float64], high: NDArray[np.float64], seen: NDArray[np.int64]) -> Counts:
    found = np.where(low > 0.5, FOR, np.where(high < 0.5, AGAINST, UNCLEAR))
    return np.where(seen > 0, found, UNCLEAR)
