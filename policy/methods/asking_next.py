"""What to ask next: the answers that bring pending decisions nearest to being made.

For statements. The obvious index, the expected fall of the probability of standing on the wrong
side after one more vote (the one-step knowledge gradient), is zero nearly everywhere: that
probability is a martingale until a single vote can turn the side. So we look several votes ahead,
as Frazier and Powell (2010, Decision Analysis 7:378) do: the chance that m further votes make a
community's stance clear, per vote, at the best m. It is 0 where the stance is clear, and small
where opinion is so even that no number of people would do.

For comparisons. The expected fall of the variance of the effects that are pending, by one more
answer to a pair (L-optimal design; Atkinson, Donev and Tobias 2007, ch. 10). Each pending effect
counts the same: weighing those near their threshold more saved no more (tests/benchmarks).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc, betaln, gammaln

from policy.methods.sensitivity import UNCLEAR, Counts, decisions, stances, thresholds

Shares = NDArray[np.float64]
# Steps of about a quarter: enough to find the best number of votes to look ahead.
_GROWTH = 1.25
_MOST_SUMMED = 100
LIKELY = 0.5


@dataclass(frozen=True)
class Ahead:
    """What further votes would do for each stance; all of the shape of the counts.

    value: chance per vote, at the best number of votes, that the stance becomes clear. further:
    votes after which it is as likely clear as not; inf where those who are left do not suffice, 0
    where it is clear. chance: that it is clear once everyone who is left has voted.
    """

    value: Shares
    further: Shares
    chance: Shares


def look_ahead(agrees: ArrayLike, seen: ArrayLike, left: ArrayLike, level: float = 0.95) -> Ahead:
    """What the votes of those who have not voted yet would do. left: how many they are.

    Predicted by the beta-binomial of Beta(A + 1, S - A + 1). Raises ValueError for counts that
    cannot be.
    """
    yes, votes = np.asarray(agrees, dtype=np.int64), np.asarray(seen, dtype=np.int64)
    rest = np.broadcast_to(np.asarray(left, dtype=np.int64), yes.shape)
    if (rest < 0).any():
        raise ValueError("Fewer than nobody cannot be left.")
    pending = stances(yes, votes, level) == UNCLEAR
    value, chance = np.zeros(yes.shape), np.where(pending, 0.0, 1.0)
    further, looked = np.where(pending, np.inf, 0.0), np.zeros_like(rest)
    for more in _steps(int(rest.max(initial=0))):
        ask = pending & (looked < rest)
        looked = np.minimum(more, rest)  # the last step is everyone who is left
        found, step = chance_of_clear(yes[ask], votes[ask], looked[ask], level), looked[ask]
        value[ask] = np.maximum(value[ask], found / step)
        further[ask] = np.where(found >= LIKELY, np.minimum(further[ask], step), further[ask])
        chance[ask] = found
    return Ahead(value, further, chance)


def chance_of_clear(
    agrees: ArrayLike, seen: ArrayLike, more: ArrayLike, level: float = 0.95
) -> Shares:
    """The chance that a stance is clear after so many more votes. All (n,), or one `more` for all.

    Sums the beta-binomial over both tails of what the further votes may be; of more than 100 votes,
    the share of agrees is taken as Beta with the same mean and variance.
    """
    yes, votes = np.asarray(agrees, dtype=np.int64), np.asarray(seen, dtype=np.int64)
    steps = np.broadcast_to(np.asarray(more, dtype=np.int64), yes.shape)
    few, found = steps <= _MOST_SUMMED, np.zeros(yes.shape)
    found[few] = _summed(yes[few], votes[few], steps[few], level)
    found[~few] = _smoothed(yes[~few], votes[~few], steps[~few], level)
    return found


def _summed(yes: Counts, votes: Counts, steps: Counts, level: float) -> Shares:
    after = votes + steps
    least = thresholds(int(after.max(initial=0)), level).least[after]
    k = np.arange(int(steps.max(initial=0)) + 1)
    possible = k <= steps[:, None]
    up = yes[:, None] + k
    clear = possible & ((up >= least[:, None]) | (after[:, None] - up >= least[:, None]))
    logs = _log_beta_binomial(k, steps, yes + 1, votes - yes + 1)
    return np.asarray(np.exp(np.where(clear, logs, -np.inf)).sum(axis=1))


def _smoothed(yes: Counts, votes: Counts, steps: Counts, level: float) -> Shares:
    least = thresholds(int((votes + steps).max(initial=0)), level).least[votes + steps]
    a, b = yes + 1.0, votes - yes + 1.0
    mean, total = a / (a + b), a + b
    variance = mean * (1 - mean) * (total + steps) / (steps * (total + 1))
    strength = mean * (1 - mean) / variance - 1
    up, down = ((least - side - 0.5) / steps for side in (yes, votes - yes))
    above = betainc((1 - mean) * strength, mean * strength, np.clip(1 - up, 0, 1))
    below = betainc(mean * strength, (1 - mean) * strength, np.clip(1 - down, 0, 1))
    return np.asarray(above + below)


def deciding(agrees: ArrayLike, seen: ArrayLike, level: float = 0.95) -> NDArray[np.bool_]:
    """Where a community's stance bears on the decision: (communities, statements).

    False where the others have settled it: one for and one against is contested whatever a third
    says.
    """
    found = stances(agrees, seen, level)
    bears = np.zeros(found.shape, dtype=np.bool_)
    for row in range(len(found)):
        made = []
        for stance in (0, 1, 2):
            other = found.copy()
            other[row] = stance
            made.append(decisions(other))
        bears[row] = (made[0] != made[1]) | (made[1] != made[2])
    return bears


def statement_weights(agrees: Counts, seen: Counts, left: ArrayLike, level: float = 0.95) -> Shares:
    """What to ask each community: (communities, statements) weights, 0 where nothing is to gain.

    left: people of each community who have not voted on each statement, broadcast to the counts.
    """
    ahead = look_ahead(agrees, seen, left, level)
    return np.where(deciding(agrees, seen, level), ahead.value, 0.0)


def pair_weights(
    pairs: ArrayLike, judged: ArrayLike, pending: ArrayLike, ridge: float = 1.0
) -> Shares:
    """The expected fall in variance of the pending effects, by one answer to each pair: (m,).

    pairs: (m, k) differences of features, in standardised units. judged: (n, k), of the pairs that
    the community has answered so far. pending: (k,) how much each effect matters, at least 0; the
    fall is counted as a share of the effect's variance. ridge: information taken as known
    beforehand, above 0, so that nothing judged yet is no obstacle. An answer carries at most 1/4 of
    information on its log-odds.
    """
    x, known = np.asarray(pairs, dtype=np.float64), np.asarray(judged, dtype=np.float64)
    matters = np.asarray(pending, dtype=np.float64)
    if x.ndim != 2 or matters.shape != (x.shape[1],) or (matters < 0).any() or ridge <= 0:
        raise ValueError("There is one weight of at least 0 per feature, and a ridge above 0.")
    known = known.reshape(-1, x.shape[1])
    inverse = np.linalg.inv(ridge * np.eye(x.shape[1]) + 0.25 * known.T @ known)
    pull = x @ inverse
    spread = 0.25 * (pull * x).sum(axis=1)
    return np.asarray(0.25 * (pull**2 @ (matters / np.diag(inverse))) / (1 + spread))


def _steps(most: int) -> list[int]:
    """1, 2, 3, 4, 5, 7, 9, … to at least `most`."""
    steps = [1]
    while steps[-1] < most:
        steps.append(max(steps[-1] + 1, int(steps[-1] * _GROWTH)))
    return steps


def _log_beta_binomial(k: Counts, n: Counts, a: Counts, b: Counts) -> Shares:
    """(cells, k) log-chances of k of n; meaningless where k > n."""
    trials, yes, no = (one[:, None] for one in (n, a, b))
    rest = np.maximum(trials - k, 0)
    choose = gammaln(trials + 1) - gammaln(k + 1) - gammaln(rest + 1)
    return np.asarray(choose + betaln(k + yes, rest + no) - betaln(yes, no))
