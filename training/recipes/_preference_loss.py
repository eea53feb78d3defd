"""DPO with labels by share, a weight per row, and group-robust weights over communities.

For a pair with margin m = β (log π/π_ref(chosen) - log π/π_ref(rejected)) and share p the loss is
-p log σ(m) - (1 - p) log σ(-m), smallest at m = logit(p) (Rafailov et al. 2023, with the vote
share in place of a certain label). Length-normalised, log-ratios are means over tokens. IPO (Azar
et al. 2023, with the share as the expected vote) is p (h - 1/2β)² + (1 - p) (h + 1/2β)² with
h = m / β, smallest at h = (2p - 1) / 2β; it takes means over tokens too, as its authors told TRL
they did. TRL 1.16 has neither soft labels nor weights; `DPOTrainer` is subclassed in the three
places that lose extra columns or ignore them.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from trl import DPOTrainer

from training.methods.group_weights import GroupWeights
from training.recipes._config import Config
from training.recipes._errors import Diverged
from training.recipes._tokens import completion_logits, token_entropies, token_log_probs

PER_TOKEN = ("length_normalised", "ipo")
EXTRA = ("target", "row_weight", "community")
MEANS = (
    *("loss", "margin", "accuracy", "chosen_log_ratio", "rejected_log_ratio"),
    *("kl_estimate", "chosen_length", "rejected_length"),
)


class PreferenceTrainer(DPOTrainer):
    """TRL's DPOTrainer over rows that are tokens already and know their reference log-probs.

    communities: the names behind the integers in the column `community`.
    groups: group-robust weights, or None for the plain mean. config: which loss, and what to watch.
    """

    def __init__(
        self,
        *,
        communities: Sequence[str],
        groups: GroupWeights | None,
        config: Config,
        **options: Any,
    ) -> None:
        self.communities, self.groups, self.config = list(communities), groups, config
        self.step_sums: dict[str, float] = {}
        super().__init__(**options)
        self.data_collator = keep_columns(self.data_collator)

    def create_model_card(self, *_args: Any, **_options: Any) -> None:
        """Nothing: TRL's card knows neither base nor data; `_card.py` writes ours."""

    def _prepare_dataset(self, dataset: Any, *_args: Any, **_options: Any) -> Any:
        return dataset

    def _precompute_ref_logps(self, dataset: Any, *_args: Any, **_options: Any) -> Any:
        return dataset

    def _set_signature_columns_if_needed(self) -> None:
        super()._set_signature_columns_if_needed()
        known: Any = self._signature_columns
        if EXTRA[0] not in known:
            known += EXTRA

    def _compute_loss(self, model: Any, inputs: dict[str, Any], return_outputs: bool) -> Any:
        # Not TRL's fused head: on a CPU that takes 1.7 times as long, and it saves memory only for
        # longer texts than ours.
        logits, tokens, first = completion_logits(model, inputs)
        mask = inputs["completion_mask"]
        counted = desensitised(mask, self.config.ld_alpha)[:, first:]
        chosen, rejected = (token_log_probs(logits, tokens) * counted).sum(dim=1).chunk(2)
        ratios = chosen - inputs["ref_chosen_logps"], rejected - inputs["ref_rejected_logps"]
        lengths = mask.sum(dim=1).chunk(2)
        compared = ratios
        if self.config.loss in PER_TOKEN:
            compared = ratios[0] / lengths[0], ratios[1] / lengths[1]
        margins = self.beta * (compared[0] - compared[1])
        losses = pair_loss(margins, inputs["target"], self.config)
        factors = inputs["row_weight"] * self._multipliers(inputs["community"], losses)
        loss = (factors * losses).mean()
        if not torch.isfinite(loss):
            raise Diverged("")
        if self.config.stop_when.entropy_below is not None:
            self._add("entropy", (token_entropies(logits) * mask[:, first:]).sum())
        self._note(inputs, ratios, margins.detach(), losses.detach())
        return (loss, {}) if return_outputs else loss

    def _multipliers(self, community: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
        if self.groups is None:
            return torch.ones_like(like)
        by_name = self.groups.multipliers()
        return like.new_tensor([by_name[self.communities[i]] for i in community.tolist()])

    def _note(
        self,
        inputs: Mapping[str, torch.Tensor],
        ratios: tuple[torch.Tensor, torch.Tensor],
        margins: torch.Tensor,
        losses: torch.Tensor,
    ) -> None:
        """Add a batch to what is known of the present step."""
        both = torch.cat(ratios).detach()
        lengths = inputs["completion_mask"].sum(dim=1).chunk(2)
        right = torch.where(inputs["target"] < 0.5, margins < 0, margins > 0).float()
        self._add("rows", len(margins))
        self._add("loss", losses.sum())
        self._add("margin", margins.sum())
        self._add("accuracy", torch.where(margins == 0, 0.5, right).sum())
        self._add("chosen_log_ratio", ratios[0].detach().sum())
        self._add("rejected_log_ratio", ratios[1].detach().sum())
        self._add("kl_estimate", both.square().sum() / 4)  # half the square, mean of two texts
        self._add("chosen_length", lengths[0].sum())
        self._add("rejected_length", lengths[1].sum())
        self._add("tokens", inputs["attention_mask"].sum())
        excess = inputs["row_weight"] * (losses - least_loss(inputs["target"], self.config))
        for i, name in enumerate(self.communities):
            mine = (inputs["community"] == i).float()
            self._add(f"rows {name}", mine.sum())
            self._add(f"loss {name}", (mine * losses).sum())
            self._add(f"margin {name}", (mine * margins).sum())
            self._add(f"excess {name}", (mine * excess).sum())

    def _add(self, name: str, value: torch.Tensor | float) -> None:
        self.step_sums[name] = self.step_sums.get(name, 0.0) + float(value)

    def finish_step(self) -> dict[str, Any]:
        """Move the group weights by what the step saw; return the step's metrics."""
        names = sorted(self.step_sums)
        local = torch.tensor([self.step_sums[n] for n in names], dtype=torch.float32)
        total = self.accelerator.reduce(local.to(self.accelerator.device), reduction="sum")
        sums = dict(zip(names, total.tolist(), strict=True))
        self.step_sums = {}
        metrics = step_metrics(sums, self.communities, self.groups)
        if "entropy" in sums:
            completion_tokens = sums["chosen_length"] + sums["rejected_length"]
            metrics["entropy"] = sums["entropy"] / completion_tokens
        if self.groups is not None:
            seen = {c: sums[f"excess {c}"] for c in self.communities if sums[f"rows {c}"]}
            self.groups.update(seen, int(sums["rows"]))
        return metrics


def pair_loss(margins: torch.Tensor, targets: torch.Tensor, config: Config) -> torch.Tensor:
    """Each pair's loss by `config.loss`: (pairs,) from margins and labels, (pairs,) each."""
    if config.loss != "ipo":
        return soft_label_loss(margins, targets)
    apart, goal = margins / config.beta, 1 / (2 * config.beta)
    return targets * (apart - goal).square() + (1 - targets) * (apart + goal).square()


def least_loss(targets: torch.Tensor, config: Config) -> torch.Tensor:
    """The smallest loss that each label allows: (pairs,)."""
    if config.loss != "ipo":
        return label_entropy(targets)
    return targets * (1 - targets) / config.beta**2


def desensitised(mask: torch.Tensor, alpha: float) -> torch.Tensor:
    """How much each token counts: 1 as far as the shorter completion of its pair goes, alpha from
    there on (Liu et al. 2024, "Length Desensitization in Direct Preference Optimization").

    mask: (2 pairs, tokens) of 0 and 1, chosen ones first. Returns the same shape.
    """
    if alpha == 1:
        return mask
    lengths = mask.sum(dim=1)
    shared = torch.minimum(*lengths.chunk(2)).repeat(2).unsqueeze(1)
    return torch.where(mask.cumsum(dim=1) <= shared, 1.0, alpha) * mask


def soft_label_loss(margins: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """-p log σ(m) - (1 - p) log σ(-m) for each pair: (pairs,) from (pairs,) and (pairs,)."""
    return -targets * F.logsigmoid(margins) - (1 - targets) * F.logsigmoid(-margins)


def label_entropy(targets: torch.Tensor) -> torch.Tensor:
    """The smallest loss a label p allows, in nats: -p log p - (1 - p) log(1 - p)."""
    return -torch.xlogy(targets, targets) - torch.xlogy(1 - targets, 1 - targets)


def keep_columns(collate: Callable[[list[dict[str, Any]]], dict[str, Any]]) -> Any:
    """A collator that also stacks our columns, which TRL's does not know."""

    def collate_all(examples: list[dict[str, Any]]) -> dict[str, Any]:
        batch = collate(examples)
        for name in EXTRA:
            kind = torch.long if name == "community" else torch.float32
            batch[name] = torch.tensor([example[name] for example in examples], dtype=kind)
        return batch

    return collate_all


def step_metrics(
    sums: Mapping[str, float], communities: Sequence[str], groups: GroupWeights | None
) -> dict[str, Any]:
    """Means over a step's rows, for all and for each community (NaN where it had none)."""
    rows = sums["rows"]
    weights = groups.multipliers() if groups else {}
    by_community = {}
    for name in communities:
        mine = sums[f"rows {name}"]
        by_community[name] = {
            "rows": int(mine),
            "loss": sums[f"loss {name}"] / mine if mine else math.nan,
            "margin": sums[f"margin {name}"] / mine if mine else math.nan,
            "weight": weights.get(name, 1.0),
        }
    return {
        **{name: sums[name] / rows for name in MEANS},
        "rows": int(rows),
        "tokens": int(sums["tokens"]),
        "communities": by_community,
    }
