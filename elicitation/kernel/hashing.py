"""Names made from content: the same content has the same name on every machine."""

import dataclasses
import hashlib
import importlib.metadata
import importlib.util
import json
import math
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

DISTRIBUTION = "folkmoot"


def plain(value: Any) -> Any:
    """The value as JSON can hold it: NaN and infinities become null, arrays lists, dates ISO text.

    Sets are sorted by their canonical JSON. Raises TypeError for what has no plain form.
    """
    if value is None or (isinstance(value, bool | int | str) and not isinstance(value, Enum)):
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return _plain_mapping(value)
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted((plain(item) for item in value), key=_dumps)
    return _plain_object(value)


def canonical_json(value: Any) -> bytes:
    """UTF-8 JSON with sorted keys and no spaces; what `plain` makes of the value."""
    return _dumps(plain(value)).encode()


def content_hash(value: Any) -> str:
    """The SHA-256, in hex, of the value's canonical JSON."""
    return hashlib.sha256(canonical_json(value)).hexdigest()


def file_hash(path: str | Path) -> str:
    """The SHA-256, in hex, of a file's bytes, read in constant memory."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@cache
def code_version(package: str = "elicitation") -> str:
    """Which code ran: the commit (or installed version), and a short hash of the package's source.

    The second part differs between two dirty trees of one commit. Raises ValueError for an
    unknown package. Read once per process, as the code in memory does not change.
    """
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ValueError(f"There is no package named {package!r}.")
    root = Path(spec.submodule_search_locations[0])
    return f"{_commit(root) or _installed_version()}+{_source_hash(root)}"


def _dumps(value: Any) -> str:
    return json.dumps(
        value, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":")
    )


def _plain_mapping(value: Mapping[Any, Any]) -> dict[str, Any]:
    result = {_plain_key(key): plain(item) for key, item in value.items()}
    if len(result) != len(value):
        raise TypeError("Two keys of a mapping read the same in JSON, so one would be lost.")
    return result


def _plain_key(key: Any) -> str:
    key = plain(key)
    if isinstance(key, str):
        return key
    if isinstance(key, bool | int | float) or key is None:
        return json.dumps(key)
    raise TypeError(f"JSON cannot hold a key of type {type(key).__name__}.")


def _plain_object(value: Any) -> Any:
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Decimal | UUID | Path):
        return str(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if hasattr(value, "tolist"):  # numpy's arrays and scalars, without importing numpy
        return plain(value.tolist())
    raise TypeError(f"JSON cannot hold a {type(value).__name__}.")


def _source_hash(root: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        digest.update(f"{path.relative_to(root).as_posix()}\0{file_hash(path)}\n".encode())
    return digest.hexdigest()[:12]


def _commit(root: Path) -> str | None:
    """The commit that is checked out around `root`, read from git's own files."""
    for folder in root.resolve().parents:
        git = folder / ".git"
        if git.is_file():  # a worktree: the file names the real directory
            git = (folder / git.read_text().removeprefix("gitdir:").strip()).resolve()
        if (git / "HEAD").is_file():
            return _read_head(git)
    return None


def _read_head(git: Path) -> str | None:
    head = (git / "HEAD").read_text().strip()
    if not head.startswith("ref: "):
        return head[:12]
    common = git / "commondir"
    shared = (git / common.read_text().strip()).resolve() if common.is_file() else git
    name = head.removeprefix("ref: ")
    for folder in (git, shared):
        if (folder / name).is_file():
            return (folder / name).read_text().strip()[:12]
    packed = shared / "packed-refs"
    lines = packed.read_text().splitlines() if packed.is_file() else []
    return next((line[:12] for line in lines if line.endswith(f" {name}")), None)


def _installed_version() -> str:
    try:
        return importlib.metadata.version(DISTRIBUTION)
    except importlib.metadata.PackageNotFoundError:
        return "unversioned"
