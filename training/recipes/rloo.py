"""REINFORCE leave-one-out over a run directory: python -m training.recipes.rloo RUN_DIR

Ahmadian et al. 2024 ("Back to Basics"): a completion's advantage is its reward minus the mean of
its siblings', the price of distance from the base being part of the reward. Rows and rewards as
for grpo.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from training.recipes._online import online_arguments, train_online, trainer_options
from training.recipes._online_rewards import Reward, Rewards
from training.recipes._rows import PromptRow
from training.recipes._run import Run, execute
from training.recipes._tokens import Encoder

if TYPE_CHECKING:
    from training.recipes._online_trainers import LeaveOneOutTrainer


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
) -> "LeaveOneOutTrainer":
    """TRL's trainer over these prompts, with our rewards."""
    from trl import RLOOConfig

    from training.recipes._online_trainers import LeaveOneOutTrainer

    return LeaveOneOutTrainer(
        args=RLOOConfig(**online_arguments(run, device)),
        **trainer_options(run, base, encoder, rows, rewards),
    )


def main(arguments: list[str] | None = None) -> int:
    """Run over the directory named on the command line; see `_run.execute` for exit codes."""
    return execute("rloo", work, arguments)


if __name__ == "__main__":
    raise SystemExit(main())
