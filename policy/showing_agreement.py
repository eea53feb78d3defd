"""How far people agree, as an analysis's page shows it: α, who agrees with whom, along which lines.

Whatever rests on fewer people than the workshop reports on is withheld, and with it every number
about the others that is a comparison with them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.formats import localize

from policy.reading import (
    COMMUNITIES,
    LEVEL,
    OPINION_GROUPS,
    Result,
    agreement_sentences,
    label_name,
    measured,
)
from policy.showing_parts import Drawings, place_of

KINDS = (("votes", "On statements"), ("preferences", "Between answers"))
SETS = {COMMUNITIES: "Communities", OPINION_GROUPS: "Opinion groups"}
CROSSED = " × "
SAYS = "The line through each mark is its 95 % interval: others asked in their place would differ."


def agreement_shown(result: Result, drawn: Drawings, fewest: int) -> dict[str, Any]:
    """How far people agree, on statements and between answers."""
    sections = [_section(result, kind, title, drawn, fewest) for kind, title in KINDS]
    return {"sentences": agreement_sentences(result), "sections": sections}


def _section(result: Result, kind: str, title: str, drawn: Drawings, fewest: int) -> dict[str, Any]:
    section = result["agreement"][kind]
    small = _small(result, section, fewest)
    everyone = section["all"]
    if everyone and everyone.get("n_people") is not None and everyone["n_people"] < fewest:
        everyone = None
    shown = [slug for slug in _answered(result, section) if slug not in small]
    return {
        "kind": kind,
        "title": title,
        "all": everyone,
        "matrix": _matrix(result, section, shown),
        "hidden": [label_name(result, COMMUNITIES, slug) for slug in sorted(small)],
        "found": _found(result, section, small),
        "axes": [_axis(result, one, fewest) for one in section.get("axes") or ()],
        "note": with_names(result, section["note"]),
        "chart": None if small else drawn.get(f"agreement_{kind}", says=SAYS),
    }


def _answered(result: Result, section: Mapping[str, Any]) -> list[str]:
    """The communities that are compared here, in the workshop's order."""
    pairs = {pair[side] for pair in section["across"] for side in ("first", "second")}
    known = pairs | set(section["communities"])
    return [one["slug"] for one in result["communities"] if one["slug"] in known]


def _small(result: Result, section: Mapping[str, Any], fewest: int) -> set[str]:
    """The communities of which too few people answered; stored results once had no count of it."""
    people = {one["slug"]: one["people"] for one in result["communities"]}
    return {
        slug
        for slug in _answered(result, section)
        if (section["communities"].get(slug, {}).get("n_people") or people[slug]) < fewest
    }


def _matrix(
    result: Result, section: Mapping[str, Any], slugs: Sequence[str]
) -> list[dict[str, Any]]:
    """A row per community: within itself on the diagonal, with each of the others beside it."""
    pairs = {(pair["first"], pair["second"]): pair for pair in section["across"]}
    rows = []
    for slug in slugs:
        mine = [pairs[slug, other] for other in slugs if (slug, other) in pairs]
        within = mine[0] if mine else {}
        rows.append(
            {
                "name": label_name(result, COMMUNITIES, slug),
                "place": place_of(result, COMMUNITIES, slug),
                "alpha": section["communities"].get(slug, {}),
                "note": with_names(result, section["communities"].get(slug, {}).get("note", "")),
                "cells": [_cell(result, slug, other, within, pairs) for other in slugs],
            }
        )
    return rows if len(rows) > 1 else []


def _cell(
    result: Result,
    slug: str,
    other: str,
    within: Mapping[str, Any],
    pairs: Mapping[tuple[str, str], Mapping[str, Any]],
) -> dict[str, Any]:
    if slug == other:
        ends = {"value": within.get("irr"), "low": within.get("irr_low")}
        return {"is_within": True, "high": within.get("irr_high"), **ends}
    pair = pairs.get((slug, other), {})
    return {
        "is_within": False,
        "value": pair.get("xrr"),
        "low": pair.get("xrr_low"),
        "high": pair.get("xrr_high"),
        "gai": pair.get("gai"),
        "gai_low": pair.get("gai_low"),
        "gai_high": pair.get("gai_high"),
        "q": pair.get("gai_q"),
        "shared": pair.get("n_shared"),
        "note": with_names(result, pair.get("note", "")),
    }


def _found(result: Result, section: Mapping[str, Any], small: set[str]) -> list[str]:
    """Which communities clearly agree more within themselves than with another."""
    told = [pair for pair in section["across"] if not {pair["first"], pair["second"]} & small]
    clear = [
        pair
        for pair in told
        if measured(pair["gai"]) and pair["gai"] > 1 and _at_most(pair["gai_q"], LEVEL)
    ]
    says = [
        f"{label_name(result, COMMUNITIES, pair['first'])} agree "
        f"{localize(round(pair['gai'], 1))} times as much among themselves as with "
        f"{label_name(result, COMMUNITIES, pair['second'])}."
        for pair in sorted(clear, key=lambda pair: -pair["gai"])
    ]
    if told and not says:
        says = ["No community agrees clearly more within itself than with another."]
    return says


def _at_most(value: Any, limit: float) -> bool:
    return measured(value) and value <= limit


def _axis(result: Result, one: Mapping[str, Any], fewest: int) -> dict[str, Any]:
    """One way to part people: how much it matters, and each of its groups against all others."""
    people = one["n_people"]
    groups = [
        {
            **group,
            "name": _group_name(result, one["axis"], group["name"]),
            "note": with_names(result, group["note"]),
            "too_few": _is_small(group["n_people"], people, fewest),
        }
        for group in one["groups"]
    ]
    largest = next((g for g in groups if g["gai"] == one["dsi"] and measured(one["dsi"])), None)
    known = largest is not None and not largest["too_few"]
    return {
        **one,
        "name": CROSSED.join(SETS.get(name, name) for name in one["axis"].split(CROSSED)),
        "dsi": one["dsi"] if known else None,
        "of": largest["name"] if largest and known else "",
        "p": one["p"] if known else None,
        "q": one["q"] if known else None,
        "matters": known and _at_most(one["q"], LEVEL),
        "groups": groups,
        # Who stands against everyone else tells of everyone else too.
        "counts": not any(group["too_few"] for group in groups),
        "note": with_names(result, one["note"]),
    }


def _is_small(group: int | None, people: int | None, fewest: int) -> bool:
    """Whether a group, or all others together, are too few; counts withheld before are None."""
    if group is None:
        return False
    return group < fewest or (people is not None and people - group < fewest)


def _group_name(result: Result, axis: str, label: str) -> str:
    """ "fishers × 0" as people call it; a label may itself hold the sign between."""
    sets = axis.split(CROSSED)
    parts = label.split(CROSSED, len(sets) - 1)
    if len(parts) != len(sets):
        return label
    return " and ".join(label_name(result, *one) for one in zip(sets, parts, strict=True))


def with_names(result: Result, note: str) -> str:
    """A sentence that speaks of communities by slug, with their names."""
    names = {one["slug"]: one["name"] for one in result["communities"]}
    if not names or not note:
        return note or ""
    slugs = "|".join(re.escape(slug) for slug in sorted(names, key=len, reverse=True))
    return re.sub(rf"(?<![\w-])({slugs})(?![\w-])", lambda found: names[found[1]], note)
