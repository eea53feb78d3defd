"""Destroying the files that hold people's answers: a dataset's rows and every run's copy of them.

The database says first that they are gone; the files follow once that is certain. What cannot be
removed at once, a worker removes later. Everything here can be done again and changes nothing more.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import shutil
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from elicitation.kernel.work import WorkHandle, enqueue
from training.errors import TrainingRefused
from training.methods.splits import SPLITS
from training.models import Checkpoint, DatasetSnapshot, TrainingRun
from training.recipes._files import write_json

log = logging.getLogger("folkmoot.training")
DESTROY = "training.destroying.destroy"
ROWS = (*(f"{split}.jsonl" for split in SPLITS), "lineage.jsonl")
# What a run that never ended has learned: nothing rests on it.
HALF_TRAINED = ("checkpoints", "final")
# A program that was just stopped may still be writing what it saves last.
AFTER = timedelta(minutes=2)
AGAIN_AFTER = timedelta(hours=1)


def destroy_when_certain(snapshots: list[int], runs: list[int]) -> None:
    """Destroy these datasets' files once the transaction commits, and again a little later.

    snapshots, runs: primary keys; runs: those whose configuration is written anew.
    """
    if not snapshots and not runs:
        return
    again = timezone.now() + AFTER
    enqueue(DESTROY, subject="destroy", not_before=again, snapshots=snapshots, runs=runs)
    transaction.on_commit(lambda: _at_once(snapshots, runs))


def destroy(work: WorkHandle, *, snapshots: list[int], runs: list[int]) -> dict[str, int]:
    """Destroy what is left of these files. Returns {"files": how many that were}."""
    try:
        return {"files": destroy_files(snapshots, runs)}
    except OSError as error:
        later = timezone.now() + AGAIN_AFTER
        enqueue(DESTROY, subject="destroy", not_before=later, snapshots=snapshots, runs=runs)
        raise TrainingRefused(
            f"A file with answers that were taken back cannot be destroyed ({error.strerror}: "
            f"{error.filename}). It is tried again in an hour."
        ) from error


def _at_once(snapshots: list[int], runs: list[int]) -> None:
    try:
        destroy_files(snapshots, runs)
    except OSError as error:
        log.warning("Not every file could be destroyed; a worker tries again. %s", error)


def destroy_files(snapshots: list[int], runs: list[int]) -> int:
    """Destroy the rows of these datasets wherever they lie; how many files that were."""
    number = 0
    for snapshot in DatasetSnapshot.objects.filter(pk__in=snapshots):
        number += _destroy_snapshot(snapshot)
    for run in TrainingRun.objects.filter(pk__in=runs):
        _write_configuration(run)
    return number


def files_of(snapshot: DatasetSnapshot) -> list[Path]:
    """The files that hold a dataset's rows, those of runs on it included."""
    folders = [snapshot.folder, *snapshot.runs.exclude(folder="").values_list("folder", flat=True)]
    paths = [Path(folder) / name for folder in folders for name in ROWS]
    return [path for path in paths if path.is_file()]


def person_mark(workshop: str, pseudonym: str) -> str:
    """What stands for a person in the record of a dataset whose rows are gone."""
    message = f"dataset:{workshop}/{pseudonym}".encode()
    return hmac.new(settings.SECRET_KEY.encode(), message, hashlib.sha256).hexdigest()[:16]


def _destroy_snapshot(snapshot: DatasetSnapshot) -> int:
    folder, files = Path(snapshot.folder), files_of(snapshot)
    if folder.is_dir():
        gone = {"files": snapshot.summary.get("files", {}), "why": snapshot.stale_because}
        write_json(folder / "destroyed.json", gone)
    for path in files:
        path.unlink(missing_ok=True)
    unfinished = snapshot.runs.exclude(pk__in=Checkpoint.objects.values("run")).exclude(folder="")
    for run in unfinished:
        _remove_folders(Path(run.folder) / name for name in HALF_TRAINED)
    return len(files)


def _remove_folders(folders: Iterable[Path]) -> None:
    for folder in folders:
        if folder.is_dir():
            shutil.rmtree(folder)


def _write_configuration(run: TrainingRun) -> None:
    """Have a run's files say what the database says: principles without the words taken back."""
    folder = Path(run.folder)
    if not run.folder or not folder.is_dir():
        return
    write_json(folder / "config.json", run.config)
    card = folder / "card.json"
    if card.is_file():
        facts: dict[str, Any] = json.loads(card.read_text(encoding="utf-8"))
        said = {**facts.get("parameters", {}), "constitution": run.config.get("constitution", [])}
        write_json(card, {**facts, "parameters": said})
