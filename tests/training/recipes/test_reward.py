"""Reward models against the theory of Bradley and Terry, and what ensembles of them leave."""

import json
import math
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.training.recipes.directories import (
    ASIDE,
    LONG,
    SHORT,
    make_run,
    metrics,
    pair,
    read,
    two_communities,
)
from tests.training.recipes.test_continuing import when
from training.recipes import reward

pytestmark = pytest.mark.training
ASK = ({"role": "user", "content": "Question t1 about the river?"},)
STEADY = {"recipe": "reward", "max_steps": 60, "batch_size": 1, "learning_rate": 0.003}


def trained(folder: Path) -> Path:
    assert reward.main([str(folder)]) == 0
    return folder


def gap(folder: Path) -> float:
    """By how much raw scores differ after the last step."""
    return float(metrics(folder)[-1]["margin"])


def test_a_share_of_seven_in_ten_settles_at_its_log_odds(tmp_path: Path, base: Path) -> None:
    run = make_run(tmp_path, base, [pair("one", share=0.7)], **STEADY)
    assert gap(trained(run)) == pytest.approx(math.log(0.7 / 0.3), abs=0.05)


def test_a_margin_pushes_scores_apart_by_the_majoritys_lead(tmp_path: Path, base: Path) -> None:
    settings = {**STEADY, "reward": {"margin": 2.0}}
    run = make_run(tmp_path, base, [pair("one", share=0.7)], **settings)
    assert gap(trained(run)) == pytest.approx(math.log(0.7 / 0.3) + 2 * 0.4, abs=0.05)


def test_batches_of_four_and_four_times_one_are_the_same(tmp_path: Path, base: Path) -> None:
    rows, told = two_communities(12), {}
    for size in (4, 1):
        shape = {"batch_size": size, "gradient_accumulation": 4 // size}
        run = make_run(tmp_path / str(size), base, rows, recipe="reward", max_steps=3, **shape)
        told[size] = metrics(trained(run))
    for one, other in zip(told[4], told[1], strict=True):
        assert one["loss"] == pytest.approx(other["loss"], abs=1e-5)
        assert one["grad_norm"] == pytest.approx(other["grad_norm"], rel=1e-3)


def test_each_community_gets_a_model_of_its_own_wish(tmp_path: Path, base: Path) -> None:
    from training.recipes._rewards import load_rewards

    wishes = {"upstream": (SHORT, ASIDE), "downstream": (ASIDE, SHORT)}
    rows = [
        pair(f"{name}{i}", name, share=1.0, chosen=wish[0], rejected=wish[1])
        for name, wish in wishes.items()
        for i in range(4)
    ]
    settings = {"recipe": "reward", "reward": {"per_community": True}, "max_steps": 15}
    run = trained(make_run(tmp_path, base, rows, **settings))
    assert read(run, "final/reward.json")["kind"] == "per_community"
    rewards = load_rewards(run / "final", "cpu")
    table = rewards.score([ASK, ASK], [SHORT, ASIDE])
    sides = dict(zip(rewards.communities, table[:, 0] - table[:, 1], strict=True))
    assert sides["upstream"] > 0.5
    assert sides["downstream"] < -0.5
    least = rewards.combined([ASK, ASK], [SHORT, ASIDE], "min_over_communities")
    assert least.tolist() == pytest.approx(table.min(axis=0).tolist())


@pytest.fixture(scope="module")
def ensemble(tmp_path_factory: pytest.TempPathFactory, base: Path) -> Path:
    rows = two_communities(16)
    folder = make_run(tmp_path_factory.mktemp("ensemble"), base, rows, **ENSEMBLE)
    return trained(folder)


ENSEMBLE: dict[str, Any] = {
    "recipe": "reward",
    "reward": {"members": 2, "length_debiased": True},
    "max_steps": 6,
    "save_every": 2,
    "evaluate": True,
}


def test_members_differ_and_each_scores_as_it_did_alone(ensemble: Path, tmp_path: Path) -> None:
    from training.recipes._rewards import load_rewards

    texts = [SHORT, LONG, ASIDE]
    together = load_rewards(ensemble / "final", "cpu").score([ASK] * 3, texts)
    assert abs(together[0] - together[1]).max() > 0.01
    told = read(ensemble, "final/reward.json")
    for i, member in enumerate(told["members"]):
        alone = tmp_path / str(i)
        alone.mkdir()
        os.symlink(ensemble / "final" / member["folder"], alone / member["folder"])
        (alone / "reward.json").write_text(json.dumps({**told, "members": [member]}))
        scores = load_rewards(alone, "cpu").score([ASK] * 3, texts)
        assert scores[0].tolist() == pytest.approx(together[i].tolist(), abs=1e-4)


def test_rewards_of_training_completions_are_standard_and_owe_nothing_to_length(
    ensemble: Path,
) -> None:
    from training.methods.reward_ensembles import length_slope
    from training.recipes._rewards import load_rewards, raw_scores
    from training.recipes._rows import read_preferences

    rewards = load_rewards(ensemble / "final", "cpu")
    rows = read_preferences(ensemble / "train.jsonl")
    texts = sorted({(r.id, c) for r in rows for c in (r.chosen, r.rejected)})
    prompts = {r.id: r.prompt for r in rows}
    asked = [(prompts[key], text) for key, text in texts]
    for number, values in enumerate(rewards.score(*zip(*asked, strict=True))):
        _, lengths = raw_scores(rewards.use(number), rewards.encoder, asked)
        assert (values.mean(), values.std()) == pytest.approx((0, 1), abs=1e-3)
        assert length_slope(values, lengths, [k for k, _ in texts]) == pytest.approx(0, abs=1e-4)


def test_a_stopped_ensemble_continues_as_if_nothing_had_happened(
    ensemble: Path, tmp_path: Path, base: Path
) -> None:
    run = make_run(tmp_path, base, two_communities(16), **ENSEMBLE)
    second = run / "members" / "member-2"
    watcher = when(second, 1, lambda: os.kill(os.getpid(), signal.SIGTERM))
    assert reward.main([str(run)]) == 3
    watcher.join()
    assert not (run / "final" / "reward.json").exists()
    assert reward.main([str(run)]) == 0
    assert metrics(run) == metrics(ensemble)
    for name in ("final/reward.json", "report.json"):
        assert read(run, name) == read(ensemble, name)


def test_the_report_says_what_people_and_rewards_agree_on(ensemble: Path) -> None:
    report = read(ensemble, "report.json")
    told = report["communities"]["upstream"]
    assert told["base"]["estimate"] is None
    assert told["verdict"] == "not measured"
    assert set(report["members"]) == {"member-1", "member-2"}


def test_adapters_can_be_merged_into_whole_models(tmp_path: Path, base: Path) -> None:
    from training.recipes._rewards import load_rewards

    told = []
    for merge in (False, True):
        settings = {"recipe": "reward", "max_steps": 3, "merge": merge}
        run = make_run(tmp_path / str(merge), base, two_communities(8), **settings)
        told.append(load_rewards(trained(run) / "final", "cpu").score([ASK, ASK], [SHORT, LONG]))
    assert (tmp_path / "True" / "final" / "member-1" / "model.safetensors").is_file()
    assert told[0][0].tolist() == pytest.approx(told[1][0].tolist(), abs=1e-2)


def test_what_cannot_be_loaded_or_named_is_refused(tmp_path: Path, base: Path) -> None:
    from training.recipes._errors import BadInput
    from training.recipes._rewards import load_rewards

    with pytest.raises(BadInput, match="no reward models"):
        load_rewards(tmp_path, "cpu")
    settings = {"recipe": "reward", "reward": {"per_community": True}}
    run = make_run(tmp_path / "run", base, [pair("a", "up/stream")], **settings)
    assert reward.main([str(run)]) == 2
    assert "a folder is named for it" in read(run, "error.json")["sentence"]
