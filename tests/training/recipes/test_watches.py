"""Limits that stop a run while it trains, and lifting them."""

from pathlib import Path
from typing import Any

import pytest

from tests.training.recipes.directories import (
    demonstration,
    make_run,
    metrics,
    pair,
    read,
    two_communities,
    weights,
)
from training.recipes import dpo, kto, orpo, sft
from training.recipes._config import Config
from training.recipes._config_parts import StopWhen
from training.recipes._errors import BadInput
from training.recipes._run import Run

pytestmark = pytest.mark.training
SETTINGS: dict[str, Any] = {"max_steps": 8, "learning_rate": 3e-3}


@pytest.fixture(scope="module")
def unwatched(tmp_path_factory: pytest.TempPathFactory, base: Path) -> Path:
    folder = make_run(tmp_path_factory.mktemp("unwatched"), base, two_communities(16), **SETTINGS)
    assert dpo.main([str(folder)]) == 0
    return folder


def limit(folder: Path, **limits: float) -> None:
    """Rewrite the limits of a run directory."""
    import json

    config = read(folder, "config.json") | {"stop_when": limits}
    (folder / "config.json").write_text(json.dumps(config))


def test_a_run_stops_at_the_first_step_beyond_its_limit(
    tmp_path: Path, base: Path, unwatched: Path
) -> None:
    values = [row["kl_estimate"] for row in metrics(unwatched)]
    ceiling = values[3]
    first = next(i for i, value in enumerate(values) if value > ceiling) + 1
    run = make_run(tmp_path, base, two_communities(16), **SETTINGS)
    limit(run, kl_above=ceiling)
    assert dpo.main([str(run)]) == 4
    told = read(run, "error.json")
    assert told["kind"] == "stopped"
    assert f"stopped at step {first}" in told["sentence"]
    assert "stop_when.kl_above" in told["sentence"]
    assert len(metrics(run)) == first
    assert not (run / "final").exists()


def test_a_stopped_run_waits_for_its_limit_to_be_lifted_and_then_is_the_same(
    tmp_path: Path, base: Path, unwatched: Path
) -> None:
    run = make_run(tmp_path, base, two_communities(16), **SETTINGS)
    limit(run, kl_above=metrics(unwatched)[2]["kl_estimate"])
    assert dpo.main([str(run)]) == 4
    made = metrics(run)
    assert dpo.main([str(run)]) == 4
    assert metrics(run) == made
    limit(run)
    assert dpo.main([str(run)]) == 0
    assert metrics(run) == metrics(unwatched)
    assert weights(run) == weights(unwatched)


@pytest.mark.parametrize("recipe", [sft, dpo, orpo, kto])
def test_entropy_is_that_of_the_next_token_and_can_be_watched(
    tmp_path: Path, base: Path, recipe: Any
) -> None:
    from math import log

    from tests.training.recipes.test_kto import thumbs

    name = recipe.__name__.rpartition(".")[2]
    rows = {"sft": [demonstration("d")], "kto": thumbs(4)}.get(name, [pair("one")])
    run = make_run(tmp_path, base, rows, recipe=name, max_steps=1)
    limit(run, entropy_below=0.1)
    assert recipe.main([str(run)]) == 0
    # An untrained model of 500 words knows next to nothing.
    assert log(250) < metrics(run)[0]["entropy"] < log(500)
    again = make_run(tmp_path / "again", base, rows, recipe=name, max_steps=1)
    limit(again, entropy_below=7.0)
    assert recipe.main([str(again)]) == 4
    assert "below the limit 7" in read(again, "error.json")["sentence"]


def test_what_a_model_writes_is_watched_by_its_variety_and_length(tmp_path: Path) -> None:
    from training.recipes._training import beyond_a_limit

    limits = StopWhen(distinct_below=0.5, length_above=40)
    run = Run(tmp_path, Config(recipe="grpo", base="here", stop_when=limits))
    sound = {"step": 3, "distinct_2": 0.6, "completion_length": 12.0}
    assert beyond_a_limit(run, sound) == ""
    assert "0.4, below the limit 0.5" in beyond_a_limit(run, {**sound, "distinct_2": 0.4})
    assert "mean length was 41" in beyond_a_limit(run, {**sound, "completion_length": 41.0})
    with pytest.raises(BadInput, match="was not measured"):
        beyond_a_limit(run, {"step": 3, "distinct_2": 0.6})
