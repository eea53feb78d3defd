"""A stored result as it may leave: what is about too few people taken out, and what would tell it.

docs/small-cells.md says what is withheld and why. Loads no numeric library: pages ask for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import Any

from policy.methods.suppression import TOTAL, one_way, suppress
from policy.reading import COMMUNITIES, Result

TOO_FEW = "Too few to say."
# Which it is stays untold.
NOT_EVERY = "Too few to say of every community: in some, too few people answered."
REST = ("rest",)
Bare = Mapping[Any, Set[str]]
COUNTS = ("n", "seen", "people", "n_people", "n_trials", "others_n", "rests_on", "n_ratings")
WORDS = (
    "kind",
    "id",
    "external_id",
    "text",
    "theme",
    "feature",
    "name",
    "number",
    "between",
    "key",
)


def withheld(result: Result, fewest: int) -> Result:
    """The result for staff pages: statements, label sets and agreement. 0 withholds nothing."""
    if not fewest:
        return result
    statements = [_statement(one, fewest) for one in result["statements"]]
    bare = _bare(statements)
    sets = result["label_sets"].items()
    agreement = result["agreement"].items()
    return {
        **result,
        "statements": statements,
        "label_sets": {name: _label_set(name, one, bare, fewest) for name, one in sets},
        "agreement": {kind: _agreement(result, one, fewest) for kind, one in agreement},
    }


def for_export(result: Result, fewest: int) -> Result:
    """The result for a file: everything, without rows of single persons. 0 withholds nothing."""
    if not fewest:
        return result
    told = dict(withheld(result, fewest))
    bare = _bare(told["statements"])
    told["opinion_space"] = {**result["opinion_space"], "points": []}
    lines = result["fault_lines"]
    told["fault_lines"] = {
        **_swept(lines, fewest),
        "lines": [_line(line, bare, fewest) for line in lines["lines"]],
    }
    for name in ("preferences", "before_after", "polis_consensus", "bought_votes"):
        if name in result:
            told[name] = _swept(result[name], fewest)
    if "decisions" in result:
        told["decisions"] = [
            _undecided(one) if bare.get(one["item"].get("id")) else _swept(one, fewest)
            for one in result["decisions"]
        ]
    return told


def _statement(one: Mapping[str, Any], fewest: int) -> Mapping[str, Any]:
    """A statement without the groups that are too small, and those that would tell of them."""
    sets = {n: _counted(s, one["seen"], fewest) for n, s in one["label_sets"].items()}
    found = {**one, "label_sets": sets}
    if 0 < one["seen"] < fewest:
        nothing = {"score": None, "side": None}
        found |= {"seen": None, "bridging": nothing, "space": dict.fromkeys(one.get("space", {}))}
    return found


def _counted(counted: Mapping[str, Any], seen: int, fewest: int) -> Mapping[str, Any]:
    groups = counted["groups"]
    numbers = {label: int(group["seen"]) for label, group in groups.items()}
    hidden = _hidden(numbers, seen, fewest)
    if not hidden:
        return counted
    names = [name for name, value in counted.items() if isinstance(value, int | float)]
    measures: dict[str, Any] = dict.fromkeys(names)
    least: dict[str, Any] = {**counted["minimum"], "group": None, "low": None, "n": None}
    least["too_few"] = True
    told = {n: _nothing_of(group) if n in hidden else group for n, group in groups.items()}
    # Measures over all groups are made of the hidden ones too.
    return {**counted, **measures, "minimum": least, "groups": told}


def _hidden(numbers: Mapping[str, int], total: int, fewest: int) -> frozenset[Any]:
    """Which parts of a known total to withhold; people of no part are a part of their own."""
    rest = total - sum(numbers.values())
    parts: dict[Any, int] = dict(numbers)
    if rest > 0:
        parts[REST] = rest
    if all(count == 0 or count >= fewest for count in parts.values()):
        return frozenset()
    found = suppress(one_way(parts), fewest)
    return found | set(numbers) if TOTAL in found else found


def _nothing_of(group: Mapping[str, Any]) -> dict[str, Any]:
    """The same fields, empty, so that whoever reads them finds nothing rather than a failure."""
    empty = {
        name: _nothing_of(value) if isinstance(value, Mapping) else None
        for name, value in group.items()
    }
    return empty | {"withheld": TOO_FEW}


def _bare(statements: Sequence[Mapping[str, Any]]) -> Bare:
    """Statement id → the label sets of which something is withheld."""
    return {
        one["id"]: {
            name
            for name, counted in one["label_sets"].items()
            if any("withheld" in group for group in counted["groups"].values())
        }
        for one in statements
    }


def _label_set(name: str, one: Mapping[str, Any], bare: Bare, fewest: int) -> Mapping[str, Any]:
    """A label set without the sizes of labels that are too small. Communities are declared."""
    labels = one.get("labels", {})
    hidden: frozenset[Any] = frozenset()
    if name != COMMUNITIES:
        hidden = _hidden(labels, sum(labels.values()), fewest)
    found = {**one, "labels": {n: None if n in hidden else size for n, size in labels.items()}}
    if "polis" in one:
        found["polis"] = {n: _choices(name, rows, bare) for n, rows in one["polis"].items()}
    if "described" in one:
        found["described"] = {
            n: _described(name, value, bare, fewest) for n, value in one["described"].items()
        }
    if "within" in one:
        found["within"] = {
            label: _label_set(f"{name} {label}", inner, {}, fewest)
            for label, inner in one["within"].items()
            if label not in hidden
        }
    return found


def _choices(name: str, rows: Sequence[Mapping[str, Any]], bare: Bare) -> list[Mapping[str, Any]]:
    """Statements in a list of a label set, without numbers where some of it is withheld."""
    return [_words_only(row) if name in bare.get(row["id"], ()) else row for row in rows]


def _described(name: str, value: Mapping[str, Any], bare: Bare, fewest: int) -> Mapping[str, Any]:
    rows = _swept(_choices(name, value["statements"], bare), fewest)
    if rows == value["statements"]:
        return value
    return {**value, "statements": rows, "sentence": TOO_FEW}


def _agreement(result: Result, section: Mapping[str, Any], fewest: int) -> Mapping[str, Any]:
    """Agreement without communities and groups that are too small."""
    everyone = section["all"]
    if everyone and everyone.get("n_people", fewest) < fewest:
        empty: dict[str, Any] = {"all": None, "communities": {}, "across": [], "axes": []}
        return {**section, **empty, "note": TOO_FEW}
    people = {one["slug"]: one["people"] for one in result["communities"]}
    within = section["communities"]
    small = {n for n, one in within.items() if one.get("n_people", people.get(n, 0)) < fewest}
    found = {
        **section,
        "communities": {n: one for n, one in within.items() if n not in small},
        "across": [row for row in section["across"] if not {row["first"], row["second"]} & small],
        "axes": [_axis(one, fewest) for one in section.get("axes", [])],
    }
    if small:
        # How many all are, less those shown, would be how many these are.
        found["all"] = everyone and {**everyone, "n_ratings": None, "n_people": None}
        found["note"] = f"{section['note']} {NOT_EVERY}".strip()
    return found


def _axis(one: Mapping[str, Any], fewest: int) -> Mapping[str, Any]:
    """One way to part people. Sizes of crossed groups are left out: margins would tell the rest."""
    numbers = {group["name"]: group["n_people"] for group in one["groups"]}
    total = one["n_people"] + one["left_out"]
    hidden = _hidden(numbers, total, fewest)
    crossed = " × " in one["axis"]
    small = {name for name, number in numbers.items() if number < fewest}
    shown = [g for g in one["groups"] if g["name"] not in (small if crossed else hidden)]
    if crossed:
        shown = [{**group, "n_people": None} for group in shown]
    found = {**one, "groups": shown}
    if hidden or crossed:
        found |= {"n_people": None, "left_out": None}
    if one["group"] not in {group["name"] for group in shown}:
        found |= {"dsi": None, "group": ""}
    return found


def _undecided(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {"item": entry["item"], "withheld": TOO_FEW}


def _line(line: Mapping[str, Any], bare: Bare, fewest: int) -> dict[str, Any]:
    """A fault line, or only its words where one of its items is about too few."""
    few = any(
        line["between"] in bare.get(item.get("id"), set())
        or any(0 < number < fewest for number in item["n"].values())
        for item in line["items"]
    )
    if not few:
        return dict(line)
    return {**_words_only(line), "items": [_words_only(item) for item in line["items"]]}


def _words_only(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: entry[name] for name in WORDS if name in entry} | {"withheld": TOO_FEW}


def _swept(value: Any, fewest: int) -> Any:
    """The same, with only words left of every entry that counts too few people."""
    if isinstance(value, list):
        return [_swept(one, fewest) for one in value]
    if not isinstance(value, Mapping):
        return value
    counts = [value[name] for name in COUNTS if isinstance(value.get(name), int | float)]
    if any(0 < count < fewest for count in counts):
        return _words_only(value)
    return {name: _swept(one, fewest) for name, one in value.items()}
