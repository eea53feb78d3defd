"""Answers that arrive in the same moment are recorded in one transaction.

On SQLite every commit waits for the disk several times over, and only one writer gets on at a
time: five hundred votes in one instant would wait for each other's disk. So whoever is first takes
along what others of this process have brought meanwhile, and all of them are told after the one
commit. Nobody is told that an answer is stored before it is.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import transaction

from elicitation.models import Device
from elicitation.services.inbox import Outcome, Sent, known_keys, take_answers

MOST_TOGETHER = 32


@dataclass
class Brought:
    """What one request brought, and what became of it once that is known."""

    device: Device
    answers: Sequence[Sent]
    outcomes: list[Outcome] | None = None
    fault: Exception | None = None
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
                record_all(self.take_up())
        return mine.told()

    def take_up(self) -> list[Brought]:
        """The oldest of what lies there."""
        with self.laying:
            taken, self.waiting = self.waiting[:MOST_TOGETHER], self.waiting[MOST_TOGETHER:]
        return taken


def record_all(brought: Sequence[Brought]) -> None:
    """Record what several requests brought, in one transaction if that works, else one by one."""
    try:
        with transaction.atomic():
            outcomes = take_all(brought)
    except Exception as fault:  # noqa: BLE001 - each request raises its own
        if len(brought) == 1:
            brought[0].fault, brought[0].is_done = fault, True
            return
        for one in brought:
            record_all([one])
        return
    for one, outcome in zip(brought, outcomes, strict=True):
        one.outcomes, one.is_done = outcome, True


def take_all(brought: Sequence[Brought]) -> list[list[Outcome]]:
    """Record what each request brought, having asked once for all which answers are stored."""
    keys = [(one.device.participant_id, sent.key) for one in brought for sent in one.answers]
    # A key that two requests bring at once is looked up by each, so that the second sees the first.
    known = known_keys(keys) if len(set(keys)) == len(keys) else None
    return [take_answers(device=one.device, answers=one.answers, known=known) for one in brought]


TABLE = Table()
