"""Strengths of sources from a million answers, beside three peers in the same run:

python -m tests.benchmarks.bradley_terry [PYTHON]

PYTHON is the interpreter of an environment with choix, evalica and arena-rank; without it only our
own side is timed. Prints seconds (the best of three), how far strengths are from choix's, the curve
of cost against answers with its exponent, and the coverage of intervals by number of people.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

# One thread for all of them: on a busy machine the others' waiting would be measured too.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from policy.methods.source_strengths import SourceStrengths, strengths

ANSWERS, SOURCES, PEOPLE = 1_000_000, 100, 5_000
PEERS = """
import sys, time
import numpy as np
saved = np.load(sys.argv[1])
first, second, won = saved["first"], saved["second"], saved["won"]
k = int(saved["sources"])
def timed(run):
    took = []
    for _ in range(3):
        began = time.perf_counter()
        found = run()
        took.append(time.perf_counter() - began)
    return min(took), found
import choix
pairs = list(zip(np.where(won, first, second).tolist(), np.where(won, second, first).tolist()))
seconds, scores = timed(lambda: choix.ilsr_pairwise(k, pairs))
print(f"{'choix ilsr_pairwise':42}{seconds:9.3f} s", flush=True)
np.save(sys.argv[2], scores)
import evalica
one, other = first.tolist(), second.tolist()
winners = [evalica.Winner.X if w else evalica.Winner.Y for w in won.tolist()]
seconds, _ = timed(lambda: evalica.bradley_terry(one, other, winners))
print(f"{'evalica bradley_terry':42}{seconds:9.3f} s", flush=True)
import pandas as pd
from arena_rank.models.bradley_terry import BradleyTerry
from arena_rank.utils.data_utils import PairDataset
frame = pd.DataFrame({"model_a": first, "model_b": second,
                      "winner": np.where(won, "model_a", "model_b")})
def arena():
    data = PairDataset.from_pandas(frame)
    return BradleyTerry(n_competitors=k).compute_ratings_and_cis(data)
seconds, _ = timed(arena)
print(f"{'arena-rank, intervals not by person':42}{seconds:9.3f} s", flush=True)
"""

Arrays = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]


def play(answers: int, sources: int, people: int, seed: int = 1) -> Arrays:
    """Answers without ties, which choix does not know."""
    rng = np.random.default_rng(seed)
    true = rng.normal(0, 0.7, sources)
    first = rng.integers(0, sources, answers)
    second = (first + rng.integers(1, sources, answers)) % sources
    won = rng.random(answers) < expit(true[first] - true[second])
    return first, second, won.astype(np.float64), rng.integers(0, people, answers)


def best(run: Callable[[], SourceStrengths]) -> tuple[float, SourceStrengths]:
    """Seconds of the quickest of three, and what it found."""
    took = []
    for _ in range(3):
        began = time.perf_counter()
        found = run()
        took.append(time.perf_counter() - began)
    return min(took), found


def beside_peers(python: str | None) -> None:
    first, second, won, people = play(ANSWERS, SOURCES, PEOPLE)
    print(f"{ANSWERS:,} answers, {SOURCES} sources, {PEOPLE:,} people")
    alone, _ = best(lambda: strengths(first, second, won, None, SOURCES))
    print(f"{'ours, estimates':42}{alone:9.3f} s")
    whole, ours = best(lambda: strengths(first, second, won, people, SOURCES))
    print(f"{'ours, estimates and intervals by person':42}{whole:9.3f} s", flush=True)
    if python is None:
        return
    with tempfile.TemporaryDirectory() as folder:
        saved, scores = Path(folder) / "answers.npz", Path(folder) / "scores.npy"
        np.savez(saved, first=first, second=second, won=won == 1, sources=SOURCES)
        subprocess.run([python, "-c", PEERS, saved, scores], check=True)
        theirs = np.load(scores)
    mine = np.array([one.strength for one in ours.strengths])
    print(f"largest difference from choix: {np.abs(mine - theirs + theirs.mean()).max():.1e}")


def curve() -> None:
    """Cost against answers, and the exponent of its line on logarithmic scales."""
    sizes = [30_000, 100_000, 300_000, 1_000_000, 3_000_000]
    seconds = []
    for n in sizes:
        first, second, won, people = play(n, SOURCES, n // 200)
        seconds.append(
            best(lambda a=first, b=second, c=won, d=people: strengths(a, b, c, d, SOURCES))[0]
        )
    slope = np.polyfit(np.log(sizes), np.log(seconds), 1)[0]
    steps = ", ".join(f"{n:,}: {s:.3f} s" for n, s in zip(sizes, seconds, strict=True))
    print(f"cost with intervals, 200 answers each: {steps}; exponent {slope:.2f}")


def coverage(draws: int = 400) -> None:
    """Share of 95 % intervals that hold the truth, people differing; even and uneven people."""
    print("coverage of 95 % intervals of four sources: people, even, uneven")
    for people in (4, 6, 10, 20, 50):
        found = [covered(people, uneven, draws) for uneven in (False, True)]
        print(f"{people:6}" + "".join(f"{share:8.3f}" for share in found), flush=True)


def covered(people: int, uneven: bool, draws: int) -> float:
    rng = np.random.default_rng(people)
    base = np.array([0.6, 0.2, -0.2, -0.6])
    truth = average_truth(base)
    held = []
    for _ in range(draws):
        sizes = 1 + rng.geometric(1 / 20, people) if uneven else np.full(people, 20)
        answers = judged(rng, base, sizes)
        found = strengths(*answers, 4)
        held += [
            one.low <= truth[one.source] <= one.high for one in found.strengths if not one.note
        ]
    return float(np.mean(held))


def judged(rng: np.random.Generator, base: NDArray[np.float64], sizes: NDArray[np.int64]) -> Arrays:
    """People with strengths of their own around the common ones, and ties."""
    ids = np.repeat(np.arange(sizes.size), sizes)
    own = base + rng.normal(0, 0.5, (sizes.size, base.size))
    first = rng.integers(0, base.size, ids.size)
    second = (first + rng.integers(1, base.size, ids.size)) % base.size
    gap = own[ids, first] - own[ids, second]
    left, right = np.exp(gap / 2), np.exp(-gap / 2)
    drawn = rng.random(ids.size) * (left + right + 0.4)
    return first, second, np.where(drawn < left, 1.0, np.where(drawn < left + right, 0, 0.5)), ids


def average_truth(base: NDArray[np.float64]) -> NDArray[np.float64]:
    """What the average choice amounts to: people who differ flatten it."""
    answers = judged(np.random.default_rng(0), base, np.full(60_000, 20))
    return np.array([one.strength for one in strengths(*answers, base.size).strengths])


def main() -> None:
    """Everything, some minutes."""
    beside_peers(sys.argv[1] if len(sys.argv) > 1 else None)
    curve()
    coverage()


if __name__ == "__main__":
    main()
