"""Which statements set a group apart, and which set groups against one another."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats
from scipy.special import gammaln

from policy.methods.consensus import Counts, GroupCounts, Shares, count_votes
from policy.methods.multiple_testing import benjamini_hochberg
from policy.methods.opinion_groups import Labels
from policy.methods.polis_report import two_share_z
from policy.methods.vote_table import VoteTable

Choice = Literal["agree", "disagree"]
LEVEL = 0.05
DRAWS, FIRST_DRAWS, CHANCE = 9999, 1999, 0.2


@dataclass(frozen=True)
class Representativeness:
    """How far a group chooses a statement more than everyone else does.

    All (groups, statements) but labels (groups,). share: smoothed share within. ratio: Polis's r,
    share within over share outside. difference_p: exact one-sided test that more choose it within
    than outside, majority_p that more than half within do; difference_q and majority_q: the same,
    adjusted over all groups and statements. representative: both q at most 0.05. polis_difference_z
    and polis_majority_z: Polis's own z, for comparison (it calls 1.2816 significant). NaN where the
    group, or everyone else, saw nothing.
    """

    labels: Labels
    choice: Choice
    share: Shares
    ratio: Shares
    difference_p: Shares
    difference_q: Shares
    majority_p: Shares
    majority_q: Shares
    polis_difference_z: Shares
    polis_majority_z: Shares
    representative: NDArray[np.bool_]


@dataclass(frozen=True)
class Divisiveness:
    """How far groups differ on each statement; all (statements,).

    polarisation: largest less smallest smoothed share that agrees, among groups that saw it.
    p: exact test that all groups agree alike, q adjusted; NaN where fewer than two groups saw it.
    highest and lowest: the label of the group that agrees most and least, -1 where NaN.
    """

    polarisation: Shares
    p: Shares
    q: Shares
    highest: Labels
    lowest: Labels
    divisive: NDArray[np.bool_]


def representative_statements(
    votes: ArrayLike | VoteTable, labels: ArrayLike, *, choice: Choice = "agree"
) -> Representativeness:
    """Exact tests of what each group chooses, with Benjamini-Hochberg, beside Polis's numbers.

    votes: (participants, statements) of -1, 0, 1; NaN where unseen. labels: (participants,) int, -1
    for no group. Fisher's exact test within against outside; binomial against one half.
    Groups computed from the same votes differ by construction: their p-values describe, they do
    not prove. Source of r and z: Small et al. 2021, Recerca 26(2).
    """
    return representative_of(count_votes(votes, labels), choice=choice)


def representative_of(counts: GroupCounts, *, choice: Choice = "agree") -> Representativeness:
    """`representative_statements` of votes that were counted already."""
    chosen = counts.agrees if choice == "agree" else counts.disagrees
    seen = counts.seen
    others, others_seen = chosen.sum(axis=0) - chosen, seen.sum(axis=0) - seen
    share = (chosen + 1) / (seen + 2)
    tested = (seen > 0) & (others_seen > 0)
    more = stats.hypergeom.sf(chosen - 1, seen + others_seen, chosen + others, seen)
    difference_p = np.where(tested, more, np.nan)
    majority_p = np.where(seen > 0, stats.binom.sf(chosen - 1, seen, 0.5), np.nan)
    difference_q, majority_q = _adjusted(difference_p), _adjusted(majority_p)
    return Representativeness(
        counts.labels,
        choice,
        share,
        np.where(tested, share / ((others + 1) / (others_seen + 2)), np.nan),
        difference_p,
        difference_q,
        majority_p,
        majority_q,
        np.where(tested, two_share_z(chosen, seen, others, others_seen), np.nan),
        np.where(seen > 0, 2 * np.sqrt(seen + 1) * ((chosen + 1) / (seen + 1) - 0.5), np.nan),
        (difference_q <= LEVEL) & (majority_q <= LEVEL),
    )


def divisive_statements(
    votes: ArrayLike | VoteTable, labels: ArrayLike, *, seed: int, draws: int = DRAWS
) -> Divisiveness:
    """Statements on which groups differ: polarisation and an exact test of homogeneity.

    Arrays as in `representative_statements`. Agree against all else, by group: Fisher's exact test
    for two groups, the Freeman-Halton extension by `draws` random tables for more, so that p is
    never below 1 / (draws + 1). Renaming or reordering groups or statements changes nothing.
    """
    return divisive_of(count_votes(votes, labels), seed=seed, draws=draws)


def divisive_of(counts: GroupCounts, *, seed: int, draws: int = DRAWS) -> Divisiveness:
    """`divisive_statements` of votes that were counted already."""
    n_statements = counts.seen.shape[1]
    polarisation, p = np.full(n_statements, np.nan), np.full(n_statements, np.nan)
    highest, lowest = (np.full(n_statements, -1, dtype=np.int64) for _ in range(2))
    for column in range(n_statements):
        saw = counts.seen[:, column] > 0
        if saw.sum() < 2:
            continue
        agrees, seen = counts.agrees[saw, column], counts.seen[saw, column]
        shares, names = counts.shares[saw, column], counts.labels[saw]
        polarisation[column] = np.ptp(shares)
        highest[column], lowest[column] = names[shares.argmax()], names[shares.argmin()]
        p[column] = homogeneity_p(agrees, seen, seed=seed, draws=draws)
    q = benjamini_hochberg(p)
    return Divisiveness(polarisation, p, q, highest, lowest, q <= LEVEL)


def homogeneity_p(agrees: Counts, seen: Counts, *, seed: int, draws: int = DRAWS) -> float:
    """Exact p that all groups agree alike. agrees, seen: (groups,), two or more, none unseen.

    Tables are drawn in full only where the first ones leave a doubt: a fifth of 1,999 as rare as
    the observed is enough to call it chance (Besag and Clifford 1991, Biometrika 78:301).
    """
    if len(seen) == 2:
        table = np.column_stack([agrees, seen - agrees])
        return float(stats.fisher_exact(table).pvalue)
    order = np.lexsort((agrees, seen))
    return _drawn_p(tuple(agrees[order].tolist()), tuple(seen[order].tolist()), seed, draws)


# Statements and fault lines ask the same of the same tables.
@lru_cache(maxsize=20_000)
def _drawn_p(agrees: tuple[int, ...], seen: tuple[int, ...], seed: int, draws: int) -> float:
    # The stream depends on the table alone, so the order of statements does not matter.
    rng = np.random.default_rng([seed, *seen, *agrees])
    sizes = np.array(seen)
    observed = _log_weight(np.array(agrees), sizes)
    rare = drawn = 0
    for size in (min(draws, FIRST_DRAWS), max(draws - FIRST_DRAWS, 0)):
        tables = rng.multivariate_hypergeometric(sizes, sum(agrees), size=size)
        rare += int((_log_weight(tables, sizes) <= observed + 1e-9).sum())
        drawn += size
        if rare >= CHANCE * drawn:
            break
    return float((1 + rare) / (1 + drawn))


def _log_weight(agrees: Counts, seen: Counts) -> Shares:
    """Log of how many ways each group's votes could fall; tables are as likely as their product."""
    ways = gammaln(seen + 1) - gammaln(agrees + 1) - gammaln(seen - agrees + 1)
    return np.asarray(ways.sum(axis=-1), dtype=np.float64)


def _adjusted(p: Shares) -> Shares:
    return benjamini_hochberg(p.ravel()).reshape(p.shape)
