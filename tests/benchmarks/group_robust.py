"""Plain against group-robust DPO on the sample workshop: python -m tests.benchmarks.group_robust

Trains a tiny model from scratch on the sample's frozen rows, several seeds each way, and prints the
held-out accuracy and the share of answers that training moved towards, for the worst community and
the mean. With a base model's folder as argument it trains that one instead (LoRA); that is slow.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import fmean
from typing import Any

os.environ.setdefault("FOLKMOOT_HOME", tempfile.mkdtemp(prefix="folkmoot-benchmark-"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deploy.settings")

import django

django.setup()

from django.conf import settings
from django.core.management import call_command

from deploy.demo.workshops import SAMPLE, ensure_workshop
from elicitation.kernel.work import run_inline
from policy.services import draft_constitution
from training.models import DatasetSnapshot
from training.recipes.base_model import tiny_model
from training.services import freeze_snapshot, prepare_run

SEEDS = (1, 2, 3, 4, 5)
TINY: dict[str, Any] = {
    "lora": None, "learning_rate": 2e-3, "max_steps": 150, "batch_size": 8, "save_every": 150,
    "max_tokens": 128, "max_prompt_tokens": 64, "samples": 0,
}  # fmt: skip
LORA: dict[str, Any] = {**TINY, "lora": {"r": 8, "alpha": 16}, "learning_rate": 1e-3,
                        "max_steps": 24, "batch_size": 4}  # fmt: skip
ETA = 0.1


def quiet(done: float | None, of: float | None, say: str) -> None:
    """Progress that nobody reads."""


def sample_snapshot() -> DatasetSnapshot:
    """The sample workshop's rows, by the same steps as the demo."""
    call_command("migrate", verbosity=0)
    workshop = ensure_workshop(SAMPLE, quiet)
    run_inline("policy.tasks.analyse", workshop_id=workshop.pk, seed=7)
    return freeze_snapshot(version=draft_constitution(workshop=workshop), kind="preference")


def worst_and_mean(snapshot: DatasetSnapshot, base: Path, config: dict[str, Any]) -> list[float]:
    """Train once; accuracy of the worst community and the mean, then shares moved towards them."""
    run = prepare_run(snapshot=snapshot, recipe="dpo", base=str(base), overrides=config)
    command = [sys.executable, "-m", "training.recipes.dpo", run.folder]
    subprocess.run(command, cwd=settings.BASE_DIR, check=True, capture_output=True)
    report = json.loads((Path(run.folder) / "report.json").read_text())
    moved = [one["moved"]["estimate"] for one in report["communities"].values()]
    return [report["worst"]["tuned"], report["mean"]["tuned"], min(moved), fmean(moved)]


def main() -> None:
    """Train both ways with every seed, and print one line each."""
    snapshot = sample_snapshot()
    given = sys.argv[1:]
    base = Path(given[0]) if given else tiny_model(Path(settings.FOLKMOOT_HOME) / "tiny", 3)
    config = LORA if given else TINY
    print("held-out accuracy worst / mean, then share moved towards people worst / mean")
    print("seed    plain                            group-robust")
    table = []
    for seed in SEEDS:
        plain = worst_and_mean(snapshot, base, {**config, "seed": seed})
        robust = worst_and_mean(
            snapshot, base, {**config, "seed": seed, "group_robust": {"eta": ETA}}
        )
        table.append(plain + robust)
        print_line(str(seed), table[-1])
    print_line("mean", [fmean(column) for column in zip(*table, strict=True)])


def print_line(name: str, values: list[float]) -> None:
    """One line of the table: plain, then group-robust."""
    halves = (values[:4], values[4:])
    told = [f"{a:.3f} / {b:.3f}, {c:.3f} / {d:.3f}" for a, b, c, d in halves]
    print(f"{name:>4}    {told[0]}    {told[1]}")


if __name__ == "__main__":
    main()
