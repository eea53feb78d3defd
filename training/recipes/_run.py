"""A run directory and what every recipe does with it: progress, checkpoints, cancelling, ending.

    config.json train.jsonl heldout.jsonl          what goes in
    progress.json metrics.jsonl checkpoints/       while it runs
    final/ report.json card.md card.json           what comes out
    error.json                                     why it did not

The same command again continues from the last complete checkpoint.
"""

import argparse
import os
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from training.recipes._config import CONFIG, Config, read_config
from training.recipes._errors import BadInput, Cancelled, RecipeStopped
from training.recipes._files import (
    digest,
    digest_of,
    read_json,
    read_json_lines,
    write_json,
    write_json_lines,
)
from training.recipes._model import prepare_environment
from training.recipes._online_config import DEMONSTRATIONS, HELD_OUT_ANSWERS
from training.recipes._rows import HELD_OUT, HELD_OUT_PEOPLE, TRAIN
from training.recipes._trial import (
    ESTIMATE,
    Trial,
    estimate_of,
    estimate_sentence,
    trial_folder,
)

T = TypeVar("T")
STARTED = "started.json"
COMPLETE = "complete.json"  # written last into a checkpoint; one without it is not used


@dataclass
class Run:
    """One run directory with its configuration."""

    folder: Path
    config: Config
    cancelled: bool = False
    started: float = field(default_factory=time.monotonic)
    base_values: dict[str, float] = field(default_factory=dict)  # completion → base log-prob
    started_processor: float = field(default_factory=time.process_time)
    outer: "Run | None" = None  # the run that this one is a part of
    part: str = ""
    trial: Trial | None = None  # in a dry run

    def inner(self, folder: Path, config: Config, part: str) -> "Run":
        """A part of this run with checkpoints and metrics of its own; `part` says which to people.

        Progress is told, and cancelling asked for, in the directory of the whole.
        """
        return Run(folder, config, outer=self, part=part, trial=self.trial)

    @property
    def asked_to_stop(self) -> bool:
        """Whether somebody cancelled the run, or the run that it is a part of."""
        return self.outer.asked_to_stop if self.outer else self.cancelled

    @property
    def checkpoints(self) -> Path:
        """Where the trainer keeps what it needs to continue."""
        return self.folder / "checkpoints"

    @property
    def final(self) -> Path:
        """Where the trained weights end up."""
        return self.folder / "final"

    @property
    def data_hash(self) -> str:
        """SHA-256 over the rows this run learns from and is tested on."""
        names = (TRAIN, HELD_OUT, HELD_OUT_PEOPLE, HELD_OUT_ANSWERS, DEMONSTRATIONS)
        return digest(*(self.folder / name for name in names))

    def say(
        self, phase: str, done: int, of: int, sentence: str, eta_s: float | None = None
    ) -> None:
        """Tell a reader of progress.json where the run is; stop here if it was cancelled."""
        if phase != "training":  # training stops itself, after saving what it has
            self.stop_if_cancelled()
        if self.outer:
            self.outer.say(phase, done, of, f"{self.part}: {sentence}", eta_s)
            return
        progress = {"phase": phase, "done": done, "of": of, "say": sentence, "eta_s": eta_s}
        write_json(self.folder / "progress.json", progress)

    def in_part(self, work: str, units: Sequence[T], sizes: Sequence[float]) -> Iterator[T]:
        """All units of some work, in order; in a dry run a few, from which the rest is reckoned.

        sizes: how long each takes, in any unit.
        """
        yield from self.trial.in_part(work, units, sizes) if self.trial else units

    def stop_if_cancelled(self) -> None:
        """Raise Cancelled when somebody asked for it."""
        if self.asked_to_stop:
            raise Cancelled("The run was cancelled. The same command continues it.")

    def last_checkpoint(self) -> Path | None:
        """The newest complete checkpoint; half-written ones are removed."""
        best: tuple[int, Path] | None = None
        for path in self.checkpoints.glob("checkpoint-*"):
            if not (path / COMPLETE).is_file():
                shutil.rmtree(path)
                continue
            step = int(path.name.rpartition("-")[2])
            best = max(best, (step, path)) if best else (step, path)
        return best[1] if best else None

    def forget_metrics_after(self, step: int) -> None:
        """Drop the metrics of steps that a killed run had made but not saved."""
        path = self.folder / "metrics.jsonl"
        drop_unfinished_line(path)
        lines = read_json_lines(path) if path.is_file() else []
        write_json_lines(path, [row for _, row in lines if row["step"] <= step])

    def record_start(self) -> None:
        """Remember what the run began with, before anything is kept for later."""
        write_json(self.folder / STARTED, self._identity())

    def hold_to_its_start(self) -> None:
        """Refuse to continue a directory whose configuration or rows changed meanwhile."""
        path, now = self.folder / STARTED, self._identity()
        before = read_json(path) if path.is_file() else now
        for name in now:
            if before[name] != now[name]:
                raise BadInput(
                    f"The {name} changed since this run began. Use a new directory, or delete "
                    f"{STARTED}, checkpoints/ and final/ to begin again."
                )

    def _identity(self) -> dict[str, str]:
        # A limit that stopped a run may be lifted without beginning again.
        written = read_json(self.folder / CONFIG)
        settings = {name: value for name, value in written.items() if name != "stop_when"}
        return {"configuration": digest_of(settings), "rows": self.data_hash}


def drop_unfinished_line(path: Path) -> None:
    """Shorten a file to its last whole line: a kill can hit one in the middle."""
    if path.is_file():
        text = path.read_bytes()
        if not text.endswith(b"\n"):
            path.write_bytes(text[: text.rfind(b"\n") + 1])


def execute(recipe: str, work: Callable[[Run], None], arguments: list[str] | None = None) -> int:
    """Run one recipe over the directory named on the command line.

    Returns the exit code: 0 done, 1 failed, 2 bad input, 3 cancelled. Whatever stopped it is left
    as a sentence on stderr and in error.json.
    """
    parser = argparse.ArgumentParser(prog=f"python -m training.recipes.{recipe}")
    parser.add_argument("run_dir", type=Path, help="directory with config.json and rows")
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="only say how long it would take, and how much memory",
    )
    asked = parser.parse_args(arguments)
    folder: Path = asked.run_dir
    told_in = None if asked.dry_run else folder  # a dry run says nothing of the run itself
    try:
        (_try_out if asked.dry_run else _perform)(recipe, work, folder)
    except RecipeStopped as stopped:
        return _leave(told_in, stopped.kind, str(stopped), stopped.code)
    except MemoryError:
        sentence = "The machine ran out of memory. Lower batch_size or max_tokens."
        return _leave(told_in, "out_of_memory", sentence, 1)
    except Exception as error:  # noqa: BLE001  the outermost frame: nothing above can tell anyone
        traceback.print_exc()
        return _leave(told_in, *_in_words(error), 1)
    return 0


def _perform(recipe: str, work: Callable[[Run], None], folder: Path) -> None:
    run = _opened(recipe, folder)
    run.hold_to_its_start()
    if (folder / "card.json").is_file():  # written last
        return
    _until_done(run, work)
    (folder / "error.json").unlink(missing_ok=True)
    run.say("done", 1, 1, "Done.", 0.0)


def _try_out(recipe: str, work: Callable[[Run], None], folder: Path) -> None:
    """Do a little of everything beside the run, and leave what it comes to in estimate.json."""
    _opened(recipe, folder)
    beside, trial = trial_folder(folder), Trial()
    try:
        run = Run(beside, read_config(beside, recipe), trial=trial)
        _until_done(run, work)
        device = str(read_json(beside / "card.json")["device"])
        told = estimate_of(trial, beside, run.config, device)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    sentence = estimate_sentence(told)
    write_json(folder / ESTIMATE, {**told, "sentence": sentence})
    print(sentence)


def _opened(recipe: str, folder: Path) -> Run:
    if not folder.is_dir():
        raise BadInput(f"There is no run directory {folder}.")
    run = Run(folder, read_config(folder, recipe))
    if run.config.threads:
        os.environ["OMP_NUM_THREADS"] = str(run.config.threads)
    prepare_environment(run.config)
    return run


def _until_done(run: Run, work: Callable[[Run], None]) -> None:
    """Do the work; a request to end lets it save first."""

    def cancel(_signal: int, _frame: Any) -> None:
        run.cancelled = True

    before = signal.signal(signal.SIGTERM, cancel)
    try:
        work(run)
    finally:
        signal.signal(signal.SIGTERM, before)


def _leave(folder: Path | None, kind: str, sentence: str, code: int) -> int:
    print(sentence, file=sys.stderr)
    if folder and folder.is_dir():
        write_json(folder / "error.json", {"sentence": sentence, "kind": kind})
    return code


def _in_words(error: Exception) -> tuple[str, str]:
    """(kind, sentence) for what went wrong unexpectedly."""
    if type(error).__name__ == "OutOfMemoryError" or "out of memory" in str(error):
        return "out_of_memory", "The device ran out of memory. Lower batch_size or max_tokens."
    if isinstance(error, OSError) and error.errno == 28:
        return "disk_full", "The disk is full: a checkpoint could not be written."
    return "failed", f"The run failed unexpectedly ({type(error).__name__}: {error})."
