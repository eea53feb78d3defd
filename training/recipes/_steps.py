"""Solutions step by step: their rows, their tokens, and a scorer that a run of stepwise left."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training.recipes._config import Config
from training.recipes._errors import BadInput
from training.recipes._files import read_json
from training.recipes._model import load_tokenizer
from training.recipes._rows import Messages
from training.recipes._tokens import Encoder, pad_batch

STEPS, SEPARATOR = "steps.json", "\n"
BATCH = 16


@dataclass(frozen=True)
class Marked:
    """A solution as tokens. marks: where in `solution` each step's separator ends; steps that do
    not fit are left out."""

    prompt: list[int]
    solution: list[int]
    marks: list[int]


def encode_steps(encoder: Encoder, prompt: Messages, steps: Sequence[str]) -> Marked:
    """A prompt and its steps as tokens, each step closed by a line's end."""
    head = encoder.prompt(prompt)
    solution: list[int] = []
    marks: list[int] = []
    room = encoder.config.max_tokens - len(head)
    encoder.cuts.seen += 1
    for step in steps:
        tokens = encoder.tokenizer(step.strip() + SEPARATOR, add_special_tokens=False)["input_ids"]
        if len(solution) + len(tokens) > room:
            encoder.cuts.completions += 1
            break
        solution += tokens
        marks.append(len(solution) - 1)
    return Marked(head, solution, marks)


def marked_batch(marked: Sequence[Marked], pad_token_id: int) -> dict[str, Any]:
    """Padded tensors, and the (sequence, position) of every mark: (marks, 2), in order."""
    import torch

    batch = pad_batch([(one.prompt, one.solution) for one in marked], pad_token_id)
    places = [(i, len(one.prompt) + mark) for i, one in enumerate(marked) for mark in one.marks]
    batch["places"] = torch.tensor(places, dtype=torch.long).reshape(-1, 2)
    return batch


def mark_logits(model: Any, batch: dict[str, Any]) -> Any:
    """Wrong and right at each mark, as logits: (marks, 2) float32, with gradient."""
    logits = model(
        input_ids=batch["input_ids"], attention_mask=batch["attention_mask"], use_cache=False
    ).logits
    return logits[batch["places"][:, 0], batch["places"][:, 1]].float()


@dataclass(frozen=True)
class StepScorer:
    """A process reward model, ready to score."""

    model: Any
    encoder: Encoder

    @staticmethod
    def steps_of(completion: str) -> tuple[str, ...]:
        """A completion's steps: its lines that are not blank."""
        return tuple(line for line in completion.split(SEPARATOR) if line.strip())

    def score(self, solutions: Sequence[tuple[Messages, Sequence[str]]]) -> list[list[float]]:
        """The probability that each step is right; 0 for steps that do not fit."""
        found: list[list[float]] = []
        for start in range(0, len(solutions), BATCH):
            found += self._score(solutions[start : start + BATCH])
        return found

    def _score(self, solutions: Sequence[tuple[Messages, Sequence[str]]]) -> list[list[float]]:
        import torch

        marked = [encode_steps(self.encoder, *one) for one in solutions]
        batch = marked_batch(marked, self.encoder.tokenizer.pad_token_id)
        with torch.no_grad():
            placed = {name: tensor.to(self.model.device) for name, tensor in batch.items()}
            right = mark_logits(self.model, placed).softmax(dim=1)[:, 1].tolist()
        scores, taken = [], 0
        for one, (_, steps) in zip(marked, solutions, strict=True):
            mine = right[taken : taken + len(one.marks)]
            taken += len(one.marks)
            scores.append(mine + [0.0] * (len(steps) - len(mine)))
        return scores


def load_step_scorer(folder: Path, device: str) -> StepScorer:
    """The process reward model in the final/ folder of a run of stepwise. Raises BadInput."""
    if not (folder / STEPS).is_file():
        raise BadInput(f"There is no process reward model in {folder}: it has no {STEPS}.")
    told = read_json(folder / STEPS)
    limits = {name: told[name] for name in ("max_tokens", "max_prompt_tokens")}
    config = Config(recipe="stepwise", base=str(folder), **limits)
    encoder = Encoder(load_tokenizer(config), config)
    if (folder / "adapter_config.json").is_file():
        from peft import PeftModel

        base = load_step_model(Config(recipe="stepwise", base=told["base"]), device)
        return StepScorer(PeftModel.from_pretrained(base, folder).eval(), encoder)
    return StepScorer(load_step_model(config, device).eval(), encoder)


def load_step_model(config: Config, device: str) -> Any:
    """The base with "wrong" and "right" in place of a next word; its last layer begins at random
    (torch's seed decides). Raises BadInput."""
    from transformers import AutoModelForTokenClassification

    try:
        model: Any = AutoModelForTokenClassification.from_pretrained(
            config.base, num_labels=2, dtype="float32", use_safetensors=True
        )
    except (OSError, ValueError) as error:
        reason = str(error).strip().splitlines()[0][:200]
        raise BadInput(
            f'config.json: "base": the model {config.base} could not be loaded ({reason})'
        ) from None
    return model.to(device)
