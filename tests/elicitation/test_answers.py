"""Recording answers: nothing twice, nothing lost, and the newest holds."""

import random

import pytest
from django.utils import timezone

from elicitation.errors import AnswerRefused, StageClosed, Withdrawn
from elicitation.models import (
    AnswerEvent,
    Comparison,
    Completion,
    Device,
    Participant,
    Preference,
    Prompt,
    Stage,
)
from elicitation.services import PreferenceSaid, record_preference, record_preferences
from tests.racing import race, racing_database  # noqa: F401


def compare(participant: Participant, stage: Stage | None = None, words: str = "?") -> Comparison:
    prompt = Prompt.objects.create(
        workshop=participant.workshop,
        messages=[{"role": "user", "content": words}],
        content_hash=f"{participant.pk}{words}",
    )
    left, right = (
        Completion.objects.create(prompt=prompt, text=text, content_hash=text) for text in "ab"
    )
    return Comparison.objects.create(
        participant=participant, prompt=prompt, left=left, right=right, stage=stage
    )


def say(comparison: Comparison, choice: str, key: str, **more: object) -> Preference:
    return record_preference(
        participant=comparison.participant, comparison=comparison, choice=choice, key=key, **more
    )


def device(participant: Participant, number: int = 1) -> Device:
    return Device.objects.create(participant=participant, number=number)


def test_the_last_answer_holds_and_the_first_stays_in_the_history(amara: Participant) -> None:
    comparison = compare(amara)
    say(comparison, "left", "k1")
    latest = say(comparison, "right", "k2", strength=3, rationale="It asks back.")
    assert (latest.choice, latest.strength, latest.rationale) == ("right", 3, "It asks back.")
    assert [event.body["choice"] for event in AnswerEvent.objects.order_by("pk")] == [
        "left",
        "right",
    ]


def test_the_same_key_again_changes_nothing(amara: Participant) -> None:
    comparison = compare(amara)
    say(comparison, "left", "k1")
    assert say(comparison, "right", "k1").choice == "left"
    assert AnswerEvent.objects.count() == 1


def test_a_late_older_answer_of_a_device_does_not_overwrite(amara: Participant) -> None:
    comparison, phone = compare(amara), device(amara)
    say(comparison, "right", "k2", device=phone, client_seq=2)
    assert say(comparison, "left", "k1", device=phone, client_seq=1).choice == "right"
    assert AnswerEvent.objects.count() == 2


def test_across_devices_the_order_of_arrival_decides(amara: Participant) -> None:
    comparison = compare(amara)
    say(comparison, "right", "k1", device=device(amara, 1), client_seq=9)
    assert say(comparison, "left", "k2", device=device(amara, 2), client_seq=1).choice == "left"


def test_what_a_device_overtook_itself_stays_overtaken_by_another(amara: Participant) -> None:
    comparison, phone = compare(amara), device(amara, 1)
    say(comparison, "left", "k2", device=phone, client_seq=2)
    say(comparison, "equal", "k3", device=device(amara, 2), client_seq=1)
    assert say(comparison, "right", "k1", device=phone, client_seq=1).choice == "equal"


def test_a_closed_stage_takes_no_new_answers_but_knows_the_old_ones(amara: Participant) -> None:
    stage = amara.workshop.stages.get()
    comparison = compare(amara, stage)
    say(comparison, "left", "k1")
    Stage.objects.update(status=Stage.Status.CLOSED)
    comparison = Comparison.objects.get()
    assert say(comparison, "left", "k1").choice == "left"
    with pytest.raises(StageClosed, match="not open"):
        say(comparison, "right", "k2")


def test_who_withdrew_is_not_recorded_even_by_a_page_that_was_open(amara: Participant) -> None:
    comparison = compare(amara)
    Participant.objects.filter(pk=amara.pk).update(withdrawn_at=timezone.now())
    with pytest.raises(Withdrawn):
        say(comparison, "left", "k1")
    assert not AnswerEvent.objects.exists()


def test_nobody_answers_for_another(amara: Participant, bela: Participant) -> None:
    comparison = compare(amara)
    with pytest.raises(AnswerRefused, match="another participant"):
        record_preference(participant=bela, comparison=comparison, choice="left", key="k")
    with pytest.raises(AnswerRefused, match="another participant"):
        say(comparison, "left", "k", device=device(bela), client_seq=1)


@pytest.mark.parametrize(
    "wrong",
    [{"choice": "both"}, {"strength": 4}, {"strength": 0}, {"key": ""}, {"key": "k" * 101}],
)
def test_an_answer_that_means_nothing_is_refused(amara: Participant, wrong: dict[str, str]) -> None:
    with pytest.raises(AnswerRefused):
        say(compare(amara), **{"choice": "left", "key": "k", **wrong})


def test_a_devices_number_is_used_once(amara: Participant) -> None:
    phone = device(amara)
    say(compare(amara, words="one"), "left", "k1", device=phone, client_seq=1)
    with pytest.raises(AnswerRefused, match="already used"):
        say(compare(amara, words="two"), "left", "k2", device=phone, client_seq=1)
    assert AnswerEvent.objects.count() == 1


def test_many_at_once_follow_the_rules_of_one(amara: Participant) -> None:
    chance = random.Random(7)
    comparisons = [compare(amara, words=str(number)) for number in range(5)]
    phones = [device(amara, number) for number in range(2)]
    answers = [
        PreferenceSaid(
            amara,
            chance.choice(comparisons),
            chance.choice(["left", "right", "equal"]),
            f"k{chance.randrange(40)}",
        )
        if chance.random() < 0.5
        else PreferenceSaid(
            amara, chance.choice(comparisons), "neither", f"d{n}", phones[n % 2], 100 - n
        )
        for n in range(80)
    ]
    record_preferences(answers)
    together = dict(Preference.objects.values_list("comparison", "choice"))
    events = AnswerEvent.objects.count()
    Preference.objects.all().delete()
    AnswerEvent.objects.all().delete()
    for said in answers:
        record_preferences([said])
    assert dict(Preference.objects.values_list("comparison", "choice")) == together
    assert AnswerEvent.objects.count() == events


def test_one_bad_answer_among_many_leaves_none(amara: Participant) -> None:
    comparison = compare(amara)
    answers = [PreferenceSaid(amara, comparison, choice, choice) for choice in ("left", "nonsense")]
    with pytest.raises(AnswerRefused):
        record_preferences(answers)
    assert not AnswerEvent.objects.exists()


@pytest.mark.usefixtures("racing_database")
def test_fifty_senders_of_one_answer_leave_one_event_and_one_row(amara: Participant) -> None:
    comparison = compare(amara)
    assert race(lambda _: say(comparison, "left", "same")) == []
    assert (AnswerEvent.objects.count(), Preference.objects.count()) == (1, 1)


@pytest.mark.usefixtures("racing_database")
def test_fifty_answers_of_one_device_leave_the_newest(amara: Participant) -> None:
    comparison, phone = compare(amara), device(amara)

    def write(number: int) -> None:
        choice = "right" if number == 49 else "left"
        say(comparison, choice, f"k{number}", device=phone, client_seq=number)

    assert race(write) == []
    assert AnswerEvent.objects.count() == 50
    assert Preference.objects.get().choice == "right"
