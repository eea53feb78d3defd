"""A whole analysis: every section in order, from frozen answers to a plain result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from policy.computing.agreement import agreement_section, identified_section
from policy.computing.before_after import before_after_section
from policy.computing.decisions import decision_sections
from policy.computing.fault_lines import fault_line_section, mark_twins
from policy.computing.opinion_groups import (
    label_set_section,
    places_for_drawings,
    polis_consensus_section,
    space_section,
)
from policy.computing.preferences import fit_all, preference_section
from policy.computing.spreading import Here, Spread
from policy.computing.statements import LEVEL, Voted, read_votes, statement_section
from policy.inputs import WorkshopAnswers
from policy.methods.embeddings import embedder_for

Report = Callable[[int, str], None]


@dataclass(frozen=True)
class Computed:
    """What an analysis stores. groups: participant ids of each opinion group, in order.

    approvers: statement id → ids of the people who agree with it. places: what drawings need
    beside the result, and nobody stores.
    """

    result: dict[str, Any]
    groups: list[list[int]]
    approvers: dict[str, list[int]]
    parameters: dict[str, Any]
    places: dict[str, Any]


def compute(
    answers: WorkshopAnswers,
    seed: int,
    report: Report,
    groups: int | None = None,
    spread: Spread | None = None,
) -> Computed:
    """Compute every section. The same answers, seed and groups give the same result.

    report(done, say) is called before each section. groups: how many opinion groups the analyst
    wants; suggested when None. spread: where it is computed; in this process when None.
    """
    spread = spread or Here()
    kept = spread.keep(answers)
    report(1, "Finding opinion groups")
    voted = spread.begin(read_votes, kept, seed, groups)
    report(2, "Testing label sets")
    label_sets = spread.begin(label_set_section, voted, seed)
    report(3, "Counting what each group makes of each statement")
    statements = spread.begin(statement_section, voted, seed)
    report(4, "Fitting preferences")
    fits = spread.begin(fit_all, kept)
    identified = spread.begin(identified_section, kept)
    preferences = spread.begin(preference_section, kept, fits, identified, seed)
    report(5, "Measuring agreement")
    agreement = spread.begin(_agreement, kept, voted, seed)
    changes = spread.begin(before_after_section, kept, fits)
    report(6, "Looking for fault lines")
    lines = spread.begin(_fault_lines, kept, voted, statements, fits, identified, seed)
    read: Voted = spread.take(voted)
    sets = spread.take(label_sets)
    places = places_for_drawings(read, sets)
    twins, found, embedder = spread.take(lines)
    result = {
        "communities": _communities(answers),
        "statements": twins,
        "label_sets": sets,
        "opinion_space": space_section(read),
        "polis_consensus": polis_consensus_section(read),
        "preferences": spread.take(preferences),
        "agreement": spread.take(agreement),
        "identified": spread.take(identified),
        "before_after": spread.take(changes),
        "fault_lines": found,
        "notes": _notes(answers, spread.take(identified)),
    }
    decided = spread.begin(decision_sections, voted, fits, spread.keep(result), seed)
    result |= spread.take(decided)
    parameters = {"level": LEVEL, "embedder": embedder}
    if groups is not None:
        parameters["groups"] = groups
    return Computed(result, _groups(read), _approvers(read), parameters, places)


def _agreement(answers: WorkshopAnswers, voted: Voted, seed: int) -> dict[str, Any]:
    named = {name: (voted.label_sets[name], voted.names[name]) for name in voted.label_sets}
    return agreement_section(answers, seed, named)


def _fault_lines(
    answers: WorkshopAnswers,
    voted: Voted,
    statements: list[dict[str, Any]],
    fits: Any,
    identified: list[dict[str, Any]],
    seed: int,
) -> tuple[list[dict[str, Any]], dict[str, Any], str]:
    """The statements with their twins marked, the fault lines, and how words were compared."""
    embedder = embedder_for([one["text"] for one in statements] + [s.text for s in answers.said])
    mark_twins(statements, embedder)
    lines = fault_line_section(voted, fits, identified, embedder, seed)
    return statements, lines, embedder.name


def _communities(answers: WorkshopAnswers) -> list[dict[str, Any]]:
    votes = answers.cast.seen_by
    judged = np.bincount(answers.judged.people, minlength=len(answers.participants))
    return [
        {
            **community,
            "people": int((answers.community_of == place).sum()),
            "votes": int(votes[answers.community_of == place].sum()),
            "preferences": int(judged[answers.community_of == place].sum()),
        }
        for place, community in enumerate(answers.communities)
    ]


def _groups(voted: Voted) -> list[list[int]]:
    people = [person["id"] for person in voted.answers.participants]
    return [
        [people[row] for row in np.flatnonzero(voted.groups.labels == number)]
        for number in range(voted.groups.k)
    ]


def _approvers(voted: Voted) -> dict[str, list[int]]:
    people = np.array([person["id"] for person in voted.answers.participants], dtype=np.int64)
    agreed = np.flatnonzero(voted.cast.choices == 1)
    order = agreed[np.argsort(voted.cast.statements[agreed], kind="stable")]
    ends = np.cumsum(np.bincount(voted.cast.statements[agreed], minlength=len(voted.columns)))
    some = np.split(people[voted.cast.people[order]], ends[:-1])
    return {
        str(statement["id"]): some[column].tolist()
        for column, statement in enumerate(voted.statements)
    }


def _notes(answers: WorkshopAnswers, identified: list[dict[str, Any]]) -> list[str]:
    notes = [one["sentence"] for one in identified if not one["identified"]]
    if not answers.participants:
        notes.append("Nobody has answered yet.")
    elif not len(answers.cast.choices) and not answers.judged.answers.size:
        notes.append("Nobody has voted or compared yet.")
    return notes
