"""Whether the same people think otherwise later: paired changes of shares, one answer a person."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from policy.methods.multiple_testing import benjamini_hochberg

State = Literal["more", "fewer", "no clear change", "too few"]
LEVEL_OF_FALSE_DISCOVERIES = 0.05


@dataclass(frozen=True)
class PairedChange:
    """One share before and after, of the same n people; NaN where they are too few.

    before, after: shares in [0, 1]. change: after less before, in [-1, 1], with its interval.
    gained, lost: how many came to it and how many left it. p: exact, two-sided; q: p adjusted over
    the changes looked at together (adjusted), NaN before.
    """

    n: int
    before: float
    after: float
    change: float
    low: float
    high: float
    gained: int
    lost: int
    p: float
    q: float
    state: State


def paired_change(
    earlier: ArrayLike, later: ArrayLike, *, fewest: int = 10, level: float = 0.95
) -> PairedChange:
    """Change of a share among people who answered both times.

    earlier, later: (people,) of 1 (agrees) and 0; NaN where not answered, left out. fewest: below
    how many people nothing is said. p is McNemar's exact test: of those who changed, as many one
    way as the other. The interval is Bonett and Price's (one more on each side of those who
    changed): simulated, it covers .93 or more from ten people on, and too much where few changed.
    Raises ValueError for other shapes or values, or a level out of range.
    Sources: McNemar 1947, Psychometrika 12:153; Bonett and Price 2012, J. Educ. Behav. Stat.
    37:479.
    """
    first, last = _answered(earlier, later, level)
    n, gained, lost = first.size, int((last > first).sum()), int((last < first).sum())
    if n < max(fewest, 1):
        nan = float("nan")
        return PairedChange(n, nan, nan, nan, nan, nan, gained, lost, nan, nan, "too few")
    low, high = _bonett_price(gained, lost, n, level)
    return PairedChange(
        n=n,
        before=float(first.mean()),
        after=float(last.mean()),
        change=(gained - lost) / n,
        low=low,
        high=high,
        gained=gained,
        lost=lost,
        p=_mcnemar(gained, lost),
        q=float("nan"),
        state="no clear change",
    )


def adjusted(changes: list[PairedChange]) -> list[PairedChange]:
    """The changes with q over all of them, and the state that q and the interval allow."""
    q = benjamini_hochberg([change.p for change in changes])
    return [_judged(change, float(q[k])) for k, change in enumerate(changes)]


def _judged(change: PairedChange, q: float) -> PairedChange:
    state: State = change.state
    if q <= LEVEL_OF_FALSE_DISCOVERIES and change.low > 0:
        state = "more"
    elif q <= LEVEL_OF_FALSE_DISCOVERIES and change.high < 0:
        state = "fewer"
    return replace(change, q=q, state=state)


def _mcnemar(gained: int, lost: int) -> float:
    changed = gained + lost
    return float(stats.binomtest(gained, changed, 0.5).pvalue) if changed else 1.0


def _bonett_price(gained: int, lost: int, n: int, level: float) -> tuple[float, float]:
    more, fewer = (gained + 1) / (n + 2), (lost + 1) / (n + 2)
    middle = more - fewer
    spread = np.sqrt((more + fewer - middle**2) / (n + 2))
    half = float(stats.norm.ppf((1 + level) / 2) * spread)
    return max(-1.0, middle - half), min(1.0, middle + half)


def _answered(
    earlier: ArrayLike, later: ArrayLike, level: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    first, last = (np.asarray(given, dtype=np.float64) for given in (earlier, later))
    if first.ndim != 1 or first.shape != last.shape:
        raise ValueError("There must be one earlier and one later answer per person.")
    there = ~np.isnan(first) & ~np.isnan(last)
    first, last = first[there], last[there]
    if not np.isin(np.concatenate([first, last]), (0, 1)).all():
        raise ValueError("An answer is 1 (agrees) or 0.")
    if not 0 < level < 1:
        raise ValueError("The level must lie between 0 and 1, such as 0.95.")
    return first, last
