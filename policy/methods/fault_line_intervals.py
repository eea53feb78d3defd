"""How far apart the sides of a line are, given that its items were chosen for lying far apart.

Items that differ by chance enter only when chance makes them look large, so the usual interval of
what was chosen lies too high: winner's curse. Here each end is the size under which what was seen,
among everything that would have been chosen, is as rare as the level says. An item far above what
it takes to be chosen is told as ever; one that barely passed is told down to nothing.
Source: Weinstein, Fithian and Benjamini 2013, JASA 108:165, for one number; here for the mean of
several, whose errors go together as they do in resamples of people.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats
from scipy.special import log_ndtr, ndtr, ndtri_exp

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Chosen:
    """Items with their gaps, (items,), as drawn anew, (resamples, items), and as needed to be
    chosen, (items,). people: behind the smallest label of any of them."""

    gaps: Numbers
    drawn: Numbers
    needed: Numbers
    people: int

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """The interval of their mean gap (chosen_interval)."""
        return chosen_interval(self.gaps, self.drawn, self.needed, self.people, level)


def joined(parts: Sequence[Chosen]) -> Chosen:
    """All items of several lines together, each of which counts the same."""
    gaps, needed = (
        np.concatenate([getattr(one, name) for one in parts]) for name in ("gaps", "needed")
    )
    drawn = np.concatenate([one.drawn for one in parts], axis=1)
    return Chosen(gaps, drawn, needed, min(one.people for one in parts))


def gap_needed(
    gaps: Numbers, errors: Numbers, p: Numbers, passing: Numbers, ratio: Numbers, labels: int
) -> Numbers:
    """How large each item's gap had to be for it to be chosen: (items,) in [0, gap].

    gaps: between the sides; errors: theirs; p: of the test that `labels` do not differ, and
    `passing`, the largest with which an item was chosen; ratio: of the difference that labels must
    have to the one that they have. A gap that much smaller would have failed one or the other.
    """
    reached = stats.chi2.isf(p, labels - 1)
    # Permutations give no p below one in their number: the gap over its error says more there.
    reached = np.maximum(reached, (gaps / np.maximum(errors, 1e-12)) ** 2)
    needed = stats.chi2.isf(passing, labels - 1)
    share = np.sqrt(np.minimum(needed / np.maximum(reached, 1e-12), 1.0))
    return np.asarray(gaps * np.maximum(share, np.minimum(ratio, 1.0)))


def chosen_interval(
    gaps: Numbers, drawn: Numbers, needed: Numbers, people: float, level: float = 0.95
) -> tuple[float, float]:
    """The interval of the mean gap of items chosen because each gap was `needed` or more.

    gaps: (items,) not negative. drawn: (resamples, items) of the same; fewer than two give NaN.
    people: behind the smaller side, whose number says how much further out Student's t lies than
    the normal. Never narrower above than where nothing had been chosen, so that the mean gap itself
    lies within; never below 0, since a size below nothing says no more than nothing.
    """
    if len(drawn) < 2:
        return float("nan"), float("nan")
    tail = float(ndtr(stats.t.ppf((1 - level) / 2, max(people - 1, 1))))
    errors = np.maximum(drawn.std(axis=0, ddof=1), 1e-9)
    away = (drawn - gaps) / errors
    below, above = log_ndtr(away), log_ndtr(-away)

    def beyond(shift: float, share: float) -> float:
        means = _chosen(gaps - shift, errors, needed, below, above).mean(axis=1)
        return float(np.percentile(means, 100 * share, method="weibull") - gaps.mean())

    reach = float(2 * gaps.max() + 10 * errors.max())
    low = optimize.brentq(lambda shift: beyond(shift, 1 - tail), -reach, reach, xtol=1e-5)
    plain = -np.percentile((away * errors).mean(axis=1), 100 * tail, method="weibull")
    return max(0.0, float(gaps.mean() - low)), float(gaps.mean() + plain)


def _chosen(
    true: Numbers, errors: Numbers, needed: Numbers, below: Numbers, above: Numbers
) -> Numbers:
    """Gaps drawn among those at least `needed` in size: (resamples, items).

    below, above: logarithms of the chance of less, and of more, where nothing is chosen.
    """
    under, over = log_ndtr((-needed - true) / errors), log_ndtr((true - needed) / errors)
    either = np.logaddexp(under, over)
    low = below + either
    turned = low < under
    # Logarithms, because what was chosen can be as rare as one in a million.
    down = ndtri_exp(np.minimum(low, 0.0))
    up = -ndtri_exp(np.minimum(above + either, 0.0))
    return np.asarray(true + errors * np.where(turned, down, up))
