"""What is looked at before rows are frozen: leaks, repeats, and what the rows cover."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from training.methods.near_duplicates import THRESHOLD, groups_of_near_duplicates, overlap
from training.methods.rows import Rows, balance, sentences_on
from training.methods.rows_refusals import Asked
from training.methods.selection import Selection
from training.methods.splits import SPLITS, Split

ASKS_TRAINED = "held-out rows that ask nearly what is trained on"
ASKS_CASE = "training rows that ask nearly what a participant's own test asks"


def keep_apart(rows: Rows, situations: Sequence[str], selection: Selection) -> Rows:
    """The rows without those that would make a test easy, counted.

    A training row goes when it asks nearly what a participant's own test asks (situations); a row
    of the held-out prompts goes when it asks nearly what a training row asks. Held-out people are
    asked the same prompts as others by design, so their rows stay.
    """
    left_out = Counter(dict(rows.left_out))
    splits = {split: list(rows.splits[split]) for split in SPLITS}
    own = [row for row in splits["train"] if _near(row, situations)] if situations else []
    splits["train"] = _without(splits["train"], own)
    trained = {said(row) for row in splits["train"]}
    seen = _nearly_said({said(row) for row in splits["heldout"]}, trained)
    easy = [row for row in splits["heldout"] if said(row) in seen]
    splits["heldout"] = _without(splits["heldout"], easy)
    left_out.update({ASKS_CASE: len(own), ASKS_TRAINED: len(easy)})
    return _as_rows(splits, rows, +left_out, selection)


def leaks(rows: Rows) -> int:
    """How many held-out prompts are nearly those of training rows. Not 0: nothing may be frozen."""
    trained = {said(row) for row in rows.splits["train"]}
    return len(_nearly_said({said(row) for row in rows.splits["heldout"]}, trained))


def coverage(
    rows: Rows, prompts: Sequence[Asked], judged: Mapping[str, set[int]]
) -> dict[str, dict[str, Any]]:
    """Of how many prompts there are rows: per community, and per theme.

    prompts: all of the workshops. judged: community → prompts that its people judged.
    """
    theme_of = {prompt.prompt_id: prompt.theme for prompt in prompts}
    covered: dict[str, set[int]] = defaultdict(set)
    for line in rows.lineage:
        covered[line["community"]].add(line["prompt"])
    everywhere = set().union(*covered.values())
    asked = Counter(theme_of.values())
    here = Counter(theme_of[one] for one in everywhere if one in theme_of)
    return {
        "communities": {
            name: {
                "prompts": len(prompts),
                "judged": len(judged[name]),
                "rows": len(covered.get(name, ())),
            }
            for name in sorted(judged)
        },
        "themes": {
            theme: {"prompts": number, "rows": here[theme]}
            for theme, number in sorted(asked.items())
        },
    }


def repeats(rows: Rows) -> dict[str, int]:
    """How much of the training rows says nearly the same as other rows.

    prompts: different ones. groups, in_groups: of those nearly alike, and how many are in them.
    same_sides: pairs whose two completions are nearly one.
    """
    texts = sorted({said(row) for row in rows.splits["train"]})
    groups = groups_of_near_duplicates(texts)
    pairs = [row for row in rows.splits["train"] if "rejected" in row]
    alike = sum(overlap(row["chosen"], row["rejected"]) >= THRESHOLD for row in pairs)
    numbers = {"prompts": len(texts), "groups": len(groups), "in_groups": sum(map(len, groups))}
    return numbers | {"same_sides": alike}


def people_behind(rows: Rows) -> dict[str, int]:
    """Community → how many people the rows rest on."""
    found: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for line in rows.lineage:
        people = found[line["community"]]
        people.update((one["workshop"], one["participant"]) for one in line["answers"])
    return {name: len(people) for name, people in sorted(found.items())}


def said(row: Mapping[str, Any]) -> str:
    """A row's conversation as one text, a system turn left out: a whole workshop can share one."""
    turns = [turn for turn in row["prompt"] if turn["role"] != "system"] or row["prompt"]
    return "\n".join(str(turn["content"]) for turn in turns)


def _nearly_said(texts: set[str], others: set[str]) -> set[str]:
    """Those of the texts that say nearly the same as one of the others."""
    ordered = sorted(texts - others) + sorted(others)
    edge = len(texts - others)
    found = texts & others
    for group in groups_of_near_duplicates(ordered):
        if group[-1] >= edge:
            found |= {ordered[place] for place in group if place < edge}
    return found


def _near(row: Mapping[str, Any], situations: Sequence[str]) -> bool:
    asked = [str(turn["content"]) for turn in row["prompt"] if turn["role"] == "user"]
    return any(overlap(one, case) >= THRESHOLD for one in asked for case in situations)


def _without(
    rows: Sequence[dict[str, Any]], gone: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    names = {row["id"] for row in gone}
    return [row for row in rows if row["id"] not in names]


def _as_rows(
    splits: Mapping[Split, list[dict[str, Any]]],
    rows: Rows,
    left_out: Mapping[str, int],
    selection: Selection,
) -> Rows:
    kept = {row["id"] for split in SPLITS for row in splits[split]}
    balance(splits["train"], selection)
    lineage = [line for line in rows.lineage if line["row"] in kept]
    return Rows(splits, lineage, dict(left_out), sentences_on(splits, left_out))
