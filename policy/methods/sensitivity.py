"""How many people a decision about a statement rests on: counted exactly, nothing is refitted.

A community is for a statement when the 95 % interval of Beta(A + 1, N + 1) lies above one half,
with A who agreed and N who voted otherwise (passes count). P(Beta(A + 1, N + 1) <= 1/2) is a
binomial tail, so that is a whole number to reach: at least `least(A + N)` agrees. What k people
could change is therefore found by counting, not by trying. A worked table: docs/decisions.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc, ndtri

from policy.methods.intervals import posterior_bounds

Decision = Literal["common_ground", "community_specific", "contested", "not_selected"]
Way = Literal["left_out", "bought", "added"]
Counts = NDArray[np.int64]
Costs = NDArray[np.float64]

FOR, AGAINST, UNCLEAR = 0, 1, 2
DECISIONS: tuple[Decision, ...] = (
    "common_ground",
    "community_specific",
    "contested",
    "not_selected",
)
WAYS: tuple[Way, ...] = ("left_out", "bought", "added")


@dataclass(frozen=True)
class Thresholds:
    """least: (votes + 1,) agrees that so many votes need for a community to be for; may exceed
    the votes, where no number of agrees suffices."""

    least: Counts

    def most_otherwise(self, agrees: Counts) -> Counts:
        """The most other votes that so many agrees outweigh; negative where they outweigh none."""
        return np.asarray(np.searchsorted(self.least, agrees, side="right") - 1 - agrees)

    def fewest_agrees(self, otherwise: Counts) -> Counts:
        """The fewest agrees that outweigh so many other votes."""
        room = np.arange(len(self.least)) - self.least
        return np.asarray(np.searchsorted(room, otherwise, side="left") - otherwise)


@dataclass(frozen=True)
class Fewest:
    """For each statement: (statements,) people that change what is decided, inf where none can.

    becomes: (statements,) the decision that costs fewest, as a place in DECISIONS; -1 for none.
    """

    people: Costs
    becomes: Counts


def thresholds(votes: int, level: float = 0.95) -> Thresholds:
    """The agrees that 0, 1, 2, … votes need, for numbers up to `votes` and what could be added."""
    return _thresholds(1 << votes.bit_length(), level)


@lru_cache(maxsize=32)
def _thresholds(votes: int, level: float) -> Thresholds:
    n = np.arange(2 * votes + int(8 * votes**0.5) + 41, dtype=np.int64)
    # De Moivre's guess is off by one at most; the tails around it tell which way.
    guess = (n + 1 + ndtri((1 + level) / 2) * np.sqrt(n + 1) - 1) / 2
    first = np.maximum(np.ceil(guess).astype(np.int64) - 1, 0)
    tried = np.minimum(first[:, None] + np.arange(3), n[:, None] + 1)
    tails = betainc(tried + 1.0, n[:, None] + 1.0 - tried, 0.5)
    return Thresholds(first + ((tails >= (1 - level) / 2) & (tried <= n[:, None])).sum(axis=1))


def stances(agrees: ArrayLike, seen: ArrayLike, level: float = 0.95) -> Counts:
    """FOR, AGAINST or UNCLEAR for counts of any shape; nobody asked is UNCLEAR.

    The same as `principles.stance_from_bounds` of the interval. Raises ValueError for counts that
    cannot be.
    """
    yes, votes = _checked(agrees, seen)
    least = thresholds(int(votes.max(initial=0)), level).least[votes]
    return np.where(yes >= least, FOR, np.where(votes - yes >= least, AGAINST, UNCLEAR))


def decisions(found: Counts) -> Counts:
    """Places in DECISIONS. found: (communities, statements) stances.

    The same as `principles.status_of`.
    """
    wanted, refused = (found == FOR).any(axis=0), (found == AGAINST).any(axis=0)
    everyone = (found == FOR).all(axis=0) & wanted
    return np.select([~wanted, refused, everyone], [3, 2, 0], 1)


def costs(agrees: ArrayLike, seen: ArrayLike, way: Way, level: float = 0.95) -> Costs:
    """The fewest people that bring a community to each stance: (3, …), inf where none can.

    way: "left_out" takes people's votes away, "bought" has people who voted say something else,
    "added" brings new people. One person has one vote on a statement, so people are votes.
    """
    yes, votes = _checked(agrees, seen)
    no, table = votes - yes, thresholds(int(votes.max(initial=0)), level)
    if way == "left_out":
        raised, lowered = _left_out(yes, no, table), _left_out(no, yes, table)
        leaves = np.maximum(yes - table.fewest_agrees(no), no - table.fewest_agrees(yes)) + 1
    elif way == "bought":
        least = table.least[votes]
        raised, lowered = (
            np.where(least <= votes, np.maximum(least - side, 0.0), np.inf) for side in (yes, no)
        )
        leaves = np.maximum(yes, no) - least + 1
    else:
        raised, lowered = (
            np.maximum(table.fewest_agrees(other) - side, 0.0)
            for side, other in ((yes, no), (no, yes))
        )
        leaves = np.maximum(table.most_otherwise(yes) - no, table.most_otherwise(no) - yes) + 1
    return np.stack([raised, lowered, np.maximum(leaves, 0).astype(np.float64)])


def fewest_to_change(agrees: ArrayLike, seen: ArrayLike, way: Way, level: float = 0.95) -> Fewest:
    """The fewest people, over all communities together, that change each decision.

    agrees, seen: (communities, statements). Exact: the cheapest stances that make each other
    decision, since a person votes in one community and once on a statement.
    """
    return fewest_given(stances(agrees, seen, level), costs(agrees, seen, way, level))


def fewest_given(found: Counts, spent: Costs) -> Fewest:
    """The same from stances, (communities, n), and what each stance costs, (3, communities, n).

    A cost is 0 for the stance that is there, and inf for one that cannot be.
    """
    now, prices = decisions(found), _prices(spent)
    prices[now, np.arange(prices.shape[1])] = np.inf
    people = prices.min(axis=0)
    return Fewest(people, np.where(np.isinf(people), -1, prices.argmin(axis=0)))


def margins(agrees: ArrayLike, seen: ArrayLike, level: float = 0.95) -> Costs:
    """How far each decision is from another, as a share: (statements,); NaN where no one community
    decides it.

    The shortest way that a bound of one community's interval would have to move past one half for
    the decision to be another.
    """
    yes, votes = _checked(agrees, seen)
    found = stances(yes, votes, level)
    low, high = posterior_bounds(yes, votes, level)
    least = np.full(yes.shape[1], np.inf)
    for row in range(len(yes)):
        for towards in (FOR, AGAINST, UNCLEAR):
            other = found.copy()
            other[row] = towards
            moves = (decisions(other) != decisions(found)) & _adjacent(found[row], towards)
            bound = _bound(found[row], towards, low[row], high[row])
            least = np.where(moves, np.minimum(least, abs(bound - 0.5)), least)
    return np.where(np.isinf(least), np.nan, least)


def _left_out(side: Counts, other: Counts, table: Thresholds) -> Costs:
    """Votes on the other side that must go before this side is clear."""
    most = table.most_otherwise(side)
    return np.where(most >= 0, np.maximum(other - most, 0.0), np.inf)


def _prices(spent: Costs) -> Costs:
    """What each decision costs: (4, statements). spent: (3, communities, statements).

    A stance that a community has already costs nothing, so what is not asked for is left alone.
    """
    wanted, refused, unclear = spent
    not_against, not_for = np.minimum(wanted, unclear), np.minimum(refused, unclear)
    stuck = np.isinf(not_against)  # against, whatever it costs
    least = np.where(stuck, 0.0, not_against)
    some = least.sum(axis=0) + _one_each(wanted - least, unclear - least)
    return np.stack(
        [
            wanted.sum(axis=0),
            np.where(stuck.any(axis=0), np.inf, some),
            _one_each(wanted, refused),
            not_for.sum(axis=0),
        ]
    )


def _one_each(first: Costs, second: Costs) -> Costs:
    """The cheapest first of one community and second of another: (statements,)."""
    n = len(first)
    if n < 2:
        return np.full(first.shape[1], np.inf)
    cheapest = np.full(first.shape[1], np.inf)
    for row in range(n):
        others = np.delete(second, row, axis=0).min(axis=0)
        cheapest = np.minimum(cheapest, first[row] + others)
    return cheapest


def _adjacent(now: Counts, towards: int) -> NDArray[np.bool_]:
    return np.asarray((now != towards) & ((now == UNCLEAR) | (towards == UNCLEAR)))


def _bound(now: Counts, towards: int, low: Costs, high: Costs) -> Costs:
    """The bound that passes one half on the way from one stance to the next."""
    lower = (now == FOR) | (towards == FOR)
    return np.where(lower, low, high)


def _checked(agrees: ArrayLike, seen: ArrayLike) -> tuple[Counts, Counts]:
    yes, votes = np.asarray(agrees, dtype=np.int64), np.asarray(seen, dtype=np.int64)
    if yes.shape != votes.shape or (yes < 0).any() or (yes > votes).any():
        raise ValueError("Agrees are counted out of the votes, one count for each.")
    return yes, votes
