"""Planted seats found and honest people flagged: python -m tests.benchmarks.integrity [WORKSHOPS]

Each strategy is planted (5 % of seats, all in one community) in the same simulated workshops of 300
to 500 people, which also hold a cohesive minority of fifteen (by bus in every second one) and six
families with one phone each. Intervals are 95 %, over workshops (Student's t); where every workshop
gives the same, an exact bound on the share of workshops that would differ.
"""

from __future__ import annotations

import math
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from scipy.stats import t

from elicitation.methods.integrity import check
from tests.elicitation.integrity_workshops import (
    COMMUNITIES,
    LIMITS,
    STRATEGIES,
    Strategy,
    careful_script,
    workshop,
)

KINDS = ("honest", "inattentive", "family", "minority", "sybil")
Shares = dict[str, list[float]]


@dataclass(frozen=True)
class Tried:
    """Per workshop: the share flagged, by kind of seat and, honest people only, by community."""

    kinds: Shares
    communities: Shares


def tried(strategy: Strategy | None, seeds: Sequence[int], *, item_spread: float = 0.45) -> Tried:
    """Check the same workshops with this strategy planted."""
    found = Tried(defaultdict(list), defaultdict(list))
    for seed in seeds:
        h = workshop(seed, strategy, item_spread=item_spread)
        people = check(h.seats).people
        flags = [
            (kind, one.community, one.flagged) for kind, one in zip(h.kinds, people, strict=True)
        ]
        for kind in KINDS:
            some = [flag for one, _, flag in flags if one == kind]
            found.kinds[kind].append(fmean(some) if some else math.nan)
        for name in COMMUNITIES:
            honest = [flag for kind, at, flag in flags if at == name and kind != "sybil"]
            found.communities[name].append(fmean(honest))
    return found


def interval(shares: Sequence[float]) -> str:
    """Mean share in % with its interval; NaN, where a workshop had nobody, is left out."""
    shares = [one for one in shares if not math.isnan(one)]
    if not shares:
        return ""
    mean, n = fmean(shares), len(shares)
    if len(set(shares)) == 1:
        low = 0.025 ** (1 / n)
        ends = (low, 1.0) if mean == 1 else (0.0, 1 - low)
    else:
        half = t.ppf(0.975, n - 1) * stdev(shares) / n**0.5
        ends = (max(0.0, mean - half), min(1.0, mean + half))
    return f"{100 * mean:.1f} ({100 * ends[0]:.1f}-{100 * ends[1]:.1f})"


def row(name: str, found: Tried) -> str:
    cells = [interval(found.kinds["sybil"])]
    cells += [f"{100 * fmean(found.communities[one]):.2f}" for one in COMMUNITIES]
    cells += [f"{100 * fmean(found.kinds['minority']):.2f}"]
    return f"| {name} | {' | '.join(cells)} |"


def honest_people(results: Sequence[Tried]) -> None:
    """Honest people flagged, over every strategy: by community and by kind of person."""
    print("\n| honest people | flagged, % |\n|---|---|")
    for name in (*COMMUNITIES, *KINDS[:-1]):
        each = [(one.communities if name in COMMUNITIES else one.kinds)[name] for one in results]
        print(f"| {name} | {interval([fmean(same) for same in zip(*each, strict=True)])} |")


def main() -> None:
    seeds = range(9000, 9000 + (int(sys.argv[1]) if sys.argv[1:] else 50))
    start = time.perf_counter()
    heading = " | ".join(["planted", "flagged, %", *COMMUNITIES, "minority"])
    print(f"| {heading} |\n|{'---|' * 6}")
    results = {}
    for name, strategy in {"nobody": None, **STRATEGIES, **LIMITS}.items():
        results[name] = tried(strategy, seeds)
        print(row(name, results[name]), flush=True)
    flat = tried(careful_script, seeds, item_spread=0.0)
    print(row("careful script, items all as long", flat))
    honest_people(list(results.values()))
    checked = len(seeds) * (len(results) + 1)
    print(f"\n{(time.perf_counter() - start) / checked:.2f} s a workshop, simulation included")


if __name__ == "__main__":
    main()
