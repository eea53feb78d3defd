"""What recipes share that learn from completions the model writes itself."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from training.recipes._answers import HeldOutAnswers, holds_answers
from training.recipes._card import write_card
from training.recipes._errors import BadInput
from training.recipes._evaluate import HeldOut, read_held_out, without_pairs, write_report
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
    Row,
    check_held_out,
    read_prompts,
    rows_seen,
)
from training.recipes._run import Run
from training.recipes._tokens import Encoder

# (run, base, encoder, rows, rewards, device) → a trainer for `train_to_end`.
MakeTrainer = Callable[[Run, Any, Encoder, Sequence[PromptRow], Rewards, str], Any]


def train_online(
    run: Run,
    make_trainer: MakeTrainer,
    rewards: Sequence[Reward] | None = None,
    start: Path | None = None,
) -> None:
    """Read the prompts, train, evaluate, write the card.

    rewards: for tests, in place of those that the configuration names. start: weights to begin
    from where it is not the base, which they are compared with all the same.
    """
    rows = usable_prompts(run)
    tested = Tested.read(run, rows)
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
    tested.ask_base(run, base, encoder)
    if start:
        base = load_base(replace(run.config, base=str(start)), device)
    trainer = make_trainer(run, base, encoder, rows, scored, device)
    from training.recipes._training import train_to_end

    train_to_end(run, trainer)
    trained = trainer.accelerator.unwrap_model(trainer.model)
    trained = write_final(trained, encoder.tokenizer, run.final, merge=run.config.merge)
    if run.config.evaluate:
        write_report(run, tested.report(run, trained, encoder))
    write_card(run, rows, encoder.cuts, device)


@dataclass
class Tested:
    """What a run is tested on: pairs that people judged, prompts whose answers can be checked, or
    both. heldout.jsonl has the one or the other."""

    with_pairs: bool
    answers: HeldOutAnswers
    pairs: HeldOut | None = None

    @classmethod
    def read(cls, run: Run, rows: Sequence[Row]) -> "Tested":
        """Raises BadInput when a prompt is trained on as well."""
        with_pairs = not holds_answers(run.folder)
        if with_pairs:
            check_held_out(rows, read_held_out(run.folder)[HELD_OUT])
        return cls(with_pairs, HeldOutAnswers.read(run, rows))

    def ask_base(self, run: Run, base: Any, encoder: Encoder) -> None:
        """Keep what the base makes of it, before it is changed."""
        if self.with_pairs and run.config.evaluate:
            self.pairs = HeldOut.prepare(run, base, encoder)
        self.answers.ask_base(run, base, encoder)

    def report(self, run: Run, trained: Any, encoder: Encoder) -> dict[str, Any]:
        """The content of report.json."""
        pairs = self.pairs.report(run, trained, encoder) if self.pairs else without_pairs(run)
        return {**pairs, **self.answers.report(run, trained, encoder)}


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
