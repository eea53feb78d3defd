"""The sample workshop, filled and analysed once for all tests of the line."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from deploy.demo.workshops import SAMPLE, ensure_workshop
from elicitation.kernel.work import run_inline
from elicitation.models import Withdrawal, Workshop
from elicitation.services.withdrawing import withdraw
from policy.models import Analysis
from tests.pipeline.taking_back import Line
from training.recipes.base_model import tiny_model


def quiet(done: float | None, of: float | None, say: str) -> None:
    """Progress that nobody reads."""


def analysed(workshop: Workshop, seed: int = 7) -> Analysis:
    """Analyse here and now, by the same task as the worker."""
    work = run_inline("policy.tasks.analyse", subject="test", workshop_id=workshop.pk, seed=seed)
    return Analysis.objects.get(pk=work.result["analysis"])


@pytest.fixture(scope="package")
def sample_database(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The sample workshop with its analysis, in a transaction that all tests here run inside."""
    with django_db_blocker.unblock(), transaction.atomic():
        analysed(ensure_workshop(SAMPLE, quiet))
        if connection.vendor == "postgresql":
            # Nobody else sees these rows, so nobody else tells the planner how many there are.
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")
        yield
        transaction.set_rollback(True)


@pytest.fixture
def sample(sample_database: None, db: None) -> Workshop:
    """The sample workshop, filled and analysed; what a test changes is undone after it."""
    return Workshop.objects.get(slug=SAMPLE.slug)


@pytest.fixture(scope="session")
def tiny_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An untrained model small enough for tests."""
    return tiny_model(tmp_path_factory.mktemp("models") / "tiny", seed=3)


@pytest.fixture
def line(db: None, settings: Any, tmp_path: Path) -> Line:
    """From two people's words to weights; its files are under `tmp_path`."""
    settings.FOLKMOOT_HOME = tmp_path
    return Line()


@pytest.fixture
def take_back(line: Line, django_capture_on_commit_callbacks: Any) -> Callable[..., Withdrawal]:
    """Amara takes something back, and what follows a commit follows."""

    def done(
        scope: str = Withdrawal.Scope.ALL, key: uuid.UUID | None = None, **more: Any
    ) -> Withdrawal:
        with django_capture_on_commit_callbacks(execute=True):
            return withdraw(participant=line.amara, scope=scope, key=key or uuid.uuid4(), **more)

    return done
