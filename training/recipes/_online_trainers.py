"""TRL's GRPO and RLOO trainers with our rewards, row weights, metrics and exact resume."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from accelerate.utils import gather_object
from safetensors.torch import load_file, save_file
from trl import GRPOTrainer, RLOOTrainer

from training.methods.group_weights import GroupWeights
from training.methods.rewards import describe
from training.recipes._errors import Diverged
from training.recipes._files import read_json, write_json
from training.recipes._online_rewards import Rewards, Written, extractable
from training.recipes._tokens import Encoder

WRITTEN, BUFFER = "written.json", "written.safetensors"
LOSS_METRICS = {
    "kl": "kl",
    "entropy": "entropy",
    "clipped": "clip_ratio/region_mean",
    "reward_spread": "reward_std",
    "groups_without_difference": "frac_reward_zero_std",
}


Before: Any = object  # whichever of TRL's trainers stands behind


class OnlineSteps(Before):
    """What our online trainers share; stands before TRL's trainer among the bases.

    Prompts are cut as everywhere else, one reward function holds all our rewards, an advantage is
    multiplied by its row's weight, and a checkpoint also keeps completions that are still to be
    used, so that a run continued in the middle of them stays the same run.
    """

    groups: GroupWeights | None = None  # as the loop over steps expects to find it
    _buffered_inputs: Any

    def __init__(self, *, rewards: Rewards, encoder: Encoder, **options: Any) -> None:
        self.rewards, self.encoder = rewards, encoder
        self.prompt_ids: dict[str, list[int]] = {}
        self.records: list[dict[str, Any]] = []
        self.written: dict[str, Any] = {}
        super().__init__(reward_funcs=[self.reward], **options)

    def create_model_card(self, *_args: Any, **_options: Any) -> None:
        """Nothing: TRL's card knows neither base nor data; `_card.py` writes ours."""

    def _tokenize_prompts(
        self, prompts: Sequence[Any]
    ) -> tuple[list[list[int]], None, dict[str, Any]]:
        for prompt in prompts:
            if repr(prompt) not in self.prompt_ids:
                self.encoder.cuts.seen += 1
                self.prompt_ids[repr(prompt)] = self.encoder.prompt(prompt)
        return [self.prompt_ids[repr(prompt)] for prompt in prompts], None, {}

    def reward(
        self,
        prompts: Sequence[Any],
        completions: Sequence[Any],
        completion_ids: Sequence[Sequence[int]],
        community: Sequence[str],
        answer: Sequence[str | None],
        **_: Any,
    ) -> list[float | None]:
        """One number for each completion; None where no reward says anything of it."""
        written = [
            Written(tuple(prompt), said[0]["content"], len(ids), name, right)
            for prompt, said, ids, name, right in zip(
                prompts, completions, completion_ids, community, answer, strict=True
            )
        ]
        totals, parts = self.rewards.score(written)
        ends = set(self.eos_token_ids)
        for i, (one, ids) in enumerate(zip(written, completion_ids, strict=True)):
            self.records.append(
                {
                    "community": one.community,
                    "reward": float(totals[i]),
                    "parts": {name: float(values[i]) for name, values in parts.items()},
                    "tokens": one.tokens,
                    "text": one.completion,
                    "finished": bool(ids) and ids[-1] in ends,
                    "extractable": extractable(one),
                }
            )
        return [None if math.isnan(total) else float(total) for total in totals]

    def _generate_and_score_completions(self, inputs: list[dict[str, Any]]) -> dict[str, Any]:
        output: dict[str, Any] = super()._generate_and_score_completions(inputs)
        weights = output["advantages"].new_tensor([one["row_weight"] for one in inputs])
        if output["advantages"].dim() == 2:
            weights = weights.unsqueeze(1)
        output["advantages"] = output["advantages"] * weights
        return output

    def compute_loss(self, *args: Any, **options: Any) -> Any:
        """TRL's loss, refused when it is no finite number."""
        loss = super().compute_loss(*args, **options)
        if not torch.isfinite(loss):
            raise Diverged("")
        return loss

    def finish_step(self) -> dict[str, Any]:
        """The step's metrics: what was written and how it was rewarded, and the loss's own."""
        if self.records:
            self.written = describe(gather_object(self.records))
            self.records = []
        seen = self._metrics["train"]
        told = {ours: _mean(seen[theirs]) for ours, theirs in LOSS_METRICS.items() if seen[theirs]}
        tokens = self.written["completion_length"] * self.written["rows"]
        return {**self.written, **told, "tokens": round(tokens)}

    def _uses_completions_again(self) -> bool:
        args: Any = self.args
        return bool(args.num_iterations > 1)

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        super()._save_checkpoint(model, trial)
        if self._uses_completions_again():
            folder = Path(self.args.output_dir) / f"checkpoint-{self.state.global_step}"
            self._keep(folder)

    def _keep(self, folder: Path) -> None:
        slices: list[dict[str, Any]] = self._buffered_inputs
        tensors = {
            f"{i} {name}": value.contiguous().clone()
            for i, one in enumerate(slices)
            for name, value in one.items()
        }
        save_file(tensors, folder / BUFFER)
        write_json(folder / WRITTEN, self.written)

    def _load_optimizer_and_scheduler(self, checkpoint: str | None) -> None:
        super()._load_optimizer_and_scheduler(checkpoint)
        if checkpoint and self._uses_completions_again():
            self._take_up(Path(checkpoint))

    def _take_up(self, folder: Path) -> None:
        args: Any = self.args
        self.written = read_json(folder / WRITTEN)
        slices: dict[int, dict[str, Any]] = {}
        for key, value in load_file(folder / BUFFER).items():
            index, _, name = key.partition(" ")
            slices.setdefault(int(index), {})[name] = value.to(args.device)
        self._buffered_inputs = [slices[i] for i in sorted(slices)]
        self._step = int(folder.name.rpartition("-")[2]) * args.gradient_accumulation_steps


class GroupRelativeTrainer(OnlineSteps, GRPOTrainer):
    """GRPO (Shao et al. 2024)."""


class LeaveOneOutTrainer(OnlineSteps, RLOOTrainer):
    """RLOO (Ahmadian et al. 2024)."""


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)
