"""MaxMin over communities, over a run directory: python -m training.recipes.maxmin RUN_DIR

Chakraborty et al. 2024 ("MaxMin-RLHF"): what is raised is the reward of the community that is
served worst. Rewards are one for each community, each standardised on its own training rows, so
that no scale decides; config.online.across says whether the least is taken for each completion or
over a step. Trained as grpo is.
"""

from collections.abc import Sequence

from training.recipes._online import train_online
from training.recipes._online_rewards import Reward
from training.recipes._run import Run, execute
from training.recipes.grpo import make_trainer


def work(run: Run, rewards: Sequence[Reward] | None = None) -> None:
    """Read the prompts, train, evaluate, write the card. rewards: for tests."""
    train_online(run, make_trainer, rewards)


def main(arguments: list[str] | None = None) -> int:
    """Run over the directory named on the command line; see `_run.execute` for exit codes."""
    return execute("maxmin", work, arguments)


if __name__ == "__main__":
    raise SystemExit(main())
