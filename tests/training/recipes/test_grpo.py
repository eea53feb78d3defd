"""GRPO and RLOO on planted rewards: the reward rises, the base stays near, nothing is left to
chance."""

import os
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.training.recipes.directories import metrics, read, weights
from tests.training.recipes.online import make_online, prompt, prompts, share_of, wants
from training.recipes import grpo, rloo
from training.recipes._online_rewards import Reward, Written
from training.recipes._run import execute

pytestmark = pytest.mark.training
RECIPES = {"grpo": grpo, "rloo": rloo}
SHORT: dict[str, Any] = {"max_steps": 4, "save_every": 2}


def trained(folder: Path, recipe: str = "grpo", rewards: Sequence[Reward] | None = None) -> Path:
    planted = [wants("e")] if rewards is None else rewards
    assert execute(recipe, lambda run: RECIPES[recipe].work(run, planted), [str(folder)]) == 0
    return folder


def last(folder: Path, name: str) -> float:
    return float(np.mean([row[name] for row in metrics(folder)[-3:]]))


@pytest.mark.parametrize("recipe", ["grpo", "rloo"])
def test_a_planted_reward_rises(tmp_path: Path, base: Path, recipe: str) -> None:
    settings = {"max_steps": 16, "learning_rate": 0.03, "online": {"kl": 0.0}}
    run = trained(make_online(tmp_path, base, recipe, prompts(24), **settings), recipe)
    assert last(run, "reward") > 3 * metrics(run)[0]["reward"]
    assert set(metrics(run)[0]["communities"]) <= {"upstream", "downstream"}
    assert read(run, "card.json")["cut"]["of"] == 24


def test_the_distance_from_the_base_stays_under_its_bound(tmp_path: Path, base: Path) -> None:
    # Whatever is no worse than the base by reward - β KL has KL ≤ (1 - reward of the base) / β.
    price, tokens = 0.5, 8
    settings = {"max_steps": 20, "learning_rate": 0.01, "online": {"kl": price}}
    run = trained(make_online(tmp_path, base, "rloo", prompts(24), **settings), "rloo")
    bound = (1 - metrics(run)[0]["reward"]) / price
    assert 0 < last(run, "kl") * tokens < bound


@pytest.mark.parametrize("recipe", ["grpo", "rloo"])
def test_eight_times_one_equals_one_batch_of_eight(tmp_path: Path, base: Path, recipe: str) -> None:
    parts = {"batch_size": 1, "gradient_accumulation": 8}
    one = make_online(tmp_path / "one", base, recipe, prompts(8), **SHORT, batch_size=8)
    other = make_online(tmp_path / "other", base, recipe, prompts(8), **SHORT, **parts)
    for a, b in zip(metrics(trained(one, recipe)), metrics(trained(other, recipe)), strict=True):
        assert a["reward"] == b["reward"]
        assert a["grad_norm"] == pytest.approx(b["grad_norm"], rel=1e-3)


class Interrupting:
    """A reward that asks the run to stop when it is asked for the third time."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, written: Sequence[Written]) -> Any:
        self.calls += 1
        if self.calls == 3:
            os.kill(os.getpid(), signal.SIGTERM)
        return share_of("e")(written)


@pytest.mark.parametrize(("recipe", "iterations"), [("grpo", 2), ("rloo", 1)])
def test_a_run_that_was_stopped_continues_as_if_nothing_had_happened(
    tmp_path: Path, base: Path, recipe: str, iterations: int
) -> None:
    settings = {**SHORT, "max_steps": 6, "schedule": "linear", "online": {"iterations": iterations}}
    whole = trained(make_online(tmp_path / "whole", base, recipe, prompts(24), **settings), recipe)
    run = make_online(tmp_path / "run", base, recipe, prompts(24), **settings)
    stopping = [Reward("wants e", Interrupting())]
    assert execute(recipe, lambda run: RECIPES[recipe].work(run, stopping), [str(run)]) == 3
    assert 0 < len(metrics(run)) < 6
    trained(run, recipe)
    assert metrics(run) == metrics(whole)
    assert weights(run) == weights(whole)


def test_scale_of_weights_order_of_rows_and_names_decide_nothing(
    tmp_path: Path, base: Path
) -> None:
    other_names = {"upstream": "zeta", "downstream": "alpha"}
    rows = [{**row, "weight": 1.0 + i % 3} for i, row in enumerate(prompts(8))]
    others = [
        {**row, "weight": 2 * row["weight"], "community": other_names[row["community"]]}
        for row in reversed(rows)
    ]
    one = trained(make_online(tmp_path / "one", base, "grpo", rows, **SHORT))
    other = trained(make_online(tmp_path / "other", base, "grpo", others, **SHORT))
    assert weights(one) == weights(other)


def test_answers_and_length_are_rewarded_by_configuration_alone(tmp_path: Path, base: Path) -> None:
    rows = [prompt(f"t{i}", answer="4") for i in range(4)]
    parts = [{"kind": "answer"}, {"kind": "length", "weight": 0.5, "limit": 4}]
    run = make_online(tmp_path, base, "grpo", rows, max_steps=1, online={"rewards": parts})
    assert grpo.main([str(run)]) == 0
    first = metrics(run)[0]
    assert first["rewards"]["length"] == pytest.approx(-1.0, abs=0.2)  # 8 tokens, twice the limit
    assert first["reward"] == pytest.approx(
        first["rewards"]["answer"] + 0.5 * first["rewards"]["length"]
    )
    assert 0 <= first["extractable"] <= 1


@pytest.mark.parametrize(
    ("rows", "online", "sentence"),
    [
        (1, {"rewards": [{"kind": "length"}]}, "1 prompts are left to learn from, but a step"),
        (2, {"rewards": [{"kind": "answer"}]}, 'row t00 has no "answer"'),
        (2, {}, '"online.rewards" is empty'),
        (2, {"rewards": [{"kind": "model", "folder": "gone"}]}, "there is no reward model at"),
    ],
)
def test_what_cannot_be_learned_from_is_named(
    tmp_path: Path, base: Path, rows: int, online: dict[str, Any], sentence: str
) -> None:
    run = make_online(tmp_path, base, "grpo", prompts(rows), online=online)
    assert grpo.main([str(run)]) == 2
    assert sentence in read(run, "error.json")["sentence"]
    assert not (run / "checkpoints").exists()
