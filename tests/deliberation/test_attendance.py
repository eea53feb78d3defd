"""How far people are with statements and votes, in the facilitator's numbers."""

from __future__ import annotations

from django.utils import timezone

from elicitation.attendance import attendance, has_answers
from elicitation.models import Participant, Stage, Workshop
from tests.deliberation.test_pages import propose, vote
from tests.phones import open_activity


def test_votes_are_counted_in_the_stage_of_their_statement(
    river: Workshop, amara: Participant, bela: Participant
) -> None:
    activity = open_activity(river, "vote", wanted=2)
    later = Stage.objects.create(workshop=river, kind="rules", title="Later", position=1)
    vote(amara, propose(river, "Be brief.", stage=activity.stage), 1)
    vote(amara, propose(river, "Anywhere."), -1)
    vote(bela, propose(river, "Later.", stage=later), 1)
    fishers, farmers = attendance(river, timezone.now())
    assert (fishers.far[0].typical, farmers.far[0].typical) == (2, 0)


def test_a_vote_that_somebody_cast_keeps_the_activity(river: Workshop, amara: Participant) -> None:
    activity = open_activity(river, "vote")
    statement = propose(river, "Be brief.", stage=activity.stage)
    assert not has_answers(activity)
    vote(amara, statement, 0)
    assert has_answers(activity)


def test_what_people_wrote_is_counted_and_what_the_organisers_wrote_is_not(
    river: Workshop, amara: Participant
) -> None:
    activity = open_activity(river, "propose")
    propose(river, "Ours.", stage=activity.stage, is_seed=True)
    assert not has_answers(activity)
    propose(river, "Mine.", stage=activity.stage, author=amara)
    assert has_answers(activity)
