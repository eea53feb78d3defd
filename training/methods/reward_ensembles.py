"""Rewards on one scale, free of a trend in length, and what to make of several of them.

One reward model can be fooled where it has learned too little; several that were trained apart
seldom err on the same completion (Coste et al. 2024, "Reward Model Ensembles Help Mitigate
Overoptimization"). Where communities disagree, the least of their rewards protects the one that
would be served worst (Chakraborty et al. 2024, "MaxMin-RLHF").
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]
How = Literal["mean", "worst", "variance_penalised", "min_over_communities"]


@dataclass(frozen=True)
class Scale:
    """What turns a raw score into a reward: (score - length_slope · tokens - mean) / sd."""

    mean: float = 0.0
    sd: float = 1.0
    length_slope: float = 0.0

    def reward(self, scores: Any, lengths: Any) -> Scores:
        """Rewards, of the scores' shape. lengths: tokens of each completion."""
        raw = np.asarray(scores, dtype=float) - self.length_slope * np.asarray(lengths, dtype=float)
        return np.asarray((raw - self.mean) / self.sd)


def fit_scale(
    scores: Sequence[float],
    lengths: Sequence[int],
    prompts: Sequence[str],
    *,
    length_debiased: bool,
) -> Scale:
    """The scale on which a model's rewards of its training completions have mean 0 and sd 1.

    One entry per completion: raw score, tokens, and a name of its prompt. Raises ValueError without
    completions. A model that says the same of all keeps an sd of 1.
    """
    if not len(scores):
        raise ValueError("There are no completions to fit a scale to.")
    slope = length_slope(scores, lengths, prompts) if length_debiased else 0.0
    left = np.asarray(scores, dtype=float) - slope * np.asarray(lengths, dtype=float)
    sd = float(left.std())
    return Scale(float(left.mean()), sd if sd > 1e-12 else 1.0, slope)


def length_slope(scores: Sequence[float], lengths: Sequence[int], prompts: Sequence[str]) -> float:
    """How much a token adds to a score, among completions of the same prompt; 0 where lengths tell
    nothing apart.

    Least squares with an intercept for each prompt, so that prompts which want long answers are not
    mistaken for a taste for length. Taking the trend out after training follows Huang et al. 2024
    ("Post-hoc Reward Calibration: A Case Study on Length Bias"), who fit it locally. It also takes
    out what length people truly prefer: that is its price.
    """
    _, group = np.unique(np.asarray(prompts), return_inverse=True)
    score = _within(np.asarray(scores, dtype=float), group)
    length = _within(np.asarray(lengths, dtype=float), group)
    spread = float(length @ length)
    return float(length @ score) / spread if spread > 0 else 0.0


def combine(
    scores: Any,
    how: How,
    *,
    penalty: float = 0.5,
    communities: Sequence[str | None] | None = None,
) -> Scores:
    """One reward for each completion, from several: (n,) from (members, n).

    "mean"; "worst": the least; "variance_penalised": mean - penalty · variance over members
    (population variance; Coste et al. 2024 use .5 for best-of-n and .1 for PPO);
    "min_over_communities": the least of the communities' means, `communities` naming each member's.
    All scores should be standardised first, or the widest scale decides. NaN anywhere stays NaN.
    Raises ValueError for another shape, an unknown way, or members without a community.
    """
    table = np.asarray(scores, dtype=float)
    if table.ndim != 2 or not len(table):
        raise ValueError(f"Scores are one row per member, not an array of shape {table.shape}.")
    if how == "mean":
        return np.asarray(table.mean(axis=0))
    if how == "worst":
        return np.asarray(table.min(axis=0))
    if how == "variance_penalised":
        return np.asarray(table.mean(axis=0) - penalty * table.var(axis=0))
    if how == "min_over_communities":
        return np.asarray(community_means(table, communities).min(axis=0))
    raise ValueError(f"There is no way {how!r} to combine rewards.")


def community_means(scores: Any, communities: Sequence[str | None] | None) -> Scores:
    """The mean of each community's members, communities by name: (communities, n).

    Raises ValueError when a member has no community.
    """
    table = np.asarray(scores, dtype=float)
    if communities is None or len(communities) != len(table) or None in communities:
        raise ValueError("A least over communities needs to know each reward model's community.")
    names = sorted({str(name) for name in communities})
    return np.stack([table[[c == name for c in communities]].mean(axis=0) for name in names])


def _within(values: Scores, group: NDArray[np.intp]) -> Scores:
    """Values less the mean of their group."""
    means = np.bincount(group, weights=values) / np.bincount(group)
    return np.asarray(values - means[group])
