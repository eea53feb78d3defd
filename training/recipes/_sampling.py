"""Completions drawn from a model, a batch at a time."""

from collections.abc import Sequence
from typing import Any


def sample(
    model: Any, tokenizer: Any, prompts: Sequence[list[int]], new_tokens: int, *, temperature: float
) -> list[tuple[str, int]]:
    """(text, tokens with the end marker) for each prompt's token ids.

    temperature 0 takes the likeliest token always; above it, torch's own random state draws.
    """
    import torch

    longest, pad = max(map(len, prompts)), tokenizer.pad_token_id
    padded = [[pad] * (longest - len(ids)) + ids for ids in prompts]
    mask = [[0] * (longest - len(ids)) + [1] * len(ids) for ids in prompts]
    drawn = {"do_sample": True, "temperature": temperature} if temperature else {"do_sample": False}
    with torch.no_grad():
        made = model.generate(
            input_ids=torch.tensor(padded, device=model.device),
            attention_mask=torch.tensor(mask, device=model.device),
            max_new_tokens=new_tokens,
            pad_token_id=pad,
            eos_token_id=tokenizer.eos_token_id,
            **drawn,
        )
    return [_said(tokenizer, ids) for ids in made[:, longest:].tolist()]


def _said(tokenizer: Any, ids: list[int]) -> tuple[str, int]:
    ends = tokenizer.eos_token_id
    kept = ids[: ids.index(ends) + 1] if ends in ids else ids
    return tokenizer.decode(kept, skip_special_tokens=True), len(kept)
