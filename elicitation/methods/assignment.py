"""Which completions one participant sees next: to compare two, rank several, or rate one.

The rule has three parts.

1. A common core: everybody's first items are the same few, in an order of their own, so that
   people can be compared on what all of them judged.
2. After it, at least 30 % of draws are uniform over everything the person has not seen. That alone
   gives each item a chance of at least uniform / N, which an unbiased estimate needs.
3. The other draws go by priority: what this person's community has answered least, times a weight
   that an analysis can give. They leave out prompts that the person has seen while others are left.

What is logged as `propensity` is the chance of this item at this draw, given everything drawn for
this person before and the counts at the time: 1 / (core items left) for a draw of the core, and
uniform / N + (1 - uniform) * w / sum(w) afterwards. It says nothing of sides: those are balanced,
not drawn (within one for each pair, as long as times_first is current).

A draw of the core says nothing of items outside it, so estimates over all items use the later draws
alone. For several draws of one person, Des Raj's ordered estimator of the total (1956) is unbiased:
what was seen before, summed, + latest / propensity.
"""

import hashlib
import math
import random
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from elicitation.methods.drawing import LEAST_UNIFORM, Part, check_uniform, draw_lot, lottery

Key = tuple[int, ...]


@dataclass(frozen=True)
class Candidate:
    """Completions of one prompt that could be put to a person together.

    completions: ids; one to rate, two to compare, three or more to rank. answers_here: answers to
    it from the person's own community. priority: a weight >= 0. times_first: how often each
    completion was put first (on the left) so far, to anybody; empty for never. is_severe: only for
    people who chose to see such things.
    """

    prompt: int
    completions: tuple[int, ...]
    answers_here: int = 0
    priority: float = 1.0
    times_first: tuple[int, ...] = ()
    is_severe: bool = False

    def __post_init__(self) -> None:
        if not self.completions or len(set(self.completions)) < len(self.completions):
            raise ValueError("A candidate has one or more completions, each once.")
        if self.times_first and len(self.times_first) != len(self.completions):
            raise ValueError("There is one count of times first for each completion.")
        if self.answers_here < 0 or not (math.isfinite(self.priority) and self.priority >= 0):
            raise ValueError("Answers and priority are finite and at least zero.")

    @property
    def key(self) -> Key:
        """The same for the same completions, in whichever order they come."""
        return key_of(self.completions)

    @property
    def weight(self) -> float:
        """Least answered first: priority / (1 + answers in the own community)^2."""
        return self.priority / (1 + self.answers_here) ** 2


@dataclass(frozen=True)
class Exposure:
    """What a person has seen, and how many severe items they may still see (0: chose none).

    keys: what was put to them, each as `key_of` gives it. prompts: ids, from any activity.
    """

    keys: frozenset[Key] = frozenset()
    prompts: frozenset[int] = frozenset()
    severe_left: int = 0

    def after(self, candidate: Candidate) -> "Exposure":
        """The same once this candidate was shown too."""
        return replace(
            self,
            keys=self.keys | {candidate.key},
            prompts=self.prompts | {candidate.prompt},
            severe_left=self.severe_left - candidate.is_severe,
        )


@dataclass(frozen=True)
class Draw:
    """One candidate for one person. shown: its completions in the order to show them.

    propensity: in (0, 1], as the module says. kind: "core", "uniform" or "priority".
    """

    candidate: Candidate
    shown: tuple[int, ...]
    propensity: float
    kind: str

    @property
    def left(self) -> int:
        """The completion on the left, or the first of more."""
        return self.shown[0]

    @property
    def right(self) -> int:
        """The completion on the right. Raises IndexError for a candidate of one."""
        return self.shown[1]


def key_of(completions: Iterable[int]) -> Key:
    """What names a candidate: the ids of its completions, in ascending order."""
    return tuple(sorted(completions))


def common_core(stage: int, candidates: Iterable[Candidate], size: int) -> frozenset[Key]:
    """The keys of the `size` candidates that everybody in a stage gets first.

    They are those with the lowest SHA-256 of the stage's id and the key: nobody picks them, and a
    candidate that is added later displaces one at most. Severe ones are never among them, because
    not everybody sees those. Give it all candidates of the stage, not one person's.
    """
    keys = {candidate.key for candidate in candidates if not candidate.is_severe}
    return frozenset(sorted(keys, key=lambda key: _digest(stage, key))[: max(0, size)])


def draw(
    candidates: Collection[Candidate],
    exposure: Exposure,
    *,
    seed: int,
    core: Collection[Key] = (),
    uniform: float = LEAST_UNIFORM,
    once_per_prompt: bool = False,
) -> Draw | None:
    """The next candidate for a person; None when nothing is left. See `draw_several`."""
    drawn = draw_several(
        candidates,
        1,
        exposure,
        seed=seed,
        core=core,
        uniform=uniform,
        once_per_prompt=once_per_prompt,
    )
    return drawn[0] if drawn else None


def draw_several(
    candidates: Collection[Candidate],
    count: int,
    exposure: Exposure,
    *,
    seed: int,
    core: Collection[Key] = (),
    uniform: float = LEAST_UNIFORM,
    once_per_prompt: bool = False,
) -> list[Draw]:
    """The next `count` candidates for a person, or as many as are left, in order.

    core: keys from `common_core`. uniform: share of uniform draws after the core, 0.3 to 1.
    once_per_prompt: leave out prompts that the person has seen, as rankings do. Each propensity is
    conditional on the draws before it. Neither the order of candidates nor that of their
    completions matters, and the same seed draws the same again. Raises ValueError for a uniform
    share below 0.3 and for a candidate that comes twice.
    """
    check_uniform(uniform)
    pool = sorted(candidates, key=lambda candidate: candidate.key)
    if len({candidate.key for candidate in pool}) < len(pool):
        raise ValueError("A candidate comes twice.")
    chance, drawn = lottery(seed), list[Draw]()
    while len(drawn) < count and (left := _left(pool, exposure, once_per_prompt)):
        drawn.append(_draw_one(left, exposure, frozenset(core), uniform, chance))
        exposure = exposure.after(drawn[-1].candidate)
    return drawn


def _left(pool: Iterable[Candidate], exposure: Exposure, once: bool) -> list[Candidate]:
    """What the person has not seen and may see."""
    return [
        candidate
        for candidate in pool
        if candidate.key not in exposure.keys
        and not (once and candidate.prompt in exposure.prompts)
        and (exposure.severe_left > 0 or not candidate.is_severe)
    ]


def _draw_one(
    left: Sequence[Candidate],
    exposure: Exposure,
    core: frozenset[Key],
    uniform: float,
    chance: random.Random,
) -> Draw:
    common = [candidate for candidate in left if candidate.key in core]
    pool = common or left
    if common:
        parts = [Part("core", 1, [1.0] * len(common))]
    else:
        weights = _weights(left, exposure.prompts)
        parts = [
            Part("uniform", uniform, [1.0] * len(left)),
            Part("priority", 1 - uniform, weights),
        ]
    lot = draw_lot(parts, chance)
    return Draw(pool[lot.index], _order(pool[lot.index], chance), lot.propensity, lot.kind)


def _weights(left: Sequence[Candidate], prompts: Collection[int]) -> list[float]:
    """Each candidate's weight; zero where its prompt was seen, while others have any."""
    weights = [candidate.weight for candidate in left]
    fresh = [
        0.0 if candidate.prompt in prompts else weight
        for candidate, weight in zip(left, weights, strict=True)
    ]
    return fresh if any(fresh) else weights


def _order(candidate: Candidate, chance: random.Random) -> tuple[int, ...]:
    """First the completion that came first least often, by lot among equals; the rest by lot."""
    firsts = candidate.times_first or (0,) * len(candidate.completions)
    times = dict(zip(candidate.completions, firsts, strict=True))
    order = chance.sample(candidate.key, len(candidate.key))
    first = min(order, key=times.__getitem__)
    return (first, *(one for one in order if one != first))


def _digest(stage: int, key: Key) -> str:
    words = f"{stage}:{'-'.join(map(str, key))}"
    return hashlib.sha256(words.encode()).hexdigest()
