"""Proximal policy optimisation over a run directory: python -m training.recipes.ppo RUN_DIR

Schulman et al. 2017, as Ouyang et al. 2022 use it: a critic, generalised advantages, and the
price of distance from the base within the reward. Rows and rewards as for grpo, which needs no
critic and gains sooner from a weak beginning; this is for who wants the original.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from training.recipes._online import online_arguments, settings_of, train_online, trainer_options
from training.recipes._online_config import Critic
from training.recipes._online_rewards import Reward, Rewards
from training.recipes._rows import PromptRow
from training.recipes._run import Run, execute
from training.recipes._tokens import Encoder

if TYPE_CHECKING:
    from training.recipes._critic_trainer import CriticTrainer


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
) -> "CriticTrainer":
    """TRL's GRPO trainer over these prompts, with our rewards and a critic."""
    from trl import GRPOConfig

    from training.recipes._critic_trainer import CriticTrainer

    online = settings_of(run)
    return CriticTrainer(
        critic=load_critic(run, encoder, device),
        settings=online.critic or Critic(),
        price=online.kl,
        args=GRPOConfig(**online_arguments(run, device), scale_rewards="none"),
        **trainer_options(run, base, encoder, rows, rewards),
    )


def load_critic(run: Run, encoder: Encoder, device: str) -> Any:
    """The base with one number per token in place of words; at first it foresees nothing."""
    import torch
    from transformers import AutoModelForTokenClassification

    critic: Any = AutoModelForTokenClassification.from_pretrained(
        run.config.base, num_labels=1, dtype="float32", use_safetensors=True
    )
    critic.config.pad_token_id = encoder.tokenizer.pad_token_id
    torch.nn.init.zeros_(critic.score.weight)
    torch.nn.init.zeros_(critic.score.bias)
    return critic.to(device).eval()  # no dropout: what it foresees must not depend on chance


def main(arguments: list[str] | None = None) -> int:
    """Run over the directory named on the command line; see `_run.execute` for exit codes."""
    return execute("ppo", work, arguments)


if __name__ == "__main__":
    raise SystemExit(main())
