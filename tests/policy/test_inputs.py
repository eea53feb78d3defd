"""What an analysis rests on has one name, which covers all of it and nothing of the database."""

from __future__ import annotations

import pytest

from deliberation.models import Statement
from elicitation.kernel.hashing import content_hash
from elicitation.models import Completion, Participant, Preference, Prompt, Workshop
from policy.inputs import read_answers
from tests.pipeline.making import make_workshop

pytestmark = pytest.mark.django_db


@pytest.fixture
def mill() -> Workshop:
    workshop = make_workshop(prompts=3, people=2)
    Statement.objects.create(workshop=workshop, external_id="1", text="Mind the weir.")
    return workshop


@pytest.mark.parametrize(
    ("model", "changed"),
    [
        (Prompt, {"theme": "Mills"}),
        (Prompt, {"content_hash": content_hash("another question")}),
        (Completion, {"source": "a model"}),
        (Statement, {"theme": "Weirs"}),
        (Participant, {"identity": Participant.Identity.IMPORTED_ROW}),
        (Preference, {"choice": "equal"}),
    ],
)
def test_another_input_has_another_name(mill: Workshop, model: type, changed: dict) -> None:
    before = read_answers(mill).hash
    row = model.objects.order_by("pk").first()
    model.objects.filter(pk=row.pk).update(**changed)
    assert read_answers(mill).hash != before


def test_words_cannot_pass_for_another_row(mill: Workshop) -> None:
    statement = Statement.objects.get()
    Statement.objects.update(text="Mind the weir.\ns\t2\tunreviewed\tOr not.")
    one = read_answers(mill).hash
    Statement.objects.filter(pk=statement.pk).update(text="Mind the weir.")
    Statement.objects.create(workshop=mill, external_id="2", text="Or not.")
    assert read_answers(mill).hash != one


def test_the_same_completions_to_two_prompts_stand_in_the_order_of_their_words(
    mill: Workshop,
) -> None:
    for number, text in enumerate(("short", "long")):
        for prompt in Prompt.objects.all():
            sides = prompt.completions.order_by("pk")
            Completion.objects.filter(pk=sides[number].pk).update(content_hash=content_hash(text))
    judged, prompts = read_answers(mill).judged, read_answers(mill).prompts
    ours = [prompts[int(pk)]["hash"] for pk in judged.prompts[judged.people == 0]]
    assert len(ours) == 3
    assert ours == sorted(ours)


def test_numbers_of_statements_that_only_look_like_numbers_are_words(mill: Workshop) -> None:
    for name in ("²", "10", "02", "2"):
        Statement.objects.create(workshop=mill, external_id=name, text=f"Statement {name}")
    found = [one["external_id"] for one in read_answers(mill).statements]
    assert found == ["1", "02", "2", "10", "²"]
