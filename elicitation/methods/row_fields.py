"""Fields of rows that strangers wrote: the value, or a refusal that names field and reason."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

LATEST_MS = 4_102_444_800_000  # the year 2100
LONGEST_TEXT = 1_000_000
# PostgreSQL's text holds neither NUL nor half a surrogate pair.
UNSTORABLE = re.compile("[\0\ud800-\udfff]")
DIGITS = re.compile(r"[+-]?[0-9]{1,18}")
DATED = re.compile(r"\d{4}-\d{2}-\d{2}.*")


class RowRefused(ValueError):
    """A row that cannot be stored: which field, and why, in a sentence."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field
        self.reason = reason


def text_field(
    row: Any, name: str, *, missing: str | None = None, longest: int = LONGEST_TEXT
) -> str:
    """The text as it is written. missing: what an absent or null field means, if anything."""
    if not isinstance(row, Mapping):
        raise RowRefused(name, "The row is not a table of named fields.")
    value = row.get(name)
    if value is None:
        if missing is None:
            raise RowRefused(name, "The field is missing.")
        return missing
    if not isinstance(value, str):
        raise RowRefused(name, "The field is not text.")
    if len(value) > longest:
        raise RowRefused(name, f"The text is longer than {longest:,} characters.")
    if UNSTORABLE.search(value):
        raise RowRefused(name, "The text holds a character that cannot be stored.")
    return value


def short_field(row: Any, name: str, *, missing: str | None = None, longest: int = 120) -> str:
    """A short text, or a whole number as text; blanks at its ends do not count."""
    value = row.get(name) if isinstance(row, Mapping) else None
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**18:
        return str(value)
    return text_field(row, name, missing=missing, longest=longest).strip()


def integer_field(row: Any, name: str) -> int:
    """A whole number of at most 18 digits, written as a number or as text."""
    value = row.get(name) if isinstance(row, Mapping) else None
    if value is None or value == "":
        raise RowRefused(name, "The field is missing.")
    text = str(value).strip() if isinstance(value, str | int) and value is not True else ""
    if isinstance(value, bool) or len(text) > 20 or not DIGITS.fullmatch(text):
        raise RowRefused(name, "The field is not a whole number of at most 18 digits.")
    return int(text)


def time_field(row: Any, name: str) -> int | None:
    """Milliseconds since 1970, from such a number or from ISO 8601; None where absent."""
    value = row.get(name) if isinstance(row, Mapping) else None
    if value is None or value == "":
        return None
    if isinstance(value, str) and DATED.fullmatch(value.strip()):
        try:
            moment = datetime.fromisoformat(value.strip())
        except ValueError as error:
            raise RowRefused(name, "The time is not a date that exists.") from error
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return _possible(round(moment.timestamp() * 1000), name)
    return _possible(integer_field(row, name), name)


def choice_field(row: Any, name: str, choices: Mapping[Any, str]) -> str:
    """What the field's word (in any case) or number stands for."""
    if not isinstance(row, Mapping):
        raise RowRefused(name, "The row is not a table of named fields.")
    value = row.get(name)
    value = value.strip().lower() if isinstance(value, str) else value
    known = not isinstance(value, list | dict | bool | float) and value in choices
    if not known:
        allowed = ", ".join(str(choice) for choice in choices if choice is not None)
        raise RowRefused(name, f"The answer is none of {allowed}.")
    return choices[value]


def strength_field(row: Any, name: str) -> int | None:
    """1, 2 or 3; None where absent."""
    if not isinstance(row, Mapping) or row.get(name) in (None, ""):
        return None
    strength = integer_field(row, name)
    if strength not in (1, 2, 3):
        raise RowRefused(name, "The strength is not 1, 2 or 3.")
    return strength


def _possible(milliseconds: int, name: str) -> int:
    if not 0 <= milliseconds < LATEST_MS:
        raise RowRefused(name, "The time lies before 1970 or after 2099.")
    return milliseconds
