"""Answers that are recorded together: nobody is told before the commit, nobody pays for another."""

import fcntl
import threading
import uuid
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.utils.translation import override

from deliberation.models import Statement
from elicitation.models import AnswerEvent, Participant, Workshop
from elicitation.services import together
from elicitation.services.inbox import Sent
from elicitation.services.together import Brought, Table, record_all
from tests.conftest import take_part
from tests.phones import device_of, open_activity
from tests.racing import race, racing_database  # noqa: F401


def vote(statement: int, choice: int = 1) -> Sent:
    """A vote with a key of its own."""
    return Sent("vote", statement, {"choice": choice}, str(uuid.uuid4()))


@pytest.fixture
def statement(river: Workshop) -> Statement:
    """One statement that is put to a vote."""
    activity = open_activity(river, "vote")
    return Statement.objects.create(
        workshop=river, stage=activity.stage, text="It should ask.", external_id="1", is_seed=True
    )


def test_each_request_is_told_of_its_own_answers(
    statement: Statement, amara: Participant, bela: Participant
) -> None:
    good = Brought(device_of(amara), [vote(statement.pk)])
    bad = Brought(device_of(bela), [vote(statement.pk + 1000), vote(statement.pk)])
    record_all([good, bad])
    assert [one.is_stored for one in good.told()] == [True]
    assert [one.is_stored for one in bad.told()] == [False, True]
    assert AnswerEvent.objects.count() == 2


def test_a_fault_in_one_request_costs_the_others_nothing(
    statement: Statement, amara: Participant, bela: Participant, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = device_of(amara), device_of(bela)
    take_all = together.take_all

    def fails_for_bela(brought):
        if any(one.device == theirs for one in brought):
            raise RuntimeError("Nobody expected this.")
        return take_all(brought)

    monkeypatch.setattr(together, "take_all", fails_for_bela)
    brought = [Brought(ours, [vote(statement.pk)]), Brought(theirs, [vote(statement.pk)])]
    record_all(brought)
    assert brought[0].told()[0].is_stored
    with pytest.raises(RuntimeError, match="expected"):
        brought[1].told()
    assert AnswerEvent.objects.get().participant == amara


def test_fifty_racing_requests_are_each_recorded_once(
    racing_database: None,  # noqa: F811
    statement: Statement,
    amara: Participant,
) -> None:
    table, devices = Table(), [device_of(amara) for _ in range(50)]
    faults = race(lambda number: table.record(devices[number], [vote(statement.pk)]))
    assert faults == []
    assert AnswerEvent.objects.count() == 50
    assert table.waiting == []


def test_one_answer_that_two_requests_bring_at_once_is_one_answer(
    statement: Statement, amara: Participant
) -> None:
    same = vote(statement.pk)
    brought = [Brought(device_of(amara), [same]), Brought(device_of(amara), [same])]
    record_all(brought)
    assert [one.told()[0].is_stored for one in brought] == [True, True]
    assert AnswerEvent.objects.count() == 1


def test_a_hall_that_votes_at_once_asks_the_database_about_as_much_as_one_person(
    statement: Statement, river: Workshop, django_assert_max_num_queries: Any
) -> None:
    people = [take_part(river, "fishers", f"person-{number}") for number in range(20)]
    brought = [Brought(device_of(person), [vote(statement.pk)]) for person in people]
    with django_assert_max_num_queries(20):
        record_all(brought)
    assert all(one.told()[0].is_stored for one in brought)
    assert AnswerEvent.objects.count() == 20


def test_one_wrong_vote_among_a_hall_is_refused_by_itself(
    statement: Statement, amara: Participant, bela: Participant
) -> None:
    right, wrong = vote(statement.pk), vote(statement.pk, choice=7)
    brought = [Brought(device_of(amara), [right]), Brought(device_of(bela), [wrong])]
    record_all(brought)
    assert [one.told()[0].is_stored for one in brought] == [True, False]
    assert AnswerEvent.objects.get().participant == amara


def test_each_is_refused_in_their_own_language(
    statement: Statement, amara: Participant, bela: Participant
) -> None:
    with override("es"):
        theirs = Brought(device_of(bela), [vote(statement.pk + 1000)])
    with override("en"):
        ours = Brought(device_of(amara), [vote(statement.pk + 1000)])
        record_all([ours, theirs])
    assert ours.told()[0].reason == "This is not put to a vote now, or not to your community."
    assert theirs.told()[0].reason not in ("", ours.told()[0].reason)


def test_where_a_thread_is_ended_the_others_do_not_wait_for_ever(
    statement: Statement, amara: Participant, bela: Participant, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, theirs = Table(), Brought(device_of(bela), [vote(statement.pk)])
    table.waiting.append(theirs)

    def ends(brought):
        raise SystemExit

    monkeypatch.setattr(together, "take_all", ends)
    with pytest.raises(SystemExit):
        table.record(device_of(amara), [vote(statement.pk)])
    assert theirs.is_done
    with pytest.raises(SystemExit):
        theirs.told()


@pytest.mark.parametrize(("vendor", "times"), [("sqlite", 1), ("postgresql", 6)])
def test_a_locked_file_is_waited_for_once_and_not_by_each(
    statement: Statement,
    amara: Participant,
    monkeypatch: pytest.MonkeyPatch,
    vendor: str,
    times: int,
) -> None:
    tries = []
    monkeypatch.setattr(connection, "vendor", vendor)

    def waits(brought):
        tries.append(brought)
        raise OperationalError("database is locked")

    monkeypatch.setattr(together, "take_all", waits)
    brought = [Brought(device_of(amara), [vote(statement.pk)]) for _ in range(5)]
    record_all(brought)
    assert len(tries) == times
    for one in brought:
        with pytest.raises(OperationalError):
            one.told()


def test_every_process_takes_people_in_one_order_so_that_none_waits_for_the_other(
    statement: Statement, amara: Participant, bela: Participant, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = []
    take = together.take_answers

    def takes(device, answers, known):
        order.append(device.participant_id)
        return take(device=device, answers=answers, known=known)

    monkeypatch.setattr(together, "take_answers", takes)
    theirs = Brought(device_of(bela), [vote(statement.pk), vote(statement.pk)])
    ours = Brought(device_of(amara), [vote(statement.pk + 1000)])
    record_all([theirs, ours])
    assert order == sorted([amara.pk, bela.pk])
    assert [one.is_stored for one in theirs.told() + ours.told()] == [True, True, False]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="Only SQLite has one file.")
def test_processes_take_turns_at_one_file(
    racing_database: None,  # noqa: F811
    statement: Statement,
    amara: Participant,
) -> None:
    device, name = device_of(amara), connection.settings_dict["NAME"]
    brought = Brought(device, [vote(statement.pk)])
    with open(f"{name}.turn", "ab") as others:
        fcntl.flock(others, fcntl.LOCK_EX)
        waiting = threading.Thread(target=race, args=(lambda _: record_all([brought]), 1))
        waiting.start()
        waiting.join(0.3)
        assert not brought.is_done
    waiting.join(10)
    assert brought.told()[0].is_stored
