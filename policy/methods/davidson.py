"""Davidson's model of choices between two with ties, fitted with covariates.

With η the log-odds of left over right, left : about equal : right = e^(η/2) : ν : e^(-η/2).
Source: Davidson 1970, JASA 65:317; without ties this is Bradley and Terry's model.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_MAX_STEPS = 100
_HALVINGS = 30


@dataclass(frozen=True)
class DavidsonFit:
    """Maximum of the penalised likelihood, and what uncertainty about it needs.

    coefficients: (k,) log-odds per unit of the design. tie: ν, 0 when no answer was a tie.
    bread: (p, p) inverse information with the ridge, p = k + 1 where there are ties, else k.
    scores: (n, p) each answer's gradient. weights: (n,) each answer's information on η.
    """

    coefficients: Floats
    tie: float
    log_likelihood: float
    bread: Floats
    scores: Floats
    weights: Floats


def fit_davidson(design: Floats, answers: Floats, ridge: float) -> DavidsonFit:
    """Fit by Newton's method with step halving; the problem is concave, so the maximum is one.

    design: (n, k), left minus right; answers: (n,) of 1 left, ½ about equal, 0 right, not all ½.
    ridge: penalty ½·ridge·|β|², at least 0. Raises ArithmeticError when it does not converge, which
    happens only without a ridge, when answers can be predicted perfectly.
    """
    has_ties = bool((answers == 0.5).any())
    theta = np.zeros(design.shape[1] + has_ties)
    if has_ties:
        share = float((answers == 0.5).mean())
        theta[-1] = np.log(2 * share / (1 - share))
    penalty = np.zeros(theta.size)
    penalty[: design.shape[1]] = ridge
    value = _log_likelihood(theta, design, answers) - 0.5 * float(penalty @ theta**2)
    for _ in range(_MAX_STEPS):
        scores, information, _ = _derivatives(theta, design, answers)
        gradient = scores.sum(axis=0) - penalty * theta
        step = np.linalg.lstsq(information + np.diag(penalty), gradient, rcond=None)[0]
        if float(gradient @ step) < 1e-10:
            return _finish(theta, design, answers, penalty)
        theta, value = _ascend(theta, step, value, design, answers, penalty)
    raise ArithmeticError("The fit did not settle: without a ridge no finite effects fit best.")


def _finish(theta: Floats, design: Floats, answers: Floats, penalty: Floats) -> DavidsonFit:
    scores, information, weights = _derivatives(theta, design, answers)
    k = design.shape[1]
    return DavidsonFit(
        coefficients=theta[:k],
        tie=float(np.exp(theta[k])) if theta.size > k else 0.0,
        log_likelihood=_log_likelihood(theta, design, answers),
        bread=np.asarray(
            np.linalg.pinv(information + np.diag(penalty), hermitian=True), np.float64
        ),
        scores=scores,
        weights=weights,
    )


def _ascend(
    theta: Floats, step: Floats, value: float, design: Floats, answers: Floats, penalty: Floats
) -> tuple[Floats, float]:
    for halving in range(_HALVINGS):
        trial = theta + step / 2**halving
        reached = _log_likelihood(trial, design, answers) - 0.5 * float(penalty @ trial**2)
        if reached >= value - 1e-9 * max(1.0, abs(value)):
            return trial, reached
    return theta, value


def _probabilities(theta: Floats, design: Floats) -> tuple[Floats, Floats, Floats]:
    """Log-probabilities of left, right and about equal; the last is -inf without ties."""
    k = design.shape[1]
    half = design @ theta[:k] / 2
    tie = np.full_like(half, theta[k] if theta.size > k else -np.inf)
    total = np.logaddexp(np.logaddexp(half, -half), tie)
    return half - total, -half - total, tie - total


def _log_likelihood(theta: Floats, design: Floats, answers: Floats) -> float:
    left, right, equal = _probabilities(theta, design)
    return float(np.select([answers == 1, answers == 0], [left, right], equal).sum())


def _derivatives(theta: Floats, design: Floats, answers: Floats) -> tuple[Floats, Floats, Floats]:
    """Scores (n, p), information (p, p), and each answer's information on η (n,)."""
    left, right, equal = (np.exp(v) for v in _probabilities(theta, design))
    expected = (left - right) / 2
    weights = (left + right) / 4 - expected**2
    scores = design * (answers - 0.5 - expected)[:, None]
    information = design.T @ (design * weights[:, None])
    if theta.size == design.shape[1]:
        return scores, information, weights
    cross = design.T @ (-expected * equal)
    corner = np.array([[float((equal * (1 - equal)).sum())]])
    information = np.block([[information, cross[:, None]], [cross[None, :], corner]])
    return np.column_stack([scores, (answers == 0.5) - equal]), information, weights
