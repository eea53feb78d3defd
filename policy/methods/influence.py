"""How far single people move what a community is said to prefer, and how to bound it.

A person's pull on the effects is the sum of their answers' scores through the inverse information:
leaving them out moves the estimate by about as much (the infinitesimal jackknife). Whose leaving
would take an effect's clearness away is found by those pulls, and confirmed by fitting once more
(Broderick, Giordano and Meager 2020, arXiv:2011.14999). Bounded weights: Stefanski, Carroll and
Ruppert 1986, Biometrika 73:413, with the person in place of the answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from policy.methods.davidson import DavidsonFit, Floats, fit_davidson, tally

# Pulls beyond so many times the median person's are weighed down to it.
TIMES_THE_MEDIAN = 3.0
_ROUNDS, _CLOSE = 30, 1e-3
_RAISES = 4


@dataclass(frozen=True)
class Answered:
    """Comparisons that were answered. design: (n, k); answers: (n,) of 1, ½, 0; people: (n,) below
    `n_people`."""

    design: Floats
    answers: Floats
    people: NDArray[np.intp]
    n_people: int

    def without(self, leaving: NDArray[np.intp]) -> Answered:
        """The same where some people had not answered."""
        stay = ~np.isin(self.people, leaving)
        return Answered(self.design[stay], self.answers[stay], self.people[stay], self.n_people)


@dataclass(frozen=True)
class BoundedFit:
    """Effects with nobody's pull beyond the bound: (k,) each. weights: (people,) in [0, 1].

    heaviest: the largest share of all answers' weight that one person has. note: "" or why nothing
    was fitted.
    """

    log_odds: Floats
    low: Floats
    high: Floats
    weights: Floats
    heaviest: float
    note: str = ""


def answered(differences: ArrayLike, answers: ArrayLike, people: ArrayLike) -> Answered:
    """Comparisons without those that were not answered or not measured. Raises ValueError."""
    design, given = (np.asarray(one, dtype=np.float64) for one in (differences, answers))
    who = np.asarray(people)
    if design.ndim != 2 or given.shape != (len(design),) or who.shape != given.shape:
        raise ValueError("There must be one row of differences, one answer and one person each.")
    there = ~np.isnan(given) & ~np.isnan(design).any(axis=1)
    names, ids = np.unique(who[there], return_inverse=True)
    return Answered(design[there], given[there], ids, len(names))


def capped(answers_each: ArrayLike, share: float) -> Floats:
    """Weights with which nobody's answers are more than a share of all: (people,) in (0, 1].

    answers_each: (people,) above 0. As little is taken as suffices: who is below the cap keeps
    weight 1. Where people are fewer than 1 / share, all weigh the same. Raises ValueError.
    """
    counts = np.asarray(answers_each, dtype=np.float64)
    if not 0 < share <= 1 or (counts <= 0).any():
        raise ValueError("The share lies above 0 and is at most 1; everyone has answered.")
    if not counts.size:
        return counts
    down = np.sort(counts)[::-1]
    rest = down.sum() - np.append(0, np.cumsum(down))[:-1]
    heavy = np.arange(len(down))
    with np.errstate(divide="ignore", invalid="ignore"):
        caps = np.where(share * heavy < 1, share * rest / (1 - share * heavy), -np.inf)
    fits = np.flatnonzero((caps >= down) & (caps > 0))
    cap = float(caps[fits[0]]) if fits.size else float(counts.min())
    return np.minimum(1.0, cap / counts)


def bounded_effects(
    told: Answered, *, share: float, ridge: float = 0.01, level: float = 0.95
) -> BoundedFit:
    """Effects where nobody's answers weigh more than `share`, nor pull more than the bound.

    The pull is measured in the metric of the estimate's own information, so that units do not
    matter; the bound is three times the median person's. Intervals by person, Student's t.
    """
    k = told.design.shape[1]
    counts = tally(np.arange(len(told.answers)), told.answers, len(told.answers))
    if told.n_people < 2 or (told.answers == 0.5).all():
        nothing = np.full(k, np.nan)
        note = "Too few people answered, or every answer was about equal."
        return BoundedFit(nothing, nothing, nothing, np.ones(told.n_people), np.nan, note)
    each = np.bincount(told.people, minlength=told.n_people)
    most = weights = capped(each, share)
    for _ in range(_ROUNDS):
        fit = fit_davidson(told.design, counts * weights[told.people][:, None], ridge)
        sums = _score_sums(told, fit)
        size = np.sqrt(np.maximum(np.einsum("ip,pq,iq->i", sums, fit.bread, sums), 0))
        newer = np.minimum(most, _bound(size) / np.maximum(size, 1e-12))
        # Whoever is weighed down makes the others' shares larger.
        newer = newer * capped(newer * each, share)
        moved, weights = float(abs(newer - weights).max()), newer
        if moved < _CLOSE:
            break
    pulls = (sums @ fit.bread[:, :k]) * weights[:, None]
    g = told.n_people
    error = np.sqrt(g / (g - 1) * (pulls**2).sum(axis=0))
    half = stats.t.ppf((1 + level) / 2, g - 1) * error
    heaviest = float((weights * each).max() / (weights * each).sum())
    beta = fit.coefficients
    return BoundedFit(beta, beta - half, beta + half, weights, heaviest)


def pulls_on(told: Answered, ridge: float = 0.01) -> Floats:
    """How far each person pulls each effect: (people, k); leaving them out moves it by about minus
    that."""
    counts = tally(np.arange(len(told.answers)), told.answers, len(told.answers))
    fit = fit_davidson(told.design, counts, ridge)
    return np.asarray(_score_sums(told, fit) @ fit.bread[:, : told.design.shape[1]])


def fewest_behind(
    told: Answered,
    effect: int,
    estimate: float,
    half: float,
    is_clear: Callable[[Answered], bool],
    ridge: float = 0.01,
) -> float:
    """People whose leaving makes a clear effect unclear; inf where a third of them do not.

    estimate, half: the effect and half its interval. is_clear: fits again and says whether the
    effect is still clear in the same direction. Those who pull most towards it leave first, so the
    number suffices; fewer, chosen otherwise, might too.
    """
    towards = pulls_on(told, ridge)[:, effect] * np.sign(estimate)
    order = np.argsort(-towards, kind="stable")
    most = max(1, told.n_people // 3)
    spread = np.sqrt(np.maximum(1 - np.cumsum(towards[order] ** 2) / (towards**2).sum(), 0))
    left = abs(estimate) - np.cumsum(towards[order]) - half * spread
    guess = int(np.argmax(left <= 0)) + 1 if (left <= 0).any() else most
    return _confirmed(lambda m: not is_clear(told.without(order[:m])), min(guess, most), most)


def _confirmed(turns: Callable[[int], bool], guess: int, most: int) -> float:
    """The fewest found to suffice: a number near the guess that does, then halving below it."""
    low, high = 0, guess
    for _ in range(_RAISES):
        if turns(high):
            break
        if high == most:
            return np.inf
        low, high = high, min(most, 2 * high)
    else:
        return np.inf
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if turns(middle) else (middle, high)
    return float(high)


def _bound(size: Floats) -> float:
    """Of those who pull at all; no bound where nobody does."""
    pulling = size[size > 1e-9]
    return TIMES_THE_MEDIAN * float(np.median(pulling)) if pulling.size else np.inf


def _score_sums(told: Answered, fit: DavidsonFit) -> Floats:
    """(people, p) each person's gradient of the log-likelihood."""
    scores = told.design * (told.answers - 0.5 - fit.expected)[:, None]
    if fit.bread.shape[0] > told.design.shape[1]:
        scores = np.column_stack([scores, (told.answers == 0.5) - fit.equal])
    sums = [np.bincount(told.people, column, told.n_people) for column in scores.T]
    return np.stack(sums, axis=1)
