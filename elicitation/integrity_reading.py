"""What the integrity checks look at, and what a page shows of what they find. For the worker."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import Any

from elicitation.methods.integrity import Answer, Integrity, Person, Signal
from elicitation.models import AnswerEvent, Comparison, Device, Participant

Kind = AnswerEvent.Kind


def people_of(workshop: int) -> list[Person]:
    """Those who joined here and did not leave, with their answers and devices."""
    here = Participant.objects.filter(
        workshop=workshop, withdrawn_at=None, identity=Participant.Identity.PERSON
    )
    answers = answers_of(workshop)
    hashes = defaultdict(list)
    for device in Device.objects.filter(participant__in=here).order_by("pk"):
        hashes[device.participant_id].append((device.install_hash, device.agent_hash))
    return [
        Person(
            pseudonym=one.pseudonym,
            community=one.seat.community.name,
            joined=one.joined_at.timestamp(),
            answers=tuple(answers[one.pk]),
            installs=tuple(install for install, _ in hashes[one.pk]),
            agents=tuple(agent for _, agent in hashes[one.pk]),
        )
        for one in here.select_related("seat__community").order_by("pk")
    ]


def answers_of(workshop: int) -> dict[int, list[Answer]]:
    """Participant → their answers as they arrived."""
    events = AnswerEvent.objects.filter(participant__workshop=workshop, erased_at=None)
    events = events.filter(kind__in=(Kind.PREFERENCE, Kind.VOTE)).order_by("pk")
    compared = Comparison.objects.filter(participant__workshop=workshop)
    sides = {pk: (left, right) for pk, left, right in compared.values_list("pk", "left", "right")}
    found = defaultdict(list)
    for event in events.iterator():
        found[event.participant_id].append(answer_of(event, sides.get(event.target, (0, 0))))
    return found


def answer_of(event: AnswerEvent, sides: tuple[int, int]) -> Answer:
    """One answer as the checks see it: a comparison is named by its two completions."""
    body = event.body
    choice = str(body.get("choice", ""))
    side: Any = choice if choice in ("left", "right") else ""
    if event.kind == Kind.PREFERENCE:
        item = f"pair:{min(sides)}-{max(sides)}"
        choice = str(sides[choice == "right"]) if side else choice
    else:
        item = f"vote:{event.target}"
    return Answer(
        item=item,
        choice=choice,
        arrived=event.recorded_at.timestamp(),
        looked_ms=milliseconds(body.get("ms")),
        side=side,
        text=str(body.get("rationale") or ""),
    )


def milliseconds(value: Any) -> float:
    """How long an item was on the screen, as the phone says; NaN where it says nothing of use."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and 0 <= value < 1e9 else float("nan")


def is_seen(signal: Signal) -> bool:
    """Whether there is something to tell; what could not be measured is no evidence."""
    return not (signal.decides and math.isnan(signal.p))


def told(found: Integrity) -> dict[str, Any]:
    """What a page shows of it: sentences, never a p-value without one."""
    return {
        "communities": [
            {"name": one.community, "sentence": one.sentence, "flagged": one.flagged}
            for one in found.communities
        ],
        "people": [
            {
                "pseudonym": one.pseudonym,
                "community": one.community,
                "score": round(one.score, 1),
                "flagged": one.flagged,
                "sentences": [signal.sentence for signal in one.signals if is_seen(signal)],
            }
            for one in sorted(found.people, key=lambda one: -one.score)
            if one.flagged
        ],
    }
