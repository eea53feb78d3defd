"""A run that was stopped, killed or derailed continues as if nothing had happened."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tests.training.recipes.directories import (
    demonstration,
    make_run,
    metrics,
    pair,
    read,
    two_communities,
    weights,
)
from training.recipes import dpo, sft

pytestmark = pytest.mark.training
SETTINGS: dict[str, Any] = {
    "max_steps": 9,
    "save_every": 3,
    "group_robust": {"eta": 0.3},
    "schedule": "linear",
    "evaluate": True,
    "lora": {"dropout": 0.1},
}


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory, base: Path) -> Path:
    folder = make_run(tmp_path_factory.mktemp("whole"), base, two_communities(20), **SETTINGS)
    assert dpo.main([str(folder)]) == 0
    return folder


def assert_same(run: Path, other: Path) -> None:
    assert weights(run) == weights(other)
    assert metrics(run) == metrics(other)
    assert read(run, "report.json") == read(other, "report.json")


def when(folder: Path, step: int, act: Any) -> threading.Thread:
    """Do something once a run has made so many steps."""

    def watch() -> None:
        for _ in range(6000):
            path = folder / "metrics.jsonl"
            if path.is_file() and path.read_text().count("\n") >= step:
                act()
                return
            time.sleep(0.005)

    thread = threading.Thread(target=watch)
    thread.start()
    return thread


def test_the_same_seed_gives_the_same_numbers(
    tmp_path: Path, base: Path, uninterrupted: Path
) -> None:
    again = make_run(tmp_path, base, two_communities(20), **SETTINGS)
    assert dpo.main([str(again)]) == 0
    assert_same(again, uninterrupted)


def test_another_seed_gives_other_numbers(tmp_path: Path, base: Path, uninterrupted: Path) -> None:
    other = make_run(tmp_path, base, two_communities(20), **SETTINGS, seed=8)
    assert dpo.main([str(other)]) == 0
    assert weights(other) != weights(uninterrupted)


def test_a_cancelled_run_saves_its_step_and_continues(
    tmp_path: Path, base: Path, uninterrupted: Path
) -> None:
    run = make_run(tmp_path, base, two_communities(20), **SETTINGS)
    watcher = when(run, 4, lambda: os.kill(os.getpid(), signal.SIGTERM))
    assert dpo.main([str(run)]) == 3
    watcher.join()
    assert read(run, "error.json")["kind"] == "cancelled"
    saved = max(int(p.name.rpartition("-")[2]) for p in (run / "checkpoints").glob("checkpoint-*"))
    assert 4 <= saved < SETTINGS["max_steps"]
    assert dpo.main([str(run)]) == 0
    assert not (run / "error.json").exists()
    assert_same(run, uninterrupted)


def test_a_run_killed_outright_continues_from_its_last_whole_checkpoint(
    tmp_path: Path, base: Path, uninterrupted: Path
) -> None:
    run = make_run(tmp_path, base, two_communities(20), **SETTINGS)
    command = [sys.executable, "-m", "training.recipes.dpo", str(run)]
    program = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    watcher = when(run, 5, program.kill)
    assert program.wait() == -signal.SIGKILL
    watcher.join()
    # The kill may also have hit a checkpoint or a line half written.
    torn = run / "checkpoints" / "checkpoint-8"
    torn.mkdir(exist_ok=True)
    (torn / "complete.json").unlink(missing_ok=True)
    with (run / "metrics.jsonl").open("a") as file:
        file.write('{"step": 8, "lo')
    assert dpo.main([str(run)]) == 0
    assert_same(run, uninterrupted)


def test_a_run_whose_last_step_is_saved_only_finishes(
    tmp_path: Path, base: Path, uninterrupted: Path
) -> None:
    run = make_run(tmp_path, base, two_communities(20), **SETTINGS)
    assert dpo.main([str(run)]) == 0
    (run / "report.json").unlink()
    (run / "card.json").unlink()
    assert dpo.main([str(run)]) == 0
    assert_same(run, uninterrupted)


def test_a_finished_run_is_not_run_again(uninterrupted: Path) -> None:
    before = {p: p.stat().st_mtime_ns for p in uninterrupted.iterdir()}
    assert dpo.main([str(uninterrupted)]) == 0
    assert before == {p: p.stat().st_mtime_ns for p in uninterrupted.iterdir()}


def test_imitation_continues_the_same_way(tmp_path: Path, base: Path) -> None:
    rows = [demonstration(f"d{i}", weight=1.0 + i % 2) for i in range(12)]
    settings = {"recipe": "sft", "max_steps": 8, "save_every": 2}
    whole = make_run(tmp_path / "whole", base, rows, **settings)
    assert sft.main([str(whole)]) == 0
    run = make_run(tmp_path / "run", base, rows, **settings)
    watcher = when(run, 3, lambda: os.kill(os.getpid(), signal.SIGTERM))
    assert sft.main([str(run)]) == 3
    watcher.join()
    assert sft.main([str(run)]) == 0
    assert weights(run) == weights(whole)


def test_changed_rows_are_not_continued(tmp_path: Path, base: Path, capsys: Any) -> None:
    run = make_run(tmp_path, base, two_communities(8), max_steps=2, save_every=1)
    assert dpo.main([str(run)]) == 0
    with (run / "train.jsonl").open("a") as file:
        file.write(json.dumps(pair("late")) + "\n")
    assert dpo.main([str(run)]) == 2
    assert "rows changed since this run began" in capsys.readouterr().err


def test_a_loss_that_is_no_number_stops_the_run_in_words(
    tmp_path: Path, base: Path, monkeypatch: pytest.MonkeyPatch, uninterrupted: Path
) -> None:
    from training.recipes import _preference_loss

    calls, sound = [], _preference_loss.soft_label_loss

    def broken(margins: Any, targets: Any) -> Any:
        calls.append(1)
        return sound(margins, targets) * (float("nan") if len(calls) == 5 else 1.0)

    run = make_run(tmp_path, base, two_communities(20), **SETTINGS)
    monkeypatch.setattr(_preference_loss, "soft_label_loss", broken)
    assert dpo.main([str(run)]) == 1
    error = read(run, "error.json")
    assert error["kind"] == "diverged"
    assert "At step 5" in error["sentence"]
    assert "checkpoint-3" in error["sentence"]
    assert dpo.main([str(run)]) == 0
    assert_same(run, uninterrupted)


def test_nothing_in_final_can_run_code(uninterrupted: Path) -> None:
    names = {path.name for path in (uninterrupted / "final").iterdir()}
    assert "adapter_model.safetensors" in names
    assert not list(uninterrupted.rglob("training_args.bin"))
    assert not [name for name in names if Path(name).suffix in (".bin", ".pt", ".pth", ".pkl")]
