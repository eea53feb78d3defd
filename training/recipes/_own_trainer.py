"""What our own losses share: transformers' Trainer over rows that are tokens already."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from transformers import Trainer, TrainingArguments

from training.methods.group_weights import GroupWeights
from training.recipes._errors import Diverged

WATCHED = ("entropy",)  # noted only where it is watched
Rows = list[dict[str, Any]]


class OwnTrainer(Trainer):
    """A trainer whose loss is `batch_loss` and whose metrics are means over a step's rows.

    communities: the names behind the integers in the column `community`. means: names of sums that
    `note` adds for all rows; by_community: those that it adds for each community too.
    """

    groups: GroupWeights | None = None  # as the loop over steps expects to find it
    means: Sequence[str] = ()
    by_community: Sequence[str] = ("loss",)

    def __init__(self, *, communities: Sequence[str], **options: Any) -> None:
        self.communities = list(communities)
        self.step_sums: dict[str, float] = {}
        super().__init__(**options)

    def batch_loss(self, model: Any, inputs: dict[str, Any]) -> torch.Tensor:
        """The loss of a batch, a scalar."""
        raise NotImplementedError

    def compute_loss(
        self,
        model: Any,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: Any = None,
    ) -> Any:
        """The loss of a batch. Raises Diverged when it is no finite number."""
        loss = self.batch_loss(model, inputs)
        if not torch.isfinite(loss):
            raise Diverged("")
        return (loss, {}) if return_outputs else loss

    def note(
        self, inputs: Mapping[str, torch.Tensor], values: Mapping[str, torch.Tensor], tokens: Any
    ) -> None:
        """Add a batch to what is known of the present step. values: name → (rows,)."""
        community = inputs["community"]
        self._add("rows", len(community))
        self._add("tokens", tokens)
        for name, value in values.items():
            self._add(name, value.detach().sum())
        for i, community_name in enumerate(self.communities):
            mine = (community == i).float()
            self._add(f"rows {community_name}", mine.sum())
            for name in self.by_community:
                self._add(f"{name} {community_name}", (mine * values[name].detach()).sum())

    def _add(self, name: str, value: Any) -> None:
        self.step_sums[name] = self.step_sums.get(name, 0.0) + float(value)

    def finish_step(self) -> dict[str, Any]:
        """The step's metrics: means over its rows, for all and for each community."""
        names = sorted(self.step_sums)
        local = torch.tensor([self.step_sums[n] for n in names], dtype=torch.float32)
        total = self.accelerator.reduce(local.to(self.accelerator.device), reduction="sum")
        sums = dict(zip(names, total.tolist(), strict=True))
        self.step_sums = {}
        return {
            **{name: sums[name] / sums["rows"] for name in (*self.means, *WATCHED) if name in sums},
            "rows": int(sums["rows"]),
            "tokens": int(sums["tokens"]),
            "communities": {name: self._community(sums, name) for name in self.communities},
        }

    def _community(self, sums: Mapping[str, float], community: str) -> dict[str, Any]:
        mine = sums[f"rows {community}"]
        means = {
            name: sums[f"{name} {community}"] / mine if mine else math.nan
            for name in self.by_community
        }
        return {"rows": int(mine), **means, "weight": 1.0}


def own_trainer(
    kind: Callable[..., Any],
    model: Any,
    rows: Rows,
    collate: Callable[[Rows], dict[str, Any]],
    arguments: Mapping[str, Any],
    adapters: Any,
    **options: Any,
) -> Any:
    """A trainer of this kind over rows that `collate` turns into batches.

    arguments, adapters: as `_model.training_arguments` and `_model.adapter_config` give them.
    """
    if adapters is not None:
        from peft import get_peft_model

        model = get_peft_model(model, adapters)
    settings = {name: value for name, value in arguments.items() if name != "max_length"}
    return kind(
        model=model,
        args=TrainingArguments(**settings, remove_unused_columns=False),
        train_dataset=rows,
        data_collator=collate,
        **options,
    )


def stack(rows: Rows, name: str) -> torch.Tensor:
    """One column of a batch: whole numbers as int64, all others as float32."""
    values = [row[name] for row in rows]
    kind = torch.long if isinstance(values[0], int) else torch.float32
    return torch.tensor(values, dtype=kind)
