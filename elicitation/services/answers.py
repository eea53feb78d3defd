"""Recording answers: every answer stays as an event, and one latest row says what holds.

The order of answers: the server numbers a participant's devices, and each device its answers.
Within a device a late older answer never overwrites; across devices the order of arrival decides.
The same key again changes nothing. All answers of one participant pass one at a time (their row is
locked), so these rules hold however many writers race.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.db.models import Max, Model
from django.utils.translation import gettext as _

from elicitation.errors import AnswerRefused, NumberUsed, StageClosed, Withdrawn
from elicitation.models import AnswerEvent, Comparison, Device, Participant, Preference, Stage

BATCH = 1000
Latest = TypeVar("Latest", bound=Model)


@dataclass(frozen=True)
class Said:
    """One answer to one thing, before it is recorded. target: the primary key of that thing."""

    participant: Participant
    key: str
    target: int
    body: dict[str, Any]
    stage: Stage | None = None
    device: Device | None = None
    client_seq: int | None = None


@dataclass(frozen=True)
class PreferenceSaid:
    """One participant's answer to one comparison, before it is recorded."""

    participant: Participant
    comparison: Comparison
    choice: str
    key: str
    device: Device | None = None
    client_seq: int | None = None
    strength: int | None = None
    rationale: str = ""
    spans: Sequence[dict[str, Any]] = ()


@dataclass
class Recorded:
    """What became of a batch: one event per answer, and which of them hold now."""

    events: list[AnswerEvent] = field(default_factory=list)
    latest: dict[tuple[int, int], AnswerEvent] = field(default_factory=dict)


def record_preference(
    *,
    participant: Participant,
    comparison: Comparison,
    choice: str,
    key: str,
    device: Device | None = None,
    client_seq: int | None = None,
    strength: int | None = None,
    rationale: str = "",
    spans: Sequence[dict[str, Any]] = (),
) -> Preference:
    """Record one answer to one comparison and return what holds now; earlier answers stay."""
    said = PreferenceSaid(
        participant, comparison, choice, key, device, client_seq, strength, rationale, spans
    )
    record_preferences([said])
    return Preference.objects.get(comparison=comparison)


@transaction.atomic
def record_preferences(answers: Iterable[PreferenceSaid]) -> list[AnswerEvent]:
    """Record many answers by the rules of one, in the order given; all of them or none."""
    events: list[AnswerEvent] = []
    for batch in in_batches(answers, BATCH):
        for said in batch:
            _may_answer(said)
        recorded = record_events(AnswerEvent.Kind.PREFERENCE, [_as_said(said) for said in batch])
        keep_latest(
            [_latest_preference(event) for event in recorded.latest.values()],
            of=["comparison"],
            values=["choice", "strength", "rationale", "spans"],
        )
        events += recorded.events
    return events


def record_events(kind: str, answers: Sequence[Said]) -> Recorded:
    """Append what is new, and tell which events hold now for their participant and target.

    Call it within a transaction. Raises Withdrawn and AnswerRefused; then nothing is recorded.
    """
    _lock_participants(answers)
    known = _known_events(answers)
    recorded, new = Recorded(), {}
    for said in answers:
        identity = (said.participant.pk, said.key)
        if identity not in known:
            _must_be_open(said.stage)
            known[identity] = new[identity] = _event(kind, said)
        recorded.events.append(known[identity])
    try:
        with transaction.atomic():
            AnswerEvent.objects.bulk_create(new.values())
    except IntegrityError as error:
        raise NumberUsed(
            "An answer's number was already used for another answer from the same device."
        ) from error
    recorded.latest = _not_overtaken(kind, list(new.values()))
    return recorded


def keep_latest(rows: Sequence[Latest], *, of: list[str], values: list[str]) -> None:
    """Store what holds now: one row of each (fields), its values in the place of earlier ones."""
    for model in {type(row) for row in rows}:
        model._default_manager.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=of,
            update_fields=[*values, "event", "device", "client_seq"],
        )


def sent_by(event: AnswerEvent) -> dict[str, Any]:
    """What every latest row repeats of its event, so that a late older one can be told."""
    return {"event": event, "device_id": event.device_id, "client_seq": event.client_seq}


def in_batches(items: Iterable[Any], size: int) -> Iterable[list[Any]]:
    """The items in lists of at most `size`, in order."""
    batch: list[Any] = []
    for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def _must_be_open(stage: Stage | None) -> None:
    # Asked only of new answers: a phone that sends one again learns that it was stored.
    if stage is not None and not stage.is_open:
        raise StageClosed(
            _("'%(stage)s' is not open, so this answer was not recorded.") % {"stage": stage.title}
        )


def _may_answer(said: PreferenceSaid) -> None:
    if said.comparison.participant_id != said.participant.pk:
        raise AnswerRefused(_("This was put to another participant."))
    if said.choice not in Preference.Choice.values:
        raise AnswerRefused(_("'%(choice)s' is no answer here.") % {"choice": said.choice[:40]})
    if said.strength is not None and said.strength not in (1, 2, 3):
        raise AnswerRefused(_("How strongly is said by 1, 2 or 3."))


def _as_said(said: PreferenceSaid) -> Said:
    body: dict[str, Any] = {
        "choice": said.choice,
        "strength": said.strength,
        "rationale": said.rationale,
    }
    if said.spans:
        body["spans"] = list(said.spans)
    return Said(
        participant=said.participant,
        key=said.key,
        target=said.comparison.pk,
        body=body,
        stage=said.comparison.stage,
        device=said.device,
        client_seq=said.client_seq,
    )


def _latest_preference(event: AnswerEvent) -> Preference:
    return Preference(
        comparison_id=event.target,
        choice=event.body["choice"],
        strength=event.body["strength"],
        rationale=event.body["rationale"],
        spans=event.body.get("spans", []),
        **sent_by(event),
    )


def _lock_participants(answers: Sequence[Said]) -> None:
    wanted = {said.participant.pk for said in answers}
    locked = Participant.objects.select_for_update().filter(pk__in=wanted).order_by("pk")
    for participant in locked:
        if participant.withdrawn_at is not None:
            raise Withdrawn(
                _("'%(name)s' withdrew, so nothing was recorded.") % {"name": participant.pseudonym}
            )
    for said in answers:
        if not 0 < len(said.key) <= 100:
            raise AnswerRefused(_("An answer's key has 1 to 100 characters."))
        if said.device is not None and said.device.participant_id != said.participant.pk:
            raise AnswerRefused(_("This device belongs to another participant."))


def _known_events(answers: Sequence[Said]) -> dict[tuple[int, str], AnswerEvent]:
    found = AnswerEvent.objects.filter(
        participant__in={said.participant.pk for said in answers},
        key__in={said.key for said in answers},
    )
    return {(event.participant_id, event.key): event for event in found}


def _event(kind: str, said: Said) -> AnswerEvent:
    return AnswerEvent(
        participant=said.participant,
        key=said.key,
        kind=kind,
        target=said.target,
        body=said.body,
        device=said.device,
        client_seq=said.client_seq,
    )


def _not_overtaken(kind: str, events: Sequence[AnswerEvent]) -> dict[tuple[int, int], AnswerEvent]:
    """The last event per participant and target that its own device had not overtaken."""
    highest = _highest_numbers(kind, events)
    latest: dict[tuple[int, int], AnswerEvent] = {}
    for event in events:
        place = (event.device_id, event.target)
        if event.client_seq is not None and event.client_seq < highest.get(place, event.client_seq):
            continue
        latest[(event.participant_id, event.target)] = event
    return latest


def _highest_numbers(kind: str, events: Sequence[AnswerEvent]) -> dict[tuple[int | None, int], int]:
    """Each device's highest number per target, counting these events too."""
    devices = {event.device_id for event in events if event.device_id is not None}
    if not devices:
        return {}
    rows = (
        AnswerEvent.objects.filter(
            kind=kind, target__in={event.target for event in events}, device__in=devices
        )
        .values_list("device", "target")
        .annotate(Max("client_seq"))
    )
    return {(device, target): number for device, target, number in rows}
