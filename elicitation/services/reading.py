"""Reading files that strangers made: in constant memory, capped, and never half understood.

What spoils the whole file (missing, too large, truncated, not UTF-8, wrong columns) raises
ImportRefused with a sentence; what spoils one row is handed on as a BadRow.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import json
import zlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.conf import settings

from elicitation.errors import ImportRefused
from elicitation.methods.json_stream import NotJson, json_items

CHUNK = 64 * 1024
LONGEST_LINE = 16 * 1024 * 1024
LONGEST_CELL = 1_000_000
MOST_COLUMNS = 100_000
Rows = Iterator[tuple[int, Any]]


@dataclass(frozen=True)
class BadRow:
    """A row that cannot be read, and why."""

    reason: str
    field: str = ""


def checked_file(path: Path) -> Path:
    """The path, if it is a file that may be read here."""
    if not path.is_file():
        raise ImportRefused(f"There is no file {path}.")
    if path.stat().st_size > settings.IMPORT_MAX_BYTES:
        raise ImportRefused(
            f"{path.name} is larger than an import may be here "
            f"({settings.IMPORT_MAX_BYTES:,} bytes)."
        )
    return path


def text_chunks(path: Path) -> Iterator[str]:
    """The file's text in pieces; gzip is unpacked as it is read."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    line = 1
    for chunk in _bytes(checked_file(path)):
        try:
            text = decoder.decode(chunk)
        except UnicodeDecodeError as error:
            line += chunk[: error.start].count(b"\n")
            raise ImportRefused(
                f"{path.name}, about line {line}: this is not UTF-8 text."
            ) from error
        line += text.count("\n")
        yield text
    if decoder.getstate()[0]:
        raise ImportRefused(f"{path.name}, line {line}: the file breaks off within a character.")


def lines(path: Path) -> Iterator[str]:
    """The file's lines with their ends. Raises ImportRefused for a line of more than 16 MiB."""
    number, pending = 1, ""
    for chunk in text_chunks(path):
        pending += chunk
        *whole, pending = pending.split("\n")
        for line in whole:
            yield line + "\n"
        number += len(whole)
        if len(pending) > LONGEST_LINE:
            raise ImportRefused(
                f"{path.name}, line {number}: the line is longer than {LONGEST_LINE:,} characters."
            )
    if pending:
        yield pending


def csv_rows(path: Path, *, required: Collection[str] = ()) -> Rows:
    """Each row as (its first line, {column: cell} or BadRow).

    Raises ImportRefused where a required column is missing, a column's name stands twice, or the
    file breaks off within quotes.
    """
    csv.field_size_limit(LONGEST_CELL)  # of the whole process; the default is 131,072
    reader = csv.reader(lines(path), strict=True)
    columns = _header(reader, path, required)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            if "unexpected end of data" in str(error):
                raise ImportRefused(
                    f"{path.name}, line {line}: the file breaks off within a quoted cell."
                ) from error
            yield line, BadRow("The row is not valid CSV, or a cell of it is too long.")
            continue
        if cells is None:
            return
        if not cells:
            continue
        if len(cells) != len(columns):
            yield (
                line,
                BadRow(f"The row has {len(cells)} cells where the header has {len(columns)}."),
            )
        else:
            yield line, dict(zip(columns, cells, strict=True))


def jsonl_rows(path: Path) -> Rows:
    """Each line that is not blank as (line, value or BadRow)."""
    for number, line in enumerate(lines(path), start=1):
        if line.isspace():
            continue
        try:
            yield number, json.loads(line)
        except (ValueError, RecursionError):
            yield number, BadRow("The line is not valid JSON, or is nested too deeply.")


def json_rows(path: Path, member: str = "") -> Rows:
    """Each item of a JSON array, or of one member of a JSON object, as (position from 1, value)."""
    return (
        (position, value)
        for name, position, value in _json(path, streamed=(member,))
        if name == member and position
    )


def json_member(path: Path, member: str, *, streamed: Collection[str]) -> Any:
    """One member of a JSON object, read whole; None where there is none."""
    values = (value for name, at, value in _json(path, streamed) if name == member and not at)
    return next(values, None)


def _json(path: Path, streamed: Collection[str]) -> Iterator[tuple[str, int, Any]]:
    try:
        yield from json_items(text_chunks(path), streamed)
    except NotJson as error:
        raise ImportRefused(f"{path.name}: {error}") from error


def _header(reader: Any, path: Path, required: Iterable[str]) -> list[str]:
    try:
        columns = [name.strip() for name in next(reader, [])]
    except csv.Error as error:
        raise ImportRefused(f"{path.name}, line 1: the header is not valid CSV.") from error
    missing = [name for name in required if name not in columns]
    if missing:
        raise ImportRefused(f"{path.name}, line 1: the column {', '.join(missing)} is missing.")
    if len(set(columns)) != len(columns) or len(columns) > MOST_COLUMNS:
        raise ImportRefused(f"{path.name}, line 1: a column's name stands there twice.")
    return columns


def _bytes(path: Path) -> Iterator[bytes]:
    with path.open("rb") as raw:
        packed = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        total = 0
        for chunk in _unpacked(raw, path.name) if packed else iter(lambda: raw.read(CHUNK), b""):
            total += len(chunk)
            if total > settings.IMPORT_MAX_BYTES:
                raise ImportRefused(
                    f"{path.name} unpacks to more than an import may be here "
                    f"({settings.IMPORT_MAX_BYTES:,} bytes)."
                )
            yield chunk


def _unpacked(raw: IO[bytes], name: str) -> Iterator[bytes]:
    try:
        with gzip.GzipFile(fileobj=raw) as file:
            yield from iter(lambda: file.read(CHUNK), b"")
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ImportRefused(f"{name} is a gzip file that is damaged or breaks off.") from error
