"""What each community prefers, feature by feature and theme by theme."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from policy.inputs import WorkshopAnswers
from policy.methods.bradley_terry import Effect, PreferenceFit, fit_preferences
from policy.methods.features import FEATURES, feature_differences, standardise
from policy.methods.source_strengths import strengths

# A feature in which fewer pairs than this differ cannot carry an estimate of its own.
LEAST_SHARE_DIFFERING = 0.02
LEAST_ANSWERS_IN_A_THEME = 60
WITHOUT_RATERS = (
    "The published file does not say who judged what: intervals treat every answer as another "
    "person's, and would be wider if people answered several times."
)


def preference_section(answers: WorkshopAnswers) -> dict[str, Any]:
    """Effects of features per community and theme, and strengths of sources.

    Units of amounts are common to the workshop, so that communities can be read side by side.
    """
    judged = answers.judged
    if not judged.answers.size:
        return {"communities": {}, "sources": {}, "units": {}, "notes": ["Nobody compared."]}
    left = [answers.features[int(pk)] for pk in judged.pairs[:, 0]]
    right = [answers.features[int(pk)] for pk in judged.pairs[:, 1]]
    design, units = standardise(feature_differences(left, right))
    kept = _usable(design)
    communities = {
        community["slug"]: _community(answers, design, kept, place)
        for place, community in enumerate(answers.communities)
    }
    return {
        "communities": communities,
        "sources": source_strengths(answers),
        "units": {FEATURES[j].key: float(units[j]) for j in kept},
        "notes": [WITHOUT_RATERS] if answers.without_raters else [],
    }


def source_strengths(answers: WorkshopAnswers) -> dict[str, Any]:
    """Strengths of the sources of completions over all communities; empty where unnamed."""
    judged = answers.judged
    named = [[answers.completions[int(pk)]["source"] for pk in pair] for pair in judged.pairs]
    sources = sorted({name for pair in named for name in pair})
    if len(sources) < 2 or "" in sources:
        return {}
    place = {name: i for i, name in enumerate(sources)}
    fit = strengths(
        [place[pair[0]] for pair in named],
        [place[pair[1]] for pair in named],
        judged.answers,
        judged.people,
        len(sources),
    )
    rows = [asdict(one) | {"source": sources[one.source]} for one in fit.strengths]
    return {
        "strengths": sorted(rows, key=lambda row: -row["strength"]),
        "tie": fit.tie,
        "n": fit.n,
        "people": fit.n_clusters,
        "connected": fit.connected,
        "notes": list(fit.notes),
    }


def _usable(design: NDArray[np.float64]) -> list[int]:
    """The features in which enough pairs differ, and that were measured nearly everywhere."""
    differs = (np.nan_to_num(design) != 0).mean(axis=0)
    measured = (~np.isnan(design)).mean(axis=0)
    return [
        j
        for j in range(design.shape[1])
        if differs[j] >= LEAST_SHARE_DIFFERING and measured[j] > 0.9
    ]


def _community(
    answers: WorkshopAnswers, design: NDArray[np.float64], kept: list[int], place: int
) -> dict[str, Any]:
    judged = answers.judged
    ours = answers.community_of[judged.people] == place
    themes = {}
    for theme, rows in _themes(answers, ours):
        fit = fit_preferences(
            design[rows][:, kept],
            judged.answers[rows],
            judged.people[rows],
            left_side=True,
            names=[FEATURES[j].key for j in kept],
        )
        themes[theme] = _theme(fit, design[rows][:, kept])
    return {
        "answers": int(ours.sum()),
        "neither": int(np.isnan(judged.answers[ours]).sum()),
        "people": int(np.unique(judged.people[ours]).size),
        "themes": themes,
    }


def _themes(
    answers: WorkshopAnswers, ours: NDArray[np.bool_]
) -> Iterator[tuple[str, NDArray[np.intp]]]:
    """Every theme together (""), then each theme with enough answers where there are several."""
    yield "", np.flatnonzero(ours)
    names = np.array([answers.prompts[int(pk)]["theme"] for pk in answers.judged.prompts])
    present = sorted({str(name) for name in names if name})
    if len(present) > 1:
        for theme in present:
            rows = np.flatnonzero(ours & (names == theme))
            if rows.size >= LEAST_ANSWERS_IN_A_THEME:
                yield theme, rows


def _theme(fit: PreferenceFit, design: NDArray[np.float64]) -> dict[str, Any]:
    differing = (np.nan_to_num(design) != 0).sum(axis=0)
    return {
        "effects": [
            _effect(effect, int(n)) for effect, n in zip(fit.effects, differing, strict=True)
        ],
        "left_side": asdict(fit.left_side) if fit.left_side else None,
        "tie": fit.tie,
        "n": fit.n,
        "ties": fit.n_ties,
        "people": fit.n_clusters,
        "notes": list(fit.notes),
    }


def _effect(effect: Effect, differing: int) -> dict[str, Any]:
    feature = next(one for one in FEATURES if one.key == effect.name)
    more = effect.log_odds > 0
    return asdict(effect) | {
        "feature": feature.key,
        "name": feature.name,
        "kind": feature.kind,
        "phrase": feature.prefers_more if more else feature.prefers_less,
        "pairs_differing": differing,
    }
