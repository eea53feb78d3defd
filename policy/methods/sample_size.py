"""How many people a decision of a given sharpness needs, before a workshop: exact, plain Python.

A community is for a statement when the interval of Beta(A + 1, S - A + 1) lies above a line (one
half), that is when A reaches a number that S sets (`agrees_needed`). With a true share and S votes
the chance of it is a binomial tail. How many vote on a statement is itself chance where each person
is asked some of the statements. Pages plan too, so nothing numeric is imported.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

MOST_PEOPLE = 2000
# Beyond so many standard deviations nothing is left to add up.
_FAR = 6.0


@dataclass(frozen=True)
class Workshop:
    """What is planned, the same in every community.

    communities: how many. asked: share of the statements that each person votes on, in (0, 1].
    dependence: correlation of two people's votes at one table, in [0, 1), table: people at one.
    """

    communities: int = 1
    asked: float = 1.0
    dependence: float = 0.0
    table: int = 1

    def __post_init__(self) -> None:
        if self.communities < 1 or self.table < 1:
            raise ValueError("There is at least one community, and one person at a table.")
        if not 0 < self.asked <= 1 or not 0 <= self.dependence < 1:
            raise ValueError("Asked is a share above 0, dependence one below 1.")


@dataclass(frozen=True)
class Sharpness:
    """What is to be told apart: a true share of people who agree, from the line at `against`."""

    share: float
    against: float = 0.5
    level: float = 0.95

    def __post_init__(self) -> None:
        if not 0 < self.against < self.share < 1:
            raise ValueError("The share must lie above what it is told from, both between 0 and 1.")
        if not 0 < self.level < 1:
            raise ValueError("The level must lie between 0 and 1, such as 0.95.")


@dataclass(frozen=True)
class Needed:
    """people: in each community; None where `most` do not suffice. votes: expected on a statement
    in each. chance: that every community is called rightly. false_alarm: that one community whose
    share lies on the line is called for all the same."""

    people: int | None
    votes: float
    chance: float
    false_alarm: float


@lru_cache(maxsize=20_000)
def agrees_needed(votes: int, against: float = 0.5, level: float = 0.95) -> int:
    """The fewest agrees of so many votes that put the interval above the line.

    More than the votes where none suffices. P(Beta(A + 1, S - A + 1) <= line) is the chance of
    A + 1 or more in S + 1 trials.
    """
    tail, k = 0.0, votes + 1
    while k >= 0:
        tail += math.exp(_log_binomial(votes + 1, k, against))
        if tail >= (1 - level) / 2:
            break
        k -= 1
    return k


@lru_cache(maxsize=100_000)
def chance_of_for(votes: int, truth: float, aim: Sharpness, plan: Workshop) -> float:
    """That so many votes of one community, whose true share is `truth`, call it for."""
    least = agrees_needed(votes, aim.against, aim.level)
    if least > votes:
        return 0.0
    log = _log_chance(votes, truth, plan)
    return min(1.0, math.fsum(math.exp(log(k)) for k in range(least, votes + 1)))


def chance_with(people: int, aim: Sharpness, plan: Workshop, truth: float | None = None) -> float:
    """That one community of so many people is called for; its true share is the aim's unless given.

    Who is asked the statement is drawn by lot, so the number of votes is binomial.
    """
    truth = aim.share if truth is None else truth
    mean, spread = people * plan.asked, math.sqrt(people * plan.asked * (1 - plan.asked))
    first = max(0, math.floor(mean - _FAR * spread))
    last = min(people, math.ceil(mean + _FAR * spread))
    if plan.asked == 1:
        return chance_of_for(people, truth, aim, plan)
    return math.fsum(
        math.exp(_log_binomial(people, votes, plan.asked)) * chance_of_for(votes, truth, aim, plan)
        for votes in range(first, last + 1)
    )


def people_needed(
    aim: Sharpness, plan: Workshop, chance: float = 0.8, most: int = MOST_PEOPLE
) -> Needed:
    """The people that each community needs for all of them to be called for with this chance.

    Communities answer independently, so each needs the root of the chance. The chance does not grow
    steadily with people (thresholds are whole votes): the number is one from which on it holds.
    Raises ValueError for a chance outside (0, 1).
    """
    if not 0 < chance < 1:
        raise ValueError("The chance must lie between 0 and 1, such as 0.8.")
    each = chance ** (1 / plan.communities)
    people = _from_which_on(lambda n: chance_with(n, aim, plan) >= each, most)
    at = most if people is None else people
    return Needed(
        people,
        at * plan.asked,
        chance_with(at, aim, plan) ** plan.communities,
        chance_with(at, aim, plan, aim.against),
    )


def sharpest(
    people: int, plan: Workshop, chance: float = 0.8, against: float = 0.5
) -> float | None:
    """The smallest share, in hundredths, that so many people in each community can tell apart from
    the line with this chance; None where 0.99 cannot be either."""
    for hundredth in range(math.floor(100 * against) + 1, 100):
        aim = Sharpness(hundredth / 100, against)
        if chance_with(people, aim, plan) ** plan.communities >= chance:
            return hundredth / 100
    return None


def _from_which_on(holds: Callable[[int], bool], most: int) -> int | None:
    """The smallest number from which on something holds that holds, by and large, from some on."""
    high = next((2**k for k in range(most.bit_length()) if holds(2**k)), most)
    if not holds(high):
        return None
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    # Whole votes make the chance go up and down a little, over some root of the number.
    near = 4 + 2 * math.isqrt(high)
    around = range(max(1, high - near), min(most, high + near) + 1)
    last = max((n for n in around if not holds(n)), default=around.start - 1)
    return last + 1 if last < most else None


def _log_chance(votes: int, truth: float, plan: Workshop) -> Callable[[int], float]:
    """Log-chance of k agrees: binomial, or beta-binomial with the variance that tables give it.

    Design effect 1 + (m - 1) * correlation, with m the people of one table who are asked
    (Kish 1965).
    """
    together = (plan.table - 1) * plan.asked * plan.dependence
    if together == 0 or votes < 2:
        return lambda k: _log_binomial(votes, k, truth)
    overall = min(together / (votes - 1), plan.dependence)
    a, b = (part * (1 - overall) / overall for part in (truth, 1 - truth))
    return lambda k: _log_choose(votes, k) + _log_beta(k + a, votes - k + b) - _log_beta(a, b)


def _log_binomial(n: int, k: int, share: float) -> float:
    if share == 1:
        return 0.0 if k == n else -math.inf
    return _log_choose(n, k) + k * math.log(share) + (n - k) * math.log1p(-share)


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def _log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
