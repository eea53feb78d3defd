"""What is decided about each measured preference, and which people or methods it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from policy.computing.decision_words import sentence_of, whole, worst
from policy.computing.preferences import Fits
from policy.drafting import COMMUNITIES, Basis, comparable_in, is_clear
from policy.inputs import WorkshopAnswers
from policy.methods.bradley_terry import fit_preferences
from policy.methods.influence import Answered, BoundedFit, answered, bounded_effects, fewest_behind
from policy.methods.sensitivity import (
    AGAINST,
    DECISIONS,
    FOR,
    UNCLEAR,
    decisions,
    fewest_given,
)

# Nobody's answers weigh more than twice an equal share of their community's.
SHARES_OF_ONE = 2
# Rows times features squared times fits: beyond it, whose leaving matters is not looked for.
LARGEST = 30_000_000
BOUNDED = f"nobody's answers weigh more than {SHARES_OF_ONE} people's, and pulls are bounded"


@dataclass(frozen=True)
class Asked:
    """What one community's stored effect rests on: a fit, and the place of the effect in it."""

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
    def bounded_direction(self) -> int:
        """The same where nobody weighs or pulls too much, without allowing for several looks."""
        low, high = self.bounded.low[self.place], self.bounded.high[self.place]
        return int(low > 0) - int(high < 0)


def preference_decisions(
    answers: WorkshopAnswers, fits: Fits, result: Mapping[str, Any], basis: Basis
) -> list[dict[str, Any]]:
    """One entry per feature and theme for which some community has a clear direction.

    result: its communities, preferences and identified. Communities that judged different pairs
    decide each for itself.
    """
    if not fits.kept or basis.label_set != COMMUNITIES:
        return []
    asked = _asked(answers, fits, result)
    people = len(answers.participants)
    return [
        _entry(feature, theme, ours, one, people)
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
        bounded = bounded_effects(told, share=min(1.0, SHARES_OF_ONE / max(1, told.n_people)))
        stored = result["preferences"]["communities"][slug]["themes"][theme]["effects"]
        for place, effect in enumerate(stored):
            key = (effect["feature"], theme)
            found.setdefault(key, {})[slug] = Asked(effect, told, bounded, place)
    return found


def _told(answers: WorkshopAnswers, fits: Fits, slug: str, theme: str) -> Answered:
    rows, compared = fits.answered[slug, theme], fits.compared
    assert compared is not None  # noqa: S101  there are fits
    design = compared.design[:, fits.kept][compared.rows[rows]]
    return answered(design, answers.judged.answers[rows], answers.judged.people[rows])


def _entry(
    feature: str, theme: str, asked: Mapping[str, Asked], basis: Basis, people: int
) -> dict[str, Any]:
    slugs = list(basis.names)
    directions = [asked[slug].direction if slug in asked else 0 for slug in slugs]
    leading = next(one for one in directions if one)
    found = _stances(directions, leading)
    fewest = fewest_given(found, _costs(asked, slugs, found))
    left_out, becomes = whole(float(fewest.people[0])), int(fewest.becomes[0])
    there = sum(one.told.n_people for one in asked.values())
    bounded = [asked[slug].bounded_direction if slug in asked else 0 for slug in slugs]
    otherwise = DECISIONS[int(decisions(_stances(bounded, leading))[0])]
    decision = DECISIONS[int(decisions(found)[0])]
    entry = {
        "item": {"kind": "preference", "feature": feature, "theme": theme, "community": basis.only},
        "decision": decision,
        "stances": dict(zip(slugs, _words(found), strict=True)),
        "margin": min(_margin(one.effect) for one in asked.values() if one.direction),
        "fewest_people_that_change_it": left_out,
        "becomes": DECISIONS[becomes] if becomes >= 0 else None,
        "share": left_out / there if left_out and there else None,
        "holds_without_any_one": left_out is None or left_out > 1,
        "holds_without_worst_percent": left_out is None or left_out > worst(people),
        "left_out": left_out,
        "bought": None,
        "added": None,
        "methods": [{"name": BOUNDED, "decision": otherwise, "differs": otherwise != decision}],
        "ks": [],
        "pending": {},
    }
    return entry | {"sentence": sentence_of(entry)}


def _stances(directions: list[int], leading: int) -> Any:
    """(communities, 1) for, against or unclear, as seen from the direction that leads."""
    return np.array([[UNCLEAR if not d else FOR if d == leading else AGAINST] for d in directions])


def _words(found: Any) -> Iterator[str]:
    return (("for", "against", "unclear")[int(row[0])] for row in found)


def _margin(effect: Mapping[str, Any]) -> float:
    """How far the interval of the probability of being chosen is from one half."""
    return float(max(effect["chosen_low"] - 0.5, 0.5 - effect["chosen_high"]))


def _costs(asked: Mapping[str, Asked], slugs: list[str], found: Any) -> Any:
    """What it takes to make each clear direction unclear; other changes are not looked for."""
    spent = np.full((3, len(slugs), 1), np.inf)
    for row, slug in enumerate(slugs):
        spent[int(found[row, 0]), row, 0] = 0
        if slug in asked and asked[slug].direction:
            spent[UNCLEAR, row, 0] = _fewest(asked[slug])
    return spent


def _fewest(one: Asked) -> float:
    n, k = one.told.design.shape
    if n * k * k > LARGEST:
        return float("inf")

    def still_clear(told: Answered) -> bool:
        effects = fit_preferences(told.design, told.answers, told.people, left_side=True).effects
        effect = effects[one.place]
        return bool(effect.low > 0 if one.direction > 0 else effect.high < 0)

    estimate, half = one.effect["log_odds"], one.effect["high"] - one.effect["log_odds"]
    return fewest_behind(one.told, one.place, estimate, half, still_clear)
