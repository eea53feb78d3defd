"""The latest row: replays, late arrivals, other devices and races."""

import threading
from collections.abc import Iterator

import pytest
from django.db import IntegrityError, connection, connections, models

from elicitation.kernel.latest import Newer, upsert_latest

DEVICE_AND_SEQUENCE = Newer(source="device_id", sequence="client_seq")


class Latest(models.Model):
    """A table as an app would have it, known to these tests only."""

    person = models.IntegerField()
    thing = models.IntegerField(db_column="the thing")
    answer = models.CharField(max_length=20)
    device_id = models.IntegerField(null=True)
    client_seq = models.BigIntegerField(null=True)
    details = models.JSONField(default=dict)
    seen = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "kernel_tests"
        constraints = [models.UniqueConstraint(fields=["person", "thing"], name="one_latest")]

    def __str__(self) -> str:
        return self.answer


@pytest.fixture
def table(shared_database: str) -> Iterator[None]:
    with connection.schema_editor() as editor:
        editor.create_model(Latest)
    yield
    with connection.schema_editor() as editor:
        editor.delete_model(Latest)


def send(answer: str, device: int | None, seq: int | None, **more: object) -> bool:
    values = {"person": 1, "thing": 1, "answer": answer, "device_id": device, "client_seq": seq}
    return upsert_latest(
        Latest, unique=["person", "thing"], values=values | more, newer=DEVICE_AND_SEQUENCE
    )


def latest() -> str:
    return Latest.objects.get(person=1, thing=1).answer


pytestmark = pytest.mark.usefixtures("table")


def test_the_first_answer_is_stored_with_its_defaults() -> None:
    assert send("agree", 1, 1)
    row = Latest.objects.get()
    assert (row.answer, row.details) == ("agree", {})
    assert row.seen is not None


def test_a_replay_changes_nothing() -> None:
    assert send("agree", 1, 5)
    assert not send("agree, again", 1, 5)
    assert latest() == "agree"


def test_a_late_older_answer_never_overwrites() -> None:
    assert send("second", 1, 2)
    assert not send("first", 1, 1)
    assert send("third", 1, 3)
    assert latest() == "third"


def test_across_devices_the_order_of_arrival_decides() -> None:
    assert send("from the phone", 1, 900)
    assert send("from the laptop", 2, 1)
    assert latest() == "from the laptop"


def test_no_device_equals_no_device_and_differs_from_any() -> None:
    assert send("paper", None, 3)
    assert not send("earlier paper", None, 2)
    assert send("phone", 1, 1)
    assert send("paper again", None, 1)
    assert latest() == "paper again"


def test_a_numbered_answer_is_newer_than_one_without_a_number() -> None:
    assert send("no number", 1, None)
    assert not send("no number again", 1, None)
    assert send("numbered", 1, 1)
    assert not send("no number", 1, None)
    assert latest() == "numbered"


def test_fields_that_are_left_out_stay_as_they_were() -> None:
    send("agree", 1, 1, details={"why": 'it\'s "kind"; DROP TABLE %s'})
    send("disagree", 1, 2)
    assert Latest.objects.get().details == {"why": 'it\'s "kind"; DROP TABLE %s'}


def test_other_keys_are_other_rows() -> None:
    send("mine", 1, 1)
    send("yours", 1, 1, person=2)
    assert Latest.objects.count() == 2


def test_a_missing_key_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match="needs a value for person"):
        upsert_latest(Latest, unique=["person"], values={"thing": 1}, newer=DEVICE_AND_SEQUENCE)
    with pytest.raises(IntegrityError):
        send("agree", 1, 1, person=None)


def test_fifty_racing_writers_leave_one_row_and_the_newest_answer() -> None:
    barrier = threading.Barrier(50)
    changed: list[bool] = []

    def write(seq: int) -> None:
        barrier.wait()
        try:
            changed.append(send(f"answer {seq}", 1, seq))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=write, args=(seq,)) for seq in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Latest.objects.count() == 1
    assert latest() == "answer 49"
    assert len(changed) == 50
