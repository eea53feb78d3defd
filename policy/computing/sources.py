"""How strongly the answers of each source are preferred: over all, and community by community."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from policy.computing.leaning import leaning
from policy.inputs import WorkshopAnswers
from policy.methods.equal_say import TIMES_THE_MEDIAN
from policy.methods.source_strengths import SourceStrengths, strengths

# Answers times sources: a row for each answer must fit in memory.
LARGEST_DESIGN = 30_000_000


def source_section(
    answers: WorkshopAnswers, alike: bool, differences: NDArray[np.float64]
) -> dict[str, Any]:
    """Strengths of sources over all communities, and of each; empty where they are unnamed.

    alike: whether communities judged enough of the same, so that each may lean on the others.
    differences: (n, features) of each comparison, left less right: strengths beside these are those
    of answers of the same length, wording and so on.
    """
    shown, place = np.unique(answers.judged.pairs, return_inverse=True)
    named = [str(answers.completions[int(pk)]["source"]) for pk in shown]
    sources = sorted(set(named))
    if len(sources) < 2 or "" in sources:
        return {}
    number = {name: i for i, name in enumerate(sources)}
    sides = np.array([number[name] for name in named], dtype=np.intp)[place.reshape(-1, 2)]
    everyone = _fitted(answers, sides, sources, np.ones(len(sides), dtype=np.bool_))
    return _strengths(everyone, sources) | {
        "communities": _by_community(answers, sides, sources, alike),
        "beside_features": _beside(answers, sides, sources, differences),
    }


def _beside(
    answers: WorkshopAnswers,
    sides: NDArray[np.intp],
    sources: list[str],
    differences: NDArray[np.float64],
) -> dict[str, Any] | None:
    """The strengths of sources were their answers alike in what was measured."""
    judged = answers.judged
    if not differences.shape[1] or len(sides) * len(sources) > LARGEST_DESIGN:
        return None
    fit = strengths(
        *(sides[:, 0], sides[:, 1], judged.answers, judged.people, len(sources)),
        beside=differences,
        names=sources,
        cap=TIMES_THE_MEDIAN,
    )
    return _strengths(fit, sources)


def _by_community(
    answers: WorkshopAnswers, sides: NDArray[np.intp], sources: list[str], alike: bool
) -> dict[str, Any]:
    community = answers.community_of[answers.judged.people]
    fits = {
        answers.communities[place]["slug"]: _fitted(answers, sides, sources, community == place)
        for place in np.unique(community).tolist()
    }
    if len(fits) < 2:
        return {}
    effects = {
        slug: [(one.strength, one.error, one.rests_on) for one in fit.strengths]
        for slug, fit in fits.items()
    }
    names = {one["slug"]: one["name"] for one in answers.communities}
    lean: Mapping[str, Any] = leaning(effects, names) if alike else {}
    return {slug: _strengths(fit, sources, lean.get(slug)) for slug, fit in fits.items()}


def _fitted(
    answers: WorkshopAnswers, sides: NDArray[np.intp], sources: list[str], ours: NDArray[np.bool_]
) -> SourceStrengths:
    judged = answers.judged
    first, second = sides[ours].T
    return strengths(
        *(first, second, judged.answers[ours], judged.people[ours], len(sources)),
        names=sources,
        cap=TIMES_THE_MEDIAN,
    )


def _strengths(
    fit: SourceStrengths, sources: list[str], lean: list[dict[str, Any] | None] | None = None
) -> dict[str, Any]:
    rows = [
        asdict(one)
        | {"source": sources[one.source], "shrunken": lean[one.source] if lean else None}
        for one in fit.strengths
    ]
    return {
        "strengths": sorted(rows, key=lambda row: -row["strength"]),
        "tie": fit.tie,
        "n": fit.n,
        "people": fit.n_clusters,
        "connected": fit.connected,
        "notes": list(fit.notes),
    }
