"""Freezing a dataset: from latest answers to a folder of files named by its content."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings

from elicitation.kernel.hashing import canonical_json, code_version, content_hash, file_hash
from policy.models import ConstitutionVersion
from training.building import Attached, Built
from training.errors import TrainingRefused
from training.methods.rows import EVERYTHING
from training.methods.selection import Selection, as_plain
from training.methods.splits import SPLITS
from training.models import DatasetSnapshot

# No freeze takes this long; what is older was left by one that died.
SECONDS_TO_FREEZE = 6 * 3600


def snapshots_home() -> Path:
    """Where snapshots live."""
    return Path(settings.FOLKMOOT_HOME) / "snapshots"


def write_snapshot(
    built: Built,
    version: ConstitutionVersion,
    kind: str,
    seed: int,
    selection: Selection = EVERYTHING,
    attached: Attached | None = None,
) -> tuple[str, Path, dict[str, Any]]:
    """Write the files, name the folder by their content, and return (hash, folder, summary).

    Everything is written beside its place and renamed there, so that a snapshot is there whole or
    not at all; one that is recorded already is left as it is.
    """
    home = snapshots_home()
    home.mkdir(parents=True, exist_ok=True)
    _sweep(home)
    workbench = Path(tempfile.mkdtemp(prefix=".making-", dir=home))
    try:
        for split in SPLITS:
            _write_lines(workbench / f"{split}.jsonl", built.rows.splits[split])
        _write_lines(workbench / "lineage.jsonl", built.rows.lineage)
        files = {f"{split}.jsonl": file_hash(workbench / f"{split}.jsonl") for split in SPLITS}
        summary = summary_of(built, version, selection, attached) | {"seed": seed, "files": files}
        # With the version's own name: two versions can hold the same words, and one be stale.
        named = ("constitution", "seed", "selection", "files")
        name = content_hash({"kind": kind} | {what: summary[what] for what in named})
        manifest = {"hash": name, "kind": kind, **summary}
        manifest["code_version"] = code_version("training")
        (workbench / "manifest.json").write_bytes(canonical_json(manifest))
        folder = home / name[:16]
        is_whole = (folder / "manifest.json").exists()
        # What another database left here names answers by that database's numbers.
        if not is_whole or not DatasetSnapshot.objects.filter(hash=name).exists():
            shutil.rmtree(folder, ignore_errors=True)
            _put(workbench, folder)
    finally:
        shutil.rmtree(workbench, ignore_errors=True)
    return name, folder, summary


def _put(workbench: Path, folder: Path) -> None:
    """Rename into place; another freeze of the same rows may have been a moment quicker."""
    try:
        os.replace(workbench, folder)
    except OSError:
        if not (folder / "manifest.json").exists():
            raise


def _sweep(home: Path) -> None:
    """Remove what a freeze that was killed left behind, which holds people's words."""
    for leftover in home.glob(".making-*"):
        with contextlib.suppress(FileNotFoundError):
            if time.time() - leftover.stat().st_mtime > SECONDS_TO_FREEZE:
                shutil.rmtree(leftover, ignore_errors=True)


def summary_of(
    built: Built,
    version: ConstitutionVersion,
    selection: Selection,
    attached: Attached | None = None,
) -> dict[str, Any]:
    """What a dataset says of itself: counts, what was asked and checked, where it comes from."""
    rows = built.rows
    per_principle: Counter[int] = Counter()
    communities: dict[str, Counter[str]] = {}
    for split in SPLITS:
        for row in rows.splits[split]:
            communities.setdefault(row.get("community", ""), Counter())[split] += 1
            if split == "train":
                per_principle.update(row["principles"])
    workshops = list(version.constitution.workshops.all()) if attached is None else []
    return {
        "constitution": {"hash": version.content_hash, "title": str(version)},
        "splits": {split: len(rows.splits[split]) for split in SPLITS},
        "communities": {name: dict(counts) for name, counts in sorted(communities.items())},
        "principles": {str(number): count for number, count in sorted(per_principle.items())},
        "left_out": dict(rows.left_out),
        "sentences": built.sentences,
        "selection": as_plain(selection),
        "checks": built.checks,
        "synthetic": sum(bool(row.get("synthetic")) for row in rows.splits["train"]),
        "attribution": [w.attribution for w in workshops if w.attribution]
        + ([attached.attribution] if attached else []),
        "provenance": [f"{w.title}: {w.get_provenance_display()}" for w in workshops]
        + ([f"{attached.called}: a file that was attached"] if attached else []),
    }


def _write_lines(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False, sort_keys=True) + "\n")
        file.flush()
        os.fsync(file.fileno())


def read_rows(snapshot: DatasetSnapshot, split: str) -> Iterator[dict[str, Any]]:
    """The rows of one split, one at a time. Raises TrainingRefused when the file is gone."""
    if split not in (*SPLITS, "lineage"):
        raise TrainingRefused(f"There is no split named {split}.")
    if "destroyed" in snapshot.summary:
        raise TrainingRefused(f"The rows of {snapshot} were destroyed. {snapshot.stale_because}")
    path = Path(snapshot.folder) / f"{split}.jsonl"
    try:
        with path.open(encoding="utf-8") as file:
            for line in file:
                yield json.loads(line)
    except FileNotFoundError:
        raise TrainingRefused(f"{snapshot} has lost its file {path.name}.") from None
