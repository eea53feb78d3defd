"""What people can do in deliberation: its kinds of answers and where each activity is done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from elicitation.services.inbox import Sent, number_of, take, take_from_hall, text_of

# A screen that was looked at for longer was left lying.
LONGEST_LOOK_MS = 24 * 60 * 60 * 1000


@take(AnswerEvent.Kind.VOTE)
def take_vote(device: Device, sent: Sent) -> None:
    """A vote: body {choice: 1, 0 or -1; round; shown; ms}; target: the statement."""
    take_votes([(device, sent)])


@take_from_hall(AnswerEvent.Kind.VOTE)
def take_votes(brought: Sequence[tuple[Device, Sent]]) -> None:
    """The same of several people, of any workshops: what is put to them is looked up once."""
    ballots = _ballots(brought)
    cast_votes([_vote_said(device, sent, ballots) for device, sent in brought])


# (workshop, community) → (statement → where it is voted on).
Ballots = Mapping[tuple[int, int], Mapping[int, tuple[Statement, Activity]]]


def _ballots(brought: Sequence[tuple[Device, Sent]]) -> Ballots:
    """Which of the statements that these votes name are put to whom."""
    seats = {_seat_of(device): device.participant for device, _ in brought}
    open_in: dict[int, list[Activity]] = {}
    found: dict[tuple[int, int], dict[int, tuple[Statement, Activity]]] = {}
    for seat, participant in seats.items():
        if seat[0] not in open_in:
            activities = open_activities(participant)
            votes = [one for one in activities if one.kind == Activity.Kind.VOTE]
            open_in[seat[0]] = votes
        named = {sent.target for device, sent in brought if _seat_of(device) == seat}
        found[seat] = {}
        # The first vote that has a statement is the one that counts.
        for activity in reversed(open_in[seat[0]]):
            for statement in votable(activity, seat[1]).filter(pk__in=named):
                found[seat][statement.pk] = (statement, activity)
    return found


def _seat_of(device: Device) -> tuple[int, int]:
    return device.participant.workshop_id, device.participant.seat.community_id


def _vote_said(device: Device, sent: Sent, ballots: Ballots) -> VoteSaid:
    """What one person's vote says. Raises AnswerRefused."""
    participant = device.participant
    put = ballots[_seat_of(device)].get(sent.target)
    if put is None:
        raise AnswerRefused(_("This is not put to a vote now, or not to your community."))
    statement, activity = put
    _must_answer_now(activity)
    asked_in = number_of(sent, "round")
    if asked_in not in (None, activity.round):
        raise AnswerRefused(
            _("The results were shown before this vote came, so it does not count. Vote again.")
        )
    choice = number_of(sent, "choice")
    if choice is None:
        raise AnswerRefused(_("A vote is: agree, disagree or pass."))
    about = read_shown(text_of(sent, "shown", 300), participant, statement) | _looked(sent)
    return VoteSaid(participant, statement, choice, sent.key, device, sent.seq, activity, about)


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
