"""From thumbs on a phone to weights: what two communities rated, learned by KTO."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from elicitation.kernel.work import run_inline
from tests.pipeline.making import make_version, make_workshop
from tests.pipeline.test_datasets import everyone_rates
from training.errors import TrainingRefused
from training.models import EvaluationReport
from training.services import freeze_snapshot, prepare_run, read_metrics


@pytest.mark.training
def test_thumbs_train_a_model_that_is_measured_on_preferences(
    db: None, settings: Any, tmp_path: Path, tiny_base: Path
) -> None:
    settings.FOLKMOOT_HOME = tmp_path
    mill = make_workshop()
    version = make_version(mill)
    everyone_rates(mill)
    thumbs = freeze_snapshot(version=version, kind="thumbs")
    asked = {"max_steps": 3, "samples": 1, "sample_tokens": 8}
    run = prepare_run(snapshot=thumbs, recipe="kto", base=str(tiny_base), overrides=asked)
    run_inline("training.tasks.train", subject=run.subject, run_id=run.pk)
    report = EvaluationReport.objects.get(checkpoint__run=run).result
    assert set(report["communities"]) == {"millers", "anglers"}
    assert [row["rows"] for row in read_metrics(run)] == [4, 4, 4]
    with pytest.raises(TrainingRefused, match="needs a snapshot of kind preference"):
        prepare_run(snapshot=thumbs, recipe="dpo", base=str(tiny_base))
