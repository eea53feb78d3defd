"""Along which lines people's answers divide: the Diversity Sensitivity Index (GRASP).

DSI of a way to part people (an axis: communities, opinion groups, both crossed) is the largest
Group Association Index among its groups, GAI = IRR / XRR with XRR between a group and everyone
else (Prabhakaran et al. 2024, NAACL, section 3.2). The paper lets DSI be as significant as the GAI
that happens to be largest, which calls chance a finding more often the more groups there are. Here
the maximum itself is tested: people exchange places, the largest standardised IRR - XRR over groups
is taken each time (Westfall and Young 1993, max-T), and q adjusts p over axes.
"""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from policy.methods.agreement import Floats, Given, Ids, Metric, as_given
from policy.methods.cross_agreement import Crossing, Exchanges, crossings, exchange_sides
from policy.methods.cross_reliability import Ratings, measured_ratings
from policy.methods.multiple_testing import benjamini_hochberg

FEWEST_PEOPLE = 5
ONE_GROUP = "Fewer than two groups have enough people: there is nothing to compare."
NO_RATIO = "No group agrees beyond chance both within itself and with others: no ratio is given."
NOT_TESTED = "These groups were computed from the same answers, so they differ by construction."


@dataclass(frozen=True)
class Sensitivity:
    """How much an axis matters to what people answer.

    dsi: the largest GAI, of `group`; NaN with a note where no group has one. p: how often chance
    gives a group that stands out as much; NaN where not tested. q: adjusted over axes. groups: each
    against everyone else. left_out: people of groups that are too small, or of none.
    """

    axis: str
    dsi: float
    group: str
    p: float
    q: float
    groups: tuple[Crossing, ...]
    n_people: int
    left_out: int
    permutations: int
    note: str = ""


def diversity_sensitivity(
    ratings: ArrayLike | Given,
    axes: Mapping[str, ArrayLike],
    metric: Metric = "nominal",
    *,
    permutations: int = 1000,
    seed: int = 0,
    minimum_shared: int = 10,
    within: Mapping[str, ArrayLike] | None = None,
    untested: frozenset[str] = frozenset(),
) -> tuple[Sensitivity, ...]:
    """DSI of every axis, with GAI of every group and permutation tests over people.

    ratings: (items, people), NaN where not rated, or the same in a row. axes: name → (people,)
    labels, "" for none. within: axis → (people,) labels; people change places only with those who
    share one, so that a crossed axis is tested for what it adds to that one. untested: axes that
    were computed from these answers: described, never tested. Groups of fewer than 5 people are
    left out. Raises ValueError for other shapes, an unknown metric, or permutations below 1.
    """
    given = as_given(ratings)
    rated = measured_ratings(given, metric)
    found = [
        _axis(given, rated, name, labels, permutations, seed, minimum_shared,
              (within or {}).get(name), name not in untested)
        for name, labels in axes.items()
    ]  # fmt: skip
    q = benjamini_hochberg([one.p for one in found])
    return tuple(replace(one, q=float(value)) for one, value in zip(found, q, strict=True))


def crossed(first: ArrayLike, second: ArrayLike, join: str = " × ") -> list[str]:
    """(people,) labels of both at once; "" where either is missing."""
    pairs = zip(np.asarray(first).astype(str), np.asarray(second).astype(str), strict=True)
    return [f"{one}{join}{other}" if one and other else "" for one, other in pairs]


def _axis(
    given: Given,
    rated: Ratings,
    name: str,
    labels: ArrayLike,
    permutations: int,
    seed: int,
    minimum_shared: int,
    within: ArrayLike | None,
    tested: bool,
) -> Sensitivity:
    marks = np.asarray(labels).astype(str)
    if marks.shape != (given.n_people,):
        raise ValueError("There must be one label per person on every axis.")
    if permutations < 1:
        raise ValueError("At least one permutation is needed.")
    answered = np.zeros(given.n_people, dtype=bool)
    answered[given.people] = True
    names, numbers = np.unique(marks, return_inverse=True)
    sizes = np.bincount(numbers[answered], minlength=len(names))
    large = (sizes >= FEWEST_PEOPLE) & (names != "")
    kept = answered & large[numbers]
    left_out = int(answered.sum() - kept.sum())
    nan = float("nan")
    if large.sum() < 2:
        people = int(kept.sum())
        return Sensitivity(name, nan, "", nan, nan, (), people, left_out, 0, ONE_GROUP)
    groups, sides = np.unique(numbers[kept], return_inverse=True)
    strata = None if within is None else _numbered(np.asarray(within).astype(str)[kept])
    rng = np.random.default_rng([seed, zlib.crc32(name.encode())])
    draws = exchange_sides(
        rated if kept.all() else rated.among(kept),
        sides,
        len(groups),
        permutations if tested else 0,
        rng,
        within=strata,
    )
    rows = crossings([str(names[g]) for g in groups], draws, minimum_shared, tested=tested)
    known = [row for row in rows if not np.isnan(row.gai)]
    top = max(known, key=lambda row: row.gai, default=None)
    return Sensitivity(
        axis=name,
        dsi=top.gai if top else nan,
        group=top.first if top else "",
        p=_largest(draws, minimum_shared) if tested else nan,
        q=nan,
        groups=rows,
        n_people=int(kept.sum()),
        left_out=left_out,
        permutations=permutations if tested else 0,
        note=("" if top else NO_RATIO) if tested else NOT_TESTED,
    )


def _numbered(labels: np.ndarray[tuple[int], np.dtype[np.str_]]) -> Ids:
    return np.unique(labels, return_inverse=True)[1]


def _largest(draws: Exchanges, minimum_shared: int) -> float:
    """p of the group that stands out most, among the most that stood out in each exchange."""
    difference: Floats = draws.irr - draws.xrr
    usable = draws.n_shared >= minimum_shared
    usable &= ~np.isnan(difference[0])
    difference = difference[:, usable]
    spread = np.nanstd(difference, axis=0) if difference.size else np.zeros(0)
    difference, spread = difference[:, spread > 1e-12], spread[spread > 1e-12]
    if not difference.size:
        return float("nan")
    standing = (difference - np.nanmean(difference, axis=0)) / spread
    largest = np.where(np.isnan(standing), -np.inf, standing).max(axis=1)
    return float((largest >= largest[0] - 1e-9).mean())
