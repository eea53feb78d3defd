"""Asking twice for the same training run."""

from __future__ import annotations

import pytest

from elicitation.kernel.models import Work
from tests.pipeline.making import make_version, make_workshop
from training.models import TrainingRun
from training.services import cancel_training, freeze_snapshot, start_training


@pytest.mark.django_db
def test_the_same_run_asked_for_twice_is_one_run_while_it_is_under_way() -> None:
    snapshot = freeze_snapshot(version=make_version(make_workshop()), kind="preference")
    first = start_training(snapshot=snapshot, recipe="dpo")
    assert start_training(snapshot=snapshot, recipe="dpo") == first
    assert Work.objects.filter(subject=first.subject).count() == 1
    other = start_training(snapshot=snapshot, recipe="dpo", overrides={"seed": 8})
    assert other != first
    cancel_training(first)
    assert start_training(snapshot=snapshot, recipe="dpo") not in (first, other)
    assert TrainingRun.objects.count() == 3
