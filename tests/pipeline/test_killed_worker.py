"""A worker killed in mid-training: another takes the run up, and the weights are the same."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from elicitation.kernel.models import Work
from elicitation.kernel.work import enqueue
from tests.kernel.conftest import (  # noqa: F401  fixtures
    Workers,
    is_alive,
    shared_database,
    shared_url,
    wait_for,
    workers,
)
from tests.pipeline.making import make_version, make_workshop
from training.models import Checkpoint, EvaluationReport, TrainingRun
from training.services import cancel_training, continue_training, freeze_snapshot, prepare_run

LONG_ENOUGH: dict[str, Any] = {
    "max_steps": 60,
    "batch_size": 4,
    "max_tokens": 96,
    "max_prompt_tokens": 48,
    "save_every": 10,
    "samples": 0,
    "threads": 1,
    "group_robust": {"eta": 0.1},
}


@pytest.fixture
def runs(workers: Workers, tiny_base: Path) -> list[TrainingRun]:  # noqa: F811
    """Two runs of the same recipe on the same rows."""
    call_command("migrate", verbosity=0)
    if not TrainingRun.objects.exists():
        version = make_version(make_workshop())
        snapshot = freeze_snapshot(version=version, kind="preference")
        for _ in range(4):
            prepare_run(snapshot=snapshot, recipe="dpo", base=str(tiny_base), overrides=LONG_ENOUGH)
    return list(TrainingRun.objects.order_by("id"))


def start(run: TrainingRun) -> None:
    enqueue("training.tasks.train", subject=run.subject, run_id=run.pk)


def steps(run: TrainingRun) -> int:
    path = Path(run.folder) / "metrics.jsonl"
    return path.read_text().count("\n") if path.exists() else 0


def recipe_processes(run: TrainingRun) -> list[int]:
    """The recipe programs at work on this run's directory."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                command = (entry / "cmdline").read_bytes().decode()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if run.folder in command and is_alive(int(entry.name)):
                found.append(int(entry.name))
    return found


@pytest.mark.training
def test_a_killed_workers_run_is_taken_up_and_ends_with_the_same_weights(
    workers: Workers,  # noqa: F811
    runs: list[TrainingRun],
) -> None:
    killed, undisturbed = runs[:2]
    start(killed)
    first = workers.start()
    wait_for(lambda: steps(killed) >= 15, 90)
    first.send_signal(signal.SIGKILL)
    wait_for(lambda: not recipe_processes(killed), 5)
    assert steps(killed) < 60
    start(undisturbed)
    workers.start()
    wait_for(lambda: Checkpoint.objects.filter(run__in=[killed, undisturbed]).count() == 2, 150)
    work = Work.objects.latest_for(killed.subject)
    assert work is not None
    assert (work.status, work.attempt) == ("done", 2)
    hashes = Checkpoint.objects.filter(run__in=[killed, undisturbed]).values_list("weights_hash")
    assert len(set(hashes)) == 1
    assert EvaluationReport.objects.filter(checkpoint__run=killed).count() == 1
    numbers = [line.split('"step": ')[1].split(",")[0] for line in lines(killed)]
    assert numbers == [str(step) for step in range(1, 61)]


@pytest.mark.training
def test_a_cancelled_run_stops_at_once_and_can_be_continued(
    workers: Workers,  # noqa: F811
    runs: list[TrainingRun],
) -> None:
    run = runs[2]
    start(run)
    workers.start()
    wait_for(lambda: steps(run) >= 12, 90)
    assert cancel_training(run)
    wait_for(lambda: not recipe_processes(run), 3)
    assert not Checkpoint.objects.filter(run=run).exists()
    continue_training(run)
    wait_for(lambda: Checkpoint.objects.filter(run=run).exists(), 120)
    assert steps(run) == 60


def lines(run: TrainingRun) -> list[str]:
    return (Path(run.folder) / "metrics.jsonl").read_text().splitlines()
