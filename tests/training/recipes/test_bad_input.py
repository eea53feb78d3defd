"""What cannot be used is refused with a sentence that says where."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.training.recipes.directories import PRINCIPLE, demonstration, make_run, pair, read
from training.recipes import dpo, sft
from training.recipes._config import Config, as_json, parse_config
from training.recipes._errors import BadInput

GOOD = {"recipe": "dpo", "base": "somewhere"}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"learnin_rate": 1}, 'there is no field "learnin_rate"'),
        ({"max_steps": "many"}, '"max_steps" must be a whole number'),
        ({"max_steps": True}, '"max_steps" must be a whole number'),
        ({"max_steps": 0}, '"max_steps" must be at least 1'),
        ({"loss": "gentle"}, '"loss" must be one of "soft", "hard"'),
        ({"group_robust": {"eta": -1}}, '"group_robust.eta" must be at least 0'),
        ({"group_robust": {"tau": 1}}, 'there is no field "group_robust.tau"'),
        ({"lora": 8}, "lora must be an object"),
        ({"constitution": [{"number": 1}]}, '"constitution[0].text" is missing'),
        ({"max_prompt_tokens": 192}, '"max_prompt_tokens" (192) must be smaller'),
        ({"recipe": "rlaif"}, "rlaif needs principles"),
        ({"recipe": "magic"}, '"recipe" must be one of'),
        ({"recipe": "grpo"}, '"online" is missing; grpo needs'),
        ({"online": {}}, '"online" is for grpo'),
        (
            {"recipe": "grpo", "online": {"generations": 3}, "batch_size": 4},
            "4 completions",
        ),
        (
            {"recipe": "rejection", "online": {"rewards": [{"kind": "model"}]}},
            '"online.rewards[0].folder" is missing',
        ),
        (
            {"recipe": "rejection", "online": {"rewards": [{"kind": "luck"}]}},
            '"online.rewards[0].kind" must be one of',
        ),
        ({"recipe": "sft", "group_robust": {}}, "the recipe sft does not read it"),
        ({"kto": {"desirable_weight": 2.0}}, '"kto" is for kto; the recipe dpo'),
        ({"recipe": "reward", "loss": "ipo"}, 'must be "soft" or "hard"'),
        ({"loss": "ipo", "ld_alpha": 0.5}, "both allow for length"),
        ({"merge": True, "lora": None}, '"merge" needs "lora"'),
        ({"stop_when": {"distinct_below": 0.1}}, "the recipe dpo does not measure that"),
        ({"learning_rate": float("nan")}, '"learning_rate" must be at least 0'),
    ],
)
def test_a_wrong_field_is_named(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(BadInput) as refused:
        parse_config({**GOOD, **change})
    assert sentence in str(refused.value)
    assert str(refused.value).startswith("config.json: ")


def test_a_configuration_survives_being_written_out() -> None:
    full = {**GOOD, "group_robust": {"eta": 0.1}, "constitution": [PRINCIPLE], "lora": None}
    config = parse_config(full)
    assert parse_config(json.loads(json.dumps(as_json(config)))) == config
    assert parse_config(GOOD) == Config(recipe="dpo", base="somewhere")


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (pair("b", share=1.2), 'train.jsonl, line 2: "share" must be a number between 0 and 1'),
        (pair("b", share=None), 'train.jsonl, line 2: "share" must be'),
        (pair("a"), 'train.jsonl, line 2: the id "a" was there before'),
        (pair("b", chosen="  "), 'line 2: "chosen" must be text that is not blank'),
        (pair("b", weight=-1), 'line 2: "weight" must be a number from 0'),
        (pair("b", prompt="Hello"), 'line 2: "prompt" must be a list'),
        (pair("b", prompt=[{"role": "king", "content": "x"}]), "from roles system, user"),
        (pair("b", judgements=[{"participant": "p", "answer": 2}]), 'line 2: "judgements" must'),
        ({"id": "b"}, 'line 2: "share" must be a number between 0 and 1; it is missing'),
    ],
)
def test_a_wrong_row_is_named_by_file_line_and_field(
    tmp_path: Path, row: dict[str, Any], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run = make_run(tmp_path, tmp_path, [pair("a"), row])
    assert dpo.main([str(run)]) == 2
    assert sentence in capsys.readouterr().err
    assert sentence in read(run, "error.json")["sentence"]
    assert read(run, "error.json")["kind"] == "bad_input"


def test_a_line_that_is_not_json_is_named(tmp_path: Path) -> None:
    run = make_run(tmp_path, tmp_path, [pair("a")])
    (run / "train.jsonl").write_text('\n{"id": "a",\n')
    assert dpo.main([str(run)]) == 2
    assert "train.jsonl, line 2: not JSON" in read(run, "error.json")["sentence"]


def test_a_prompt_on_both_sides_is_refused(tmp_path: Path) -> None:
    run = make_run(tmp_path, tmp_path, [pair("a")], [{**pair("a"), "id": "b"}])
    assert dpo.main([str(run)]) == 2
    assert "whole prompts are held out" in read(run, "error.json")["sentence"]


def test_a_base_that_is_not_there_is_named(tmp_path: Path) -> None:
    run = make_run(tmp_path, tmp_path / "nowhere", [demonstration("d")], recipe="sft")
    (tmp_path / "nowhere").mkdir()
    assert sft.main([str(run)]) == 2
    assert "could not be loaded" in read(run, "error.json")["sentence"]


def test_a_missing_directory_and_the_wrong_program_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert dpo.main([str(tmp_path / "none")]) == 2
    assert "There is no run directory" in capsys.readouterr().err
    run = make_run(tmp_path, tmp_path, [demonstration("d")], recipe="sft")
    assert dpo.main([str(run)]) == 2
    assert "but this is the recipe dpo" in capsys.readouterr().err
