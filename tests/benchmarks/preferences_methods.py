"""Coverage of shares and differences, and timing of the methods. Run by hand, some minutes:

python -m tests.benchmarks.preferences_methods

Coverage of effects and strengths: preference_coverage and bradley_terry, beside this.
"""

import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from policy.methods.agreement import krippendorff_alpha
from policy.methods.bradley_terry import fit_preferences
from policy.methods.cross_agreement import cross_group
from policy.methods.intervals import clustered_proportion, paired_difference
from policy.methods.source_strengths import strengths

Floats = NDArray[np.float64]
DRAWS = 1000


def main() -> None:
    proportions()
    shared_prompts()
    differences()
    permutations()
    timings()


def proportions() -> None:
    """Share of 95 % intervals that hold the truth, by people, answers each, share and likeness."""
    print("clustered_proportion: coverage of 95 % intervals")
    print("people answers  share   ICC 0   ICC .1  ICC .4")
    rng = np.random.default_rng(0)
    for people in (5, 10, 20, 50):
        for answers in (4, 20):
            for share in (0.5, 0.8, 0.95):
                found = [covered(rng, people, answers, share, icc) for icc in (0.0, 0.1, 0.4)]
                print(f"{people:6} {answers:7} {share:6}" + "".join(f"{c:8.3f}" for c in found))


def covered(rng: np.random.Generator, people: int, answers: int, share: float, icc: float) -> float:
    ids = np.repeat(np.arange(people), answers)
    hits = 0
    for _ in range(DRAWS):
        spread = 1 / icc - 1 if icc else 1e9
        own = rng.beta(share * spread, (1 - share) * spread, people)
        found = clustered_proportion(rng.random(ids.size) < own[ids], ids)
        hits += found.low <= share <= found.high
    return hits / DRAWS


def shared_prompts() -> None:
    """Everyone judges every prompt; people and prompts differ by these standard deviations."""
    print("clustered_proportion, everyone judging every prompt: coverage by both, by people only")
    rng = np.random.default_rng(5)
    for people, prompts in ((3, 100), (5, 20), (20, 20), (40, 10), (10, 60)):
        ids = np.repeat(np.arange(people), prompts)
        items = np.tile(np.arange(prompts), people)
        for by_person, by_prompt in ((0.0, 0.15), (0.1, 0.15), (0.15, 0.0)):
            hits = np.zeros(2)
            for _ in range(DRAWS):
                own = rng.normal(0, by_person, (people, 1)) + rng.normal(0, by_prompt, prompts)
                values = rng.random(ids.size) < np.clip(0.6 + own, 0, 1).ravel()
                both = clustered_proportion(values, ids, items=items)
                alone = clustered_proportion(values, ids)
                hits += [both.low <= 0.6 <= both.high, alone.low <= 0.6 <= alone.high]
            print(f"{people:6} people {prompts:4} prompts, {by_person} {by_prompt}: {hits / DRAWS}")


def differences() -> None:
    print("paired_difference: coverage of 95 % intervals, true difference .07")
    rng = np.random.default_rng(1)
    for people, answers in ((6, 20), (15, 10), (40, 8)):
        ids, hits = np.repeat(np.arange(people), answers), 0
        for _ in range(DRAWS):
            own = rng.normal(0, 0.1, people)[ids]
            before, after = rng.random(ids.size) < 0.55, rng.random(ids.size) < 0.62 + own
            found = paired_difference(before, after, ids)
            hits += found.low <= 0.07 <= found.high
        print(f"{people:6} people {answers:3} answers: {hits / DRAWS:.3f}")


def permutations() -> None:
    rng = np.random.default_rng(3)
    p = []
    for seed in range(DRAWS):
        ratings = rng.integers(1, 4, (15, 12)).astype(float)
        ratings[rng.random(ratings.shape) < 0.2] = np.nan
        found = cross_group(ratings, list("aaaaabbbbbbb"), permutations=199, seed=seed)
        p.append(found.pairs[0].xrr_p)
    print(
        f"cross_group under the null: Kolmogorov-Smirnov p {stats.kstest(p, 'uniform').pvalue:.3f}"
    )


def timings() -> None:
    rng = np.random.default_rng(4)
    rows = rng.normal(size=(100_000, 12))
    answers = rng.choice([0.0, 0.5, 1.0], 100_000)
    ids = rng.integers(0, 2000, 100_000)
    timed("fit_preferences, 10^5 answers, 12 features", lambda: fit_preferences(rows, answers, ids))
    first = rng.integers(0, 20, 100_000)
    second = (first + rng.integers(1, 20, 100_000)) % 20
    timed("strengths, 10^5 answers, 20 sources", lambda: strengths(first, second, answers, ids, 20))
    ratings = np.full((1000, 2000), np.nan)
    for person in range(2000):
        ratings[rng.choice(1000, 50, replace=False), person] = rng.integers(1, 6, 50)
    groups = rng.choice(list("abcd"), 2000)
    timed("alpha, 10^5 ratings", lambda: krippendorff_alpha(ratings, "ordinal"))
    timed(
        "cross_group, 10^5 ratings, 4 communities, 200 permutations",
        lambda: cross_group(ratings, groups, permutations=200),
    )
    shares = rng.random(100_000)
    timed("clustered_proportion, 10^5 answers", lambda: clustered_proportion(shares, ids))


def timed(what: str, run: Callable[[], object]) -> None:
    began = time.perf_counter()
    run()
    print(f"{what}: {time.perf_counter() - began:.2f} s")


if __name__ == "__main__":
    main()
