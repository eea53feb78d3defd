"""Coordination: people who agree beyond shared views, and something besides that links them.

Agreement opens the question and never answers it: every p-value here is one of other evidence.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.special import ndtr, ndtri, pdtrc
from scipy.stats import rankdata

from elicitation.methods.integrity_agreement import agree_beyond_views
from elicitation.methods.integrity_alone import SHARING_RATE
from elicitation.methods.integrity_table import (
    Bools,
    Floats,
    Ints,
    Table,
    by_place,
    seconds_per_item,
    usual,
)

FEWEST_SHARED = 10
# Joined together: this near, or this near on one kind of phone. A bus load does both.
SECONDS_APART = 10.0
SECONDS_APART_SAME_AGENT = 60.0
# Pairs with evidence this strong are not asked what shared views explain.
LINKED = 1e-4
# Chance of one coincidence per item, at least: to the millisecond, and word by word.
SAME_TIME_RATE = 0.002
SAME_WORDS_RATE = 0.01
# Clocks that some browsers round: such values coincide by rounding.
ROUNDED_MS = 50
# Flat enough oneself to be judged with the others; one in six honest people is.
FLAT = -1.0
# Some honest people hardly look: beyond this they add nothing to what is thought of others.
FLATTEST = -3.0
FEWEST_TOGETHER = 3
# How alike the flatness of honest people of one mind may be: they hesitate at the same items.
ALIKE = 0.2
WAYS = ("", "times that are not a reader's", "one phone")
SAME_MS = "the same times to the millisecond"
KINDS = (
    SAME_MS, SAME_MS, "the same texts", "one rhythm", "one rhythm", "one order of answering",
)  # fmt: skip


@dataclass(frozen=True)
class Coordination:
    """p: (n,), 1 where nothing links a person. agreeing: (n,) people who agree beyond shared views
    and share that evidence. partner: (n,) the likeliest of them, -1 for none. evidence: (n,) words.
    """

    p: Floats
    agreeing: Ints
    partner: Ints
    evidence: tuple[str, ...]


def coordination(table: Table, flat: Floats) -> Coordination:
    """Judge every pair of the workshop. flat: (n,) from `flatness`. O(n² m), vectorised."""
    pair_p, kind = _strongest(table)
    near = joined_together(table)
    linked = near | table.same_install | (pair_p * len(KINDS) < LINKED)
    agree = agree_beyond_views(table, linked)
    pair_p = np.where(agree, pair_p, 1.0)
    best, partner = pair_p.min(axis=1), pair_p.argmin(axis=1)
    phone = agree & table.same_install
    ways = np.stack([
        np.minimum(1.0, best * len(KINDS) * np.maximum(agree.sum(axis=1), 1)),
        _flat_together(flat, agree & near),
        SHARING_RATE ** phone.sum(axis=1).astype(np.float64),
    ])  # fmt: skip
    way, people = ways.argmin(axis=0), np.arange(len(partner))
    strong = agree & (pair_p <= np.maximum(best[:, None], LINKED / len(KINDS)))
    others = np.stack([strong, agree & near, phone])[way, people]
    first = np.where(way == 0, partner, others.argmax(axis=1))
    told = np.where(way == 0, np.array(KINDS)[kind[people, partner]], np.array(WAYS)[way])
    return Coordination(
        np.minimum(1.0, len(WAYS) * ways.min(axis=0)),
        others.sum(axis=1),
        np.where(others.any(axis=1), first, -1),
        tuple(str(words) for words in told),
    )


def joined_together(table: Table) -> Bools:
    """(n, n): joined within seconds, or within a minute on the same kind of phone."""
    apart = np.abs(table.joined[:, None] - table.joined)
    near = (apart <= SECONDS_APART) | (table.same_agent & (apart <= SECONDS_APART_SAME_AGENT))
    np.fill_diagonal(near, False)
    return near


def _flat_together(flat: Floats, group: Bools) -> Floats:
    """(n,): p-value that a person and those of their group all lack a reader's times.

    Stouffer's sum, its variance that of scores that correlate by ALIKE. Only for someone whose own
    times are flat: a bystander is not judged by the neighbours.
    """
    known = np.isfinite(flat)
    scores = np.where(known, np.maximum(flat, FLATTEST), 0.0)
    number = known + group @ known.astype(np.float64)
    total = scores + group @ scores
    p = ndtr(total / np.sqrt(np.maximum(number * (1 + ALIKE * (number - 1)), 1)))
    return np.where(known & (flat <= FLAT) & (number >= FEWEST_TOGETHER), p, 1.0)


def _strongest(table: Table) -> tuple[Floats, Ints]:
    """(n, n) each: the smallest p-value of a pair over the kinds of evidence, and which kind."""
    best = np.ones((len(table.joined),) * 2)
    kind = np.zeros(best.shape, dtype=np.int64)
    for number, p in enumerate(_evidence(table)):
        better = p < best
        best[better], kind[better] = p[better], number
    np.fill_diagonal(best, 1.0)
    return best, kind


def _evidence(table: Table) -> Iterator[Floats]:
    """(n, n) p-values for each of KINDS, in their order."""
    fine = np.round(table.looked_ms)
    fine = np.where((fine % ROUNDED_MS == 0) | np.isnan(fine), np.nan, fine)
    words = np.where(table.words >= 0, table.words, np.nan)
    times = np.log(seconds_per_item(table))
    for values in (fine, by_place(table, fine)):
        yield coincidences(values, np.isfinite(values), SAME_TIME_RATE)
    yield coincidences(words, table.seen, SAME_WORDS_RATE)
    for values in (times, by_place(table, times), table.position):
        yield likeness(values, table.community)


def coincidences(values: Floats, asked: Bools, rate: float) -> Floats:
    """(n, n): p-value of that many identical values between two people, were they strangers.

    values: (n, m), NaN unknown. asked: (n, m), who could have had one. The chance per column is
    that of any two who were asked, at least `rate`; counts are taken as Poisson.
    """
    marks, column = _repeated(values)
    people = asked.sum(axis=0)
    users = np.asarray(marks.sum(axis=0)).ravel()
    meetings = np.bincount(column, users * (users - 1), values.shape[1])
    chance = np.maximum(meetings / np.maximum(people * (people - 1.0), 1), rate)
    same = (marks @ marks.T).toarray()
    expected = (asked * chance) @ asked.T.astype(np.float64)
    return np.where(same > 0, pdtrc(np.maximum(same - 1, 0), expected), 1.0)


def _repeated(values: Floats) -> tuple[sparse.csr_matrix, Ints]:
    """People by (column, value), for values that at least two have; and the column of each."""
    rows, columns = np.nonzero(np.isfinite(values))
    pairs = np.stack([columns, values[rows, columns]])
    distinct, place, users = np.unique(pairs, axis=1, return_inverse=True, return_counts=True)
    place = place.ravel()
    marks = sparse.csr_matrix(
        (np.ones(len(rows)), (rows, place)), shape=(len(values), len(users)), dtype=np.float64
    )
    return marks[:, users > 1], distinct[0, users > 1].astype(np.int64)


def likeness(values: Floats, community: Ints) -> Floats:
    """(n, n): p-value of the correlation of two people's values, less what is usual per column.

    values: (n, m), NaN unknown. Normal scores of each person's residuals, so that one long pause
    weighs little. Where unlinked people resemble each other too (two printed orders, one
    interruption for all) every p-value rises: genomic control (Devlin and Roeder 1999).
    """
    scores, known = _normal_scores(values - usual(values, community))
    marks = known.astype(np.float64)
    squares = (scores**2) @ marks.T
    size = np.sqrt(squares * squares.T)
    shared = marks @ marks.T
    r = np.divide(scores @ scores.T, size, out=np.zeros_like(size), where=size > 1e-9)
    z = np.arctanh(np.clip(r, -0.999, 0.999)) * np.sqrt(np.maximum(shared - 3, 0))
    inflation = _inflation(z, community)
    p = ndtr(-z / np.maximum(inflation[:, None], inflation))
    return np.where(shared >= FEWEST_SHARED, p, 1.0)


def _normal_scores(values: Floats) -> tuple[Floats, Bools]:
    """Rows turned into normal scores of their ranks, 0 where unknown; and where known."""
    known = np.isfinite(values)
    n = np.maximum(known.sum(axis=1, keepdims=True), 1)
    ranks = rankdata(np.where(known, values, np.inf), axis=1) if values.size else values
    return np.where(known, ndtri(np.minimum((ranks - 0.5) / n, 0.9999)), 0.0), known


def _inflation(z: Floats, community: Ints) -> Floats:
    """(n,): how much wider than the normal the z-values are, in one's community or the workshop.

    The upper quartile within a community, the upper tenth over all of them: planted pairs are fewer
    than that, and an arrangement that makes honest pairs alike is more. Never below 1.
    """
    found = np.ones(len(community))
    inner = []
    for number in np.unique(community):
        inside = community == number
        pairs = z[np.ix_(inside, inside)][np.triu_indices(int(inside.sum()), 1)]
        inner.append(pairs)
        if pairs.size:
            found[inside] = max(1.0, float(np.quantile(pairs, 0.75)) / 0.6745)
    everyone = np.concatenate(inner) if inner else np.empty(0)
    overall = float(np.quantile(everyone, 0.9)) / 1.2816 if everyone.size else 1.0
    return np.maximum(found, overall)
