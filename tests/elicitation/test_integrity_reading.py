"""What the integrity checks look at: who said what of which pair, on which side, how fast."""

from __future__ import annotations

import math
from typing import Any

from django.utils import timezone

from elicitation.integrity_reading import milliseconds, people_of
from elicitation.kernel.work import run_inline
from elicitation.models import AnswerEvent, Comparison, Participant, Workshop
from elicitation.services.joining import Phone, add_device
from tests.conftest import take_part
from tests.elicitation.test_facilitating import prompt_with


def judge(person: Participant, comparison: Comparison, **body: Any) -> None:
    """One answer to one comparison, as it arrives."""
    AnswerEvent.objects.create(
        participant=person,
        key=f"{comparison.pk}",
        kind="preference",
        target=comparison.pk,
        body=body,
    )


def put_to(person: Participant, turned: bool = False) -> Comparison:
    """The pair of the workshop's first prompt, this way round or the other."""
    left, right = person.workshop.prompts.get().completions.order_by("pk")
    sides = (right, left) if turned else (left, right)
    return Comparison.objects.create(
        participant=person, prompt=left.prompt, left=sides[0], right=sides[1]
    )


def test_two_who_chose_the_same_answer_said_the_same_whichever_side_it_stood_on(
    river: Workshop, amara: Participant, bela: Participant
) -> None:
    prompt_with(river, "cleared", "cleared")
    judge(amara, put_to(amara), choice="left", ms=2300, rationale="Short")
    judge(bela, put_to(bela, turned=True), choice="right")
    [one], [other] = (person.answers for person in people_of(river.pk))
    assert (one.item, one.choice) == (other.item, other.choice)
    assert (one.side, other.side, one.looked_ms, one.text) == ("left", "right", 2300.0, "Short")


def test_an_answer_that_takes_no_side_has_none(river: Workshop, amara: Participant) -> None:
    prompt_with(river, "cleared", "cleared")
    judge(amara, put_to(amara), choice="equal")
    [answer] = people_of(river.pk)[0].answers
    assert (answer.choice, answer.side, math.isnan(answer.looked_ms)) == ("equal", "", True)


def test_a_phone_is_known_by_its_hashes_and_published_people_have_none(
    river: Workshop, amara: Participant
) -> None:
    add_device(participant=amara, phone=Phone("install-1", "Chromium"))
    Participant.objects.create(
        seat=amara.seat, workshop=river, pseudonym="imported", identity="imported"
    )
    [person] = people_of(river.pk)
    assert person.pseudonym == "amara"
    assert len(person.installs[0]) == len(person.agents[0]) == 64


def test_who_left_is_not_looked_at(river: Workshop, amara: Participant) -> None:
    Participant.objects.filter(pk=amara.pk).update(withdrawn_at=timezone.now())
    assert people_of(river.pk) == []


def test_what_a_phone_claims_of_its_time_may_be_nonsense() -> None:
    assert milliseconds(250) == 250.0
    for nonsense in (None, "250", True, -1, 1e12, [1]):
        assert math.isnan(milliseconds(nonsense))


def test_one_phone_under_many_names_is_named_with_a_sentence(river: Workshop) -> None:
    for number in range(40):
        person = take_part(river, "fishers", f"p{number:02}")
        install = "one phone" if number < 6 else f"phone {number}"
        add_device(participant=person, phone=Phone(install, f"browser {number}"))
    work = run_inline("elicitation.tasks.check_integrity", subject="i", workshop=river.pk)
    flagged = {person["pseudonym"]: person for person in work.result["people"]}
    assert set(flagged) == {f"p{number:02}" for number in range(6)}
    assert "The same phone joined as" in flagged["p00"]["sentences"][0]
