"""What people can do in policy: say what they make of the rules that are before them."""

from __future__ import annotations

from django.utils.translation import gettext as _

from elicitation.activities import open_activities, register
from elicitation.errors import AnswerRefused
from elicitation.models import Activity, AnswerEvent, Device
from elicitation.services.inbox import Sent, take, text_of
from policy.models import Principle, Ratification
from policy.ratifying import Verdict, endorse, ratification_of, review_progress

LONGEST_REASON = 2000


@take(AnswerEvent.Kind.ENDORSEMENT)
def take_endorsement(device: Device, sent: Sent) -> None:
    """What somebody makes of a principle, the target: body {choice, reason, amendment}."""
    ratification, principle = _before(device, sent.target)
    endorse(
        participant=device.participant,
        ratification=ratification,
        principle=principle,
        verdict=Verdict(
            text_of(sent, "choice", 10),
            text_of(sent, "reason", LONGEST_REASON),
            text_of(sent, "amendment", LONGEST_REASON),
        ),
        key=sent.key,
        device=device,
        client_seq=sent.seq,
    )


def _before(device: Device, target: int) -> tuple[Ratification, Principle]:
    """The principle, and the round in which this person's community reviews it now."""
    for activity in open_activities(device.participant):
        if activity.kind != Activity.Kind.REVIEW or not activity.takes_answers:
            continue
        ratification = ratification_of(device.participant, activity)
        if ratification is not None:
            principle = ratification.version.principles.filter(pk=target).first()
            if principle is not None:
                return ratification, principle
    raise AnswerRefused(_("This rule is not before your community now."))


register(Activity.Kind.REVIEW, "review", review_progress)
