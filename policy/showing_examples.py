"""Pairs of answers that show what a community prefers, and pairs that speak against it.

An analysis keeps quotes of completions as they were screened when it was made. Whether they may
still be shown, and behind which warning, is asked each time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from elicitation.models import Completion
from elicitation.templatetags.look import is_too_few
from policy.reading import count

TITLES = {"for": "Goes with it", "against": "Speaks against it"}
OPT_IN = "One of its answers is only for people who chose to see such things."


@dataclass(frozen=True)
class Seen:
    """What may be shown of a completion today. warning: of its prompt, or ""."""

    warning: str
    severe: bool


@dataclass(frozen=True)
class Example:
    """One pair of answers. more, less: quotes of the side with more of a feature, and the other.

    feature: what the side with more of it does, as in "An answer that hedges".
    held_back: why there are no quotes, or "". chosen: how often each was chosen, or "".
    """

    title: str
    feature: str
    prompt: int
    warning: str
    held_back: str
    more: str
    less: str
    chosen: str


def seen_now(communities: Iterable[Mapping[str, Any]]) -> dict[int, Seen]:
    """What may be shown today of the completions in these communities' examples, by their id."""
    pairs = [pair for one in communities for pair in _pairs(one)]
    wanted = {pair[side]["completion"] for pair in pairs for side in ("more", "less")}
    if not wanted:
        return {}
    rows = Completion.objects.filter(pk__in=wanted).exclude(screening=Completion.Screening.WITHHELD)
    return {
        one.pk: Seen(
            one.prompt.content_warning,
            one.prompt.is_severe or one.screening == Completion.Screening.SEVERE,
        )
        for one in rows.select_related("prompt")
    }


def _pairs(community: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    fit = community["themes"].get("")
    for effect in fit["effects"] if fit else ():
        yield from (pair for pair in (effect.get("examples") or {}).values() if pair)


def examples_shown(
    effect: Mapping[str, Any], seen: Mapping[int, Seen], fewest: int
) -> list[Example]:
    """Up to two pairs of answers: one chosen as the effect says, one the other way.

    A pair that fewer than `fewest` people judged is not shown: that it is an example already says
    how they chose.
    """
    stored = effect.get("examples") or {}
    found = [(title, stored.get(key)) for key, title in TITLES.items()]
    return [
        _example((title, effect["name"]), pair, seen, fewest)
        for title, pair in found
        if pair and _judged(pair) >= fewest and _both(pair, seen)
    ]


def _judged(pair: Mapping[str, Any]) -> int:
    return int(pair["chose_more"] + pair["equal"] + pair["chose_less"])


def _both(pair: Mapping[str, Any], seen: Mapping[int, Seen]) -> bool:
    return all(pair[side]["completion"] in seen for side in ("more", "less"))


def _example(
    titled: tuple[str, str], pair: Mapping[str, Any], seen: Mapping[int, Seen], fewest: int
) -> Example:
    sides = [seen[pair[side]["completion"]] for side in ("more", "less")]
    severe = pair["severe"] or any(side.severe for side in sides)
    return Example(
        *titled,
        pair["prompt"],
        sides[0].warning or pair["warning"],
        OPT_IN if severe else "",
        "" if severe else pair["more"]["quote"],
        "" if severe else pair["less"]["quote"],
        _chosen(pair, fewest),
    )


def _chosen(pair: Mapping[str, Any], fewest: int) -> str:
    """How often each was chosen, unless that tells of a single person."""
    more, less, equal = (int(pair[name]) for name in ("chose_more", "chose_less", "equal"))
    if fewest and is_too_few(more, less, equal, fewest):
        return ""
    return f"chosen {count(more, 'time')}, the other {count(less, 'time')}"
