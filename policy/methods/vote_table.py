"""Votes as they are cast: who said what of which statement, and no place for what was not said.

A hundred thousand people who each saw a tenth of a thousand statements take 90 MB here, and 800 MB
as a table of numbers with gaps. Methods take either.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

Ids = NDArray[np.int32]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class VoteTable:
    """Votes in order of person, then statement; at most one for the two.

    shape: (participants, statements). people and statements: (votes,) places in the shape.
    choices: (votes,) -1 disagree, 0 pass, 1 agree.
    """

    shape: tuple[int, int]
    people: Ids
    statements: Ids
    choices: NDArray[np.int8]

    @cached_property
    def seen_by(self) -> NDArray[np.int64]:
        """(participants,) how many statements each person voted on."""
        return np.bincount(self.people, minlength=self.shape[0])

    @cached_property
    def seen_of(self) -> NDArray[np.int64]:
        """(statements,) how many people voted on each statement."""
        return np.bincount(self.statements, minlength=self.shape[1])

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        """(participants + 1,) where each person's votes begin, and where the last one's end."""
        return np.append(0, np.cumsum(self.seen_by))

    @cached_property
    def _voters(self) -> Ids:
        """(votes,) whose each vote is, in order of statement."""
        small = self.statements.astype(np.min_scalar_type(max(self.shape[1] - 1, 0)))
        return self.people[np.argsort(small, kind="stable")]

    def voters_on(self, columns: ArrayLike) -> NDArray[np.bool_]:
        """(participants,) whether each voted on one of these statements, bool or places."""
        ends = np.cumsum(self.seen_of)
        there = np.zeros(self.shape[0], dtype=np.bool_)
        for place in _places(columns, self.shape[1]):
            there[self._voters[ends[place] - self.seen_of[place] : ends[place]]] = True
        return there

    def matrix(self, values: ArrayLike) -> sparse.csr_array:
        """(participants, statements) of one value per vote, 0 where there is none."""
        data = np.asarray(values)
        return sparse.csr_array((data, self.statements, self.starts), shape=self.shape)

    def dense(self) -> Floats:
        """(participants, statements) of -1, 0, 1; NaN where unseen."""
        table = np.full(self.shape, np.nan)
        table[self.people, self.statements] = self.choices
        return table

    def of_people(self, rows: ArrayLike) -> VoteTable:
        """The votes of some people, (kept,) bool or places, in the order given."""
        places = _places(rows, self.shape[0])
        counts = self.seen_by[places]
        ends = np.cumsum(counts)
        within = np.arange(int(counts.sum())) - np.repeat(ends - counts, counts)
        kept = np.repeat(self.starts[:-1][places], counts) + within
        people = np.repeat(np.arange(len(places), dtype=np.int32), counts)
        shape = (len(places), self.shape[1])
        return VoteTable(shape, people, self.statements[kept], self.choices[kept])

    def of_statements(self, columns: ArrayLike) -> VoteTable:
        """The votes on some statements, (kept,) bool or places each once, in the order given."""
        places = _places(columns, self.shape[1])
        new = np.full(self.shape[1], -1, dtype=np.int32)
        new[places] = np.arange(len(places), dtype=np.int32)
        statements = new[self.statements]
        kept = statements >= 0
        people, statements, choices = self.people[kept], statements[kept], self.choices[kept]
        if (np.diff(places) < 0).any():
            order = np.argsort(people.astype(np.int64) * len(places) + statements)
            people, statements, choices = people[order], statements[order], choices[order]
        return VoteTable((self.shape[0], len(places)), people, statements, choices)


def vote_table(votes: ArrayLike | VoteTable) -> VoteTable:
    """The votes one by one. votes: (participants, statements) of -1, 0, 1; NaN where unseen.

    Raises ValueError for anything else.
    """
    if isinstance(votes, VoteTable):
        return votes
    table = checked_votes(votes)
    people, statements = np.nonzero(~np.isnan(table))
    choices = table[people, statements].astype(np.int8)
    return VoteTable(
        (table.shape[0], table.shape[1]),
        people.astype(np.int32),
        statements.astype(np.int32),
        choices,
    )


def votes_from_rows(
    shape: tuple[int, int], people: ArrayLike, statements: ArrayLike, choices: ArrayLike
) -> VoteTable:
    """A table of votes in any order. All (votes,); the places lie within the shape.

    Raises ValueError for a vote outside -1, 0, 1, or a person with two votes on one statement.
    """
    said = np.asarray(choices, dtype=np.int64)
    if said.size and (said.min() < -1 or said.max() > 1):
        raise ValueError("A vote is -1 (disagree), 0 (pass) or 1 (agree).")
    cell = np.asarray(people, dtype=np.int64) * max(shape[1], 1)
    cell += np.asarray(statements, dtype=np.int64)
    # One sort of one number each is many times faster than an order by three.
    keys = np.sort(cell * 4 + said + 1)
    cell = keys >> 2
    if (cell[1:] == cell[:-1]).any():
        raise ValueError("Someone has two votes on one statement.")
    rows, columns = np.divmod(cell, max(shape[1], 1))
    said = (keys & 3) - 1
    return VoteTable(shape, rows.astype(np.int32), columns.astype(np.int32), said.astype(np.int8))


def checked_votes(votes: ArrayLike) -> Floats:
    """The votes as floats. Raises ValueError unless a table of -1, 0, 1 and NaN."""
    table = np.asarray(votes, dtype=np.float64)
    if table.ndim != 2:
        raise ValueError(f"Votes must be people × statements; got {table.ndim} dimensions.")
    known = (table == 0) | (np.abs(table) == 1) | np.isnan(table)
    if not known.all():
        raise ValueError("A vote is -1 (disagree), 0 (pass), 1 (agree) or NaN (unseen).")
    return table


def _places(chosen: ArrayLike, total: int) -> NDArray[np.intp]:
    marks = np.asarray(chosen)
    if marks.dtype == np.bool_:
        if marks.shape != (total,):
            raise ValueError("There must be one mark per person or statement.")
        return np.flatnonzero(marks)
    return marks.astype(np.intp)
