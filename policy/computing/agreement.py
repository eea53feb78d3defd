"""How far people agree: within each community, across communities, and along every other line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from policy.inputs import WorkshopAnswers
from policy.methods.agreement import Given, krippendorff_alpha
from policy.methods.agreement_intervals import Interval, alpha_interval, cross_intervals
from policy.methods.cross_agreement import Crossing, cross_pairs
from policy.methods.diversity_sensitivity import Sensitivity, crossed, diversity_sensitivity
from policy.methods.identifiability import shared_items

JUDGED_ONCE = "Each pair was judged by one person, so agreement cannot be measured."
COMMUNITIES, OPINION_GROUPS = "communities", "opinion_groups"
MOST_DRAWS, FEWEST_DRAWS = 500, 99
# Exchanges of people × ratings: with more ratings fewer exchanges, which then vary less.
WORK = 500_000_000

LabelSets = Mapping[str, tuple[NDArray[np.intp], list[str]]]


def agreement_section(
    answers: WorkshopAnswers, seed: int, label_sets: LabelSets | None = None
) -> dict[str, Any]:
    """Agreement on statements and on comparisons, with permutation tests over people.

    label_sets: name → (participants,) numbers, -1 for none, and the label of each number; people
    are compared along each, and along each crossed with communities.
    """
    cast = answers.cast
    votes = Given(
        cast.statements.astype(np.intp),
        cast.people.astype(np.intp),
        cast.choices.astype(np.float64),
        cast.shape[1],
        cast.shape[0],
    )
    sets = label_sets or {}
    # Opinion groups are made of the votes, so votes cannot test them; comparisons can.
    made = frozenset(name for name in (OPINION_GROUPS, _and(OPINION_GROUPS)))
    return {
        "votes": _agreement(votes, answers, seed, sets, made, "Nobody voted."),
        "preferences": _agreement_on_pairs(answers, seed, sets),
    }


def identified_section(answers: WorkshopAnswers) -> list[dict[str, Any]]:
    """For every two communities that compared: whether they judged enough of the same pairs."""
    judged = answers.judged
    pairs = np.sort(judged.pairs, axis=1)
    community = answers.community_of[judged.people] if judged.people.size else judged.people
    seen = {
        one["name"]: {tuple(pair) for pair in pairs[community == place].tolist()}
        for place, one in enumerate(answers.communities)
    }
    compared = {name: found for name, found in seen.items() if found}
    return [asdict(one) for one in shared_items(compared)]


def _agreement_on_pairs(answers: WorkshopAnswers, seed: int, sets: LabelSets) -> dict[str, Any]:
    judged = answers.judged
    if not judged.answers.size:
        return _nothing("Nobody compared.")
    if answers.without_raters:
        return _nothing(JUDGED_ONCE)
    turned = _turned(answers)
    pairs, rows = np.unique(
        np.where(turned[:, None], judged.pairs[:, ::-1], judged.pairs), axis=0, return_inverse=True
    )
    said = np.where(turned, 1 - judged.answers, judged.answers)
    kept = _latest(rows, judged.people) & ~np.isnan(said)
    size = (len(pairs), len(answers.participants))
    given = Given(rows[kept], judged.people[kept], said[kept], *size)
    return _agreement(given, answers, seed, sets, frozenset(), JUDGED_ONCE)


def _latest(items: NDArray[np.intp], people: NDArray[np.intp]) -> NDArray[np.bool_]:
    """(n,) true for the last row of each item and person: who was asked again counts once."""
    keys = np.stack([items, people], axis=1)[::-1]
    first = np.unique(keys, axis=0, return_index=True)[1]
    latest = np.zeros(len(items), dtype=np.bool_)
    latest[len(items) - 1 - first] = True
    return latest


def _turned(answers: WorkshopAnswers) -> NDArray[np.bool_]:
    """(n,) whether left and right stand against the order by source, then by content.

    Nominal α depends on which completion of a pair is called first, so that must depend neither on
    the side that someone saw it on nor on the numbering of a table.
    """
    names = {
        pk: (completion["source"], completion["hash"], pk)
        for pk, completion in answers.completions.items()
    }
    return np.array(
        [names[int(left)] > names[int(right)] for left, right in answers.judged.pairs],
        dtype=np.bool_,
    )


def _agreement(
    given: Given,
    answers: WorkshopAnswers,
    seed: int,
    sets: LabelSets,
    untested: frozenset[str],
    nothing: str,
) -> dict[str, Any]:
    if not given.values.size:
        return _nothing(nothing)
    draws = int(np.clip(WORK // given.values.size, FEWEST_DRAWS, MOST_DRAWS))
    answered = np.bincount(given.people, minlength=given.n_people) > 0
    given = given.among(answered)
    community = answers.community_of[answered]
    names = [one["slug"] for one in answers.communities]
    towns = np.array([names[place] for place in community], dtype=str)
    section: dict[str, Any] = {
        "all": _alpha(given, draws, seed),
        "communities": {
            name: _alpha(given.among(community == place), draws, seed)
            for place, name in enumerate(names)
            if (community == place).any()
        },
        "across": [],
        "axes": [],
        "note": "",
    }
    if len(np.unique(towns)) > 1:
        section["across"] = _across(given, towns, draws, seed)
    axes, within = _axes(towns, {name: _labels(one, answered) for name, one in sets.items()})
    found = diversity_sensitivity(
        given, axes, permutations=draws, seed=seed, within=within, untested=untested
    )
    section["axes"] = [_axis(one) for one in found]
    return section


def _labels(one: tuple[NDArray[np.intp], list[str]], people: NDArray[np.bool_]) -> NDArray[Any]:
    numbers, names = one
    return np.array([*names, ""])[numbers[people]]


def _and(name: str) -> str:
    return f"{COMMUNITIES} × {name}"


def _axes(
    towns: NDArray[Any], sets: Mapping[str, NDArray[Any]]
) -> tuple[dict[str, NDArray[Any]], dict[str, NDArray[Any]]]:
    """Every way to part people, and within what people may change places when it is tested."""
    several = len(np.unique(towns)) > 1
    axes = {COMMUNITIES: towns} if several else {}
    within = {}
    for name, labels in sets.items():
        if name == COMMUNITIES:
            continue
        axes[name] = labels
        if several:
            axes[_and(name)] = np.array(crossed(towns, labels))
            within[_and(name)] = towns
    return axes, within


def _across(given: Given, towns: NDArray[Any], draws: int, seed: int) -> list[dict[str, Any]]:
    pairs = cross_pairs(given, towns, permutations=draws, seed=seed)
    bounds = cross_intervals(given, towns, resamples=draws, seed=seed)
    rows = []
    for one in pairs:
        key = (one.first, one.second)
        identified = not np.isnan(one.xrr)
        rows.append(
            asdict(one)
            | _ends("irr", bounds.irr[one.first])
            | _ends("xrr", bounds.xrr[key], identified)
            | _ends("gai", bounds.gai[key], identified)
        )
    return rows


def _ends(name: str, found: Interval, known: bool = True) -> dict[str, float]:
    nan = float("nan")
    low, high = (found.low, found.high) if known else (nan, nan)
    return {f"{name}_low": low, f"{name}_high": high}


def _alpha(given: Given, draws: int, seed: int) -> dict[str, Any]:
    """Alpha with an interval over people, and as of answers in an order (the middle between)."""
    found = krippendorff_alpha(given)
    bounds = alpha_interval(given, resamples=draws, seed=seed)
    return {
        "alpha": found.value,
        "low": bounds.low,
        "high": bounds.high,
        "ordinal": krippendorff_alpha(given, "ordinal").value,
        "n_items": found.n_items,
        "n_ratings": found.n_ratings,
        "n_people": len(np.unique(given.people)),
        "note": found.note or bounds.note,
    }


def _axis(one: Sensitivity) -> dict[str, Any]:
    """One way to part people, as it is stored."""
    row = asdict(one)
    row["groups"] = [_group(group) for group in one.groups]
    return row


def _group(one: Crossing) -> dict[str, Any]:
    row = asdict(one)
    row["name"], row["n_people"] = row.pop("first"), one.n_people[0]
    del row["second"]
    return row


def _nothing(note: str) -> dict[str, Any]:
    return {"all": None, "communities": {}, "across": [], "axes": [], "note": note}
