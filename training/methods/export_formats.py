"""Rows in the formats that other tools read: what each can hold, and what it cannot.

Sources: TRL's dataset formats (prompt-completion, preference, unpaired preference, prompt-only,
stepwise supervision), HH-RLHF's transcripts (Bai et al. 2022), OpenAI's fine-tuning files (chat,
direct preference optimisation), Inverse Constitutional AI's table and annotated pairs (Findeis et
al. 2024), and our own table of judged pairs. No format gets who said what.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]
Written = list[dict[str, Any]]
HUMAN, ASSISTANT = "\n\nHuman:", "\n\nAssistant:"
ICAI_HEADER = ("text_a", "text_b", "preferred_text", "prompt", "community", "share", "n")
# What says of a row where it comes from, in formats that let columns through.
ABOUT = ("id", "share", "n", "community", "weight", "principles", "against", "source", "synthetic")
PRIVATE = ("judgements",)


class Unsayable(ValueError):
    """A row that a format cannot hold; says what is in the way, as a plural that can be counted."""


def plain_row(row: Row) -> dict[str, Any]:
    """Our own fields, without single people's answers."""
    return {name: value for name, value in row.items() if name not in PRIVATE}


def trl_rows(row: Row) -> Written:
    """One row for TRL, conversational; of steps, its stepwise form, which is plain text."""
    prompt = list(row["prompt"])
    about = {name: row[name] for name in ABOUT if name in row}
    if "chosen" in row:
        sides = {"chosen": _answer(row["chosen"]), "rejected": _answer(row["rejected"])}
        return [{"prompt": prompt, **sides, **about}]
    if "desirable" in row:
        said = {"completion": _answer(row["completion"]), "label": row["desirable"]}
        return [{"prompt": prompt, **said, **about}]
    if "steps" in row:
        steps = {"completions": list(row["steps"]), "labels": list(row["labels"])}
        return [{"prompt": _only_turn(row), **steps, **about}]
    if "answer" in row:
        checked = {"answer": row["answer"], "solution": row["solution"]}
        return [{"prompt": prompt, **checked, **about}]
    return [{"prompt": prompt, "completion": _answer(row["completion"]), **about}]


def openai_rows(row: Row) -> Written:
    """One line for OpenAI: a pair for its direct preference optimisation, or a chat to imitate."""
    prompt = list(row["prompt"])
    if "chosen" in row:
        asked = {"messages": prompt, "tools": [], "parallel_tool_calls": True}
        preferred, other = _answer(row["chosen"]), _answer(row["rejected"])
        return [{"input": asked, "preferred_output": preferred, "non_preferred_output": other}]
    if "completion" in row and "desirable" not in row:
        return [{"messages": [*prompt, *_answer(row["completion"])]}]
    raise Unsayable("rows that are neither pairs nor answers to imitate")


def hh_rows(row: Row) -> Written:
    """One pair as two transcripts, which hold neither a system turn nor blanks at a turn's ends."""
    _must_be_pair(row)
    asked = "".join(_transcribed(turn) for turn in row["prompt"])
    sides = {name: f"{asked}{_spoken(ASSISTANT, row[name])}" for name in ("chosen", "rejected")}
    return [sides]


def table_rows(row: Row) -> Written:
    """Our own table: a line per answer, of nobody in particular, so that share and n come back.

    `import_preferences --format jsonl` reads it. What people wrote beside their answers stays here.
    """
    _must_be_pair(row)
    said = [one["answer"] for one in row["judgements"]]
    return [
        {
            "messages": list(row["prompt"]),
            "completion_a": row["chosen"],
            "completion_b": row["rejected"],
            "choice": {1.0: "a", 0.0: "b"}.get(float(answer), "equal"),
            # Without it, equal answers to one pair would be read as one answer sent twice.
            "pair_id": f"{row['id'][:16]}-{number}",
        }
        for number, answer in enumerate(sorted(said, reverse=True), start=1)
    ]


def icai_row(row: Row) -> tuple[Any, ...]:
    """One line of Inverse Constitutional AI's table; a fair coin decides which side is text_a."""
    _must_be_pair(row)
    first, second, preferred = _sides(row)
    asked = _only_turn(row)
    return first, second, preferred, asked, row["community"], row["share"], row["n"]


def icai_pairs(rows: Iterable[Row], name: str, people: str) -> dict[str, Any]:
    """Annotated pairs, version 2: a community is one annotator and says what most of it said."""
    rows = list(rows)
    comparisons = []
    for row in rows:
        first, second, preferred = _sides(row)
        comparisons.append(
            {
                "id": row["id"],
                "prompt": _only_turn(row),
                "response_a": {"text": first, "model": ""},
                "response_b": {"text": second, "model": ""},
                "annotations": {row["community"]: {"pref": preferred.removeprefix("text_")}},
                "metadata": {"share": row["share"], "n": row["n"], "principles": row["principles"]},
            }
        )
    annotators = {
        one: {"name": one, "type": "human", "description": people}
        for one in sorted({row["community"] for row in rows})
    }
    about = {"version": "2.0", "dataset_name": name}
    return {"metadata": about, "annotators": annotators, "comparisons": comparisons}


LINES: Mapping[str, Callable[[Row], Written]] = {
    "trl": trl_rows,
    "openai": openai_rows,
    "hh": hh_rows,
    "jsonl": table_rows,
    "croissant": lambda row: [plain_row(row)],
}


def _answer(text: str) -> list[dict[str, str]]:
    return [{"role": "assistant", "content": text}]


def _must_be_pair(row: Row) -> None:
    if "chosen" not in row:
        raise Unsayable("rows that are no pairs")


def _only_turn(row: Row) -> str:
    """The one thing that was asked. Raises Unsayable for longer conversations."""
    turns: Sequence[Mapping[str, str]] = row["prompt"]
    if len(turns) > 1:
        raise Unsayable("rows on conversations of several turns")
    return turns[0]["content"]


def _transcribed(turn: Mapping[str, str]) -> str:
    if turn["role"] == "system":
        raise Unsayable("rows with a system turn")
    return _spoken(HUMAN if turn["role"] == "user" else ASSISTANT, turn["content"])


def _spoken(marker: str, text: str) -> str:
    if HUMAN in text or ASSISTANT in text:
        raise Unsayable("rows with a transcript's marker in their words")
    return f"{marker} {text.strip()}"


def _sides(row: Row) -> tuple[str, str, str]:
    """Both completions and which is preferred, on sides that the row's name decides."""
    if int(row["id"][:8], 16) % 2:
        return row["chosen"], row["rejected"], "text_a"
    return row["rejected"], row["chosen"], "text_b"
