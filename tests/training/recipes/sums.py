"""A tiny model that speaks digits, for tests of what can be right or wrong."""

import json
from pathlib import Path
from typing import Any

TEMPLATE = (
    "{% for m in messages %}{{ 'Q' if m['role'] == 'user' else 'A' }}{{ m['content'] }}"
    "{% if m['role'] == 'assistant' %}.{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}A{% endif %}"
)
LETTERS = [*"0123456789+=;QA .\n", "_"]


def digit_model(folder: Path, seed: int = 0) -> Path:
    """An untrained Llama of 2 layers × 64 over a score of single letters; "." ends an answer."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    words = {letter: i for i, letter in enumerate(LETTERS)}
    letters = Tokenizer(models.WordLevel(words, unk_token="_"))
    letters.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    letters.decoder = decoders.Fuse()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=letters, eos_token=".", pad_token="_", chat_template=TEMPLATE
    )
    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=len(LETTERS),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=4,
        max_position_embeddings=128,
        initializer_range=0.1,  # a tiny model learns sooner from a wide beginning
        bos_token_id=None,
        eos_token_id=words["."],
        pad_token_id=words["_"],
    )
    LlamaForCausalLM(config).save_pretrained(folder, safe_serialization=True)
    tokenizer.save_pretrained(folder)
    return folder


def asked(a: int, b: int, **more: Any) -> dict[str, Any]:
    """A row that asks for a one-digit sum."""
    prompt = [{"role": "user", "content": f"{a}+{b}"}]
    return {"id": f"s{a}{b}", "prompt": prompt, "community": "everyone", "weight": 1.0, **more}


def write_rows(path: Path, rows: list[dict[str, Any]]) -> None:
    """Rows as JSON lines."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
