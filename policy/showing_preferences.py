"""What each community prefers, as an analysis's page shows it: words, examples, then every number.

Nothing is said of fewer people than the workshop reports on; where a community is too small, what
others lean on it for is withheld with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.text import capfirst

from policy.reading import (
    Result,
    around,
    clear_effects,
    in_words,
    is_clear,
    measured,
    percent,
)
from policy.showing_examples import Seen, examples_shown, seen_now
from policy.showing_parts import Drawings

# Where less than this of an estimate is a community's own, the page shows both.
LEANS_BELOW = 0.8
ALONE = "By itself"
PREFERENCES_SAY = (
    "To the right of one half, an answer with more of it is chosen more often. A line that crosses "
    "one half leaves it open."
)
CERTAINTY = (
    (0.001, "very unlikely to be chance"),
    (0.01, "unlikely to be chance"),
    (0.05, "probably not chance"),
)


def preferences_shown(result: Result, drawn: Drawings, fewest: int) -> dict[str, Any]:
    """What each community prefers: in words first, then every number."""
    section = result["preferences"]
    names = {one["slug"]: (one["name"], place) for place, one in enumerate(result["communities"])}
    stored = {slug: one for slug, one in section["communities"].items() if slug in names}
    small = {slug for slug, one in stored.items() if one["people"] < fewest}
    seen = seen_now(one for slug, one in stored.items() if slug not in small)
    communities = [
        {
            "slug": slug,
            "name": names[slug][0],
            "place": names[slug][1],
            "answers": one["answers"],
            # How often a few people found neither acceptable is theirs to tell.
            "neither": one["neither"] if one["neither"] >= fewest else None,
            "people": one["people"],
            "too_few": slug in small,
            "themes": []
            if slug in small
            else _themes(result, slug, one, seen, 0 if small else LEANS_BELOW, fewest),
        }
        for slug, one in stored.items()
    ]
    return {
        "communities": communities,
        "notes": section["notes"],
        "chart": None if small else drawn.get("preferences", says=preferences_say(result)),
        "effects": [] if small else list(effect_rows(communities, section, fewest)),
        **sources_shown(result, drawn, bool(small), fewest),
    }


def preferences_say(result: Result) -> str:
    """How to read the drawing, and between whom it must not be read."""
    unlike = [one["sentence"] for one in result["identified"] if not one["identified"]]
    return " ".join([PREFERENCES_SAY, *unlike])


def _themes(
    result: Result,
    slug: str,
    one: Mapping[str, Any],
    seen: Mapping[int, Seen],
    leans_below: float,
    fewest: int,
) -> list[dict[str, Any]]:
    return [
        theme_shown(result, slug, theme, fit, seen, leans_below, fewest)
        for theme, fit in one["themes"].items()
        if fit["people"] >= fewest
    ]


def theme_shown(
    result: Result,
    slug: str,
    theme: str,
    fitted: Mapping[str, Any],
    seen: Mapping[int, Seen],
    leans_below: float,
    fewest: int,
) -> dict[str, Any]:
    """What is preferred in one theme, in words, and what the answers leave open.

    leans_below: show what leaning on others gives where less of it than this is the community's
    own; 0 shows it nowhere.
    """
    clear = clear_effects(result, slug, theme)
    leaning = [one for one in fitted["effects"] if not is_clear(one) and _clear_when_leaning(one)]
    if not leans_below:
        leaning = []
    said = [*clear, *leaning]
    left_open = [one["name"] for one in fitted["effects"] if one not in said]
    return {
        "theme": theme,
        "clear": [
            {
                "words": capfirst(in_words(effect)),
                "people": rests_on(effect, fitted["people"]),
                "certainty": certainty(effect.get("q")),
                "leaning": leaning_sentence(effect, leans_below),
                "examples": examples_shown(effect, seen, fewest) if not theme else [],
            }
            for effect in said
        ],
        "left_open": left_open if not theme else [],
        "n": fitted["n"],
        "people": fitted["people"],
        "notes": fitted["notes"],
    }


def rests_on(effect: Mapping[str, Any], people: int) -> int | None:
    """How many people an effect rests on: as many equal ones, never more than there are."""
    return min(round(effect["rests_on"]), people) if measured(effect["rests_on"]) else None


def certainty(q: Any) -> str:
    """An adjusted p in words: how easily chance gives this, among all effects looked at."""
    if not measured(q):
        return ""
    return next((words for limit, words in CERTAINTY if q <= limit), "may be chance")


def _clear_when_leaning(effect: Mapping[str, Any]) -> bool:
    leaning = effect.get("shrunken") or {"chosen_low": None, "chosen_high": None}
    return measured(effect["chosen"]) and is_clear(leaning)


def leaning_sentence(effect: Mapping[str, Any], leans_below: float) -> str:
    """The community's own estimate beside what leaning on the other communities gives."""
    leaning = effect.get("shrunken")
    if not leaning or not measured(leaning["own"]) or leaning["own"] >= leans_below:
        return ""
    alone = f"{percent(effect['chosen'])}{around(effect['chosen_low'], effect['chosen_high'])}"
    more = f"{percent(leaning['chosen'])}{around(leaning['chosen_low'], leaning['chosen_high'])}"
    return (
        f"{ALONE}, an answer that {effect['name']} is chosen {alone} of the time. Leaning on the "
        f"other communities, as far as they are alike: {more}; {percent(leaning['own'])} of that "
        "is its own."
    )


def effect_rows(
    communities: Iterable[Mapping[str, Any]], section: Mapping[str, Any], fewest: int
) -> Iterable[dict[str, Any]]:
    """Every effect of every community and theme, for the table."""
    for one in communities:
        for theme, fitted in section["communities"][one["slug"]]["themes"].items():
            if fitted["people"] < fewest:
                continue
            for effect in fitted["effects"]:
                shown = {"name": one["name"], "name_of_feature": effect["name"]}
                leaning = effect.get("shrunken") or {}
                yield {
                    **effect,
                    **shown,
                    "place": one["place"],
                    "theme": theme,
                    "leaning": leaning,
                }


def sources_shown(result: Result, drawn: Drawings, small: bool, fewest: int) -> dict[str, Any]:
    """Whose answers are preferred: overall, with answers alike, and community by community."""
    section = result["preferences"]["sources"] or {}
    if section and section["people"] < fewest:
        section = {}
    alike = _by_source(section.get("beside_features"))
    apart = {} if small else section.get("communities") or {}
    places = [
        (one["name"], place, _by_source(apart[one["slug"]]))
        for place, one in enumerate(result["communities"])
        if one["slug"] in apart
    ]
    rows = [
        {
            **one,
            "alike": alike.get(one["source"]),
            "apart": [f.get(one["source"]) for *_, f in places],
        }
        for one in section.get("strengths", [])
    ]
    return {
        "sources": rows,
        "sources_alike": bool(alike),
        "sources_of": [(name, place) for name, place, _ in places],
        "source_notes": section.get("notes", []),
        "sources_chart": drawn.get("sources") if rows else None,
    }


def _by_source(section: Mapping[str, Any] | None) -> dict[str, Mapping[str, Any]]:
    return {one["source"]: one for one in section["strengths"]} if section else {}
