"""Rejection sampling over a run directory: python -m training.recipes.rejection RUN_DIR

The model answers each prompt several times; it then imitates the best answer by the rewards (Dong
et al. 2023, "RAFT"; with answers as the reward, Zelikman et al. 2022, "STaR"). Rows and rewards as
for grpo. What is imitated is written by the model itself, and marked so in winners.jsonl.
"""

import gc
import math
from collections.abc import Sequence

from training.recipes._errors import BadInput
from training.recipes._files import write_json_lines
from training.recipes._online import settings_of
from training.recipes._online_rewards import Reward
from training.recipes._rows import TRAIN, DemonstrationRow, PromptRow, read_prompts
from training.recipes._run import Run, execute
from training.recipes._winners import Sampled
from training.recipes.sft import imitate

WINNERS = "winners.jsonl"


def work(run: Run, rewards: Sequence[Reward] | None = None) -> None:
    """Answer, keep the best, imitate it, evaluate, write the card. rewards: for tests."""
    rows = [row for row in read_prompts(run.folder / TRAIN) if row.weight > 0]
    run.say("loading", 0, 1, "Loading the base model")
    sampled = Sampled(run, rows, rewards)
    won = winners(run, sampled, [row for row in rows if row.id in sampled.drawn])
    every = [float(score) for scores in sampled.scores.values() for score in scores]
    best = [reward for _, reward in won]
    del sampled
    gc.collect()  # the sampling model makes room for the one that learns
    if not won:
        raise BadInput('No completion was rewarded with at least "online.least".')
    told = {"drawn": len(every), "kept": len(won), "mean": _mean(every), "mean_kept": _mean(best)}
    imitate(run, [row for row, _ in won], {"rejection": told})


def winners(
    run: Run, sampled: Sampled, rows: Sequence[PromptRow]
) -> list[tuple[DemonstrationRow, float]]:
    """The best completion of each prompt with its reward, where that is enough; kept in
    winners.jsonl."""
    least = settings_of(run).least
    won = []
    for row in rows:
        text, reward = sampled.best(row)
        if math.isnan(reward) or (least is not None and reward < least) or not text.strip():
            continue
        chosen = DemonstrationRow(
            row.id, row.prompt, text, row.community, row.weight, row.principles
        )
        won.append((chosen, reward))
    write_json_lines(run.folder / WINNERS, [_line(run, row, reward) for row, reward in won])
    return won


def _line(run: Run, row: DemonstrationRow, reward: float) -> dict[str, object]:
    told = {"id": row.id, "prompt": row.prompt, "completion": row.completion}
    return {**told, "reward": reward, "written_by": run.config.base}


def _mean(values: Sequence[float]) -> float:
    known = [value for value in values if not math.isnan(value)]
    return math.fsum(known) / len(known) if known else math.nan


def main(arguments: list[str] | None = None) -> int:
    """Run over the directory named on the command line; see `_run.execute` for exit codes."""
    return execute("rejection", work, arguments)


if __name__ == "__main__":
    raise SystemExit(main())
