"""The sample workshop, filled and analysed once for all tests of the line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from deploy.demo.workshops import SAMPLE, ensure_workshop
from elicitation.kernel.work import run_inline
from elicitation.models import Workshop
from policy.models import Analysis
from training.recipes.base_model import tiny_model


def quiet(done: float | None, of: float | None, say: str) -> None:
    """Progress that nobody reads."""


def analysed(workshop: Workshop, seed: int = 7) -> Analysis:
    """Analyse here and now, by the same task as the worker."""
    work = run_inline("policy.tasks.analyse", subject="test", workshop_id=workshop.pk, seed=seed)
    return Analysis.objects.get(pk=work.result["analysis"])


@pytest.fixture(scope="session")
def sample_database(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A dump of the sample workshop with its analysis, made once; tests load it afresh."""
    from django.db import transaction

    dump = tmp_path_factory.mktemp("sample") / "sample.json"
    with django_db_blocker.unblock(), transaction.atomic():
        analysed(ensure_workshop(SAMPLE, quiet))
        apps = ["elicitation", "deliberation", "policy"]
        call_command("dumpdata", *apps, output=str(dump), verbosity=0)
        transaction.set_rollback(True)
    return dump


@pytest.fixture
def sample(sample_database: Path, db: None) -> Workshop:
    """The sample workshop, filled and analysed."""
    call_command("loaddata", str(sample_database), verbosity=0)
    return Workshop.objects.get(slug=SAMPLE.slug)


@pytest.fixture(scope="session")
def tiny_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An untrained model small enough for tests."""
    return tiny_model(tmp_path_factory.mktemp("models") / "tiny", seed=3)
