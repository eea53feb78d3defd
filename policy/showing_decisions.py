"""What is decided about each statement as pages show it: how firm it is, and what is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.formats import localize

from policy.reading import (
    COMMUNITIES,
    OPINION_GROUPS,
    STATEMENT_KINDS,
    Result,
    basis_of_result,
    count,
    has_too_few,
    label_name,
    measured,
    percent,
    standing,
)

MOST_IN_SIGHT = 5
NOBODY_CAN = "No number of people"
OTHERWISE = {**STATEMENT_KINDS, "not_common_ground": "Not common ground"}


@dataclass(frozen=True)
class Decision:
    """One statement's decision. left_out, bought, added: people who would change it, or None.

    rests_on: the fewest of the three; becomes: what it turns into when people are left out. differ:
    other ways of counting, with what they say. missing: what each undecided group still lacks.
    """

    id: int
    external_id: str
    text: str
    theme: str
    kind: str
    decision: str
    too_few: bool
    left_out: int | None = None
    bought: int | None = None
    added: int | None = None
    rests_on: int | None = None
    sentence: str = ""
    agreeing: int = 0
    differ: Sequence[tuple[str, str]] = ()
    missing: Sequence[str] = ()

    @property
    def ways(self) -> tuple[int | None, int | None, int | None]:
        """People who would change it: left out, bought, added."""
        return self.left_out, self.bought, self.added

    @property
    def counted(self) -> int:
        """How many other ways of counting were tried."""
        return self.agreeing + len(self.differ)


def decisions_shown(result: Result, fewest: int) -> dict[str, Any] | None:
    """Every decision, the most fragile and the firmest first; None where none was stored."""
    entries = {
        one["item"]["id"]: one
        for one in result.get("decisions") or ()
        if one["item"]["kind"] == "statement"
    }
    basis = basis_of_result(result)
    rows = [
        decision_shown(result, one, entries[one["id"]], basis, fewest)
        for one in standing(result, basis)
        if one["id"] in entries
    ]
    if not rows:
        return None
    told = [one for one in rows if not one.too_few]
    made = [one for one in told if one.kind != "not_selected" and one.rests_on]
    made.sort(key=lambda one: one.rests_on or 0)
    half = min(MOST_IN_SIGHT, (len(made) + 1) // 2)
    return {
        "rows": rows,
        "fragile": made[:half],
        "firm": made[::-1][: min(MOST_IN_SIGHT, len(made) - half)],
        "withheld": len(rows) - len(told),
        "bought": bought_shown(result, {one.external_id for one in told}),
        "told": len(told),
        "people": result.get("bought_votes", {}).get("people"),
    }


def decision_shown(
    result: Result,
    statement: Mapping[str, Any],
    entry: Mapping[str, Any],
    basis: str,
    fewest: int,
) -> Decision:
    """One decision in words, or that too few voted to say it."""
    external, text, theme = (str(statement[one] or "") for one in ("external_id", "text", "theme"))
    words = statement["id"], external, text, theme
    if has_too_few(statement, basis, fewest):
        return Decision(*words, "too_few", STATEMENT_KINDS["too_few"], True)
    ways = entry["left_out"], entry["bought"], entry["added"]
    methods = methods_shown(result, statement, entry, fewest)
    differ = [(name, OTHERWISE[made]) for name, made, differs in methods if differs]
    return Decision(
        *words,
        entry["decision"],
        STATEMENT_KINDS[entry["decision"]],
        False,
        *ways,
        min((way for way in ways if way is not None), default=None),
        firmness(entry),
        len(methods) - len(differ),
        differ,
        [
            missing(label_name(result, basis, label), one)
            for label, one in entry["pending"].items()
            if one["votes"] == 0 or one["votes"] >= fewest
        ],
    )


def firmness(entry: Mapping[str, Any]) -> str:
    """How many people could change a decision, each way in words."""
    says = [
        f"{people(entry[way])} {how}"
        for way, how in (
            ("left_out", "had not voted"),
            ("bought", "had voted otherwise"),
            ("added", "more had voted"),
        )
        if entry[way] is not None
    ]
    if not says:
        return f"{NOBODY_CAN} could change it."
    become = entry["becomes"]
    turned = f" Without them it is: {STATEMENT_KINDS[become].lower()}." if become else ""
    return f"It could change if {', or if '.join(says)}.{turned if entry['left_out'] else ''}"


def people(number: int) -> str:
    """So many people."""
    return count(number, "person", "people")


def methods_shown(
    result: Result, statement: Mapping[str, Any], entry: Mapping[str, Any], fewest: int
) -> list[tuple[str, str, bool]]:
    """Other ways of counting: (name, what they decide, whether that differs).

    Without those between groups of which some are too small, since they would tell of these.
    """
    hidden = {
        f"by {name}" for name in statement["label_sets"] if has_too_few(statement, name, fewest)
    }
    found = [
        (method_name(result, one["name"]), one["decision"], one["differs"])
        for one in entry["methods"]
        if one["name"] not in hidden
    ]
    # How large groups of other numbers would be is not stored, so that it cannot be checked.
    others = entry.get("ks", ()) if not fewest else ()
    return found + [
        (f"between {one['k']} opinion groups", one["decision"], one["decision"] != made)
        for made in [entry["decision"]]
        for one in others
    ]


def method_name(result: Result, name: str) -> str:
    """What people call a way of counting."""
    if name == f"by {OPINION_GROUPS}":
        return "between opinion groups"
    if name == f"by {COMMUNITIES}":
        return "between communities"
    return name.replace("by ", "between labels of ", 1) if name.startswith("by ") else name


def missing(name: str, pending: Mapping[str, Any]) -> str:
    """What a group still lacks, in words."""
    left, further = pending["left"], pending["further"]
    if further:
        return f"{name}: {count(further, 'more vote')} would probably settle it; {left} could vote."
    if not left:
        return f"{name}: everybody has voted, and is too evenly divided to say."
    chance = pending["chance_when_all_voted"]
    hardly = not measured(chance) or chance < 0.01
    likely = "hardly any chance" if hardly else f"a chance of {percent(chance)}"
    voters = f"{name}: too evenly divided so far; {localize(left)} could still vote"
    return f"{voters}, with {likely} that this settles it."


def bought_shown(result: Result, told: set[str]) -> list[dict[str, Any]]:
    """How many of the decisions told so many people could change, by each way, and which."""
    section = result.get("bought_votes") or {}
    rows = []
    for budget in section.get("budgets", ()):
        ways = {
            way: [name for name in budget[way] if name in told]
            for way in ("left_out", "bought", "added")
        }
        rows.append({"people": budget["people"], "percent": budget["is_one_percent"], **ways})
    return rows
