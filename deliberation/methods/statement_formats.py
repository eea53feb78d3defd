"""Statements in files: our own table, and the claims of Talk to the City reports."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from elicitation.methods.readable_names import short_name
from elicitation.methods.row_fields import RowRefused, choice_field, short_field, text_field

KINDS = {"theme": "theme", "norm": "norm", "rule": "rule", "": "norm", None: "norm"}


@dataclass(frozen=True, slots=True)
class StatementRow:
    """One statement to store. quotes: the words of people that it rests on, verbatim."""

    text: str
    external_id: str
    kind: str = "norm"
    theme: str = ""
    subtheme: str = ""
    quotes: tuple[str, ...] = ()


def table_statement(row: Any) -> StatementRow:
    """A row with text and, if it likes, id, kind (theme, norm, rule), theme, subtheme, quote.

    A statement without an id is named by a hash of its words. Raises RowRefused.
    """
    text = _words(row, "text")
    quote = text_field(row, "quote", missing="")
    return StatementRow(
        text=text,
        external_id=short_field(row, "id", missing="", longest=100)
        or short_name(hashlib.sha256(text.encode()).hexdigest()),
        kind=choice_field(row, "kind", KINDS),
        theme=short_field(row, "theme", missing=""),
        subtheme=short_field(row, "subtheme", missing=""),
        quotes=(quote,) if quote else (),
    )


def topic_claims(topic: Any) -> Iterator[StatementRow | RowRefused]:
    """The claims of one topic of a report's tree, each with the quote it was drawn from."""
    for subtopic in _list(topic, "subtopics"):
        for claim in _list(subtopic, "claims"):
            try:
                yield _claim(topic, subtopic, claim)
            except RowRefused as error:
                yield error


def told_apart(statements: Iterable[StatementRow], seen: Counter[str]) -> Iterator[StatementRow]:
    """The statements, an id that comes again followed by -2, -3, …; seen: the ids so far."""
    for statement in statements:
        seen[statement.external_id] += 1
        times = seen[statement.external_id]
        named = f"{statement.external_id}-{times}" if times > 1 else statement.external_id
        yield replace(statement, external_id=named)


def _claim(topic: Any, subtopic: Any, claim: Any) -> StatementRow:
    quote = text_field(claim, "quote", missing="")
    return StatementRow(
        text=_words(claim, "claim"),
        external_id=short_field(claim, "claimId", longest=100),
        theme=short_field(topic, "topicName"),
        subtheme=short_field(subtopic, "subtopicName", missing=""),
        quotes=(quote,) if quote else (),
    )


def _words(row: Any, field: str) -> str:
    text = text_field(row, field)
    if not text.strip():
        raise RowRefused(field, "The statement has no words.")
    return text


def _list(row: Any, field: str) -> list[Any]:
    items = row.get(field) if isinstance(row, dict) else None
    if not isinstance(items, list):
        raise RowRefused(field, "The field is not a list.")
    return items
