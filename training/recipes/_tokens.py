"""From rows to tokens, the same way for training and for evaluation."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from training.recipes._config import Config
from training.recipes._errors import BadInput
from training.recipes._rows import Messages


@dataclass
class Cuts:
    """How many prompts and completions were longer than the configuration allows."""

    prompts: int = 0
    completions: int = 0
    seen: int = 0


@dataclass
class Encoder:
    """Turns a prompt and a completion into token ids, within the configuration's limits.

    A prompt that is too long loses its beginning, a completion its end; both are counted.
    """

    tokenizer: Any
    config: Config
    cuts: Cuts = field(default_factory=Cuts)

    def __post_init__(self) -> None:
        if self.tokenizer.chat_template is None:
            raise BadInput(
                "The base model's tokenizer has no chat template, so it is not clear how it is "
                "spoken to. Choose an instruction-tuned base."
            )

    def prompt(self, prompt: Messages) -> list[int]:
        """Token ids of a prompt, up to where the assistant's words begin."""
        ids: list[int] = self._template(list(prompt), add_generation_prompt=True)
        if len(ids) > self.config.max_prompt_tokens:
            self.cuts.prompts += 1
            return ids[-self.config.max_prompt_tokens :]
        return ids

    def pair(self, prompt: Messages, completion: str) -> tuple[list[int], list[int], int]:
        """(prompt ids, completion ids with the end marker, length before any cut)."""
        before = self._template(list(prompt), add_generation_prompt=True)
        whole = self._template([*prompt, {"role": "assistant", "content": completion}])
        # Where a template renders the turn alone differently, what both share is the prompt.
        shared = next(
            (i for i, (a, b) in enumerate(zip(before, whole, strict=False)) if a != b),
            min(len(before), len(whole)),
        )
        head, tail = self.prompt(prompt), whole[shared:]
        room = self.config.max_tokens - len(head)
        self.cuts.seen += 1
        self.cuts.completions += len(tail) > room
        return head, tail[:room], len(tail)

    def _template(self, messages: list[dict[str, str]], **options: Any) -> list[int]:
        ids = self.tokenizer.apply_chat_template(
            messages, tokenize=True, return_dict=True, **options
        )["input_ids"]
        return [int(token) for token in ids]


def pad_batch(
    sequences: Sequence[tuple[list[int], list[int]]], pad_token_id: int
) -> dict[str, Any]:
    """Right-padded tensors from (prompt ids, completion ids) of each sequence.

    Returns input_ids, attention_mask and completion_mask, each (sequences, longest), int64.
    """
    import torch

    longest = max(len(head) + len(tail) for head, tail in sequences)
    shape = (len(sequences), longest)
    batch = {
        "input_ids": torch.full(shape, pad_token_id, dtype=torch.long),
        "attention_mask": torch.zeros(shape, dtype=torch.long),
        "completion_mask": torch.zeros(shape, dtype=torch.long),
    }
    for i, (head, tail) in enumerate(sequences):
        end = len(head) + len(tail)
        batch["input_ids"][i, :end] = torch.tensor(head + tail, dtype=torch.long)
        batch["attention_mask"][i, :end] = 1
        batch["completion_mask"][i, len(head) : end] = 1
    return batch


def completion_log_probs(model: Any, batch: dict[str, Any], counted: Any = None) -> Any:
    """Summed natural-log probability of each sequence's completion tokens: (sequences,) float32.

    counted: how much each position of input_ids counts, in place of the completion mask.
    """
    logits, targets, first = completion_logits(model, batch)
    mask = batch["completion_mask"] if counted is None else counted
    return (token_log_probs(logits, targets) * mask[:, first:]).sum(dim=1)


def completion_logits(model: Any, batch: dict[str, Any]) -> tuple[Any, Any, int]:
    """(logits, tokens they foretell, position of the first of these), in float32.

    Only positions from the shortest prompt on are turned into vocabulary scores: on a small
    machine that is where the memory goes.
    """
    tokens, mask = batch["input_ids"], batch["completion_mask"]
    first = int(mask.argmax(dim=1).min())  # the earliest completion token of the batch
    keep = tokens.shape[1] - first + 1
    output = model(
        input_ids=tokens,
        attention_mask=batch["attention_mask"],
        logits_to_keep=keep,
        use_cache=False,
    )
    return output.logits[:, -keep:-1].float(), tokens[:, first:], first


def token_log_probs(logits: Any, targets: Any) -> Any:
    """Natural-log probability of each token: (sequences, tokens)."""
    import torch

    chosen = logits.gather(2, targets.unsqueeze(2)).squeeze(2)
    return chosen - torch.logsumexp(logits, dim=2)


def token_entropies(logits: Any) -> Any:
    """Entropy of the next token in nats, without gradient: (sequences, tokens)."""
    import torch

    with torch.no_grad():
        # One sequence at a time: a second table of all scores might not fit.
        each = [torch.special.entr(one.softmax(dim=1)).sum(dim=1) for one in logits]
        return torch.stack(each)
