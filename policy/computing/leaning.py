"""What communities prefer when each leans on the others as far as they are alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy.special import expit

from policy.methods.partial_pooling import PooledEffect, common_spread, pool_effects
from policy.reading import around, percent

# Twice the likeliest spread: with once, intervals cover too seldom (docs/analysis-methods.md).
TIMES_THE_SPREAD = 2.0

Numbers = tuple[float, float, float]


def leaning(
    effects: Mapping[str, Sequence[Numbers]], names: Mapping[str, str]
) -> dict[str, list[dict[str, Any] | None]]:
    """Per community and effect what is said of it when it leans on the others; None where nothing.

    effects: community slug → (log-odds, error, rests_on) of each effect, all in one order. names:
    what communities are called.
    """
    slugs = list(effects)
    if len(slugs) < 2 or not effects[slugs[0]]:
        return {slug: [None] * len(effects[slug]) for slug in slugs}
    numbers = np.array([effects[slug] for slug in slugs], dtype=np.float64).transpose(2, 1, 0)
    scale = TIMES_THE_SPREAD * common_spread(*numbers)
    found: dict[str, list[dict[str, Any] | None]] = {slug: [] for slug in slugs}
    for estimates, errors, behind in zip(*numbers, strict=True):
        pooled = pool_effects(estimates, errors, behind, scale=scale)
        for place, slug in enumerate(slugs):
            found[slug].append(_leaning(pooled, place, float(estimates[place]), names[slug]))
    return found


def _leaning(pooled: PooledEffect, place: int, alone: float, name: str) -> dict[str, Any] | None:
    if np.isnan(pooled.estimate[place]):
        return None
    log_odds, low, high = (float(a[place]) for a in (pooled.estimate, pooled.low, pooled.high))
    chosen, chosen_low, chosen_high = (float(expit(x)) for x in (log_odds, low, high))
    own = float(pooled.own[place])
    by_itself = percent(float(expit(alone)))
    return {
        "log_odds": log_odds,
        "low": low,
        "high": high,
        "chosen": chosen,
        "chosen_low": chosen_low,
        "chosen_high": chosen_high,
        "own": own,
        "mean": pooled.mean,
        "spread": pooled.spread,
        "sentence": (
            f"{name} alone: chosen {by_itself} of the time; leaning on the other communities: "
            f"{percent(chosen)}{around(chosen_low, chosen_high)}. "
            f"{percent(own)} of that is its own."
        ),
    }
