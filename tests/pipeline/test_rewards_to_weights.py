"""From a dataset to a model that learned from rewards: of reward models, or of answers."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import pytest

from policy.models import ConstitutionVersion
from tests.pipeline.making import make_version, make_workshop
from training.building import Attached
from training.errors import TrainingRefused
from training.models import EvaluationReport, TrainingRun
from training.services import freeze_snapshot, prepare_run, read_metrics, record_outcome
from training.showing import report_shown

pytestmark = pytest.mark.training
QUICK = {
    "max_steps": 2,
    "samples": 1,
    "sample_tokens": 8,
    "max_tokens": 96,
    "max_prompt_tokens": 64,
}
ONLINE = {**QUICK, "online": {"new_tokens": 4}}


@pytest.fixture
def version(db: None, settings: Any, tmp_path: Path) -> ConstitutionVersion:
    settings.FOLKMOOT_HOME = tmp_path
    return make_version(make_workshop())


def train(run: TrainingRun) -> EvaluationReport:
    """Run a recipe's program here, and record what it leaves as the worker would."""
    recipe = importlib.import_module(f"training.recipes.{run.recipe}")
    assert recipe.main([run.folder]) == 0
    folder = Path(run.folder)
    return record_outcome(
        run,
        folder=folder / "final",
        weights_hash="made-here",
        step=2,
        report=json.loads((folder / "report.json").read_text()),
        charts={},
    )  # type: ignore[return-value]


def test_a_run_takes_the_latest_reward_models_of_its_dataset(
    version: ConstitutionVersion, tiny_base: Path
) -> None:
    pairs = freeze_snapshot(version=version, kind="preference")
    base = str(tiny_base)
    with pytest.raises(TrainingRefused, match="needs reward models: train the recipe reward"):
        prepare_run(snapshot=pairs, recipe="grpo", base=base)
    each = {**QUICK, "reward": {"per_community": True}}
    train(prepare_run(snapshot=pairs, recipe="reward", base=base, overrides=each))
    least = prepare_run(snapshot=pairs, recipe="maxmin", base=base, overrides=ONLINE)
    assert set(train(least).result["communities"]) == {"millers", "anglers"}
    assert set(read_metrics(least)[0]["rewards"]) == {"model millers", "model anglers"}


def test_answers_of_a_file_are_learned_from(
    version: ConstitutionVersion, tiny_base: Path, tmp_path: Path
) -> None:
    file = tmp_path / "sums.jsonl"
    file.write_text(
        "".join(f'{{"question": "{n} plus 2?", "answer": "#### {n + 2}"}}\n' for n in range(40))
    )
    sums = freeze_snapshot(version=version, kind="verifiable", attached=Attached(file, "Ours, CC0"))
    run = prepare_run(snapshot=sums, recipe="grpo", base=str(tiny_base), overrides=ONLINE)
    report = train(run)
    assert report.result["answers"]["tuned"]["n"] > 0
    assert report_shown(report, {}, 5)["communities"] == []
