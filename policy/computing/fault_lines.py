"""Fault lines of a workshop: statements and preferences on which communities or groups differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import combinations
from typing import Any

import numpy as np

from policy.computing.fault_line_quotes import quotable, quotes_of
from policy.computing.preferences import Fits
from policy.computing.statements import COMMUNITIES, OPINION_GROUPS, Voted, bounds
from policy.methods.bradley_terry import Effect, PreferenceFit
from policy.methods.effect_differences import effect_differences
from policy.methods.embeddings import Embedder
from policy.methods.fault_line_items import (
    FaultItem,
    Kind,
    adjusted_together,
    items_from_votes,
)
from policy.methods.fault_line_texts import Wording
from policy.methods.fault_line_wordings import items_from_wordings
from policy.methods.fault_lines import BroadLine, FaultLine, FaultLines, find_fault_lines
from policy.methods.features import FEATURES

# Statements closer than this say nearly the same; of such, a constitution takes one.
TWINS = 0.8
WORD_KINDS: Mapping[Kind, str] = {
    "reason": "in reasons for the same choice",
    "mark": "in passages marked as deciding",
    "rewrite": "put into rewrites",
}


def fault_line_section(
    voted: Voted,
    fits: Fits,
    identified: Sequence[Mapping[str, Any]],
    embedder: Embedder,
    seed: int,
) -> dict[str, Any]:
    """Fault lines between communities, then between opinion groups that can be relied on."""
    lines: list[dict[str, Any]] = []
    broad: list[dict[str, Any]] = []
    sentences, tested, credible = [], 0, 0
    for between in _between(voted):
        ours = _items(voted, fits, identified, between, seed)
        found = find_fault_lines(ours, embedder=embedder, seed=seed)
        tested, credible = tested + len(found.tested), credible + len(found.credible)
        sentences.append(found.sentence)
        wider = [
            _broad(number, one, len(lines), between)
            for number, one in enumerate(found.broad, start=len(broad) + 1)
        ]
        lines += _lines(found, between, {item.key: item for item in ours}, voted, len(lines), wider)
        broad += wider
    apart = [one["sentence"] for one in identified if not one["identified"]]
    if apart and not tested:
        sentences = apart
    if not sentences:
        sentences.append(
            "There are no two communities, and no opinion groups to rely on, that could differ."
        )
    return {
        "lines": lines,
        "broad": broad,
        "tested": tested,
        "credible": credible,
        "sentence": " ".join(sentences),
        "embedder": embedder.name,
        "embedder_reason": embedder.reason,
    }


def mark_twins(statements: list[dict[str, Any]], embedder: Embedder) -> None:
    """Set `twin_of` where an earlier statement says nearly the same."""
    if len(statements) < 2:
        return
    vectors = embedder([statement["text"] for statement in statements])
    alike = vectors @ vectors.T >= TWINS
    for column, statement in enumerate(statements):
        earlier = np.flatnonzero(alike[column, :column])
        if earlier.size:
            first = statements[int(earlier[0])]
            statement["twin_of"] = first["twin_of"] or first["external_id"]


def _between(voted: Voted) -> list[str]:
    several = len(voted.answers.communities) > 1
    found = [COMMUNITIES] if several else []
    return [*found, OPINION_GROUPS] if voted.groups.supported else found


def _called(voted: Voted, between: str) -> dict[int, str]:
    """What each label of a set is called on a page."""
    if between == COMMUNITIES:
        return {place: one["name"] for place, one in enumerate(voted.answers.communities)}
    return {number: f"opinion group {number}" for number in range(voted.groups.k)}


def _items(
    voted: Voted,
    fits: Fits,
    identified: Sequence[Mapping[str, Any]],
    between: str,
    seed: int,
) -> list[FaultItem]:
    """Everything that labels may differ on, adjusted as one family of tests."""
    items = _vote_items(voted, between, seed)
    if between == COMMUNITIES and all(one["identified"] for one in identified):
        items += _preference_items(voted, fits)
    for kind in WORD_KINDS:
        said = [
            Wording(one.person, one.choice, one.text, one.beyond)
            for one in voted.answers.said
            if one.kind == kind
        ]
        labels = voted.label_sets[between]
        items += items_from_wordings(kind, said, labels, names=_called(voted, between), seed=seed)
    return adjusted_together(items)


def _vote_items(voted: Voted, between: str, seed: int) -> list[FaultItem]:
    standing = np.flatnonzero(~voted.moderated_out)
    statements = [voted.statements[int(column)] for column in standing]
    return items_from_votes(
        voted.cast.of_statements(standing),
        voted.label_sets[between],
        names=_called(voted, between),
        keys=[f"statement:{statement['id']}" for statement in statements],
        texts=[statement["text"] for statement in statements],
        seed=seed,
    )


def _preference_items(voted: Voted, fits: Fits) -> list[FaultItem]:
    """Features by theme, as the probability of choosing the completion with one unit more."""
    names = {one["slug"]: one["name"] for one in voted.answers.communities}
    items = []
    for theme in sorted({theme for _, theme in fits.themes}):
        ours = {slug: fits.themes[slug, theme][0] for slug in names if (slug, theme) in fits.themes}
        if len(ours) < 2:
            continue
        p = _least_p(ours)
        for place, feature in enumerate(fits.kept):
            effects = {names[slug]: fit.effects[place] for slug, fit in ours.items()}
            items.append(_preference_item(FEATURES[feature], theme, effects, p[place]))
    return items


def _least_p(fits: Mapping[str, PreferenceFit]) -> list[float]:
    """Per feature, the smallest p over pairs of communities, times the number of pairs."""
    pairs = list(combinations(fits.values(), 2))
    tests = np.array([[d.p for d in effect_differences(one, other)] for one, other in pairs])
    filled = np.where(np.isnan(tests), np.inf, tests).min(axis=0) * len(pairs)
    return [float(min(1.0, p)) if np.isfinite(p) else float("nan") for p in filled]


def _preference_item(
    feature: Any, theme: str, effects: Mapping[str, Effect], p: float
) -> FaultItem:
    where = f" ({theme})" if theme else ""
    return FaultItem(
        key=f"preference:{feature.key}:{theme}",
        text=f"An answer that {feature.name}{where}",
        kind="feature",
        values={name: effect.chosen for name, effect in effects.items()},
        n={
            name: int(effect.rests_on) if effect.rests_on == effect.rests_on else 0
            for name, effect in effects.items()
        },
        errors={name: _error(effect) for name, effect in effects.items()},
        q=float("nan"),
        p=p,
    )


def _error(effect: Effect) -> float:
    """Standard error of the probability, by the delta method."""
    return float(effect.error * effect.chosen * (1 - effect.chosen))


def _lines(
    found: FaultLines,
    between: str,
    items: Mapping[str, FaultItem],
    voted: Voted,
    before: int,
    wider: Sequence[Mapping[str, Any]],
) -> list[dict[str, Any]]:
    """Lines as stored. before: how many lines there are already."""
    called = _called(voted, between)
    words = quotable(voted, [called.get(int(n), "") for n in voted.label_sets[between]])
    parents = {number: one["number"] for one in wider for number in one["lines"]}
    return [
        _line(line, between, items, voted)
        | {
            "number": number,
            "parent": parents.get(number),
            "people": _people(line, voted),
            "quotes": quotes_of(line, words),
        }
        for number, line in enumerate(found.lines, start=before + 1)
    ]


def _broad(number: int, one: BroadLine, before: int, between: str) -> dict[str, Any]:
    return {
        "number": number,
        "between": between,
        "name": one.name,
        "sentence": one.summary,
        "pattern": one.pattern,
        "same_sides": one.same_sides,
        "lines": [before + place + 1 for place in one.lines],
        "size": one.size,
        "size_low": one.low,
        "size_high": one.high,
        "stability": one.stability,
    }


def _people(line: FaultLine, voted: Voted) -> int:
    """How many people said anything on one of a line's items."""
    keys = {item.key for item in line.items}
    on_it = np.array([f"statement:{one['id']}" in keys for one in voted.statements], dtype=np.bool_)
    there = voted.cast.voters_on(on_it)
    kinds = {item.kind for item in line.items}
    there[[one.person for one in voted.answers.said if one.kind in kinds]] = True
    judged = voted.answers.judged
    for theme in {item.key.split(":", 2)[2] for item in line.items if item.kind == "feature"}:
        themes = np.array([voted.answers.prompts[int(pk)]["theme"] for pk in judged.prompts])
        there[judged.people if not theme else judged.people[themes == theme]] = True
    return int(there.sum())


def _line(
    line: FaultLine, between: str, items: Mapping[str, FaultItem], voted: Voted
) -> dict[str, Any]:
    higher, lower = line.sides
    direction = dict.fromkeys(higher, "higher") | dict.fromkeys(lower, "lower")
    return {
        "between": between,
        "name": line.name,
        "sentence": line.summary,
        "pattern": line.pattern,
        "size": line.size,
        "size_low": line.low,
        "size_high": line.high,
        "direction": direction | dict.fromkeys(line.between, "middle"),
        "stability": line.stability,
        "exemplars": [list(side) for side in line.exemplars],
        "items": [_item(items[one.key], asdict(one), voted) for one in line.items],
    }


def _bounds(item: FaultItem) -> tuple[dict[str, float], dict[str, float]]:
    """Both ends of each label's share; of a statement the same as everywhere it is told."""
    names = list(item.values)
    shares = np.array([item.values[name] for name in names])
    if item.key.startswith("statement:"):
        seen = np.array([item.n[name] for name in names])
        ends = bounds(np.rint(np.where(seen > 0, shares, 0) * seen), seen)
    else:
        errors = 1.96 * np.array([item.errors[name] for name in names])
        ends = np.clip(shares - errors, 0, 1), np.clip(shares + errors, 0, 1)
    low, high = (dict(zip(names, end.tolist(), strict=True)) for end in ends)
    return low, high


def _item(item: FaultItem, found: Mapping[str, Any], voted: Voted) -> dict[str, Any]:
    kind, _, rest = item.key.partition(":")
    low, high = _bounds(item)
    common = {
        "key": item.key,
        "kind": kind,
        "text": item.text,
        "values": dict(item.values),
        "low": low,
        "high": high,
        "n": dict(item.n),
        "difference": found["difference"],
        "favoured_by": found["favoured_by"],
        "q": found["q"],
    }
    if kind == "preference":
        feature, _, theme = rest.partition(":")
        return common | {"feature": feature, "theme": theme}
    if item.kind in WORD_KINDS:
        told = {"word": rest, "text": f"“{rest}” {WORD_KINDS[item.kind]}"}
        return common | told | {"log_odds": dict(item.log_odds)}
    statement = next(one for one in voted.statements if one["id"] == int(rest))
    return common | {"id": statement["id"], "external_id": statement["external_id"]}
