"""What a dataset says of itself where others read it: nothing about fewer than k people.

docs/small-cells.md has the rule. The page, the card and what is exported are made of `told`; only
who sits at the terminal, or may see single answers, sees more. Loads no numeric library.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import Any

from elicitation.models import Workshop
from policy.methods.suppression import TOTAL, one_way, suppress
from policy.models import ConstitutionVersion
from policy.showing_parts import fewest
from training.building import WITHHELD
from training.kinds import FROM_A_FILE
from training.methods.row_checks import ASKS_CASE, ASKS_TRAINED
from training.methods.splits import SPLITS
from training.models import DatasetSnapshot

TOO_FEW = "too few to say"
Summary = Mapping[str, Any]


def fewest_of(version: ConstitutionVersion) -> int:
    """Below how many people nothing is told of a version's datasets; 0 where all was published."""
    workshops: Iterable[Workshop] = version.constitution.workshops.all()
    return max((fewest(workshop) for workshop in workshops), default=0)


def told(summary: Summary, kind: str, least: int) -> dict[str, Any]:
    """The summary with None for every number that tells of fewer than `least` people.

    "hidden" names the communities of which nothing is told. A summary that does not say how many
    people are behind it tells no number of any community.
    """
    if not least or kind in FROM_A_FILE:
        return {**summary, "hidden": []}
    checks = dict(summary.get("checks", {}))
    people = checks.get("people", dict.fromkeys(summary["communities"], 1))
    hidden = _hidden(people, least)
    few = 0 < sum(people.values()) < least
    checks["people"] = {name: None if name in hidden else n for name, n in people.items()}
    if 0 < checks.get("people_withheld", 1) < least:
        checks["people_withheld"] = None
    if "coverage" in checks:
        covered = checks["coverage"]["communities"]
        checks["coverage"] = {
            **checks["coverage"],
            "communities": {n: _none_if(n in hidden, one) for n, one in covered.items()},
        }
    counts = {
        name: dict.fromkeys(SPLITS) if name in hidden else one
        for name, one in summary["communities"].items()
    }
    left_out = {
        reason: None if few or (reason == WITHHELD and checks["people_withheld"] is None) else n
        for reason, n in summary["left_out"].items()
    }
    sentences = [s for s in summary["sentences"] if not s.startswith("Left out:")]
    return {
        **summary,
        "checks": checks,
        "communities": counts,
        "left_out": left_out,
        "sentences": sentences,
        "hidden": sorted(hidden),
    }


def check_lines(summary: Summary, kind: str) -> list[tuple[str, str]]:
    """What was looked at before freezing, each with what was found, from what `told` gives."""
    checks = summary.get("checks", {})
    if "repeats" not in checks:  # frozen before anything was checked
        return []
    lines = [("Nearly the same", _repeats(checks["repeats"])), ("Test apart", _apart(summary))]
    if kind in FROM_A_FILE:
        return lines
    lines.append(("Personal data", _personal(checks["personal_data"])))
    lines.append(("Consent", _consent(summary)))
    if summary.get("synthetic"):
        number, of = summary["synthetic"], summary["splits"]["train"]
        lines.append(("Synthetic", f"{number:,} of {of:,} training rows were written by us."))
    return lines


def principles_told(snapshot: DatasetSnapshot, summary: Summary) -> list[tuple[Any, int | None]]:
    """Each principle with how many training rows name it; None where that tells of too few."""
    hidden, counts = set(summary["hidden"]), summary["principles"]
    return [
        (one, None if _only_of(one, hidden) else counts.get(str(one.number), 0))
        for one in snapshot.constitution_version.principles.all()
    ]


def _only_of(principle: Any, hidden: set[str]) -> bool:
    """Whether a principle speaks of a community of which nothing is told."""
    return bool(hidden & set((principle.measure or {}).get("directions", {})))


def _hidden(people: Mapping[str, int], least: int) -> set[str]:
    """The communities to withhold: those of too few, and who would tell of them by subtraction."""
    if all(number == 0 or number >= least for number in people.values()):
        return set()
    parts = dict[Hashable, int](people.items())
    found = suppress(one_way(parts), least)
    return set(people) if TOTAL in found else {str(name) for name in found}


def _none_if(hidden: bool, counts: Mapping[str, int]) -> dict[str, int | None]:
    return dict.fromkeys(counts) if hidden else dict(counts)


def _repeats(found: Mapping[str, int]) -> str:
    """In words, how much of the training rows repeats itself."""
    if not found["in_groups"]:
        words = f"None of {found['prompts']:,} training prompts repeats another."
    else:
        words = (
            f"{found['in_groups']:,} of {found['prompts']:,} training prompts say nearly the same "
            f"as another, in {found['groups']:,} groups; a group is never split."
        )
    if found["same_sides"]:
        words += f" In {found['same_sides']:,} pairs the two completions are nearly one."
    return words


def _apart(summary: Summary) -> str:
    left_out = summary["left_out"]
    words = "No held-out prompt is nearly one that is trained on"
    if left_out.get(ASKS_TRAINED):
        words += f" ({left_out[ASKS_TRAINED]:,} rows were dropped for that)"
    words += "; no training row asks what a participant's own test asks"
    if left_out.get(ASKS_CASE):
        words += f" ({left_out[ASKS_CASE]:,} were dropped)"
    return words + "."


def _personal(found: Mapping[str, int]) -> str:
    """In words, what was scrubbed; and what nobody looked for."""
    unseen = "Names and postal addresses are not looked for."
    if not found:
        return f"No address and no number by which somebody can be reached. {unseen}"
    parts = ", ".join(f"{kind}: {number:,}" for kind, number in found.items())
    return f"Replaced in the texts: {parts}. {unseen}"


def _consent(summary: Summary) -> str:
    number = summary["left_out"].get(WITHHELD, 0)
    words = "Every row rests on answers that may train a model"
    if number is None:
        return f"{words}; how many were left out is {TOO_FEW}."
    return f"{words}; {number:,} answers were left out because their people did not agree."
