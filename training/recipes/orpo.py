"""ORPO over a run directory: python -m training.recipes.orpo RUN_DIR

Imitates what a community prefers and pushes away what it does not, in one loss, without a reference
model (Hong et al. 2024), with the community's share as the label and a weight per row.
"""

import math
from collections.abc import Sequence
from typing import Any

from training.recipes._card import write_card
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
    PreferenceRow,
    check_held_out,
    read_preferences,
    rows_seen,
)
from training.recipes._run import Run, execute
from training.recipes._tokens import Encoder
from training.recipes.dpo import target_of, usable_rows


def work(run: Run) -> None:
    """Read the rows, train, evaluate, write the card."""
    config = run.config
    rows = usable_rows(read_preferences(run.folder / TRAIN), config)
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
        write_report(run, held_out.report(run, trained, encoder))
    write_card(run, rows, encoder.cuts, device)


def make_trainer(
    run: Run, base: Any, encoder: Encoder, rows: Sequence[PreferenceRow], device: str
) -> Any:
    """A trainer over these rows, with row weights scaled to a mean of 1."""
    from training.recipes._orpo_loss import OrpoTrainer, collate_labelled
    from training.recipes._own_trainer import own_trainer

    communities = sorted({row.community for row in rows})
    mean = math.fsum(sorted(row.weight for row in rows)) / len(rows)
    columns = []
    for row in rows:
        prompt, chosen, _ = encoder.pair(row.prompt, row.chosen)
        _, rejected, _ = encoder.pair(row.prompt, row.rejected)
        columns.append(
            {
                "prompt": prompt,
                "chosen": chosen,
                "rejected": rejected,
                "target": target_of(row, run.config),
                "row_weight": row.weight / mean,
                "community": communities.index(row.community),
            }
        )
    return own_trainer(
        OrpoTrainer,
        base,
        columns,
        collate_labelled(encoder.tokenizer.pad_token_id),
        training_arguments(run.config, device, run.checkpoints),
        adapter_config(run.config),
        communities=communities,
        config=run.config,
    )


def main(arguments: list[str] | None = None) -> int:
    """Run over the directory named on the command line; see `_run.execute` for exit codes."""
    return execute("orpo", work, arguments)


if __name__ == "__main__":
    raise SystemExit(main())
