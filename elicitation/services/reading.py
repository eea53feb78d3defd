"""Reading files that strangers made: in constant memory, capped, and never half understood.

What spoils the whole file (missing, too large, truncated, not UTF-8, wrong columns) raises
ImportRefused with a sentence; what spoils one row is handed on as a BadRow.
"""

from __future__ import annotations

import codecs
import gzip
import zlib
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings

from elicitation.errors import ImportRefused
from elicitation.kernel.bytes_in import TabularError, opened
from elicitation.kernel.tabular import BadRow, Row, read_csv, read_jsonl
from elicitation.methods.json_stream import NotJson, json_items

CHUNK = 64 * 1024
LONGEST_ROW = 16 * 1024 * 1024
LONGEST_CELL = 1_000_000
Rows = Iterator[tuple[int, Any]]


def checked_file(path: Path) -> Path:
    """The path, if it is a file that may be read here."""
    if not path.is_file():
        raise ImportRefused(f"There is no file {path}.")
    if path.stat().st_size > settings.IMPORT_MAX_BYTES:
        raise ImportRefused(f"{path.name} is larger than {_limit()}.")
    return path


def csv_rows(path: Path, *, required: Collection[str] = ()) -> Rows:
    """Each row as (its first line, {column: cell} or BadRow)."""
    return _rows(
        read_csv(
            checked_file(path),
            required=list(required),
            max_line=LONGEST_ROW,
            max_field=LONGEST_CELL,
            max_bytes=settings.IMPORT_MAX_BYTES,
        )
    )


def jsonl_rows(path: Path) -> Rows:
    """Each line that is not blank as (line, object or BadRow)."""
    return _rows(
        read_jsonl(checked_file(path), max_line=LONGEST_ROW, max_bytes=settings.IMPORT_MAX_BYTES)
    )


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


def _rows(rows: Iterable[Row | BadRow]) -> Rows:
    try:
        for row in rows:
            yield (row.line, row) if isinstance(row, BadRow) else (row.line, row.values)
    except TabularError as error:
        raise ImportRefused(str(error)) from error


def _json(path: Path, streamed: Collection[str]) -> Iterator[tuple[str, int, Any]]:
    try:
        with opened(checked_file(path)) as file:
            yield from json_items(_text(file, path.name), streamed)
    except (NotJson, TabularError) as error:
        raise ImportRefused(f"{path.name}: {error}") from error
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ImportRefused(f"{path.name}: its gzip data are damaged or cut off.") from error


def _text(file: BinaryIO, name: str) -> Iterator[str]:
    """The text in pieces: a JSON document may be one line of any length."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    line, total = 1, 0
    while chunk := file.read(CHUNK):
        total += len(chunk)
        if total > settings.IMPORT_MAX_BYTES:
            raise ImportRefused(f"{name} unpacks to more than {_limit()}.")
        try:
            text = decoder.decode(chunk)
        except UnicodeDecodeError as error:
            raise ImportRefused(f"{name}, at or after line {line}: this is not UTF-8.") from error
        line += text.count("\n")
        yield text
    if decoder.getstate()[0]:
        raise ImportRefused(f"{name}, line {line}: the file breaks off within a character.")


def _limit() -> str:
    return f"an import may be here ({settings.IMPORT_MAX_BYTES:,} bytes)"
