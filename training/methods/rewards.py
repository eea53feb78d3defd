"""Rewards as numbers: sums, the least over communities, tournaments, and what a step wrote."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]


def weighted_sum(parts: Sequence[Scores], weights: Sequence[float]) -> Scores:
    """Σ w_k r_k for each completion, over the parts that apply to it.

    parts: each (completions,), NaN where a part says nothing. Returns (completions,), NaN where
    none applies. Raises ValueError when there is not one weight for each part.
    """
    if len(parts) != len(weights):
        raise ValueError(f"{len(parts)} rewards came with {len(weights)} weights.")
    stacked = np.stack(
        [w * np.asarray(part, float) for part, w in zip(parts, weights, strict=True)]
    )
    total: Scores = np.nansum(stacked, axis=0)
    total[np.isnan(stacked).all(axis=0)] = np.nan
    return total


def least_of_each(by_community: Mapping[str, Scores]) -> Scores:
    """For each completion the reward of the community it serves worst: (completions,).

    Rewards must be on one scale (each standardised), or the one with the widest spread decides.
    NaN where any community's is NaN: what was not measured cannot be the least. Source: the
    egalitarian objective of Chakraborty et al. 2024 ("MaxMin-RLHF"), taken completion by
    completion; E[min] ≤ min E, so it is the stricter of the two.
    """
    least: Scores = np.min(np.stack([by_community[name] for name in sorted(by_community)]), axis=0)
    return least


def worst_off(by_community: Mapping[str, Scores]) -> str:
    """The community whose mean reward is least (ties: the first name).

    Source: Chakraborty et al. 2024, algorithm 1, which takes a step for this community alone.
    Raises ValueError without communities.
    """
    if not by_community:
        raise ValueError("There is no community to be served.")
    means = {name: float(np.nanmean(scores)) for name, scores in by_community.items()}
    return min(means, key=lambda name: (means[name], name))


def length_penalty(tokens: Sequence[int], limit: int) -> Scores:
    """0 up to `limit` tokens, then minus the tokens beyond it as parts of it: (completions,).

    Linear beyond a limit, as Yu et al. 2025 (DAPO, "soft overlong punishment") do within theirs.
    """
    beyond: Scores = np.maximum(np.asarray(tokens, float) - limit, 0)
    return -beyond / limit


def tournament(count: int, prefers: Callable[[int, int], float]) -> Scores:
    """How often each of `count` completions wins against its siblings: (count,) in [0, 1].

    prefers(i, j) → probability that i is better; asked once for each pair, i < j. The mean over
    all is ½ whatever the judge says. ½ for one alone.
    """
    wins = np.full((count, count), np.nan)
    for i in range(count):
        for j in range(i + 1, count):
            wins[i, j] = prefers(i, j)
            wins[j, i] = 1 - wins[i, j]
    won: Scores = np.nanmean(wins, axis=1) if count > 1 else np.full(count, 0.5)
    return won


def distinct_n(texts: Sequence[str], n: int = 2) -> float:
    """Different n-grams of words as a part of all (Li et al. 2016); NaN without any.

    Falling towards 0 while a model is trained, it says that the model repeats itself.
    """
    grams = [gram for text in texts for gram in _grams(text.split(), n)]
    return len(set(grams)) / len(grams) if grams else math.nan


def _grams(words: Sequence[str], n: int) -> list[tuple[str, ...]]:
    return [tuple(words[i : i + n]) for i in range(len(words) - n + 1)]


def describe(records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What a step's completions came to, for all and for each community.

    records: per completion its community, reward (NaN where none), parts (name → reward), tokens,
    text, finished (whether it ended by itself) and extractable (or None).
    """
    names = sorted({record["community"] for record in records})
    parts = sorted({name for record in records for name in record["parts"]})
    checked = [float(r["extractable"]) for r in records if r["extractable"] is not None]
    return {
        "reward": _mean([r["reward"] for r in records]),
        "rewards": {
            name: _mean([r["parts"].get(name, math.nan) for r in records]) for name in parts
        },
        "completion_length": _mean([float(r["tokens"]) for r in records]),
        "finished": _mean([float(r["finished"]) for r in records]),
        "distinct_2": distinct_n([r["text"] for r in records]),
        **({"extractable": _mean(checked)} if checked else {}),
        "rows": len(records),
        "communities": {
            name: _of_one([r for r in records if r["community"] == name]) for name in names
        },
    }


def _of_one(records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "rows": len(records),
        "reward": _mean([r["reward"] for r in records]),
        "completion_length": _mean([float(r["tokens"]) for r in records]),
    }


def _mean(values: Sequence[float]) -> float:
    known = [value for value in values if not math.isnan(value)]
    return math.fsum(known) / len(known) if known else math.nan
