"""What is decided about each measured preference, and which people or methods it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from policy.computing.decision_words import sentence_of, whole, worst
from policy.computing.preferences import Fits
from policy.drafting import COMMUNITIES, LEVEL, Basis, comparable_in, is_clear
from policy.inputs import WorkshopAnswers
from policy.methods.bradley_terry import Effect
from policy.methods.influence import (
    PULL_TIMES_THE_MEDIAN,
    Answered,
    BoundedFit,
    answered,
    bounded_effects,
    fewest_behind,
    fewest_coming,
    fewest_sold,
)
from policy.methods.sensitivity import (
    AGAINST,
    DECISIONS,
    FOR,
    UNCLEAR,
    WAYS,
    Costs,
    Counts,
    Way,
    decisions,
    fewest_given,
)

# Rows times features squared times fits: beyond it, whose leaving matters is not looked for.
LARGEST = 30_000_000
IN_FULL = "every answer counts in full, however many one person gave"
BOUNDED = f"nobody pulls more than {PULL_TIMES_THE_MEDIAN:.0f} times the median person"


@dataclass(frozen=True)
class Asked:
    """What one community's stored effect rests on: answers, and the place of the effect in them."""

    effect: Mapping[str, Any]
    told: Answered
    bounded: BoundedFit
    place: int

    @property
    def direction(self) -> int:
        """1 or -1 where a direction is clear, else 0."""
        if not is_clear(self.effect):
            return 0
        return 1 if self.effect["log_odds"] > 0 else -1

    @property
    def plain_direction(self) -> int:
        """The same were every answer counted in full."""
        plain = self.effect["plain"]
        if not plain:
            return self.direction
        return (1 if plain["log_odds"] > 0 else -1) if is_clear(plain) else 0

    @property
    def bounded_direction(self) -> int:
        """The same where nobody pulls too much, without allowing for several looks."""
        low, high = self.bounded.low[self.place], self.bounded.high[self.place]
        return int(low > 0) - int(high < 0)

    @cached_property
    def now(self) -> Effect:
        """The effect as it is fitted again when people leave, sell or come."""
        return self.told.effect(self.place)

    @property
    def is_small_enough(self) -> bool:
        """Whether fitting again and again takes seconds rather than minutes."""
        n, k = len(np.unique(self.told.rows)), self.told.design.shape[1]
        return n * k * k <= LARGEST

    def people(self, way: Way, stance: int) -> float:
        """How few people bring about a direction, or, where stance is 0, take the clear one."""
        towards = stance or -self.direction
        estimate, half = self.now.log_odds, (self.now.high - self.now.low) / 2
        if np.isnan(half):
            return np.inf

        def turned(told: Answered) -> bool:
            found = clear_direction(told.effect(self.place))
            return found == stance if stance else found != self.direction

        if way == "left_out":
            return np.inf if stance else fewest_behind(self.told, self.place, self.now, turned)
        missing = (half if stance else -half) - towards * estimate
        if way == "bought":
            return fewest_sold(self.told, self.place, towards, missing, turned)
        return fewest_coming(self.told, self.place, towards, missing, turned)


def clear_direction(effect: Effect) -> int:
    """1 or -1 where a direction is clear, allowing for how many features were looked at, else 0."""
    if not effect.q <= LEVEL:
        return 0
    return int(effect.low > 0) - int(effect.high < 0)


def preference_decisions(
    answers: WorkshopAnswers, fits: Fits, result: Mapping[str, Any], basis: Basis
) -> list[dict[str, Any]]:
    """One entry per feature and theme for which some community has a clear direction.

    result: its communities, preferences and identified. Communities that judged different pairs
    decide each for itself, and the others stay unclear: what one wants is no common ground.
    """
    if not fits.kept or basis.label_set != COMMUNITIES:
        return []
    asked = _asked(answers, fits, result)
    people = len(answers.participants)
    return [
        _entry(feature, theme, ours, one.only, list(basis.names), people)
        for one in comparable_in(result, basis)
        for (feature, theme), by_community in sorted(asked.items())
        for ours in [{slug: found for slug, found in by_community.items() if slug in one.names}]
        if any(found.direction for found in ours.values())
    ]


def _asked(
    answers: WorkshopAnswers, fits: Fits, result: Mapping[str, Any]
) -> dict[tuple[str, str], dict[str, Asked]]:
    """(feature, theme) → community → its effect."""
    found: dict[tuple[str, str], dict[str, Asked]] = {}
    for slug, theme in fits.themes:
        told = _told(answers, fits, slug, theme)
        bounded = bounded_effects(told)
        stored = result["preferences"]["communities"][slug]["themes"][theme]["effects"]
        for place, effect in enumerate(stored):
            key = (effect["feature"], theme)
            found.setdefault(key, {})[slug] = Asked(effect, told, bounded, place)
    return found


def _told(answers: WorkshopAnswers, fits: Fits, slug: str, theme: str) -> Answered:
    rows, compared = fits.answered[slug, theme], fits.compared
    assert compared is not None  # noqa: S101  there are fits
    # What is on the left is one effect more, as in the fit that was stored.
    design = np.column_stack([compared.design[:, fits.kept], np.ones(len(compared.design))])
    return answered(
        design,
        answers.judged.answers[rows],
        answers.judged.people[rows],
        compared.rows[rows],
        None if answers.without_raters else compared.pairs,
    )


def _entry(
    feature: str, theme: str, asked: Mapping[str, Asked], only: str, slugs: list[str], people: int
) -> dict[str, Any]:
    directions = [asked[slug].direction if slug in asked else 0 for slug in slugs]
    leading = next(one for one in directions if one)
    found = _stances(directions, leading)
    ways = {way: fewest_given(found, _costs(asked, slugs, found, leading, way)) for way in WAYS}
    left_out, becomes = (
        whole(float(ways["left_out"].people[0])),
        int(ways["left_out"].becomes[0]),
    )
    there = sum(one.told.n_people for one in asked.values())
    decision = DECISIONS[int(decisions(found)[0])]
    entry = {
        "item": {"kind": "preference", "feature": feature, "theme": theme, "community": only},
        "decision": decision,
        "stances": dict(zip(slugs, _words(found), strict=True)),
        "margin": min(_margin(one.effect) for one in asked.values() if one.direction),
        "fewest_people_that_change_it": left_out,
        "becomes": DECISIONS[becomes] if becomes >= 0 else None,
        "share": left_out / there if left_out and there else None,
        "holds_without_any_one": left_out is None or left_out > 1,
        "holds_without_worst_percent": left_out is None or left_out > worst(people),
        **{str(way): whole(float(one.people[0])) for way, one in ways.items()},
        "methods": list(_methods(asked, slugs, leading, decision)),
        "ks": [],
        "pending": {},
    }
    return entry | {"sentence": sentence_of(entry)}


def _stances(directions: list[int], leading: int) -> Counts:
    """(communities, 1) for, against or unclear, as seen from the direction that leads."""
    return np.array([[UNCLEAR if not d else FOR if d == leading else AGAINST] for d in directions])


def _words(found: Counts) -> Iterator[str]:
    return (("for", "against", "unclear")[int(row[0])] for row in found)


def _margin(effect: Mapping[str, Any]) -> float:
    """How far the interval of the probability of being chosen is from one half."""
    return float(max(effect["chosen_low"] - 0.5, 0.5 - effect["chosen_high"]))


def _methods(
    asked: Mapping[str, Asked], slugs: list[str], leading: int, decision: str
) -> Iterator[dict[str, Any]]:
    """What would be decided without the cap on one person's answers, and with one on pulls."""
    for name, direction in (
        (IN_FULL, lambda one: one.plain_direction),
        (BOUNDED, lambda one: one.bounded_direction),
    ):
        directions = [direction(asked[slug]) if slug in asked else 0 for slug in slugs]
        made = DECISIONS[int(decisions(_stances(directions, leading))[0])]
        yield {"name": name, "decision": made, "differs": made != decision}


def _costs(
    asked: Mapping[str, Asked], slugs: list[str], found: Counts, leading: int, way: Way
) -> Costs:
    """How few people bring each community to each stance; inf where none can.

    A clear direction is never turned round here: unclear comes first, and changes the decision.
    """
    spent = np.full((3, len(slugs), 1), np.inf)
    for row, slug in enumerate(slugs):
        now = int(found[row, 0])
        spent[now, row, 0] = 0
        if slug not in asked or not asked[slug].is_small_enough:
            continue
        if now != UNCLEAR:
            spent[UNCLEAR, row, 0] = asked[slug].people(way, 0)
            continue
        for stance, direction in ((FOR, leading), (AGAINST, -leading)):
            spent[stance, row, 0] = asked[slug].people(way, direction)
    return spent
