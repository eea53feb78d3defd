"""Stages, activities and settings: changed once, told to phones, and kept with who did it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from elicitation.attendance import attendance
from elicitation.errors import Refused
from elicitation.models import (
    Activity,
    AnswerEvent,
    AuditEntry,
    Case,
    Completion,
    Participant,
    Prompt,
    Stage,
    User,
    Workshop,
)
from elicitation.services import facilitating, setting_up
from tests.conftest import take_part
from tests.racing import race, racing_database  # noqa: F401

Screening = Completion.Screening


def pulse_of(workshop: Workshop) -> int:
    """The number that phones ask for."""
    return Workshop.objects.get(pk=workshop.pk).pulse


def stage_of(workshop: Workshop) -> Stage:
    """The workshop's only stage, which is open."""
    return workshop.stages.get()


def write_case(person: Participant, stage: Stage, key: str = "1") -> None:
    """One case of this person's own."""
    event = AnswerEvent.objects.create(
        participant=person, key=key, kind="case", target=0, body={"situation": "a", "wish": "b"}
    )
    Case.objects.create(participant=person, stage=stage, situation="a", wish="b", event=event)


def prompt_with(workshop: Workshop, *screenings: str, **fields: Any) -> Prompt:
    """A prompt with one completion for each of these states."""
    number = Prompt.objects.count()
    prompt = Prompt.objects.create(
        workshop=workshop,
        messages=[{"role": "user", "content": f"Question {number}"}],
        content_hash=str(number),
        **fields,
    )
    for place, state in enumerate(screenings):
        Completion.objects.create(
            prompt=prompt, text=f"Answer {place}", content_hash=str(place), screening=state
        )
    return prompt


def test_closing_a_stage_twice_closes_it_once(river: Workshop, farid: User) -> None:
    stage = stage_of(river)
    closed = [facilitating.close_stage(stage=stage, by=farid) for _ in range(2)]
    assert (closed, stage.status, pulse_of(river)) == ([True, False], "closed", 1)
    assert AuditEntry.objects.get(action="close stage").user == farid


def test_a_stage_that_was_closed_can_be_opened_again(river: Workshop, farid: User) -> None:
    stage = stage_of(river)
    facilitating.close_stage(stage=stage, by=farid)
    assert facilitating.open_stage(stage=stage, by=farid)
    assert Stage.objects.open().get() == stage


@pytest.mark.usefixtures("racing_database")
def test_of_many_who_close_a_stage_at_once_one_does(river: Workshop, farid: User) -> None:
    closed = []

    def close(number: int) -> None:
        stage = Stage.objects.select_related("workshop").get()
        closed.append(facilitating.close_stage(stage=stage, by=farid))

    assert race(close, 8) == []
    assert sorted(closed) == [False] * 7 + [True]
    assert AuditEntry.objects.filter(action="close stage").count() == 1


def test_a_stage_from_a_template_waits_with_what_people_do_in_it(
    river: Workshop, farid: User
) -> None:
    stage = facilitating.add_stage(workshop=river, title="Evening", template="compare", by=farid)
    kinds = list(stage.activities.values_list("kind", flat=True))
    assert kinds == ["compare", "vote", "propose", "case", "identity"]
    assert (stage.position, stage.status, pulse_of(river)) == (1, "waiting", 1)


def test_the_same_thing_to_do_is_in_a_stage_once(river: Workshop, farid: User) -> None:
    facilitating.add_activity(stage=stage_of(river), kind="vote", by=farid)
    with pytest.raises(Refused, match="already"):
        facilitating.add_activity(stage=stage_of(river), kind="vote", by=farid)
    assert Activity.objects.count() == 1


def test_what_nobody_has_begun_can_be_taken_out(river: Workshop, farid: User) -> None:
    activity = facilitating.add_activity(stage=stage_of(river), kind="case", by=farid)
    facilitating.remove_activity(activity=activity, by=farid)
    assert not Activity.objects.exists()
    assert AuditEntry.objects.filter(action="remove activity").count() == 1


def test_what_somebody_has_answered_stays(river: Workshop, amara: Participant, farid: User) -> None:
    activity = facilitating.add_activity(stage=stage_of(river), kind="case", by=farid)
    write_case(amara, stage_of(river))
    with pytest.raises(Refused, match="answered"):
        facilitating.remove_activity(activity=activity, by=farid)
    assert Activity.objects.get() == activity


def test_a_stage_with_something_to_do_is_not_taken_out(river: Workshop, farid: User) -> None:
    stage = facilitating.add_stage(workshop=river, title="Evening", template="review", by=farid)
    with pytest.raises(Refused, match="first"):
        facilitating.remove_stage(stage=stage, by=farid)
    stage.activities.all().delete()
    facilitating.remove_stage(stage=stage, by=farid)
    assert stage_of(river).title == "Norms"


def test_a_prompt_that_was_read_and_cleared_comes_before_everyone(
    river: Workshop, farid: User
) -> None:
    activity = facilitating.add_activity(stage=stage_of(river), kind="compare", by=farid)
    prompt = prompt_with(river, Screening.CLEARED, Screening.CLEARED)
    before = pulse_of(river)
    facilitating.push_prompt(activity=activity, prompt=prompt, by=farid)
    assert Activity.objects.get().pushed == prompt.pk
    assert pulse_of(river) == before + 1


@pytest.mark.parametrize(
    ("screenings", "fields"),
    [
        ([Screening.CLEARED, Screening.WAITING], {}),
        ([Screening.CLEARED, Screening.SEVERE], {"content_warning": "Insults"}),
        ([Screening.CLEARED] * 2, {"content_warning": "Insults", "is_severe": True}),
    ],
)
def test_what_not_everyone_may_see_is_not_put_before_everyone(
    river: Workshop, farid: User, screenings: list[str], fields: dict[str, Any]
) -> None:
    activity = facilitating.add_activity(stage=stage_of(river), kind="compare", by=farid)
    prompt = prompt_with(river, *screenings, **fields)
    with pytest.raises(Refused):
        facilitating.push_prompt(activity=activity, prompt=prompt, by=farid)
    assert Activity.objects.get().pushed is None


def test_a_prompt_of_another_workshop_is_not_pushed_here(river: Workshop, farid: User) -> None:
    hill = Workshop.objects.create(slug="hill", title="Hill")
    activity = facilitating.add_activity(stage=stage_of(river), kind="rate", by=farid)
    with pytest.raises(Refused, match="another workshop"):
        facilitating.push_prompt(
            activity=activity, prompt=prompt_with(hill, Screening.CLEARED), by=farid
        )


def test_before_anybody_joins_a_date_for_withdrawing_can_be_set(
    river: Workshop, farid: User
) -> None:
    until = date(2031, 5, 1)
    setting_up.change_settings(workshop=river, by=farid, withdraw_until=until, small_cell=12)
    river.refresh_from_db()
    assert (river.withdraw_until, river.small_cell, river.pulse) == (until, 12, 1)
    assert AuditEntry.objects.get().detail == {"fields": ["small_cell", "withdraw_until"]}


@pytest.mark.parametrize(
    ("asked", "is_kept"),
    [
        ({"withdraw_until": date(2031, 4, 30)}, False),
        ({"withdraw_until": date(2031, 5, 2)}, True),
        ({"withdraw_until": None}, True),
        ({"small_cell": 9}, False),
        ({"small_cell": 11}, True),
    ],
)
def test_what_people_were_promised_is_only_ever_widened(
    river: Workshop, amara: Participant, farid: User, asked: dict[str, Any], is_kept: bool
) -> None:
    Workshop.objects.update(withdraw_until=date(2031, 5, 1), small_cell=10)
    try:
        setting_up.change_settings(workshop=river, by=farid, **asked)
    except Refused:
        assert not is_kept
    else:
        assert is_kept
    held = Workshop.objects.get()
    kept = {name: getattr(held, name) for name in asked}
    assert (kept == asked) is is_kept


def test_each_community_gets_a_code_of_its_own(river: Workshop, farid: User) -> None:
    seats = [
        setting_up.add_community(workshop=river, name=name, by=farid)
        for name in ("Millers", "Mill")
    ]
    assert len({seat.join_code for seat in [*seats, *river.seats.all()]}) == 4
    assert [len(seat.join_code) for seat in seats] == [8, 8]


def test_the_numbers_are_each_communitys_own(
    river: Workshop, amara: Participant, bela: Participant, farid: User
) -> None:
    facilitating.add_activity(stage=stage_of(river), kind="case", by=farid)
    take_part(river, "fishers", "ada")
    write_case(amara, stage_of(river))
    fishers, farmers = attendance(river, timezone.now())
    assert (fishers.joined, fishers.lately, farmers.joined, farmers.lately) == (2, 1, 1, 0)
    assert [far.typical for far in (*fishers.far, *farmers.far)] == [0.5, 0]


def test_stuck_is_who_fell_silent_with_something_left(
    river: Workshop, amara: Participant, farid: User
) -> None:
    activity = facilitating.add_activity(stage=stage_of(river), kind="case", by=farid)
    facilitating.change_activity(activity=activity, wanted=2, settings={}, by=farid)
    write_case(amara, stage_of(river), key="1")
    later = timezone.now() + timedelta(minutes=6)
    assert [row.stuck for row in attendance(river, timezone.now())] == [0, 0]
    assert [row.stuck for row in attendance(river, later)] == [1, 0]
    write_case(amara, stage_of(river), key="2")
    assert [row.stuck for row in attendance(river, later)] == [0, 0]


def test_who_left_is_not_counted(river: Workshop, amara: Participant) -> None:
    Participant.objects.update(withdrawn_at=timezone.now())
    assert [row.joined for row in attendance(river, timezone.now())] == [0, 0]
