"""Several recipes, one after the other, by a plan: python -m training.recipes.chain PLAN_DIR

plan.json names a base and stages; each stage is a run directory of its own (01-NAME, 02-NAME …)
that begins from the weights the one before it left, with rows copied from where the plan says. A
stage that trains reward models leaves the weights as they are; "stage:NAME" in a later stage's
settings stands for its result. The same command again continues in the stage that was stopped.
card.json and card.md tell of the whole, and what it cost people in minutes, by what they gave and
when.

    {"base": "var/models/smollm2-135m-instruct", "stages": [
      {"name": "imitate", "recipe": "sft", "data": "demonstrations", "config": {"max_steps": 20},
       "human": [{"given": "demonstrations", "when": "offline", "minutes": 90}]},
      {"name": "scores", "recipe": "reward", "data": "pairs",
       "human": [{"given": "preferences", "when": "offline", "minutes": 240}]},
      {"name": "practise", "recipe": "grpo", "data": "prompts",
       "config": {"online": {"rewards": [{"kind": "model", "folder": "stage:scores"}]}}}]}
"""

import argparse
import importlib
import math
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from training.recipes._config import CONFIG
from training.recipes._errors import BadInput, RecipeStopped
from training.recipes._files import read_json, write_json, write_text
from training.recipes._plan import PLAN, REPORTS, SCORERS, Human, Plan, Stage, read_plan
from training.recipes._run import execute


class StageStopped(RecipeStopped):
    """A stage ended before its work was done."""

    def __init__(self, sentence: str, kind: str, code: int) -> None:
        super().__init__(sentence)
        self.kind, self.code = kind, code


def work(folder: Path) -> None:
    """Run every stage that is not done, then write the card."""
    plan = read_plan(folder)
    base = plan.base
    for number, stage in enumerate(plan.stages):
        sentence = f'Stage {number + 1} of {len(plan.stages)}: "{stage.name}" ({stage.recipe})'
        progress = {"phase": stage.name, "done": number, "of": len(plan.stages), "say": sentence}
        write_json(folder / "progress.json", progress)
        run_stage(folder / stage.folder, stage, base)
        if stage.recipe not in (*SCORERS, *REPORTS):
            base = str((folder / stage.folder / "final").resolve())
    write_card(folder, plan)


def run_stage(folder: Path, stage: Stage, base: str) -> None:
    """Make a stage's run directory, unless it is there, and run it. Raises StageStopped."""
    prepare(folder, stage, base)
    recipe = importlib.import_module(f"training.recipes.{stage.recipe}")
    code = execute(stage.recipe, recipe.work, [str(folder)])
    if code:
        told = read_json(folder / "error.json")
        raise StageStopped(f'Stage "{stage.name}": {told["sentence"]}', told["kind"], code)


def prepare(folder: Path, stage: Stage, base: str) -> None:
    """The stage's configuration and its rows. Raises BadInput when the plan changed meanwhile."""
    stage.config(base)
    values = {**stage.values, "recipe": stage.recipe, "base": base}
    if (folder / CONFIG).is_file():
        if read_json(folder / CONFIG) != values:
            raise BadInput(
                f'{PLAN}: stage "{stage.name}" changed since it began. Use a new directory, or '
                f"delete {folder.name} and the stages after it."
            )
        return
    folder.mkdir(exist_ok=True)
    for path in sorted(stage.data.glob("*.jsonl")):
        shutil.copyfile(path, folder / path.name)
    write_json(folder / CONFIG, values)  # written last: the rows are there


def write_card(folder: Path, plan: Plan) -> None:
    """card.json for machines and card.md for people, from what the stages' own cards say."""
    cards = [read_json(folder / stage.folder / "card.json") for stage in plan.stages]
    stages = [_told(stage, card) for stage, card in zip(plan.stages, cards, strict=True)]
    human = [one for stage in plan.stages for one in stage.human]
    told = {
        "base": plan.base,
        "stages": stages,
        "human_minutes": minutes_by_kind(human),
        "seconds": math.fsum(stage["seconds"] for stage in stages),
    }
    write_json(folder / "card.json", told)
    write_text(folder / "card.md", card_text(told))


def minutes_by_kind(human: Sequence[Human]) -> dict[str, Any]:
    """Minutes that people gave, in all, by what they gave, and by when."""
    return {
        "all": math.fsum(one.minutes for one in human),
        "given": _summed([(one.given, one.minutes) for one in human]),
        "when": _summed([(one.when, one.minutes) for one in human]),
    }


def card_text(told: dict[str, Any]) -> str:
    """The chain's card as Markdown."""
    human = told["human_minutes"]
    lines = [
        f"# Chain on {told['base']}",
        "",
        "| stage | recipe | rows | from people | seconds | data hash |",
        "|---|---|---|---|---|---|",
        *(_row(stage) for stage in told["stages"]),
        "",
        f"People gave {human['all']:g} minutes in all.",
        *(f"- {name}: {minutes:g} minutes" for name, minutes in human["given"].items()),
        *(f"- {name}: {minutes:g} minutes" for name, minutes in human["when"].items()),
        "",
        "Each stage's folder has a card of its own.",
        "",
    ]
    return "\n".join(lines)


def _told(stage: Stage, card: dict[str, Any]) -> dict[str, Any]:
    kept = ("recipe", "base", "data_hash", "rows", "communities", "seconds", "parameters")
    human = [vars(one) for one in stage.human]
    return {"name": stage.name, "folder": stage.folder, **{k: card[k] for k in kept}} | {
        "human": human
    }


def _row(stage: dict[str, Any]) -> str:
    people = ", ".join(f"{h['given']} {h['when']} ({h['minutes']:g} min)" for h in stage["human"])
    cells = (stage["name"], stage["recipe"], stage["rows"], people or "nothing")
    return "| " + " | ".join(map(str, (*cells, stage["seconds"], stage["data_hash"][:12]))) + " |"


def _summed(parts: Sequence[tuple[str, float]]) -> dict[str, float]:
    names = sorted({name for name, _ in parts})
    return {name: math.fsum(value for key, value in parts if key == name) for name in names}


def main(arguments: list[str] | None = None) -> int:
    """Run the plan in the directory named on the command line.

    Returns 0 done, 1 failed, 2 bad input, 3 cancelled, 4 stopped at a limit; why is left as a
    sentence on stderr and in error.json.
    """
    parser = argparse.ArgumentParser(prog="python -m training.recipes.chain")
    parser.add_argument("plan_dir", type=Path, help=f"directory with {PLAN}")
    folder: Path = parser.parse_args(arguments).plan_dir
    try:
        if not folder.is_dir():
            raise BadInput(f"There is no plan directory {folder}.")
        work(folder)
    except RecipeStopped as stopped:
        print(stopped, file=sys.stderr)
        if folder.is_dir():
            write_json(folder / "error.json", {"sentence": str(stopped), "kind": stopped.kind})
        return stopped.code
    (folder / "error.json").unlink(missing_ok=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
