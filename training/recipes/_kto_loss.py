"""KTO: a model's gains and losses as a person feels them, from one completion at a time.

For a completion with log-ratio r = log π/π_ref the value is σ(β (r - z)) where it is wanted and
σ(β (z - r)) where it is not; the loss is λ (1 - value). z, the reference point, is how far the
model has moved in general: the mean log-ratio of completions that belong to other prompts, never
below 0, without gradient (Ethayarajh et al. 2024, "KTO: Model Alignment as Prospect Theoretic
Optimization", section 4.1).
"""

from typing import Any

import torch

from training.recipes._config import Config
from training.recipes._own_trainer import OwnTrainer, Rows, stack
from training.recipes._tokens import (
    completion_log_probs,
    completion_logits,
    pad_batch,
    token_entropies,
    token_log_probs,
)


class KtoTrainer(OwnTrainer):
    """KTO with one reference point for a whole step, so that cutting the step into smaller batches
    changes nothing (the paper and TRL take one for each batch)."""

    means = ("loss", "margin", "accuracy", "log_ratio", "kl_estimate", "completion_length")
    by_community = ("loss", "margin")

    def __init__(self, *, config: Config, **options: Any) -> None:
        self.config = config
        self.reference_point = 0.0
        super().__init__(**options)

    def get_batch_samples(self, *arguments: Any, **options: Any) -> Any:
        """A step's batches; the reference point is found before the first of them."""
        batches, items = super().get_batch_samples(*arguments, **options)
        if batches:
            self.reference_point = self._reference_point(batches)
        return batches, items

    def _reference_point(self, batches: Rows) -> float:
        model: Any = self.model
        was_training = model.training
        model.eval()
        ratios = []
        with torch.no_grad():
            for batch in batches:
                other = self._prepare_inputs(batch["other"])
                ratios.append(completion_log_probs(model, other) - other["reference"])
        model.train(was_training)
        mine = torch.cat(ratios)
        sums = torch.stack([mine.sum(), mine.new_tensor(float(len(mine)))])
        total, count = self.accelerator.reduce(sums, reduction="sum").tolist()
        return max(float(total) / float(count), 0.0)

    def batch_loss(self, model: Any, inputs: dict[str, Any]) -> torch.Tensor:
        """The mean over rows of row weight times loss; row weights hold λ."""
        logits, tokens, first = completion_logits(model, inputs)
        mask = inputs["completion_mask"][:, first:]
        log_ratios = (token_log_probs(logits, tokens) * mask).sum(dim=1) - inputs["reference"]
        desirable = inputs["desirable"].bool()
        losses = kto_losses(log_ratios, desirable, self.reference_point, self.config.beta)
        gains = log_ratios - self.reference_point
        margins = self.config.beta * torch.where(desirable, gains, -gains)
        lengths = mask.sum(dim=1).float()
        values = {
            "loss": losses,
            "margin": margins,
            "accuracy": torch.where(margins == 0, 0.5, (margins > 0).float()),
            "log_ratio": log_ratios,
            "kl_estimate": log_ratios.square() / 2,
            "completion_length": lengths,
        }
        if self.config.stop_when.entropy_below is not None:
            values["entropy"] = (token_entropies(logits) * mask).sum(dim=1) / lengths
        self.note(inputs, values, inputs["attention_mask"].sum())
        loss: torch.Tensor = (inputs["row_weight"] * losses).mean()
        return loss

    def finish_step(self) -> dict[str, Any]:
        """The step's metrics, with the reference point it had."""
        return {**super().finish_step(), "reference_point": self.reference_point}


def kto_losses(
    log_ratios: torch.Tensor, desirable: torch.Tensor, reference_point: float, beta: float
) -> torch.Tensor:
    """1 - value of each completion, in (0, 1), before λ: (rows,) from (rows,) and (rows,) bool."""
    gains = beta * (log_ratios - reference_point)
    return 1 - torch.sigmoid(torch.where(desirable, gains, -gains))


def collate_thumbs(pad_token_id: int) -> Any:
    """A collator: a row's own completion, and beside it one that belongs to another prompt."""

    def collate(rows: Rows) -> dict[str, Any]:
        own = pad_batch([(row["prompt"], row["completion"]) for row in rows], pad_token_id)
        other = pad_batch([(row["prompt"], row["other"]) for row in rows], pad_token_id)
        numbers = ("reference", "desirable", "row_weight", "community")
        return {
            **own,
            **{name: stack(rows, name) for name in numbers},
            "other": {**other, "reference": stack(rows, "other_reference")},
        }

    return collate
