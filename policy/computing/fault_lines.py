"""Fault lines of a workshop: statements and preferences on which communities or groups differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import combinations
from typing import Any

import numpy as np

from policy.computing.preferences import Fits
from policy.computing.statements import COMMUNITIES, OPINION_GROUPS, Voted
from policy.methods.bradley_terry import Effect, PreferenceFit
from policy.methods.effect_differences import effect_differences
from policy.methods.embeddings import Embedder
from policy.methods.fault_line_items import FaultItem, items_from_votes
from policy.methods.fault_lines import FaultLine, find_fault_lines
from policy.methods.features import FEATURES
from policy.methods.multiple_testing import benjamini_hochberg

# Statements closer than this say nearly the same; of such, a constitution takes one.
TWINS = 0.8


def fault_line_section(
    voted: Voted,
    fits: Fits,
    identified: Sequence[Mapping[str, Any]],
    embedder: Embedder,
    seed: int,
) -> dict[str, Any]:
    """Fault lines between communities, then between opinion groups that can be relied on."""
    items: dict[str, FaultItem] = {}
    lines: list[dict[str, Any]] = []
    sentences, tested, credible = [], 0, 0
    for between in _between(voted):
        ours = _vote_items(voted, between, seed)
        if between == COMMUNITIES and all(one["identified"] for one in identified):
            ours += _preference_items(voted, fits)
        items = {item.key: item for item in ours}
        found = find_fault_lines(ours, embedder=embedder, seed=seed)
        tested, credible = tested + len(found.tested), credible + len(found.credible)
        sentences.append(found.sentence)
        lines += [_line(line, between, items, voted) for line in found.lines]
    for number, line in enumerate(lines, start=1):
        line["number"] = number
    apart = [one["sentence"] for one in identified if not one["identified"]]
    if apart and not tested:
        sentences = apart
    if not sentences:
        sentences.append(
            "There is one community and no opinion group to rely on, so nothing can differ."
        )
    return {
        "lines": lines,
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


def _vote_items(voted: Voted, between: str, seed: int) -> list[FaultItem]:
    standing = np.flatnonzero(~voted.moderated_out)
    statements = [voted.statements[int(column)] for column in standing]
    return items_from_votes(
        voted.votes[:, standing],
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
    q = benjamini_hochberg(np.array([item.q for item in items]))
    return [_with_q(item, float(q[row])) for row, item in enumerate(items)]


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
        q=p,
    )


def _with_q(item: FaultItem, q: float) -> FaultItem:
    return FaultItem(item.key, item.text, item.kind, item.values, item.n, item.errors, q)


def _error(effect: Effect) -> float:
    """Standard error of the probability, by the delta method."""
    return float(effect.error * effect.chosen * (1 - effect.chosen))


def _line(
    line: FaultLine, between: str, items: Mapping[str, FaultItem], voted: Voted
) -> dict[str, Any]:
    higher, lower = line.sides
    direction = dict.fromkeys(higher, "higher") | dict.fromkeys(lower, "lower")
    return {
        "number": 0,
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


def _share(bound: float) -> float:
    """A bound of a share, which no share lies beyond; NaN stays NaN."""
    return float(np.clip(bound, 0.0, 1.0))


def _item(item: FaultItem, found: Mapping[str, Any], voted: Voted) -> dict[str, Any]:
    kind, _, rest = item.key.partition(":")
    values = item.values.items()
    common = {
        "key": item.key,
        "kind": kind,
        "text": item.text,
        "values": dict(item.values),
        "low": {name: _share(value - 1.96 * item.errors[name]) for name, value in values},
        "high": {name: _share(value + 1.96 * item.errors[name]) for name, value in values},
        "n": dict(item.n),
        "difference": found["difference"],
        "favoured_by": found["favoured_by"],
        "q": found["q"],
    }
    if kind == "preference":
        feature, _, theme = rest.partition(":")
        return common | {"feature": feature, "theme": theme}
    statement = next(one for one in voted.statements if one["id"] == int(rest))
    return common | {"id": statement["id"], "external_id": statement["external_id"]}
