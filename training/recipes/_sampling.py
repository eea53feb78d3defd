"""Completions drawn from a model, a batch at a time."""

import hashlib
from collections.abc import Sequence
from typing import Any

from training.recipes._files import append_json_line, read_json_lines
from training.recipes._online import settings_of
from training.recipes._rows import PromptRow
from training.recipes._run import Run, drop_unfinished_line
from training.recipes._tokens import Encoder

SAMPLES = "samples.jsonl"
Drawn = list[tuple[str, int]]  # texts, each with its number of tokens


def drawn_for(
    run: Run, model: Any, encoder: Encoder, rows: Sequence[PromptRow]
) -> dict[str, Drawn]:
    """Row id → `generations` completions, kept in samples.jsonl for a run continued later.

    Each prompt has a seed of its own, so that no draw depends on which came before.
    """
    online, path = settings_of(run), run.folder / SAMPLES
    drop_unfinished_line(path)
    known: dict[str, Drawn] = {}
    if path.is_file():
        known = {row["id"]: [(t, n) for t, n in row["drawn"]] for _, row in read_json_lines(path)}
    left = [row for row in rows if row.id not in known]
    for row in run.in_part("sampling", left, [1.0] * len(left)):
        run.say("sampling", len(known), len(rows), f"Answering prompt {len(known) + 1}")
        prompts = [encoder.prompt(row.prompt)] * online.generations
        seeded(f"{run.config.seed} {row.id}")
        drawn = sample(
            model, encoder.tokenizer, prompts, online.new_tokens, temperature=online.temperature
        )
        append_json_line(path, {"id": row.id, "drawn": drawn, "written_by": run.config.base})
        known[row.id] = drawn
    return {row.id: known[row.id] for row in rows if row.id in known}


def seeded(name: str) -> None:
    """Set torch's random state by a name."""
    import torch

    torch.manual_seed(int.from_bytes(hashlib.sha256(name.encode()).digest()[:7]))


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
