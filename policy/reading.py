"""An analysis in words: what was found, without the arithmetic. Loads no numeric library."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from django.utils.formats import localize

from policy.models import Analysis

Result = Mapping[str, Any]

COMMUNITIES, OPINION_GROUPS = "communities", "opinion_groups"
LEVEL = 0.05
MOST_PEOPLE_DRAWN = 800
NOT_MEASURED = "not measured"
CHART_TITLES = {
    "opinion_space": "Each mark is a person; people who voted alike are near one another",
    "opinion_space_communities": "The same people by community: does the map follow communities?",
    "opinion_space_labels": "The same people by the imported labels “{name}”",
    "opinion_space_within": "The people of this group, on a map of their own",
    "statements": "Each dot is a statement: how many agree, and how far groups are apart on it",
    "fault_line": "Where they part: {name}",
    "preferences": "What makes an answer more likely to be chosen, by community",
    "before_after": "{name}: the share that agreed before, and after",
    "agreement_votes": "How far people agree when they vote",
    "agreement_preferences": "How far people agree when they choose between answers",
    "sources": "How strongly each source's answers are preferred",
    "swarm": "Each mark is a statement, from agreed by all to divisive",
    "opinion_space_statements": "Statements among people: each stands towards those who agree",
    "opinion_groups_stability": "Would the same groups be found if other people had come?",
}
# What a list says from which a reader chooses a map.
MAP_NAMES = {
    "opinion_space": "Opinion groups",
    "opinion_space_communities": "Communities",
    "opinion_space_statements": "Statements",
}
STATEMENT_KINDS = {
    "common_ground": "Common ground",
    "community_specific": "Wanted by some, refused by none",
    "contested": "Contested",
    "not_selected": "Not decided",
    "too_few": "Too few to say",
}


def measured(value: Any) -> bool:
    """Whether there is a number to show."""
    return isinstance(value, int | float) and math.isfinite(value)


def percent(value: Any) -> str:
    """A share in words: "62 %", or "not measured"."""
    return f"{round(100 * value)}\N{NO-BREAK SPACE}%" if measured(value) else NOT_MEASURED


def around(low: Any, high: Any) -> str:
    """An interval of shares, " (55–69)", or nothing."""
    if not (measured(low) and measured(high)):
        return ""
    ends = [str(round(100 * end)).replace("-", "\N{MINUS SIGN}") for end in (low, high)]
    # A dash between would be taken for a second minus.
    return f" ({ends[0]}{' to ' if low < 0 else '–'}{ends[1]})"


def count(number: Any, one: str, many: str = "") -> str:
    """A number with its noun: "1 person", "1,204 people"."""
    return f"{localize(number)} {one if number == 1 else many or one + 's'}"


def one_in(people: int) -> int:
    """Of so many people on a map, one in how many is drawn; more make it heavier, not clearer."""
    return 1 + people // MOST_PEOPLE_DRAWN


def is_a_label_set(result: Result, name: str) -> bool:
    """Whether people were given labels of this set from elsewhere."""
    return name not in (COMMUNITIES, OPINION_GROUPS) and name in result["label_sets"]


def map_of_label_set(name: str) -> str:
    """What the map by an imported label set is called among drawings."""
    return f"opinion_space_labels_{name}"


def map_within(number: Any) -> str:
    """What the map of one opinion group's own people is called among drawings."""
    return f"opinion_space_within_{number}"


def basis_of_result(result: Result) -> str:
    """Between whom statements are weighed: communities, or opinion groups where there is one."""
    groups = result["label_sets"].get(OPINION_GROUPS, {})
    only_one = len(result["communities"]) < 2
    return OPINION_GROUPS if only_one and groups.get("supported") else COMMUNITIES


def label_name(result: Result, label_set: str, label: str) -> str:
    """What people call a label."""
    if label_set == COMMUNITIES:
        names = {one["slug"]: one["name"] for one in result["communities"]}
        return str(names.get(label, label))
    if label_set == OPINION_GROUPS:
        return f"opinion group {label}"
    return f"{label_set} group {label}"


def whose(basis: str) -> str:
    """The noun for one label of a set."""
    return "community" if basis == COMMUNITIES else "opinion group"


def standing(result: Result, basis: str) -> list[Mapping[str, Any]]:
    """Statements that count: not taken out, no near-copy of an earlier one, seen in this set."""
    return [
        one
        for one in result["statements"]
        if one["moderation"] != "out" and not one["twin_of"] and basis in one["label_sets"]
    ]


def statements_by_id(result: Result) -> dict[int, Mapping[str, Any]]:
    """Statements by their id, those taken out left out: their words stay away from pages too."""
    return {one["id"]: one for one in result["statements"] if one["moderation"] != "out"}


def strongest(result: Result, basis: str, most: int = 10) -> list[Mapping[str, Any]]:
    """Common ground: the statements whose least agreeing group agrees most for certain."""

    def low(one: Mapping[str, Any]) -> Any:
        return one["label_sets"][basis]["minimum"]["low"]

    made = made_decisions(result)
    known = [
        one
        for one in standing(result, basis)
        if measured(low(one))
        and low(one) > 0.5
        # The bound looks at one side alone; what is decided looks at both.
        and made.get(one["id"], "common_ground") == "common_ground"
    ]
    return sorted(known, key=lambda one: -low(one))[:most]


def widest(result: Result, basis: str, most: int = 10) -> list[Mapping[str, Any]]:
    """Statements on which groups are credibly apart, the widest gap first."""

    def gap(one: Mapping[str, Any]) -> Any:
        return one["label_sets"][basis]["polarisation"]

    def is_apart(one: Mapping[str, Any]) -> bool:
        q = one["label_sets"][basis]["divisive_q"]
        return measured(q) and q <= LEVEL and measured(gap(one))

    apart = [one for one in standing(result, basis) if is_apart(one)]
    return sorted(apart, key=lambda one: -gap(one))[:most]


def has_too_few(statement: Mapping[str, Any], basis: str, fewest: int) -> bool:
    """Whether fewer people of some group voted on it than may be reported on.

    What is decided rests on every group, so one small group withholds it: by what is known of the
    others it could be worked out.
    """
    groups = statement["label_sets"].get(basis, {}).get("groups", {}).values()
    return any("withheld" in group or 0 < group["seen"] < fewest for group in groups)


def made_decisions(result: Result) -> dict[int, str]:
    """Statement id → what is decided about it; empty for analyses that did not store it."""
    return {
        one["item"]["id"]: one["decision"]
        for one in result.get("decisions") or ()
        if one["item"]["kind"] == "statement"
    }


def kind_of(made: Mapping[int, str], statement: Mapping[str, Any], basis: str, fewest: int) -> str:
    """What is decided about a statement, a key of STATEMENT_KINDS. made: `made_decisions`."""
    counted = statement["label_sets"][basis]
    if has_too_few(statement, basis, fewest) or counted["minimum"].get("too_few"):
        return "too_few"
    if position_of(counted) is None:
        return "too_few"
    certain = "common_ground" if counted["minimum"]["low"] > 0.5 else "not_selected"
    return made.get(statement["id"], certain)


def position_of(counted: Mapping[str, Any]) -> float | None:
    """From -1, agreed by all for certain, to 1, as far apart as can be; None: not measured.

    How far groups are apart, less the share that agrees for certain in the one that agrees least.
    """
    apart, low = counted["polarisation"], counted["minimum"]["low"]
    # One group alone is not apart from any other.
    gap = apart if measured(apart) else 0.0 if len(counted["groups"]) == 1 else None
    return float(gap - low) if gap is not None and measured(low) else None


def is_clear(effect: Mapping[str, Any]) -> bool:
    """Whether an effect's interval lies on one side of one half."""
    low, high = effect["chosen_low"], effect["chosen_high"]
    return measured(low) and measured(high) and (low > 0.5 or high < 0.5)


def surely(effect: Mapping[str, Any]) -> float:
    """How far from one half an effect is for certain; below zero where it may be none."""
    return max(float(effect["chosen_low"]) - 0.5, 0.5 - float(effect["chosen_high"]))


def in_words(effect: Mapping[str, Any]) -> str:
    """What is preferred, and how often it is chosen: the side that is chosen more is named."""
    towards = effect["chosen"] >= 0.5
    ends = [effect["chosen"], effect["chosen_low"], effect["chosen_high"]]
    chosen, low, high = ends if towards else (1 - ends[0], 1 - ends[2], 1 - ends[1])
    return f"{effect['phrase']}: chosen {percent(chosen)}{around(low, high)} of the time"


def clear_effects(result: Result, slug: str, theme: str = "") -> list[Mapping[str, Any]]:
    """A community's clear preferences in one theme ("" is all of them), the strongest first."""
    fitted = result["preferences"]["communities"].get(slug, {}).get("themes", {}).get(theme)
    found = [effect for effect in fitted["effects"] if is_clear(effect)] if fitted else []
    return sorted(found, key=lambda effect: -abs(effect["chosen"] - 0.5))


def found(result: Result) -> list[str]:
    """What was found, in four sentences."""
    says = [_who_spoke(result), _fault_lines(result)]
    if result["statements"]:
        says.append(_common_ground(result))
    if result["preferences"]["communities"]:
        says.append(_preferences(result))
    elif result["statements"]:
        says.append(result["label_sets"].get(OPINION_GROUPS, {}).get("sentence", ""))
    return [sentence for sentence in says if sentence]


def _who_spoke(result: Result) -> str:
    communities = result["communities"]
    people, votes, chose = (
        sum(one[name] for one in communities) for name in ("people", "votes", "preferences")
    )
    where = count(len(communities), "community", "communities")
    if not people:
        return ""
    if chose and not votes and people == chose:
        # Published without raters: each answer stands for a person of its own.
        number = count(chose, "choice")
        return (
            f"{number} between two answers of a model, from {where}; who made which is not known."
        )
    said = []
    if votes:
        number = count(len(result["statements"]), "statement")
        said.append(f"cast {count(votes, 'vote')} on {number}")
    if chose:
        said.append(f"chose {count(chose, 'time')} between two answers of a model")
    what = " and ".join(said) or "have said nothing yet"
    return f"{count(people, 'person', 'people')} in {where} {what}."


def _fault_lines(result: Result) -> str:
    section = result["fault_lines"]
    lines = section["lines"]
    if not lines:
        return str(section["sentence"]) or "No fault line was found."
    first = max(lines, key=lambda line: line["size"])
    number = count(len(lines), "fault line")
    return (
        f"They differ along {number}; the widest is “{first['name']}”, where they are "
        f"{points(first['size'])} apart."
    )


def points(size: Any) -> str:
    """A difference of shares in percentage points."""
    return f"{round(100 * size)} points" if measured(size) else NOT_MEASURED


def _common_ground(result: Result) -> str:
    basis = basis_of_result(result)
    shared = strongest(result, basis, most=len(result["statements"]))
    one = whose(basis)
    if not shared:
        return f"There is no statement that a majority of every {one} can be said to agree with."
    number = count(len(shared), "statement")
    return (
        f"On {number} a majority of every {one} agrees, as far as the votes can vouch for it; "
        f"most surely on “{shared[0]['text'].rstrip('.')}”."
    )


def _preferences(result: Result) -> str:
    says = []
    for one in result["communities"]:
        clear = clear_effects(result, one["slug"])
        if clear:
            surest = max(clear, key=surely)
            says.append(f"{one['name']}, {surest['phrase'].removeprefix('prefers ')}")
    if not says:
        return "No community clearly prefers one kind of answer in what could be measured."
    return f"What is most clearly preferred between answers: {'; '.join(says)}."


def analysis_lines(analysis: Analysis) -> list[str]:
    """What an analysis found, line by line, for people at a terminal."""
    result = analysis.result
    basis = basis_of_result(result)
    lines = [f"{analysis}", *found(result)]
    for number, line in enumerate(result["fault_lines"]["lines"], start=1):
        size = f"{points(line['size'])}{around(line['size_low'], line['size_high'])}"
        lines.append(f"  Fault line {number}: {line['name']}: {size} apart")
    lines += [
        f"  Common ground: {_at_least(result, one, basis)}: {one['text']}"
        for one in strongest(result, basis, 3)
    ]
    lines += [
        f"  Divisive: {points(one['label_sets'][basis]['polarisation'])} apart: {one['text']}"
        for one in widest(result, basis, 3)
    ]
    groups = result["label_sets"].get(OPINION_GROUPS)
    if groups and result["statements"]:
        lines.append(f"  Opinion groups: {groups['sentence']}")
    for one in result["communities"]:
        lines += [
            f"  {one['name']}: {in_words(effect)}" for effect in clear_effects(result, one["slug"])
        ]
    lines += [f"  {line}" for line in agreement_sentences(result)]
    lines += [f"  {line}" for line in flagged_sentences(result)]
    lines += [f"  Note: {note}" for note in result["notes"]]
    return [*lines, f"Input {analysis.input_hash[:12]}, seed {analysis.seed}; {analysis.seconds} s"]


def _at_least(result: Result, statement: Mapping[str, Any], basis: str) -> str:
    least = statement["label_sets"][basis]["minimum"]
    name = label_name(result, basis, least["group"])
    return f"at least {percent(least['low'])} agree in {name}"


def agreement_sentences(result: Result) -> list[str]:
    """How far people agree, in a line for votes and a line for choices."""
    says = []
    for kind, doing in (("votes", "on statements"), ("preferences", "between answers")):
        section = result["agreement"][kind]
        everyone = section["all"]
        if everyone and measured(everyone["alpha"]):
            alpha = localize(round(everyone["alpha"], 2))
            says.append(f"Agreement {doing}: α {alpha} over {localize(everyone['n_items'])} items.")
        elif section["note"] or everyone:
            why = section["note"] or everyone["note"]
            says.append(f"Agreement {doing}: not measured. {why}".strip())
    return says


def flagged_sentences(result: Result) -> list[str]:
    """Imported label sets that explain the votes no better than chance."""
    return [
        f"Label set {name} is flagged: {one['sentence']}"
        for name, one in result["label_sets"].items()
        if one["flagged"] and name not in (COMMUNITIES, OPINION_GROUPS)
    ]
