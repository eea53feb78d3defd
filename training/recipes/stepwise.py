"""A process reward model over a run directory: python -m training.recipes.stepwise RUN_DIR

Lightman et al. 2023 ("Let's Verify Step by Step"): for each step of a solution, the probability
that it is right. Rows (train.jsonl, heldout.jsonl): id, prompt, steps, labels (true or false, one
for each step), and, if wanted, community and weight. The result is a reward (kind "steps") and a
scorer for best_of_n.
"""

import math
from collections.abc import Sequence
from typing import Any

from training.methods.step_errors import first_errors_report
from training.recipes._card import write_card
from training.recipes._errors import BadInput
from training.recipes._evaluate import without_pairs, write_report
from training.recipes._files import write_json
from training.recipes._model import (
    adapter_config,
    choose_device,
    load_tokenizer,
    training_arguments,
    write_final,
)
from training.recipes._rows import (
    HELD_OUT,
    TRAIN,
    StepsRow,
    check_held_out,
    read_steps,
    rows_seen,
)
from training.recipes._run import Run, execute
from training.recipes._steps import STEPS, StepScorer, encode_steps, load_step_model
from training.recipes._tokens import Encoder


def work(run: Run) -> None:
    """Read the solutions, train, evaluate, write the card."""
    config = run.config
    rows = [row for row in read_steps(run.folder / TRAIN) if row.weight > 0]
    if not rows:
        raise BadInput(f"{TRAIN}: no row is left to learn from.")
    held_out = read_steps(run.folder / HELD_OUT)
    check_held_out(rows, held_out)
    rows = rows_seen(
        rows, config.max_steps * config.batch_size * config.gradient_accumulation, config.seed
    )
    run.say("loading", 0, 1, "Loading the base model")
    device = choose_device(config)
    encoder = Encoder(load_tokenizer(config), config)
    base = load_step_model(config, device)
    run.record_start()
    trainer = make_trainer(run, base, encoder, rows, device)
    from training.recipes._training import train_to_end

    train_to_end(run, trainer)
    trained = trainer.accelerator.unwrap_model(trainer.model)
    trained = write_final(trained, encoder.tokenizer, run.final, merge=config.merge)
    write_json(run.final / STEPS, _described(run))
    if config.evaluate:
        write_report(run, report(run, StepScorer(trained.eval(), encoder), held_out))
    write_card(run, rows, encoder.cuts, device)


def make_trainer(
    run: Run, base: Any, encoder: Encoder, rows: Sequence[StepsRow], device: str
) -> Any:
    """A trainer over these solutions, with row weights scaled to a mean of 1."""
    from training.recipes._own_trainer import own_trainer
    from training.recipes._steps_loss import StepsTrainer, collate_steps

    communities = sorted({row.community for row in rows})
    mean = math.fsum(sorted(row.weight for row in rows)) / len(rows)
    columns = []
    for row in rows:
        marked = encode_steps(encoder, row.prompt, row.steps)
        if not marked.marks:
            raise BadInput(
                f'{TRAIN}: not even the first step of row {row.id} fits into "max_tokens".'
            )
        columns.append(
            {
                "marked": marked,
                "labels": row.labels[: len(marked.marks)],
                "row_weight": row.weight / mean,
                "community": communities.index(row.community),
            }
        )
    return own_trainer(
        StepsTrainer,
        base,
        columns,
        collate_steps(encoder.tokenizer.pad_token_id),
        training_arguments(run.config, device, run.checkpoints),
        adapter_config(run.config, "TOKEN_CLS"),
        communities=communities,
    )


def report(run: Run, scorer: StepScorer, held_out: Sequence[StepsRow]) -> dict[str, Any]:
    """How often the first wrong step of held-out solutions is found."""
    run.say("evaluating", 0, 1, "Scoring the steps of held-out solutions")
    scores = scorer.score([(row.prompt, row.steps) for row in held_out])
    told = first_errors_report([row.labels for row in held_out], scores, run.config.level)
    return {**without_pairs(run), "steps": told}


def _described(run: Run) -> dict[str, Any]:
    config = run.config
    limits = {"max_tokens": config.max_tokens, "max_prompt_tokens": config.max_prompt_tokens}
    return {"base": config.base, **limits}


def main(arguments: list[str] | None = None) -> int:
    """Run over the directory named on the command line; see `_run.execute` for exit codes."""
    return execute("stepwise", work, arguments)


if __name__ == "__main__":
    raise SystemExit(main())
