"""Files that are there whole or not at all, and JSON that any reader accepts (NaN is null)."""

import hashlib
import json
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from training.recipes._errors import BadInput


def plain(value: Any) -> Any:
    """The same value with NaN and infinities as None: JSON has no word for them."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [plain(part) for part in value]
    return value


def write_text(path: Path, text: str) -> None:
    """Put text in place by one rename, so that a reader never sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    with beside.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(beside, path)


def write_json(path: Path, value: Any) -> None:
    """Put a value in place as JSON, by one rename."""
    write_text(path, json.dumps(plain(value), ensure_ascii=False, indent=1, allow_nan=False) + "\n")


def write_json_lines(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Put rows in place as JSON lines, by one rename."""
    write_text(path, "".join(_line(row) for row in rows))


def append_json_line(path: Path, row: Mapping[str, Any]) -> None:
    """Add one row at the end of a JSON lines file."""
    with path.open("a", encoding="utf-8") as file:
        file.write(_line(row))


def read_json(path: Path) -> Any:
    """The value of a JSON file. Raises BadInput, naming the file, when there is none to read."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BadInput(f"{path.name} is missing from the run directory.") from None
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise BadInput(f"{path.name} is not JSON: {error}.") from None


def read_json_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """(line number, row) for each line that is not blank. Raises BadInput with file and line."""
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield number, _row(line, f"{path.name}, line {number}")
    except FileNotFoundError:
        raise BadInput(f"{path.name} is missing from the run directory.") from None
    except UnicodeDecodeError:
        raise BadInput(f"{path.name} is not UTF-8 text.") from None


def digest(*paths: Path) -> str:
    """SHA-256 over the bytes of the files that exist, in the order given."""
    total = hashlib.sha256()
    for path in paths:
        if path.is_file():
            total.update(path.name.encode() + b"\0")
            with path.open("rb") as file:
                while block := file.read(1 << 20):
                    total.update(block)
    return total.hexdigest()


def digest_of(value: Any) -> str:
    """SHA-256 of a JSON value, whatever the order of its fields."""
    text = json.dumps(plain(value), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def sync_tree(folder: Path) -> None:
    """Make sure that every file below a folder is on the disk, not only in memory."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())


def _row(line: str, where: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise BadInput(f"{where}: not JSON ({error}).") from None
    if not isinstance(row, dict):
        raise BadInput(f"{where}: a row must be an object with named fields.")
    return row


def _line(row: Mapping[str, Any]) -> str:
    return json.dumps(plain(row), ensure_ascii=False, allow_nan=False) + "\n"
