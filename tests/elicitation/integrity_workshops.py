"""Simulated workshops with honest people of many habits, and planted seats of known strategies.

Times are seconds since the doors opened. Votes: three communities, two shared axes of opinion.
Answer times: van der Linden's lognormal model (2006): item, person and residual.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from elicitation.methods.integrity import Answer, Person, Side

Floats = NDArray[np.float64]
COMMUNITIES = ("Harbour", "Hill", "River")
SIZES = (0.18, 0.32, 0.5)
PAIRS = 24  # the first items are comparisons, the rest statements
AGENTS = 12
LEFT: Side = "left"
RIGHT: Side = "right"
NEITHER: Side = ""


@dataclass
class Hall:
    """The workshop's truth, and the seats taken so far."""

    rng: np.random.Generator
    items: int
    lean: Floats
    axes: Floats
    item_ms: Floats
    waves: Floats
    outage: tuple[float, float] | None
    seats: list[Person] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)

    def take(self, kind: str, person: Person) -> Person:
        named = replace(person, pseudonym=f"{kind}-{len(self.seats)}")
        self.seats.append(named)
        self.kinds.append(kind)
        return named


Strategy = Callable[[Hall, int], None]


def hall(seed: int, *, items: int = 40, item_spread: float = 0.45) -> Hall:
    """An empty hall. item_spread: sd of the items' log times; 0 where all take equally long."""
    rng = np.random.default_rng(seed)
    lean = rng.normal(0, 0.7, items) + rng.normal(0, 0.6, (3, items))
    outage = (700.0, 1000.0) if seed % 4 == 0 else None
    axes, long = rng.normal(0, 1.0, (2, items)), 8.6 + item_spread * rng.normal(size=items)
    return Hall(rng, items, lean, axes, long, np.sort(rng.uniform(0, 900, 3)), outage)


def opinions(h: Hall, community: int, axes: Floats | None = None) -> Floats:
    """(items,) of 1 (agrees; the first completion), 0, and 2 for pass or about equal."""
    where = h.rng.normal(0, 0.8, 2) if axes is None else axes
    chance = 1 / (1 + np.exp(-(h.lean[community] + where @ h.axes)))
    said = (h.rng.random(h.items) < chance).astype(float)
    return np.where(h.rng.random(h.items) < 0.08, 2.0, said)


def reading(h: Hall, *, speed: float = 0.0, follows: float = 1.0, noise: float = 0.5) -> Floats:
    """(items,) milliseconds; follows: how far the items' own length is felt."""
    felt = h.item_ms.mean() + follows * (h.item_ms - h.item_ms.mean())
    log_ms = felt + speed + h.rng.normal(0, noise, h.items)
    return np.maximum(np.exp(log_ms), 350.0).round()


def seat(
    h: Hall, community: int, said: Floats, looked: Floats, joined: float, *,
    install: str = "", agent: str = "", wait: float | None = None, skip: float = 0.1,
    left: float = 0.0,
) -> Person:  # fmt: skip
    """A person who answers in an order of their own. left: chance of choosing by side instead."""
    order = h.rng.permutation(h.items)
    order = order[h.rng.random(h.items) >= skip]
    start = joined + (h.rng.uniform(25, 90) if wait is None else wait)
    times = start + np.cumsum(looked[order] / 1000 + h.rng.uniform(0.05, 0.4, len(order)))
    answers = []
    for item, when in zip(order, times, strict=True):
        choice, side = said[item], NEITHER
        if item < PAIRS and choice != 2:
            first_left = h.rng.random() < 0.5
            choice = float(first_left) if h.rng.random() < left else choice
            side = LEFT if (choice == 1) == first_left else RIGHT
        if h.outage and h.outage[0] < when < h.outage[1]:
            when = h.outage[1] + (when - h.outage[0]) / 1000
        answers.append(Answer(str(item), str(int(choice)), float(when), float(looked[item]), side))
    number = len(h.seats)
    agents = (agent or f"agent-{min(h.rng.zipf(1.6), AGENTS)}",)
    installs = (install or f"install-{number}",)
    return Person("", COMMUNITIES[community], joined, tuple(answers), installs, agents)


def arrival(h: Hall) -> float:
    """Somewhen after one of three waves."""
    return float(h.rng.choice(h.waves) + h.rng.exponential(120))


def add_honest(h: Hall, people: int) -> None:
    """Of a hundred, ten lean to the left side and three hardly look: these agree with most
    statements, and choose a side for every second comparison."""
    for community in h.rng.choice(3, size=people, p=SIZES):
        lazy, lopsided = h.rng.random() < 0.03, h.rng.random() < 0.1
        said = opinions(h, community)
        if lazy:
            agrees = (h.rng.random(h.items) < 0.8) & (np.arange(h.items) >= PAIRS)
            said = np.where(agrees, 1.0, said)
        speed = h.rng.normal(-0.7 if lazy else 0, 0.35)
        looked = reading(h, speed=speed, follows=0.2 if lazy else h.rng.uniform(0.6, 1.3))
        left = 0.5 if lazy else 0.2 if lopsided else 0.0
        kind = "inattentive" if lazy else "honest"
        h.take(kind, seat(h, community, said, looked, arrival(h), left=left))


def add_families(h: Hall, number: int = 6) -> None:
    """Two people, one phone, one after the other; four answers in five alike."""
    for place in range(number):
        community, joined, install = int(h.rng.choice(3, p=SIZES)), arrival(h), f"family-{place}"
        views = opinions(h, community)
        for _ in range(2):
            own = np.where(h.rng.random(h.items) < 0.6, views, opinions(h, community))
            looked = reading(h, speed=h.rng.normal(0, 0.35))
            one = seat(h, community, own, looked, joined, install=install, agent="agent-1")
            joined = one.answers[-1].arrived + h.rng.uniform(20, 120)
            h.take("family", one)


def add_minority(h: Hall, *, people: int = 15, bus: bool = False, community: int = 0) -> None:
    """People who vote nearly alike, hesitate at the same items, and may come by one bus."""
    platform = np.where(h.rng.random(h.items) < 0.5, 1.0, 0.0)
    feeling, came = h.rng.normal(0, 0.3, h.items), arrival(h)
    for _ in range(people):
        said = np.where(h.rng.random(h.items) < 0.05, opinions(h, community), platform)
        looked = reading(h, speed=h.rng.normal(0, 0.35), follows=h.rng.uniform(0.6, 1.3))
        joined = came + h.rng.uniform(0, 60) if bus else arrival(h)
        agent = "bus-phone" if bus else ""
        one = seat(h, community, said, (looked * np.exp(feeling)).round(), joined, agent=agent)
        h.take("minority", one)


def orders(h: Hall) -> Floats:
    """What coordinated seats are told to answer: their own side on half, the crowd's on half."""
    crowd = (h.lean.mean(axis=0) > 0).astype(float)
    return np.where(h.rng.random(h.items) < 0.5, crowd, h.rng.integers(0, 2, h.items).astype(float))


def obeyed(h: Hall, told: Floats) -> Floats:
    return np.where(h.rng.random(h.items) < 0.04, h.rng.integers(0, 2, h.items), told).astype(float)


def _targets(h: Hall, people: int) -> Iterator[int]:
    """All in one community, in the smallest as often as in another."""
    yield from [int(h.rng.integers(3))] * people


def naive_script(h: Hall, people: int) -> None:
    """One machine: a few hundred milliseconds an answer."""
    told, came = orders(h), arrival(h)
    for number, community in enumerate(_targets(h, people)):
        looked = h.rng.uniform(200, 600, h.items).round()
        h.take("sybil", seat(h, community, obeyed(h, told), looked, came + 2 * number,
                             install="script", agent="script", wait=1, skip=0))  # fmt: skip


def lying_script(h: Hall, people: int) -> None:
    """As naive, from a new install each, claiming six seconds an answer."""
    told, came = orders(h), arrival(h)
    for number, community in enumerate(_targets(h, people)):
        quick = h.rng.uniform(200, 600, h.items)
        one = seat(h, community, obeyed(h, told), quick, came + 40 * number, wait=1, skip=0)
        said = tuple(replace(a, looked_ms=float(h.rng.lognormal(8.6, 0.5))) for a in one.answers)
        h.take("sybil", replace(one, answers=said))


def careful_script(h: Hall, people: int, *, burst: float = 30, agent: str = "script") -> None:
    """New install each, lognormal times, coordinated votes, joined in a burst, one agent."""
    told, came = orders(h), arrival(h)
    for community in _targets(h, people):
        looked = reading(h, speed=h.rng.normal(0, 0.2), follows=0.0)
        h.take("sybil", seat(h, community, obeyed(h, told), looked,
                             came + h.rng.uniform(0, burst), agent=agent))  # fmt: skip


def many_agents(h: Hall, people: int) -> None:
    """As careful, with a common phone's name each."""
    careful_script(h, people, agent="")


def replay_script(h: Hall, people: int) -> None:
    """One recorded person's times, jittered, on other phones at other times."""
    told, looked = orders(h), reading(h)
    for community in _targets(h, people):
        jittered = (looked * np.exp(h.rng.normal(0, 0.15, h.items))).round()
        h.take("sybil", seat(h, community, obeyed(h, told), jittered, arrival(h)))


def random_bots(h: Hall, people: int) -> None:
    """Answers by lot, times like a person's, from one install."""
    for community in _targets(h, people):
        h.take("sybil", seat(h, community, h.rng.integers(0, 2, h.items).astype(float), reading(h),
                             arrival(h), install="bots"))  # fmt: skip


def five_tabs(h: Hall, people: int) -> None:
    """A person with five tabs, and another, until there are as many seats as asked."""
    for tab, community in enumerate(_targets(h, 5 * max(1, people // 5))):
        if tab % 5 == 0:
            views, joined, speed = opinions(h, community), arrival(h), h.rng.normal(-0.3, 0.3)
        again = np.where(h.rng.random(h.items) < 0.08, opinions(h, community), views)
        h.take("sybil", seat(h, community, again, reading(h, speed=speed), joined + 15 * (tab % 5),
                             install=f"tabs-{tab // 5}", agent="agent-2"))  # fmt: skip


def always_left(h: Hall, people: int) -> None:
    """One hand on the left button; honest phones and times."""
    for community in _targets(h, people):
        h.take(
            "sybil", seat(h, community, opinions(h, community), reading(h), arrival(h), left=1.0)
        )


def shares_nothing(h: Hall, people: int) -> None:
    """Coordinated votes and not one thing besides: other phones, other times, a reader's pace."""
    told = orders(h)
    for community in _targets(h, people):
        looked = reading(h, speed=h.rng.normal(0, 0.35))
        h.take("sybil", seat(h, community, obeyed(h, told), looked, arrival(h)))


def ten_items_only(h: Hall, people: int) -> None:
    """A careful script that obeys on ten items and answers the rest as somebody of the crowd."""
    told, came = orders(h), arrival(h)
    chosen = np.arange(h.items) % 4 == 0
    for community in _targets(h, people):
        said = np.where(chosen, told, opinions(h, community))
        looked = reading(h, speed=h.rng.normal(0, 0.2), follows=0.0)
        h.take(
            "sybil", seat(h, community, said, looked, came + h.rng.uniform(0, 30), agent="script")
        )


def voting_guide(h: Hall, people: int) -> None:
    """Honest people by one bus who follow a list that they brought, and read nothing."""
    told, came = orders(h), arrival(h)
    for community in _targets(h, people):
        looked = reading(h, speed=h.rng.normal(-0.4, 0.35), follows=0.0)
        h.take("sybil", seat(h, community, obeyed(h, told), looked, came + h.rng.uniform(0, 60),
                             agent="bus-phone"))  # fmt: skip


STRATEGIES: dict[str, Strategy] = {
    "naive script": naive_script,
    "script that claims long looks": lying_script,
    "careful script": careful_script,
    "careful script, many agents": many_agents,
    "replayed times": replay_script,
    "random votes, one install": random_bots,
    "one person, five tabs": five_tabs,
    "always the left side": always_left,
}
LIMITS: dict[str, Strategy] = {
    "shares nothing": shares_nothing,
    "agrees on ten items only": ten_items_only,
    "honest: follows a list unread": voting_guide,
}


def workshop(
    seed: int, strategy: Strategy | None = None, *, people: int | None = None,
    item_spread: float = 0.45,
) -> Hall:  # fmt: skip
    """300 to 500 people, a cohesive minority (by bus in every second workshop), families, and 5 %
    of seats planted by the strategy."""
    h = hall(seed, item_spread=item_spread)
    number = int(h.rng.integers(300, 501)) if people is None else people
    planted = round(0.05 * number)
    add_minority(h, bus=seed % 2 == 0, community=int(h.rng.integers(3)))
    add_families(h)
    add_honest(h, number - planted - len(h.seats))
    if strategy:
        strategy(h, planted)
    return h
