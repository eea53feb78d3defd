"""What may be said of how a community voted, so that nobody in it is found out.

A split of n votes over agree, disagree and pass is said only where n is at least k, and no part of
it is ever known to be made of 1 to m - 1 people, m being half of k: nobody stands alone, and a part
that nobody took reads like one that a few took. So what is shown has one of five shapes:

- few: fewer than k people voted; not even how many is said;
- all: each of the three parts has m people or more, and is counted;
- one: the larger side (agree or disagree) is counted, and so are the others, together;
- nearly: fewer than m people are not on the larger side; only that is said;
- open: fewer than m people took either side; only that is said.

docs/showing-results.md gives the reasons and a worked table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

Shape = Literal["few", "all", "one", "nearly", "open"]
AGREE, DISAGREE, PASS = 1, -1, 0


@dataclass(frozen=True)
class Shown:
    """A split as it may be shown; only what it holds may be known.

    n: how many voted; 0 where that is not said. side: 1 or -1, the larger one, for "one" and
    "nearly". agree, disagree, passed: counts, for "all". count: how many are on the side, for
    "one". least: how many are at least on it, for "nearly"; the others are at most n - least.
    """

    shape: Shape
    n: int = 0
    side: int = 0
    agree: int = 0
    disagree: int = 0
    passed: int = 0
    count: int = 0
    least: int = 0

    def as_json(self) -> dict[str, Any]:
        """What to store: the fields that its shape uses."""
        return {name: value for name, value in asdict(self).items() if value or name == "shape"}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Shown:
        """What was stored. Raises ValueError for another shape."""
        if stored.get("shape") not in get_args(Shape):
            raise ValueError("No result has this shape.")
        return cls(**{name: stored[name] for name in cls.__dataclass_fields__ if name in stored})


def fewest_in_a_part(small_cell: int) -> int:
    """m: the fewest people that a part of a split may be known to hold; at least 3."""
    return max(3, (small_cell + 1) // 2)


def shown_split(agree: int, disagree: int, passed: int, small_cell: int) -> Shown:
    """What may be said of a split. Raises ValueError for counts below zero, or k below five."""
    if min(agree, disagree, passed) < 0 or small_cell < 5:
        raise ValueError("Counts are at least zero, and k is at least five.")
    n, fewest = agree + disagree + passed, fewest_in_a_part(small_cell)
    if n < small_cell:
        return Shown("few")
    if min(agree, disagree, passed) >= fewest:
        return Shown("all", n, agree=agree, disagree=disagree, passed=passed)
    side, count = (AGREE, agree) if agree >= disagree else (DISAGREE, disagree)
    if count < fewest:
        return Shown("open", n)
    if n - count >= fewest:
        return Shown("one", n, side, count=count)
    return Shown("nearly", n, side, least=n - fewest + 1)


def shown_change(before: Shown, after: Shown, changed: int, stayed: int, small_cell: int) -> int:
    """How many changed their mind between two votes, where that may be said; otherwise 0.

    changed, stayed: of those who voted both times. Beside a bound, or counts of different sides, a
    count of changes could tell the rest: both splits must count the same parts. Where most changed,
    it could too.
    """
    same = before.shape == after.shape and before.side == after.side
    counted = same and before.shape in ("all", "one")
    enough = fewest_in_a_part(small_cell) <= changed <= stayed
    return changed if counted and enough and changed + stayed >= small_cell else 0
