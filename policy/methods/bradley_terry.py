"""What people prefer between completions: effects of features, and strengths of sources.

Bradley and Terry's model with Davidson's ties and a small ridge. A person's answers are alike, so
every interval is clustered by person: where people differ, intervals from answers alone cover the
truth 75 to 88 times in 100 where 95 were promised (simulated, tests/benchmarks).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit

from policy.methods.clustering import Told, cluster_by, clustered_errors, interval_and_p
from policy.methods.davidson import DavidsonFit, Floats, Places, fit_davidson, tally
from policy.methods.equal_say import equal_say, most_answers
from policy.methods.multiple_testing import benjamini_hochberg

LEFT_SIDE = "shown on the left"
NOBODY = "Nobody answered."
ONE_PERSON = "Only one person answered: how others would choose cannot be said."
ONE_ITEM = "Only one pair was judged: how people choose between others cannot be said."
ALL_EQUAL = "Every answer was about equal: nothing tells what is preferred."

# Above this share of an estimate's information coming from the ridge, answers do not determine it.
_RIDGE_DECIDES = 0.05


@dataclass(frozen=True)
class Effect:
    """What one unit more of a feature does to being chosen, ties aside; NaN with a note.

    log_odds, low, high, error: per unit, with its standard error. chosen, chosen_low, chosen_high:
    probability that the completion with one unit more is chosen. p: two-sided; q: p adjusted over
    the fit's effects. rests_on: how many equal participants the estimate rests on; with items,
    how many participants and items together. note: why something is NaN, else "".
    """

    name: str
    log_odds: float
    low: float
    high: float
    error: float
    chosen: float
    chosen_low: float
    chosen_high: float
    p: float
    q: float
    rests_on: float
    note: str = ""


@dataclass(frozen=True)
class PreferenceFit:
    """Effects of features on choices. tie: Davidson's ν (0: no ties; NaN: not fitted).

    n: answers used, of them n_ties about equal; n_left_out: rows with something unmeasured.
    n_clusters: participants; n_items: items, 0 where the fit was not clustered by item.
    most: as how many answers one person's count at most, inf without a cap; n_capped: people whose
    counted for fewer than they gave; heaviest: the largest share of all weight that one person has.
    log_likelihood against null_log_likelihood (no feature matters) says what the features explain.
    """

    effects: tuple[Effect, ...]
    left_side: Effect | None
    tie: float
    n: int
    n_ties: int
    n_left_out: int
    n_clusters: int
    n_items: int
    level: float
    log_likelihood: float
    null_log_likelihood: float
    notes: tuple[str, ...]
    most: float = np.inf
    n_capped: int = 0
    heaviest: float = np.nan


@dataclass(frozen=True)
class Answered:
    """Answers that can be used: design, (m, k) its rows; told: what was answered about which.

    counts: (m, 3) of left, about equal and right, each answer by its weight. n_left_out: answers
    that could not be used. most: as how many answers one person's count at most.
    """

    design: Floats
    told: Told
    counts: Floats
    n_left_out: int
    most: float = np.inf

    @property
    def answers(self) -> Floats:
        """(n,) of 1, ½, 0."""
        return self.told.answers

    @property
    def n_clusters(self) -> int:
        """How many people answered."""
        return self.told.ways[0].n

    @property
    def n_items(self) -> int:
        """How many items were judged; 0 where they are not told apart."""
        return self.told.ways[1].n if len(self.told.ways) > 1 else 0

    def people_capped(self) -> tuple[int, float]:
        """People whose answers counted for fewer than they gave, and the heaviest one's share."""
        people = self.told.ways[0]
        gave = np.bincount(people.ids, minlength=people.n)
        counted = np.minimum(gave, self.most)
        return int((counted < gave).sum()), float(counted.max() / counted.sum())


def fit_preferences(
    differences: ArrayLike,
    answers: ArrayLike,
    clusters: ArrayLike,
    *,
    items: ArrayLike | None = None,
    rows: ArrayLike | None = None,
    ridge: float = 0.01,
    level: float = 0.95,
    left_side: bool = False,
    names: Sequence[str] = (),
    cap: float = np.inf,
) -> PreferenceFit:
    """Effects of features on which completion is chosen.

    differences: (m, k), left minus right, in standardised units (features.standardise); answers to
    a row with a NaN are left out and counted. answers: (n,) of 1 left, 0 right, ½ about equal; NaN
    left out. clusters: (n,) participant ids. rows: (n,) which row of differences each answer is
    about, by default one each. items: (n,) ids of the pairs judged, where several people judged
    the same ones: intervals then also allow for other pairs than these. ridge: penalty that keeps
    perfectly predicted answers finite. left_side: also estimate a pull towards the left side.
    names: (k,) for notes and effects. cap: one person's answers count for at most so many times the
    median person's (equal_say), whatever they say.
    Intervals are CR1 sandwich with Student's t on the effective number of clusters less one.
    Simulated, they cover .94-.98 from four people on (docs/analysis-methods.md).
    Raises ValueError for other shapes, other answers, or a ridge or level out of range.
    """
    kept = prepare(differences, answers, clusters, items, rows, ridge, level, cap)
    labels = _labels(names, kept.design.shape[1])
    reason = _reason_not_to_fit(kept)
    if reason:
        return _not_fitted(kept, labels, left_side, level, reason)
    design = kept.design
    if left_side:
        design = np.column_stack([design, np.ones(len(design))])
    fit = fit_davidson(design, kept.counts, ridge)
    found = _effects(fit, design, kept, ridge, level, [*labels, LEFT_SIDE][: design.shape[1]])
    capped, heaviest = kept.people_capped()
    return PreferenceFit(
        effects=tuple(found[: len(labels)]),
        left_side=found[-1] if left_side else None,
        tie=fit.tie,
        n=kept.answers.size,
        n_ties=int((kept.answers == 0.5).sum()),
        n_left_out=kept.n_left_out,
        n_clusters=kept.n_clusters,
        n_items=kept.n_items,
        level=level,
        log_likelihood=fit.log_likelihood,
        null_log_likelihood=fit_davidson(design[:, :0], kept.counts, ridge).log_likelihood,
        notes=_notes(found, kept),
        most=kept.most,
        n_capped=capped,
        heaviest=heaviest,
    )


def _effects(
    fit: DavidsonFit, design: Floats, kept: Answered, ridge: float, level: float, names: list[str]
) -> list[Effect]:
    k = design.shape[1]
    predicted = _all_predicted(design, kept, fit)
    notes = [_note(design, kept, fit, ridge, predicted, j) for j in range(k)]
    error, rests_on = clustered_errors(fit, design, np.eye(k), kept.told)
    error = np.where([note == "" for note in notes], error, np.nan)
    estimate = np.where([_undetermined(note) for note in notes], np.nan, fit.coefficients)
    half, p = interval_and_p(estimate, error, rests_on, level)
    for j in range(k):
        if notes[j] == _ONE_WAY:
            p[j] = _sign_test(design[:, j], kept)
    numbers = np.column_stack([estimate, half, error, p, benjamini_hochberg(p), rests_on])
    return [_effect(names[j], numbers[j], notes[j]) for j in range(k)]


def _sign_test(column: Floats, kept: Answered) -> float:
    """p that all of those independent clusters went the same way by chance."""
    differs = column[kept.told.rows] != 0
    clusters = min(len(np.unique(way.ids[differs])) for way in kept.told.ways)
    return float(min(1.0, 2 * 0.5**clusters))


def _effect(name: str, numbers: Floats, note: str) -> Effect:
    estimate, half, error, p, q, rests_on = (float(number) for number in numbers)
    return Effect(
        name=name,
        log_odds=estimate,
        low=estimate - half,
        high=estimate + half,
        error=error,
        chosen=float(expit(estimate)),
        chosen_low=float(expit(estimate - half)),
        chosen_high=float(expit(estimate + half)),
        p=p,
        q=q,
        rests_on=rests_on,
        note=note,
    )


_NEVER_DIFFERS = "The two completions never differ in it."
_NOT_APART = "It differs too rarely, or only together with others: its effect cannot be told apart."
_ONE_WAY = (
    "Every answer went the same way wherever the two differ in it: the direction stands, "
    "the size rests on the ridge and has no interval."
)
_PREDICTED = (
    "All answers are predicted perfectly by the features together: sizes rest on the ridge and "
    "have no interval."
)


def _note(
    design: Floats, kept: Answered, fit: DavidsonFit, ridge: float, predicted: bool, j: int
) -> str:
    column = design[:, j]
    if not column.any():
        return _NEVER_DIFFERS
    if _goes_one_way(column, kept.counts):
        return _ONE_WAY
    if predicted:
        return _PREDICTED
    if ridge * fit.bread[j, j] > _RIDGE_DECIDES:
        return _NOT_APART
    return _too_few(kept)


def _all_predicted(design: Floats, kept: Answered, fit: DavidsonFit) -> bool:
    """Whether every answer, none of them a tie, went where the fit points."""
    towards = design @ fit.coefficients
    wrong = kept.counts[:, 2] * (towards >= 0) + kept.counts[:, 0] * (towards <= 0)
    return not kept.counts[:, 1].any() and not wrong.any()


def _too_few(kept: Answered) -> str:
    if kept.n_clusters < 2:
        return ONE_PERSON
    return ONE_ITEM if kept.n_items == 1 else ""


def _undetermined(note: str) -> bool:
    return note in (_NEVER_DIFFERS, _NOT_APART)


def _goes_one_way(column: Floats, counts: Floats) -> bool:
    more, less = counts[column > 0], counts[column < 0]
    towards = more[:, 0].sum() + less[:, 2].sum()
    away = more[:, 2].sum() + less[:, 0].sum()
    ties = more[:, 1].sum() + less[:, 1].sum()
    return bool(ties == 0 and (towards == 0) != (away == 0))


def prepare(
    differences: ArrayLike,
    answers: ArrayLike,
    clusters: ArrayLike,
    items: ArrayLike | None,
    rows: ArrayLike | None,
    ridge: float,
    level: float,
    cap: float = np.inf,
) -> Answered:
    """Answers that can be used, counted by row. Raises ValueError as fit_preferences says."""
    design = np.asarray(differences, dtype=np.float64)
    given = np.asarray(answers, dtype=np.float64)
    about = np.arange(given.size) if rows is None else np.asarray(rows, dtype=np.intp)
    labels = [np.asarray(clusters)] if items is None else [np.asarray(clusters), np.asarray(items)]
    _check(design, given, about, rows is None, ridge, level)
    if any(label.shape != given.shape for label in labels):
        raise ValueError("There must be one person, and one item if any, per answer.")
    measured = np.asarray(~np.isnan(design).any(axis=1))
    there = ~np.isnan(given) & measured[about]
    asked = np.bincount(about[there], minlength=len(design)) > 0
    kept, places = given[there], (np.cumsum(asked) - 1)[about[there]]
    ways = tuple(cluster_by(label[there]) for label in labels)
    most = np.inf if np.isinf(cap) else most_answers(ways[0].ids, cap)
    weights = None if np.isinf(most) else equal_say(ways[0].ids, most)
    told = Told(places, kept, ways, weights)
    counts = tally(places, kept, int(asked.sum()), weights)
    return Answered(design[asked], told, counts, int((~there).sum()), most)


def _check(
    design: Floats, answers: Floats, about: Places, one_each: bool, ridge: float, level: float
) -> None:
    if design.ndim != 2 or answers.ndim != 1 or about.shape != answers.shape:
        raise ValueError("There must be one row of differences and one answer each.")
    if one_each and len(design) != answers.size:
        raise ValueError("There must be one row of differences and one answer each.")
    if about.size and not 0 <= about.min() <= about.max() < len(design):
        raise ValueError("Every answer must be about a row of differences.")
    if np.isinf(design).any():
        raise ValueError("A difference must be finite.")
    if not are_answers(answers):
        raise ValueError("An answer is 1 (left), 0 (right) or 0.5 (about equal).")
    if ridge <= 0 or not 0 < level < 1:
        raise ValueError("The ridge must be positive and the level between 0 and 1.")


def are_answers(answers: Floats) -> bool:
    """Whether each is 1, ½, 0 or NaN."""
    known = (answers == 0) | (answers == 0.5) | (answers == 1)
    return bool((known | np.isnan(answers)).all())


def _labels(names: Sequence[str], k: int) -> list[str]:
    if names and len(names) != k:
        raise ValueError(f"There are {k} features but {len(names)} names.")
    return list(names) or [f"feature {j + 1}" for j in range(k)]


def _reason_not_to_fit(kept: Answered) -> str:
    if not kept.answers.size:
        return NOBODY
    return ALL_EQUAL if (kept.answers == 0.5).all() else ""


def _not_fitted(
    kept: Answered, labels: list[str], left_side: bool, level: float, reason: str
) -> PreferenceFit:
    nan = float("nan")
    nothing = np.array([nan, nan, nan, nan, nan, 0.0])
    effects = tuple(_effect(name, nothing, reason) for name in labels)
    side = _effect(LEFT_SIDE, nothing, reason) if left_side else None
    n = kept.answers.size
    return PreferenceFit(
        effects=effects,
        left_side=side,
        tie=nan,
        n=n,
        n_ties=n,
        n_left_out=kept.n_left_out,
        n_clusters=kept.n_clusters,
        n_items=kept.n_items,
        level=level,
        log_likelihood=nan,
        null_log_likelihood=nan,
        notes=(reason,),
    )


def _notes(effects: list[Effect], kept: Answered) -> tuple[str, ...]:
    left_out = (
        (f"{kept.n_left_out} answers were left out: something in them was not measured.",)
        if kept.n_left_out
        else ()
    )
    if _too_few(kept):
        return (_too_few(kept), *left_out)
    return (*(f"{effect.name}: {effect.note}" for effect in effects if effect.note), *left_out)
