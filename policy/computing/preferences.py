"""What each community prefers, feature by feature and theme by theme."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
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


@dataclass(frozen=True)
class Fits:
    """Fitted preferences: (community slug, theme) → fit and the pairs that differ per feature.

    kept: places in FEATURES. units: (features,) the size of each feature's unit.
    """

    kept: list[int]
    units: NDArray[np.float64]
    themes: Mapping[tuple[str, str], tuple[PreferenceFit, NDArray[np.intp]]]


def fit_all(answers: WorkshopAnswers) -> Fits:
    """Fit every community and theme, in units common to the workshop."""
    judged = answers.judged
    if not judged.answers.size:
        return Fits([], np.zeros(0), {})
    left = [answers.features[int(pk)] for pk in judged.pairs[:, 0]]
    right = [answers.features[int(pk)] for pk in judged.pairs[:, 1]]
    design, units = standardise(feature_differences(left, right))
    kept = _usable(design)
    _, pairs = np.unique(np.sort(judged.pairs, axis=1), axis=0, return_inverse=True)
    themes = {}
    for place, community in enumerate(answers.communities):
        for theme, rows in _themes(answers, answers.community_of[judged.people] == place):
            fit = fit_preferences(
                design[rows][:, kept],
                judged.answers[rows],
                judged.people[rows],
                items=None if answers.without_raters else pairs[rows],
                left_side=True,
                names=[FEATURES[j].key for j in kept],
            )
            differing = (np.nan_to_num(design[rows][:, kept]) != 0).sum(axis=0)
            themes[community["slug"], theme] = (fit, differing)
    return Fits(kept, units, themes)


def preference_section(answers: WorkshopAnswers, fits: Fits) -> dict[str, Any]:
    """Effects of features per community and theme, and strengths of sources."""
    if not fits.themes:
        return {"communities": {}, "sources": {}, "units": {}, "notes": ["Nobody compared."]}
    return {
        "communities": {
            community["slug"]: _community(answers, fits, place)
            for place, community in enumerate(answers.communities)
        },
        "sources": source_strengths(answers),
        "units": {FEATURES[j].key: float(fits.units[j]) for j in fits.kept},
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


def _community(answers: WorkshopAnswers, fits: Fits, place: int) -> dict[str, Any]:
    judged = answers.judged
    slug = answers.communities[place]["slug"]
    ours = answers.community_of[judged.people] == place
    return {
        "answers": int(ours.sum()),
        "neither": int(np.isnan(judged.answers[ours]).sum()),
        "people": int(np.unique(judged.people[ours]).size),
        "themes": {
            theme: _theme(fit, differing)
            for (community, theme), (fit, differing) in fits.themes.items()
            if community == slug
        },
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


def _theme(fit: PreferenceFit, differing: NDArray[np.intp]) -> dict[str, Any]:
    return {
        "effects": [
            _effect(effect, int(n)) for effect, n in zip(fit.effects, differing, strict=True)
        ],
        "left_side": asdict(fit.left_side) if fit.left_side else None,
        "tie": fit.tie,
        "n": fit.n,
        "ties": fit.n_ties,
        "people": fit.n_clusters,
        "pairs": fit.n_items,
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
