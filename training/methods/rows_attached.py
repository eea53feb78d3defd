"""Rows from a file that somebody brings: questions whose answer can be checked, labelled steps.

Nobody of a workshop said them: they name no community and no principle, and every row says from
which line of which file it comes. Forms that are read: GSM8K's (Cobbe et al. 2021: question, and
the answer after "####"), prompt and answer; prompt, steps (or completions) and labels, as TRL's
stepwise datasets have them.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from elicitation.methods.row_fields import RowRefused, text_field
from training.methods.rows import Made, Rows, gathered
from training.methods.selection import Selection
from training.methods.splits import Sides

MARK = "####"
MOST_STEPS = 1_000
Line = tuple[int, Mapping[str, Any]]


def verifiable_row(values: Mapping[str, Any]) -> dict[str, Any]:
    """prompt (messages), answer (the text to match), solution ("" for none). Raises RowRefused."""
    name = "question" if "question" in values else "prompt"
    solution, mark, answer = text_field(values, "answer").rpartition(MARK)
    if "solution" in values and not mark:
        solution = text_field(values, "solution")
    if not answer.strip():
        raise RowRefused("answer", "There is no answer to check against.")
    return {
        "prompt": _messages(values, name),
        "answer": answer.strip(),
        "solution": solution.strip(),
    }


def stepwise_row(values: Mapping[str, Any]) -> dict[str, Any]:
    """prompt (messages), steps (texts) and labels (one truth value each). Raises RowRefused."""
    name = "steps" if "steps" in values else "completions"
    steps, labels = _list(values, name), _list(values, "labels")
    for number, step in enumerate(steps, start=1):
        if not isinstance(step, str) or not step.strip():
            raise RowRefused(name, f"Step {number} is not text.")
    if len(labels) != len(steps):
        raise RowRefused("labels", f"There are {len(labels)} labels for {len(steps)} steps.")
    for number, label in enumerate(labels, start=1):
        if label not in (True, False):
            raise RowRefused("labels", f"Label {number} is neither true nor false.")
    prompt = _messages(values, "prompt")
    return {"prompt": prompt, "steps": list(steps), "labels": [bool(one) for one in labels]}


def build_attached_rows(
    kind: str, lines: Iterable[tuple[int, dict[str, Any]]], *, file: str, sides: Sides
) -> Rows:
    """Rows with their split, each once. lines: (line number, what `verifiable_row` or
    `stepwise_row` made). file: the name of the file, which every row and its lineage carry."""
    left_out: Counter[str] = Counter()
    made: dict[str, Made] = {}
    for number, said in lines:
        name = _name(kind, said)
        if name in made:
            left_out["lines that were there before"] += 1
            continue
        split = "heldout" if sides.is_prompt_out(said["prompt"]) else "train"
        row = {**said, "id": name, "weight": 1.0, "principles": [], "source": f"{file}:{number}"}
        lineage: dict[str, Any] = {"row": name, "split": split, "community": "", "prompt": None}
        lineage |= {"completions": [], "principles": [], "answers": []}
        lineage |= {"file": file, "line": number}
        made[name] = Made("heldout" if split == "heldout" else "train", row, lineage)
    return gathered(made.values(), left_out, Selection())


def _name(kind: str, said: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps({"kind": kind, **said}, sort_keys=True).encode()).hexdigest()


def _messages(values: Mapping[str, Any], name: str) -> list[dict[str, str]]:
    """A conversation that ends with a person's turn, from messages or from one text."""
    given = values.get(name)
    if not isinstance(given, list):
        text = text_field(values, name)
        if not text.strip():
            raise RowRefused(name, "The prompt is empty.")
        return [{"role": "user", "content": text.strip()}]
    turns = [_turn(name, turn) for turn in given]
    if not turns or turns[-1]["role"] != "user":
        raise RowRefused(name, "The conversation does not end with a person's turn.")
    return turns


def _turn(name: str, turn: Any) -> dict[str, str]:
    if not isinstance(turn, dict) or turn.get("role") not in ("system", "user", "assistant"):
        raise RowRefused(name, "A turn has no role of system, user or assistant.")
    return {"role": turn["role"], "content": text_field(turn, "content")}


def _list(values: Mapping[str, Any], name: str) -> list[Any]:
    given = values.get(name)
    if not isinstance(given, list) or not 0 < len(given) <= MOST_STEPS:
        raise RowRefused(name, f"This is not a list of 1 to {MOST_STEPS} steps.")
    return given
