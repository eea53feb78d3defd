"""Plain against group-robust DPO on the sample workshop: python -m tests.benchmarks.group_robust

Freezes the sample's rows with several splits, trains a tiny model from scratch both ways on each,
and prints for the worst community, on held-out prompts and on held-out people: accuracy, accuracy
per token, and the share of answers that training moved towards; then the mean paired difference
over splits with its 95 % interval (Student's t). One split holds out some 70 pairs, so a single one
says nothing. With a base model's folder as argument it trains that one instead (LoRA); slow.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

os.environ.setdefault("FOLKMOOT_HOME", tempfile.mkdtemp(prefix="folkmoot-benchmark-"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deploy.settings")

import django

django.setup()

from django.conf import settings
from django.core.management import call_command
from scipy.stats import t

from deploy.demo.workshops import SAMPLE, ensure_workshop
from elicitation.kernel.work import run_inline
from policy.models import ConstitutionVersion
from policy.services import draft_constitution
from training.recipes.base_model import tiny_model
from training.services import freeze_snapshot, prepare_run

SPLITS = range(101, 117)
TINY: dict[str, Any] = {
    "lora": None, "learning_rate": 2e-3, "max_steps": 150, "batch_size": 8, "save_every": 150,
    "max_tokens": 128, "max_prompt_tokens": 64, "samples": 0,
}  # fmt: skip
LORA: dict[str, Any] = {**TINY, "lora": {"r": 8, "alpha": 16}, "learning_rate": 1e-3,
                        "max_steps": 24, "batch_size": 4}  # fmt: skip
ETAS = (0.01, 0.1, 0.3)  # .01 is the default, and the paper's
MEASURES = ("accuracy", "per token", "moved towards")


def quiet(done: float | None, of: float | None, say: str) -> None:
    """Progress that nobody reads."""


def sample_version() -> ConstitutionVersion:
    """The sample workshop's constitution, by the same steps as the demo."""
    call_command("migrate", verbosity=0)
    workshop = ensure_workshop(SAMPLE, quiet)
    run_inline("policy.tasks.analyse", workshop_id=workshop.pk, seed=7)
    return draft_constitution(workshop=workshop)


def worst_of(folder: str) -> list[float]:
    """Train once; the worst community's measures on held-out prompts, then on held-out people."""
    command = [sys.executable, "-m", "training.recipes.dpo", folder]
    one_thread = os.environ | {"OMP_NUM_THREADS": "1"}
    subprocess.run(command, cwd=settings.BASE_DIR, check=True, capture_output=True, env=one_thread)
    report = json.loads((Path(folder) / "report.json").read_text())
    worst = []
    for part in (report, report["held_out_people"]):
        each = list(part["communities"].values())
        worst.append(min(one["tuned"]["estimate"] for one in each))
        worst.append(min(one["per_token"]["tuned"]["estimate"] for one in each))
        worst.append(min(one["moved"]["estimate"] for one in each))
    return worst


def difference(plain: list[float], robust: list[float]) -> str:
    """The mean paired difference with its 95 % interval."""
    gaps = [after - before for before, after in zip(plain, robust, strict=True)]
    half = t.ppf(0.975, len(gaps) - 1) * stdev(gaps) / len(gaps) ** 0.5
    return f"{fmean(gaps):+.4f} ± {half:.4f}"


def main() -> None:
    """Train both ways on every split, and print a line for each measure."""
    version = sample_version()
    given = sys.argv[1:]
    base = Path(given[0]) if given else tiny_model(Path(settings.FOLKMOOT_HOME) / "tiny", 3)
    config = LORA if given else TINY
    robust = [{"group_robust": {"eta": eta}} for eta in ETAS]
    folders = []
    for split in SPLITS:
        snapshot = freeze_snapshot(version=version, kind="preference", seed=split)
        for change in ({}, *robust):
            overrides = {**config, "seed": split, **change}
            run = prepare_run(snapshot=snapshot, recipe="dpo", base=str(base), overrides=overrides)
            folders.append(run.folder)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = list(pool.map(worst_of, folders))
    ways = [found[start :: 1 + len(ETAS)] for start in range(1 + len(ETAS))]
    print(f"The worst community, {len(SPLITS)} splits; differences are group-robust less plain")
    for number, (part, measure) in enumerate(product(("prompts", "people"), MEASURES)):
        plain, *others = ([one[number] for one in way] for way in ways)
        told = [f"η {eta}: {difference(plain, way)}" for eta, way in zip(ETAS, others, strict=True)]
        print(f"{part:>8} {measure:<14} plain {fmean(plain):.3f}   {'   '.join(told)}")


if __name__ == "__main__":
    main()
