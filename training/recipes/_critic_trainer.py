"""PPO with a critic (Schulman et al. 2017), as Ouyang et al. 2022 use it on language models.

TRL 1.16 has no PPO. What its GRPO trainer lacks is short: a second model that foresees the reward
before each token, generalised advantages in place of comparisons among siblings, and the price of
distance from the base paid token by token within the reward.
"""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file

from training.methods.advantages import generalised_advantages, token_rewards, whitened
from training.recipes._errors import Diverged
from training.recipes._online_config import Critic
from training.recipes._online_trainers import GroupRelativeTrainer

CRITIC = "critic.safetensors"


class CriticTrainer(GroupRelativeTrainer):
    """GRPO's trainer with a critic. The clipped loss, the sampling and the checkpoints are TRL's.

    critic: a model of one number per token (transformers' token classification, one label).
    """

    def __init__(self, *, critic: Any, settings: Critic, price: float, **options: Any) -> None:
        self.critic, self.settings, self.price = critic, settings, price
        self.told: dict[str, float] = {}
        self.optimiser = torch.optim.AdamW(
            critic.parameters(), lr=settings.learning_rate, weight_decay=0.0
        )
        super().__init__(**options)

    def _generate_and_score_completions(self, inputs: list[dict[str, Any]]) -> dict[str, Any]:
        first_record = len(self.records)
        output = super()._generate_and_score_completions(inputs)
        ids = torch.cat([output["prompt_ids"], output["completion_ids"]], dim=1)
        attention = torch.cat([output["prompt_mask"], output["completion_mask"]], dim=1)
        mask = output["completion_mask"].double().cpu().numpy()
        scores = np.array([record["reward"] for record in self.records[first_record:]])
        before = self._old_log_probs(output, ids, attention)
        distance = np.zeros_like(mask)
        if self.price:
            distance = _numbers(before - output.pop("ref_per_token_logps")) * mask
        values = _numbers(self._values(ids, attention, mask.shape[1]))
        paid = token_rewards(np.nan_to_num(scores), distance, mask, self.price)
        advantages, returns = generalised_advantages(
            paid, values, mask, self.settings.discount, self.settings.gae_lambda
        )
        weights = np.array([[one["row_weight"]] for one in inputs])
        output["old_per_token_logps"] = before
        output["advantages"] = torch.tensor(
            whitened(advantages, mask) * weights, dtype=torch.float32, device=ids.device
        )
        self._fit_critic(ids, attention, mask, returns)
        self._note(values, returns, mask, distance)
        return output

    def _old_log_probs(self, output: dict[str, Any], ids: Any, attention: Any) -> Any:
        if "old_per_token_logps" in output:
            return output["old_per_token_logps"]
        keep = output["completion_ids"].shape[1]
        with torch.no_grad():
            return self._get_per_token_logps_and_entropies(
                self.model, ids, attention, keep, batch_size=self.args.per_device_train_batch_size
            )[0]

    def _values(self, ids: Any, attention: Any, keep: int) -> torch.Tensor:
        """What the critic foresees before each completion token: (sequences, tokens)."""
        with torch.no_grad():
            return torch.cat(
                [
                    self._foresee(ids[part], attention[part], keep)
                    for part in torch.arange(len(ids)).split(self.args.per_device_train_batch_size)
                ]
            )

    def _foresee(self, ids: Any, attention: Any, keep: int) -> torch.Tensor:
        logits = self.critic(input_ids=ids, attention_mask=attention).logits.squeeze(-1)
        foreseen: torch.Tensor = logits[:, -keep - 1 : -1].float()
        return foreseen

    def _fit_critic(self, ids: Any, attention: Any, mask: Any, returns: Any) -> None:
        """A few passes of least squares towards the returns. Raises Diverged."""
        wanted = torch.tensor(returns, dtype=torch.float32, device=ids.device)
        counted = torch.tensor(mask, dtype=torch.float32, device=ids.device)
        for _ in range(self.settings.epochs):
            for part in torch.arange(len(ids)).split(self.args.per_device_train_batch_size):
                foreseen = self._foresee(ids[part], attention[part], wanted.shape[1])
                errors = (foreseen - wanted[part]).square() * counted[part]
                loss = errors.sum() / counted[part].sum().clamp(min=1)
                if not torch.isfinite(loss):
                    raise Diverged("")
                self.optimiser.zero_grad()
                loss.backward()
                torch.nn.utils.clip_grad_norm_(self.critic.parameters(), 1.0)
                self.optimiser.step()

    def _note(self, values: Any, returns: Any, mask: Any, distance: Any) -> None:
        counted = max(mask.sum(), 1)
        self.told = {
            "kl": float(distance.sum() / counted),
            "critic_error": float((((values - returns) ** 2) * mask).sum() / counted),
        }

    def _compute_loss(self, model: Any, inputs: dict[str, Any]) -> Any:
        price, self.beta = self.beta, 0.0  # it is in the rewards already
        try:
            return super()._compute_loss(model, inputs)
        finally:
            self.beta = price

    def finish_step(self) -> dict[str, Any]:
        """The step's metrics, with the critic's error before it learned from the step."""
        return {**super().finish_step(), **self.told}

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        super()._save_checkpoint(model, trial)
        folder = Path(str(self.args.output_dir)) / f"checkpoint-{self.state.global_step}"
        kept = {f"model {name}": value for name, value in self.critic.state_dict().items()}
        for number, state in self.optimiser.state_dict()["state"].items():
            kept |= {f"optimiser {number} {name}": value for name, value in state.items()}
        kept |= {
            f"told {name}": torch.tensor(value, dtype=torch.float64)
            for name, value in self.told.items()
        }
        save_file(
            {name: value.contiguous().clone() for name, value in kept.items()}, folder / CRITIC
        )

    def _load_optimizer_and_scheduler(self, checkpoint: str | None) -> None:
        super()._load_optimizer_and_scheduler(checkpoint)
        if checkpoint:
            self._take_up_critic(load_file(Path(checkpoint) / CRITIC))

    def _take_up_critic(self, kept: dict[str, torch.Tensor]) -> None:
        weights = {n[6:]: value for n, value in kept.items() if n.startswith("model ")}
        self.critic.load_state_dict(weights)
        state: dict[int, dict[str, torch.Tensor]] = {}
        for name, value in kept.items():
            if name.startswith("optimiser "):
                _, number, field = name.split(" ")
                state.setdefault(int(number), {})[field] = value
        self.optimiser.load_state_dict({**self.optimiser.state_dict(), "state": state})
        self.told = {n[5:]: float(v) for n, v in kept.items() if n.startswith("told ")}


def _numbers(tensor: torch.Tensor) -> Any:
    return tensor.double().cpu().numpy()
