"""Imitation with a weight per row, which TRL's SFTTrainer does not have."""

import math
from collections.abc import Sequence
from typing import Any

import torch
from trl import SFTTrainer

from training.methods.group_weights import GroupWeights
from training.recipes._errors import Diverged
from training.recipes._tokens import token_entropies

EXTRA = ("row_weight", "community")


class ImitationTrainer(SFTTrainer):
    """TRL's SFTTrainer over rows that are tokens already.

    The loss is Σ w_i (-Σ_t log p(token)) / tokens, over all completion tokens of a step, so that
    cutting the step into smaller batches changes nothing.
    """

    groups: GroupWeights | None = None  # as the loop over steps expects to find it

    def __init__(
        self, *, communities: Sequence[str], watches_entropy: bool = False, **options: Any
    ) -> None:
        self.communities, self.watches_entropy = list(communities), watches_entropy
        self.step_sums: dict[str, float] = {}
        super().__init__(**options)
        self.data_collator = self._collate

    def create_model_card(self, *_args: Any, **_options: Any) -> None:
        """Nothing: TRL's card knows neither base nor data; `_card.py` writes ours."""

    def _set_signature_columns_if_needed(self) -> None:
        super()._set_signature_columns_if_needed()
        known: Any = self._signature_columns
        if EXTRA[0] not in known:
            known += EXTRA

    def _collate(self, examples: list[dict[str, Any]]) -> dict[str, Any]:
        longest = max(len(example["input_ids"]) for example in examples)
        padding = self._tokenizer.pad_token_id

        def padded(name: str, value: int) -> torch.Tensor:
            rows = [e[name] + [value] * (longest - len(e[name])) for e in examples]
            return torch.tensor(rows, dtype=torch.long)

        lengths = torch.tensor([len(example["input_ids"]) for example in examples])
        return {
            "input_ids": padded("input_ids", padding),
            "labels": padded("labels", -100),
            "attention_mask": (torch.arange(longest) < lengths.unsqueeze(1)).long(),
            "row_weight": torch.tensor([e["row_weight"] for e in examples], dtype=torch.float32),
            "community": torch.tensor([e["community"] for e in examples], dtype=torch.long),
        }

    def compute_loss(
        self,
        model: Any,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: Any = None,
    ) -> Any:
        """The weighted loss of a batch, as its part of the step's tokens."""
        outputs = model(
            input_ids=inputs["input_ids"],
            attention_mask=inputs["attention_mask"],
            use_cache=False,
        )
        logits, labels = outputs.logits[:, :-1].float(), inputs["labels"][:, 1:]
        losses = torch.nn.functional.cross_entropy(
            logits.transpose(1, 2), labels, ignore_index=-100, reduction="none"
        ).sum(dim=1)
        tokens = (labels != -100).sum(dim=1)
        of = tokens.sum() if num_items_in_batch is None else num_items_in_batch
        loss = (inputs["row_weight"] * losses).sum() / of
        if not torch.isfinite(loss):
            raise Diverged("")
        if self.watches_entropy:
            self._add("entropy", (token_entropies(logits) * (labels != -100)).sum())
        self._note(inputs, losses.detach(), tokens)
        return (loss, outputs) if return_outputs else loss

    def _note(self, inputs: dict[str, Any], losses: torch.Tensor, tokens: torch.Tensor) -> None:
        self._add("rows", len(losses))
        self._add("loss", losses.sum())
        self._add("completion_tokens", tokens.sum())
        self._add("tokens", inputs["attention_mask"].sum())
        for i, name in enumerate(self.communities):
            mine = inputs["community"] == i
            self._add(f"rows {name}", mine.sum())
            self._add(f"loss {name}", (mine * losses).sum())
            self._add(f"tokens {name}", (mine * tokens).sum())

    def _add(self, name: str, value: torch.Tensor | float) -> None:
        self.step_sums[name] = self.step_sums.get(name, 0.0) + float(value)

    def finish_step(self) -> dict[str, Any]:
        """The step's metrics; losses are nats per completion token."""
        sums, self.step_sums = self.step_sums, {}
        by_community = {}
        for name in self.communities:
            tokens = sums[f"tokens {name}"]
            by_community[name] = {
                "rows": int(sums[f"rows {name}"]),
                "loss": sums[f"loss {name}"] / tokens if tokens else math.nan,
            }
        tokens_in_all = max(sums["completion_tokens"], 1)
        told: dict[str, Any] = {
            name: sums[name] / tokens_in_all for name in ("loss", "entropy") if name in sums
        }
        return {
            **told,
            "completion_length": sums["completion_tokens"] / sums["rows"],
            "rows": int(sums["rows"]),
            "tokens": int(sums["tokens"]),
            "communities": by_community,
        }
