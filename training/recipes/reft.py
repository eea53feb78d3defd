"""Reinforced fine-tuning over a run directory: python -m training.recipes.reft RUN_DIR

Luong et al. 2024 ("ReFT"): a warm-up that imitates demonstrations.jsonl, then learning from
whether the model's own answers to train.jsonl come out right. Their second stage is PPO; here it
is GRPO, which has no critic to warm up, unless config.online.critic is set. The warm-up is a run
of sft in warm_up/, whole weights merged, and is not made twice. Without demonstrations.jsonl the
solutions that rows of train.jsonl carry are imitated, each closed by "#### answer" as in GSM8K.
"""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from training.recipes import grpo, ppo, sft
from training.recipes._config import CONFIG, Config, as_json
from training.recipes._errors import BadInput
from training.recipes._files import read_json_lines, write_json, write_json_lines, write_text
from training.recipes._online import Tested, settings_of, train_online
from training.recipes._online_config import DEMONSTRATIONS
from training.recipes._online_rewards import Reward
from training.recipes._rows import EVERYONE, HELD_OUT, TRAIN, read_demonstrations
from training.recipes._run import Run, execute

WARM_UP = "warm_up"


def work(run: Run, rewards: Sequence[Reward] | None = None) -> None:
    """Warm up, train on answers, evaluate, write the card. rewards: for tests."""
    start = warm_up(run) if settings_of(run).warm_up.steps else None
    stage: Any = ppo if settings_of(run).critic else grpo
    train_online(run, stage.make_trainer, rewards, start=start)


def warm_up(run: Run) -> Path:
    """Imitate the demonstrations, unless that is done. Returns the folder of whole weights."""
    inner = run.inner(run.folder / WARM_UP, _warm_up_config(run), "Warm-up")
    if (inner.folder / "card.json").is_file():
        return inner.final
    inner.folder.mkdir(exist_ok=True)
    write_json(inner.folder / CONFIG, as_json(inner.config))
    if (run.folder / DEMONSTRATIONS).is_file():
        shutil.copyfile(run.folder / DEMONSTRATIONS, inner.folder / TRAIN)
    else:
        write_json_lines(inner.folder / TRAIN, solutions(run))
    # Refused before anything is trained: what is held out may not be imitated either.
    Tested.read(run, read_demonstrations(inner.folder / TRAIN))
    write_text(inner.folder / HELD_OUT, "")  # what is tested is the whole
    sft.work(inner)
    return inner.final


def solutions(run: Run) -> list[dict[str, Any]]:
    """Rows to imitate, from the solutions beside answers. Raises BadInput where there are none."""
    rows = [row for _, row in read_json_lines(run.folder / TRAIN)]
    shown = [row for row in rows if str(row.get("solution") or "").strip()]
    if not shown:
        raise BadInput(
            f"{DEMONSTRATIONS} is missing, and no row of {TRAIN} has a solution to imitate."
        )
    return [
        {
            "id": row["id"],
            "prompt": row["prompt"],
            "completion": f"{row['solution'].strip()}\n#### {row['answer']}",
            "community": row.get("community") or EVERYONE,
            "weight": row.get("weight", 1.0),
        }
        for row in shown
    ]


def _warm_up_config(run: Run) -> Config:
    wanted = settings_of(run).warm_up
    return replace(
        run.config,
        recipe="sft",
        online=None,
        max_steps=wanted.steps,
        learning_rate=wanted.learning_rate,
        evaluate=False,
        merge=run.config.lora is not None,
    )


def main(arguments: list[str] | None = None) -> int:
    """Run over the directory named on the command line; see `_run.execute` for exit codes."""
    return execute("reft", work, arguments)


if __name__ == "__main__":
    raise SystemExit(main())
