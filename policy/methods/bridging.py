"""Bridging: statements that people like who otherwise disagree (Community Notes' model)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from policy.methods.vote_table import VoteTable, vote_table

Floats = NDArray[np.float64]
INTERCEPT_PENALTY, FACTOR_PENALTY = 0.15, 0.03
FEWEST_VOTES = 5
STEPS = 200
SETTLED = 1e-4
# More votes than this are drawn from, whole people at a time: the score hardly moves.
LARGEST = 500_000


@dataclass(frozen=True)
class Bridging:
    """What each statement is worth beyond whose side it is on.

    score: (statements,) the intercept; above 0 is liked more than the average statement by people
    of either side. side: (statements,) the factor; statements of one sign appeal to the same
    people. NaN where fewer than five voted. people: how many it rests on. settled: whether the
    fit came to rest. note: "" or why there is no number.
    """

    score: Floats
    side: Floats
    mean: float
    people: int
    settled: bool
    note: str = ""


def bridging_scores(
    votes: ArrayLike | VoteTable, *, seed: int, moderated_out: ArrayLike | None = None
) -> Bridging:
    """Fit r = μ + i_u + i_n + f_u · f_n to the votes; i_n is the score.

    votes: (participants, statements) of -1, 0, 1; NaN where unseen, or a table of votes; agree
    counts 1, pass ½, disagree 0. The mean squared error, plus 0.15 times the mean square of each
    kind of intercept and 0.03 times that of each kind of factor, by alternating least squares from
    the main direction of the votes. Statements moderated out and people with one vote are left out.
    The sign of `side` makes its largest value positive. The same seed gives the same scores.
    Source: Wojcik et al. 2022, arXiv 2210.15723, with λ_i = 0.15 = 5 λ_f.
    """
    table = vote_table(votes)
    out = np.zeros(table.shape[1], dtype=bool)
    if moderated_out is not None:
        out = np.asarray(moderated_out, dtype=bool)
    kept = table.of_statements(~out & (table.seen_of >= FEWEST_VOTES))
    kept = _drawn(kept.of_people(kept.seen_by >= 2), seed)
    score, side = (np.full(table.shape[1], np.nan) for _ in range(2))
    people = kept.shape[0]
    if people < 2 or kept.shape[1] < 2:
        note = "Too few people voted on enough statements to look for what bridges them."
        return Bridging(score, side, float("nan"), people, False, note)
    if np.ptp(kept.choices) == 0:
        note = "Everyone voted alike: there are no sides to bridge."
        return Bridging(score, side, float("nan"), people, False, note)
    fit = _Fit(kept)
    settled = fit.settle()
    columns = np.flatnonzero(~out & (table.seen_of >= FEWEST_VOTES))
    sign = -1.0 if fit.factor[np.abs(fit.factor).argmax()] < 0 else 1.0
    score[columns], side[columns] = fit.intercept, sign * fit.factor
    return Bridging(score, side, fit.mean, people, settled)


def _drawn(table: VoteTable, seed: int) -> VoteTable:
    """So many whole people, at random, that their votes are not too many."""
    if len(table.choices) <= LARGEST:
        return table
    share = LARGEST / len(table.choices)
    rng = np.random.default_rng(seed)
    return table.of_people(np.sort(rng.permutation(table.shape[0])[: int(share * table.shape[0])]))


class _Fit:
    """The model's parameters, of people and of statements, and the steps that improve them."""

    def __init__(self, table: VoteTable) -> None:
        self.table = table
        self.people, self.statements = table.people, table.statements
        self.votes = (table.choices.astype(np.float64) + 1) / 2
        n = len(self.votes)
        self.mean = float(self.votes.mean())
        self.sizes = table.shape
        # A mean over votes plus a mean over people is a sum over votes plus n / people times one.
        self.weights = [n / size for size in table.shape]
        self.intercepts = [np.zeros(size) for size in table.shape]
        self.factors = [np.zeros(size) for size in table.shape]
        self.factors[1] = self._direction()

    @property
    def intercept(self) -> Floats:
        """Of statements."""
        return self.intercepts[1]

    @property
    def factor(self) -> Floats:
        """Of statements."""
        return self.factors[1]

    def settle(self) -> bool:
        """Improve until the scores come to rest; False when they did not in time."""
        for _ in range(STEPS):
            before = self.intercept.copy(), self.factor.copy()
            self._solve(0)
            self._solve(1)
            self._balance()
            left = self.votes - self._explained()
            self.mean = float(left.sum() / (len(left) * (1 + INTERCEPT_PENALTY)))
            moved = max(
                float(np.abs(after - one).max())
                for after, one in zip((self.intercept, self.factor), before, strict=True)
            )
            if moved < SETTLED:
                return True
        return False

    def _direction(self) -> Floats:
        """(statements,) the main direction of votes less their statement's mean, by powers."""
        means = np.bincount(self.statements, weights=self.votes) / self.table.seen_of
        rows = self.table.matrix(self.votes - means[self.statements])
        along: Floats = np.random.default_rng(0).normal(size=self.sizes[1])
        for _ in range(30):
            along = np.asarray(rows.T @ (rows @ along), dtype=np.float64)
            along = along / max(float(np.linalg.norm(along)), 1e-300)
        return np.asarray(along * np.sqrt(self.sizes[1]) / 4)

    def _explained(self) -> Floats:
        pairs = zip(self.intercepts, self.factors, (self.people, self.statements), strict=True)
        (a, f, u), (b, g, n) = pairs
        return np.asarray(a[u] + b[n] + f[u] * g[n])

    def _solve(self, kind: int) -> None:
        """Best intercepts and factors of people (0) or statements (1), the others held."""
        ids = (self.people, self.statements)
        mine, theirs = ids[kind], ids[1 - kind]
        size, weight = self.sizes[kind], self.weights[kind]
        other = self.factors[1 - kind][theirs]
        left = self.votes - self.mean - self.intercepts[1 - kind][theirs]
        n, f, ff, e, ef = (
            np.bincount(mine, weights=one, minlength=size)
            for one in (np.ones(len(left)), other, other**2, left, left * other)
        )
        held, bent = n + INTERCEPT_PENALTY * weight, ff + FACTOR_PENALTY * weight
        determinant = held * bent - f**2
        self.intercepts[kind] = (e * bent - ef * f) / determinant
        self.factors[kind] = (held * ef - f * e) / determinant

    def _balance(self) -> None:
        """Scale both factors so that the penalty is least; their product stays."""
        first, second = (float((one**2).mean()) for one in self.factors)
        if first > 0 and second > 0:
            scale = (second / first) ** 0.25
            self.factors = [self.factors[0] * scale, self.factors[1] / scale]
