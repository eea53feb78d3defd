"""Whose words a fault line is told in: whole texts, each with the id by which it can be traced."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from typing import Any

from policy.computing.statements import Voted
from policy.inputs_words import Said, may_be_shown
from policy.methods.fault_line_texts import Wording, words_of
from policy.methods.fault_lines import FaultLine, LineItem

MOST_ON_A_SIDE = 3
# A reason of a few letters explains nothing, and a long one is no quote.
SHORTEST, LONGEST = 20, 280


@dataclass(frozen=True)
class Quotable:
    """What may be quoted in a workshop. said: reasons and rewrites with the words they hold.

    label_of: row of a participant → what their label is called, "" for none.
    """

    statements: dict[str, str]
    said: Sequence[tuple[Said, Set[str]]]
    label_of: Sequence[str]


def quotable(voted: Voted, label_of: Sequence[str]) -> Quotable:
    """Statements and reasons whose authors agreed to be quoted, that name and harm nobody."""
    answers = voted.answers
    statements = {
        f"statement:{one['id']}": str(one["text"])
        for one in voted.statements
        if one["id"] not in answers.unquotable and may_be_shown(one["text"])
    }
    said = [
        (one, words_of(Wording(one.person, one.choice, one.text, one.beyond)))
        for one in answers.said
        if one.quotable and SHORTEST <= len(one.text) <= LONGEST
    ]
    return Quotable(statements, said, label_of)


def quotes_of(line: FaultLine, words: Quotable) -> list[dict[str, Any]]:
    """Up to three quotes for each side, the clearest items first and a reason where there is one.

    Each: {id, kind, side, item, text}. side: 0 for the labels that stand higher on the clearest
    item. id: "statement:<number>" or "answer:<number of its event>".
    """
    quotes: list[dict[str, Any]] = []
    for side in (0, 1):
        found = list(_of_side(line, side, words))
        stated = [one for one in found if one["kind"] == "statement"]
        reasons = _once([one for one in found if one["kind"] != "statement"])
        kept = stated[: MOST_ON_A_SIDE - bool(reasons)]
        quotes += kept + reasons[: MOST_ON_A_SIDE - len(kept)]
    return quotes


def _of_side(line: FaultLine, side: int, words: Quotable) -> Iterator[dict[str, Any]]:
    for item in line.items:
        if item.favoured_by != side:
            continue
        if item.key in words.statements:
            yield _quote(item.key, "statement", side, item, words.statements[item.key])
        elif item.kind in ("reason", "rewrite"):
            yield from _with_word(item, side, line.sides[side], words)


def _with_word(
    item: LineItem, side: int, names: Sequence[str], words: Quotable
) -> Iterator[dict[str, Any]]:
    """Texts by people of this side that hold the word, the shortest first."""
    ours = [
        said
        for said, holds in words.said
        if said.kind == item.kind and item.text in holds and words.label_of[said.person] in names
    ]
    for said in sorted(ours, key=lambda one: (len(one.text), one.text, one.key)):
        yield _quote(said.key, said.kind, side, item, said.text)


def _quote(key: str, kind: str, side: int, item: LineItem, text: str) -> dict[str, Any]:
    return {"id": key, "kind": kind, "side": side, "item": item.key, "text": text}


def _once(quotes: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each text once, and each word's first before any word's second."""
    seen: set[str] = set()
    first: list[dict[str, Any]] = []
    more: list[dict[str, Any]] = []
    items: set[str] = set()
    for one in quotes:
        if one["text"] in seen:
            continue
        seen.add(one["text"])
        (more if one["item"] in items else first).append(one)
        items.add(one["item"])
    return first + more
