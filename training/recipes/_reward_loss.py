"""Bradley-Terry over rows that are tokens already: shares as labels, margins, row weights."""

from typing import Any

import torch

from training.recipes._own_trainer import OwnTrainer, Rows, stack
from training.recipes._preference_loss import soft_label_loss
from training.recipes._rewards import score_batch
from training.recipes._tokens import pad_batch


class RewardTrainer(OwnTrainer):
    """The loss of a pair with scores s is that of a label p at s(chosen) - s(rejected) - μ, which
    is smallest where the scores lie logit(p) + μ apart (Bradley and Terry 1952; margins as in
    Touvron et al. 2023, "Llama 2", equation 2)."""

    means = ("loss", "margin", "accuracy", "chosen_length", "rejected_length")
    by_community = ("loss", "margin")

    def batch_loss(self, model: Any, inputs: dict[str, Any]) -> torch.Tensor:
        """The mean over pairs of row weight times loss."""
        chosen, rejected = score_batch(model, inputs).float().chunk(2)
        margins = chosen - rejected
        losses = soft_label_loss(margins - inputs["margin"], inputs["target"])
        lengths = inputs["completion_mask"].sum(dim=1).float().chunk(2)
        values = {
            "loss": losses,
            "margin": margins,
            "accuracy": sided(margins, inputs["target"]),
            "chosen_length": lengths[0],
            "rejected_length": lengths[1],
        }
        self.note(inputs, values, inputs["attention_mask"].sum())
        loss: torch.Tensor = (inputs["row_weight"] * losses).mean()
        return loss


def sided(margins: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """1 where the margin is on the label's side, ½ where it is 0: (pairs,) each."""
    right = torch.where(targets < 0.5, margins < 0, margins > 0).float()
    return torch.where(margins == 0, 0.5, right)


def collate_pairs(pad_token_id: int) -> Any:
    """A collator: chosen sequences first, then rejected ones, and a row's numbers beside them."""

    def collate(rows: Rows) -> dict[str, Any]:
        sides = [(row["prompt"], row[name]) for name in ("chosen", "rejected") for row in rows]
        numbers = ("target", "margin", "row_weight", "community")
        return pad_batch(sides, pad_token_id) | {name: stack(rows, name) for name in numbers}

    return collate
