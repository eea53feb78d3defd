"""By what people are told apart: what they ticked about themselves, where they were told so."""

from __future__ import annotations

import numpy as np
import pytest

from deliberation.models import Statement, Vote
from elicitation.models import AnswerEvent, IdentityAnswer, IdentityQuestion, Participant, Workshop
from policy.computing.agreement import agreement_section
from policy.inputs import read_answers
from tests.pipeline.making import make_workshop

pytestmark = pytest.mark.django_db
AGE = "“How old are you?”"


@pytest.fixture
def mill() -> Workshop:
    return make_workshop(prompts=1, people=15)


@pytest.fixture
def question(mill: Workshop) -> IdentityQuestion:
    options = ["Old", "Young", "Neither"]
    return IdentityQuestion.objects.create(
        workshop=mill, text="How old are you?", options=options, compares=True
    )


def tick(question: IdentityQuestion, *choices: str, people: slice) -> None:
    """Some of the workshop's people say this of themselves."""
    for person in Participant.objects.order_by("pk")[people]:
        told = {"participant": person, "kind": "identity", "target": question.pk}
        event = AnswerEvent.objects.create(key=f"age {person.pk}", body={}, **told)
        IdentityAnswer.objects.create(
            participant=person, question=question, event=event, choices=list(choices)
        )


def test_people_are_told_apart_by_what_they_ticked(question: IdentityQuestion) -> None:
    tick(question, "Old", people=slice(0, 12))
    tick(question, "Young", "Neither", people=slice(12, 25))
    labels = read_answers(question.workshop).label_sets[AGE]
    assert list(labels.values()).count("Old") == 12
    assert list(labels.values()).count("several of these") == 13


def test_a_label_of_too_few_is_nobodys(question: IdentityQuestion) -> None:
    tick(question, "Old", people=slice(0, 10))
    tick(question, "Young", people=slice(10, 20))
    tick(question, "Neither", people=slice(20, 29))
    assert set(read_answers(question.workshop).label_sets[AGE].values()) == {"Old", "Young"}


def test_one_label_alone_parts_nobody(question: IdentityQuestion) -> None:
    tick(question, "Old", people=slice(0, 20))
    tick(question, "Young", people=slice(20, 29))
    assert AGE not in read_answers(question.workshop).label_sets


def test_where_people_were_not_told_nobody_is_compared(question: IdentityQuestion) -> None:
    tick(question, "Old", people=slice(0, 12))
    tick(question, "Young", people=slice(12, 25))
    IdentityQuestion.objects.update(compares=False)
    assert read_answers(question.workshop).label_sets == {}


def test_who_left_is_not_compared(question: IdentityQuestion) -> None:
    tick(question, "Old", people=slice(0, 10))
    tick(question, "Young", people=slice(10, 21))
    Participant.objects.filter(pk=Participant.objects.earliest("pk").pk).update(
        withdrawn_at="2026-01-01T00:00Z"
    )
    assert AGE not in read_answers(question.workshop).label_sets


def test_a_divide_by_age_within_communities_is_found(question: IdentityQuestion) -> None:
    everyone = list(Participant.objects.order_by("pk"))
    old = np.arange(len(everyone)) % 2 == 0
    for start, word in ((0, "Old"), (1, "Young")):
        tick(question, word, people=slice(start, None, 2))
    for number in range(12):
        asked = Statement.objects.create(
            workshop=question.workshop, external_id=str(number), text=f"Number {number}."
        )
        for person, is_old in zip(everyone, old, strict=True):
            told = {"participant": person, "kind": "vote", "target": asked.pk}
            event = AnswerEvent.objects.create(key=f"{number} {person.pk}", body={}, **told)
            choice = 1 if is_old == (number % 2 == 0) else -1
            Vote.objects.create(participant=person, statement=asked, choice=choice, event=event)
    answers = read_answers(question.workshop)
    sets = {AGE: (answers.labels(AGE), ["Old", "Young"])}
    axes = {one["axis"]: one for one in agreement_section(answers, 7, sets)["votes"]["axes"]}
    assert axes[AGE]["q"] <= 0.05 < axes["communities"]["q"]
