"""A workshop's votes, read with few Python objects and named by their content.

Ten million votes as rows of a database would be ten million tuples. The database joins what each
person said into one line of numbers, and numpy reads those.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from operator import itemgetter
from typing import Any

import numpy as np
from django.db.models import Aggregate, F, TextField
from django.db.models.sql.compiler import SQLCompiler

from deliberation.models import Vote
from elicitation.kernel.hashing import canonical_json
from elicitation.models import Workshop
from policy.methods.vote_table import VoteTable, votes_from_rows

PEOPLE_AT_ONCE = 20_000


class Joined(Aggregate):
    """A whole number of each row of a group, as digits with spaces between."""

    function = "GROUP_CONCAT"
    template = "%(function)s(%(expressions)s, ' ')"
    output_field = TextField()

    def as_postgresql(self, compiler: SQLCompiler, connection: Any, **extra: Any) -> Any:
        """PostgreSQL's name for it, which takes text alone."""
        template = "STRING_AGG((%(expressions)s)::text, ' ')"
        return super().as_sql(compiler, connection, template=template, **extra)


def read_votes(
    workshop: Workshop, row_of: Mapping[int, int], column_of: Mapping[int, int]
) -> VoteTable:
    """The latest votes. row_of: participant id → row; column_of: statement id → column.

    Votes of others, and on other statements, are left out.
    """
    joined = (
        Vote.objects.filter(participant__workshop=workshop, participant__withdrawn_at=None)
        .order_by()
        .values_list("participant_id")
        .annotate(said=Joined(F("statement_id") * 4 + F("choice") + 1))
    )
    known = np.array(sorted(column_of), dtype=np.int64)
    columns = np.array([column_of[one] for one in known.tolist()], dtype=np.int64)
    parts = list(_parts(joined.iterator(chunk_size=PEOPLE_AT_ONCE), row_of))
    rows, said = (
        np.concatenate([part[side] for part in parts] or [np.zeros(0, dtype=np.int64)])
        for side in (0, 1)
    )
    statements = said >> 2
    places = np.minimum(np.searchsorted(known, statements), max(len(known) - 1, 0))
    ours = known[places] == statements if len(known) else np.zeros(len(said), dtype=bool)
    shape = (len(row_of), len(column_of))
    return votes_from_rows(shape, rows[ours], columns[places[ours]], (said[ours] & 3) - 1)


def _parts(
    lines: Iterator[tuple[int, str]], row_of: Mapping[int, int]
) -> Iterator[tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]]:
    """Rows and what was said, (votes,) each, of so many people at a time."""
    while some := list(islice(lines, PEOPLE_AT_ONCE)):
        ours = [(row_of[person], said) for person, said in some if person in row_of]
        if not ours:
            continue
        counts = [said.count(" ") + 1 for _, said in ours]
        numbers = np.fromstring(" ".join(said for _, said in ours), dtype=np.int64, sep=" ")
        yield np.repeat(np.array([row for row, _ in ours], dtype=np.int64), counts), numbers


def vote_lines(cast: VoteTable, pseudonyms: Sequence[str]) -> Iterator[bytes]:
    """For each statement, what an input's hash is made of: ["vote", pseudonym, choice] a line.

    A person's three possible lines are made once, since making ten million takes minutes.
    """
    names = [canonical_json(name) for name in pseudonyms]
    lines = [b'["vote",%b,%d]\n' % (name, choice) for name in names for choice in (-1, 0, 1)]
    # Sixteen bits are sorted by their digits, in a fraction of the time.
    short = cast.shape[1] < 2**16
    order = np.argsort(cast.statements.astype(np.uint16 if short else np.int32), kind="stable")
    which = (cast.people.astype(np.int64) * 3 + cast.choices + 1)[order]
    ends = np.cumsum(cast.seen_of)
    for start, end in zip((ends - cast.seen_of).tolist(), ends.tolist(), strict=True):
        wanted = which[start:end].tolist()
        if len(wanted) < 2:
            yield b"".join(lines[one] for one in wanted)
        else:
            yield b"".join(itemgetter(*wanted)(lines))
