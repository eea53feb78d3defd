"""What people can do in elicitation: its kinds of answers and where each activity is done."""

from __future__ import annotations

from elicitation.errors import AnswerRefused
from elicitation.models import AnswerEvent, Comparison, Device
from elicitation.services.answers import record_preference
from elicitation.services.inbox import Sent, number_of, take, text_of

LONGEST_WHY = 2000


@take(AnswerEvent.Kind.PREFERENCE)
def take_preference(device: Device, sent: Sent) -> None:
    """An answer to a comparison: body {choice, strength, rationale}."""
    comparison = Comparison.objects.select_related("stage").filter(pk=sent.target).first()
    if comparison is None or comparison.participant_id != device.participant_id:
        raise AnswerRefused("This comparison was put to another participant.")
    record_preference(
        participant=device.participant,
        comparison=comparison,
        choice=text_of(sent, "choice", 10),
        key=sent.key,
        device=device,
        client_seq=sent.seq,
        strength=number_of(sent, "strength"),
        rationale=text_of(sent, "rationale", LONGEST_WHY),
    )
