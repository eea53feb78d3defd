"""The worker's loop: claim a piece of work, watch over the process that does it, begin again.

Each piece of work has a process of its own, forked, in a process group of its own. The parent
imports nothing heavy beyond what settings name, renews the lease, and kills the whole group when
the work is cancelled or lost. Between them is a pipe that only the parent can write to: when the
parent dies, by whatever means, the child reads its end and kills its own group, grandchildren
included.
"""

import logging
import os
import random
import signal
import sys
import threading
import time
from dataclasses import dataclass, field
from datetime import timedelta
from types import FrameType
from typing import NoReturn

from django.db import InterfaceError, OperationalError, close_old_connections, connections

from elicitation.kernel.models import Work
from elicitation.kernel.work import LEASE, WorkHandle, WorkStopped, claim, perform, worker_name

log = logging.getLogger("folkmoot.work")
DATABASE_AWAY = (OperationalError, InterfaceError)


@dataclass
class Worker:
    """One process that takes work, one piece at a time. All times in seconds."""

    lease: float = LEASE.total_seconds()
    renew_every: float = 2.0
    look_every: float = 0.3
    poll_every: float = 0.7
    grace: float = 3.0
    name: str = field(default_factory=worker_name)
    stopping: bool = False

    def run(self, *, once: bool = False, until_idle: bool = False) -> int:
        """Take work until told to stop; with `once`, at most one piece; how many were taken.

        until_idle: end when nothing is due, under way elsewhere, or waiting for a lease to lapse.
        """
        self._listen_for_signals()
        taken = 0
        while not self.stopping:
            work = self._claim()
            if work is not None:
                self._see_to(work)
                taken += 1
            if once or (until_idle and work is None and self._is_idle()):
                break
            if work is None:
                self._pause()
        return taken

    def stop(self, signum: int = 0, frame: FrameType | None = None) -> None:
        """Finish as soon as possible: the work in hand is given back for others to resume."""
        self.stopping = True

    def _listen_for_signals(self) -> None:
        signal.signal(signal.SIGTERM, self.stop)
        signal.signal(signal.SIGINT, self.stop)

    def _claim(self) -> Work | None:
        try:
            close_old_connections()
            return claim(self.name, timedelta(seconds=self.lease))
        except DATABASE_AWAY as error:
            log.warning("The database does not answer; asking again. %s", error)
            connections.close_all()
            return None

    def _is_idle(self) -> bool:
        try:
            return not Work.objects.unfinished().exists()
        except DATABASE_AWAY:
            return False

    def _pause(self) -> None:
        # Jitter, so that many workers do not ask in step. Short sleeps, so that a signal is heeded.
        until = time.monotonic() + self.poll_every * random.uniform(0.7, 1.3)  # noqa: S311
        while not self.stopping and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, 0.1))

    def _see_to(self, work: Work) -> None:
        """Start the work's process and watch it to its end, whichever that is."""
        log.info("%s: started, attempt %d.", _label(work), work.attempt)
        handle = WorkHandle(work.pk, work.subject, self.name, work.attempt)
        child = start_child(work, handle)
        try:
            held = self._watch(handle, child)
        finally:
            child.kill(grace=self.grace if self.stopping else 0.0)
        try:
            if held:
                self._settle(handle, child)
            work.refresh_from_db()
            log.info("%s: %s. %s", _label(work), work.status, work.error)
        except DATABASE_AWAY:
            log.warning("%s: the database does not answer; its lease will lapse.", _label(work))

    def _watch(self, handle: WorkHandle, child: "Child") -> bool:
        """Keep the lease while the child runs; False as soon as the work is no longer ours."""
        renewed = looked = time.monotonic()
        while not child.has_ended() and not self.stopping:
            time.sleep(0.05)
            now = time.monotonic()
            if now - looked < self.look_every:
                continue
            looked = now
            try:
                if now - renewed >= self.renew_every:
                    held = handle.renew(timedelta(seconds=self.lease))
                    renewed = now
                else:
                    held = handle.is_held()
                if not held:
                    return False
            except DATABASE_AWAY:
                connections.close_all()
                if now - renewed > self.lease:
                    return False  # by now another worker may have it
        return True

    def _settle(self, handle: WorkHandle, child: "Child") -> None:
        """Give back what was interrupted; mark as failed what died without a word."""
        if child.interrupted:
            handle.release()
        elif not handle.cancelled():
            handle.fail(RuntimeError(child.how_it_ended()))


@dataclass
class Child:
    """The process that does one piece of work, and everything it started."""

    pid: int
    lifeline: int
    status: int | None = None
    interrupted: bool = False

    def has_ended(self) -> bool:
        """Whether the process has ended by itself or been killed."""
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self.status = status if pid else None
        return self.status is not None

    def kill(self, *, grace: float) -> None:
        """End the whole group, what is left of it: first politely, where there is grace."""
        if not self.has_ended():
            self.interrupted = True
            if grace:
                self._signal(signal.SIGTERM)
                until = time.monotonic() + grace
                while not self.has_ended() and time.monotonic() < until:
                    time.sleep(0.02)
        self._signal(signal.SIGKILL)
        if self.status is None:
            self.status = os.waitpid(self.pid, 0)[1]
        os.close(self.lifeline)

    def how_it_ended(self) -> str:
        """A sentence for people on how the process ended."""
        code = os.waitstatus_to_exitcode(self.status or 0)
        if code == -signal.SIGKILL:
            return "The process doing this was killed; most often the machine ran out of memory."
        if code < 0:
            return f"The process doing this crashed ({signal.Signals(-code).name})."
        return f"The process doing this ended early, with exit code {code}."

    def _signal(self, number: signal.Signals) -> None:
        try:
            os.killpg(self.pid, number)
        except (ProcessLookupError, PermissionError):
            return  # nobody is left in the group


def start_child(work: Work, handle: WorkHandle) -> Child:
    """Fork a process, in a group of its own, that does the work and then ends."""
    reading, writing = os.pipe()
    connections.close_all()  # a connection must not be shared between two processes
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid == 0:
        os.close(writing)
        _be_the_child(work, handle, reading)
    os.close(reading)
    try:
        os.setpgid(pid, pid)
    except (ProcessLookupError, PermissionError):
        log.debug("The child was quicker.")
    return Child(pid, writing)


def _be_the_child(work: Work, handle: WorkHandle, lifeline: int) -> NoReturn:
    code = 1
    try:
        os.setpgid(0, 0)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        threading.Thread(target=_die_with_parent, args=(lifeline,), daemon=True).start()
        perform(work, handle)
        code = 0
    except WorkStopped:
        log.info("%s: stopped; nothing more is stored.", _label(work))
    except BaseException:
        log.exception("%s: failed.", _label(work))
    finally:
        # Never return into the parent's loop, nor run what the parent left to do at its exit.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _die_with_parent(lifeline: int) -> None:
    os.read(lifeline, 1)  # returns when the parent is gone: nobody ever writes
    os.killpg(0, signal.SIGKILL)


def _label(work: Work) -> str:
    return f"Work {work.pk} {work.subject or work.task}"
