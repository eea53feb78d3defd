"""ReFT: imitation first, then learning from whether one's own answers are right."""

from pathlib import Path
from typing import Any

import pytest

from tests.training.recipes.directories import metrics, read
from tests.training.recipes.online import make_online
from tests.training.recipes.sums import asked, digit_model, write_rows
from training.recipes import reft
from training.recipes._answers import accuracy, greedy
from training.recipes._config import parse_config
from training.recipes._model import load_base, load_tokenizer
from training.recipes._rows import read_prompts
from training.recipes._run import Run
from training.recipes._tokens import Encoder

pytestmark = pytest.mark.training
SUMS = [(a, b) for a in range(5) for b in range(5)]


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return digit_model(tmp_path_factory.mktemp("digits") / "tiny")


def make_reft(folder: Path, base: Path, online: dict[str, Any], **config: Any) -> Path:
    rows = [asked(a, b, answer=str(a + b)) for a, b in SUMS]
    parts = [{"kind": "answer"}]
    run = make_online(folder, base, "reft", rows, online={"rewards": parts, **online}, **config)
    write_rows(run / "demonstrations.jsonl", [asked(a, b, completion=str(a + b)) for a, b in SUMS])
    return run


def greedy_accuracy(run: Path, model: Path) -> float:
    """The share of the practised sums that a model answers right, by its likeliest tokens."""
    config = parse_config({**read(run, "config.json"), "base": str(model)})
    encoder = Encoder(load_tokenizer(config), config)
    rows = read_prompts(run / "train.jsonl", answered=True)
    said = greedy(Run(run, config), load_base(config, "cpu"), encoder, rows, "base")
    return float(accuracy(rows, said, 0.95)["estimate"])


def test_practice_raises_greedy_accuracy_beyond_imitation(tmp_path: Path, digits: Path) -> None:
    online = {"new_tokens": 2, "kl": 0.0, "warm_up": {"steps": 4, "learning_rate": 0.003}}
    run = make_reft(tmp_path, digits, online, batch_size=96, max_steps=30, learning_rate=0.002)
    assert reft.main([str(run)]) == 0
    imitation = greedy_accuracy(run, run / "warm_up" / "final")
    assert greedy_accuracy(run, digits) < 0.2 < imitation < 0.8
    assert greedy_accuracy(run, run / "final") > imitation + 0.15
    assert metrics(run)[-1]["extractable"] > 0.9


def test_the_warm_up_is_merged_and_made_once(tmp_path: Path, digits: Path) -> None:
    online = {"new_tokens": 2, "warm_up": {"steps": 2}, "critic": {"epochs": 1}}
    run = make_reft(tmp_path, digits, online, batch_size=16, max_steps=2, lora={"r": 2})
    assert reft.main([str(run)]) == 0
    assert (run / "warm_up" / "final" / "model.safetensors").is_file()
    assert (run / "final" / "adapter_model.safetensors").is_file()
    assert "critic_error" in metrics(run)[0]  # with a critic it is PPO, as in the paper
    made = (run / "warm_up" / "card.json").stat().st_mtime_ns
    (run / "card.json").unlink()
    assert reft.main([str(run)]) == 0
    assert (run / "warm_up" / "card.json").stat().st_mtime_ns == made


def test_held_out_sums_are_answered_before_and_after(tmp_path: Path, digits: Path) -> None:
    online = {"new_tokens": 2, "warm_up": {"steps": 7, "learning_rate": 0.003}}
    run = make_reft(tmp_path, digits, online, batch_size=16, max_steps=2, evaluate=True)
    write_rows(run / "heldout.jsonl", [asked(a, 5, answer=str(a + 5)) for a in range(5)])
    assert reft.main([str(run)]) == 0
    told = read(run, "report.json")["answers"]
    assert told["base"]["n"] == told["communities"]["everyone"]["tuned"]["n"] == 5
    assert told["tuned"]["extractable"] >= told["base"]["extractable"]


def test_solutions_beside_answers_are_demonstrations(tmp_path: Path, digits: Path) -> None:
    online = {"new_tokens": 2, "warm_up": {"steps": 1}}
    run = make_reft(tmp_path, digits, online, batch_size=8, max_steps=1)
    (run / "demonstrations.jsonl").unlink()
    rows = [asked(a, b, answer=str(a + b), solution=f"{a}+{b}={a + b}") for a, b in SUMS]
    write_rows(run / "train.jsonl", rows)
    assert reft.main([str(run)]) == 0
    shown = (run / "warm_up" / "train.jsonl").read_text()
    assert '"completion": "1+2=3\\n#### 3"' in shown


def test_without_demonstrations_nothing_is_trained(tmp_path: Path, digits: Path) -> None:
    run = make_reft(tmp_path, digits, {}, batch_size=16)
    (run / "demonstrations.jsonl").unlink()
    assert reft.main([str(run)]) == 2
    assert "demonstrations.jsonl is missing" in read(run, "error.json")["sentence"]
    assert not (run / "checkpoints").exists()
