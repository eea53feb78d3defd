"""Answers that arrive in the same moment are recorded in one transaction.

On SQLite every commit waits for the disk several times over, and only one writer gets on at a
time: five hundred votes in one instant would wait for each other's disk. On any engine, what is put
to a whole hall is the same for all. So whoever is first takes along what others of this process
have brought meanwhile, and all of them are told after the one commit. Nobody is told that an answer
is stored before it is.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db import OperationalError, connection, transaction
from django.utils.translation import get_language, override

from elicitation.errors import AnswerRefused
from elicitation.models import Device
from elicitation.services.inbox import HALL_TAKERS, Known, Outcome, Sent, known_keys, take_answers

MOST_TOGETHER = 32


@dataclass
class Brought:
    """What one request brought, and what became of it once that is known.

    language: in which its person reads a refusal; another's request may write it.
    """

    device: Device
    answers: Sequence[Sent]
    language: str | None = field(default_factory=get_language)
    outcomes: list[Outcome] | None = None
    fault: BaseException | None = None
    is_done: bool = False

    def told(self) -> list[Outcome]:
        """What became of it, or the fault because of which nothing was recorded."""
        if self.fault is not None:
            raise self.fault
        return self.outcomes or []


@dataclass
class Table:
    """Where requests of one process lay down what they bring, and take turns to record it."""

    waiting: list[Brought] = field(default_factory=list)
    laying: threading.Lock = field(default_factory=threading.Lock)
    turn: threading.Lock = field(default_factory=threading.Lock)

    def record(self, device: Device, answers: Sequence[Sent]) -> list[Outcome]:
        """Record these answers, with whatever else lies there; what became of these."""
        mine = Brought(device, answers)
        with self.laying:
            self.waiting.append(mine)
        with self.turn:
            # Whoever had the turn before may have taken ours along.
            while not mine.is_done:
                record_or_fail(self.take_up())
        return mine.told()

    def take_up(self) -> list[Brought]:
        """The oldest of what lies there."""
        with self.laying:
            taken, self.waiting = self.waiting[:MOST_TOGETHER], self.waiting[MOST_TOGETHER:]
        return taken


def record_or_fail(brought: Sequence[Brought]) -> None:
    """Record what was taken up; where this very thread is ended in it, nobody waits for ever."""
    try:
        record_all(brought)
    except BaseException as fault:
        fail([one for one in brought if not one.is_done], fault)
        raise


def fail(brought: Sequence[Brought], fault: BaseException) -> None:
    """Nothing of these was recorded; each of their requests says so, and its phone tries again."""
    for one in brought:
        one.fault, one.is_done = fault, True


def record_all(brought: Sequence[Brought]) -> None:
    """Record what several requests brought, in one transaction if that works, else one by one."""
    try:
        with turn_among_processes(), transaction.atomic():
            outcomes = take_all(brought)
    except Exception as fault:  # noqa: BLE001 - each request raises its own
        if len(brought) == 1 or is_for_all(fault):
            fail(brought, fault)
            return
        for one in brought:
            record_all([one])
        return
    for one, outcome in zip(brought, outcomes, strict=True):
        one.outcomes, one.is_done = outcome, True


@contextmanager
def turn_among_processes() -> Iterator[None]:
    """Where the database is a SQLite file, wait until no other process records answers.

    A lock of the system wakes whoever is next at once. SQLite itself only looks again and again, at
    last every tenth of a second, and who came first may come last.
    """
    name = str(connection.settings_dict["NAME"])
    if connection.vendor != "sqlite" or not os.path.isfile(name):
        yield
        return
    # The system gives it back when the process ends, however it ends.
    with open(f"{name}.turn", "ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def is_for_all(fault: Exception) -> bool:
    """Whether each by itself would wait as long again and fail: SQLite is locked, or disk full."""
    return connection.vendor == "sqlite" and isinstance(fault, OperationalError)


def take_all(brought: Sequence[Brought]) -> list[list[Outcome]]:
    """Record what each request brought: in as few steps as can be, else one after the other."""
    if is_taken_at_once(brought):
        return [[Outcome(sent.key, True) for sent in one.answers] for one in brought]
    keys = [(one.device.participant_id, sent.key) for one in brought for sent in one.answers]
    # A key that two requests bring at once is looked up by each, so that the second sees the first.
    known = known_keys(keys) if len(set(keys)) == len(keys) else None
    # Each locks its person: all processes in one order, or two of them could wait for each other.
    outcomes = {
        place: take_one(brought[place], known)
        for place in sorted(range(len(brought)), key=lambda at: brought[at].device.participant_id)
    }
    return [outcomes[place] for place in range(len(brought))]


def take_one(one: Brought, known: Known | None) -> list[Outcome]:
    """Record what one request brought, in its own language."""
    with override(one.language):
        return take_answers(device=one.device, answers=one.answers, known=known)


def is_taken_at_once(brought: Sequence[Brought]) -> bool:
    """Whether all of it was recorded in one go: one answer each, of one kind, and none refused.

    What is stored already stays as it is, as everywhere; where it would be refused by now, because
    its stage is closed, say, the slower way finds it.
    """
    kinds = {sent.kind for one in brought for sent in one.answers}
    if len(kinds) != 1 or any(len(one.answers) != 1 for one in brought):
        return False
    taker = HALL_TAKERS.get(kinds.pop())
    if taker is None:
        return False
    try:
        with transaction.atomic():
            taker([(one.device, one.answers[0]) for one in brought])
    except AnswerRefused:
        return False
    return True


TABLE = Table()
