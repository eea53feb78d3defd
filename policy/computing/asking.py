"""What to ask each community next, from the answers so far: statements, and pairs to compare."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from elicitation.models import Completion, Workshop
from elicitation.services.asking import name_of
from elicitation.services.pool import by_prompt, shelf_of
from policy.computing.preferences import Fits, fit_all
from policy.inputs import WorkshopAnswers
from policy.methods.asking_next import (
    look_ahead,
    pair_weights,
    statement_weights,
)
from policy.methods.bradley_terry import Effect
from policy.methods.consensus import count_votes
from policy.methods.features import FEATURES, completion_features, feature_differences

# Weights are kept with as many digits as could matter.
DIGITS = 4


@dataclass(frozen=True)
class Wanted:
    """For one community: item → weight, at most 1; otherwise: of items that are not in it.

    open: how many items would still help to decide something.
    """

    named: Mapping[str, float]
    otherwise: float

    @property
    def open(self) -> int:
        """How many items are worth asking."""
        return sum(weight > 0 for weight in self.named.values())


def statements_wanted(answers: WorkshopAnswers) -> dict[str, Wanted]:
    """Community slug → the statements to vote on; one that is new weighs as one without votes."""
    people = np.bincount(answers.community_of, minlength=len(answers.communities))
    agrees, seen = _counted(answers)
    left = np.maximum(people[:, None] - seen, 0)
    weights = statement_weights(agrees, seen, left)
    new = look_ahead(np.zeros_like(people), np.zeros_like(people), people).value
    names = [name_of([statement["id"]]) for statement in answers.statements]
    return {
        community["slug"]: _wanted(names, weights[row], float(new[row]))
        for row, community in enumerate(answers.communities)
    }


def pairs_wanted(answers: WorkshopAnswers, workshop: Workshop) -> dict[str, Wanted]:
    """Community slug → the pairs to compare, of all that may be shown to somebody."""
    pairs = _pairs(workshop)
    fits = fit_all(answers)
    if not pairs or not fits.kept:
        return {}
    design = _design(workshop, pairs, fits)
    names = [name_of(pair) for pair in pairs]
    return {
        community["slug"]: _community(answers, fits, place, names, design)
        for place, community in enumerate(answers.communities)
    }


def _counted(answers: WorkshopAnswers) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Agrees and votes, (communities, statements), zeros for a community without people."""
    found = count_votes(answers.cast, answers.community_of)
    shape = (len(answers.communities), len(answers.statements))
    agrees, seen = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    agrees[found.labels], seen[found.labels] = found.agrees, found.seen
    return agrees, seen


def _pairs(workshop: Workshop) -> list[tuple[int, int]]:
    """Each two completions of one prompt that may be shown and say different things."""
    return [
        (one.pk, other.pk)
        for cleared in by_prompt(shelf_of(workshop)).values()
        for one, other in combinations(cleared, 2)
        if one.words != other.words
    ]


def _design(
    workshop: Workshop, pairs: Sequence[tuple[int, int]], fits: Fits
) -> NDArray[np.float64]:
    """(pairs, kept features) in the units of the fits; 0 where something was not measured."""
    wanted = {pk for pair in pairs for pk in pair}
    rows = Completion.objects.filter(prompt__workshop=workshop).select_related("prompt")
    measured = {
        one.pk: completion_features(one.prompt.last_turn, one.text)
        for one in rows.iterator(chunk_size=2000)
        if one.pk in wanted
    }
    sides = [[measured[pair[side]] for pair in pairs] for side in (0, 1)]
    return np.nan_to_num(feature_differences(*sides)[:, fits.kept] / fits.units[fits.kept])


def _community(
    answers: WorkshopAnswers,
    fits: Fits,
    place: int,
    names: list[str],
    design: NDArray[np.float64],
) -> Wanted:
    times = _times(answers, place)
    here = np.array([times.get(name, 0) for name in names], dtype=np.float64)
    fit = fits.themes.get((answers.communities[place]["slug"], ""))
    pending = _pending(fit[0].effects if fit else (), fits)
    gain = pair_weights(design, np.repeat(design, here.astype(int), axis=0), pending)
    # Assignment weighs by 1 / (1 + answers here)^2 too, and the gain knows of them already.
    return _wanted(names, gain * (1 + here) ** 2, 0.0)


def _times(answers: WorkshopAnswers, place: int) -> dict[str, int]:
    """How often this community has answered each pair."""
    judged = answers.judged
    ours = answers.community_of[judged.people] == place
    pairs, counts = np.unique(np.sort(judged.pairs[ours], axis=1), axis=0, return_counts=True)
    return {name_of(pair.tolist()): int(n) for pair, n in zip(pairs, counts, strict=True)}


def _pending(effects: Iterable[Effect], fits: Fits) -> NDArray[np.float64]:
    """(kept,) 1 for what this community is not yet known to prefer or avoid, 0 where it is."""
    clear = {effect.name for effect in effects if effect.low > 0 or effect.high < 0}
    return np.array([float(FEATURES[place].key not in clear) for place in fits.kept])


def _wanted(names: Sequence[str], weights: NDArray[np.float64], otherwise: float) -> Wanted:
    """Scaled so that the largest is 1, with few digits."""
    largest = max(float(weights.max(initial=0.0)), otherwise)
    scale = 1 / largest if largest > 0 else 0.0
    named = {n: round(float(w) * scale, DIGITS) for n, w in zip(names, weights, strict=True)}
    return Wanted(named, round(otherwise * scale, DIGITS))
