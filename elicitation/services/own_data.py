"""What is kept of one person, for that person: to read, to change, to take back, to take along."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db import models
from django.urls import reverse
from django.utils import timezone

from elicitation.activities import PAGES, open_activities
from elicitation.models import (
    AnswerEvent,
    Consent,
    ContactDetail,
    Device,
    Participant,
    Withdrawal,
)
from elicitation.services.joining import person_hash

FORMAT = "folkmoot-own-data"


@dataclass(frozen=True)
class Described:
    """One answer in words.

    asked: what it was about. shown: what models had answered to that. said: the answer in a
    sentence of ours. words: what the person wrote. warning: what asked and shown may do to a
    reader. change: where it can be changed, "" where it cannot.
    """

    asked: str = ""
    shown: Sequence[str] = ()
    said: str = ""
    words: Sequence[str] = ()
    warning: str = ""
    change: str = ""


@dataclass(frozen=True)
class OwnAnswer:
    """What somebody said of one thing: the event that holds, and those before it."""

    event: AnswerEvent
    described: Described
    earlier: Sequence[AnswerEvent] = field(default=())


Describer = Callable[[Participant, Sequence[AnswerEvent]], Mapping[int, Described]]
DESCRIBERS: dict[str, Describer] = {}
# The tables that say which event holds.
HOLDING: list[type[models.Model]] = []


def describes(kind: str, holding: type[models.Model] | None = None) -> Callable[..., Describer]:
    """Register how answers of one kind are put in words, by the primary key of their event.

    holding: the table whose rows name the events that hold.
    """

    def register(describer: Describer) -> Describer:
        DESCRIBERS[kind] = describer
        if holding is not None and holding not in HOLDING:
            HOLDING.append(holding)
        return describer

    return register


def own_answers(participant: Participant) -> list[OwnAnswer]:
    """Everything that this person said and did not take back, the newest first."""
    events = AnswerEvent.objects.filter(participant=participant, erased_at=None).order_by("pk")
    things: dict[tuple[str, int, int], list[AnswerEvent]] = defaultdict(list)
    for event in events.select_related("imported_file"):
        things[(event.kind, event.target, 0 if event.target else event.pk)].append(event)
    holding = _holding(participant)
    current = [_current(said, holding) for said in things.values()]
    described = _described(participant, current)
    answers = [
        OwnAnswer(now, described[now.pk], [one for one in said if one.pk != now.pk])
        for now, said in zip(current, things.values(), strict=True)
    ]
    return sorted(answers, key=lambda answer: -answer.event.pk)


def own_data(participant: Participant) -> dict[str, Any]:
    """Everything that is kept of this person, as JSON can hold it, in the words of their pages."""
    workshop = participant.workshop
    return {
        "format": FORMAT,
        "format_version": 1,
        "made_at": timezone.now().isoformat(),
        "workshop": {"title": workshop.title, "description": workshop.description},
        "you": {
            "name_here": participant.pseudonym,
            "community": participant.seat.community.name,
            "joined_at": participant.joined_at.isoformat(),
            "left_at": participant.withdrawn_at and participant.withdrawn_at.isoformat(),
            "language": participant.locale,
            "chose_to_see_severe": participant.sees_severe,
        },
        "agreed": [_agreed(one) for one in participant.consents.select_related("text")],
        "contact": contact_of(participant),
        "phones": [_phone(one) for one in participant.devices.order_by("number")],
        "answers": [_answer(one) for one in own_answers(participant)],
        "taken_back": [_withdrawal(one) for one in participant.withdrawals.all()],
    }


def contact_of(participant: Participant) -> str:
    """Where this person may be written to; "" where they gave nothing."""
    found = ContactDetail.objects.filter(person_hash=person_hash(participant)).first()
    return found.address if found else ""


def change_page(participant: Participant, kind: str, target: int) -> str:
    """Where an answer given in this kind of activity can be changed now; "" where it cannot."""
    open_now = {one.kind for one in open_activities(participant) if one.takes_answers}
    if kind not in open_now or kind not in PAGES:
        return ""
    return f"{reverse(PAGES[kind].url, args=[participant.workshop.slug])}?item={target}"


def _holding(participant: Participant) -> set[int]:
    """The events of this person that a latest row names."""
    found: set[int] = set()
    for model in HOLDING:
        mine = model._default_manager.filter(event__participant=participant)
        found |= set(mine.values_list("event", flat=True))
    return found


def _current(said: Sequence[AnswerEvent], holding: set[int]) -> AnswerEvent:
    # A phone that was late can have sent an older answer last.
    return next((event for event in said if event.pk in holding), said[-1])


def _described(participant: Participant, events: Iterable[AnswerEvent]) -> dict[int, Described]:
    by_kind: dict[str, list[AnswerEvent]] = defaultdict(list)
    for event in events:
        by_kind[event.kind].append(event)
    found: dict[int, Described] = {}
    for kind, these in by_kind.items():
        put = DESCRIBERS[kind](participant, these) if kind in DESCRIBERS else {}
        found |= {event.pk: put.get(event.pk, Described()) for event in these}
    return found


def _agreed(consent: Consent) -> dict[str, Any]:
    return {
        "at": consent.given_at.isoformat(),
        "text": consent.text.body,
        "text_version": consent.text.version,
        "take_part": consent.take_part,
        "be_quoted": consent.be_quoted,
        "train_models": consent.train_models,
        "be_contacted": consent.be_contacted,
        "is_of_age": consent.is_of_age,
        "guardian_agreed": consent.guardian_agreed,
    }


def _phone(device: Device) -> dict[str, Any]:
    """One browser: of what it is, only a keyed hash is kept."""
    return {
        "number": device.number,
        "first_seen": device.created_at.isoformat(),
        "hashes": [one for one in (device.install_hash, device.agent_hash) if one],
    }


def _answer(answer: OwnAnswer) -> dict[str, Any]:
    told = asdict(answer.described)
    told.pop("change")
    return {
        "number": answer.event.pk,
        "kind": answer.event.kind,
        **{name: value for name, value in told.items() if value},
        "at": answer.event.recorded_at.isoformat(),
        "as_sent": answer.event.body,
        "file": answer.event.source_file or None,
        "before_that": [
            {"at": one.recorded_at.isoformat(), "as_sent": one.body} for one in answer.earlier
        ],
    }


def _withdrawal(withdrawal: Withdrawal) -> dict[str, Any]:
    return {
        "at": withdrawal.made_at.isoformat(),
        "what": withdrawal.scope,
        "receipt": withdrawal.receipt,
    }
