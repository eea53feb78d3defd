"""PPO: the reward rises, the critic learns to foresee it, and a stopped run continues exactly."""

import os
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.training.recipes.directories import metrics, weights
from tests.training.recipes.online import make_online, prompts, share_of, wants
from training.recipes import ppo
from training.recipes._online_rewards import Reward, Written
from training.recipes._run import execute

pytestmark = pytest.mark.training
CRITIC = {"learning_rate": 3e-3}


def trained(folder: Path, rewards: Sequence[Reward] | None = None) -> Path:
    planted = [wants("e")] if rewards is None else rewards
    assert execute("ppo", lambda run: ppo.work(run, planted), [str(folder)]) == 0
    return folder


def test_a_planted_reward_rises(tmp_path: Path, base: Path) -> None:
    settings = {"max_steps": 24, "learning_rate": 0.02}
    online = {"kl": 0.0, "critic": CRITIC, "iterations": 2}
    run = trained(make_online(tmp_path, base, "ppo", prompts(24), online=online, **settings))
    told = metrics(run)
    assert np.mean([row["reward"] for row in told[-4:]]) > 2 * told[0]["reward"]
    assert max(row["clipped"] for row in told) > 0  # the second use of the same completions


def test_the_critic_learns_to_foresee_a_certain_reward(tmp_path: Path, base: Path) -> None:
    certain = Reward("certain", lambda written: np.ones(len(written)))
    online = {"kl": 0.0, "critic": CRITIC}
    run = make_online(tmp_path, base, "ppo", prompts(24), online=online, max_steps=8)
    errors = [row["critic_error"] for row in metrics(trained(run, [certain]))]
    # It begins by foreseeing nothing, and λ .95 lets it answer for .95^k of a reward k tokens on.
    assert errors[0] == pytest.approx(np.mean([0.95 ** (2 * k) for k in range(8)]), rel=1e-6)
    assert errors[-1] < 0.05


def test_the_price_of_distance_holds_the_model_near_its_base(tmp_path: Path, base: Path) -> None:
    ends = []
    for price in (0.0001, 1.0):
        settings = {"max_steps": 12, "learning_rate": 0.02}
        online = {"kl": price, "critic": {**CRITIC, "epochs": 1}}
        folder = make_online(
            tmp_path / str(price), base, "ppo", prompts(24), online=online, **settings
        )
        ends.append(np.mean([row["kl"] for row in metrics(trained(folder))[-4:]]))
    assert ends[1] < 0.5 * ends[0]


def test_a_run_that_was_stopped_continues_as_if_nothing_had_happened(
    tmp_path: Path, base: Path
) -> None:
    settings: dict[str, Any] = {"max_steps": 6, "save_every": 2}
    settings["online"] = {"critic": CRITIC, "iterations": 2}
    calls = []

    def stops(written: Sequence[Written]) -> Any:
        calls.append(1)
        if len(calls) == 2:
            os.kill(os.getpid(), signal.SIGTERM)
        return share_of("e")(written)

    whole = trained(make_online(tmp_path / "whole", base, "ppo", prompts(24), **settings))
    run = make_online(tmp_path / "run", base, "ppo", prompts(24), **settings)
    stopping = [Reward("wants e", stops)]
    assert execute("ppo", lambda run: ppo.work(run, stopping), [str(run)]) == 3
    assert len(metrics(run)) == 3  # in the middle of using completions a second time
    trained(run)
    assert metrics(run) == metrics(whole)
    assert weights(run) == weights(whole)
