"""Agreement within and across communities (GRASP), tested by permuting people.

IRR is Krippendorff's alpha within a community. XRR is one less observed over expected disagreement
between people of two communities on the same items. GAI = IRR / XRR: above 1, a community agrees
more with itself than with the others.
Sources: Prabhakaran et al. 2024 (NAACL), Wong et al. 2021 (ACL).
"""

from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from policy.methods.agreement import (
    ALL_THE_SAME,
    Floats,
    Metric,
    checked_ratings,
)
from policy.methods.cross_reliability import Exchanges, among, exchange_people, sparse_ratings
from policy.methods.multiple_testing import benjamini_hochberg

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


def cross_group(
    ratings: ArrayLike,
    groups: ArrayLike,
    metric: Metric = "nominal",
    *,
    permutations: int = 1000,
    seed: int = 0,
    minimum_shared: int = 10,
) -> CrossAgreement:
    """Agreement within each community and across them, with permutation tests over people.

    ratings: (items, people) numbers, NaN where not rated. groups: (people,) communities. Ordinal
    ranks are those of all ratings together, so that every community is measured with one ruler.
    A pair is tested by exchanging people within that pair only. The smallest p possible is
    2 / (permutations + 1). Sides that share fewer than minimum_shared items get NaN and a sentence.
    Raises ValueError for other shapes, an unknown metric, or permutations below 1.
    """
    table = checked_ratings(ratings)
    labels = np.asarray(groups).astype(str)
    if labels.shape != (table.shape[1],):
        raise ValueError("There must be one community per person.")
    if permutations < 1:
        raise ValueError("At least one permutation is needed.")
    rated = sparse_ratings(table, metric)
    names = [str(name) for name in np.unique(labels)]
    rng = np.random.default_rng(seed)
    alone: list[Crossing] = []
    for name in names if len(names) > 1 else []:
        draws = exchange_people(rated, labels == name, permutations, rng)
        alone.append(_crossing((name, OTHERS), labels == name, draws, minimum_shared))
    pairs: list[Crossing] = []
    for one, other in combinations(names, 2):
        people = np.isin(labels, [one, other])
        first = labels[people] == one
        draws = exchange_people(among(rated, people), first, permutations, rng)
        turned = Exchanges(draws.irr_second, draws.irr_first, draws.xrr, draws.n_shared)
        pairs.append(_crossing((one, other), first, draws, minimum_shared))
        pairs.append(_crossing((other, one), ~first, turned, minimum_shared))
    return CrossAgreement(_adjusted(alone), _adjusted(pairs), metric, permutations, seed)


def _crossing(
    names: tuple[str, str], first: NDArray[np.bool_], draws: Exchanges, minimum_shared: int
) -> Crossing:
    identified = draws.n_shared >= minimum_shared
    irr, xrr = draws.irr_first, draws.xrr if identified else np.full_like(draws.xrr, np.nan)
    positive = irr[0] > 0 and xrr[0] > 0
    n_people = (int(first.sum()), int((~first).sum()))
    nan = float("nan")
    return Crossing(
        first=names[0],
        second=names[1],
        irr=float(irr[0]),
        xrr=float(xrr[0]),
        gai=float(irr[0] / xrr[0]) if positive else nan,
        irr_p=_two_sided(irr),
        xrr_p=_two_sided(xrr),
        gai_p=_two_sided(irr - xrr),
        irr_q=nan,
        xrr_q=nan,
        gai_q=nan,
        n_people=n_people,
        n_shared=draws.n_shared,
        note=_note(names, float(irr[0]), float(xrr[0]), draws.n_shared, minimum_shared),
    )


def _two_sided(draws: Floats) -> float:
    """p of the first entry among all; NaN where it is undefined or nothing else is defined."""
    found, others = draws[0], draws[1:][~np.isnan(draws[1:])]
    if np.isnan(found) or not others.size:
        return float("nan")
    # Exchanges that give the same people give the same number up to rounding.
    low = 1 + int((others <= found + 1e-9).sum())
    high = 1 + int((others >= found - 1e-9).sum())
    return min(1.0, 2 * min(low, high) / (others.size + 1))


def _note(names: tuple[str, str], irr: float, xrr: float, n_shared: int, minimum: int) -> str:
    first, second = names
    if n_shared < minimum:
        return (
            f"Agreement between {first} and {second} is not identified: they rated too few items "
            f"in common ({n_shared} shared, {minimum} needed)."
        )
    if np.isnan(irr):
        return f"Agreement within {first} is undefined: nobody rated the same items, or all alike."
    if np.isnan(xrr):
        return ALL_THE_SAME
    if irr <= 0:
        return (
            f"People of {first} agree with one another no more than by chance: no ratio is given."
        )
    if xrr <= 0:
        return f"{first} and {second} agree no more than by chance: no ratio is given."
    return ""


def _adjusted(crossings: list[Crossing]) -> tuple[Crossing, ...]:
    irr = benjamini_hochberg([c.irr_p for c in crossings])
    xrr = benjamini_hochberg([c.xrr_p for c in crossings])
    gai = benjamini_hochberg([c.gai_p for c in crossings])
    return tuple(
        replace(c, irr_q=float(irr[k]), xrr_q=float(xrr[k]), gai_q=float(gai[k]))
        for k, c in enumerate(crossings)
    )
