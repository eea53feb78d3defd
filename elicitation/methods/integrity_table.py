"""What a workshop's people sent, as arrays for the integrity checks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.stats import rankdata

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
NAN = float("nan")
Side = Literal["left", "right", ""]
# Shorter texts ("yes", "I agree") are the same by chance.
SHORTEST_TEXT = 20
# Answers that arrive closer together than this may have waited in one phone's queue.
QUEUED_S = 1.0
# Of fewer values the median is not the community's own: two dozen planted seats would move it.
MANY = 200


@dataclass(frozen=True)
class Answer:
    """One answer. Arrived: server time in s. looked_ms: by the phone's own clock, for one item on
    the screen at a time; NaN unknown. side: where the chosen completion stood, "" if neither.
    """

    item: str
    choice: str
    arrived: float
    looked_ms: float = NAN
    side: Side = ""
    text: str = ""


@dataclass(frozen=True)
class Person:
    """One seat. joined: server time in s; answers: of two to one item the later counts; installs,
    agents: keyed hashes, "" unknown."""

    pseudonym: str
    community: str
    joined: float
    answers: tuple[Answer, ...]
    installs: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """People by items. n people, m items; -1 or NaN where unanswered or unknown.

    community: (n,) number of the community in `names`. choices, words: (n, m) codes, the same
    number for the same choice or (long) text. arrived, looked_ms, position: (n, m), position being
    the place in the person's own order. same_install, same_agent: (n, n), False on the diagonal.
    install_seats: (n,) people on the person's most shared install, this person included.
    """

    names: tuple[str, ...]
    community: Ints
    joined: Floats
    choices: Ints
    arrived: Floats
    looked_ms: Floats
    words: Ints
    position: Floats
    same_install: Bools
    same_agent: Bools
    install_seats: Ints

    @property
    def seen(self) -> Bools:
        """(n, m): answered."""
        return self.choices >= 0


def latest(person: Person) -> Person:
    """The same person with the latest answer to each item."""
    in_time = sorted(person.answers, key=lambda answer: answer.arrived)
    kept = {answer.item: answer for answer in in_time}
    return replace(person, answers=tuple(sorted(kept.values(), key=lambda answer: answer.arrived)))


def table_of(people: Sequence[Person], shared_installs: frozenset[str]) -> Table:
    """The arrays of these people, each with one answer to an item.

    shared_installs: devices that the facilitator declared as passed round; they link nobody, and
    neither do their agents. Raises ValueError for a pseudonym twice, or a time that is no number.
    """
    if len({one.pseudonym for one in people}) != len(people):
        raise ValueError("Every person needs a pseudonym of their own.")
    names = tuple(sorted({one.community for one in people}))
    joined = np.array([one.joined for one in people], dtype=np.float64)
    own = [set(one.installs) - {""} - shared_installs for one in people]
    lent = [set(one.installs) & shared_installs for one in people]
    agents = [
        set() if borrowed else set(one.agents) - {""}
        for one, borrowed in zip(people, lent, strict=True)
    ]
    rows = _answers(people)
    if not (np.isfinite(joined).all() and np.isfinite(rows[1][rows[0] >= 0]).all()):
        raise ValueError("Every joining and every answer needs its time.")
    installs = _in_common(own)
    return Table(
        names,
        np.array([names.index(one.community) for one in people], dtype=np.int64),
        joined,
        *rows,
        _positions(rows[1]),
        installs,
        _in_common(agents),
        _seats(own),
    )


def _answers(people: Sequence[Person]) -> tuple[Ints, Floats, Floats, Ints]:
    """choices, arrived, looked_ms and words, each (n, m)."""
    items: dict[str, int] = {}
    codes: dict[tuple[str, str], int] = {}
    phrases: dict[str, int] = {}
    cells: list[tuple[int, int, int, float, float, int]] = []
    for number, one in enumerate(people):
        for answer in one.answers:
            column = items.setdefault(answer.item, len(items))
            code = codes.setdefault((answer.item, answer.choice), len(codes))
            phrase = " ".join(answer.text.casefold().split())
            word = phrases.setdefault(phrase, len(phrases)) if len(phrase) >= SHORTEST_TEXT else -1
            cells.append((number, column, code, answer.arrived, answer.looked_ms, word))
    shape = len(people), len(items)
    whole = [np.full(shape, -1, dtype=np.int64) for _ in range(2)]
    real = [np.full(shape, np.nan) for _ in range(2)]
    if cells:
        rows, columns, *values = (np.array(part) for part in zip(*cells, strict=True))
        for array, known in zip((whole[0], *real, whole[1]), values, strict=True):
            array[rows, columns] = known
    return whole[0], real[0], real[1], whole[1]


def _positions(arrived: Floats) -> Floats:
    """(n, m): 1 for what a person answered first; answers at one instant share their mean place."""
    if not arrived.size:
        return arrived
    places = np.asarray(rankdata(np.nan_to_num(arrived, nan=np.inf), axis=1))
    return np.where(np.isnan(arrived), np.nan, places)


def _in_common(sets: Sequence[set[str]]) -> Bools:
    """(n, n): whether two people have anything in common."""
    marks = _marks(sets)
    found = np.asarray((marks @ marks.T).toarray() > 0)
    np.fill_diagonal(found, False)
    return found


def _seats(sets: Sequence[set[str]]) -> Ints:
    """(n,): how many people have the commonest of a person's hashes; 1 where none is known."""
    marks = _marks(sets)
    users = np.asarray(marks.sum(axis=0)).ravel()
    if not users.size:
        return np.ones(len(sets), dtype=np.int64)
    most = marks.multiply(users).max(axis=1).toarray().ravel()
    return np.asarray(np.maximum(most, 1), dtype=np.int64)


def _marks(sets: Sequence[Iterable[str]]) -> sparse.csr_matrix:
    """(n, hashes) of 0 and 1."""
    columns: dict[str, int] = {}
    pairs = [
        (row, columns.setdefault(one, len(columns)))
        for row, some in enumerate(sets)
        for one in some
    ]
    rows, places = ([pair[0] for pair in pairs], [pair[1] for pair in pairs])
    return sparse.csr_matrix(
        (np.ones(len(pairs)), (rows, places)), shape=(len(sets), len(columns)), dtype=np.float64
    )


def seconds_per_item(table: Table) -> Floats:
    """(n, m) seconds a person took: as the phone says, else the gap since their answer before.

    A gap below a second is left out: a phone that was offline sends its queue at once.
    """
    order = np.argsort(np.nan_to_num(table.arrived, nan=np.inf), axis=1, kind="stable")
    gaps = np.diff(np.take_along_axis(table.arrived, order, axis=1), axis=1, prepend=np.nan)
    back = np.empty_like(gaps)
    np.put_along_axis(back, order, np.where(gaps >= QUEUED_S, gaps, np.nan), axis=1)
    said = np.isfinite(table.looked_ms).any(axis=1, keepdims=True)
    looked = np.where(table.looked_ms > 0, table.looked_ms / 1000, np.nan)
    return np.where(said, looked, back)


def by_place(table: Table, values: Floats) -> Floats:
    """(n, m): the same values, each person's in their own order of answering."""
    order = np.argsort(np.nan_to_num(table.position, nan=np.inf), axis=1, kind="stable")
    return np.take_along_axis(values, order, axis=1)


def usual(values: Floats, community: Ints, fewest: int = MANY) -> Floats:
    """(n, m): the median of each column in each person's community, or in all the workshop where
    fewer than `fewest` of the community have a value. NaN where nobody has one.
    """
    found = np.tile(_medians(values), (len(values), 1))
    for number in np.unique(community):
        inside = community == number
        enough = np.isfinite(values[inside]).sum(axis=0) >= fewest
        found[np.ix_(inside, enough)] = _medians(values[inside][:, enough])
    return found


def _medians(values: Floats) -> Floats:
    """(m,): the median of what is known in each column, NaN where nothing is."""
    known = np.isfinite(values).any(axis=0)
    found = np.full(values.shape[1], np.nan)
    found[known] = np.nanmedian(values[:, known], axis=0)
    return found
