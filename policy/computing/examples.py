"""Pairs of completions that show what a community prefers, and pairs that speak against it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from policy.inputs import WorkshopAnswers
from policy.methods.bradley_terry import Effect
from policy.methods.davidson import tally
from policy.methods.features import quote_of

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Tallied:
    """How some people answered the pairs they judged: m rows, one per pair.

    sides: (m, 2) completion ids. design: (m, features) first side less second. counts: (m, 3) of
    first, about equal, second.
    """

    sides: NDArray[np.int64]
    design: Floats
    counts: Floats


def tallied_pairs(
    answers: WorkshopAnswers,
    sides: NDArray[np.int64],
    design: Floats,
    about: NDArray[np.intp],
    rows: NDArray[np.intp],
) -> Tallied:
    """Answers to each pair, whichever side its completions were on, but for unfit ones.

    sides: (m, 2), design: (m, features) as they were put; about: (n,) into these, of the judged
    rows (n,).
    """
    given = answers.judged.answers[rows]
    there = ~np.isnan(given)
    counts = tally(about[there], given[there], len(sides))
    turned = sides[:, 0] > sides[:, 1]
    counts[turned] = counts[turned, ::-1]
    ordered = np.sort(sides, axis=1)
    first_way = np.where(turned[:, None], -design, design)
    pairs, first, place = np.unique(ordered, axis=0, return_index=True, return_inverse=True)
    together = np.zeros((len(pairs), 3))
    np.add.at(together, place.ravel(), counts)
    kept = (together.sum(axis=1) > 0) & _may_be_shown(answers, pairs)
    return Tallied(pairs[kept], first_way[first][kept], together[kept])


def examples_of(
    answers: WorkshopAnswers, tallied: Tallied, effect: Effect, column: int
) -> dict[str, dict[str, Any] | None]:
    """{"for": …, "against": …}: the pair that differs most in the feature among those answered as
    the effect says, and among those answered the other way; None where there is none.

    Pairs are taken that at least as many people judged as the median pair. What only some may see
    is given by its ids alone.
    """
    found: dict[str, dict[str, Any] | None] = {"for": None, "against": None}
    if np.isnan(effect.log_odds) or not len(tallied.sides):
        return found
    difference = np.nan_to_num(tallied.design[:, column])
    decided = tallied.counts[:, 0] - tallied.counts[:, 2]
    towards = np.sign(difference) * decided * np.sign(effect.log_odds)
    n = tallied.counts.sum(axis=1)
    usable = (difference != 0) & (n >= np.median(n))
    for key, fits in (("for", towards > 0), ("against", towards < 0)):
        rows = np.flatnonzero(usable & fits)
        if rows.size:
            row = _clearest(answers, tallied, rows, np.abs(difference), np.abs(decided))
            found[key] = _example(answers, tallied, effect.name, float(difference[row]), row)
    return found


def _clearest(
    answers: WorkshopAnswers,
    tallied: Tallied,
    rows: NDArray[np.intp],
    difference: Floats,
    decided: Floats,
) -> int:
    """The most different, then the most clearly answered, then the first by content."""
    for measure in (difference.round(2), decided):
        rows = rows[measure[rows] == measure[rows].max()]

    def content(row: int) -> list[str]:
        return sorted(answers.completions[int(pk)]["hash"] for pk in tallied.sides[row])

    return int(min(rows.tolist(), key=content))


def _may_be_shown(answers: WorkshopAnswers, sides: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Not what may never be shown; and nothing can be seen of an empty completion."""
    unfit = [
        pk
        for pk, one in answers.completions.items()
        if one["screening"] == "withheld" or not one["text"].strip()
    ]
    return np.asarray(~np.isin(sides, unfit).any(axis=1))


def _example(
    answers: WorkshopAnswers, tallied: Tallied, feature: str, difference: float, row: int
) -> dict[str, Any]:
    sides, counts = tallied.sides[row].tolist(), tallied.counts[row].tolist()
    if difference < 0:
        sides, counts = sides[::-1], counts[::-1]
    prompt = int(answers.completions[sides[0]]["prompt"])
    asked = answers.prompts[prompt]
    screened = any(answers.completions[pk]["screening"] == "severe" for pk in sides)
    severe = bool(asked["severe"]) or screened
    return {
        "prompt": prompt,
        "warning": asked["warning"],
        "severe": severe,
        "more": _side(answers, sides[0], feature, severe),
        "less": _side(answers, sides[1], feature, severe),
        "n": int(sum(counts)),
        "chose_more": int(counts[0]),
        "equal": int(counts[1]),
        "chose_less": int(counts[2]),
    }


def _side(answers: WorkshopAnswers, pk: int, feature: str, severe: bool) -> dict[str, Any]:
    completion: Mapping[str, Any] = answers.completions[pk]
    quote = "" if severe else quote_of(feature, str(completion["text"]))
    return {"completion": pk, "quote": quote, "measure": answers.features[pk][feature]}
