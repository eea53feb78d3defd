"""What the record of a piece of work promises, without a worker."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils import timezone

from elicitation.kernel.models import Work, ended_as, lease_end
from elicitation.kernel.work import (
    WorkHandle,
    WorkStopped,
    cancel,
    claim,
    enqueue,
    run_inline,
    sentence,
)

pytestmark = pytest.mark.django_db
TASKS = "tests.kernel.tasks"


def let_lapse(work: Work) -> None:
    Work.objects.filter(pk=work.pk).update(lease_until=Now() - timedelta(seconds=1))


def handle_of(work: Work) -> WorkHandle:
    return WorkHandle(work.pk, work.subject, work.worker, work.attempt)


def refuse_after(stored: None) -> None:
    raise ValueError("The file has no answers in it.")


def taken(worker: str = "first") -> Work:
    work = claim(worker)
    assert work is not None
    return work


def test_a_superseded_attempt_changes_nothing() -> None:
    enqueue("a.task")
    stale = handle_of(taken())
    let_lapse(Work.objects.get())
    second = taken("second")
    before = Work.objects.values().get()
    for write in (stale.report, stale.finish, lambda: stale.fail(ValueError("Too late."))):
        with pytest.raises(WorkStopped):
            write()
    stale.release()
    assert not stale.renew(timedelta(seconds=10))
    assert stale.cancelled()
    assert Work.objects.values().get() == before
    assert second.attempt == 2


def test_what_a_superseded_attempt_stores_is_rolled_back() -> None:
    enqueue("a.task")
    stale = handle_of(taken())
    cancel(Work.objects.get())
    with pytest.raises(WorkStopped), stale.fenced():
        enqueue("this.is.stored.only.by.the.holder")
    assert Work.objects.count() == 1


def test_stored_and_done_become_true_together() -> None:
    enqueue("a.task")
    handle = handle_of(taken())
    with pytest.raises(ValueError, match="no answers"), handle.fenced():
        refuse_after(handle.finish("stored"))
    assert Work.objects.get().status == "running"
    assert not handle.finished
    with handle.fenced():
        handle.finish("stored")
    handle.finish("what the task returned")
    assert Work.objects.get().result == "stored"


def test_claimed_work_is_not_claimed_again_before_its_lease_lapses() -> None:
    work = enqueue("a.task")
    assert taken().pk == work.pk
    assert claim("second") is None
    let_lapse(work)
    assert taken("second").attempt == 2


def test_work_is_taken_in_the_order_it_was_asked_for() -> None:
    asked = [enqueue("a.task").pk for _ in range(3)]
    assert [taken().pk for _ in range(3)] == asked


def test_work_waits_for_its_time() -> None:
    now = timezone.now()
    enqueue("later", not_before=now + timedelta(minutes=5))
    enqueue("due", not_before=now - timedelta(minutes=5))
    assert taken().task == "due"
    assert claim("first") is None


def test_work_that_lost_every_worker_fails_with_a_sentence() -> None:
    work = enqueue("a.task", max_attempts=2)
    for _ in range(2):
        taken()
        let_lapse(work)
    assert claim("third") is None
    work.refresh_from_db()
    assert (work.status, work.attempt) == ("failed", 2)
    assert work.error.startswith("The process that did this stopped")


def test_ended_work_cannot_be_cancelled() -> None:
    work = run_inline(f"{TASKS}.count_to", n=2)
    assert not cancel(work)
    assert work.status == "done"


def test_waiting_work_can_be_cancelled_and_is_never_taken() -> None:
    work = enqueue("a.task")
    assert cancel(work)
    assert work.status == "cancelled"
    assert claim("first") is None


def test_inline_work_leaves_the_record_a_worker_would() -> None:
    seen: list[object] = []
    work = run_inline(f"{TASKS}.count_to", subject="count:3", on_progress=seen.append, n=3)
    assert (work.status, work.result, work.attempt) == ("done", 3, 1)
    assert work.progress == {"done": 3, "of": 3, "say": "Counting"}
    assert seen[-1] == work.progress
    assert Work.objects.latest_for("count:3") == work
    assert work.lease_until is None
    assert work.created <= work.started <= work.ended


def test_inline_failures_are_recorded_and_raised() -> None:
    with pytest.raises(ValueError, match="no answers"):
        run_inline(f"{TASKS}.refuse", subject="file:1")
    work = Work.objects.latest_for("file:1")
    assert work is not None
    assert (work.status, work.error) == ("failed", "The file has no answers in it.")


def test_inline_work_is_not_taken_by_a_worker() -> None:
    run_inline(f"{TASKS}.count_to", n=1)
    Work.objects.update(status="running", lease_until=lease_end(timedelta(seconds=-1)), ended=None)
    assert claim("first") is None
    assert Work.objects.get().status == "failed"


def test_a_result_without_a_number_is_null(tmp_path: object) -> None:
    work = run_inline(f"{TASKS}.say_once", path=f"{tmp_path}/marks", word="x")
    assert work.result == {"word": "x", "nothing": None}


def test_reports_in_quick_succession_cost_one_write(django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    enqueue("a.task")
    handle = handle_of(taken())
    with django_assert_max_num_queries(5):
        for i in range(1000):
            handle.report(done=i, of=1000, say="Counting")


@pytest.mark.parametrize(
    "broken",
    [
        {"status": "paused"},
        {"status": "running"},
        {"status": "running", "worker": "w", "attempt": 1},
        {"status": "done"},
        {"attempt": 4},
        {"lease_until": Now()},
    ],
)
def test_the_database_refuses_a_record_that_makes_no_sense(broken: dict[str, object]) -> None:
    work = enqueue("a.task")
    with pytest.raises(IntegrityError), transaction.atomic():
        Work.objects.filter(pk=work.pk).update(**broken)
    Work.objects.filter(pk=work.pk).update(**ended_as(Work.Status.CANCELLED))


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ValueError("No votes were cast."), "No votes were cast."),
        (KeyError("a b"), "This stopped unexpectedly (KeyError: 'a b')."),
        (MemoryError(), "This stopped (MemoryError)."),
        (ValueError("a\0b \ud800c"), "a\N{REPLACEMENT CHARACTER}b ?c"),
    ],
)
def test_what_went_wrong_is_a_sentence(error: Exception, expected: str) -> None:
    assert sentence(error) == expected
