"""Answers needed for the same error, asked evenly, as Polis asks, and by weights that are renewed.

python -m tests.benchmarks.asking_next [WORKSHOPS] [statements|comparisons]

Statements: three communities of 60 people, 60 statements, each person votes on at most 30, one at a
time in an order by lot. What people think is planted: a statement has a share drawn from
Beta(1.5, 1.5), each community's lies about it with a standard deviation of .15. The chances are
those that phones get (`draw_statements`, checked). The error is the share of stances at least .1
from even that are not yet called rightly; beside it stands the share of all stances that are called
wrongly.

Comparisons: one community of 60 people, 80 prompts with 3 completions each; ten features with
planted effects, four of which differ in few pairs. The chances are `draw_several`'s, with no common
core. The error is the share of effects of .3 or more log-odds that are not yet clear, or clear the
wrong way.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from elicitation.methods.drawing import LEAST_UNIFORM
from elicitation.methods.statement_order import FLOOR, FLOOR_SHARE, Tally, draw_statements
from policy.methods.asking_next import pair_weights, statement_weights
from policy.methods.bradley_terry import fit_preferences
from policy.methods.sensitivity import AGAINST, FOR, UNCLEAR, stances

COMMUNITIES, PEOPLE, STATEMENTS, EACH = 3, 60, 60, 30
LEVELS = (0.5, 0.4, 0.35, 0.3)
Floats = NDArray[np.float64]
Curve = NDArray[np.float64]


def chances(weights: Floats, lacking: Floats) -> Floats:
    """Those of `draw_statements` for what is left: uniform, the floor, and the weights."""
    parts = [(LEAST_UNIFORM, np.ones(len(weights)))]
    share = FLOOR_SHARE if lacking.any() else 0.0
    parts += [(share, lacking), (1 - LEAST_UNIFORM - share, weights)]
    known = [(one, part) for one, part in parts if one > 0 and part.any()]
    total = sum(one for one, _ in known)
    return np.sum([one / total * part / part.sum() for one, part in known], axis=0)


def check_chances(rng: np.random.Generator) -> None:
    """The chances are those that phones get, statement by statement."""
    here, weights = rng.integers(0, 9, 40), rng.random(40)
    tallies = [
        Tally(n, votes=int(v), votes_here=int(v), weight=float(weights[n]))
        for n, v in enumerate(here)
    ]
    found = chances(weights, np.maximum(0, FLOOR - here) ** 2.0)
    for seed in range(20):
        drawn = draw_statements(tallies, 1, (), seed=seed)[0]
        assert abs(drawn.propensity - found[drawn.statement]) < 1e-12


def polis_weights(agrees: NDArray[np.int64], seen: NDArray[np.int64]) -> Floats:
    """Polis' priority of statements without passes and without a map yet."""
    a, n = agrees.sum(axis=0), seen.sum(axis=0)
    return ((1 - 1 / (n + 2)) * (a + 1) / (n + 2) * (1 + 8 * 2 ** (-n / 5))) ** 2


def vote_in(number: int, way: str, renew: int = 1) -> Curve:
    """(steps, 3): answers so far, error, and wrong calls. renew: answers between two weighings."""
    rng = np.random.default_rng(number)
    check_chances(rng)
    share = rng.beta(1.5, 1.5, size=STATEMENTS)
    truth = np.clip(share + rng.normal(0, 0.15, (COMMUNITIES, STATEMENTS)), 0.02, 0.98)
    agrees, seen = np.zeros((2, COMMUNITIES, STATEMENTS), dtype=np.int64)
    met = np.zeros((COMMUNITIES * PEOPLE, STATEMENTS), dtype=bool)
    weights, curve = np.ones((COMMUNITIES, STATEMENTS)), []
    for turn, person in enumerate(rng.permutation(np.repeat(range(len(met)), EACH)).tolist()):
        here, left = person // PEOPLE, np.flatnonzero(~met[person])
        if way == "weights" and turn % renew == 0:
            weights = statement_weights(agrees, seen, PEOPLE - seen)
        if way == "evenly":
            statement = int(rng.choice(left))
        else:
            given = polis_weights(agrees, seen) if way == "polis" else weights[here]
            lacking = np.maximum(0, FLOOR - seen[here, left]) ** 2.0
            statement = int(rng.choice(left, p=chances(given[left], lacking)))
        met[person, statement] = True
        seen[here, statement] += 1
        agrees[here, statement] += rng.random() < truth[here, statement]
        if (turn + 1) % 90 == 0:
            curve.append([turn + 1, *_called(agrees, seen, truth)])
    return np.array(curve)


def _called(
    agrees: NDArray[np.int64], seen: NDArray[np.int64], truth: NDArray[np.float64]
) -> list[float]:
    found, right = stances(agrees, seen), np.where(truth > 0.5, FOR, AGAINST)
    sharp = abs(truth - 0.5) >= 0.1
    wrong = (found != UNCLEAR) & (found != right)
    return [float((found != right)[sharp].mean()), float(wrong.mean())]


FEATURES, RARE = 10, 4


def compare_in(number: int, renew: int | None) -> Curve:
    """(steps, 3): answers so far, error, and wrong calls; weighed anew every `renew` answers."""
    rng = np.random.default_rng(number)
    measured = rng.normal(size=(80, 3, FEATURES))
    measured[:, :, :RARE] = rng.random((80, 3, RARE)) < 0.04
    effects = rng.normal(0, 0.4, FEATURES)
    effects[:RARE] = rng.choice([-1.2, -0.8, 0.8, 1.2], RARE)
    which = [(p, a, b) for p in range(80) for a, b in combinations(range(3), 2)]
    design = np.array([measured[p, a] - measured[p, b] for p, a, b in which])
    prompt = np.array([p for p, _, _ in which])
    times, met = np.zeros(len(design)), np.zeros((PEOPLE, len(design)), dtype=bool)
    gains, asked, answers, people = np.ones(len(design)), [], [], []
    curve = []
    for turn, person in enumerate(rng.permutation(np.repeat(range(PEOPLE), EACH)).tolist()):
        if renew and turn % renew == 0 and turn:
            gains = _gains(design, np.array(asked), np.array(answers), np.array(people), times)
        # As draw_several: 30 % uniform, the rest by weight, prompts that were met left out of it.
        left = np.flatnonzero(~met[person])
        weight = (gains / (1 + times) ** 2)[left]
        weight *= ~np.isin(prompt[left], prompt[met[person]])
        pull = chances(weight, np.zeros(len(left))) if renew else np.full(len(left), 1 / len(left))
        n = int(rng.choice(left, p=pull / pull.sum()))
        met[person, n] = True
        times[n] += 1
        asked.append(n)
        people.append(person)
        answers.append(float(rng.random() < 1 / (1 + np.exp(-design[n] @ effects))))
        if (turn + 1) % 90 == 0:
            curve.append([turn + 1, *_clear(design, asked, answers, people, effects)])
    return np.array(curve)


def _gains(
    design: NDArray[np.float64],
    asked: NDArray[np.int64],
    answers: NDArray[np.float64],
    people: NDArray[np.int64],
    times: NDArray[np.float64],
) -> NDArray[np.float64]:
    effects = fit_preferences(design[asked], answers, people).effects
    pending = np.array([float(not (one.low > 0 or one.high < 0)) for one in effects])
    return pair_weights(design, design[asked], pending) * (1 + times) ** 2


def _clear(
    design: NDArray[np.float64],
    asked: list[int],
    answers: list[float],
    people: list[int],
    effects: NDArray[np.float64],
) -> list[float]:
    fit = fit_preferences(design[asked], answers, people)
    found = np.array([(one.low > 0) * 1.0 - (one.high < 0) for one in fit.effects])
    large = abs(effects) >= 0.3
    wrong = (found != 0) & (found != np.sign(effects))
    return [float((found != np.sign(effects))[large].mean()), float(wrong.mean())]


def report(ways: Mapping[str, Callable[[int], Curve]], workshops: int, levels: tuple) -> None:
    """Answers needed for each error, and the saving against the first way, with wrong calls."""
    curves = {}
    print(f"| asked | {' | '.join(f'error {one:.2f}' for one in levels)} | wrong at the end, % |")
    print(f"|{'---|' * (len(levels) + 2)}")
    for name, way in ways.items():
        start = time.perf_counter()
        runs = np.array([way(number) for number in range(workshops)])
        curves[name] = runs.mean(axis=0)
        first = curves[next(iter(ways))]
        cells = [cell(curves[name], first, level) for level in levels]
        wrong, spread = runs[:, -1, 2].mean(), runs[:, -1, 2].std(ddof=1) / workshops**0.5
        end = f"{100 * wrong:.2f} ± {196 * spread:.2f}"
        print(f"| {name} | {' | '.join(cells)} | {end} |", flush=True)
        print(f"{(time.perf_counter() - start) / workshops:.1f} s a workshop", file=sys.stderr)


def needed(curve: Curve, level: float) -> float:
    """The answers at which the mean error first falls to the level; NaN where it never does."""
    below = np.flatnonzero(curve[:, 1] <= level)
    return float(curve[below[0], 0]) if below.size else float("nan")


def cell(curve: Curve, first: Curve, level: float) -> str:
    ours, theirs = needed(curve, level), needed(first, level)
    if np.isnan(ours):
        return "never"
    saving = "" if curve is first or np.isnan(theirs) else f" ({ours / theirs - 1:+.0%})"
    return f"{ours:.0f}{saving}"


def main() -> None:
    workshops = int(sys.argv[1]) if sys.argv[1:] else 40
    what = sys.argv[2] if sys.argv[2:] else ""
    if what != "comparisons":
        _statements(workshops)
    if what != "statements":
        _comparisons(workshops)


def _statements(workshops: int) -> None:
    print("Statements\n")
    report(
        {
            "evenly": lambda n: vote_in(n, "evenly"),
            "as Polis does, with a floor": lambda n: vote_in(n, "polis"),
            "by weights, renewed every 90 answers": lambda n: vote_in(n, "weights", 90),
            "by weights, renewed every 540 answers": lambda n: vote_in(n, "weights", 540),
        },
        workshops,
        LEVELS,
    )


def _comparisons(workshops: int) -> None:
    print("\nComparisons\n")
    report(
        {
            "evenly": lambda n: compare_in(n, None),
            "by weights, renewed every 90 answers": lambda n: compare_in(n, 90),
            "by weights, renewed every 360 answers": lambda n: compare_in(n, 360),
        },
        workshops,
        (0.4, 0.3, 0.2, 0.1),
    )


if __name__ == "__main__":
    main()
