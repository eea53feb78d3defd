"""A participant's own tests are what models are tried on; nothing learns from them."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from django.conf import settings

import training
from elicitation.models import AnswerEvent, Case, Participant
from elicitation.services.cases import write_case
from tests.pipeline.making import make_version, make_workshop
from training.services import freeze_snapshot

# Where a program may read cases: only to try a model on them.
EVALUATES = "evaluation"
WORDS = "if the old mill wheel is haunted"


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["preference", "sft"])
def test_no_word_of_a_case_is_in_a_snapshot(kind: str) -> None:
    workshop = make_workshop()
    person = Participant.objects.filter(workshop=workshop).earliest("pk")
    write_case(
        participant=person, stage=None, situation=WORDS, wish="say what is known", key="case"
    )
    snapshot = freeze_snapshot(version=make_version(workshop), kind=kind)
    files = [path for path in Path(settings.FOLKMOOT_HOME).rglob("*") if path.is_file()]
    assert snapshot.pk
    assert Case.objects.count() == AnswerEvent.objects.filter(kind="case").count() == 1
    assert any(b"about the mill" in path.read_bytes() for path in files)
    assert not any(WORDS.encode() in path.read_bytes() for path in files)


def test_training_names_cases_only_where_it_evaluates() -> None:
    root = Path(training.__file__).parent
    naming = [
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if (isinstance(node, ast.Name) and node.id == "Case")
        or (isinstance(node, ast.alias) and node.name == "Case")
        or (isinstance(node, ast.Attribute) and node.attr in ("Case", "cases"))
    ]
    assert [name for name in naming if EVALUATES not in name] == []
