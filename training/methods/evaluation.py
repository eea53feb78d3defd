"""What a trained model does to each community's held-out preferences, with its doubt.

A model prefers the completion it gives the higher probability. Its accuracy for a community is the
share of people's answers it agrees with; a tie in probability agrees by half. Base and tuned are
asked the same pairs, and people, not answers, are the unit of the intervals.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from policy.methods.intervals import Estimate, clustered_proportion, paired_difference, verdict


@dataclass(frozen=True)
class PairScores:
    """What base and tuned model make of one pair, and what people said of it.

    Log-probabilities are natural, summed over the completion's tokens; None where not measured.
    counted: (chosen, rejected) tokens the sums run over. lengths: (chosen, rejected) tokens before
    any cut, for the length baseline. answers: (participant, 1 chosen | ½ about equal | 0 rejected).
    item: names the pair, the same for every community that judged it.
    """

    community: str
    base: tuple[float, float] | None
    tuned: tuple[float, float] | None
    counted: tuple[int, int]
    lengths: tuple[int, int]
    answers: Sequence[tuple[str, float]]
    item: str = ""


@dataclass(frozen=True)
class Answers:
    """One decided answer per position: agreement of each judge of the pair with it, 0, ½ or 1."""

    participants: list[str]
    items: list[str]
    base: list[float]
    tuned: list[float]
    base_per_token: list[float]
    tuned_per_token: list[float]
    moved: list[float]
    shorter: list[float]
    longer: list[float]

    @property
    def judged(self) -> list[str] | None:
        """The pairs, where there are several: intervals then allow for other pairs than these."""
        return self.items if len(set(self.items)) > 1 else None


def evaluation_report(pairs: Sequence[PairScores], level: float = 0.95) -> dict[str, Any]:
    """Held-out preference accuracy, base against tuned, for each community and over all.

    Values are numbers, NaN where not measured (with a sentence under `note`), strings and lists:
    JSON once NaN is written as null. `mean` weighs communities equally;
    `worst` has the lowest tuned accuracy. Raises ValueError for impossible scores.
    """
    communities = {
        name: community_report([p for p in pairs if p.community == name], level)
        for name in sorted({pair.community for pair in pairs})
    }
    return {
        "level": level,
        "pairs": len(pairs),
        "overall": community_report(pairs, level),
        "communities": communities,
        "mean": _mean_over(communities),
        "worst": _worst(communities),
    }


def community_report(pairs: Sequence[PairScores], level: float = 0.95) -> dict[str, Any]:
    """One community's part of the report: accuracies, differences, verdict, length baseline."""
    answers = decided_answers(pairs)
    people = answers.participants

    def share(values: list[float]) -> dict[str, Any]:
        return _told(clustered_proportion(values, people, level, items=answers.judged))

    def change_of(before: list[float], after: list[float]) -> Estimate:
        return paired_difference(before, after, people, level, items=answers.judged)

    change = change_of(answers.base, answers.tuned)
    per_token = change_of(answers.base_per_token, answers.tuned_per_token)
    return {
        "pairs": len(pairs),
        "answers": len(people),
        "about_equal": sum(answer == 0.5 for pair in pairs for _, answer in pair.answers),
        "participants": len(set(people)),
        "base": share(answers.base),
        "tuned": share(answers.tuned),
        "difference": _told(change),
        "verdict": verdict(change.low, change.high),
        "per_token": {
            "base": share(answers.base_per_token),
            "tuned": share(answers.tuned_per_token),
            "difference": _told(per_token),
            "verdict": verdict(per_token.low, per_token.high),
        },
        "moved": _moved(share(answers.moved)),
        "margin": _margins(pairs),
        "length_baseline": _length_baseline(answers, level),
    }


def decided_answers(pairs: Iterable[PairScores]) -> Answers:
    """Agreement with every answer that is not "about equal", in the order of pairs and answers."""
    found = Answers([], [], [], [], [], [], [], [], [])
    for number, pair in enumerate(pairs):
        lengths = float(pair.lengths[0]), float(pair.lengths[1])
        for participant, answer in pair.answers:
            if answer == 0.5:
                continue
            found.participants.append(participant)
            found.items.append(pair.item or str(number))
            found.base.append(agreement(pair.base, answer))
            found.tuned.append(agreement(pair.tuned, answer))
            found.base_per_token.append(agreement(_per_token(pair.base, pair.counted), answer))
            found.tuned_per_token.append(agreement(_per_token(pair.tuned, pair.counted), answer))
            found.moved.append(agreement(_change(pair), answer))
            found.longer.append(agreement(lengths, answer))
            found.shorter.append(1 - agreement(lengths, answer))
    return found


def agreement(scores: tuple[float, float] | None, answer: float) -> float:
    """1 when the higher score is on the answer's side, ½ when level, 0 otherwise; NaN unmeasured.

    scores: (chosen, rejected). answer: 1 for chosen, 0 for rejected. Raises ValueError otherwise.
    """
    if answer not in (0.0, 1.0):
        raise ValueError("Only an answer for one of the two can be agreed with.")
    if scores is None or not all(map(math.isfinite, scores)):
        return math.nan
    chosen, rejected = scores
    if chosen == rejected:
        return 0.5
    return float((chosen > rejected) == (answer == 1.0))


def _per_token(
    scores: tuple[float, float] | None, counted: tuple[int, int]
) -> tuple[float, float] | None:
    if scores is None or min(counted) < 1:
        return None
    return scores[0] / counted[0], scores[1] / counted[1]


def _change(pair: PairScores) -> tuple[float, float] | None:
    """What training added to the log-probability of each completion: DPO's implicit reward / β."""
    if pair.base is None or pair.tuned is None:
        return None
    return pair.tuned[0] - pair.base[0], pair.tuned[1] - pair.base[1]


def _moved(told: dict[str, Any]) -> dict[str, Any]:
    """The share of answers that training moved the model towards, and whether that beats chance.

    Finer than accuracy: two completions of different length can lie so far apart in probability
    that a small model's order of them never turns (Chen et al. 2024, arXiv 2405.19534), while it
    still moves. ½ is what training on something else would give.
    """
    low, high = told["low"], told["high"]
    if math.isnan(low) or math.isnan(high):
        return told | {"direction": "not measured"}
    direction = "towards" if low > 0.5 else "away" if high < 0.5 else "cannot tell"
    return told | {"direction": direction}


def _margins(pairs: Sequence[PairScores]) -> dict[str, Any]:
    """Mean of log p(chosen) - log p(rejected) over pairs, in nats, before, after and per token."""
    return {
        "base": _mean(_margin(p.base) for p in pairs),
        "tuned": _mean(_margin(p.tuned) for p in pairs),
        "base_per_token": _mean(_margin(_per_token(p.base, p.counted)) for p in pairs),
        "tuned_per_token": _mean(_margin(_per_token(p.tuned, p.counted)) for p in pairs),
    }


def _margin(scores: tuple[float, float] | None) -> float:
    return math.nan if scores is None else scores[0] - scores[1]


def _length_baseline(answers: Answers, level: float) -> dict[str, Any]:
    """The better of "the longer one" and "the shorter one": what no model is needed for.

    Chosen on the same answers, so it flatters the baseline a little, never the model.
    """
    rules: dict[str, Callable[[], list[float]]] = {
        "longer": lambda: answers.longer,
        "shorter": lambda: answers.shorter,
    }
    told = {
        name: _told(
            clustered_proportion(values(), answers.participants, level, items=answers.judged)
        )
        for name, values in rules.items()
    }
    if not answers.participants:
        return {"rule": None, **told["longer"]}
    best = max(told, key=lambda name: float(told[name]["estimate"]))
    return {"rule": best, **told[best]}


def _mean_over(communities: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Every community counts once, however many answered; NaN when any is not measured."""
    told: dict[str, Any] = {}
    for when in ("base", "tuned", "difference"):
        told[when] = _mean(c[when]["estimate"] for c in communities.values())
    unmeasured = [name for name, c in communities.items() if math.isnan(c["tuned"]["estimate"])]
    told["note"] = f"Not measured for {', '.join(unmeasured)}." if unmeasured else ""
    return told


def _worst(communities: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The community the tuned model agrees with least, and how it was with the base."""
    estimates = {name: c["tuned"]["estimate"] for name, c in communities.items()}
    if not estimates or any(map(math.isnan, estimates.values())):
        note = "A community was not measured, so the worst one is not known."
        return {"community": None, "base": math.nan, "tuned": math.nan, "note": note}
    name = min(estimates, key=lambda key: (estimates[key], key))
    worst_base = min(c["base"]["estimate"] for c in communities.values())
    return {"community": name, "base": worst_base, "tuned": estimates[name], "note": ""}


def _told(estimate: Estimate) -> dict[str, Any]:
    note = "Not measured." if math.isnan(estimate.estimate) else ""
    return {
        "estimate": estimate.estimate,
        "low": estimate.low,
        "high": estimate.high,
        "n": estimate.n,
        "participants": estimate.n_clusters,
        "note": estimate.note or note,
    }


def _mean(values: Iterable[float]) -> float:
    known = list(values)
    return math.fsum(known) / len(known) if known else math.nan
