"""What people can do in deliberation: its kinds of answers and where each activity is done."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from deliberation.models import Statement
from deliberation.services.proposing import (
    LONGEST,
    Proposal,
    propose_statement,
    reword_statement,
    take_back_statement,
)
from deliberation.services.showing import read_shown, votable, vote_progress
from deliberation.services.votes import VoteSaid, cast_votes
from elicitation.activities import Progress, open_activities, register
from elicitation.errors import AnswerRefused
from elicitation.models import Activity, AnswerEvent, Device, Participant
from elicitation.services.inbox import Sent, number_of, take, text_of

# A screen that was looked at for longer was left lying.
LONGEST_LOOK_MS = 24 * 60 * 60 * 1000


@take(AnswerEvent.Kind.VOTE)
def take_vote(device: Device, sent: Sent) -> None:
    """A vote: body {choice: 1, 0 or -1; round; shown; ms}; target: the statement."""
    participant = device.participant
    statement, activity = _put_to_vote(participant, sent.target)
    _must_answer_now(activity)
    asked_in = number_of(sent, "round")
    if asked_in not in (None, activity.round):
        raise AnswerRefused(
            _("The results were shown before this vote came, so it does not count. Vote again.")
        )
    choice = number_of(sent, "choice")
    if choice is None:
        raise AnswerRefused(_("A vote is: agree, disagree or pass."))
    about = read_shown(text_of(sent, "shown", 300), participant, statement)
    said = VoteSaid(
        participant, statement, choice, sent.key, device, sent.seq, activity, about | _looked(sent)
    )
    cast_votes([said])


def _put_to_vote(participant: Participant, target: int) -> tuple[Statement, Activity]:
    """A statement that this person votes on, and where. Raises AnswerRefused."""
    activities = [one for one in open_activities(participant) if one.kind == Activity.Kind.VOTE]
    for activity in activities:
        found = votable(activity, participant.seat.community_id).filter(pk=target).first()
        if found is not None:
            return found, activity
    raise AnswerRefused(_("This is not put to a vote now, or not to your community."))


def _must_answer_now(activity: Activity) -> None:
    if not activity.takes_answers:
        raise AnswerRefused(_("The results are being shown, so no votes are taken now."))


def _looked(sent: Sent) -> dict[str, Any]:
    """For how many milliseconds the phone says that the statement was on its screen."""
    shown_for = number_of(sent, "ms")
    within = shown_for is not None and 0 <= shown_for <= LONGEST_LOOK_MS
    return {"ms": shown_for} if within else {}


@take(AnswerEvent.Kind.STATEMENT)
def take_statement(device: Device, sent: Sent) -> None:
    """A statement: body {text} or {when, should}, {why}; target 0, or one's own to change it.

    Body {take_back: 1} with one's own as the target takes it out.
    """
    activity = _proposing(device.participant)
    if sent.target == 0:
        propose_statement(
            device=device,
            activity=activity,
            proposal=_proposal(sent),
            key=sent.key,
            client_seq=sent.seq,
        )
        return
    mine = Statement.objects.filter(pk=sent.target, author=device.participant)
    statement = mine.filter(stage=activity.stage).first()
    if statement is None:
        raise AnswerRefused(_("Only what you wrote yourself can be changed."))
    known: dict[str, Any] = {
        "device": device,
        "activity": activity,
        "statement": statement,
        "key": sent.key,
        "client_seq": sent.seq,
    }
    if sent.body.get("take_back"):
        take_back_statement(**known)
    else:
        reword_statement(proposal=_proposal(sent), **known)


def _proposing(participant: Participant) -> Activity:
    """Where this person can write statements now. Raises AnswerRefused."""
    for activity in open_activities(participant):
        if activity.kind == Activity.Kind.PROPOSE and activity.takes_answers:
            return activity
    raise AnswerRefused(_("Nobody is asked to write anything now."))


def _proposal(sent: Sent) -> Proposal:
    """What was written; each part may be as long as the whole."""
    return Proposal(
        text=text_of(sent, "text", 4 * LONGEST),
        why=text_of(sent, "why", LONGEST),
        when=text_of(sent, "when", LONGEST),
        should=text_of(sent, "should", LONGEST),
    )


def propose_progress(participant: Participant, activity: Activity) -> Progress:
    """How many statements somebody wrote that stand or wait."""
    mine = Statement.objects.standing().filter(author=participant, stage=activity.stage)
    return Progress(mine.count(), activity.wanted)


register(Activity.Kind.VOTE, "vote", vote_progress)
register(Activity.Kind.PROPOSE, "propose", propose_progress)
