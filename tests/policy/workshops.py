"""A workshop's answers made of arrays alone, for tests that need no database."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from policy.inputs import Judged, WorkshopAnswers
from policy.methods.vote_table import VoteTable, vote_table


def answers_of(
    votes: ArrayLike | VoteTable,
    communities: Sequence[int] | None = None,
    *,
    out: Sequence[int] = (),
    unquotable: Sequence[int] = (),
) -> WorkshopAnswers:
    """Answers of people who voted and compared nothing.

    communities: the number of each person's community, all in the first unless given. out,
    unquotable: columns of statements that are moderated out, or not to be quoted.
    """
    cast = vote_table(votes)
    places = np.zeros(cast.shape[0], dtype=int) if communities is None else np.asarray(communities)
    many = int(places.max(initial=0)) + 1
    people = [
        {"id": 1000 + row, "pseudonym": f"p{row:04}", "identity": "", "community": f"c{place}"}
        for row, place in enumerate(places.tolist())
    ]
    statements = [
        {
            "id": 1 + column,
            "external_id": str(column),
            "text": f"It should say what number {column} says.",
            "theme": "",
            "subtheme": "",
            "quotes": [],
            "moderation": "out" if column in out else "in",
        }
        for column in range(cast.shape[1])
    ]
    none = np.zeros(0, dtype=np.intp)
    return WorkshopAnswers(
        participants=people,
        communities=[{"slug": f"c{one}", "name": f"Community {one}"} for one in range(many)],
        statements=statements,
        cast=cast,
        judged=Judged(none, np.zeros((0, 2), dtype=np.int64), none, np.zeros(0)),
        prompts={},
        completions={},
        label_sets={},
        without_raters=False,
        unquotable=frozenset(1 + column for column in unquotable),
    )
