"""Agreement within and across communities (GRASP), tested by permuting people.

IRR is Krippendorff's alpha within a community. XRR is one less observed over expected disagreement
between people of two communities on the same items. GAI = IRR / XRR: above 1, a community agrees
more with itself than with the others.
Sources: Prabhakaran et al. 2024 (NAACL), Wong et al. 2021 (ACL).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from policy.methods.agreement import ALL_THE_SAME, Floats, Given, Ids, Metric, as_given
from policy.methods.cross_reliability import (
    Ratings,
    Side,
    across,
    across_terms,
    alpha,
    alpha_terms,
    exchanged,
    less,
    measured_ratings,
    memberships,
    sums,
)
from policy.methods.multiple_testing import benjamini_hochberg

Floats32 = NDArray[np.float32]
OTHERS = "everyone else"


@dataclass(frozen=True)
class Crossing:
    """One community against another (or everyone else). NaN with a note where undefined.

    irr: agreement within `first`; xrr: across; gai: irr / xrr, NaN unless both are positive.
    irr_p, xrr_p: two-sided p that people's community does not matter to it; gai_p: the same for
    irr - xrr, which is defined where the ratio is not. *_q: adjusted over the result's table.
    n_people: people of `first` and of `second`; n_shared: items rated on both sides.
    """

    first: str
    second: str
    irr: float
    xrr: float
    gai: float
    irr_p: float
    xrr_p: float
    gai_p: float
    irr_q: float
    xrr_q: float
    gai_q: float
    n_people: tuple[int, int]
    n_shared: int
    note: str = ""


@dataclass(frozen=True)
class CrossAgreement:
    """groups: each community against everyone else; pairs: each ordered pair of communities."""

    groups: tuple[Crossing, ...]
    pairs: tuple[Crossing, ...]
    metric: Metric
    permutations: int
    seed: int


@dataclass(frozen=True)
class Exchanges:
    """Each side against all others: what was found (first row), then under each exchange.

    irr, xrr: (1 + permutations, sides). n_shared, n_people: (sides,); everyone: people in all.
    """

    irr: Floats
    xrr: Floats
    n_shared: Ids
    n_people: Ids
    everyone: int


def cross_group(
    ratings: ArrayLike | Given,
    groups: ArrayLike,
    metric: Metric = "nominal",
    *,
    permutations: int = 1000,
    seed: int = 0,
    minimum_shared: int = 10,
) -> CrossAgreement:
    """Agreement within each community and across them, with permutation tests over people.

    ratings: (items, people) numbers, NaN where not rated, or the same in a row. groups: (people,)
    communities. Ordinal ranks are those of all ratings together, so that every community is
    measured with one ruler. A pair is tested by exchanging people within that pair only. The
    smallest p possible is 2 / (permutations + 1). Sides that share fewer than minimum_shared items
    get NaN and a sentence.
    Raises ValueError for other shapes, an unknown metric, or permutations below 1.
    """
    given = as_given(ratings)
    names, labels = checked_groups(groups, given.n_people, permutations)
    rated = measured_ratings(given, metric)
    alone: tuple[Crossing, ...] = ()
    if len(names) > 1:
        rng = np.random.default_rng(seed)
        found = exchange_sides(rated, labels, len(names), permutations, rng)
        alone = crossings(names, found, minimum_shared)
    pairs = cross_pairs(
        given, groups, metric, permutations=permutations, seed=seed, minimum_shared=minimum_shared
    )
    return CrossAgreement(alone, pairs, metric, permutations, seed)


def cross_pairs(
    ratings: ArrayLike | Given,
    groups: ArrayLike,
    metric: Metric = "nominal",
    *,
    permutations: int = 1000,
    seed: int = 0,
    minimum_shared: int = 10,
) -> tuple[Crossing, ...]:
    """Each ordered pair of communities, as `cross_group` has them."""
    given = as_given(ratings)
    names, labels = checked_groups(groups, given.n_people, permutations)
    rated = measured_ratings(given, metric)
    rng = np.random.default_rng(seed)
    pairs: list[Crossing] = []
    for one, other in combinations(range(len(names)), 2):
        people = (labels == one) | (labels == other)
        side = (labels[people] == other).astype(np.intp)
        found = exchange_sides(rated.among(people), side, 2, permutations, rng)
        first, second = crossings((names[one], names[other]), found, minimum_shared)
        pairs += [replace(first, second=names[other]), replace(second, second=names[one])]
        for place in (-2, -1):
            crossing = pairs[place]
            note = _note((crossing.first, crossing.second), crossing, minimum_shared)
            pairs[place] = replace(crossing, note=note)
    return adjusted(pairs)


def checked_groups(
    groups: ArrayLike, n_people: int, permutations: int
) -> tuple[tuple[str, ...], Ids]:
    """Communities in order, and the number of each person's. Raises ValueError for other shapes."""
    labels = np.asarray(groups).astype(str)
    if labels.shape != (n_people,):
        raise ValueError("There must be one community per person.")
    if permutations < 1:
        raise ValueError("At least one permutation is needed.")
    names, numbers = np.unique(labels, return_inverse=True)
    return tuple(str(name) for name in names), numbers


def exchange_sides(
    rated: Ratings,
    labels: Ids,
    sides: int,
    permutations: int,
    rng: np.random.Generator,
    within: Ids | None = None,
) -> Exchanges:
    """Each side against everyone else, as found and after each random exchange of people.

    labels: (people,) numbers of the sides. within: people change places only with people who have
    the same number here.
    """
    everyone = np.ones((labels.size, 1))
    wholes = [sums(rated, chunk, everyone) for chunk in rated.chunks]
    # Of two sides, the second is everyone less the first.
    counted = 1 if sides == 2 else sides
    found: list[tuple[Floats, Floats, Ids]] = []
    for block in exchanged(labels, permutations, counted, rng, within):
        members = memberships(block, counted)
        found.append(_measured(rated, members, wholes, len(block), sides))
    irr, xrr, shared = (np.concatenate([one[k] for one in found]) for k in range(3))
    return Exchanges(irr, xrr, shared[0], np.bincount(labels, minlength=sides), labels.size)


def _measured(
    rated: Ratings, members: Floats32, wholes: Sequence[Side], draws: int, sides: int
) -> tuple[Floats, Floats, Ids]:
    """IRR, XRR and shared items of every side, (draws, sides) each."""
    within, without, between = np.zeros((1, 1)), np.zeros((1, 1)), np.zeros((1, 1))
    for chunk, whole in zip(rated.chunks, wholes, strict=True):
        side = sums(rated, chunk, members)
        within = within + alpha_terms(side)
        between = between + across_terms(side, whole)
        if sides == 2:
            without = without + alpha_terms(less(whole, side))
    xrr, shared = across(between)
    if sides == 2:
        both = np.column_stack([alpha(within), alpha(without)])
        return both, np.column_stack([xrr] * 2), np.column_stack([shared] * 2)
    irr = alpha(within).reshape(sides, draws).T
    return irr, xrr.reshape(sides, draws).T, shared.reshape(sides, draws).T


def crossings(
    names: Sequence[str], found: Exchanges, minimum_shared: int, *, tested: bool = True
) -> tuple[Crossing, ...]:
    """Each side against everyone else. tested: whether the exchanges say anything of chance."""
    nan = float("nan")
    rows = []
    for side, name in enumerate(names):
        irr, xrr = found.irr[:, side], found.xrr[:, side]
        if found.n_shared[side] < minimum_shared:
            xrr = np.full_like(xrr, np.nan)
        people = int(found.n_people[side])
        row = Crossing(
            first=name,
            second=OTHERS,
            irr=float(irr[0]),
            xrr=float(xrr[0]),
            gai=float(irr[0] / xrr[0]) if irr[0] > 0 and xrr[0] > 0 else nan,
            irr_p=two_sided(irr) if tested else nan,
            xrr_p=two_sided(xrr) if tested else nan,
            gai_p=two_sided(irr - xrr) if tested else nan,
            irr_q=nan,
            xrr_q=nan,
            gai_q=nan,
            n_people=(people, found.everyone - people),
            n_shared=int(found.n_shared[side]),
        )
        rows.append(replace(row, note=_note((name, OTHERS), row, minimum_shared)))
    return adjusted(rows)


def two_sided(draws: Floats) -> float:
    """p of the first entry among all; NaN where it is undefined or nothing else is defined."""
    found, others = draws[0], draws[1:][~np.isnan(draws[1:])]
    if np.isnan(found) or not others.size:
        return float("nan")
    # Exchanges that give the same people give the same number up to rounding.
    low = 1 + int((others <= found + 1e-9).sum())
    high = 1 + int((others >= found - 1e-9).sum())
    return min(1.0, 2 * min(low, high) / (others.size + 1))


def adjusted(rows: Sequence[Crossing]) -> tuple[Crossing, ...]:
    """The rows with their q: false discoveries controlled over the table, measure by measure."""
    irr = benjamini_hochberg([c.irr_p for c in rows])
    xrr = benjamini_hochberg([c.xrr_p for c in rows])
    gai = benjamini_hochberg([c.gai_p for c in rows])
    return tuple(
        replace(c, irr_q=float(irr[k]), xrr_q=float(xrr[k]), gai_q=float(gai[k]))
        for k, c in enumerate(rows)
    )


def _note(names: tuple[str, str], found: Crossing, minimum: int) -> str:
    first, second = names
    if found.n_shared < minimum:
        return (
            f"Agreement between {first} and {second} is not identified: they rated too few items "
            f"in common ({found.n_shared} shared, {minimum} needed)."
        )
    if np.isnan(found.irr):
        return f"Agreement within {first} is undefined: nobody rated the same items, or all alike."
    if np.isnan(found.xrr):
        return ALL_THE_SAME
    if found.irr <= 0:
        return (
            f"People of {first} agree with one another no more than by chance: no ratio is given."
        )
    if found.xrr <= 0:
        return f"{first} and {second} agree no more than by chance: no ratio is given."
    return ""
