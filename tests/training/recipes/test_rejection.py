"""Imitating the best of one's own completions."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.training.recipes.directories import read, weights
from tests.training.recipes.online import make_online, prompts, wants
from training.recipes import rejection
from training.recipes._run import execute

pytestmark = pytest.mark.training


def run_with(folder: Path) -> int:
    return execute("rejection", lambda run: rejection.work(run, [wants("e")]), [str(folder)])


def make(folder: Path, base: Path, online: dict[str, Any] | None = None, **config: Any) -> Path:
    rows = prompts(8)
    return make_online(
        folder, base, "rejection", rows, online=online, batch_size=8, max_steps=4, **config
    )


def test_the_best_is_kept_marked_as_the_model_s_and_imitated(tmp_path: Path, base: Path) -> None:
    run = make(tmp_path, base, evaluate=True)
    assert run_with(run) == 0
    told = read(run, "report.json")["rejection"]
    assert told["drawn"] == 64
    assert told["kept"] == 8
    assert told["mean_kept"] > 2 * told["mean"]
    lines = [json.loads(line) for line in (run / "winners.jsonl").read_text().splitlines()]
    assert {line["written_by"] for line in lines} == {str(base)}


def test_completions_drawn_before_a_stop_are_kept_and_the_rest_are_the_same(
    tmp_path: Path, base: Path
) -> None:
    whole, run = make(tmp_path / "whole", base), make(tmp_path / "run", base)
    assert run_with(whole) == 0
    lines = (whole / "samples.jsonl").read_text().splitlines(keepends=True)
    (run / "samples.jsonl").write_text("".join(lines[3:6]) + lines[6][:20])  # killed in a line
    assert run_with(run) == 0
    assert sorted((run / "samples.jsonl").read_text().splitlines(keepends=True)) == sorted(lines)
    assert weights(run) == weights(whole)


def test_nothing_good_enough_is_said_in_words(tmp_path: Path, base: Path) -> None:
    run = make(tmp_path, base, {"least": 2.0})
    assert run_with(run) == 2
    assert 'at least "online.least"' in read(run, "error.json")["sentence"]
