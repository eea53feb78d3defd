"""Datasets as files for other tools, with a card. What may not leave stays, and is counted."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from elicitation.kernel.hashing import file_hash
from elicitation.kernel.tabular import write_csv
from elicitation.models import AuditEntry, Participant, User, Workshop
from policy.inputs_words import people_who_may_be_quoted
from training.dataset_card import dataset_card
from training.errors import TrainingRefused
from training.kinds import FROM_A_FILE
from training.methods.croissant import DataFile, describe
from training.methods.export_formats import (
    ICAI_HEADER,
    LINES,
    Row,
    Unsayable,
    icai_pairs,
    icai_row,
)
from training.methods.splits import SPLITS
from training.models import DatasetSnapshot
from training.snapshots import read_rows
from training.telling import fewest_of

FORMATS = ("trl", "hh", "openai", "icai", "jsonl", "croissant")
NOT_QUOTABLE = "rewrites whose authors did not agree to be quoted"
Stays = Callable[[Row], str]


@dataclass(frozen=True)
class Exported:
    """What was written: rows per split, and reason → rows that stayed."""

    files: list[DataFile]
    rows: dict[str, int]
    stayed: dict[str, int]


def export_snapshot(
    *,
    snapshot: DatasetSnapshot,
    format: str,
    output: Path,
    licence: str = "",
    url: str = "",
    by: User | None = None,
) -> Exported:
    """Write a dataset in a format, with its card, into a folder that is not there or empty.

    licence: name or address. url: where the dataset is found, for Croissant. The folder is there
    whole or not at all. Raises TrainingRefused.
    """
    _check(snapshot, format, output)
    output.parent.mkdir(parents=True, exist_ok=True)
    workbench = Path(tempfile.mkdtemp(prefix=".exporting-", dir=output.parent))
    try:
        made = _write(snapshot, format, workbench)
        card = dataset_card(
            snapshot, format=format, files=made.files, stayed=made.stayed, licence=licence
        )
        (workbench / "card.md").write_text(card, encoding="utf-8")
        if format == "croissant":
            text = json.dumps(
                _croissant(snapshot, made, licence, url), ensure_ascii=False, indent=1
            )
            (workbench / "croissant.json").write_text(text, encoding="utf-8")
        with contextlib.suppress(FileNotFoundError):
            output.rmdir()
        os.replace(workbench, output)
    finally:
        shutil.rmtree(workbench, ignore_errors=True)
    _record(snapshot, format, made, by)
    return made


def exported_zip(
    *, snapshot: DatasetSnapshot, format: str, licence: str = "", by: User | None = None
) -> IO[bytes]:
    """The same as one zip file, which lies nowhere once it is closed. Raises TrainingRefused."""
    file = tempfile.TemporaryFile()  # noqa: SIM115
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home) / f"{snapshot.hash[:12]}-{format}"
        export_snapshot(snapshot=snapshot, format=format, output=folder, licence=licence, by=by)
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
            for path in sorted(folder.iterdir()):
                packed.write(path, f"{folder.name}/{path.name}")
    file.seek(0)
    return file


def _check(snapshot: DatasetSnapshot, format: str, output: Path) -> None:
    if snapshot.stale_because:
        raise TrainingRefused(f"{snapshot} is stale: {snapshot.stale_because}")
    if format not in FORMATS:
        raise TrainingRefused(f"There is no format {format}. There are: {', '.join(FORMATS)}.")
    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise TrainingRefused(f"{output} is there already and not empty; nothing was written.")


def _write(snapshot: DatasetSnapshot, format: str, folder: Path) -> Exported:
    made = Exported([], {}, {})
    stays, counted = _what_stays(snapshot), Counter[str]()
    for split in SPLITS:
        rows = list(_leaving(snapshot, split, stays, counted))
        write = _write_icai if format == "icai" else _write_lines
        number, files = write(snapshot, format, folder, split, rows, counted)
        made.rows[split] = number
        made.files.extend(files)
    made.stayed.update(sorted(counted.items()))
    if not sum(made.rows.values()):
        reasons = "; ".join(f"{number:,} {reason}" for reason, number in made.stayed.items())
        raise TrainingRefused(f"No row of {snapshot} can be exported as {format}: {reasons}.")
    return made


def _leaving(
    snapshot: DatasetSnapshot, split: str, stays: Stays, counted: Counter[str]
) -> Iterator[dict[str, Any]]:
    for row in read_rows(snapshot, split):
        if reason := stays(row):
            counted[reason] += 1
        else:
            yield row


def _what_stays(snapshot: DatasetSnapshot) -> Stays:
    """Why a row stays here; "" where it may leave. What was published elsewhere may."""
    least = fewest_of(snapshot.constitution_version)
    if not least or snapshot.kind in FROM_A_FILE:
        return lambda row: ""
    quotable = _quotable_rows(snapshot)

    def stays(row: Row) -> str:
        if row.get("source") == "rewrite":
            return "" if row["id"] in quotable else NOT_QUOTABLE
        few = not row.get("synthetic") and row["n"] < least
        return f"rows that rest on fewer than {least} people" if few else ""

    return stays


def _quotable_rows(snapshot: DatasetSnapshot) -> set[str]:
    """Rows of which everybody behind them agrees, today, to be quoted."""
    workshops = snapshot.constitution_version.constitution.workshops.all()
    people = {name for workshop in workshops for name in _quotable_people(workshop)}
    return {
        line["row"]
        for line in read_rows(snapshot, "lineage")
        if line["answers"]
        and all((one["workshop"], one["participant"]) in people for one in line["answers"])
    }


def _quotable_people(workshop: Workshop) -> Iterator[tuple[str, str]]:
    people = Participant.objects.filter(pk__in=people_who_may_be_quoted(workshop))
    for name in people.values_list("pseudonym", flat=True):
        yield workshop.slug, name


def _write_lines(
    snapshot: DatasetSnapshot,
    format: str,
    folder: Path,
    split: str,
    rows: list[dict[str, Any]],
    counted: Counter[str],
) -> tuple[int, list[DataFile]]:
    path, number, fields = folder / f"{split}.jsonl", 0, dict[str, None]()
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            try:
                lines = LINES[format](row)
            except Unsayable as reason:
                counted[f"{reason}, which {format} cannot hold"] += 1
                continue
            number += 1
            for line in lines:
                fields |= dict.fromkeys(line)
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
    if not number:
        path.unlink()
        return 0, []
    return number, [_data_file(path, list(fields))]


def _write_icai(
    snapshot: DatasetSnapshot,
    format: str,
    folder: Path,
    split: str,
    rows: list[dict[str, Any]],
    counted: Counter[str],
) -> tuple[int, list[DataFile]]:
    """The tool's table, its cells safe in spreadsheets, and its annotated pairs, word for word."""
    kept, lines = [], []
    for row in rows:
        try:
            lines.append(icai_row(row))
            kept.append(row)
        except Unsayable as reason:
            counted[f"{reason}, which icai cannot hold"] += 1
    if not kept:
        return 0, []
    table, pairs = folder / f"{split}.csv", folder / f"{split}.json"
    with table.open("w", encoding="utf-8", newline="") as file:
        write_csv(file, ICAI_HEADER, lines)
    about = icai_pairs(kept, snapshot.hash[:16], "What most of this community chose.")
    pairs.write_text(json.dumps(about, ensure_ascii=False), encoding="utf-8")
    return len(kept), [_data_file(table, ICAI_HEADER), _data_file(pairs, ())]


def _data_file(path: Path, fields: Any) -> DataFile:
    return DataFile(path.name, path.stat().st_size, file_hash(path), tuple(fields))


def _croissant(
    snapshot: DatasetSnapshot, made: Exported, licence: str, url: str
) -> Mapping[str, Any]:
    version = snapshot.constitution_version
    workshops = list(version.constitution.workshops.all())
    return describe(
        name=f"folkmoot-{snapshot.hash[:12]}",
        description=f"{snapshot.get_kind_display()} from “{version}”. card.md tells of whom.",
        url=url or f"urn:sha256:{snapshot.hash}",
        licence=licence or "Not given with this export; see card.md.",
        creators=[f"The people of {workshop.title}" for workshop in workshops],
        published=f"{snapshot.created_at:%Y-%m-%d}",
        version="1.0.0",
        cite="; ".join(snapshot.summary["attribution"]) or str(version),
        files=made.files,
    )


def _record(snapshot: DatasetSnapshot, format: str, made: Exported, by: User | None) -> None:
    """Note that a copy left, so that it can be told of when answers are taken back."""
    detail = {"dataset": snapshot.hash[:12], "format": format, "rows": sum(made.rows.values())}
    for workshop in snapshot.constitution_version.constitution.workshops.all():
        AuditEntry.objects.create(
            user=by, workshop=workshop, action="export dataset", detail=detail
        )
