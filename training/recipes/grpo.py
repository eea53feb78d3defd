"""Group relative policy optimisation over a run directory: python -m training.recipes.grpo RUN_DIR

Shao et al. 2024 ("DeepSeekMath"): several completions of each prompt, each compared with its
siblings; no critic. Learns from prompts (train.jsonl: id, prompt, community, weight, and answer
where one can be checked) and from the rewards that config.online.rewards names.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from training.recipes._online import online_arguments, settings_of, train_online, trainer_options
from training.recipes._online_rewards import Reward, Rewards
from training.recipes._rows import PromptRow
from training.recipes._run import Run, execute
from training.recipes._tokens import Encoder

if TYPE_CHECKING:
    from training.recipes._online_trainers import GroupRelativeTrainer


def work(run: Run, rewards: Sequence[Reward] | None = None) -> None:
    """Read the prompts, train, evaluate, write the card. rewards: for tests."""
    train_online(run, make_trainer, rewards)


def make_trainer(
    run: Run,
    base: Any,
    encoder: Encoder,
    rows: Sequence[PromptRow],
    rewards: Rewards,
    device: str,
) -> "GroupRelativeTrainer":
    """TRL's trainer over these prompts, with our rewards."""
    from trl import GRPOConfig

    from training.recipes._online_trainers import GroupRelativeTrainer

    return GroupRelativeTrainer(
        args=GRPOConfig(**online_arguments(run, device), scale_rewards=settings_of(run).scale),
        **trainer_options(run, base, encoder, rows, rewards),
    )


def main(arguments: list[str] | None = None) -> int:
    """Run over the directory named on the command line; see `_run.execute` for exit codes."""
    return execute("grpo", work, arguments)


if __name__ == "__main__":
    raise SystemExit(main())
