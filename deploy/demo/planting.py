"""The simulated people of the sample workshop, and the norms that were planted in them.

Two communities of unequal size judge real prompts and completions, and vote on real claims. What
they want is written here, so that an analysis and a report can be held against it.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

LARGE, SMALL = "River Valley", "Harbour District"
PEOPLE: Mapping[str, int] = {LARGE: 60, SMALL: 24}
EVERYDAY, RISKY = "Everyday help", "Risky requests"


@dataclass(frozen=True)
class Norm:
    """What one community wants: log-odds of choosing the completion with one unit more of it.

    A unit is one for "yes or no" features and LENGTH_UNIT for length. theme "" is every theme.
    """

    community: str
    feature: str
    weight: float
    theme: str = ""


# Length is measured in log words: twice as long is .69 more.
LENGTH_UNIT = 0.5
NORMS: tuple[Norm, ...] = (
    Norm(LARGE, "length", 0.9),
    Norm(SMALL, "length", 0.9),
    Norm(LARGE, "asking_back", -1.6),
    Norm(SMALL, "asking_back", 1.6),
    Norm(LARGE, "hedging", -2.5),
    Norm(LARGE, "apologising", 1.4, RISKY),
    Norm(SMALL, "apologising", 1.4, RISKY),
)
# How much people of one community differ from one another, and how often two answers seem equal.
PERSONAL_SPREAD = 0.3
TIE = 0.25

# How likely a member agrees with claims on a topic; claims of other topics are not voted on.
AGREEMENT: Mapping[str, Mapping[str, float]] = {
    "Medical AI": {LARGE: 0.85, SMALL: 0.2},
    "AI Impact and Applications": {LARGE: 0.25, SMALL: 0.8},
    "AI and Education": {LARGE: 0.85, SMALL: 0.8},
    "Regulations and Policies": {LARGE: 0.8, SMALL: 0.85},
}
# A third of each community thinks alike across communities: against these, whoever they are.
CAUTIOUS_TOPIC = "Privacy and Security"
CAUTIOUS_SHARE, CAUTIOUS_AGREES, OTHERS_AGREE = 0.35, 0.1, 0.85
CLAIMS_PER_TOPIC = 12
SEEN, PASSES = 0.75, 0.08
COMPARISONS_PER_PERSON = 40
CORE = 10


@dataclass(frozen=True)
class Person:
    """One simulated person. tastes: (feature, theme) → log-odds per unit; spread included."""

    pseudonym: str
    community: str
    cautious: bool
    tastes: Mapping[tuple[str, str], float]


def people(seed: int) -> list[Person]:
    """Everyone who takes part, the same for the same seed."""
    chance = random.Random(f"people {seed}")  # noqa: S311  simulated people are no secret
    made = []
    for community, size in PEOPLE.items():
        for number in range(1, size + 1):
            tastes = {
                (norm.feature, norm.theme): norm.weight + chance.gauss(0, PERSONAL_SPREAD)
                for norm in NORMS
                if norm.community == community
            }
            cautious = number <= round(CAUTIOUS_SHARE * size)
            name = f"{community.split()[0].lower()}-{number:02d}"
            made.append(Person(name, community, cautious, tastes))
    return made


def choose(
    person: Person,
    theme: str,
    left: Mapping[str, float],
    right: Mapping[str, float],
    chance: random.Random,
) -> str:
    """left, right or equal, drawn by Davidson's model from the person's tastes.

    left, right: features of the two completions (policy.methods.features).
    """
    gain = 0.0
    for (feature, only), weight in person.tastes.items():
        if only in ("", theme):
            unit = LENGTH_UNIT if feature == "length" else 1.0
            gain += weight * (left[feature] - right[feature]) / unit
    gain = max(-30.0, min(30.0, gain))
    for_left, for_right = math.exp(gain / 2), math.exp(-gain / 2)
    draw = chance.random() * (for_left + for_right + TIE)
    return "left" if draw < for_left else "right" if draw < for_left + for_right else "equal"


def vote(person: Person, topic: str, chance: random.Random) -> int | None:
    """1 agree, -1 disagree, 0 pass, None not seen."""
    if chance.random() > SEEN:
        return None
    if chance.random() < PASSES:
        return 0
    if topic == CAUTIOUS_TOPIC:
        agrees = CAUTIOUS_AGREES if person.cautious else OTHERS_AGREE
    else:
        agrees = AGREEMENT[topic][person.community]
    return 1 if chance.random() < agrees else -1


def pick_claims(topics: Sequence[str], texts: Sequence[str]) -> list[int]:
    """Which claims are voted on: the first distinct ones of each topic that are short and whole."""
    wanted = [*AGREEMENT, CAUTIOUS_TOPIC]
    picked: list[int] = []
    for topic in wanted:
        seen: set[str] = set()
        for place, (name, text) in enumerate(zip(topics, texts, strict=True)):
            if name == topic and 30 <= len(text) <= 140 and text.lower() not in seen:
                seen.add(text.lower())
                picked.append(place)
            if len(seen) == CLAIMS_PER_TOPIC:
                break
    return picked
