"""A dry run: every kind of work is done in part and timed, and the rest is reckoned.

It happens in a directory of its own beside the run, which it leaves as it was, apart from
estimate.json.
"""

import math
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

STEPS = 4  # training steps that are made: the first pays for what is done once
UNITS = 4  # batches or rows of any other work
ESTIMATE = "estimate.json"

T = TypeVar("T")


@dataclass(frozen=True)
class Spent:
    """Time by the clock and by the processor, in seconds."""

    clock: float = 0.0
    processor: float = 0.0

    @staticmethod
    def now() -> "Spent":
        """Both clocks of this process."""
        return Spent(time.monotonic(), time.process_time())

    def __add__(self, other: "Spent") -> "Spent":
        return Spent(self.clock + other.clock, self.processor + other.processor)

    def __sub__(self, other: "Spent") -> "Spent":
        return self + other.times(-1)

    def times(self, factor: float) -> "Spent":
        """Both, so many times."""
        return Spent(self.clock * factor, self.processor * factor)


@dataclass
class Trial:
    """What a dry run has found so far.

    parts: name of the work → what all of it would take. skipped: the part of it that was not done.
    """

    began: Spent = field(default_factory=Spent.now)
    parts: dict[str, Spent] = field(default_factory=dict)
    skipped: Spent = field(default_factory=Spent)
    step: Spent = Spent(math.nan, math.nan)

    def in_part(self, work: str, units: Sequence[T], sizes: Sequence[float]) -> Iterator[T]:
        """A few of the units, the largest first; the others are reckoned by size.

        The first one is not taken for typical unless it is the only one.
        """
        chosen = spread(sizes, UNITS)
        took: list[tuple[float, Spent]] = []
        for i in chosen:
            before = Spent.now()
            yield units[i]
            took.append((sizes[i], Spent.now() - before))
        if not took:
            return
        typical = took[1:] or took
        size = math.fsum(one for one, _ in typical)
        pace = _sum(spent for _, spent in typical).times(1 / size)
        left = math.fsum(sizes) - math.fsum(sizes[i] for i in chosen)
        self.reckon(work, _sum(spent for _, spent in took), pace.times(left))

    def reckon(self, work: str, done: Spent, left: Spent) -> None:
        """Note what a part of some work took, and what the rest of it would."""
        self.parts[work] = self.parts.get(work, Spent()) + done + left
        self.skipped += left

    def steps(self, took: Sequence[Spent], of: int) -> None:
        """Note training steps that were made, of all there are."""
        typical = took[1:] or took
        self.step = _sum(typical).times(1 / len(typical))
        self.reckon("training", _sum(took), self.step.times(of - len(took)))

    def whole(self) -> Spent:
        """What the run would take in all, from here."""
        return Spent.now() - self.began + self.skipped


def spread(sizes: Sequence[float], count: int) -> list[int]:
    """Up to `count` places: the largest first, then some from all over, in their order."""
    if len(sizes) <= count:
        return sorted(range(len(sizes)), key=lambda i: (-sizes[i], i))
    largest = max(range(len(sizes)), key=lambda i: (sizes[i], -i))
    others = [i for i in range(len(sizes)) if i != largest]
    picked = {others[(2 * k + 1) * len(others) // (2 * (count - 1))] for k in range(count - 1)}
    return [largest, *sorted(picked)]


def trial_folder(folder: Path) -> Path:
    """A new directory beside a run with the same configuration and rows, and nothing else."""
    made = Path(tempfile.mkdtemp(prefix=f".trial-{folder.name}-", dir=folder.parent))
    for path in sorted(folder.iterdir()):
        if path.name == "config.json" or (path.suffix == ".jsonl" and not _is_result(path.name)):
            shutil.copyfile(path, made / path.name)
    return made


def estimate_of(trial: Trial, folder: Path, config: Any, device: str) -> dict[str, Any]:
    """What estimate.json says. folder: the trial's own, with what it wrote."""
    from training.recipes._card import peak_gpu_memory_mb, peak_memory_mb

    whole = trial.whole()
    return {
        "seconds": round(whole.clock, 1),
        "processor_seconds": round(whole.processor, 1),
        "steps": config.max_steps,
        "step_seconds": round(trial.step.clock, 3),
        "step_processor_seconds": round(trial.step.processor, 3),
        "peak_memory_mb": peak_memory_mb(),
        "peak_gpu_memory_mb": peak_gpu_memory_mb(),
        "disk_mb": _disk_mb(folder, config.keep_checkpoints),
        "parts": {name: round(spent.clock, 1) for name, spent in sorted(trial.parts.items())},
        "device": device,
    }


def estimate_sentence(told: dict[str, Any]) -> str:
    """An estimate for people."""
    memory = f"{told['peak_memory_mb'] / 1000:.1f} GB of memory"
    if told["peak_gpu_memory_mb"]:
        memory += f", {told['peak_gpu_memory_mb'] / 1000:.1f} GB of it on the GPU"
    return (
        f"About {duration(told['seconds'])} on {told['device']}, {memory} and "
        f"{told['disk_mb'] / 1000:.1f} GB of disk: {told['steps']} steps of "
        f"{told['step_seconds']:.2g} s. Nothing was trained."
    )


def duration(seconds: float) -> str:
    """Seconds as people say them."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


def _sum(values: Any) -> Spent:
    total = Spent()
    for one in values:
        total += one
    return total


def _is_result(name: str) -> bool:
    return name == "metrics.jsonl" or name.startswith(("before.", "reference", "labels"))


def _disk_mb(folder: Path, keep: int) -> int:
    """What final/ and the checkpoints that are kept will take."""
    sizes = {"final": 0, "checkpoints": 0}
    for path in folder.rglob("*"):
        parts = path.relative_to(folder).parts
        for name in sizes:
            if path.is_file() and name in parts:
                sizes[name] += path.stat().st_size
    return math.ceil((sizes["final"] + keep * sizes["checkpoints"]) / 1e6)
