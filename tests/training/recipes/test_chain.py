"""Recipes that follow one another by a plan: the same twice, and the same after a stop."""

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.training.recipes.directories import demonstration, pair, read, two_communities, weights
from tests.training.recipes.online import prompts
from tests.training.recipes.sums import write_rows
from tests.training.recipes.test_continuing import when
from training.recipes import chain

pytestmark = pytest.mark.training
QUICK: dict[str, Any] = {
    **{"threads": 1, "device": "cpu", "learning_rate": 1e-3, "samples": 0, "evaluate": False},
    **{"max_steps": 3, "save_every": 1, "batch_size": 4},
}
ONLINE = {
    "generations": 4,
    "new_tokens": 6,
    "rewards": [{"kind": "model", "folder": "stage:scores"}],
}
STAGES: list[dict[str, Any]] = [
    {
        "name": "imitate",
        "recipe": "sft",
        "data": "shown",
        "config": QUICK,
        "human": [{"given": "demonstrations", "when": "offline", "minutes": 90}],
    },
    {
        "name": "scores",
        "recipe": "reward",
        "data": "pairs",
        "config": QUICK,
        "human": [
            {"given": "preferences", "when": "offline", "minutes": 30},
            {"given": "corrections", "when": "on-policy", "minutes": 12.5},
        ],
    },
    {
        "name": "practise",
        "recipe": "grpo",
        "data": "asked",
        "config": {**QUICK, "max_steps": 5, "online": ONLINE},
    },
]


def make_plan(folder: Path, base: Path | str, stages: list[dict[str, Any]]) -> Path:
    rows = {
        "shown": [demonstration(f"d{i}") for i in range(6)],
        "pairs": two_communities(8),
        "asked": prompts(6),
    }
    for name, train in rows.items():
        (folder / name).mkdir(parents=True)
        write_rows(folder / name / "train.jsonl", train)
        write_rows(folder / name / "heldout.jsonl", [pair("h0")])
    (folder / "plan.json").write_text(json.dumps({"base": str(base), "stages": stages}))
    return folder


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, base: Path) -> Path:
    folder = make_plan(tmp_path_factory.mktemp("chain") / "whole", base, STAGES)
    assert chain.main([str(folder)]) == 0
    return folder


def test_each_stage_begins_where_the_last_model_ended(whole: Path, base: Path) -> None:
    stages = read(whole, "card.json")["stages"]
    imitated = str((whole / "01-imitate" / "final").resolve())
    # Reward models write nothing: what follows them goes on from the imitation.
    assert [stage["base"] for stage in stages] == [str(base), imitated, imitated]
    assert (whole / "01-imitate" / "final" / "model.safetensors").is_file()
    settings = read(whole / "03-practise", "config.json")["online"]["rewards"][0]
    assert settings["folder"] == "../02-scores/final"


def test_what_people_gave_is_added_up_by_kind_and_by_when(whole: Path) -> None:
    minutes = read(whole, "card.json")["human_minutes"]
    assert minutes["all"] == 132.5
    assert minutes["given"] == {"corrections": 12.5, "demonstrations": 90.0, "preferences": 30.0}
    assert minutes["when"] == {"offline": 120.0, "on-policy": 12.5}
    assert "People gave 132.5 minutes in all." in (whole / "card.md").read_text()


def test_a_chain_that_was_stopped_goes_on_in_its_stage_and_ends_the_same(
    tmp_path: Path, base: Path, whole: Path
) -> None:
    folder = make_plan(tmp_path / "again", base, STAGES)
    watcher = when(folder / "03-practise", 2, lambda: os.kill(os.getpid(), signal.SIGTERM))
    assert chain.main([str(folder)]) == 3
    watcher.join()
    assert 'Stage "practise": The run was cancelled' in read(folder, "error.json")["sentence"]
    done = (folder / "01-imitate" / "card.json").stat().st_mtime_ns
    assert chain.main([str(folder)]) == 0
    assert (folder / "01-imitate" / "card.json").stat().st_mtime_ns == done
    assert weights(folder / "03-practise") == weights(whole / "03-practise")
    assert not (folder / "error.json").exists()


def test_a_stage_that_began_is_not_changed(whole: Path, tmp_path: Path, base: Path) -> None:
    folder = make_plan(tmp_path / "plan", base, STAGES[:1])
    (folder / "01-imitate").mkdir()
    (folder / "01-imitate" / "config.json").write_text('{"recipe": "sft"}')
    assert chain.main([str(folder)]) == 2
    assert 'stage "imitate" changed since it began' in read(folder, "error.json")["sentence"]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"recipe": "magic"}, 'stage "imitate": "recipe" must be one of'),
        ({"data": "nowhere"}, 'stage 1: "data": there is no train.jsonl in'),
        ({"config": {"max_step": 3}}, 'stage "imitate": there is no field "max_step"'),
        ({"config": {"base": "other"}}, 'without "base" and "recipe"'),
        ({"name": "a b"}, '"name" must be letters'),
        ({"config": {"about": {"by": "stage:later"}}}, 'there is no stage "later" before it'),
        ({"human": [{"given": "cake", "when": "offline", "minutes": 1}]}, '"human" is a list of'),
    ],
)
def test_a_plan_that_cannot_be_followed_is_refused_before_anything_runs(
    tmp_path: Path, change: dict[str, Any], sentence: str
) -> None:
    folder = make_plan(tmp_path / "plan", "somewhere", [{**STAGES[0], **change}])
    assert chain.main([str(folder)]) == 2
    assert sentence in read(folder, "error.json")["sentence"]
    assert not list(folder.glob("01-*"))
