"""Online RLAIF over a run directory: python -m training.recipes.rlaif_online RUN_DIR

A judge that reads sampled principles compares the model's completions of a prompt with one
another, in both orders (Bai et al. 2022, with the judge itself in place of a preference model, as
in Lee et al. 2023, "direct RLAIF"); wins are the reward. Further rewards of config.online.rewards
are added. Trained as grpo is. The judge is `judge.model`, or the base.
"""

from collections.abc import Sequence

from elicitation.kernel.language_models import LanguageModelError
from training.methods.judging import Judge
from training.recipes._errors import BadInput
from training.recipes._online import train_online
from training.recipes._online_rewards import Reward, judged
from training.recipes._run import Run, execute
from training.recipes.grpo import make_trainer


def work(run: Run, judge: Judge | None = None) -> None:
    """Read the prompts, train, evaluate, write the card. judge: for tests."""
    if not run.config.constitution:
        raise BadInput('config.json: "constitution" is empty; rlaif_online needs principles.')
    rewards: Sequence[Reward] | None = None
    if judge is not None:
        rewards = [Reward("judge", judged(run, judge))]
    try:
        train_online(run, make_trainer, rewards)
    except LanguageModelError as error:
        raise BadInput(f"The judge could not compare completions: {error}") from error


def main(arguments: list[str] | None = None) -> int:
    """Run over the directory named on the command line; see `_run.execute` for exit codes."""
    return execute("rlaif_online", work, arguments)


if __name__ == "__main__":
    raise SystemExit(main())
