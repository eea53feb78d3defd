"""What can be seen in one person's answers alone: haste, one side only, a much shared device."""

from __future__ import annotations

import numpy as np
from scipy.stats import binom

from elicitation.methods.integrity_table import Bools, Floats, Ints, Table, seconds_per_item, usual

# How often people may do each honestly. Set high, so that the p-values err on the safe side.
HASTY_RATE = 0.2
SIDE_RATE = 0.6
SHARING_RATE = 0.05
HASTY_MS = 1000.0
# A family passes one phone round; more people than this on one undeclared device are too many.
HOUSEHOLD = 4
FEWEST_ANSWERS = 10
# A community's own fit of times to items needs this many people, or the workshop's is used.
FEWEST_PEOPLE = 20
# Pauses and clocks: a claim is impossible only beyond a tenth and half a minute.
CLAIM_SLACK = (1.1, 30.0)


def hasty(table: Table) -> tuple[Ints, Ints, Floats]:
    """(n,) each: answers given within a second, of how many, and the p-value (NaN: not measured).

    By the phone's clock; or all of them, when they came so soon after joining that less than a
    second each was left. That bound holds for offline phones too: a queue only delays.
    """
    known = np.isfinite(table.looked_ms)
    quick = (known & (table.looked_ms < HASTY_MS)).sum(axis=1)
    answered = table.seen.sum(axis=1)
    rushed = _elapsed(table) < answered * HASTY_MS / 1000
    count = np.where(rushed, answered, quick)
    of = np.where(rushed, answered, known.sum(axis=1))
    return count, of, too_hasty(count, of)


def too_hasty(count: Ints, of: Ints) -> Floats:
    """(n,): p-value of that many answers within a second of so many; NaN for fewer than ten."""
    return np.where(of >= FEWEST_ANSWERS, binom.sf(count - 1, of, HASTY_RATE), np.nan)


def claims_too_much(table: Table) -> Bools:
    """(n,): whether a phone says it was looked at for longer than there was time since joining."""
    times, more = CLAIM_SLACK
    claimed = np.nansum(table.looked_ms, axis=1) / 1000
    found = claimed > times * _elapsed(table) + more
    return np.asarray(found, dtype=np.bool_)


def one_sided(left: Ints, right: Ints) -> Floats:
    """(n,) p-values that the choice followed the side; sides are drawn by the server.

    The rate allows for the lean to one side that people show when they hardly care.
    """
    of, most = left + right, np.maximum(left, right)
    p = np.minimum(1.0, 2 * binom.sf(most - 1, of, SIDE_RATE))
    return np.where(of >= FEWEST_ANSWERS, p, np.nan)


def much_shared(seats: Ints) -> Floats:
    """(n,): p-value of that many people on one install; 1 up to a household."""
    return np.where(seats > HOUSEHOLD, SHARING_RATE ** (seats - 1.0), 1.0)


def flatness(table: Table) -> Floats:
    """(n,) how far below other people's is the fit of a person's times to the items, in standard
    deviations (negative: times that do not follow how long an item takes others). NaN: unknown.

    Long items take everybody longer (van der Linden 2006, the items' time intensity); invented
    times do not know that. Measured as the correlation of a person's log times with their
    community's medians, against that community's median and the workshop's spread of it.
    """
    times = np.log(seconds_per_item(table))
    fit, n = _fit(times, np.where(np.isfinite(times), usual(times, table.community), np.nan))
    noise = 1 / np.maximum(n - 3.0, 1)
    measured = np.isfinite(fit)
    if not measured.any():
        return fit
    centre = usual(fit[:, None], table.community, FEWEST_PEOPLE)[:, 0]
    # The whole workshop's spread: two dozen planted seats would widen a small community's own.
    spread = 1.4826 * np.nanmedian(np.abs(fit - centre))
    between = max(spread**2 - np.median(noise[measured]), 0.0)
    return np.asarray((fit - centre) / np.sqrt(between + noise), dtype=np.float64)


def _fit(times: Floats, expected: Floats) -> tuple[Floats, Ints]:
    """(n,): Fisher's z of each row's correlation, NaN for fewer than ten pairs; their number."""
    both = np.isfinite(times) & np.isfinite(expected)
    n = both.sum(axis=1)
    ours, theirs = (_centred(values, both) for values in (times, expected))
    size = np.sqrt((ours**2).sum(axis=1) * (theirs**2).sum(axis=1))
    r = np.divide((ours * theirs).sum(axis=1), size, out=np.zeros_like(size), where=size > 0)
    return np.where(n >= FEWEST_ANSWERS, np.arctanh(np.clip(r, -0.99, 0.99)), np.nan), n


def _centred(values: Floats, known: Bools) -> Floats:
    """Rows less their mean over what is known; 0 elsewhere."""
    filled = np.where(known, values, 0.0)
    mean = filled.sum(axis=1, keepdims=True) / np.maximum(known.sum(axis=1, keepdims=True), 1)
    return np.where(known, filled - mean, 0.0)


def _elapsed(table: Table) -> Floats:
    """(n,): seconds from joining to the last answer; infinite where there is none."""
    last = np.max(np.nan_to_num(table.arrived, nan=-np.inf), axis=1, initial=-np.inf)
    return np.where(np.isfinite(last), last - table.joined, np.inf)
