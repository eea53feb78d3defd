"""Drawing one of several things so that its chance is known exactly and can be logged.

What people are shown decides what they can answer. An analysis can undo that choice (inverse-
propensity weights) only where every thing had a chance above zero, and the chance was kept.
"""

import hashlib
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

LEAST_UNIFORM = 0.3


@dataclass(frozen=True)
class Part:
    """One way of drawing: its name, its share of all draws, and a weight >= 0 for each thing."""

    kind: str
    share: float
    weights: Sequence[float]


@dataclass(frozen=True)
class Lot:
    """What was drawn: its index, its chance over all parts together, and the part it came from."""

    index: int
    propensity: float
    kind: str


def seed_for(purpose: str, *numbers: int) -> int:
    """A seed of 64 bits that is the same for the same words and numbers, on any machine.

    For example seed_for("compare", stage, participant, how many the person was given before).
    """
    words = ":".join([purpose, *map(str, numbers)])
    return int.from_bytes(hashlib.sha256(words.encode()).digest()[:8], "big")


def lottery(seed: int) -> random.Random:
    """The source of chance that a seed stands for."""
    return random.Random(seed)  # noqa: S311  what to show next is no secret


def draw_lot(parts: Sequence[Part], chance: random.Random) -> Lot:
    """Draw a part by its share, then a thing by that part's weights.

    parts: at least one has weights that do not sum to zero; those that do are left out, and their
    share goes to the others in proportion. The propensity is the exact marginal chance of the
    thing: the sum over parts of share * weight / sum of weights. Raises ValueError for weights
    that are negative or no number.
    """
    possible = _possible(parts)
    part = chance.choices(possible, [part.share for part in possible])[0]
    index = chance.choices(range(len(part.weights)), part.weights)[0]
    return Lot(index, min(1.0, _marginal(possible, index)), part.kind)


def check_uniform(uniform: float, most: float = 1.0) -> None:
    """Refuse a share of uniform draws that lies outside [0.3, most]. Raises ValueError."""
    if not LEAST_UNIFORM <= uniform <= most:
        raise ValueError(f"The uniform share must lie between {LEAST_UNIFORM} and {most}.")


def _possible(parts: Sequence[Part]) -> list[Part]:
    """Those from which something can be drawn; their shares sum to one."""
    scaled = [Part(part.kind, part.share, _scaled(part.weights)) for part in parts]
    possible = [part for part in scaled if part.share > 0 and any(part.weights)]
    if not possible:
        raise ValueError("There is nothing to draw.")
    total = math.fsum(part.share for part in possible)
    return [Part(part.kind, part.share / total, part.weights) for part in possible]


def _scaled(weights: Sequence[float]) -> list[float]:
    """The weights over their largest, so that no sum overflows."""
    if not all(math.isfinite(weight) and weight >= 0 for weight in weights):
        raise ValueError("A weight is a finite number of at least zero.")
    largest = max(weights, default=0.0)
    return [weight / largest if largest else 0.0 for weight in weights]


def _marginal(parts: Sequence[Part], index: int) -> float:
    return math.fsum(part.share * part.weights[index] / math.fsum(part.weights) for part in parts)
