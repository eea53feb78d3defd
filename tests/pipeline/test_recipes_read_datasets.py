"""The rows that are frozen are the rows that recipes read: every kind, by its own reader."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from elicitation.models import Workshop
from tests.pipeline.making import make_version, make_workshop
from tests.pipeline.test_datasets import everyone_rates
from tests.pipeline.test_exporting import attached_for
from training.recipes._rows import (
    read_demonstrations,
    read_preferences,
    read_prompts,
    read_steps,
    read_thumbs,
)
from training.services import freeze_snapshot


def answered(path: Path) -> Sequence[Any]:
    return read_prompts(path, answered=True)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "read", "field"),
    [
        ("preference", read_preferences, "chosen"),
        ("sft", read_demonstrations, "completion"),
        ("thumbs", read_thumbs, "desirable"),
        ("preference", read_prompts, "prompt"),
        ("verifiable", answered, "answer"),
        ("stepwise", read_steps, "labels"),
    ],
)
def test_a_recipe_reads_every_row_of_its_kind(
    settings: Any, tmp_path: Path, kind: str, read: Callable[[Path], Sequence[Any]], field: str
) -> None:
    settings.FOLKMOOT_HOME = tmp_path
    workshop: Workshop = make_workshop()
    everyone_rates(workshop)
    version = make_version(workshop)
    snapshot = freeze_snapshot(version=version, kind=kind, attached=attached_for(kind, tmp_path))
    rows = read(Path(snapshot.folder) / "train.jsonl")
    assert len(rows) == snapshot.summary["splits"]["train"]
    assert all(hasattr(row, field) and row.weight > 0 for row in rows)
