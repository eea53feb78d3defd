"""A judge that compares two completions by a principle: labels without its habit of position.

Bai et al. 2022 ("Constitutional AI", section 4): one principle is sampled for each comparison, the
normalised probabilities of the two letters are the soft label. Here each principle is asked in
both orders, and several principles are averaged.
"""

import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from policy.methods.intervals import Estimate, clustered_proportion
from training.methods.evaluation import agreement

Conversation = Sequence[Mapping[str, str]]
Judge = Callable[[Conversation, str, str, str], float]
"""judge(conversation, a, b, principle) → the probability that a follows the principle better."""

# Further from ½ than this a judge's certainty is taken for a rounding error.
CERTAIN = 1e-6


@dataclass(frozen=True)
class Principle:
    """What a judge reads. weight: how often it is drawn, relative to the others."""

    number: int
    text: str
    weight: float = 1.0


@dataclass(frozen=True)
class Label:
    """A judge's share for the first completion, in (0, 1), and what each principle gave."""

    share: float
    by_principle: Mapping[int, float]


def balanced(judge: Judge, conversation: Conversation, a: str, b: str, principle: str) -> float:
    """Probability that a is better, from both orders: a mean of log-odds.

    A judge that adds any constant to the log-odds of whatever stands first cancels exactly.
    Raises ValueError when the judge answers with no probability.
    """
    first = _log_odds(judge(conversation, a, b, principle))
    second = _log_odds(judge(conversation, b, a, principle))
    return 1 / (1 + math.exp(-(first - second) / 2))


def label(
    judge: Judge,
    conversation: Conversation,
    a: str,
    b: str,
    principles: Sequence[Principle],
    *,
    count: int,
    seed: str,
) -> Label:
    """A judge's soft label for a pair: the mean over `count` principles drawn for this pair.

    seed: text that names run and pair, so that a label does not depend on which came before.
    """
    drawn = draw_principles(principles, count, seed)
    by_principle = {p.number: balanced(judge, conversation, a, b, p.text) for p in drawn}
    return Label(math.fsum(by_principle.values()) / len(by_principle), by_principle)


def draw_principles(principles: Sequence[Principle], count: int, seed: str) -> list[Principle]:
    """Up to `count` different principles, drawn by weight. Raises ValueError when none has any."""
    left = sorted((p for p in principles if p.weight > 0), key=lambda p: p.number)
    if not left:
        raise ValueError("No principle has a weight above 0, so there is nothing to judge by.")
    lottery = random.Random(seed)  # noqa: S311  a lottery for principles, not a secret
    drawn: list[Principle] = []
    while left and len(drawn) < count:
        chosen = lottery.choices(left, [p.weight for p in left])[0]
        drawn.append(chosen)
        left.remove(chosen)
    return sorted(drawn, key=lambda p: p.number)


def agreement_with_people(
    judged: Sequence[tuple[float, Sequence[tuple[str, float]]]], level: float = 0.95
) -> dict[str, Any]:
    """How often a judge sides with people's answers, clustered by person, with a sentence.

    judged: per pair the judge's share for the first completion and people's (participant, answer)
    with 1, ½ or 0; "about equal" is left out.
    """
    values, people = [], []
    for share, answers in judged:
        for participant, answer in answers:
            if answer != 0.5:
                values.append(agreement((share, 1 - share), answer))
                people.append(participant)
    found = clustered_proportion(values, people, level)
    return {
        "estimate": found.estimate,
        "low": found.low,
        "high": found.high,
        "n": found.n,
        "participants": found.n_clusters,
        "sentence": agreement_sentence(found),
    }


def agreement_sentence(found: Estimate) -> str:
    """What the interval lets one say of a judge; one half is chance."""
    if math.isnan(found.estimate):
        return "The judge's agreement with people was not measured: no person judged these pairs."
    share = f"The judge agrees with {found.estimate:.2f} of {found.n} answers"
    if math.isnan(found.low):
        return f"{share}; {found.note}"
    if found.low > 0.5:
        against = "more than chance"
    else:
        against = "less than chance" if found.high < 0.5 else "not distinguishable from chance"
    return f"{share} ({found.low:.2f} to {found.high:.2f}): {against}."


def _log_odds(probability: float) -> float:
    if not 0 <= probability <= 1:
        raise ValueError(f"The judge answered {probability!r}, which is no probability.")
    kept = min(max(probability, CERTAIN), 1 - CERTAIN)
    return math.log(kept / (1 - kept))
