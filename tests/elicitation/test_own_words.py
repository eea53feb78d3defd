"""What people write of their own: kept once, changed by nobody else, and never learned from."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from elicitation.errors import AnswerRefused, StageClosed
from elicitation.models import (
    AnswerEvent,
    Case,
    Device,
    IdentityAnswer,
    IdentityQuestion,
    Participant,
    Workshop,
)
from tests.elicitation.test_judging import close, say
from tests.phones import device_of, open_activity
from tests.racing import race, racing_database  # noqa: F401


@pytest.fixture
def phone(amara: Participant) -> Device:
    """Amara's phone."""
    return device_of(amara)


def write(phone: Device, target: int = 0, **more: Any) -> None:
    halves = {"situation": "if fish are safe", "wish": "say where to ask"}
    say(phone, "case", target, **{**halves, **more})


def test_two_new_cases_of_one_phone_are_two_in_whatever_order_they_come(phone: Device) -> None:
    open_activity(phone.participant.workshop, "case")
    write(phone, seq=2, situation="the second")
    write(phone, seq=1, situation="the first")
    assert set(Case.objects.values_list("situation", flat=True)) == {"the first", "the second"}


def test_a_case_is_changed_and_its_first_words_stay_in_the_history(phone: Device) -> None:
    open_activity(phone.participant.workshop, "case")
    write(phone, seq=1)
    case = Case.objects.get()
    write(phone, case.pk, seq=3, wish="say who knows")
    write(phone, case.pk, seq=2, wish="say nothing")
    case.refresh_from_db()
    assert case.wish == "say who knows"
    assert set(AnswerEvent.objects.values_list("target", flat=True)) == {case.pk}
    assert AnswerEvent.objects.count() == 3


@pytest.mark.usefixtures("racing_database")
def test_one_case_sent_twenty_times_at_once_is_one(amara: Participant) -> None:
    phone = device_of(amara)
    open_activity(amara.workshop, "case")
    assert race(lambda _: write(phone, key="same", seq=1), 20) == []
    assert (AnswerEvent.objects.count(), Case.objects.count()) == (1, 1)


def test_a_case_that_was_taken_back_does_not_return_when_sent_again(phone: Device) -> None:
    open_activity(phone.participant.workshop, "case")
    write(phone, key="once")
    Case.objects.all().delete()
    AnswerEvent.objects.update(body={"erased": "…"}, erased_at=timezone.now())
    write(phone, key="once")
    assert not Case.objects.exists()


def test_nobody_changes_the_case_of_another(phone: Device, bela: Participant) -> None:
    open_activity(phone.participant.workshop, "case")
    write(phone)
    with pytest.raises(AnswerRefused, match="another participant"):
        write(device_of(bela), Case.objects.get().pk)


@pytest.mark.parametrize("half", [{"wish": " "}, {"situation": ""}, {"wish": "x" * 1001}])
def test_half_a_case_is_refused(phone: Device, half: dict[str, str]) -> None:
    open_activity(phone.participant.workshop, "case")
    with pytest.raises(AnswerRefused):
        write(phone, **half)


def test_a_case_is_refused_where_none_is_asked_for_or_no_longer(phone: Device) -> None:
    with pytest.raises(AnswerRefused, match="not asked for"):
        write(phone)
    open_activity(phone.participant.workshop, "case")
    close()
    with pytest.raises(StageClosed):
        write(phone)


@pytest.fixture
def question(river: Workshop) -> IdentityQuestion:
    """A question that nobody has to answer."""
    open_activity(river, "identity")
    return IdentityQuestion.objects.create(
        workshop=river, text="Where do you live?", options=["Upstream", "Downstream"]
    )


def test_people_are_several_things_and_something_else_too(
    phone: Device, question: IdentityQuestion
) -> None:
    both = ["Upstream", "Downstream"]
    say(phone, "identity", question.pk, choices=both, text="On the boat")
    answer = IdentityAnswer.objects.get()
    assert (answer.choices, answer.text) == (both, "On the boat")
    assert answer.participant.seat.community.slug == "fishers"


def test_people_may_say_nothing_and_take_back_what_they_said(
    phone: Device, question: IdentityQuestion
) -> None:
    say(phone, "identity", question.pk, choices=["Upstream"], text="")
    say(phone, "identity", question.pk, skip="1", choices=["Downstream"], text="words")
    answer = IdentityAnswer.objects.get()
    assert (answer.choices, answer.text) == ([], "")


def test_two_people_answer_one_question(
    phone: Device, bela: Participant, question: IdentityQuestion
) -> None:
    for device in (phone, device_of(bela)):
        say(device, "identity", question.pk, choices=["Upstream"])
    assert IdentityAnswer.objects.count() == 2


def test_what_is_no_answer_to_the_question_is_refused(
    phone: Device, question: IdentityQuestion
) -> None:
    elsewhere = Workshop.objects.create(slug="hill", title="Hill")
    other = IdentityQuestion.objects.create(workshop=elsewhere, text="?", options=["Upstream"])
    wrong: list[tuple[int, dict[str, Any]]] = [
        (question.pk, {"choices": ["Inland"]}),
        (question.pk, {"text": "x" * 301}),
        (question.pk, {"choices": "Upstream"}),
        (other.pk, {"choices": ["Upstream"]}),
        (10**12, {}),
    ]
    for target, body in wrong:
        with pytest.raises(AnswerRefused):
            say(phone, "identity", target, **body)
    assert not IdentityAnswer.objects.exists()
