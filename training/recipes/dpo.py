"""Direct preference optimisation over a run directory: python -m training.recipes.dpo RUN_DIR

Rafailov et al. 2023, with the share of a community as the label, a weight per row, and, where
asked for, group-robust weights over communities (Ramesh et al. 2024), IPO's loss, or an allowance
for length.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from training.methods.group_weights import GroupWeights, weight_shares
from training.recipes._card import write_card
from training.recipes._config import Config
from training.recipes._errors import BadInput
from training.recipes._evaluate import (
    HeldOut,
    Measured,
    desensitised_reference,
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
    check_held_out,
    read_preferences,
    rows_seen,
)
from training.recipes._run import Run, execute
from training.recipes._tokens import Encoder

if TYPE_CHECKING:
    from training.recipes._preference_loss import PreferenceTrainer


def work(run: Run) -> None:
    """Read the rows, train, evaluate, write the card."""
    train_on_preferences(run, usable_rows(read_preferences(run.folder / TRAIN), run.config))


def train_on_preferences(
    run: Run, rows: Sequence[PreferenceRow], extra: dict[str, Any] | None = None
) -> None:
    """Everything from labelled rows to report.json. extra: more to put into the report."""
    config = run.config
    check_held_out(rows, read_held_out(run.folder)[HELD_OUT])
    visits = config.max_steps * config.batch_size * config.gradient_accumulation
    rows = rows_seen(rows, visits, config.seed)
    run.say("loading", 0, 1, "Loading the base model")
    device = choose_device(config)
    encoder = Encoder(load_tokenizer(config), config)
    base = load_base(config, device)
    run.record_start()
    # All that needs the untouched base comes first; then one model in memory is enough.
    held_out = HeldOut.prepare(run, base, encoder) if config.evaluate else None
    reference = remembered_log_probs(
        run, base, encoder, rows, "reference.jsonl", "The base model on training pairs"
    )
    if config.ld_alpha < 1:
        reference = desensitised_reference(run, base, encoder, rows, reference)
    trainer = make_trainer(run, base, encoder, rows, reference, device)
    from training.recipes._training import train_to_end

    train_to_end(run, trainer)
    trained = trainer.accelerator.unwrap_model(trainer.model)
    trained = write_final(trained, encoder.tokenizer, run.final, merge=config.merge)
    if held_out:
        report = held_out.report(run, trained, encoder)
        write_report(run, {**report, **(extra or {})})
    write_card(run, rows, encoder.cuts, device)


def usable_rows(rows: Sequence[PreferenceRow], config: Config) -> list[PreferenceRow]:
    """Rows that can teach something. Raises BadInput when there are none.

    Left out: rows of weight 0, and, for hard labels, rows whose community is split evenly.
    """
    kept = [r for r in rows if r.weight > 0 and not (config.loss == "hard" and r.share == 0.5)]
    if not kept:
        raise BadInput(f"{TRAIN}: no row is left to learn from.")
    return kept


def target_of(row: PreferenceRow, config: Config) -> float:
    """The label of a row: the share, or the majority's side, drawn towards ½ by smoothing."""
    if row.share is None:
        raise BadInput(f"{TRAIN}: row {row.id} has no share, so there is nothing to learn from it.")
    label = float(row.share > 0.5) if config.loss == "hard" else row.share
    return label * (1 - config.label_smoothing) + (1 - label) * config.label_smoothing


def make_trainer(
    run: Run,
    base: Any,
    encoder: Encoder,
    rows: Sequence[PreferenceRow],
    reference: dict[str, Measured],
    device: str,
) -> "PreferenceTrainer":
    """TRL's trainer over these rows, with our loss."""
    from datasets import Dataset
    from trl import DPOConfig

    from training.recipes._preference_loss import PreferenceTrainer

    config = run.config
    groups = None
    if config.group_robust:
        shares = weight_shares((row.community, row.weight) for row in rows)
        groups = GroupWeights(shares, config.group_robust.eta)
    communities = sorted({row.community for row in rows})
    columns = _columns(encoder, rows, reference, communities, config)
    return PreferenceTrainer(
        communities=communities,
        groups=groups,
        config=config,
        model=base,
        args=DPOConfig(
            **training_arguments(config, device, run.checkpoints),
            beta=config.beta,
            precompute_ref_log_probs=True,
        ),
        train_dataset=Dataset.from_list(columns),
        processing_class=encoder.tokenizer,
        peft_config=adapter_config(config),
    )


def _columns(
    encoder: Encoder,
    rows: Sequence[PreferenceRow],
    reference: dict[str, Measured],
    communities: Sequence[str],
    config: Config,
) -> list[dict[str, Any]]:
    """What the trainer needs of each row. Row weights are scaled to a mean of 1."""
    mean = sum(sorted(row.weight for row in rows)) / len(rows)
    columns = []
    for row in rows:
        prompt, chosen, _ = encoder.pair(row.prompt, row.chosen)
        _, rejected, _ = encoder.pair(row.prompt, row.rejected)
        ref_chosen, ref_rejected = reference[row.id].log_probs
        columns.append(
            {
                "prompt_ids": prompt,
                "chosen_ids": chosen,
                "rejected_ids": rejected,
                "ref_chosen_logps": ref_chosen,
                "ref_rejected_logps": ref_rejected,
                "target": target_of(row, config),
                "row_weight": row.weight / mean,
                "community": communities.index(row.community),
            }
        )
    return columns


def main(arguments: list[str] | None = None) -> int:
    """Run over the directory named on the command line; see `_run.execute` for exit codes."""
    return execute("dpo", work, arguments)


if __name__ == "__main__":
    raise SystemExit(main())
