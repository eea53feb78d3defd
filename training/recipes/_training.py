"""Training a run's trainer to its end: monitors, checkpoints, cancelling, continuing."""

import math
import time
from typing import Any, Protocol

from transformers import PrinterCallback, TrainerCallback

from training.methods.group_weights import GroupWeights
from training.recipes._errors import BadInput, Diverged, WatchedLimit
from training.recipes._files import (
    append_json_line,
    read_json,
    read_json_lines,
    sync_tree,
    write_json,
)
from training.recipes._run import COMPLETE, Run
from training.recipes._trial import STEPS, Spent

GROUP_WEIGHTS = "group_weights.json"
# A watch → the metrics that answer it, its words, and whether more of it is too much.
WATCHES: dict[str, tuple[tuple[str, ...], str, bool]] = {
    "kl_above": (("kl", "kl_estimate"), "the distance from the base (KL)", True),
    "entropy_below": (("entropy",), "the entropy of the next token", False),
    "distinct_below": (("distinct_2",), "the share of different word pairs", False),
    "length_above": (("completion_length",), "the mean length", True),
}


class StepTrainer(Protocol):
    """What a trainer of ours adds to transformers' Trainer."""

    groups: GroupWeights | None
    state: Any
    model: Any

    def finish_step(self) -> dict[str, Any]: ...
    def remove_callback(self, callback: Any) -> None: ...
    def add_callback(self, callback: Any) -> None: ...
    def train(self, resume_from_checkpoint: str | None = None) -> Any: ...


class Monitor(TrainerCallback):
    """Writes progress and metrics, completes checkpoints, and stops a cancelled run."""

    def __init__(self, run: Run, trainer: StepTrainer) -> None:
        self.run, self.trainer = run, trainer
        self.metrics: dict[str, Any] = {}
        self.first_step, self.began, self.step_began = 0, 0.0, 0.0
        self.stopped_by = ""
        self.spent: list[Spent] = []  # in a dry run
        self.marks = [Spent()]

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Start the clock."""
        self.first_step, self.began = state.global_step, time.monotonic()
        self._say(state.global_step)

    def on_step_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Time one step."""
        self.step_began = time.monotonic()
        self.marks.append(Spent.now())

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Take the step's metrics before anything is saved, so that a checkpoint has them."""
        seconds = time.monotonic() - self.step_began
        self.metrics = self.trainer.finish_step()
        self.metrics["tokens_per_second"] = self.metrics["tokens"] / max(seconds, 1e-9)
        self.metrics["seconds"] = seconds
        self._say(state.global_step)
        if not self.run.trial:  # a dry run does not know the base's part in the metrics
            self.stopped_by = beyond_a_limit(self.run, {"step": state.global_step, **self.metrics})
        if self.run.asked_to_stop or self.stopped_by:
            control.should_save = control.should_training_stop = True
        if self.run.trial:
            self._try_out(state.global_step, control)

    def on_log(
        self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **_: Any
    ) -> None:
        """One line of metrics for each step."""
        if not logs or "grad_norm" not in logs:  # the summary at the end is not a step
            return
        norm = float(logs["grad_norm"])
        if not math.isfinite(norm):
            raise Diverged("")
        row = {
            "step": state.global_step,
            **self.metrics,
            "learning_rate": logs["learning_rate"],
            "grad_norm": norm,
        }
        append_json_line(self.run.folder / "metrics.jsonl", row)

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Everything of the checkpoint is written: add what is ours, then the mark."""
        folder = self.run.checkpoints / f"checkpoint-{state.global_step}"
        (folder / "training_args.bin").unlink(missing_ok=True)  # a pickle nobody needs
        if self.trainer.groups is not None:
            write_json(folder / GROUP_WEIGHTS, self.trainer.groups.log_weights)
        sync_tree(folder)
        write_json(folder / COMPLETE, {"step": state.global_step})
        if self.run.trial:
            config, took = self.run.config, Spent.now() - self.marks[-1]
            saves = math.ceil(config.max_steps / config.save_every)
            self.run.trial.reckon("saving", took, took.times(saves - 1))

    def _try_out(self, step: int, control: Any) -> None:
        """In a dry run a few steps are enough, and one checkpoint after the last of them."""
        now, trial, of = Spent.now(), self.run.trial, self.run.config.max_steps
        self.spent.append(now - self.marks[-1])
        self.marks.append(now)
        is_enough = step >= min(STEPS, of)
        control.should_save = is_enough
        if is_enough and trial:
            control.should_training_stop = True
            trial.steps(self.spent, of)

    def _say(self, step: int) -> None:
        of, made = self.run.config.max_steps, step - self.first_step
        pace = (time.monotonic() - self.began) / made if made else None
        eta = None if pace is None else round(pace * (of - step), 1)
        self.run.say("training", step, of, f"Step {step} of {of}", eta)


def train_to_end(run: Run, trainer: StepTrainer) -> None:
    """Train from the last complete checkpoint, or from the start.

    Raises Cancelled after saving, and Diverged when loss or gradient is no finite number; the
    checkpoints from before that stay.
    """
    checkpoint = run.last_checkpoint()
    step = int(checkpoint.name.rpartition("-")[2]) if checkpoint else 0
    run.forget_metrics_after(step)
    if checkpoint and trainer.groups is not None:
        trainer.groups.log_weights = read_json(checkpoint / GROUP_WEIGHTS)
    trainer.remove_callback(PrinterCallback)
    monitor = Monitor(run, trainer)
    trainer.add_callback(monitor)
    _refuse_beyond_a_limit(run, step)
    if step >= run.config.max_steps:
        trainer._load_from_checkpoint(str(checkpoint))  # type: ignore[attr-defined]
        return
    try:
        trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    except Diverged:
        raise Diverged(_diverged(run)) from None
    if monitor.stopped_by:
        raise WatchedLimit(monitor.stopped_by)
    if trainer.state.global_step < run.config.max_steps:
        run.stop_if_cancelled()


def beyond_a_limit(run: Run, row: dict[str, Any]) -> str:
    """A sentence for the first limit of `stop_when` that a step's metrics are beyond, or "".

    Raises BadInput when a watched metric is not among them.
    """
    for watch, (names, words, more_is_worse) in WATCHES.items():
        limit = getattr(run.config.stop_when, watch)
        if limit is None:
            continue
        found = next((row[name] for name in names if name in row), None)
        if found is None:
            raise BadInput(f'config.json: "stop_when.{watch}" is watched, but was not measured.')
        if found > limit if more_is_worse else found < limit:
            side = "above" if more_is_worse else "below"
            return (
                f"The run stopped at step {row['step']}: {words} was {found:.3g}, {side} the limit "
                f"{limit:g} (stop_when.{watch}). checkpoint-{row['step']} is kept; with another "
                "limit the same command continues from it."
            )
    return ""


def _refuse_beyond_a_limit(run: Run, step: int) -> None:
    """A run that a limit stopped goes on only when the limit was lifted."""
    path = run.folder / "metrics.jsonl"
    rows = [row for _, row in read_json_lines(path)] if step else []
    if rows and (sentence := beyond_a_limit(run, rows[-1])):
        raise WatchedLimit(sentence)


def _diverged(run: Run) -> str:
    kept = run.last_checkpoint()
    state = f"{kept.name} from before it is kept" if kept else "no checkpoint had been made yet"
    path = run.folder / "metrics.jsonl"
    step = path.read_text().count("\n") + 1 if path.is_file() else 1
    return (
        f"At step {step} the loss or its gradient stopped being a finite number; {state}. A lower "
        f"learning_rate (it is {run.config.learning_rate:g}) or a higher beta usually helps."
    )
