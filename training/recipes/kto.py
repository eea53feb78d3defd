"""KTO over a run directory: python -m training.recipes.kto RUN_DIR

Learns from thumbs: completions that a community wants or does not, each by itself (Ethayarajh et
al. 2024). Held-out rows are preferences, as for every recipe.
"""

import math
import random
from collections.abc import Sequence
from typing import Any

from training.recipes._card import write_card
from training.recipes._config_parts import Kto
from training.recipes._errors import BadInput
from training.recipes._evaluate import (
    HeldOut,
    Measured,
    read_held_out,
    remembered_log_probs,
    write_report,
)
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
    ThumbRow,
    check_held_out,
    prompt_key,
    read_thumbs,
    rows_seen,
)
from training.recipes._run import Run, execute
from training.recipes._tokens import Encoder


def work(run: Run) -> None:
    """Read the thumbs, train, evaluate, write the card."""
    config = run.config
    rows = [row for row in read_thumbs(run.folder / TRAIN) if row.weight > 0]
    if not rows:
        raise BadInput(f"{TRAIN}: no row is left to learn from.")
    check_held_out(rows, read_held_out(run.folder)[HELD_OUT])
    visits = config.max_steps * config.batch_size * config.gradient_accumulation
    rows = rows_seen(rows, visits, config.seed)
    pairs = beside_others(rows, config.seed)
    run.say("loading", 0, 1, "Loading the base model")
    device = choose_device(config)
    encoder = Encoder(load_tokenizer(config), config)
    base = load_base(config, device)
    run.record_start()
    held_out = HeldOut.prepare(run, base, encoder) if config.evaluate else None
    reference = remembered_log_probs(
        run, base, encoder, pairs, "reference.jsonl", "The base model on training rows"
    )
    trainer = make_trainer(run, base, encoder, rows, pairs, reference, device)
    from training.recipes._training import train_to_end

    train_to_end(run, trainer)
    trained = trainer.accelerator.unwrap_model(trainer.model)
    trained = write_final(trained, encoder.tokenizer, run.final, merge=config.merge)
    if held_out:
        write_report(run, held_out.report(run, trained, encoder))
    write_card(run, rows, encoder.cuts, device)


def beside_others(rows: Sequence[ThumbRow], seed: int) -> list[PreferenceRow]:
    """Each row's completion beside one that belongs to another prompt, drawn by lot once.

    Raises BadInput when all rows have the same prompt: the reference point needs others.
    """
    order = sorted(rows, key=lambda row: row.id)
    random.Random(f"{seed} others").shuffle(order)  # noqa: S311  a lottery for rows, not a secret
    found = {}
    for i, row in enumerate(order):
        following = (order[(i + step) % len(order)] for step in range(1, len(order)))
        other = next((one for one in following if prompt_key(one) != prompt_key(row)), None)
        if other is None:
            raise BadInput(f"{TRAIN}: KTO needs rows with at least two different prompts.")
        found[row.id] = PreferenceRow(
            *(row.id, row.prompt, row.completion, other.completion, None, 0),
            *(row.community, row.weight, row.principles, ()),
        )
    return [found[row.id] for row in rows]


def side_weights(rows: Sequence[ThumbRow], asked: Kto) -> tuple[float, float]:
    """(λ of desirable rows, λ of undesirable ones): as asked, or so that the rarer side's rows
    weigh as much in all as the other's."""
    up = math.fsum(sorted(row.weight for row in rows if row.desirable))
    down = math.fsum(sorted(row.weight for row in rows if not row.desirable))
    balanced = (max(1.0, down / up), max(1.0, up / down)) if up and down else (1.0, 1.0)
    return (
        balanced[0] if asked.desirable_weight is None else asked.desirable_weight,
        balanced[1] if asked.undesirable_weight is None else asked.undesirable_weight,
    )


def make_trainer(
    run: Run,
    base: Any,
    encoder: Encoder,
    rows: Sequence[ThumbRow],
    pairs: Sequence[PreferenceRow],
    reference: dict[str, Measured],
    device: str,
) -> Any:
    """A trainer over these rows; row weights are scaled to a mean of 1, times λ."""
    from training.recipes._kto_loss import KtoTrainer, collate_thumbs
    from training.recipes._own_trainer import own_trainer

    communities = sorted({row.community for row in rows})
    mean = math.fsum(sorted(row.weight for row in rows)) / len(rows)
    up, down = side_weights(rows, run.config.kto)
    columns = []
    for row, pair in zip(rows, pairs, strict=True):
        prompt, completion, _ = encoder.pair(row.prompt, row.completion)
        _, other, _ = encoder.pair(pair.prompt, pair.rejected)
        own, others = reference[row.id].log_probs
        columns.append(
            {
                "prompt": prompt,
                "completion": completion,
                "other": other,
                "reference": own,
                "other_reference": others,
                "desirable": int(row.desirable),
                "row_weight": row.weight / mean * (up if row.desirable else down),
                "community": communities.index(row.community),
            }
        )
    return own_trainer(
        KtoTrainer,
        base,
        columns,
        collate_thumbs(encoder.tokenizer.pad_token_id),
        training_arguments(run.config, device, run.checkpoints),
        adapter_config(run.config),
        communities=communities,
        config=run.config,
    )


def main(arguments: list[str] | None = None) -> int:
    """Run over the directory named on the command line; see `_run.execute` for exit codes."""
    return execute("kto", work, arguments)


if __name__ == "__main__":
    raise SystemExit(main())
