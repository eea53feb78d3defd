"""What each community prefers, feature by feature and theme by theme."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from policy.computing.examples import examples_of, tallied_pairs
from policy.computing.leaning import leaning
from policy.computing.sources import source_section
from policy.inputs import WorkshopAnswers
from policy.methods.bradley_terry import Effect, PreferenceFit, fit_preferences, prepare
from policy.methods.equal_say import TIMES_THE_MEDIAN
from policy.methods.features import FEATURES, feature_differences, standardise
from policy.methods.people_bootstrap import bootstrap_bounds

# A feature in which fewer pairs than this differ cannot carry an estimate of its own.
LEAST_SHARE_DIFFERING = 0.02
LEAST_ANSWERS_IN_A_THEME = 60
RIDGE = 0.01
RESAMPLES = 200
# Rows times features squared: beyond this, drawing people again takes minutes.
LARGEST_BOOTSTRAP = 20_000_000
WITHOUT_RATERS = (
    "The published file does not say who judged what: intervals treat every answer as another "
    "person's, and would be wider if people answered several times."
)
EVERYONE = ""
PLAIN = ("log_odds", "low", "high", "chosen", "chosen_low", "chosen_high", "q")

Rows = NDArray[np.intp]
Fitted = tuple[PreferenceFit, Rows]


@dataclass(frozen=True)
class Compared:
    """Judged pairs as they were put, m of them, and what each of n answers is about.

    sides: (m, 2) completion ids, left then right. pairs: (m,) a number for the two, whichever side
    they were on. design: (m, FEATURES) in the workshop's units. rows: (n,) into these.
    """

    sides: NDArray[np.int64]
    pairs: Rows
    design: NDArray[np.float64]
    rows: Rows


@dataclass(frozen=True)
class Fits:
    """Fitted preferences: (community slug, theme) → fit and the answers that differ per feature.

    kept: places in FEATURES. units: (features,) the size of each feature's unit. pooled: theme →
    the same over all communities. answered: whose answers each fit rests on, by (slug, theme), the
    slug EVERYONE for pooled ones. plain: the fits of `themes` in which every answer counts in full,
    where somebody's do not.
    """

    kept: list[int]
    units: NDArray[np.float64]
    themes: Mapping[tuple[str, str], Fitted]
    pooled: Mapping[str, Fitted] = field(default_factory=dict)
    answered: Mapping[tuple[str, str], Rows] = field(default_factory=dict)
    compared: Compared | None = None
    plain: Mapping[tuple[str, str], PreferenceFit] = field(default_factory=dict)


def fit_all(answers: WorkshopAnswers) -> Fits:
    """Fit every community and theme, and all communities together, in units of the workshop."""
    judged = answers.judged
    if not judged.answers.size:
        return Fits([], np.zeros(0), {})
    compared, units = _compared(answers)
    kept = _usable(compared)
    chosen = dict(_chosen(answers))
    found = {key: _fitted(answers, compared, kept, rows) for key, rows in chosen.items()}
    capped = [key for key, (fit, _) in found.items() if fit.n_capped and key[0] != EVERYONE]
    return Fits(
        kept=kept,
        units=units,
        themes={key: fit for key, fit in found.items() if key[0] != EVERYONE},
        pooled={theme: fit for (slug, theme), fit in found.items() if slug == EVERYONE},
        answered=chosen,
        compared=compared,
        plain={key: fit_rows(answers, compared, kept, chosen[key], cap=np.inf) for key in capped},
    )


def preference_section(
    answers: WorkshopAnswers,
    fits: Fits,
    identified: Sequence[Mapping[str, Any]] = (),
    seed: int = 0,
) -> dict[str, Any]:
    """Effects of features per community and theme and over all, and strengths of sources.

    identified: whether communities judged enough of the same pairs (identified_section). Where any
    two did not, none leans on another and there is nothing pooled.
    """
    if not fits.themes:
        return {"communities": {}, "sources": {}, "units": {}, "notes": ["Nobody compared."]}
    alike = all(one["identified"] for one in identified)
    notes = [WITHOUT_RATERS] if answers.without_raters else []
    if not alike:
        notes.append("Communities judged different pairs, so none leans on what others prefer.")
    lean = _lean(answers, fits) if alike else {}
    several = alike and bool(fits.pooled)
    return {
        "communities": {
            one["slug"]: _section_of(answers, fits, one["slug"], lean, seed)
            for one in answers.communities
        },
        "pooled": _section_of(answers, fits, EVERYONE, {}, seed) if several else None,
        "sources": source_section(answers, alike, _differences(fits)),
        "units": {FEATURES[j].key: float(fits.units[j]) for j in fits.kept},
        "notes": notes,
    }


def _differences(fits: Fits) -> NDArray[np.float64]:
    """(n, kept) how far the two completions of each answer differ."""
    compared = fits.compared
    if compared is None:
        return np.zeros((0, 0))
    return np.asarray(compared.design[:, fits.kept][compared.rows])


def _section_of(
    answers: WorkshopAnswers, fits: Fits, slug: str, lean: Mapping[str, Any], seed: int
) -> dict[str, Any]:
    """What one community prefers, or everyone. lean: theme → what each effect is when leaning."""
    judged = answers.judged
    ours = fits.answered[slug, ""]
    return {
        "answers": int(ours.size),
        "neither": int(np.isnan(judged.answers[ours]).sum()),
        "people": int(np.unique(judged.people[ours]).size),
        "themes": {
            theme: _theme(answers, fits, slug, theme, fitted, lean.get(theme), seed)
            for theme, fitted in _themes_of(fits, slug)
        },
    }


def _themes_of(fits: Fits, slug: str) -> Iterator[tuple[str, Fitted]]:
    if slug == EVERYONE:
        yield from fits.pooled.items()
    for (community, theme), fitted in fits.themes.items():
        if community == slug:
            yield theme, fitted


def _lean(answers: WorkshopAnswers, fits: Fits) -> dict[str, dict[str, Any]]:
    """Theme → community slug → what each effect is when communities lean on one another."""
    names = {one["slug"]: one["name"] for one in answers.communities}
    found = {}
    for theme in {theme for _, theme in fits.themes}:
        effects = {
            slug: [(e.log_odds, e.error, e.rests_on) for e in fit.effects]
            for (slug, other), (fit, _) in fits.themes.items()
            if other == theme
        }
        found[theme] = leaning(effects, names)
    return found


def _compared(answers: WorkshopAnswers) -> tuple[Compared, NDArray[np.float64]]:
    sides, rows = _distinct(answers.judged.pairs)
    left, right = ([answers.features[int(pk)] for pk in side] for side in sides.T)
    times = np.bincount(rows, minlength=len(sides))
    design, units = standardise(feature_differences(left, right), times=times)
    return Compared(sides, _distinct(np.sort(sides, axis=1))[1], design, rows), units


def _distinct(pairs: NDArray[np.int64]) -> tuple[NDArray[np.int64], Rows]:
    """(m, 2) the different pairs in order, and (n,) which of them each is."""
    shown, place = np.unique(pairs, return_inverse=True)
    first, second = place.reshape(-1, 2).T
    keys, rows = np.unique(first * shown.size + second, return_inverse=True)
    return np.column_stack([shown[side] for side in np.divmod(keys, shown.size)]), rows


def _usable(compared: Compared) -> list[int]:
    """The features in which enough answers differ, and that were measured nearly everywhere."""
    shares = np.bincount(compared.rows, minlength=len(compared.sides)) / compared.rows.size
    differs = shares @ (np.nan_to_num(compared.design) != 0)
    measured = shares @ ~np.isnan(compared.design)
    return [
        j
        for j in range(compared.design.shape[1])
        if differs[j] >= LEAST_SHARE_DIFFERING and measured[j] > 0.9
    ]


def _chosen(answers: WorkshopAnswers) -> Iterator[tuple[tuple[str, str], Rows]]:
    """Whose answers each fit rests on: each community's, and everyone's where there are several."""
    community = answers.community_of[answers.judged.people]
    for place, one in enumerate(answers.communities):
        for theme, rows in _themes(answers, community == place):
            yield (one["slug"], theme), rows
    if len(np.unique(community)) > 1:
        for theme, rows in _themes(answers, np.ones(community.size, dtype=np.bool_)):
            yield (EVERYONE, theme), rows


def _themes(answers: WorkshopAnswers, ours: NDArray[np.bool_]) -> Iterator[tuple[str, Rows]]:
    """Every theme together (""), then each theme with enough answers where there are several."""
    yield "", np.flatnonzero(ours)
    prompts, place = np.unique(answers.judged.prompts, return_inverse=True)
    themes = np.array([answers.prompts[int(pk)]["theme"] for pk in prompts], dtype=np.str_)
    names = themes[place.ravel()]
    present = sorted({str(name) for name in themes if name})
    if len(present) > 1:
        for theme in present:
            rows = np.flatnonzero(ours & (names == theme))
            if rows.size >= LEAST_ANSWERS_IN_A_THEME:
                yield theme, rows


def _fitted(answers: WorkshopAnswers, compared: Compared, kept: list[int], rows: Rows) -> Fitted:
    fit = fit_rows(answers, compared, kept, rows)
    times = np.bincount(compared.rows[rows], minlength=len(compared.design))
    return fit, (times @ (np.nan_to_num(compared.design[:, kept]) != 0)).astype(np.intp)


def fit_rows(
    answers: WorkshopAnswers,
    compared: Compared,
    kept: list[int],
    rows: Rows,
    cap: float = TIMES_THE_MEDIAN,
) -> PreferenceFit:
    """The preferences that these answers tell, nobody's counting for more than the cap allows."""
    about = compared.rows[rows]
    return fit_preferences(
        compared.design[:, kept],
        answers.judged.answers[rows],
        answers.judged.people[rows],
        rows=about,
        items=None if answers.without_raters else compared.pairs[about],
        ridge=RIDGE,
        left_side=True,
        names=[FEATURES[j].key for j in kept],
        cap=cap,
    )


def _drawn_again(
    answers: WorkshopAnswers, fits: Fits, compared: Compared, rows: Rows, seed: int
) -> NDArray[np.float64]:
    """(2, effects) ends of the intervals by drawing people again; NaN where it was not done."""
    design = compared.design[:, fits.kept]
    judged = answers.judged
    kept = prepare(
        *(design, judged.answers[rows], judged.people[rows], None, compared.rows[rows], RIDGE),
        level=0.95,
        cap=TIMES_THE_MEDIAN,
    )
    decided = (kept.answers != 0.5).any()
    if not decided or kept.design.shape[0] * len(fits.kept) ** 2 > LARGEST_BOOTSTRAP:
        return np.full((2, len(fits.kept)), np.nan)
    sides = np.column_stack([kept.design, np.ones(len(kept.design))])
    return np.array(
        bootstrap_bounds(sides, kept.told, ridge=RIDGE, resamples=RESAMPLES, seed=seed)
    )[:, : len(fits.kept)]


def _theme(
    answers: WorkshopAnswers,
    fits: Fits,
    slug: str,
    theme: str,
    fitted: Fitted,
    lean: Mapping[str, Sequence[Any]] | None,
    seed: int,
) -> dict[str, Any]:
    fit, differing = fitted
    rows, compared = fits.answered[slug, theme], fits.compared
    if compared is None:
        raise ValueError("Only a fit of compared pairs has effects.")
    tallied = tallied_pairs(answers, compared.sides, compared.design, compared.rows[rows], rows)
    again = np.full((2, len(fits.kept)), np.nan)
    if not theme:
        again = _drawn_again(answers, fits, compared, rows, seed)
    leaning_on = lean[slug] if lean and slug in lean else [None] * len(fit.effects)
    return {
        "effects": [
            _effect(effect, int(differing[k]))
            | {"boot_low": float(again[0, k]), "boot_high": float(again[1, k])}
            | {"shrunken": leaning_on[k]}
            | {"plain": _plain(fits, slug, theme, k)}
            | {"examples": examples_of(answers, tallied, effect, fits.kept[k])}
            for k, effect in enumerate(fit.effects)
        ],
        "left_side": asdict(fit.left_side) if fit.left_side else None,
        "tie": fit.tie,
        "n": fit.n,
        "ties": fit.n_ties,
        "people": fit.n_clusters,
        "pairs": fit.n_items,
        "most_answers": fit.most,
        "capped_people": fit.n_capped,
        "heaviest": fit.heaviest,
        "notes": list(fit.notes),
    }


def _plain(fits: Fits, slug: str, theme: str, place: int) -> dict[str, float] | None:
    """The effect were every answer counted in full, where somebody's are not."""
    if (slug, theme) not in fits.plain:
        return None
    effect = asdict(fits.plain[slug, theme].effects[place])
    return {name: effect[name] for name in PLAIN}


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
