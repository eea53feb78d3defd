"""How few people stand behind what a community is said to prefer, and how few could turn it.

A person's pull on the effects is the sum of their answers' scores through the inverse information:
leaving them out moves the estimate by about as much (the infinitesimal jackknife). Whose leaving
would take an effect's clearness away is found by those pulls, and confirmed by fitting once more
(Broderick, Giordano and Meager 2020, arXiv:2011.14999). People who sell their answers, and people
who come for nothing else, are found and confirmed in the same way; they are really put in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse, stats

from policy.methods.bradley_terry import Effect, fit_preferences
from policy.methods.davidson import DavidsonFit, Floats, fit_davidson, tally
from policy.methods.equal_say import TIMES_THE_MEDIAN, equal_say, most_answers

# Pulls beyond so many times the median person's are weighed down to it.
PULL_TIMES_THE_MEDIAN = 3.0
# Somebody who comes to turn an effect answers so many pairs: more would weigh no more.
PAIRS_OF_ONE_WHO_COMES = 500
RIDGE = 0.01
_ROUNDS, _CLOSE = 30, 1e-3

Ids = NDArray[np.intp]
Turned = Callable[["Answered"], bool]


@dataclass(frozen=True)
class Answered:
    """Comparisons that were answered.

    design: (m, k); rows: (n,) into it; answers: (n,) of 1, ½, 0; people: (n,) numbers of people.
    items: (m,) which pair each row is about, None where pairs are not told apart.
    """

    design: Floats
    rows: Ids
    answers: Floats
    people: Ids
    items: Ids | None = None

    @property
    def n_people(self) -> int:
        """How many people answered."""
        return len(np.unique(self.people))

    def without(self, leaving: Ids) -> Answered:
        """The same where some people had not answered."""
        stay = ~np.isin(self.people, leaving)
        return replace(
            self, rows=self.rows[stay], answers=self.answers[stay], people=self.people[stay]
        )

    def sold(self, selling: Ids, effect: int, towards: int) -> Answered:
        """The same where some people choose what has more (1) or less (-1), wherever they differ.

        They answer the pairs that they answered, and no more of them.
        """
        said = _choices(self.design[self.rows, effect], towards, self.answers)
        told = np.where(np.isin(self.people, selling), said, self.answers)
        return replace(self, answers=told)

    def joined(self, coming: int, effect: int, towards: int) -> Answered:
        """The same with so many more people, who answer every pair that differs, always one way.

        Pairs are those that were answered here, at most PAIRS_OF_ONE_WHO_COMES, spread evenly, and
        again until more would count for no more.
        """
        there = np.unique(self.rows)
        there = there[self.design[there, effect] != 0]
        there = there[:: max(1, len(there) // PAIRS_OF_ONE_WHO_COMES)]
        if len(there):
            there = np.tile(there, int(np.ceil(most_answers(self.people) / len(there))))
        said = _choices(self.design[there, effect], towards, np.zeros(len(there)))
        first = int(self.people.max(initial=-1)) + 1
        people = np.repeat(np.arange(first, first + coming), len(there))
        return Answered(
            self.design,
            np.append(self.rows, np.tile(there, coming)),
            np.append(self.answers, np.tile(said, coming)),
            np.append(self.people, people),
            self.items,
        )

    def effect(self, place: int) -> Effect:
        """One effect, as an analysis fits it: nobody's answers count for more than the cap."""
        fit = fit_preferences(
            *(self.design, self.answers, self.people),
            rows=self.rows,
            items=None if self.items is None else self.items[self.rows],
            ridge=RIDGE,
            cap=TIMES_THE_MEDIAN,
        )
        return fit.effects[place]


@dataclass(frozen=True)
class BoundedFit:
    """Effects with nobody's pull beyond the bound: (k,) each. weights: (people,) in [0, 1].

    note: "" or why nothing was fitted.
    """

    log_odds: Floats
    low: Floats
    high: Floats
    weights: Floats
    note: str = ""


def answered(
    differences: ArrayLike,
    answers: ArrayLike,
    people: ArrayLike,
    rows: ArrayLike | None = None,
    items: ArrayLike | None = None,
) -> Answered:
    """Comparisons without those that were not answered or not measured.

    differences: (m, k); answers, people: (n,); rows: (n,) into differences, by default one each;
    items: (m,) which pair each row is about. Raises ValueError.
    """
    design, given = (np.asarray(one, dtype=np.float64) for one in (differences, answers))
    who = np.asarray(people)
    about = np.arange(given.size) if rows is None else np.asarray(rows, dtype=np.intp)
    if design.ndim != 2 or not given.shape == who.shape == about.shape:
        raise ValueError("There must be one row of differences, one answer and one person each.")
    if rows is None and len(design) != given.size:
        raise ValueError("There must be one row of differences, one answer and one person each.")
    measured = np.asarray(~np.isnan(design).any(axis=1))
    there = ~np.isnan(given) & measured[about]
    ids = np.unique(who[there], return_inverse=True)[1]
    pairs = None if items is None else np.asarray(items, dtype=np.intp)
    return Answered(design, about[there], given[there], ids, pairs)


def bounded_effects(told: Answered, level: float = 0.95) -> BoundedFit:
    """Effects where, beyond the cap on answers, nobody pulls more than three times the median.

    The pull is measured in the metric of the estimate's own information, so that units do not
    matter. Intervals by person, Student's t. This weighs down who thinks otherwise than the rest,
    so it decides nothing. Source: Stefanski, Carroll and Ruppert 1986, Biometrika 73:413, with the
    person in place of the answer.
    """
    k, g = told.design.shape[1], told.n_people
    if g < 2 or (told.answers == 0.5).all():
        nothing = np.full(k, np.nan)
        note = "Too few people answered, or every answer was about equal."
        return BoundedFit(nothing, nothing, nothing, np.ones(g), note)
    most = weights = _capped(told)
    for _ in range(_ROUNDS):
        fit = _fit(told, weights[told.people])
        sums = _score_sums(told, fit, np.ones(len(told.answers)))
        size = np.sqrt(np.maximum(np.einsum("ip,pq,iq->i", sums, fit.bread, sums), 0))
        newer = np.minimum(most, _bound(size * most) / np.maximum(size, 1e-12))
        moved, weights = float(abs(newer - weights).max()), newer
        if moved < _CLOSE:
            break
    pulls = (sums @ fit.bread[:, :k]) * weights[:, None]
    error = np.sqrt(g / (g - 1) * (pulls**2).sum(axis=0))
    half = stats.t.ppf((1 + level) / 2, g - 1) * error
    beta = fit.coefficients
    return BoundedFit(beta, beta - half, beta + half, weights)


def pulls_on(told: Answered) -> Floats:
    """How far each person pulls each effect: (people, k); leaving them out moves it by about minus
    that."""
    weights = _capped(told)[told.people]
    fit = _fit(told, weights)
    return np.asarray(_score_sums(told, fit, weights) @ fit.bread[:, : told.design.shape[1]])


def fewest_behind(told: Answered, place: int, effect: Effect, turned: Turned) -> float:
    """People whose leaving makes a clear effect unclear; inf where a third of them do not.

    turned: whether the effect, fitted again, is no longer clear. Those who pull most towards it
    leave first, so the number suffices; fewer, chosen otherwise, might too.
    """
    towards = pulls_on(told)[:, place] * np.sign(effect.log_odds)
    order = np.argsort(-towards, kind="stable")
    left = np.maximum(1 - np.cumsum(towards[order] ** 2) / (towards**2).sum(), 0)
    half = (effect.high - effect.low) / 2 * np.sqrt(left)
    short = abs(effect.log_odds) - half - np.cumsum(towards[order])
    most = max(1, told.n_people // 3)
    return _fewest(lambda m: turned(told.without(order[:m])), _first(short <= 0), most)


def fewest_sold(told: Answered, place: int, towards: int, missing: float, turned: Turned) -> float:
    """People who turn an effect by answering their own pairs always one way; inf where none do.

    towards: 1 or -1, the way they answer. missing: how far the effect has to move for it. Those
    whose change moves it most sell first, so the number suffices.
    """
    weights = _capped(told)[told.people]
    fit = _fit(told, weights)
    column = told.design @ fit.bread[: told.design.shape[1], place]
    said = _choices(told.design[told.rows, place], towards, told.answers)
    moved = weights * column[told.rows] * (said - told.answers)
    each = np.bincount(told.people, moved) * towards
    order = np.argsort(-each, kind="stable")
    guess = _first(np.cumsum(each[order]) >= missing)
    return _fewest(
        lambda m: turned(told.sold(order[:m], place, towards)), guess, int((each > 0).sum())
    )


def fewest_coming(
    told: Answered, place: int, towards: int, missing: float, turned: Turned
) -> float:
    """People more who turn an effect by answering every pair always one way; inf where as many as
    there are do not.

    Like fewest_sold. However much they answer, each counts for no more than the cap.
    """
    with_one = told.joined(1, place, towards)
    weights = _capped(with_one)[with_one.people]
    fit = _fit(with_one, weights)
    came = with_one.people == with_one.people.max()
    pulls = _score_sums(with_one, fit, weights * came) @ fit.bread[:, place]
    each = float(pulls.sum()) * towards
    guess = int(np.clip(np.ceil(missing / max(each, 1e-9)), 1, told.n_people))
    return _fewest(lambda m: turned(told.joined(m, place, towards)), guess, told.n_people)


def _choices(differences: Floats, towards: int, otherwise: Floats) -> Floats:
    """(n,) 1 for the left, 0 for the right, always one way; otherwise where they do not differ."""
    return np.where(differences == 0, otherwise, differences * towards > 0)


def _first(enough: NDArray[np.bool_]) -> int:
    """How many it takes until there is enough; all where there never is."""
    return int(np.argmax(enough)) + 1 if enough.any() else max(1, len(enough))


def _fewest(turns: Callable[[int], bool], guess: int, most: int) -> float:
    """The number that turns it while one fewer does not, looked for from the guess outwards."""
    if most < 1:
        return np.inf
    high = min(max(1, guess), most)
    step, low = 1, 0
    if turns(high):
        while high - step > 0 and turns(high - step):
            high, step = high - step, 2 * step
        low = max(0, high - step)
    else:
        while True:
            if high == most:
                return np.inf
            low, high, step = high, min(most, high + step), 2 * step
            if turns(high):
                break
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if turns(middle) else (middle, high)
    return float(high)


def _capped(told: Answered) -> Floats:
    """(people,) as how much of an answer each of theirs counts under the cap."""
    weights = np.ones(int(told.people.max(initial=-1)) + 1)
    weights[told.people] = equal_say(told.people, most_answers(told.people))
    return weights


def _fit(told: Answered, weights: Floats) -> DavidsonFit:
    counts = tally(told.rows, told.answers, len(told.design), weights)
    # What nobody answered may not be measured.
    return fit_davidson(np.nan_to_num(told.design), counts, RIDGE)


def _bound(size: Floats) -> float:
    """Of those who pull at all; no bound where nobody does."""
    pulling = size[size > 1e-9]
    return PULL_TIMES_THE_MEDIAN * float(np.median(pulling)) if pulling.size else np.inf


def _score_sums(told: Answered, fit: DavidsonFit, weights: Floats) -> Floats:
    """(people, p) each person's gradient of the log-likelihood."""
    n, m = int(told.people.max()) + 1, len(told.design)
    residuals = weights * (told.answers - 0.5 - fit.expected[told.rows])
    table = sparse.coo_array((residuals, (told.people, told.rows)), shape=(n, m)).tocsr()
    sums = np.asarray(table @ np.nan_to_num(told.design))
    if fit.has_ties:
        ties = weights * ((told.answers == 0.5) - fit.equal[told.rows])
        sums = np.column_stack([sums, np.bincount(told.people, ties, n)])
    return sums
