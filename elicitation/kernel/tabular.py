"""Safe CSV and JSONL, in and out, a row at a time and in constant memory.

Damage to a file (truncated, mis-encoded, over a limit) raises TabularError and ends the reading. A
row that is wrong by itself is yielded as a BadRow, so an import can report it and go on.
"""

import csv
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from elicitation.kernel.bytes_in import MAX_BYTES, MAX_LINE, Lines, TabularError, opened
from elicitation.kernel.hashing import canonical_json
from elicitation.kernel.json_in import MAX_DEPTH, object_from

__all__ = [
    "BadRow",
    "Row",
    "TabularError",
    "csv_plain",
    "csv_safe",
    "read_csv",
    "read_jsonl",
    "write_csv",
    "write_jsonl",
]

MAX_FIELD = 256 * 1024
TRIGGERS = frozenset("=+-@")
# What a spreadsheet skips before it looks for a formula: spaces of all kinds, marks without width.
SKIPPED = frozenset("\u00ad\u180e\u200b\u200c\u200d\u200e\u200f\u2060\ufeff")


class Row(NamedTuple):
    """A good row and the line of the file on which it starts, counted from 1."""

    line: int
    values: dict[str, Any]


@dataclass(frozen=True)
class BadRow:
    """A row that is wrong by itself: where, in which field ("" for the whole row), and why."""

    line: int
    field: str
    reason: str


class Writable(Protocol):
    """A text file, a response, anything with `write`."""

    def write(self, text: str, /) -> object:
        """Take some text."""


def read_csv(
    path: str | Path,
    *,
    required: Sequence[str] = (),
    max_line: int = MAX_LINE,
    max_field: int = MAX_FIELD,
    max_bytes: int = MAX_BYTES,
) -> Iterator[Row | BadRow]:
    """Each row of a CSV file (or .gz of one) as a mapping from header to text, with its first line.

    required: columns that must be there. max_line: bytes of one row, however many lines it spans;
    max_field: characters of one cell; max_bytes: of the whole file, unpacked. Blank lines are
    skipped. Raises TabularError for a damaged file, a header that is empty, repeated or lacks a
    required column, and anything over max_line or max_bytes.
    """
    with opened(path) as stream:
        lines = Lines(stream, Path(path).name, max_line=max_line, max_bytes=max_bytes)
        reader = _reader(lines, max_line)
        header = _header(lines, reader, required)
        while (row := _next_row(lines, reader)) is not None:
            if isinstance(row, BadRow):
                yield row
            elif row.values:
                yield _checked(row.line, row.values, header, max_field)


def read_jsonl(
    path: str | Path,
    *,
    required: Sequence[str] = (),
    max_line: int = MAX_LINE,
    max_depth: int = MAX_DEPTH,
    max_bytes: int = MAX_BYTES,
) -> Iterator[Row | BadRow]:
    """Each line of a JSONL file (or .gz of one) as an object, with its line number.

    Lines that are not an object, lack a required key, nest deeper than max_depth, or hold what a
    database cannot (NaN, Infinity, NUL, half a surrogate pair) are yielded as BadRow. Raises
    TabularError for a damaged file, an empty one, and anything over max_line or max_bytes.
    """
    with opened(path) as stream:
        lines = Lines(stream, Path(path).name, max_line=max_line, max_bytes=max_bytes)
        for text in lines:
            if text.strip():
                yield _json_row(lines.number, text, required, max_depth)
            lines.start_row()
        if lines.number == 0:
            raise TabularError(lines.file, 0, "", "The file is empty.")


def csv_safe(value: Any) -> str:
    """The value as a cell that no spreadsheet takes for a formula. None and NaN become empty.

    Numbers stay numbers. Text gets an apostrophe in front when it starts like a formula, also
    after spaces or in full-width characters, or starts with a tab or the end of a line.
    """
    if value is None or value != value:
        return ""
    text = str(value)
    if isinstance(value, int | float) or not text:
        return text
    return f"'{text}" if text[0] in "\t\r\n" or _starts_a_formula(text) else text


def csv_plain(cell: str) -> str:
    """The text that a safe cell was made from; what was not made safe stays as it is."""
    return cell[1:] if cell.startswith("'") and csv_safe(cell[1:]) == cell else cell


def write_csv(file: Writable, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Write a header and rows, every cell made safe; how many rows there were.

    Raises ValueError for a row that is longer or shorter than the header. Files on disk are to be
    opened with newline="" and encoding="utf-8".
    """
    writer = csv.writer(file)
    writer.writerow([csv_safe(name) for name in header])
    count = 0
    for count, row in enumerate(rows, 1):
        if len(row) != len(header):
            raise ValueError(f"Row {count} has {len(row)} cells under {len(header)} headings.")
        writer.writerow([csv_safe(value) for value in row])
    return count


def write_jsonl(file: Writable, rows: Iterable[Mapping[str, Any]]) -> int:
    """Write each row as canonical JSON on a line of its own (NaN becomes null); how many."""
    count = 0
    for count, row in enumerate(rows, 1):  # noqa: B007
        file.write(canonical_json(row).decode() + "\n")
    return count


def _starts_a_formula(text: str) -> bool:
    for character in text:
        if character in SKIPPED or character.isspace() or not character.isprintable():
            continue
        return unicodedata.normalize("NFKC", character)[:1] in TRIGGERS
    return False


def _reader(lines: Lines, max_line: int) -> Iterator[list[str]]:
    # The module's own limit is one for the whole process; ours are max_line and max_field.
    csv.field_size_limit(max(csv.field_size_limit(), max_line))
    return csv.reader(lines, strict=True)


def _header(lines: Lines, reader: Iterator[list[str]], required: Sequence[str]) -> list[str]:
    row = _next_row(lines, reader)
    if row is None:
        raise TabularError(lines.file, 0, "", "The file is empty.")
    if isinstance(row, BadRow):
        raise TabularError(lines.file, row.line, "", row.reason)
    header = [name.strip() for name in row.values]
    for name in header:
        if header.count(name) > 1:
            reason = "Two columns have this name." if name else "Two columns have no name."
            raise TabularError(lines.file, row.line, name, reason)
    if missing := [name for name in required if name not in header]:
        reason = f"There is no column {missing[0]!r}; there are: {', '.join(header) or 'none'}."
        raise TabularError(lines.file, row.line, missing[0], reason)
    return header


class _Cells(NamedTuple):
    line: int
    values: list[str]


def _next_row(lines: Lines, reader: Iterator[list[str]]) -> _Cells | BadRow | None:
    lines.start_row()
    first = lines.number + 1
    try:
        return _Cells(first, next(reader))
    except StopIteration:
        return None
    except csv.Error as error:
        return _csv_fault(lines, first, str(error))


def _csv_fault(lines: Lines, first: int, fault: str) -> BadRow:
    if "unexpected end of data" in fault:
        reason = (
            "A quote that opens here is never closed: the file is cut off, or a quote too many."
        )
        raise TabularError(lines.file, first, "", reason)
    if "new-line character" in fault:
        reason = "The lines end with a lone carriage return; save the file with usual line ends."
        raise TabularError(lines.file, first, "", reason)
    return BadRow(first, "", "A quote stands where none may: write a quote inside a cell twice.")


def _checked(line: int, cells: list[str], header: list[str], max_field: int) -> Row | BadRow:
    if len(cells) != len(header):
        many = "many" if len(cells) > len(header) else "few"
        reason = f"The row has too {many} cells: {len(cells)} under {len(header)} headings."
        return BadRow(line, "", reason)
    for name, cell in zip(header, cells, strict=True):
        if len(cell) > max_field:
            return BadRow(line, name, f"The cell is longer than {max_field:,} characters.")
    return Row(line, dict(zip(header, cells, strict=True)))


def _json_row(line: int, text: str, required: Sequence[str], max_depth: int) -> Row | BadRow:
    try:
        values = object_from(text, max_depth=max_depth)
    except ValueError as error:
        return BadRow(line, "", str(error))
    for name in required:
        if name not in values:
            return BadRow(line, name, f"There is no {name!r}.")
    return Row(line, values)
