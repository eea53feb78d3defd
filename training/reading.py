"""A training run and its report in words. Loads no numeric library."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.formats import localize

from policy.reading import NOT_MEASURED, around, measured, percent
from training.models import EvaluationReport

CHART_TITLES = {
    "loss": "How far training came: the loss at each step",
    "margin": "What each community gained in training: the margin of chosen over rejected",
    "group_weights": "Whom training listened to: the weight of each community at each step",
    "before_after": "Before and after, for each community, on answers held out from training",
}
VERDICTS = {
    "better": "Better",
    "worse": "Worse",
    "inconclusive": "Inconclusive",
}
VERDICT_SENTENCES = {
    "better": "The model moved this community's way: the interval of the difference is above zero.",
    "worse": "The model moved away from this community: the interval is below zero.",
    "inconclusive": "The answers cannot tell: the interval of the difference includes zero.",
    "": "Not measured.",
}
SPLITS = {
    "train": "Training",
    "heldout": "Held-out prompts",
    "heldout_people": "Held-out people",
}


def report_lines(report: EvaluationReport) -> list[str]:
    """The report per community, line by line, for people at a terminal."""
    result = report.result
    names = community_names(report.checkpoint.run.snapshot.constitution_version)
    lines = ["Held-out answers that the model agrees with, before → after training:"]
    lines += [
        f"  {names.get(slug, slug)}: {_line(one)}" for slug, one in result["communities"].items()
    ]
    lines.append(f"  {worst_sentence(result['worst'], names)}")
    people = result.get("held_out_people")
    if people and people["communities"]:
        lines.append("On people held out from training:")
        lines += [
            f"  {names.get(slug, slug)}: {_line(one)}"
            for slug, one in people["communities"].items()
        ]
    if result.get("judge"):
        lines.append(f"The judge: {result['judge']['overall']['sentence']}")
    return lines


def community_names(version: Any) -> dict[str, str]:
    """Slug → name of the communities of a constitution version, in the order of their seats."""
    return {
        seat.community.slug: seat.community.name
        for workshop in version.constitution.workshops.all()
        for seat in workshop.seats.select_related("community")
    }


def estimate_words(found: Mapping[str, Any]) -> str:
    """An accuracy with its interval: "61 % (53–69)", or "not measured"."""
    if not measured(found["estimate"]):
        return NOT_MEASURED
    return f"{percent(found['estimate'])}{around(found['low'], found['high'])}"


def difference_words(found: Mapping[str, Any]) -> str:
    """A change in percentage points with its sign and interval: "+13 points (+4 to +22)"."""
    if not measured(found["estimate"]):
        return NOT_MEASURED
    words = f"{signed(found['estimate'])} points"
    if measured(found["low"]) and measured(found["high"]):
        words += f" ({signed(found['low'])} to {signed(found['high'])})"
    return words


def signed(share: float) -> str:
    """Percentage points with a sign; a real minus, so that it is not taken for a dash."""
    number = round(100 * share)
    return f"+{number}" if number > 0 else f"\N{MINUS SIGN}{-number}" if number < 0 else "0"


def verdict_word(one: Mapping[str, Any]) -> str:
    """Better, worse or inconclusive; "Not measured" where the difference was not."""
    if not measured(one["difference"]["estimate"]):
        return "Not measured"
    return VERDICTS.get(one["verdict"], one["verdict"])


def length_words(found: Mapping[str, Any]) -> str:
    """The better length rule and how far it comes."""
    if not found.get("rule"):
        return NOT_MEASURED
    return f"{estimate_words(found)}, always the {found['rule']} one"


def _line(one: Mapping[str, Any]) -> str:
    return (
        f"{estimate_words(one['base'])} → {estimate_words(one['tuned'])}, "
        f"{difference_words(one['difference'])}: {verdict_word(one).lower()}; "
        f"n {localize(one['answers'])} answers of {localize(one['participants'])} people; "
        f"length alone {length_words(one['length_baseline'])}; "
        f"{moved_words(one.get('moved'))}"
    )


def moved_words(found: Mapping[str, Any] | None) -> str:
    """Whether training moved the model's probabilities towards what people said."""
    if not found or not measured(found["estimate"]):
        return "moved: not measured"
    words = {"towards": "moved their way", "away": "moved away from them"}
    how = words.get(found["direction"], "cannot tell which way it moved")
    return f"{how}, on {estimate_words(found)} of answers (half is chance)"


def worst_sentence(worst: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """The community that the trained model agrees with least."""
    slug = worst.get("community")
    if not slug or not measured(worst["tuned"]):
        return f"Worst community: not measured. {worst.get('note') or ''}".strip()
    return (
        f"Worst community: {names.get(slug, slug)}, {percent(worst['tuned'])} after training; "
        f"the worst before it was {percent(worst['base'])}."
    )


def curve(metrics: Sequence[Mapping[str, Any]], steps: int, name: str = "loss") -> dict[str, Any]:
    """A line of a run's metrics so far, for a small drawing while it goes; {} before two steps."""
    known = [(row["step"], row[name]) for row in metrics if measured(row.get(name))]
    if len(known) < 2:
        return {}
    low, high = min(v for _, v in known), max(v for _, v in known)
    span, last = (high - low) or 1.0, max(steps, known[-1][0], 2)
    path = " ".join(
        f"{'L' if i else 'M'}{10 + 580 * (step - 1) / (last - 1):.1f},"
        f"{10 + 120 * (high - value) / span:.1f}"
        for i, (step, value) in enumerate(known)
    )
    return {"path": path, "first": known[0][1], "last": known[-1][1], "step": known[-1][0]}
