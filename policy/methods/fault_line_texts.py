"""Texts as rows of words, lined up by who wrote them and what they had chosen."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from policy.methods.words import terms

Numbers = NDArray[np.float64]
MOST_WORDS = 150


@dataclass(frozen=True)
class Wording:
    """One text by one person, and what it was about.

    person: their place. choice: names what was chosen where; those of one choice are compared.
    text: their words. beyond: a text whose words were there before, and so are not theirs.
    """

    person: int
    choice: str
    text: str
    beyond: str = ""


@dataclass(frozen=True)
class TextTable:
    """Texts that can be compared: rows of words. there: (texts, words) 0 or 1, sparse.

    person, label, stratum: (texts,), labels and strata numbered from 0.
    """

    words: tuple[str, ...]
    there: sparse.csr_matrix
    person: NDArray[np.int64]
    label: NDArray[np.int64]
    stratum: NDArray[np.int64]
    n_labels: int

    @property
    def strata(self) -> sparse.csr_matrix:
        """(strata, texts) of 0 and 1."""
        where = (self.stratum, np.arange(len(self.stratum)))
        return sparse.csr_matrix((np.ones(len(self.stratum)), where))

    @property
    def length(self) -> Numbers:
        """(texts,) how many of the words each text holds."""
        return np.asarray(self.there.sum(axis=1), dtype=np.float64).ravel()


def words_of(wording: Wording) -> frozenset[str]:
    """The telling words and phrases of a text that were not there before."""
    return frozenset(terms(wording.text, phrases=True)) - frozenset(
        terms(wording.beyond, phrases=True)
    )


def text_table(wordings: Sequence[Wording], marks: NDArray[np.int64], fewest: int) -> TextTable:
    """One row per person and choice, where people of two labels or more made that choice."""
    said: dict[tuple[str, int], set[str]] = {}
    for one in wordings:
        if marks[one.person] >= 0:
            said.setdefault((one.choice, one.person), set()).update(words_of(one))
    rows = sorted(said)
    names = np.unique(marks[marks >= 0])
    person = np.array([who for _, who in rows], dtype=np.int64)
    label = np.searchsorted(names, marks[person]) if rows else np.zeros(0, dtype=np.int64)
    choices = np.array([choice for choice, _ in rows])
    stratum = np.unique(choices, return_inverse=True)[1] if rows else np.zeros(0, dtype=np.int64)
    kept = _shared(stratum, label)
    words = _candidates([rows[row] for row in kept], said, fewest)
    place = {word: column for column, word in enumerate(words)}
    found = [
        (row, place[word])
        for row, at in enumerate(kept)
        for word in said[rows[at]]
        if word in place
    ]
    where = np.array(found, dtype=np.int64).reshape(-1, 2).T
    there = sparse.csr_matrix((np.ones(len(found)), tuple(where)), shape=(len(kept), len(words)))
    again = np.unique(stratum[kept], return_inverse=True)[1]
    return TextTable(words, there, person[kept], label[kept], again, len(names))


def _shared(stratum: NDArray[np.int64], label: NDArray[np.int64]) -> NDArray[np.intp]:
    """The rows in whose stratum there are two labels or more."""
    if not len(stratum):
        return np.zeros(0, dtype=np.intp)
    pairs = np.unique(np.column_stack([stratum, label]), axis=0)
    several = np.flatnonzero(np.bincount(pairs[:, 0]) > 1)
    return np.flatnonzero(np.isin(stratum, several))


def _candidates(
    rows: Sequence[tuple[str, int]], said: Mapping[tuple[str, int], set[str]], fewest: int
) -> tuple[str, ...]:
    """The words that most people wrote; of words that always stand together, the longest."""
    who: dict[str, set[int]] = {}
    where: dict[str, set[int]] = {}
    for number, row in enumerate(rows):
        for word in said[row]:
            who.setdefault(word, set()).add(row[1])
            where.setdefault(word, set()).add(number)
    by_place: dict[frozenset[int], str] = {}
    for word in sorted(who, key=lambda w: (-len(w), w)):
        if len(who[word]) >= fewest:
            by_place.setdefault(frozenset(where[word]), word)
    counts = Counter({word: len(who[word]) for word in by_place.values()})
    return tuple(sorted(sorted(counts, key=lambda w: (-counts[w], w))[:MOST_WORDS]))
