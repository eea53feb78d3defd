"""Casting votes."""

import pytest

from deliberation.models import Statement, Vote
from deliberation.services import VoteSaid, cast_vote, cast_votes
from elicitation.errors import AnswerRefused, StageClosed
from elicitation.models import AnswerEvent, Participant, Stage, Workshop
from tests.racing import race, racing_database  # noqa: F401


def state(workshop: Workshop, number: str = "1", stage: Stage | None = None) -> Statement:
    return Statement.objects.create(
        workshop=workshop, external_id=number, text=f"It should listen ({number}).", stage=stage
    )


def test_a_changed_mind_replaces_the_vote_and_keeps_its_history(amara: Participant) -> None:
    statement = state(amara.workshop)
    for key, choice in [("k1", 1), ("k2", -1)]:
        vote = cast_vote(participant=amara, statement=statement, choice=choice, key=key)
    assert vote.choice == -1
    assert [event.body["choice"] for event in AnswerEvent.objects.order_by("pk")] == [1, -1]


def test_people_of_both_communities_vote_on_one_statement(
    amara: Participant, bela: Participant
) -> None:
    statement = state(amara.workshop)
    cast_votes([VoteSaid(amara, statement, 1, "k"), VoteSaid(bela, statement, -1, "k")])
    assert set(Vote.objects.values_list("participant__pseudonym", "choice")) == {
        ("amara", 1),
        ("bela", -1),
    }


def test_a_vote_elsewhere_or_beyond_the_scale_is_refused(amara: Participant) -> None:
    elsewhere = state(Workshop.objects.create(slug="elsewhere", title="Elsewhere"))
    with pytest.raises(AnswerRefused, match="another workshop"):
        cast_vote(participant=amara, statement=elsewhere, choice=1, key="k")
    with pytest.raises(AnswerRefused, match="A vote is"):
        cast_vote(participant=amara, statement=state(amara.workshop), choice=2, key="k")


def test_voting_ends_with_its_stage(amara: Participant) -> None:
    stage = amara.workshop.stages.get()
    stage.status = Stage.Status.CLOSED
    with pytest.raises(StageClosed):
        cast_vote(
            participant=amara, statement=state(amara.workshop, stage=stage), choice=1, key="k"
        )
    assert not AnswerEvent.objects.exists()


@pytest.mark.usefixtures("racing_database")
def test_fifty_racing_senders_leave_one_event_and_one_vote(amara: Participant) -> None:
    statement = state(amara.workshop)
    sent = race(lambda _: cast_vote(participant=amara, statement=statement, choice=1, key="same"))
    assert sent == []
    assert (AnswerEvent.objects.count(), Vote.objects.count()) == (1, 1)
