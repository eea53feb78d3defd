"""How firm what communities prefer is, as an analysis's page shows it: how few could turn it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.text import capfirst

from policy.reading import STATEMENT_KINDS, Result, count

FOR = "for"


@dataclass(frozen=True)
class Firmness:
    """One preference's decision. ways: people who turn it by not having answered, by answering the
    other way, by coming anew; None where no number found does. differ: other ways of counting.
    """

    words: str
    theme: str
    wanted_by: str
    kind: str
    decision: str
    ways: tuple[int | None, int | None, int | None]
    differ: list[tuple[str, str]] = field(default_factory=list)
    counted: int = 0


def firmness_shown(result: Result, fewest: int) -> dict[str, Any] | None:
    """Every decision about a preference, the most fragile first; None where none may be told.

    Where one community is too small to report on, what others do would tell of it.
    """
    communities = result["preferences"]["communities"]
    if any(one["people"] < fewest for one in communities.values()):
        return None
    rows = [
        row
        for entry in result.get("decisions") or ()
        if entry["item"]["kind"] == "preference" and "most_answers" in _whole(result)
        for row in _row(result, entry, fewest)
    ]
    if not rows:
        return None
    rows.sort(key=lambda row: min((way for way in row.ways if way is not None), default=10**9))
    return {"rows": rows, "capped": list(_capped(result, fewest)), "sentence": _sentence(rows)}


def _whole(result: Result) -> Mapping[str, Any]:
    """The fit of some community over all themes. What was stored before the cap has no such."""
    for one in result["preferences"]["communities"].values():
        return dict(one["themes"].get("", {}))
    return {}


def _row(result: Result, entry: Mapping[str, Any], fewest: int) -> Iterator[Firmness]:
    feature, theme = entry["item"]["feature"], entry["item"]["theme"]
    fits = {
        slug: one["themes"][theme]
        for slug, one in result["preferences"]["communities"].items()
        if slug in entry["stances"] and theme in one["themes"]
    }
    wanting = [slug for slug, stance in entry["stances"].items() if stance == FOR and slug in fits]
    if not wanting or any(fit["people"] < fewest for fit in fits.values()):
        return
    effects = fits[wanting[0]]["effects"]
    effect = next(one for one in effects if one["feature"] == feature)
    names = {one["slug"]: one["name"] for one in result["communities"]}
    methods = entry["methods"]
    yield Firmness(
        capfirst(effect["phrase"].replace("completions", "answers")),
        theme,
        ", ".join(names[slug] for slug in wanting),
        entry["decision"],
        STATEMENT_KINDS[entry["decision"]],
        (entry["left_out"], entry["bought"], entry["added"]),
        [(one["name"], STATEMENT_KINDS[one["decision"]]) for one in methods if one["differs"]],
        len(methods),
    )


def _capped(result: Result, fewest: int) -> Iterator[str]:
    """In which community somebody's answers count for fewer than they gave."""
    for one in result["communities"]:
        fit = result["preferences"]["communities"].get(one["slug"], {}).get("themes", {}).get("")
        if not fit or not fit["capped_people"]:
            continue
        most = count(round(fit["most_answers"]), "answer")
        who = fit["capped_people"]
        people = count(who, "person", "people") if who >= fewest else "a few people"
        yield f"{one['name']}: what {people} gave beyond {most} weighs as {most}."


def _sentence(rows: list[Firmness]) -> str:
    """How many people it takes for the first decision to fall, by each way."""
    says = []
    for place, how in enumerate(("not answered", "answered the other way")):
        people = [row.ways[place] for row in rows]
        known = [one for one in people if one is not None]
        if known:
            says.append(f"{count(min(known), 'person had', 'people had')} {how}")
    coming = [row.ways[2] for row in rows if row.ways[2] is not None]
    if coming:
        says.append(f"{count(min(coming), 'more person had', 'more people had')} come to turn it")
    if not says:
        return "No number of people that was tried could change what is decided here."
    return f"The most fragile would change if {', or if '.join(says)}."
