"""The measured parts of an analysis's page: groups, preferences, agreement and label sets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from policy.reading import (
    COMMUNITIES,
    OPINION_GROUPS,
    Result,
    agreement_sentences,
    clear_effects,
    count,
    in_words,
    is_clear,
    label_name,
    measured,
    percent,
)
from policy.showing_parts import Drawings, place_of


def groups_shown(result: Result, drawn: Drawings) -> dict[str, Any]:
    """Opinion groups with their stability, and the map of people."""
    groups = result["label_sets"].get(OPINION_GROUPS, {})
    stability = groups.get("stability", {}).get(str(groups.get("k")), {})
    explained = [share for share in result["opinion_space"]["explained"] if measured(share)]
    placed = count(len(result["opinion_space"]["points"]), "person", "people")
    says = f"{placed} with enough votes to be placed, on the two axes that tell them apart best."
    if explained:
        says += f" These show {percent(sum(explained[:2]))} of how votes differ."
    maps = [drawn.get("opinion_space", says=says), drawn.get("opinion_space_communities")]
    return {
        "sentence": groups.get("sentence", ""),
        "supported": groups.get("supported", False),
        "sizes": [
            (label_name(result, OPINION_GROUPS, name), size)
            for name, size in groups.get("labels", {}).items()
        ],
        "stability": stability,
        "explains": groups.get("explains_votes_sentence", ""),
        "space_sentence": result["opinion_space"]["sentence"],
        "charts": [chart for chart in maps if chart],
    }


def preferences_shown(result: Result, drawn: Drawings, fewest: int) -> dict[str, Any]:
    """What each community prefers: in words first, then every number."""
    section = result["preferences"]
    names = {one["slug"]: (one["name"], place) for place, one in enumerate(result["communities"])}
    communities = [
        {
            "name": names[slug][0],
            "place": names[slug][1],
            "answers": one["answers"],
            "neither": one["neither"],
            "people": one["people"],
            "too_few": one["people"] < fewest,
            "themes": [
                theme_shown(result, slug, theme, fit) for theme, fit in one["themes"].items()
            ],
        }
        for slug, one in section["communities"].items()
        if slug in names
    ]
    hidden = any(one["too_few"] for one in communities)
    sources = section["sources"] or {}
    return {
        "communities": communities,
        "notes": section["notes"],
        "chart": None if hidden else drawn.get("preferences", says=preferences_say(result)),
        "effects": [] if hidden else list(effect_rows(communities, section)),
        "sources": sources.get("strengths", []),
        "source_notes": sources.get("notes", []),
        "sources_chart": drawn.get("sources"),
    }


PREFERENCES_SAY = (
    "To the right of one half, an answer with more of it is chosen more often. A line that crosses "
    "one half leaves it open."
)


def preferences_say(result: Result) -> str:
    """How to read the drawing, and between whom it must not be read."""
    unlike = [one["sentence"] for one in result["identified"] if not one["identified"]]
    return " ".join([PREFERENCES_SAY, *unlike])


def theme_shown(result: Result, slug: str, theme: str, fitted: Mapping[str, Any]) -> dict[str, Any]:
    """What is preferred in one theme, in words, and what the answers leave open."""
    clear = clear_effects(result, slug, theme)
    left_open = [effect["name"] for effect in fitted["effects"] if not is_clear(effect)]
    return {
        "theme": theme,
        "clear": [(in_words(effect), rests_on(effect, fitted["people"])) for effect in clear],
        "left_open": left_open if not theme else [],
        "n": fitted["n"],
        "people": fitted["people"],
        "notes": fitted["notes"],
    }


def rests_on(effect: Mapping[str, Any], people: int) -> int | None:
    """How many people an effect rests on: as many equal ones, never more than there are."""
    return min(round(effect["rests_on"]), people) if measured(effect["rests_on"]) else None


def effect_rows(
    communities: Iterable[Mapping[str, Any]], section: Mapping[str, Any]
) -> Iterable[dict[str, Any]]:
    """Every effect of every community and theme, for the table."""
    for one, fits in zip(communities, section["communities"].values(), strict=True):
        for theme, fitted in fits["themes"].items():
            for effect in fitted["effects"]:
                shown = {"name": one["name"], "name_of_feature": effect["name"]}
                yield {**effect, **shown, "place": one["place"], "theme": theme}


def agreement_shown(result: Result, drawn: Drawings) -> dict[str, Any]:
    """How far people agree, on statements and between answers."""
    sections = []
    for kind, title in (("votes", "On statements"), ("preferences", "Between answers")):
        section = result["agreement"][kind]
        across = [
            {
                **pair,
                "first": label_name(result, COMMUNITIES, pair["first"]),
                "second": label_name(result, COMMUNITIES, pair["second"]),
                "note": with_names(result, pair["note"]),
            }
            for pair in section["across"]
        ]
        within = [
            (label_name(result, COMMUNITIES, slug), place_of(result, COMMUNITIES, slug), one)
            for slug, one in section["communities"].items()
        ]
        sections.append(
            {
                "title": title,
                "all": section["all"],
                "within": within if len(within) > 1 else [],
                "across": across,
                "note": section["note"],
                "chart": drawn.get(f"agreement_{kind}"),
            }
        )
    return {"sentences": agreement_sentences(result), "sections": sections}


def with_names(result: Result, note: str) -> str:
    """A sentence that speaks of communities by slug, with their names."""
    for one in result["communities"]:
        note = note.replace(one["slug"], one["name"])
    return note


def label_sets_shown(result: Result) -> list[dict[str, Any]]:
    """Every label set with its sizes and whether it says anything about the votes."""
    kinds = {COMMUNITIES: "Communities", OPINION_GROUPS: "Opinion groups"}
    return [
        {
            "name": kinds.get(name, name),
            "imported": name not in kinds,
            "labels": len(one["labels"]),
            "people": sum(one["labels"].values()),
            "share": one["explains_votes_share"],
            "p": one["explains_votes_p"],
            "flagged": one["flagged"] and measured(one["explains_votes_p"]),
            "sentence": one.get("explains_votes_sentence") or one.get("sentence", ""),
        }
        for name, one in result["label_sets"].items()
    ]
