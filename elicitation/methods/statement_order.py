"""Which statements one participant votes on next.

Polis shows the statements that divide or unite most, few votes first. That starves what is
unpopular, and in a small community it starves nearly everything. So three parts share the draws:

- uniform (at least 30 %): any statement that the person has not seen;
- floor (half): statements with fewer than `floor` votes in the person's own community, in
  proportion to the square of the votes they lack; when none lacks any, priority has its share;
- priority (the rest): in proportion to Polis' priority, or to weights that an analysis gives.

What is logged as `propensity` is a statement's exact chance over the three parts at this draw,
given what the person was shown before and the counts at the time. It is at least uniform / N.

The floor is likely, not certain: it needs people who answer enough. Where twelve people vote on 16
of 30 statements each (192 votes, 150 needed), all statements had five in 200 of 200 simulations;
with 14 each (168 votes), in 121.
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from elicitation.methods.drawing import LEAST_UNIFORM, Part, check_uniform, draw_lot, lottery

FLOOR_SHARE = 0.5
FLOOR = 5
META_PRIORITY = 49.0


@dataclass(frozen=True)
class Tally:
    """The votes on one statement so far.

    agrees, passes and votes (passes count) are everybody's; votes_here are those of the person's
    own community. extremity: how far the statement lies from the centre of the opinion space, >= 0;
    0 before any analysis. is_meta: about the conversation itself. weight: what an analysis gives in
    place of Polis' priority, >= 0; None where it gives none.
    """

    statement: int
    agrees: int = 0
    passes: int = 0
    votes: int = 0
    votes_here: int = 0
    extremity: float = 0.0
    is_meta: bool = False
    weight: float | None = None

    def __post_init__(self) -> None:
        if min(self.agrees, self.passes, self.votes_here) < 0:
            raise ValueError("Counts of votes are at least zero.")
        if self.agrees + self.passes > self.votes:
            raise ValueError("Agrees and passes are more than the votes.")
        if not (math.isfinite(self.extremity) and self.extremity >= 0):
            raise ValueError("The extremity is finite and at least zero.")
        if self.weight is not None and not (math.isfinite(self.weight) and self.weight >= 0):
            raise ValueError("A weight is finite and at least zero.")

    @property
    def priority(self) -> float:
        """How much it is to be asked, as an analysis weighed it, or as Polis would."""
        return polis_priority(self) if self.weight is None else self.weight


@dataclass(frozen=True)
class StatementDraw:
    """One statement for one person. kind: "uniform", "floor" or "priority"."""

    statement: int
    propensity: float
    kind: str


def polis_priority(tally: Tally) -> float:
    """Polis' weight of a statement (Small et al. 2021, and its conversation.clj); above zero.

    [(1 - (P+1)/(S+2)) * (E+1) * (A+1)/(S+2) * (1 + 8 * 2^(-S/5))]^2 with A agrees, P passes,
    S votes and E extremity; 49 for a statement about the conversation itself.
    """
    if tally.is_meta:
        return META_PRIORITY
    speaks = 1 - (tally.passes + 1) / (tally.votes + 2)
    agrees = (tally.agrees + 1) / (tally.votes + 2)
    novelty = 1 + 8 * 2 ** (-tally.votes / 5)
    return float((speaks * (tally.extremity + 1) * agrees * novelty) ** 2)


def draw_statement(
    tallies: Collection[Tally],
    seen: Collection[int],
    *,
    seed: int,
    floor: int = FLOOR,
    uniform: float = LEAST_UNIFORM,
) -> StatementDraw | None:
    """The next statement for a person; None when nothing is left. See `draw_statements`."""
    drawn = draw_statements(tallies, 1, seen, seed=seed, floor=floor, uniform=uniform)
    return drawn[0] if drawn else None


def draw_statements(
    tallies: Collection[Tally],
    count: int,
    seen: Collection[int],
    *,
    seed: int,
    floor: int = FLOOR,
    uniform: float = LEAST_UNIFORM,
) -> list[StatementDraw]:
    """The next `count` statements for a person, or as many as are left, in order.

    tallies: the statements that could be shown, in any order. seen: ids of those that the person
    saw. floor: votes that each statement should have in each community. uniform: 0.3 to 0.5. Each
    propensity is conditional on the draws before it; the same seed draws the same again. Raises
    ValueError for another uniform share and for a statement that comes twice.
    """
    check_uniform(uniform, most=1 - FLOOR_SHARE)
    left = sorted(tallies, key=lambda tally: tally.statement)
    if len({tally.statement for tally in left}) < len(left):
        raise ValueError("A statement comes twice.")
    left = [tally for tally in left if tally.statement not in set(seen)]
    chance, drawn = lottery(seed), list[StatementDraw]()
    while left and len(drawn) < count:
        lot = draw_lot(_parts(left, floor, uniform), chance)
        drawn.append(StatementDraw(left.pop(lot.index).statement, lot.propensity, lot.kind))
    return drawn


def _parts(left: Sequence[Tally], floor: int, uniform: float) -> list[Part]:
    """The three ways of drawing from what is left."""
    lacking = [float(max(0, floor - tally.votes_here) ** 2) for tally in left]
    share = FLOOR_SHARE if any(lacking) else 0.0
    return [
        Part("uniform", uniform, [1.0] * len(left)),
        Part("floor", share, lacking),
        Part("priority", 1 - uniform - share, [tally.priority for tally in left]),
    ]
