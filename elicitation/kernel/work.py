"""Leased background work: asked for by a page, done by a worker, lost to nobody.

A task is a function `f(work: WorkHandle, **arguments)` named by its dotted path. Whoever holds the
lease on a row (a worker's name and the attempt's number) may write it; each write is a conditional
UPDATE, so an attempt that was cancelled or taken over changes nothing, however late it wakes.

A task may be started again after its machine died, so it resumes or begins anew by itself. What it
stores belongs inside `with work.fenced():`, which commits only if the work is still its own.
A task starts no session or process group of its own: cancelling kills the group it was given.
"""

import os
import secrets
import socket
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F
from django.db.models.functions import Coalesce, Now
from django.utils.module_loading import import_string

from elicitation.kernel.hashing import plain
from elicitation.kernel.models import Work, ended_as, lease_end

LEASE = timedelta(seconds=10)
# A command that runs its work in its own process has nobody to renew the lease but its reports.
INLINE_LEASE = timedelta(hours=1)
SECONDS_BETWEEN_REPORTS = 0.25
PATIENCE = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0)
ABANDONED = (
    "The process that did this stopped before it ended, and it is not tried again by itself."
)

Progress = Mapping[str, Any]
Answer = TypeVar("Answer")


class WorkStopped(Exception):
    """This attempt no longer holds its work: it was cancelled, or another worker took it over."""


@dataclass
class WorkHandle:
    """What a task sees of its work: who it is, a way to report, and whether to stop."""

    pk: int
    subject: str
    worker: str
    attempt: int
    lease: timedelta | None = None
    on_progress: Callable[[Progress], None] | None = None
    finished: bool = False
    _reported: float = 0.0
    _said: str = ""

    def report(self, done: float | None = None, of: float | None = None, say: str = "") -> None:
        """Tell people how far the work is; raise WorkStopped when it is no longer ours.

        done, of: any unit, as long as both have the same. say: "Fitting the model". Reports
        that follow one another closely are skipped, unless they say something new or are the last.
        """
        now = time.monotonic()
        is_last = done is not None and done == of
        if say == self._said and not is_last and now - self._reported < SECONDS_BETWEEN_REPORTS:
            return
        self._reported, self._said = now, say
        progress = plain({"done": done, "of": of, "say": say})
        self._write(progress=progress)
        if self.on_progress is not None:
            self.on_progress(progress)

    def cancelled(self) -> bool:
        """Whether to stop: someone cancelled the work, or another worker has it now."""
        return not patiently(self.is_held)

    @contextmanager
    def fenced(self) -> Iterator[None]:
        """One transaction for a task's own tables that commits only while the work is ours.

        Keep it short: the lease cannot be renewed by others while it lasts. Raises WorkStopped.
        """
        try:
            with transaction.atomic():
                self._write(attempt=self.attempt)  # locks the row until the commit
                yield
        except BaseException:
            self.finished = False  # `finish()` was rolled back with the rest
            raise

    def finish(self, result: Any = None) -> None:
        """Mark the work done. Inside `fenced()`, what was stored and "done" become true together.

        A task that does not call it is marked done with what it returns. Raises WorkStopped.
        """
        if not self.finished:
            self._end(Work.Status.DONE, result=plain(result), error="", traceback="")
            self.finished = True

    def fail(self, error: BaseException) -> None:
        """Mark the work failed, with a sentence for people and a traceback for whoever mends it."""
        trace = "".join(traceback.format_exception(error))
        self._end(Work.Status.FAILED, error=sentence(error), traceback=_storable(trace))

    def release(self) -> None:
        """Give the work back untried, for another worker to take at once."""
        # Worker names are never used twice, so the pair (worker, attempt) stays unique.
        fields = {"status": Work.Status.QUEUED, "lease_until": None, "worker": ""}
        patiently(lambda: self._mine().update(**fields, attempt=F("attempt") - 1))

    def is_held(self) -> bool:
        """Whether the work is still this attempt's to write."""
        return bool(self._mine().exists())

    def renew(self, lease: timedelta) -> bool:
        """Hold the work for another lease from now; False when it is no longer ours."""
        return bool(self._mine().update(lease_until=lease_end(lease)))

    def _end(self, status: Work.Status, **fields: Any) -> None:
        self._write(**ended_as(status, **fields))

    def _write(self, **fields: Any) -> None:
        if self.lease is not None and "lease_until" not in fields:
            fields["lease_until"] = lease_end(self.lease)
        if not patiently(lambda: self._mine().update(**fields)):
            raise WorkStopped("This work was cancelled or taken over; this attempt stores nothing.")

    def _mine(self) -> Any:
        return Work.objects.filter(pk=self.pk).held_by(self.worker, self.attempt)


def enqueue(
    task: str,
    *,
    subject: str = "",
    max_attempts: int = 3,
    not_before: datetime | None = None,
    **arguments: Any,
) -> Work:
    """Hand a task to the workers; it is theirs once the caller's transaction commits.

    max_attempts counts the times a worker may die under it; a task that raises is not tried again.
    """
    return Work.objects.create(
        task=task,
        subject=subject,
        arguments=plain(arguments),
        max_attempts=max_attempts,
        not_before=not_before,
    )


def cancel(work: Work) -> bool:
    """Stop a piece of work; its processes die within a second. False when it had ended already."""
    cancelled = Work.objects.filter(pk=work.pk).open().update(**ended_as(Work.Status.CANCELLED))
    work.refresh_from_db()
    return bool(cancelled)


def run_inline(
    task: str,
    *,
    subject: str = "",
    on_progress: Callable[[Progress], None] | None = None,
    **arguments: Any,
) -> Work:
    """Do a task here and now, leaving the same record as a worker would.

    Returns the work when it is done. What the task raises is recorded and raised again; an
    interrupt from the keyboard is recorded as a cancellation. Raises WorkStopped when someone
    cancelled it meanwhile. A task that is silent for an hour is taken for dead.
    """
    name = worker_name()
    work = Work.objects.create(
        task=task,
        subject=subject,
        arguments=plain(arguments),
        status=Work.Status.RUNNING,
        attempt=1,
        max_attempts=1,
        worker=name,
        started=Now(),
        lease_until=lease_end(INLINE_LEASE),
    )
    handle = WorkHandle(work.pk, subject, name, 1, INLINE_LEASE, on_progress)
    try:
        perform(work, handle)
    except (KeyboardInterrupt, SystemExit):
        cancel(work)
        raise
    finally:
        work.refresh_from_db()
    return work


def perform(work: Work, handle: WorkHandle) -> None:
    """Call the task; record done or failed. What it raised is raised again."""
    try:
        task = import_string(work.task)
        handle.finish(task(handle, **work.arguments))
    except WorkStopped:
        raise
    except Exception as error:
        if not handle.finished:
            handle.fail(error)
        raise


def claim(worker: str, lease: timedelta = LEASE) -> Work | None:
    """Take the oldest piece of work that is ready, or None. Two workers never get the same one."""
    give_up_abandoned()
    while (seen := Work.objects.ready().order_by("pk").values("pk", "attempt").first()) is not None:
        taken = Work.objects.ready().filter(pk=seen["pk"], attempt=seen["attempt"])
        if taken.update(
            status=Work.Status.RUNNING,
            worker=worker,
            attempt=F("attempt") + 1,
            lease_until=lease_end(lease),
            started=Coalesce("started", Now()),
        ):
            return Work.objects.get(pk=seen["pk"])
    return None


def give_up_abandoned() -> int:
    """Mark as failed what lost its process and may not be tried again; how many there were."""
    fields = ended_as(Work.Status.FAILED, error=ABANDONED)
    abandoned = Work.objects.abandoned()
    # Reading first: an idle worker then takes no write lock on the database.
    return abandoned.update(**fields) if abandoned.exists() else 0


def worker_name() -> str:
    """A name no other worker has or had: machine, process and a random part."""
    return f"{socket.gethostname()[:60]}:{os.getpid()}:{secrets.token_hex(4)}"


def sentence(error: BaseException) -> str:
    """What went wrong, for people: the error's own sentence, or that it was unexpected."""
    text = _storable(str(error)).strip()[:1000]
    if " " in text and not isinstance(error, KeyError):
        return text
    kind = type(error).__name__
    return f"This stopped unexpectedly ({kind}: {text})." if text else f"This stopped ({kind})."


def patiently(ask: Callable[[], Answer]) -> Answer:
    """Ask the database again while it restarts or is locked, for some 15 s.

    Inside a transaction it asks once: only the whole transaction could be repeated.
    """
    for pause in PATIENCE:
        try:
            return ask()
        except (OperationalError, InterfaceError):
            if connection.in_atomic_block:
                raise
            connection.close()
            time.sleep(pause)
    return ask()


def _storable(text: str) -> str:
    # PostgreSQL's text holds neither NUL nor half a surrogate pair.
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode(errors="replace").decode()
