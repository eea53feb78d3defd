"""What changed in people's answers between an earlier and a later occasion, the same people's."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from policy.computing.preferences import RIDGE, Compared, Fits
from policy.inputs import WorkshopAnswers
from policy.methods.bradley_terry import Effect, fit_preferences
from policy.methods.changes import PairedChange, adjusted, paired_change
from policy.methods.equal_say import TIMES_THE_MEDIAN
from policy.methods.features import FEATURES
from policy.methods.identifiability import shared_items
from policy.methods.intervals import paired_difference, verdict
from policy.methods.multiple_testing import benjamini_hochberg
from policy.reading import count, percent, points

FEWEST = 10
TOO_FEW = "Too few answered both times to say."
NOBODY = "Nobody was asked twice, so what changed cannot be said."
NAN = float("nan")


def before_after_section(answers: WorkshopAnswers, fits: Fits) -> dict[str, Any]:
    """Changes of votes, first to last occasion, and of preferences, first to last stage."""
    votes, preferences = _votes(answers), _preferences(answers, fits)
    said = [part["sentence"] for part in (votes, preferences) if part["sentence"]]
    return {
        "votes": votes,
        "preferences": preferences,
        "sentence": " ".join(said) or NOBODY,
    }


def _votes(answers: WorkshopAnswers) -> dict[str, Any]:
    again = answers.again
    people = len(np.unique(again.people))
    if not people:
        return {"occasions": [], "communities": {}, "statements": [], "sentence": ""}
    statements = _statements(answers)
    changed = [
        state
        for one in statements
        for found in one["communities"].values()
        if (state := found["state"]) in ("more", "fewer")
    ]
    return {
        "occasions": list(again.occasions),
        "communities": {
            one["slug"]: _community(answers, place)
            for place, one in enumerate(answers.communities)
            if (answers.community_of[again.people] == place).any()
        },
        "statements": statements,
        "sentence": (
            f"{people} people voted again on {count(len(statements), 'statement')}; "
            f"{count(len(changed), 'clear change')} of a community's view."
            if people >= FEWEST
            else TOO_FEW
        ),
    }


def _community(answers: WorkshopAnswers, place: int) -> dict[str, Any]:
    """How far one community moved towards agreeing, over all statements; clustered by person."""
    again = answers.again
    ours = answers.community_of[again.people] == place
    people, statements = again.people[ours], again.statements[ours]
    n = len(np.unique(people))
    if n < FEWEST:
        nothing = {"change": NAN, "low": NAN, "high": NAN, "verdict": "too few"}
        return {"people": n, "answers": int(ours.sum()), **nothing, "sentence": TOO_FEW}
    earlier, later = ((given[ours] == 1).astype(float) for given in (again.earlier, again.later))
    found = paired_difference(earlier, later, people, items=statements)
    towards = {"better": "more agree", "worse": "fewer agree"}
    return {
        "people": n,
        "answers": int(ours.sum()),
        "change": found.estimate,
        "low": found.low,
        "high": found.high,
        "verdict": towards.get(verdict(found.low, found.high), "no clear change"),
        "sentence": found.note
        or f"Over all statements {points(found.estimate)} more agree "
        f"({points(found.low)} to {points(found.high)}).",
    }


def _statements(answers: WorkshopAnswers) -> list[dict[str, Any]]:
    """Every statement voted on twice: how each community's share that agrees changed."""
    again = answers.again
    community = answers.community_of[again.people]
    keys = sorted({*zip(again.statements.tolist(), community.tolist(), strict=True)})
    changes = []
    for statement, place in keys:
        rows = (again.statements == statement) & (community == place)
        earlier, later = (given[rows] == 1 for given in (again.earlier, again.later))
        changes.append(paired_change(earlier, later, fewest=FEWEST))
    found = dict(zip(keys, adjusted(changes), strict=True))
    slugs = [one["slug"] for one in answers.communities]
    return [
        {
            "id": one["id"],
            "external_id": one["external_id"],
            "text": one["text"],
            "communities": {
                slugs[place]: _change(change)
                for (statement, place), change in found.items()
                if statement == one["id"]
            },
        }
        for one in answers.statements
        if any(statement == one["id"] for statement, _ in keys)
    ]


def _change(change: PairedChange) -> dict[str, Any]:
    stored = asdict(change)
    # With the two shares and n, these would tell of single people.
    for name in ("gained", "lost"):
        del stored[name]
    if change.state == "too few":
        return stored | {"sentence": TOO_FEW}
    return stored | {
        "sentence": (
            f"Of {change.n} people who voted both times {percent(change.before)} agreed before and "
            f"{percent(change.after)} after: {points(change.change)} more "
            f"({points(change.low)} to {points(change.high)})."
        )
    }


def _preferences(answers: WorkshopAnswers, fits: Fits) -> dict[str, Any]:
    """How the effects of features differ between the first and the last stage with comparisons."""
    stages = np.unique(answers.judged.stages[answers.judged.stages >= 0])
    nothing: dict[str, Any] = {"stages": [], "communities": {}, "sentence": ""}
    if stages.size < 2 or fits.compared is None or not fits.kept:
        return nothing
    first, last = int(stages[0]), int(stages[-1])
    communities = {
        one["slug"]: _stages_of(answers, fits, fits.compared, place, (first, last))
        for place, one in enumerate(answers.communities)
    }
    return {
        "stages": [first, last],
        "communities": communities,
        "sentence": " ".join(
            f"{one['name']}: {communities[one['slug']]['sentence']}" for one in answers.communities
        ),
    }


def _stages_of(
    answers: WorkshopAnswers, fits: Fits, compared: Compared, place: int, stages: tuple[int, int]
) -> dict[str, Any]:
    judged = answers.judged
    ours = answers.community_of[judged.people] == place
    in_stage = [ours & (judged.stages == stage) & ~np.isnan(judged.answers) for stage in stages]
    both = np.intersect1d(*(judged.people[rows] for rows in in_stage))
    if both.size < FEWEST:
        return {"people": int(both.size), "effects": [], "sentence": TOO_FEW}
    rows = np.flatnonzero((in_stage[0] | in_stage[1]) & np.isin(judged.people, both))
    later = judged.stages[rows] == stages[1]
    effects = _effect_changes(answers, fits, compared, rows, later)
    about = compared.pairs[compared.rows[rows]]
    shared = shared_items({"before": about[~later].tolist(), "after": about[later].tolist()})[0]
    clear = sum(bool(effect["q"] <= 0.05) for effect in effects)
    sentence = f"{both.size} people compared before and after; {clear} preferences changed clearly."
    if not shared.identified:
        sentence += (
            " They judged other pairs after than before, which alone may change preferences."
        )
    return {"people": int(both.size), "effects": effects, "sentence": sentence}


def _effect_changes(
    answers: WorkshopAnswers,
    fits: Fits,
    compared: Compared,
    rows: NDArray[np.intp],
    later: NDArray[np.bool_],
) -> list[dict[str, Any]]:
    """One fit with every feature twice: as it is, and once more for what was judged later."""
    design = compared.design[:, fits.kept]
    k, m = design.shape[1], len(design)
    about = compared.rows[rows]
    doubled = np.block([[design, np.zeros_like(design)], [design, design]])
    fit = fit_preferences(
        doubled,
        answers.judged.answers[rows],
        answers.judged.people[rows],
        rows=about + m * later,
        items=compared.pairs[about],
        ridge=RIDGE,
        left_side=True,
        names=[f"{FEATURES[j].key}{when}" for when in ("", " later") for j in fits.kept],
        cap=TIMES_THE_MEDIAN,
    )
    changes = fit.effects[k:]
    q = benjamini_hochberg([change.p for change in changes])
    return [
        _effect_change(FEATURES[j].key, fit.effects[place], changes[place], float(q[place]))
        for place, j in enumerate(fits.kept)
    ]


def _effect_change(feature: str, before: Effect, change: Effect, q: float) -> dict[str, Any]:
    return {
        "feature": feature,
        "name": next(one.name for one in FEATURES if one.key == feature),
        "before": before.log_odds,
        "after": before.log_odds + change.log_odds,
        "change": change.log_odds,
        "low": change.low,
        "high": change.high,
        "p": change.p,
        "q": q,
        "note": before.note or change.note,
    }
