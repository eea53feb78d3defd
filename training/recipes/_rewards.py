"""Reward models that a run of `reward` left, as one thing that scores completions.

final/reward.json says what there is: {"kind": "single" | "ensemble" | "per_community", "base": …,
"max_tokens": …, "max_prompt_tokens": …, "members": [{"folder", "community", "seed", "mean", "sd",
"length_slope"}, …]}; each member's weights stand in final/<folder>.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training.methods.reward_ensembles import How, Scale, Scores, combine
from training.recipes._config import Config
from training.recipes._errors import BadInput
from training.recipes._files import read_json
from training.recipes._model import load_scorer, load_tokenizer
from training.recipes._rows import Messages
from training.recipes._tokens import Encoder, pad_batch

InPart = Callable[[Sequence[list[int]], Sequence[float]], Iterable[list[int]]]
REWARD = "reward.json"
BATCH = 16


@dataclass(frozen=True)
class Member:
    """One reward model: where its weights are, whose rewards it gives (None: everyone's), the seed
    it was trained with, and its scale."""

    folder: str
    community: str | None
    seed: int
    scale: Scale


@dataclass(frozen=True)
class RewardSet:
    """Reward models ready to score.

    use: member number → a model to call, made ready. encoder: how texts become tokens, with the
    limits that the models were trained with.
    """

    members: tuple[Member, ...]
    encoder: Encoder
    use: Callable[[int], Any]

    @property
    def communities(self) -> tuple[str | None, ...]:
        """Each member's community, None where it was trained on everyone's answers."""
        return tuple(member.community for member in self.members)

    def score(
        self,
        prompts: Sequence[Messages],
        completions: Sequence[str],
        in_part: InPart | None = None,
    ) -> Scores:
        """Standardised rewards: (members, n), mean 0 and sd 1 over a member's training completions.

        in_part: see `raw_scores`. Raises ValueError when prompts and completions differ in number.
        """
        import numpy as np

        texts = list(zip(prompts, completions, strict=True))
        table = np.empty((len(self.members), len(texts)))
        for i, member in enumerate(self.members):
            raw, lengths = raw_scores(self.use(i), self.encoder, texts, in_part=in_part)
            table[i] = member.scale.reward(raw, lengths)
        return table

    def combined(
        self,
        prompts: Sequence[Messages],
        completions: Sequence[str],
        how: How,
        penalty: float = 0.5,
    ) -> Scores:
        """One reward for each completion: (n,). See `reward_ensembles.combine`."""
        scores = self.score(prompts, completions)
        return combine(scores, how, penalty=penalty, communities=self.communities)


def load_rewards(folder: Path, device: str) -> RewardSet:
    """The reward models in the final/ folder of a run of `reward`.

    Adapters share one base in memory. Raises BadInput when there are none to load.
    """
    if not (folder / REWARD).is_file():
        raise BadInput(f"There are no reward models in {folder}: it has no {REWARD}.")
    told = read_json(folder / REWARD)
    limits = {name: told[name] for name in ("max_tokens", "max_prompt_tokens")}
    members = tuple(map(_member, told["members"]))
    first = Config(recipe="reward", base=str(folder / members[0].folder), **limits)
    encoder = Encoder(load_tokenizer(first), first)
    pad = int(encoder.tokenizer.pad_token_id)
    if (folder / members[0].folder / "adapter_config.json").is_file():
        base = load_scorer(Config(recipe="reward", base=told["base"]), device, pad)
        return RewardSet(members, encoder, _adapters(base, folder, members))
    models = [
        load_scorer(Config(recipe="reward", base=str(folder / member.folder)), device, pad).eval()
        for member in members
    ]
    return RewardSet(members, encoder, lambda number: models[number])


def raw_scores(
    model: Any,
    encoder: Encoder,
    texts: Sequence[tuple[Messages, str]],
    size: int = BATCH,
    in_part: InPart | None = None,
) -> tuple[list[float], list[int]]:
    """(scores, tokens counted) of each (prompt, completion), in batches of similar length.

    in_part: (batches, their sizes) → those to score, for a dry run; the others' scores are 0.
    """
    encoded = [encoder.pair(*text)[:2] for text in texts]
    order = sorted(range(len(texts)), key=lambda i: (len(encoded[i][0]) + len(encoded[i][1]), i))
    scores = [0.0] * len(texts)
    was_training = model.training
    model.eval()
    batches = [order[start : start + size] for start in range(0, len(order), size)]
    costs = [sum(len(encoded[i][0]) + len(encoded[i][1]) for i in b) * 1.0 for b in batches]
    for batch in in_part(batches, costs) if in_part else batches:
        found = _scores(model, pad_batch([encoded[i] for i in batch], _pad(encoder)))
        for i, score in zip(batch, found, strict=True):
            scores[i] = score
    model.train(was_training)
    return scores, [len(tail) for _, tail in encoded]


def score_batch(model: Any, batch: dict[str, Any]) -> Any:
    """A reward model's raw score of each sequence: (sequences,) float32, with its gradient."""
    return model(
        input_ids=batch["input_ids"], attention_mask=batch["attention_mask"], use_cache=False
    ).logits[:, 0]


def _scores(model: Any, batch: dict[str, Any]) -> list[float]:
    import torch

    with torch.no_grad():
        placed = {name: tensor.to(model.device) for name, tensor in batch.items()}
        found: list[float] = score_batch(model, placed).tolist()
    return found


def _adapters(base: Any, folder: Path, members: Sequence[Member]) -> Callable[[int], Any]:
    """One model that wears the adapters of whichever member is asked for."""
    from peft import PeftModel

    model: Any = None
    for number, member in enumerate(members):
        place, name = str(folder / member.folder), f"member{number}"
        if model is None:
            model = PeftModel.from_pretrained(base, place, adapter_name=name)
        else:
            model.load_adapter(place, adapter_name=name)
    model.eval()

    def use(number: int) -> Any:
        model.set_adapter(f"member{number}")
        return model

    return use


def _pad(encoder: Encoder) -> int:
    return int(encoder.tokenizer.pad_token_id)


def _member(told: dict[str, Any]) -> Member:
    scale = Scale(told["mean"], told["sd"], told["length_slope"])
    return Member(told["folder"], told["community"], told["seed"], scale)
