"""Coverage of 95 % intervals for preferences, with few people too. Run by hand, some minutes:

python -m tests.benchmarks.preference_coverage [DRAWS]

Features of answers by person, with everyone judging the same pairs, by drawing people again, and
of small communities that lean on others; each beside the truth that was planted.
"""

from __future__ import annotations

import sys

import numpy as np
from numpy.typing import NDArray

from policy.methods.bradley_terry import PreferenceFit, fit_preferences, prepare
from policy.methods.equal_say import TIMES_THE_MEDIAN as CAP
from policy.methods.partial_pooling import common_spread, pool_effects
from policy.methods.people_bootstrap import bootstrap_bounds

Floats = NDArray[np.float64]
EFFECTS = np.array([0.5, -0.3, 0.0, 0.4, -0.5, 0.2])
SPREAD = 0.5


def judge(
    rng: np.random.Generator, sizes: NDArray[np.int64], shared: Floats | None = None
) -> tuple[Floats, Floats, NDArray[np.int64], NDArray[np.int64]]:
    """Answers with ties of people who differ; half of the features are there or not, and rare.

    shared: rows of pairs that everyone judges, with something more to each than its features.
    """
    people = np.repeat(np.arange(sizes.size), sizes)
    items = np.arange(people.size)
    more = np.zeros(people.size)
    if shared is None:
        rows = features(rng, people.size)
    else:
        items = np.concatenate([rng.permutation(len(shared))[:n] for n in sizes])
        rows, more = shared[items], rng.normal(0, 0.7, len(shared))[items]
    own = EFFECTS + rng.normal(0, SPREAD, (sizes.size, EFFECTS.size))
    gap = (rows * own[people]).sum(axis=1) + more
    left, right = np.exp(gap / 2), np.exp(-gap / 2)
    drawn = rng.random(people.size) * (left + right + 0.5)
    return rows, np.where(drawn < left, 1.0, np.where(drawn < left + right, 0, 0.5)), people, items


def features(rng: np.random.Generator, n: int) -> Floats:
    rows = rng.normal(size=(n, EFFECTS.size))
    rows[:, 3:] = rng.choice([-1, 0, 1], size=(n, 3), p=[0.15, 0.7, 0.15])
    return rows


def ends(fit: PreferenceFit) -> tuple[Floats, Floats]:
    return np.array([e.low for e in fit.effects]), np.array([e.high for e in fit.effects])


def by_person(draws: int) -> None:
    """Intervals by person; each person judges pairs of their own, evenly or geometrically many."""
    truth = truth_of(shared=False)
    print("features by person: people; even; uneven in full, capped; drawn again: even, uneven")
    for people in (4, 6, 10, 20, 50):
        held: list[list[NDArray[np.bool_]]] = [[] for _ in range(5)]
        rng = np.random.default_rng(people)
        for draw in range(draws):
            even = judge(rng, np.full(people, 25))[:3]
            uneven = judge(rng, 1 + rng.geometric(1 / 25, people))[:3]
            for place, (told, cap) in enumerate(((even, CAP), (uneven, np.inf), (uneven, CAP))):
                held[place].append(within(ends(fit_preferences(*told, cap=cap)), truth))
            if people >= 10 and draw < draws // 2:
                for place, told in ((3, even), (4, uneven)):
                    kept = prepare(*told, None, None, 0.01, 0.95, CAP)
                    bounds = bootstrap_bounds(kept.design, kept.told, seed=draw)
                    held[place].append(within(bounds, truth))
        shares = [float(np.concatenate(one).mean()) if one else float("nan") for one in held]
        print(f"{people:6}" + "".join(f"{share:8.3f}" for share in shares), flush=True)


def within(bounds: tuple[Floats, Floats], truth: Floats) -> NDArray[np.bool_]:
    """Whether each interval holds the truth; those that could not be had are left out."""
    low, high = bounds
    return ((low <= truth) & (truth <= high))[~np.isnan(low)]


def by_person_and_pair(draws: int) -> None:
    """Everyone judges out of the same pairs: intervals by both, and by person only."""
    truth = truth_of(shared=True)
    print("features, the same pairs for all: people, pairs; by both, by person only")
    for people, pairs in ((6, 60), (10, 40), (20, 40), (40, 80)):
        rng = np.random.default_rng(people)
        held: list[list[NDArray[np.bool_]]] = [[], []]
        for _ in range(draws):
            rows, answers, ids, items = judge(rng, np.full(people, 30), features(rng, pairs))
            for place, ways in enumerate((items, None)):
                bounds = ends(fit_preferences(rows, answers, ids, items=ways, cap=CAP))
                held[place].append(within(bounds, truth))
        print(
            f"{people:6}{pairs:6}" + "".join(f"{np.concatenate(one).mean():8.3f}" for one in held),
            flush=True,
        )


def truth_of(shared: bool) -> Floats:
    """What the average choice amounts to, from very many people (and pairs)."""
    rng = np.random.default_rng(0)
    pairs = features(rng, 40_000) if shared else None
    rows, answers, ids, _ = judge(rng, np.full(40_000, 10), pairs)
    return np.array([e.log_odds for e in fit_preferences(rows, answers, ids).effects])


def leaning(draws: int) -> None:
    """Communities whose effects lie this far apart, the last one small; a dozen features."""
    print("leaning: spread between; coverage of all, of the small; its error beside its own")
    errors, behind = np.array([0.08, 0.15, 0.45]), np.array([90, 40, 8.0])
    for spread in (0.0, 0.1, 0.3, 0.8):
        rng = np.random.default_rng(int(10 * spread))
        held, squared = [], []
        for _ in range(max(draws // 8, 1)):
            truth = rng.normal(0.2, spread, (12, 3))
            told = truth + rng.normal(0, errors, truth.shape)
            seen = errors * np.sqrt(rng.chisquare(behind - 1, truth.shape) / (behind - 1))
            scale = 2 * common_spread(told, seen, np.tile(behind, (12, 1)))
            for true, own, error in zip(truth, told, seen, strict=True):
                found = pool_effects(own, error, behind, scale=scale)
                held.append((found.low <= true) & (true <= found.high))
                squared.append([(found.estimate[2] - true[2]) ** 2, (own[2] - true[2]) ** 2])
        error, alone = np.sqrt(np.mean(squared, axis=0))
        small = np.mean([one[2] for one in held])
        print(f"{spread:6}{np.mean(held):8.3f}{small:8.3f}{error:8.3f}{alone:8.3f}", flush=True)


def main() -> None:
    """All of it."""
    draws = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    by_person(draws)
    by_person_and_pair(draws)
    leaning(draws)


if __name__ == "__main__":
    main()
