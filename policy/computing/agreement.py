"""How far people agree: within each community and across communities."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from policy.inputs import WorkshopAnswers
from policy.methods.agreement import krippendorff_alpha
from policy.methods.cross_agreement import cross_group
from policy.methods.identifiability import shared_items

JUDGED_ONCE = "Each pair was judged by one person, so agreement cannot be measured."
PERMUTATIONS = 500
# A table of items × people beyond this is not worth its memory; the note says so.
LARGEST_TABLE = 40_000_000


def agreement_section(answers: WorkshopAnswers, seed: int) -> dict[str, Any]:
    """Agreement on statements and on comparisons, with permutation tests across communities."""
    return {
        "votes": _agreement(answers.votes.T, answers, seed, "Nobody voted."),
        "preferences": _agreement_on_pairs(answers, seed),
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


def _agreement_on_pairs(answers: WorkshopAnswers, seed: int) -> dict[str, Any]:
    judged = answers.judged
    if not judged.answers.size:
        return _nothing("Nobody compared.")
    if answers.without_raters:
        return _nothing(JUDGED_ONCE)
    turned = _turned(answers)
    pairs, rows = np.unique(
        np.where(turned[:, None], judged.pairs[:, ::-1], judged.pairs), axis=0, return_inverse=True
    )
    if len(pairs) * len(answers.participants) > LARGEST_TABLE:
        return _nothing("There are too many pairs and people to measure agreement at once.")
    table = np.full((len(pairs), len(answers.participants)), np.nan)
    table[rows, judged.people] = np.where(turned, 1 - judged.answers, judged.answers)
    return _agreement(table, answers, seed, JUDGED_ONCE)


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
    ratings: NDArray[np.float64], answers: WorkshopAnswers, seed: int, nothing: str
) -> dict[str, Any]:
    """ratings: (items, people), NaN where not rated."""
    rated = ~np.isnan(ratings)
    items, people = rated.any(axis=1), rated.any(axis=0)
    if not items.any():
        return _nothing(nothing)
    table = ratings[np.ix_(items, people)]
    community = answers.community_of[people]
    names = [one["slug"] for one in answers.communities]
    across = []
    if len(np.unique(community)) > 1:
        groups = [names[place] for place in community]
        crossing = cross_group(table, groups, permutations=PERMUTATIONS, seed=seed)
        across = [asdict(one) for one in crossing.pairs]
    return {
        "all": _alpha(table),
        "communities": {
            name: _alpha(table[:, community == place])
            for place, name in enumerate(names)
            if (community == place).any()
        },
        "across": across,
        "note": "",
    }


def _alpha(table: NDArray[np.float64]) -> dict[str, Any]:
    found = krippendorff_alpha(table)
    return {
        "alpha": found.value,
        "n_items": found.n_items,
        "n_ratings": found.n_ratings,
        "note": found.note,
    }


def _nothing(note: str) -> dict[str, Any]:
    return {"all": None, "communities": {}, "across": [], "note": note}
