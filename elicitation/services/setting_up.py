"""Setting a workshop up: its communities, what people are told, and what they may be asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max, ProtectedError

from elicitation.errors import Refused
from elicitation.models import (
    IdentityQuestion,
    Participant,
    User,
    Workshop,
    WorkshopCommunity,
)
from elicitation.services.facilitating import announce
from elicitation.services.people import seat_community

# What a facilitator may change of a workshop; the rest is decided when it is made.
CHANGEABLE = (
    "title",
    "description",
    "organiser",
    "content_warning",
    "support",
    "debrief",
    "minimum_age",
    "guardian_below",
    "withdraw_until",
    "exposure_cap",
    "small_cell",
)


@transaction.atomic
def add_community(*, workshop: Workshop, name: str, by: User) -> WorkshopCommunity:
    """Seat a community and make the code that its people join by."""
    seat = seat_community(workshop=workshop, name=name)
    announce(workshop=workshop, by=by, action="add community", name=seat.community.name)
    return seat


@transaction.atomic
def change_settings(*, workshop: Workshop, by: User, **fields: Any) -> None:
    """Change what people are told and asked. Promises to those who joined are only ever widened.

    Raises Refused where a promise would be broken.
    """
    unknown = set(fields) - set(CHANGEABLE)
    if unknown:
        raise ValueError(f"These are not settings: {sorted(unknown)}.")
    held = Workshop.objects.select_for_update().get(pk=workshop.pk)
    if Participant.objects.filter(workshop=held).exists():
        _keep_promises(held, fields)
    changed = sorted(name for name, value in fields.items() if getattr(held, name) != value)
    if not changed:
        return
    for name in changed:
        setattr(held, name, fields[name])
    held.save(update_fields=changed)
    announce(workshop=held, by=by, action="change settings", fields=changed)


def _keep_promises(held: Workshop, fields: dict[str, Any]) -> None:
    """What people agreed to when they joined: until when they may withdraw, and k."""
    until = fields.get("withdraw_until", held.withdraw_until)
    if until is not None and (held.withdraw_until is None or until < held.withdraw_until):
        raise Refused("People joined with a later date for withdrawing. It cannot come earlier.")
    if fields.get("small_cell", held.small_cell) < held.small_cell:
        raise Refused("People joined when fewer were shown as “too few”. It cannot go down.")


@transaction.atomic
def add_question(
    *, workshop: Workshop, text: str, options: Sequence[str], by: User, compares: bool = False
) -> IdentityQuestion:
    """Something people may say of themselves; options: answers to tick, none for free text.

    compares: analyses tell people apart by it. It is said beside the question, so it is never
    changed. Raises Refused where there are not two answers to compare.
    """
    if compares and len(options) < 2:
        raise Refused("To compare people by this, it needs two answers to tick or more.")
    last = workshop.identity_questions.aggregate(last=Max("position"))["last"]
    question = IdentityQuestion.objects.create(
        workshop=workshop,
        text=text,
        options=list(options),
        compares=compares,
        position=0 if last is None else last + 1,
    )
    announce(workshop=workshop, by=by, action="add question", question=question.pk)
    return question


@transaction.atomic
def remove_question(*, question: IdentityQuestion, by: User) -> None:
    """Take out a question that nobody answered. Raises Refused otherwise."""
    pk, workshop = question.pk, question.workshop
    try:
        with transaction.atomic():
            question.delete()
    except ProtectedError as error:
        raise Refused("Somebody has answered this question, so it stays.") from error
    announce(workshop=workshop, by=by, action="remove question", question=pk)
