"""Supervised fine-tuning over a run directory: python -m training.recipes.sft RUN_DIR

Imitates the completions of train.jsonl, weighted by row. Held-out rows are preferences all the
same, since what is asked of the result is whether it now sides with the community.
"""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

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
from training.recipes._rows import (
    HELD_OUT,
    TRAIN,
    DemonstrationRow,
    check_held_out,
    read_demonstrations,
    rows_seen,
)
from training.recipes._run import Run, execute
from training.recipes._tokens import Encoder

if TYPE_CHECKING:
    from training.recipes._imitation_loss import ImitationTrainer


def work(run: Run) -> None:
    """Read the rows, train, evaluate, write the card."""
    imitate(run, [row for row in read_demonstrations(run.folder / TRAIN) if row.weight > 0])


def imitate(
    run: Run, rows: Sequence[DemonstrationRow], extra: dict[str, Any] | None = None
) -> None:
    """Everything from rows to report.json. extra: more to put into the report."""
    config = run.config
    if not rows:
        raise BadInput(f"{TRAIN}: no row is left to learn from.")
    check_held_out(rows, read_held_out(run.folder)[HELD_OUT])
    visits = config.max_steps * config.batch_size * config.gradient_accumulation
    rows = rows_seen(rows, visits, config.seed)
    run.say("loading", 0, 1, "Loading the base model")
    device = choose_device(config)
    encoder = Encoder(load_tokenizer(config), config)
    base = load_base(config, device)
    run.record_start()
    held_out = HeldOut.prepare(run, base, encoder) if config.evaluate else None
    trainer = make_trainer(run, base, encoder, rows, device)
    from training.recipes._training import train_to_end

    train_to_end(run, trainer)
    trained = trainer.accelerator.unwrap_model(trainer.model)
    trained = write_final(trained, encoder.tokenizer, run.final, merge=config.merge)
    if held_out:
        write_report(run, {**held_out.report(run, trained, encoder), **(extra or {})})
    write_card(run, rows, encoder.cuts, device)


def make_trainer(
    run: Run, base: Any, encoder: Encoder, rows: Sequence[DemonstrationRow], device: str
) -> "ImitationTrainer":
    """TRL's trainer over these rows, with row weights scaled to a mean of 1."""
    from datasets import Dataset
    from trl import SFTConfig

    from training.recipes._imitation_loss import ImitationTrainer

    communities = sorted({row.community for row in rows})
    mean = math.fsum(sorted(row.weight for row in rows)) / len(rows)
    columns = []
    for row in rows:
        prompt, completion, _ = encoder.pair(row.prompt, row.completion)
        columns.append(
            {
                "input_ids": prompt + completion,
                "labels": [-100] * len(prompt) + completion,
                "row_weight": row.weight / mean,
                "community": communities.index(row.community),
            }
        )
    return ImitationTrainer(
        communities=communities,
        watches_entropy=run.config.stop_when.entropy_below is not None,
        model=base,
        args=SFTConfig(
            **training_arguments(run.config, device, run.checkpoints),
            dataset_kwargs={"skip_prepare_dataset": True},
        ),
        train_dataset=Dataset.from_list(columns),
        processing_class=encoder.tokenizer,
        peft_config=adapter_config(run.config),
    )


def main(arguments: list[str] | None = None) -> int:
    """Run over the directory named on the command line; see `_run.execute` for exit codes."""
    return execute("sft", work, arguments)


if __name__ == "__main__":
    raise SystemExit(main())
