"""Taking what people write of their own: cases, and what they say of themselves."""

from __future__ import annotations

from django.utils.translation import gettext as _

from elicitation.errors import AnswerRefused
from elicitation.models import (
    Activity,
    AnswerEvent,
    Case,
    Device,
    IdentityQuestion,
    Participant,
    Stage,
)
from elicitation.services.cases import LONGEST_HALF, LONGEST_SELF, say_of_oneself, write_case
from elicitation.services.inbox import Sent, is_skipped, take, text_of, texts_of

Kind = Activity.Kind


@take(AnswerEvent.Kind.CASE)
def take_case(device: Device, sent: Sent) -> None:
    """A test of one's own: {situation, wish}; target 0 for a new one, else the one to change."""
    case = None
    if sent.target:
        mine = Case.objects.filter(participant=device.participant_id).select_related("stage")
        case = mine.filter(pk=sent.target).first()
        if case is None:
            raise AnswerRefused(_("This was written by another participant."))
    write_case(
        participant=device.participant,
        stage=case.stage if case else stage_for(device.participant, Kind.CASE),
        situation=text_of(sent, "situation", LONGEST_HALF),
        wish=text_of(sent, "wish", LONGEST_HALF),
        key=sent.key,
        case=case,
        device=device,
        client_seq=sent.seq,
    )


@take(AnswerEvent.Kind.IDENTITY)
def take_identity(device: Device, sent: Sent) -> None:
    """Something of oneself: {choices, text}, both of which may be empty."""
    question = IdentityQuestion.objects.filter(pk=sent.target).first()
    if question is None:
        raise AnswerRefused(_("This question is asked in another workshop."))
    say_of_oneself(
        participant=device.participant,
        question=question,
        stage=stage_for(device.participant, Kind.IDENTITY),
        choices=[] if is_skipped(sent) else texts_of(sent, "choices"),
        text="" if is_skipped(sent) else text_of(sent, "text", LONGEST_SELF),
        key=sent.key,
        device=device,
        client_seq=sent.seq,
    )


def stage_for(participant: Participant, kind: str) -> Stage:
    """The open stage that asks for this; where none is open, the last that did, so that an answer
    which was stored then is known when it is sent again."""
    asked = Activity.objects.filter(stage__workshop=participant.workshop_id, kind=kind)
    found = list(asked.select_related("stage").order_by("stage__position"))
    if not found:
        raise AnswerRefused(_("This is not asked for here."))
    return next((one.stage for one in found if one.stage.is_open), found[-1].stage)
