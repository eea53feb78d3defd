"""Taking back while others write, and what stays in the database's own file."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest
from django.db import connection

from elicitation.errors import Withdrawn
from elicitation.kernel.models import Work
from elicitation.models import AnswerEvent, Device, Participant, Withdrawal, Workshop
from elicitation.services.cases import write_case
from elicitation.services.withdrawing import withdraw
from tests.conftest import take_part
from tests.racing import race, racing_database  # noqa: F401

WORDS = "When the river floods my cellar, whom do I call first?"


def write(person: Participant, key: str, words: str = WORDS) -> None:
    """One test of this person's own."""
    write_case(participant=person, stage=None, situation=words, wish="Say it.", key=key)


@pytest.mark.usefixtures("racing_database")
def test_who_asks_many_times_at_once_takes_back_once(river: Workshop) -> None:
    amara = take_part(river, "fishers", "amara")
    write(amara, "a")
    key = uuid.uuid4()
    faults = race(lambda _: withdraw(participant=amara, scope="all", key=key), writers=12)
    assert faults == []
    assert Withdrawal.objects.get().receipt["erased"] == {"case": 1, "messages": 1}


@pytest.mark.usefixtures("racing_database")
def test_no_answer_slips_in_behind_somebody_who_leaves(river: Workshop) -> None:
    amara = take_part(river, "fishers", "amara")

    def act(number: int) -> None:
        if number == 5:
            withdraw(participant=amara, scope="all", key=uuid.uuid4())
        else:
            write(amara, str(number))

    faults = race(act, writers=12)
    assert {type(fault) for fault in faults} <= {Withdrawn}
    assert not AnswerEvent.objects.filter(erased_at=None).exists()
    stored = AnswerEvent.objects.count()
    assert Withdrawal.objects.get().receipt["erased"].get("messages", 0) == stored
    assert stored + len(faults) == 11


@pytest.mark.usefixtures("racing_database")
@pytest.mark.skipif(connection.vendor != "sqlite", reason="a server's files are its own")
def test_the_databases_file_holds_nothing_of_it(river: Workshop, tmp_path: Path) -> None:
    amara = take_part(river, "fishers", "amara")
    for number in range(40):
        write(amara, str(number), f"{WORDS} {number} " + "padding " * 90)
    file = tmp_path / "race.sqlite3"
    assert WORDS.encode() in file.read_bytes()
    withdraw(participant=amara, scope="all", key=uuid.uuid4())
    connection.close()
    assert not [
        path.name for path in tmp_path.glob("race.sqlite3*") if WORDS.encode() in path.read_bytes()
    ]


@pytest.mark.django_db
def test_what_the_checks_found_of_somebody_goes_with_them(river: Workshop) -> None:
    amara = take_part(river, "fishers", "amara")
    write(amara, "a")
    task = "elicitation.tasks.check_integrity"
    for workshop in (river.pk, river.pk + 1):
        Work.objects.create(
            task=task, arguments={"workshop": workshop}, result={"people": ["amara"]}
        )
    Work.objects.update(status="done", ended="2027-01-01T00:00:00Z")
    withdraw(participant=amara, scope="all", key=uuid.uuid4())
    assert [work.arguments["workshop"] for work in Work.objects.filter(task=task)] == [river.pk + 1]
    assert not Device.objects.exclude(install_hash="").exists()
