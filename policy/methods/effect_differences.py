"""Where two communities prefer different things: the difference of two fits' effects."""

from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from policy.methods.bradley_terry import Effect, PreferenceFit
from policy.methods.multiple_testing import benjamini_hochberg


@dataclass(frozen=True)
class EffectDifference:
    """One feature: log-odds in the first fit less those in the second; NaN with a note.

    opposed: the two intervals lie on different sides of zero. p: two-sided; q: adjusted over the
    features compared.
    """

    name: str
    first: float
    second: float
    difference: float
    low: float
    high: float
    p: float
    q: float
    opposed: bool
    note: str = ""


def effect_differences(first: PreferenceFit, second: PreferenceFit) -> tuple[EffectDifference, ...]:
    """Differences between two communities' effects, by Welch's t on each one's people.

    Both fits must be of the same features, in the same units, over different people: a participant
    belongs to one community of a workshop. Fits clustered by item too make the difference look less
    certain than it is where both judged the same items. Whether they did, enough, is another
    question (identifiability.shared_items). Raises ValueError when names, levels or order differ.
    Source: Welch 1947, Biometrika 34:28.
    """
    if [e.name for e in first.effects] != [e.name for e in second.effects]:
        raise ValueError("Both fits must have the same features in the same order.")
    if first.level != second.level:
        raise ValueError("Both fits must use the same level.")
    pairs = zip(first.effects, second.effects, strict=True)
    found = [_difference(one, other, first.level) for one, other in pairs]
    q = benjamini_hochberg([difference.p for difference in found])
    return tuple(replace(d, q=float(q[k])) for k, d in enumerate(found))


def _difference(one: Effect, other: Effect, level: float) -> EffectDifference:
    difference = one.log_odds - other.log_odds
    error = float(np.hypot(one.error, other.error))
    freedom = _welch(one, other)
    half = float(stats.t.ppf((1 + level) / 2, freedom)) * error
    p = float(2 * stats.t.sf(abs(difference) / error, freedom)) if error > 0 else float("nan")
    return EffectDifference(
        name=one.name,
        first=one.log_odds,
        second=other.log_odds,
        difference=difference,
        low=difference - half,
        high=difference + half,
        p=p,
        q=float("nan"),
        opposed=one.low > 0 > other.high or one.high < 0 < other.low,
        note=one.note or other.note,
    )


def _welch(one: Effect, other: Effect) -> float:
    first, second = one.error**2, other.error**2
    weight = first**2 / max(one.rests_on - 1, 1) + second**2 / max(other.rests_on - 1, 1)
    return (first + second) ** 2 / weight if weight > 0 else 1.0
