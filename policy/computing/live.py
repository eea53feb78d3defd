"""What a facilitator sees while people vote: quick, from votes alone, and not stored as a result.

No bootstrap, no permutations, no fault lines: an analysis has those. Who may see counts of so few
people is for the page to decide, as everywhere.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from policy.computing.opinion_groups import space_section
from policy.computing.statements import COMMUNITIES, Voted, bounds, read_votes, stance
from policy.inputs import WorkshopAnswers
from policy.methods.consensus import consensus_of, minimum_of

UNMEASURED = "These groups are of this moment; whether they are stable, an analysis tells."


def live_summary(
    answers: WorkshopAnswers, seed: int = 7, groups: int | None = None
) -> dict[str, Any]:
    """Statements per community with intervals, the map of opinions, and its groups.

    groups: how many opinion groups, 2 to 5; suggested when None. The same answers and seed give the
    same summary. Five hundred people and two hundred statements take a fraction of a second.
    """
    voted = read_votes(answers, seed, groups, resamples=0)
    found = voted.groups
    return {
        "people": len(answers.participants),
        "voted": int((answers.cast.seen_by > 0).sum()),
        "votes": len(answers.cast.choices),
        "statements": _statements(voted),
        "opinion_space": space_section(voted),
        "opinion_groups": {
            "k": found.k,
            "chosen_by": found.chosen_by,
            "sizes": [int((found.labels == number).sum()) for number in range(found.k)],
            "sentence": UNMEASURED if found.k else found.sentence,
        },
    }


def _statements(voted: Voted) -> list[dict[str, Any]]:
    counts, names = voted.counts[COMMUNITIES], voted.names[COMMUNITIES]
    low, high = bounds(counts.agrees, counts.seen)
    consensus, minimum = consensus_of(counts), minimum_of(counts)
    shares = np.where(counts.seen > 0, counts.agrees / np.maximum(counts.seen, 1), np.nan)
    return [
        {
            "id": statement["id"],
            "external_id": statement["external_id"],
            "text": statement["text"],
            "moderation": statement["moderation"],
            "seen": int(counts.seen[:, column].sum()),
            "group_informed_consensus": float(consensus[column]),
            "least": float(minimum.bound[column]),
            "too_few": bool(minimum.too_few[column]),
            "communities": {
                names[int(label)]: {
                    "agrees": int(counts.agrees[row, column]),
                    "disagrees": int(counts.disagrees[row, column]),
                    "seen": int(counts.seen[row, column]),
                    "share": float(shares[row, column]),
                    "low": float(low[row, column]),
                    "high": float(high[row, column]),
                    "stance": stance(
                        float(low[row, column]),
                        float(high[row, column]),
                        int(counts.seen[row, column]),
                    ),
                }
                for row, label in enumerate(counts.labels)
            },
        }
        for column, statement in enumerate(voted.statements)
    ]
