"""Davidson's model of choices between two with ties, fitted with covariates to counted answers.

With η the log-odds of left over right, left : about equal : right = e^(η/2) : ν : e^(-η/2).
Source: Davidson 1970, JASA 65:317; without ties this is Bradley and Terry's model.
Answers to one question are alike in everything that the fit needs, so it works on counts: a million
answers on a hundred sources are 4,950 rows.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float64]
Places = NDArray[np.intp]
# A row per question: dense where features differ, sparse where sources do.
Design: TypeAlias = Floats | sparse.csr_array

_MAX_STEPS = 100
_HALVINGS = 30


@dataclass(frozen=True)
class DavidsonFit:
    """Maximum of the penalised likelihood, and what uncertainty about it needs.

    coefficients: (k,) log-odds per unit of the design. tie: ν, 0 when no answer was a tie.
    bread: (p, p) inverse information with the ridge, p = k + 1 where there are ties, else k.
    Per row of the design, for one answer to it: expected, (m,) in (-½, ½), half of the chance of
    left less that of right; equal, (m,) the chance of a tie; weights, (m,) the information on η.
    """

    coefficients: Floats
    tie: float
    log_likelihood: float
    bread: Floats
    expected: Floats
    equal: Floats
    weights: Floats

    @property
    def has_ties(self) -> bool:
        """Whether ν was estimated."""
        return len(self.bread) > len(self.coefficients)


def tally(rows: Places, answers: Floats, m: int, weights: Floats | None = None) -> Floats:
    """Answers of 1 left, ½ about equal, 0 right, counted per row: (m, 3) in that order.

    weights: (n,) as how much of an answer each counts, 1 by default.
    """
    places = rows * 3 + (2 - 2 * answers).astype(np.intp)
    counts = np.bincount(places, weights=weights, minlength=3 * m)
    return counts.reshape(m, 3).astype(np.float64)


def fit_davidson(
    design: Design, counts: Floats, ridge: float, *, start: Floats | None = None
) -> DavidsonFit:
    """Fit by Newton's method with step halving; the problem is concave, so the maximum is one.

    design: (m, k), left minus right; counts: (m, 3) answers to each row (tally), not all ties; they
    need not be whole. ridge: penalty ½·ridge·|β|², at least 0. start: (p,) coefficients and log ν
    to begin from. Raises ArithmeticError when it does not converge, which happens only without a
    ridge, when answers can be predicted perfectly.
    """
    ties, total = float(counts[:, 1].sum()), float(counts.sum())
    theta = np.zeros(design.shape[1] + (ties > 0))
    if ties:
        theta[-1] = np.log(2 * ties / (total - ties))
    if start is not None and start.size == theta.size:
        theta = start.copy()
    penalty = np.zeros(theta.size)
    penalty[: design.shape[1]] = ridge
    value = _log_likelihood(theta, design, counts) - 0.5 * float(penalty @ theta**2)
    for _ in range(_MAX_STEPS):
        scores, information = _derivatives(theta, design, counts)
        gradient = scores - penalty * theta
        step = _solve(information + np.diag(penalty), gradient)
        if float(gradient @ step) < 1e-10:
            return _finish(theta, design, counts, penalty)
        theta, value = _ascend(theta, step, value, design, counts, penalty)
    raise ArithmeticError("The fit did not settle: without a ridge no finite effects fit best.")


def _solve(matrix: Floats, vector: Floats) -> Floats:
    """Twins among the features, or a source nobody compared, leave the matrix without inverse."""
    try:
        return np.asarray(np.linalg.solve(matrix, vector))
    except np.linalg.LinAlgError:
        return np.asarray(np.linalg.lstsq(matrix, vector, rcond=None)[0])


def _finish(theta: Floats, design: Design, counts: Floats, penalty: Floats) -> DavidsonFit:
    k = design.shape[1]
    left, right, equal = (np.exp(v) for v in _probabilities(theta, design))
    expected = (left - right) / 2
    information = _derivatives(theta, design, counts)[1] + np.diag(penalty)
    return DavidsonFit(
        coefficients=theta[:k],
        tie=float(np.exp(theta[k])) if theta.size > k else 0.0,
        log_likelihood=_log_likelihood(theta, design, counts),
        bread=np.asarray(np.linalg.pinv(information, hermitian=True), np.float64),
        expected=expected,
        equal=equal,
        weights=(left + right) / 4 - expected**2,
    )


def _ascend(
    theta: Floats,
    step: Floats,
    value: float,
    design: Design,
    counts: Floats,
    penalty: Floats,
) -> tuple[Floats, float]:
    for halving in range(_HALVINGS):
        trial = theta + step / 2**halving
        reached = _log_likelihood(trial, design, counts) - 0.5 * float(penalty @ trial**2)
        if reached >= value - 1e-9 * max(1.0, abs(value)):
            return trial, reached
    return theta, value


def _probabilities(theta: Floats, design: Design) -> tuple[Floats, Floats, Floats]:
    """Log-probabilities of left, right and about equal; the last is -inf without ties."""
    k = design.shape[1]
    half = design @ theta[:k] / 2
    tie = np.full_like(half, theta[k] if theta.size > k else -np.inf)
    total = np.logaddexp(np.logaddexp(half, -half), tie)
    return half - total, -half - total, tie - total


def _log_likelihood(theta: Floats, design: Design, counts: Floats) -> float:
    left, right, equal = _probabilities(theta, design)
    known = float(counts[:, 0] @ left + counts[:, 2] @ right)
    return known + float(counts[:, 1] @ equal) if theta.size > design.shape[1] else known


def _derivatives(theta: Floats, design: Design, counts: Floats) -> tuple[Floats, Floats]:
    """Gradient (p,) and information (p, p) of all answers together."""
    left, right, equal = (np.exp(v) for v in _probabilities(theta, design))
    n = counts.sum(axis=1)
    expected = (left - right) / 2
    weights = n * ((left + right) / 4 - expected**2)
    gradient = design.T @ ((counts[:, 0] - counts[:, 2]) / 2 - n * expected)
    information = _gram(design, weights)
    if theta.size == design.shape[1]:
        return gradient, information
    cross = design.T @ (-n * expected * equal)
    corner = np.array([[float((n * equal * (1 - equal)).sum())]])
    information = np.block([[information, cross[:, None]], [cross[None, :], corner]])
    return np.append(gradient, counts[:, 1].sum() - float(n @ equal)), information


def _gram(design: Design, weights: Floats) -> Floats:
    if isinstance(design, sparse.csr_array):
        return np.asarray((design.T @ (sparse.diags_array(weights) @ design)).toarray())
    return np.asarray(design.T @ (design * weights[:, None]))
