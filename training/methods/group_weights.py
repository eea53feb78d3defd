"""Group-robust weights: communities the model serves badly count for more (Ramesh et al. 2024)."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass
class GroupWeights:
    """Weights over communities, moved by w ← w exp(η L), in logarithms.

    shares: community → its part of the training weight, summing to 1. eta: step size ≥ 0; at 0
    every multiplier stays 1 and the loss is the plain one.
    Source: Ramesh et al. 2024, "Group Robust Preference Optimization in Reward-free RLHF",
    algorithm 1. Two differences, both so that the plain loss is where the weights start: rows are
    scaled so that the multipliers' mean over the training rows is 1, and L is the loss above what
    a community's own disagreement makes unavoidable (zero for unanimous rows, as in the paper).
    """

    shares: Mapping[str, float]
    eta: float
    log_weights: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.log_weights = {name: self.log_weights.get(name, 0.0) for name in sorted(self.shares)}

    def multipliers(self) -> dict[str, float]:
        """Community → factor on its rows' loss; the mean over training rows is 1."""
        top = max(self.log_weights.values())
        raw = {name: math.exp(value - top) for name, value in self.log_weights.items()}
        mean = math.fsum(self.shares[name] * raw[name] for name in raw)
        return {name: value / mean for name, value in raw.items()}

    def update(self, loss_sums: Mapping[str, float], rows: int) -> None:
        """Move the weights by one step's losses.

        loss_sums: community → sum of its rows' (weighted) losses in the step; absent when it had
        none. rows: how many rows the step had. Dividing by the rows a community is expected to
        have, not by those it had, keeps one that is rarely drawn from being updated rarely.
        """
        for name in sorted(loss_sums):
            self.log_weights[name] += self.eta * loss_sums[name] / (rows * self.shares[name])
        centre = math.fsum(self.log_weights.values()) / len(self.log_weights)
        self.log_weights = {name: value - centre for name, value in self.log_weights.items()}


def weight_shares(rows: Iterable[tuple[str, float]]) -> dict[str, float]:
    """Community → part of the whole weight, from (community, weight) of each training row.

    Raises ValueError when nothing weighs anything. Communities of no weight are left out.
    """
    totals: dict[str, list[float]] = {}
    for name, weight in rows:
        totals.setdefault(name, []).append(weight)
    sums = {name: math.fsum(sorted(totals[name])) for name in sorted(totals)}
    whole = math.fsum(sums.values())
    if whole <= 0:
        raise ValueError("Every training row has weight 0: there is nothing to learn from.")
    return {name: value / whole for name, value in sums.items() if value > 0}
