"""ORPO: imitation and preference in one loss, with no reference model (Hong et al. 2024).

With P the geometric mean of a completion's token probabilities and d the difference of the two
log-odds log P/(1-P), the paper's loss for a pair is -log P(chosen) - λ log σ(d). Here a share p of
the community is the label, so that the loss is its mean over who prefers which:
p (-log P(chosen) - λ log σ(d)) + (1 - p) (-log P(rejected) - λ log σ(-d)).
"""

from typing import Any

import torch

from training.recipes._config import Config
from training.recipes._own_trainer import OwnTrainer, Rows, stack
from training.recipes._preference_loss import soft_label_loss
from training.recipes._reward_loss import sided
from training.recipes._tokens import (
    completion_logits,
    pad_batch,
    token_entropies,
    token_log_probs,
)

CERTAIN = -1e-6  # a log-probability above this would have no finite odds


class OrpoTrainer(OwnTrainer):
    """The loss above; `margin` is d, in nats."""

    means = (
        *("loss", "margin", "accuracy", "chosen_log_prob", "rejected_log_prob"),
        *("chosen_length", "rejected_length"),
    )
    by_community = ("loss", "margin")

    def __init__(self, *, config: Config, **options: Any) -> None:
        self.config = config
        super().__init__(**options)

    def batch_loss(self, model: Any, inputs: dict[str, Any]) -> torch.Tensor:
        """The mean over pairs of row weight times loss."""
        logits, tokens, first = completion_logits(model, inputs)
        mask = inputs["completion_mask"][:, first:]
        lengths = mask.sum(dim=1).float()
        means = (token_log_probs(logits, tokens) * mask).sum(dim=1) / lengths
        chosen, rejected = means.chunk(2)
        margins = log_odds(chosen) - log_odds(rejected)
        target, odds_weight = inputs["target"], self.config.orpo.odds_weight
        imitated = -target * chosen - (1 - target) * rejected
        losses = imitated + odds_weight * soft_label_loss(margins, target)
        values = {
            "loss": losses,
            "margin": margins,
            "accuracy": sided(margins, target),
            "chosen_log_prob": chosen,
            "rejected_log_prob": rejected,
            "chosen_length": lengths.chunk(2)[0],
            "rejected_length": lengths.chunk(2)[1],
        }
        if self.config.stop_when.entropy_below is not None:
            entropies = (token_entropies(logits) * mask).sum(dim=1) / lengths
            values["entropy"] = entropies.view(2, -1).mean(dim=0)
        self.note(inputs, values, inputs["attention_mask"].sum())
        loss: torch.Tensor = (inputs["row_weight"] * losses).mean()
        return loss


def log_odds(log_probs: torch.Tensor) -> torch.Tensor:
    """log P/(1-P) from log P ≤ 0, of any shape."""
    kept = log_probs.clamp(max=CERTAIN)
    return kept - torch.log(-torch.expm1(kept))


def collate_labelled(pad_token_id: int) -> Any:
    """A collator: chosen sequences first, then rejected ones, with label and weight of the row."""

    def collate(rows: Rows) -> dict[str, Any]:
        sides = [(row["prompt"], row[name]) for name in ("chosen", "rejected") for row in rows]
        numbers = ("target", "row_weight", "community")
        return pad_batch(sides, pad_token_id) | {name: stack(rows, name) for name in numbers}

    return collate
