"""Answers that are recorded together: nobody is told before the commit, nobody pays for another."""

import uuid

import pytest

from deliberation.models import Statement
from elicitation.models import AnswerEvent, Participant, Workshop
from elicitation.services import together
from elicitation.services.inbox import Sent
from elicitation.services.together import Brought, Table, record_all
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
    take = together.take_answers

    def fails_for_bela(device, answers, known):
        if device == theirs:
            raise RuntimeError("Nobody expected this.")
        return take(device=device, answers=answers, known=known)

    monkeypatch.setattr(together, "take_answers", fails_for_bela)
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
