"""Opinion groups as pages show them, and Polis's numbers beside ours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.formats import localize
from django.utils.text import capfirst

from policy.reading import (
    CHART_TITLES,
    COMMUNITIES,
    MAP_NAMES,
    OPINION_GROUPS,
    STATEMENT_KINDS,
    Result,
    basis_of_result,
    count,
    has_too_few,
    label_name,
    map_of_label_set,
    map_within,
    measured,
    one_in,
    percent,
    standing,
    statements_by_id,
)
from policy.showing_parts import Chart, Drawings

CHOSEN_BY = {
    "silhouette": "The votes suggest this number.",
    "the analyst": "The analyst chose this number.",
}
STATEMENTS_SAY = (
    "Numbered marks are statements, grey ones people. A statement stands in the direction of those "
    "who tend to agree with it; those further out divide people more. They are drawn larger than "
    "people's distances, around the same centre."
)
STABILITY_SAYS = (
    "People were drawn again at random and groups looked for anew, thirty times. The mark is the "
    "middle of how alike the groups were; the line holds eight draws of ten."
)
OTHERS_SAY = "Where the colours lie mixed, people's votes do not follow these labels."
WITHIN_SAYS = (
    "A new map, made of this group's votes alone: what parts people within a group hardly shows "
    "on the map of all."
)
TOO_FEW = STATEMENT_KINDS["too_few"]
NUMBERS = ("repness", "repness_test", "p_success", "p_test")


def groups_shown(result: Result, drawn: Drawings, fewest: int) -> dict[str, Any]:
    """Opinion groups: how many and how firm, in words, the maps, and groups within groups."""
    groups = result["label_sets"].get(OPINION_GROUPS, {})
    sizes = groups.get("labels", {})
    small = any(_is_small(size, fewest) for size in sizes.values())
    maps = [
        ("opinion_space", drawn.get("opinion_space", says=_map_says(result))),
        (
            "opinion_space_communities",
            drawn.get("opinion_space_communities", says=OTHERS_SAY),
        ),
        *((name, _map_of(result, name, drawn)) for name in result["label_sets"]),
        (
            "opinion_space_statements",
            drawn.get("opinion_space_statements", says=STATEMENTS_SAY),
        ),
    ]
    return {
        "sentence": _sentence(groups, small),
        "supported": groups.get("supported", False),
        "k": groups.get("k"),
        "chosen_by": CHOSEN_BY.get(groups.get("chosen_by", ""), ""),
        "too_few": small,
        "described": [] if small else described_shown(result, groups, fewest, drawn),
        "describes": groups.get("describes", ""),
        "stability": stability_shown(groups, drawn),
        "space_sentence": result["opinion_space"]["sentence"],
        "charts": [(MAP_NAMES.get(name, f"Labels “{name}”"), one) for name, one in maps if one],
    }


def _is_small(size: int | None, fewest: int) -> bool:
    return size is None or 0 < size < fewest


def _sentence(groups: Mapping[str, Any], small: bool) -> str:
    if not small:
        return str(groups.get("sentence", ""))
    number = count(groups.get("k", 0), "group")
    return f"{number}, of which one or more has too few people to say how many."


def _map_says(result: Result) -> str:
    placed = count(len(result["opinion_space"]["points"]), "person", "people")
    says = f"{placed} with enough votes to be placed, on the two axes that tell them apart best."
    explained = [share for share in result["opinion_space"]["explained"] if measured(share)]
    number = one_in(len(result["opinion_space"]["points"]))
    if number > 1:
        says += f" One in {number} is drawn."
    if explained:
        says += f" These show {percent(sum(explained[:2]))} of how votes differ."
    return says


def _map_of(result: Result, name: str, drawn: Drawings) -> Chart | None:
    """The map by an imported label set, beside what is known of these labels."""
    title = CHART_TITLES["opinion_space_labels"].format(name=name)
    told = result["label_sets"][name].get("sentence", "")
    return drawn.get(map_of_label_set(name), title, f"{OTHERS_SAY} {told}".strip())


def described_shown(
    result: Result, groups: Mapping[str, Any], fewest: int, drawn: Drawings
) -> list[dict[str, Any]]:
    """Each group with its size, the statements that tell it apart, and the groups within it."""
    described, within = groups.get("described", {}), groups.get("within", {})
    known = statements_by_id(result)
    return [
        {
            "name": label_name(result, OPINION_GROUPS, name),
            "size": size,
            "told": [
                _telling(one, fewest)
                for one in described.get(name, {}).get("statements", ())
                if one["id"] in known
            ],
            "within": _within(within.get(name), fewest),
            "map": drawn.get(
                map_within(name),
                f"{capfirst(label_name(result, OPINION_GROUPS, name))}, on a map of its own people",
                WITHIN_SAYS,
            ),
        }
        for name, size in groups.get("labels", {}).items()
    ]


def _telling(one: Mapping[str, Any], fewest: int) -> dict[str, Any]:
    """One statement that tells a group apart: its words, and shares where enough people voted."""
    few = "withheld" in one or min(one["n"], one["others_n"]) < fewest
    words = {name: one.get(name) for name in ("id", "external_id", "text")}
    if few:
        return words | {"says": TOO_FEW}
    mine = f"{percent(one['share'])} {'agree' if one['agrees'] else 'disagree'}"
    others = f"of the others {percent(one['others'])} (n {localize(one['others_n'])})"
    return words | {"says": f"{mine} (n {localize(one['n'])}); {others}"}


def _within(inner: Mapping[str, Any] | None, fewest: int) -> str:
    """What is known of groups within a group; their sizes only where all may be told."""
    if not inner:
        return ""
    if any(_is_small(size, fewest) for size in inner["labels"].values()):
        if not inner.get("supported"):
            return "No split within it is stable enough to rely on."
        return f"It splits again into {inner['k']} groups, one of them too small to say more."
    return str(inner["sentence"])


def stability_shown(groups: Mapping[str, Any], drawn: Drawings) -> Chart | None:
    """How firm groups are for each number of them: a drawing with a table, where one is stored."""
    found = sorted(groups.get("stability", {}).items(), key=lambda one: int(one[0]))
    rows = [
        [
            f"{k} groups",
            _index(one["median"], one["low"], one["high"]),
            _index(one["weakest"]),
            _index(groups.get("silhouettes", {}).get(k)),
        ]
        for k, one in found
    ]
    if not rows:
        return None
    columns = ["Groups", "Found again (index)", "Weakest group (overlap)", "Silhouette"]
    return drawn.get("opinion_groups_stability", "", STABILITY_SAYS, columns, rows)


def _index(value: Any, low: Any = None, high: Any = None) -> Any:
    if not measured(value):
        return None
    if not (measured(low) and measured(high)):
        return round(value, 2)
    return f"{value:.2f} ({low:.2f}–{high:.2f})"


def polis_shown(result: Result, fewest: int) -> dict[str, Any] | None:
    """What Polis would list, with its numbers and ours; None where it was not stored."""
    if "polis_consensus" not in result:
        return None
    basis = basis_of_result(result)
    known = statements_by_id(result)
    lists = [
        {"name": label_name(result, name, label), "rows": rows}
        for name, one in result["label_sets"].items()
        if name in (COMMUNITIES, OPINION_GROUPS) and len(one["labels"]) > 1
        for label, chosen in one.get("polis", {}).items()
        if (rows := list(_choices(chosen, known, name, label, fewest)))
    ]
    return {
        "lists": lists,
        "all": [
            _numbers(one, known[one["id"]], fewest)
            for side in ("agree", "disagree")
            for one in result["polis_consensus"].get(side, ())
            if one["id"] in known
        ],
        "statements": [_scores(one, basis, fewest) for one in standing(result, basis)],
    }


def _choices(
    chosen: Iterable[Mapping[str, Any]],
    known: Mapping[int, Mapping[str, Any]],
    name: str,
    label: str,
    fewest: int,
) -> Iterable[dict[str, Any]]:
    for one in chosen:
        statement = known.get(one["id"])
        if statement is None:
            continue
        few = has_too_few(statement, name, fewest)
        row = _numbers(one, statement, fewest, few)
        if not row["too_few"]:
            row |= _ours(statement["label_sets"][name]["groups"][label], row["side"])
        yield row


def _numbers(
    one: Mapping[str, Any], statement: Mapping[str, Any], fewest: int, few: bool = False
) -> dict[str, Any]:
    """Polis's numbers on one statement of its lists."""
    words = {name: statement[name] for name in ("id", "external_id", "text")}
    if few or "n_trials" not in one or one["n_trials"] < fewest:
        return words | {"too_few": True}
    numbers = {name: one.get(name) for name in NUMBERS}
    counts = {"agreed": one["n_success"], "n": one["n_trials"], "side": one["side"]}
    return words | numbers | counts | {"too_few": False}


def _ours(group: Mapping[str, Any], side: str) -> dict[str, Any]:
    """What we say of the same: the share with its interval, and whether an exact test vouches."""
    apart = group.get("representative", {})
    ours = apart.get("agrees" if side == "agree" else "disagrees")
    return {"share": group["share"], "low": group["low"], "high": group["high"], "vouched": ours}


def _scores(statement: Mapping[str, Any], basis: str, fewest: int) -> dict[str, Any]:
    """Group-informed consensus and priority beside the least certain share."""
    counted = statement["label_sets"][basis]
    words = {name: statement[name] for name in ("id", "external_id", "text")}
    if has_too_few(statement, basis, fewest):
        return words | {"too_few": True}
    return words | {
        "too_few": False,
        "consensus": counted.get("group_informed_consensus"),
        "priority": counted.get("priority"),
        "extremity": (statement.get("space") or {}).get("extremity"),
        "least": counted["minimum"]["low"],
        "bridging": (statement.get("bridging") or {}).get("score"),
    }
