"""The one way in for answers, from a form, a phone's queue or another client.

Each kind of answer has a taker, which the app that owns it registers. A taker records one answer
or raises AnswerRefused; what is refused is told with its reason, and the others are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence, Set
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from elicitation.errors import AnswerRefused
from elicitation.models import AnswerEvent, Device

MOST_AT_ONCE = 100


@dataclass(frozen=True)
class Sent:
    """One answer as a client sends it.

    key: made by the client, the same on every try. target: the primary key of what is answered, 0
    for something new. seq: the client's own count, None where it does not count.
    """

    kind: str
    target: int
    body: dict[str, Any]
    key: str
    seq: int | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of one answer. reason: a sentence, and code: a word, for one that was refused."""

    key: str
    is_stored: bool
    reason: str = ""
    code: str = ""


Taker = Callable[[Device, Sent], None]
TAKERS: dict[str, Taker] = {}
# Takers of many people's answers at once, for the kinds that a whole hall gives in one moment.
HallTaker = Callable[[Sequence[tuple[Device, Sent]]], None]
HALL_TAKERS: dict[str, HallTaker] = {}


def take(kind: str) -> Callable[[Taker], Taker]:
    """Register the function that records answers of one kind."""

    def register(taker: Taker) -> Taker:
        if kind not in AnswerEvent.Kind.values:
            raise ValueError(f"There are no answers of kind {kind}.")
        TAKERS[kind] = taker
        return taker

    return register


def take_from_hall(kind: str) -> Callable[[HallTaker], HallTaker]:
    """Register the function that records one answer each of many people: all of them or none."""

    def register(taker: HallTaker) -> HallTaker:
        HALL_TAKERS[kind] = taker
        return taker

    return register


Known = Set[tuple[int, str]]


@transaction.atomic
def take_answer(*, device: Device, sent: Sent, known: Known | None = None) -> None:
    """Record one answer. Raises AnswerRefused; then nothing was recorded.

    known: people and keys that are stored, where the caller has looked; an answer that is stored
    and is sent again is neither new nor too late.
    """
    taker = TAKERS.get(sent.kind)
    if taker is None:
        raise AnswerRefused(_("'%(kind)s' is no kind of answer.") % {"kind": sent.kind[:40]})
    if known is None:
        known = known_keys([(device.participant_id, sent.key)])
    if (device.participant_id, sent.key) not in known:
        taker(device, sent)


def known_keys(asked: Collection[tuple[int, str]]) -> Known:
    """Those of these people's keys under which an answer is stored."""
    found = AnswerEvent.objects.filter(
        participant__in={person for person, key in asked}, key__in={key for person, key in asked}
    )
    return set(found.values_list("participant", "key"))


def take_answers(
    *, device: Device, answers: Sequence[Sent], known: Known | None = None
) -> list[Outcome]:
    """Record answers of one device in the order given; each is stored or refused by itself.

    What is refused leaves nothing; a crash leaves all of them or none. known: as for one answer.
    """
    if len(answers) > MOST_AT_ONCE:
        raise AnswerRefused(
            _("At most %(most)s answers are taken at once.") % {"most": MOST_AT_ONCE}
        )
    if len(answers) == 1:
        return [_outcome(device, answers[0], known)]
    # Where one request holds an answer twice, the second has to see the first.
    with transaction.atomic():
        return [_outcome(device, sent, None) for sent in answers]


def _outcome(device: Device, sent: Sent, known: Known | None) -> Outcome:
    try:
        take_answer(device=device, sent=sent, known=known)
    except AnswerRefused as refused:
        return Outcome(sent.key, False, str(refused), refused.code)
    return Outcome(sent.key, True)


def highest_number(device: Device) -> int:
    """The highest of the numbers that a device gave its answers; 0 before the first."""
    numbers = AnswerEvent.objects.filter(device=device).aggregate(last=Max("client_seq"))
    return numbers["last"] or 0


def text_of(sent: Sent, name: str, longest: int) -> str:
    """A text of an answer's body, without spaces around it. Raises AnswerRefused."""
    value = sent.body.get(name, "")
    if not isinstance(value, str):
        raise AnswerRefused(_("'%(name)s' is not a text.") % {"name": name})
    value = value.replace("\x00", "").strip()
    if len(value) > longest:
        raise AnswerRefused(
            _("That is %(long)s characters; at most %(most)s are kept.")
            % {"long": len(value), "most": longest}
        )
    return value


def number_of(sent: Sent, name: str) -> int | None:
    """A whole number of an answer's body, None where it is not there. Raises AnswerRefused."""
    value = sent.body.get(name)
    if value in (None, ""):
        return None
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise AnswerRefused(_("'%(name)s' is not a whole number.") % {"name": name}) from error


def numbers_of(sent: Sent, name: str, known: Collection[str]) -> dict[str, int]:
    """The named whole numbers of an answer's body, of those names that are known.

    Empty ones are left out. Raises AnswerRefused for other names and for what is no number.
    """
    values = sent.body.get(name, {})
    if not isinstance(values, dict) or set(values) - set(known):
        raise AnswerRefused(_("'%(name)s' is not what was asked.") % {"name": name})
    inner = {one: number_of(Sent(sent.kind, 0, values, sent.key), one) for one in values}
    return {one: number for one, number in inner.items() if number is not None}


def texts_of(sent: Sent, name: str, most: int = 100) -> list[str]:
    """A list of texts of an answer's body. Raises AnswerRefused."""
    values = sent.body.get(name, [])
    if (
        not isinstance(values, list)
        or len(values) > most
        or not all(isinstance(value, str) for value in values)
    ):
        raise AnswerRefused(_("'%(name)s' is not a list of texts.") % {"name": name})
    return [value.replace("\x00", "").strip() for value in values]


def is_skipped(sent: Sent) -> bool:
    """Whether somebody passed on this one."""
    return sent.body.get("skip") in ("1", 1, True)
