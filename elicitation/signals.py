"""What elicitation tells the apps downstream of it, without knowing them.

There is one signal: somebody takes something back. Each receiver erases what is its own, marks as
stale what rested on it, and answers with what it touched; the receipt is composed from the answers.
Receivers run inside the withdrawal's transaction, upstream apps first, and whatever one of them
raises undoes all of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.dispatch import Signal

from elicitation.models import AnswerEvent, Participant, Withdrawal

Named = dict[str, Any]
# The kinds of things that a receipt names, in the order in which it does.
STALE = ("analyses", "constitutions", "principles", "datasets", "checkpoints")

taken_back = Signal()


@dataclass
class TakenBack:
    """Whose answers go, which, and what they said.

    events: the answers that are erased, with their bodies still whole; none where only a use of
    them ends. words: texts of theirs that may have been quoted; a receiver adds what it alone knows
    for those after it. because: the sentence that marks what rested on them as stale.
    """

    participant: Participant
    scope: Withdrawal.Scope
    because: str
    events: Sequence[AnswerEvent] = ()
    words: set[str] = field(default_factory=set)

    @property
    def is_everything(self) -> bool:
        """Whether nothing of this person stays."""
        return self.scope == Withdrawal.Scope.ALL

    def event_ids(self, *kinds: AnswerEvent.Kind) -> set[int]:
        """The primary keys of the events of these kinds (none named: of all)."""
        return {event.pk for event in self.events if not kinds or event.kind in kinds}


@dataclass
class Touched:
    """What one receiver did. Everything in it can be stored as JSON.

    erased: what was erased, by its word, and how many. stale: what was marked, by the words of
    STALE, each as the facts that name it. stopped: training that was under way. trained: finished
    training that used the answers, which cannot be undone. files: how many files are destroyed.
    """

    erased: Counter[str] = field(default_factory=Counter)
    stale: dict[str, list[Named]] = field(default_factory=dict)
    stopped: list[Named] = field(default_factory=list)
    trained: list[Named] = field(default_factory=list)
    redacted: int = 0
    files: int = 0

    def name(self, kind: str, **facts: Any) -> None:
        """Note that one thing of this kind is stale."""
        if kind not in STALE:
            raise ValueError(f"A receipt does not name {kind}.")
        self.stale.setdefault(kind, []).append(facts)


def tell(taken: TakenBack) -> list[Touched]:
    """Have every app downstream do its part; what each of them touched."""
    answers: list[tuple[Any, Any]] = list(taken_back.send(sender=Withdrawal, taken=taken))
    return [touched for _, touched in answers]


def together(parts: Iterable[Touched]) -> Touched:
    """What several receivers touched, as one."""
    whole = Touched()
    for part in parts:
        whole.erased += part.erased
        for kind, named in part.stale.items():
            whole.stale.setdefault(kind, []).extend(named)
        whole.stopped += part.stopped
        whole.trained += part.trained
        whole.redacted += part.redacted
        whole.files += part.files
    return whole


def listen(receiver: Callable[[TakenBack], Touched]) -> Callable[[TakenBack], Touched]:
    """Register a receiver: a function of what is taken back that tells what it touched."""

    def receive(sender: object, taken: TakenBack, **_: object) -> Touched:
        return receiver(taken)

    # By its name, so that loading a module twice does not listen twice.
    name = f"{receiver.__module__}.{receiver.__qualname__}"
    taken_back.connect(receive, weak=False, dispatch_uid=name)
    return receiver
