"""What a step of each recipe costs, and how near a dry run comes.

Run by hand: python -m tests.benchmarks.recipes [MODEL]

Each recipe is first tried out and then run, in a process of its own, on pairs of two communities
whose completions have about 45 tokens. Processor seconds are told, since other programs use the
machine too; the ratio is reckoned over taken. Without an argument the tiny model of the tests is
trained; with a model's folder, that one (LoRA). Options: --recipes dpo,kto --steps 12
--held-out 4, and --reckon for the dry run alone.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.training.recipes.directories import PRINCIPLE
from training.recipes.base_model import tiny_model

WORDS = (
    "The river is low this summer, so I would ask the people upstream before opening the gate, "
    "and tell those below how much they can count on. If they do not agree, wait for rain."
)
OTHER = (
    "Just open the gate now; it is your water and nobody can tell you what to do with it. You can "
    "always say afterwards that you did not know how little was left for the others downstream."
)
SETTINGS: dict[str, dict[str, Any]] = {
    "sft": {},
    "dpo": {"group_robust": {"eta": 0.1}},
    "kto": {},
    "orpo": {},
    "reward": {},
    "rlaif": {"constitution": [PRINCIPLE], "judge": {"principles_per_pair": 1}},
}


def rows_for(recipe: str, count: int, held_out: bool = False) -> list[dict[str, Any]]:
    """Rows of two communities, in the recipe's own form unless they are held out."""
    found = []
    for i in range(count):
        name = f"{'h' if held_out else 't'}{i:04d}"
        row: dict[str, Any] = {
            "id": name,
            "prompt": [{"role": "user", "content": f"May I open gate {name} of the canal today?"}],
            "community": ("upstream", "downstream")[i % 2],
            "weight": 1.0,
            "principles": [1],
        }
        words = " ".join(WORDS.split()[: 25 + i % 12])
        if held_out or recipe not in ("sft", "kto"):
            people = [{"participant": f"p{j}", "answer": int(j < 4)} for j in range(5)]
            row |= {"chosen": words, "rejected": OTHER, "share": 0.8, "n": 5, "judgements": people}
        else:
            row |= {"completion": words if i % 2 else OTHER, "desirable": bool(i % 2)}
        found.append(row)
    return found


def make(folder: Path, recipe: str, base: Path, steps: int, held_out: int) -> Path:
    """A run directory."""
    folder.mkdir(parents=True)
    for name, rows in (
        ("train", rows_for(recipe, 4 * steps)),
        ("heldout", rows_for(recipe, held_out, held_out=True)),
    ):
        text = "".join(json.dumps(row) + "\n" for row in rows)
        (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")
    config = {
        "recipe": recipe,
        "base": str(base),
        "max_steps": steps,
        "save_every": max(1, steps // 2),
        "samples": 1,
        "sample_tokens": 24,
        "threads": int(os.environ.get("OMP_NUM_THREADS", "2")),
        **SETTINGS[recipe],
    }
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    return folder


def run(recipe: str, folder: Path, *options: str) -> None:
    """The recipe's program over a directory."""
    command = [sys.executable, "-m", f"training.recipes.{recipe}", str(folder), *options]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def main() -> None:
    """Try out and run every recipe; print a line for each."""
    parser = argparse.ArgumentParser()
    parser.add_argument("base", nargs="?", type=Path)
    parser.add_argument("--recipes", default=",".join(SETTINGS))
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--held-out", type=int, default=32)
    parser.add_argument("--reckon", action="store_true")
    asked = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="folkmoot-recipes-"))
    base = asked.base.resolve() if asked.base else tiny_model(home / "tiny", seed=0)
    print(f"{base.name}, {asked.steps} steps of 4 rows")
    print("recipe  s/step  run, s  reckoned, s  ratio  peak, GB  reckoned, GB")
    for recipe in asked.recipes.split(","):
        folder = make(home / recipe, recipe, base, asked.steps, asked.held_out)
        run(recipe, folder, "--dry-run")
        told = json.loads((folder / "estimate.json").read_text())
        if asked.reckon:
            print(f"{recipe:6}  {told['step_processor_seconds']:6.2f}", flush=True)
            continue
        run(recipe, folder)
        took = json.loads((folder / "card.json").read_text())
        print(
            f"{recipe:6}  {told['step_processor_seconds']:6.2f}  {took['processor_seconds']:6.1f}"
            f"  {told['processor_seconds']:11.1f}"
            f"  {told['processor_seconds'] / took['processor_seconds']:5.2f}"
            f"  {took['peak_memory_mb'] / 1000:8.2f}  {told['peak_memory_mb'] / 1000:12.2f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
