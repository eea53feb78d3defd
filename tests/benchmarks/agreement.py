"""Agreement at size: alpha beside the krippendorff package, and permutation tests of XRR.

    python -m venv peer && peer/bin/pip install krippendorff
    python -m tests.benchmarks.agreement peer/bin/python

Alpha is timed on the same table in both, in one process each; ours includes finding the ratings in
the table. XRR and IRR of four communities are tested with 1,000 exchanges of people, against
everyone else and pair by pair. Processor seconds; memory is the process's peak. The package is
GPL-3 and only ever a peer here. Then coverage of intervals, and false alarms of the index of
diversity beside those of the paper's rule. Without a peer's python, ours alone.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from policy.methods.agreement import Given, Metric, as_given, krippendorff_alpha
from policy.methods.agreement_intervals import alpha_interval
from policy.methods.cross_agreement import cross_group
from policy.methods.diversity_sensitivity import diversity_sensitivity

PEER = """
import json, sys, time
import krippendorff, numpy as np
table = np.load(sys.argv[1])
best, value = 1e9, 0.0
for _ in range(3):
    began = time.process_time()
    value = krippendorff.alpha(reliability_data=table, level_of_measurement=sys.argv[2])
    best = min(best, time.process_time() - began)
print(json.dumps([best, float(value)]))
"""
METRICS: tuple[Metric, ...] = ("nominal", "ordinal", "interval")
SHAPES = ((1_000, 1_000), (1_000, 10_000), (10_000, 10_000), (100_000, 1_000), (1_000, 100_000))


def main() -> None:
    """Everything, some minutes; with the word coverage, that of intervals alone."""
    if sys.argv[1:] == ["coverage"]:
        coverage()
        return
    alphas(sys.argv[1] if len(sys.argv) > 1 else "")
    exchanges()
    coverage()
    false_alarms()


def ratings_of(items: int, people: int, n: int, seed: int = 0) -> Given:
    """n ratings of 1 to 5, every person about as many."""
    rng = np.random.default_rng(seed)
    cells = np.unique(rng.integers(0, items * people, int(n * 1.2)))
    cells = rng.permutation(cells)[:n]
    values = rng.integers(1, 6, len(cells)).astype(np.float64)
    return Given(cells // people, cells % people, values, items, people)


def timed(do: Callable[[], object]) -> float:
    """Processor seconds of the best of three."""
    best = np.inf
    for _ in range(3):
        began = time.process_time()
        do()
        best = min(best, time.process_time() - began)
    return best


def alphas(peer: str) -> None:
    """Alpha at growing size, 100 people a thousand items at first, ten per cent given."""
    print("alpha: ratings, metric, ours s, package s, times faster, values apart")
    for n in (1_000, 10_000, 100_000, 1_000_000):
        items, people = n // 100, 1_000
        given = ratings_of(items, people, n)
        table = np.full((items, people), np.nan)
        table[given.items, given.people] = given.values
        for metric in METRICS:
            ours = timed(lambda t=table, m=metric: krippendorff_alpha(as_given(t), m))
            theirs, value = of_peer(peer, table.T, metric)
            apart = abs(value - krippendorff_alpha(table, metric).value)
            print(f"{n:9} {metric:9}{ours:9.4f}{theirs:9.4f}{theirs / ours:8.1f}{apart:10.1e}")


def of_peer(python: str, table: np.ndarray, metric: str) -> tuple[float, float]:
    """Seconds and alpha of the package; NaN where there is none."""
    if not python:
        return float("nan"), float("nan")
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "table.npy"
        np.save(path, table)
        command = [python, "-c", PEER, str(path), metric]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    seconds, value = json.loads(done.stdout)
    return seconds, value


def exchanges() -> None:
    """IRR and XRR of four communities with 1,000 exchanges, by size and by shape."""
    print("XRR and IRR, 1,000 exchanges: ratings, items, people, metric, s, peak GiB")
    seconds, sizes = [], (31_250, 62_500, 125_000, 250_000, 500_000, 1_000_000)
    for n in sizes:
        seconds.append(exchange_once(n // 100, n // 100, n, "nominal"))
    slope = np.polyfit(np.log(sizes), np.log(seconds), 1)[0]
    print(f"seconds grow with ratings to the power {slope:.2f}")
    for items, people in SHAPES:
        for metric in ("nominal", "ordinal"):
            exchange_once(items, people, 1_000_000, metric)


def exchange_once(items: int, people: int, n: int, metric: Metric) -> float:
    """Processor seconds of one test of four communities."""
    given = ratings_of(items, people, n)
    towns = np.random.default_rng(1).choice(list("abcd"), people)
    began = time.process_time()
    cross_group(given, towns, metric, permutations=1000)
    took = time.process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{n:9} {items:7} {people:7} {metric:8}{took:8.2f}{peak:7.2f}", flush=True)
    return took


def coverage(populations: int = 10, draws: int = 80) -> None:
    """How often a 95 % interval over people holds the agreement of the whole population."""
    print("alpha_interval over people: people, items, share given, mean alpha, coverage, too low")
    rng = np.random.default_rng(2)
    for people, items, share, spread in (
        (5, 30, 1.0, 2.0), (8, 30, 1.0, 2.0), (15, 30, 1.0, 2.0), (30, 30, 1.0, 2.0),
        (60, 50, 0.5, 2.0), (8, 10, 1.0, 2.0), (15, 10, 1.0, 2.0), (30, 10, 1.0, 2.0),
        (15, 100, 0.4, 2.0), (30, 30, 1.0, 0.7), (60, 50, 0.5, 0.7), (30, 30, 1.0, 0.2),
        (300, 30, 0.3, 2.0),
    ):  # fmt: skip
        held, low, whole = [], [], []
        for _ in range(populations):
            pull = min(1.0, spread)
            places, pulls = rng.normal(0, spread, items), rng.normal(0, pull, (items, 2))
            truth = krippendorff_alpha(answers(rng, places, pulls, 20_000)).value
            whole.append(truth)
            for seed in range(draws):
                table = answers(rng, places, pulls, people)
                table[rng.random(table.shape) > share] = np.nan
                found = alpha_interval(table, seed=seed)
                held.append(found.low <= truth <= found.high)
                low.append(found.high < truth)
        print(
            f"{people:6} {items:6} {share:6}{np.mean(whole):8.3f}{np.mean(held):8.3f}"
            f"{np.mean(low):8.3f}",
            flush=True,
        )


def answers(
    rng: np.random.Generator, places: np.ndarray, pulls: np.ndarray, people: int
) -> np.ndarray:
    """(items, people) of 0 and 1: items differ, and people differ on them in two ways."""
    own = rng.normal(size=(people, 2))
    chance = 1 / (1 + np.exp(-(places[:, None] + pulls @ own.T)))
    return (rng.random(chance.shape) < chance).astype(np.float64)


def false_alarms() -> None:
    """How often an axis of labels dealt out at random is called a finding at p ≤ .05."""
    print("axis of random labels, p ≤ .05: groups, ours, the paper's rule (its largest GAI's p)")
    rng = np.random.default_rng(3)
    for groups in (2, 4, 8):
        ours = theirs = 0
        for seed in range(400):
            keen = rng.random(64) * 0.8
            truth = rng.integers(1, 6, 30)
            noise = rng.integers(1, 6, (30, 64))
            table = np.where(rng.random((30, 64)) < keen, truth[:, None], noise).astype(float)
            axes = {"noise": rng.permutation(np.arange(64) % groups)}
            found = diversity_sensitivity(table, axes, permutations=199, seed=seed)[0]
            ours += found.p <= 0.05
            theirs += any(one.first == found.group and one.gai_p <= 0.05 for one in found.groups)
        print(f"{groups:6}{ours / 400:8.3f}{theirs / 400:8.3f}", flush=True)


if __name__ == "__main__":
    main()
