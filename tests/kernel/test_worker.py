"""Background work, by real processes on a real database, killed without mercy."""

import os
import signal
import sys
import time
from pathlib import Path

import pytest
from django.core.management import call_command

from elicitation.kernel.models import Work
from elicitation.kernel.work import cancel, enqueue
from tests.kernel.conftest import Workers, is_alive, wait_for

TASKS = "tests.kernel.tasks"


@pytest.fixture
def marks(tmp_path: Path) -> Path:
    path = tmp_path / "marks"
    path.touch()
    return path


def pids(marks: Path) -> dict[str, int]:
    return {word: int(pid) for word, pid in map(str.split, marks.read_text().splitlines())}


def status_of(work: Work) -> str:
    work.refresh_from_db()
    return work.status


def test_two_workers_share_twenty_pieces_and_each_runs_once(workers: Workers, marks: Path) -> None:
    words = [f"piece-{i}" for i in range(20)]
    for _ in range(2):
        enqueue(f"{TASKS}.meet", path=f"{marks}-of-meeting")
    for word in words:
        enqueue(f"{TASKS}.say_once", path=str(marks), word=word)
    both = [workers.start("--until-idle"), workers.start("--until-idle")]
    assert [worker.wait(timeout=30) for worker in both] == [0, 0]
    assert sorted(marks.read_text().split()) == sorted(words)
    assert set(Work.objects.values_list("status", "attempt")) == {("done", 1)}
    assert Work.objects.values("worker").distinct().count() == 2


def test_work_is_resumed_after_its_worker_is_killed(workers: Workers, marks: Path) -> None:
    work = enqueue(f"{TASKS}.first_time_for_ever", path=str(marks))
    first = workers.start()
    orphans = wait_for(lambda: "grandchild" in (found := pids(marks)) and found)
    workers.start()
    first.send_signal(signal.SIGKILL)
    wait_for(lambda: not is_alive(orphans["child"]) and not is_alive(orphans["grandchild"]), 3)
    # The lease of these workers is 2 s.
    wait_for(lambda: status_of(work) == "done", 30)
    assert (work.attempt, work.result) == (2, {"attempt": 2})
    assert marks.read_text().count("completed") == 1


def test_cancelling_kills_the_grandchild_within_two_seconds(workers: Workers, marks: Path) -> None:
    work = enqueue(f"{TASKS}.linger", path=str(marks))
    worker = workers.start()
    wait_for(lambda: "grandchild" in pids(marks))
    asked = time.monotonic()
    assert cancel(work)
    found = pids(marks)
    wait_for(lambda: not is_alive(found["child"]) and not is_alive(found["grandchild"]), 2)
    assert time.monotonic() - asked < 2
    assert status_of(work) == "cancelled"
    assert worker.poll() is None, "The worker goes on to other work."


def test_what_a_task_reports_is_seen_while_it_runs(workers: Workers, marks: Path) -> None:
    work = enqueue(f"{TASKS}.linger", subject="analysis:river", path=str(marks))
    workers.start()
    wait_for(lambda: Work.objects.get(pk=work.pk).progress)
    seen = Work.objects.latest_for("analysis:river")
    assert seen is not None
    assert (seen.what_it_does, seen.share_done) == ("Fitting preferences", 0.3)
    cancel(work)


def test_a_worker_told_to_stop_gives_its_work_back(workers: Workers, marks: Path) -> None:
    work = enqueue(f"{TASKS}.first_time_for_ever", path=str(marks), max_attempts=1)
    first = workers.start()
    found = wait_for(lambda: "grandchild" in (found := pids(marks)) and found)
    first.terminate()
    assert first.wait(timeout=10) == 0
    assert not is_alive(found["grandchild"])
    assert status_of(work) == "queued"
    workers.start("--once").wait(timeout=15)
    assert status_of(work) == "done"


def test_a_worker_that_slept_through_its_lease_does_not_disturb_its_successor(
    workers: Workers, marks: Path
) -> None:
    work = enqueue(f"{TASKS}.first_time_for_ever", path=str(marks))
    sleeper = workers.start()
    found = wait_for(lambda: "grandchild" in (found := pids(marks)) and found)
    os.kill(sleeper.pid, signal.SIGSTOP)
    workers.start()
    wait_for(lambda: status_of(work) == "done")
    os.kill(sleeper.pid, signal.SIGCONT)
    wait_for(lambda: not is_alive(found["child"]) and not is_alive(found["grandchild"]), 3)
    assert (status_of(work), work.attempt) == ("done", 2)


def test_a_failure_shows_a_sentence_and_is_not_tried_again(workers: Workers) -> None:
    refused, stumbled = enqueue(f"{TASKS}.refuse"), enqueue(f"{TASKS}.stumble")
    killed, absent = enqueue(f"{TASKS}.die"), enqueue("tests.kernel.no_such.task")
    assert workers.start("--until-idle").wait(timeout=20) == 0
    assert status_of(refused) == "failed"
    assert refused.error == "The file has no answers in it."
    assert "in refuse" in refused.traceback
    assert status_of(stumbled) == "failed"
    assert stumbled.error.startswith("This stopped unexpectedly (KeyError")
    assert status_of(killed) == "failed"
    assert "out of memory" in killed.error
    assert status_of(absent) == "failed"
    assert set(Work.objects.values_list("attempt", flat=True)) == {1}


@pytest.mark.django_db
def test_what_settings_name_is_loaded_once_before_work_is_taken(settings) -> None:
    settings.WORKER_IMPORTS = ["tests.kernel.heavy"]
    call_command("worker", "--once", "--poll", "0.01")
    loaded = sys.modules["tests.kernel.heavy"]
    assert loaded.loaded_by == [os.getpid()]
