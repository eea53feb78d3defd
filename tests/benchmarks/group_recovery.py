"""How well planted opinion groups are found as people grow few.

    python -m tests.benchmarks.group_recovery

Simulated workshops of 40 statements, of which each person saw two thirds. In "two camps" both camps
differ by the gap on half of the statements; in "a minority" one person in eight does; in "nothing"
nobody differs. Per cell: the median adjusted Rand index with the truth, told K = 2; how often the
groups are called supported; how often the permutation test passes them (at most 5 % where there is
nothing); how often K = 2 is what is suggested.
"""

from __future__ import annotations

import numpy as np

from policy.methods.label_sets import groups_explain_votes
from policy.methods.opinion_groups import find_opinion_groups
from policy.methods.plane_clusters import adjusted_rand

SIZES, REPEATS, STATEMENTS = (20, 40, 80, 160, 320), 40, 40
PLANTED = {"two camps": (0.5, 0.5), "a minority": (0.125, 0.5), "a small gap": (0.5, 0.25)}


def workshop(seed: int, people: int, share: float, gap: float) -> tuple[np.ndarray, np.ndarray]:
    """Votes, and who is in the second camp."""
    rng = np.random.default_rng([seed, people])
    camp = (np.arange(people) < share * people).astype(int)
    middle = rng.uniform(gap / 2, 1 - gap / 2, STATEMENTS)
    lean = rng.choice([-0.5, 0.5], STATEMENTS) * gap * (np.arange(STATEMENTS) % 2)
    chance = middle + np.where(camp[:, None] == 1, lean, -lean)
    votes = np.where(rng.random((people, STATEMENTS)) < chance, 1.0, -1.0)
    votes[rng.random(votes.shape) < 1 / 3] = np.nan
    return votes, camp


def cell(people: int, share: float, gap: float) -> tuple[float, float, float, float]:
    """Median index, and shares of supported, passed, and suggested K = 2."""
    indices, supported, passed, two = [], [], [], []
    for seed in range(REPEATS):
        votes, camp = workshop(seed, people, share, gap)
        found = find_opinion_groups(votes, seed=seed, k=2, resamples=20)
        if found.k:
            kept = found.labels >= 0
            indices.append(adjusted_rand(found.labels[kept], camp[kept]))
            best = max(found.silhouettes, key=lambda k: (found.silhouettes[k], -k))
            two.append(best == 2)
        supported.append(found.supported)
        passed.append(not groups_explain_votes(votes, seed=seed, permutations=99).flagged)
    return (
        float(np.median(indices)) if indices else float("nan"),
        float(np.mean(supported)),
        float(np.mean(passed)),
        float(np.mean(two)) if two else float("nan"),
    )


def main() -> None:
    """A table of every kind and size."""
    print("| planted | people | index | supported | passes the test | K = 2 suggested |")
    print("|---|---|---|---|---|---|")
    for name, (share, gap) in {**PLANTED, "nothing": (0.5, 0.0)}.items():
        for people in SIZES:
            index, supported, passed, two = cell(people, share, gap)
            print(
                f"| {name} | {people} | {index:.2f} | {supported:.0%} | {passed:.0%} | {two:.0%} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
