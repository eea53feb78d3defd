"""What recipes share that learn from completions the model writes itself."""

import math
from collections.abc import Callable, Sequence
from typing import Any

from training.recipes._card import write_card
from training.recipes._errors import BadInput
from training.recipes._evaluate import HeldOut, read_held_out, write_report
from training.recipes._model import (
    adapter_config,
    choose_device,
    load_base,
    load_tokenizer,
    training_arguments,
    write_final,
)
from training.recipes._online_config import Online
from training.recipes._online_rewards import Reward, Rewards, across_of, make_rewards, named_apart
from training.recipes._rows import (
    HELD_OUT,
    TRAIN,
    PromptRow,
    check_held_out,
    read_prompts,
    rows_seen,
)
from training.recipes._run import Run
from training.recipes._tokens import Encoder

# (run, base, encoder, rows, rewards, device) → a trainer for `train_to_end`.
MakeTrainer = Callable[[Run, Any, Encoder, Sequence[PromptRow], Rewards, str], Any]


def train_online(
    run: Run, make_trainer: MakeTrainer, rewards: Sequence[Reward] | None = None
) -> None:
    """Read the prompts, train, evaluate, write the card. rewards: for tests, in place of those
    that the configuration names."""
    rows = usable_prompts(run)
    check_held_out(rows, read_held_out(run.folder)[HELD_OUT])
    rows = rows_seen(rows, visits_of(run), run.config.seed)
    run.say("loading", 0, 1, "Loading the base model")
    device = choose_device(run.config)
    encoder = Encoder(load_tokenizer(run.config), run.config)
    base = load_base(run.config, device)
    if rewards is None:
        scored = make_rewards(run, rows, device)
    else:
        scored = named_apart(rewards, across_of(run))
    run.record_start()
    held_out = HeldOut.prepare(run, base, encoder) if run.config.evaluate else None
    trainer = make_trainer(run, base, encoder, rows, scored, device)
    from training.recipes._training import train_to_end

    train_to_end(run, trainer)
    write_final(trainer.accelerator.unwrap_model(trainer.model), encoder.tokenizer, run.final)
    if held_out:
        write_report(run, held_out.report(run, trainer.model, encoder))
    write_card(run, rows, encoder.cuts, device)


def settings_of(run: Run) -> Online:
    """The run's online settings, which reading its configuration has made sure of."""
    online = run.config.online
    if online is None:
        raise BadInput('config.json: "online" is missing.')
    return online


def usable_prompts(run: Run) -> list[PromptRow]:
    """Prompts that weigh anything. Raises BadInput when they are too few for one step."""
    rows = [row for row in read_prompts(run.folder / TRAIN) if row.weight > 0]
    wanted = prompts_per_step(run)
    if len(rows) < wanted:
        raise BadInput(
            f"{TRAIN}: {len(rows)} prompts are left to learn from, but a step takes {wanted} "
            '("batch_size" × "gradient_accumulation" / "online.generations").'
        )
    return rows


def prompts_per_step(run: Run) -> int:
    """How many prompts a step asks; each is answered `generations` times."""
    config = run.config
    return config.batch_size * config.gradient_accumulation // settings_of(run).generations


def visits_of(run: Run) -> int:
    """How many prompts a run asks in all; iterations use the same completions again."""
    rounds = -(-run.config.max_steps // settings_of(run).iterations)
    return rounds * prompts_per_step(run)


def online_arguments(run: Run, device: str) -> dict[str, Any]:
    """What the configurations of GRPO, RLOO and PPO have in common."""
    online = settings_of(run)
    arguments = training_arguments(run.config, device, run.checkpoints)
    del arguments["max_length"]  # prompts arrive cut; completions end at new_tokens
    return {
        **arguments,
        "num_generations": online.generations,
        "max_completion_length": online.new_tokens,
        "temperature": online.temperature,
        "beta": online.kl,
        "epsilon": online.clip,
        "num_iterations": online.iterations,
        "remove_unused_columns": False,
        "disable_dropout": True,  # a token's probability must not depend on when it is asked
    }


def trainer_options(
    run: Run, base: Any, encoder: Encoder, rows: Sequence[PromptRow], rewards: Rewards
) -> dict[str, Any]:
    """What every online trainer is made with, apart from its settings. Row weights are scaled to
    a mean of 1."""
    from datasets import Dataset

    mean = math.fsum(sorted(row.weight for row in rows)) / len(rows)
    columns = [
        {
            "prompt": list(row.prompt),
            "community": row.community,
            "answer": row.answer,
            "row_weight": row.weight / mean,
        }
        for row in rows
    ]
    return {
        "rewards": rewards,
        "encoder": encoder,
        "model": base,
        "train_dataset": Dataset.from_list(columns),
        "processing_class": encoder.tokenizer,
        "peft_config": adapter_config(run.config),
    }
