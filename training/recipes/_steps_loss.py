"""Right or wrong at the end of each step: transformers' Trainer with token classification.

TRL 1.16 has no trainer for process reward models (Lightman et al. 2023).
"""

from typing import Any

import torch
import torch.nn.functional as F

from training.recipes._own_trainer import OwnTrainer, Rows, stack
from training.recipes._steps import mark_logits, marked_batch


class StepsTrainer(OwnTrainer):
    """The loss of a solution is the mean cross-entropy over its steps, times its weight, so that
    long solutions count no more than short ones."""

    means = ("loss", "accuracy", "steps")
    by_community = ("loss", "accuracy")

    def batch_loss(self, model: Any, inputs: dict[str, Any]) -> torch.Tensor:
        """The mean over solutions of row weight times loss."""
        logits, labels, owner = mark_logits(model, inputs), inputs["labels"], inputs["places"][:, 0]
        right = (logits.argmax(dim=1) == labels).float()
        counts = torch.zeros_like(inputs["row_weight"]).index_add(0, owner, torch.ones_like(right))

        def mean_of(values: torch.Tensor) -> torch.Tensor:
            return torch.zeros_like(counts).index_add(0, owner, values) / counts

        losses = mean_of(F.cross_entropy(logits, labels, reduction="none"))
        values = {"loss": losses, "accuracy": mean_of(right), "steps": counts}
        self.note(inputs, values, inputs["attention_mask"].sum())
        loss: torch.Tensor = (inputs["row_weight"] * losses).mean()
        return loss


def collate_steps(pad_token_id: int) -> Any:
    """A collator of solutions: tokens, marks, the labels at them, and each row's numbers."""

    def collate(rows: Rows) -> dict[str, Any]:
        batch = marked_batch([row["marked"] for row in rows], pad_token_id)
        labels = [int(label) for row in rows for label in row["labels"]]
        batch["labels"] = torch.tensor(labels, dtype=torch.long)
        return batch | {name: stack(rows, name) for name in ("row_weight", "community")}

    return collate
