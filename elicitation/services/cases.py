"""What people write of their own: tests for models, and, if they like, something of themselves."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from elicitation.errors import AnswerRefused
from elicitation.models import (
    AnswerEvent,
    Case,
    Device,
    IdentityAnswer,
    IdentityQuestion,
    Participant,
    Stage,
)
from elicitation.services.answers import Said, keep_latest, record_events, sent_by

LONGEST_HALF = 1000
LONGEST_SELF = 300


@transaction.atomic
def write_case(
    *,
    participant: Participant,
    stage: Stage | None,
    situation: str,
    wish: str,
    key: str,
    case: Case | None = None,
    device: Device | None = None,
    client_seq: int | None = None,
) -> Case | None:
    """Record a participant's own test; with `case`, put other words in its place.

    None where it was sent again after it was taken back. The event of a new case gets the number
    of its case before anybody can see it: told apart by their own numbers, two new cases of one
    phone never overtake one another.
    """
    if case is not None and case.participant_id != participant.pk:
        raise AnswerRefused(_("This was written by another participant."))
    if not situation.strip() or not wish.strip():
        raise AnswerRefused(_("A test has two halves: what someone asks, and what it should do."))
    if max(len(situation), len(wish)) > LONGEST_HALF:
        raise AnswerRefused(
            _("Each half has at most %(most)s characters.") % {"most": LONGEST_HALF}
        )
    body = {"situation": situation, "wish": wish}
    target = case.pk if case is not None else 0
    held_in = case.stage if case is not None else stage
    said = Said(participant, key, target, body, held_in, device, client_seq)
    recorded = record_events(AnswerEvent.Kind.CASE, [said])
    if case is None:
        return _new_case(recorded.events[0], held_in)
    for event in recorded.latest.values():
        Case.objects.filter(pk=case.pk).update(
            situation=situation,
            wish=wish,
            event=event,
            device=event.device_id,
            client_seq=event.client_seq,
        )
    case.refresh_from_db()
    return case


def _new_case(event: AnswerEvent, stage: Stage | None) -> Case | None:
    if event.target:  # sent again
        return Case.objects.filter(pk=event.target).first()
    case = Case.objects.create(
        participant_id=event.participant_id,
        stage=stage,
        situation=event.body["situation"],
        wish=event.body["wish"],
        **sent_by(event),
    )
    AnswerEvent.objects.filter(pk=event.pk).update(target=case.pk)
    return case


@transaction.atomic
def say_of_oneself(
    *,
    participant: Participant,
    question: IdentityQuestion,
    stage: Stage | None,
    choices: Sequence[str],
    text: str,
    key: str,
    device: Device | None = None,
    client_seq: int | None = None,
) -> IdentityAnswer | None:
    """Record what somebody says of themselves: several of the answers, words of their own, none.

    It changes nothing about the community that they joined by.
    """
    if question.workshop_id != participant.workshop_id:
        raise AnswerRefused(_("This question is asked in another workshop."))
    if set(choices) - set(question.options):
        raise AnswerRefused(_("That is none of the answers to choose from."))
    if len(text) > LONGEST_SELF:
        raise AnswerRefused(
            _("At most %(most)s characters are kept here.") % {"most": LONGEST_SELF}
        )
    body = {"choices": list(dict.fromkeys(choices)), "text": text}
    said = Said(participant, key, question.pk, body, stage, device, client_seq)
    for event in record_events(AnswerEvent.Kind.IDENTITY, [said]).latest.values():
        _keep_identity(event)
    return IdentityAnswer.objects.filter(participant=participant, question=question).first()


def _keep_identity(event: AnswerEvent) -> None:
    row = IdentityAnswer(
        participant_id=event.participant_id,
        question_id=event.target,
        choices=event.body["choices"],
        text=event.body["text"],
        **sent_by(event),
    )
    keep_latest([row], of=["participant", "question"], values=["choices", "text"])
