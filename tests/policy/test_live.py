"""The live picture of a vote: it counts as an analysis does, and no two looks tell of too few."""

from __future__ import annotations

import time
import uuid
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.urls import reverse

from deliberation.models import Statement
from deliberation.services import VoteSaid, cast_votes
from elicitation.kernel.hashing import plain
from elicitation.kernel.models import Work
from elicitation.kernel.work import run_inline
from elicitation.models import Participant, Workshop
from elicitation.services.withdrawing import withdraw
from policy.computing.live import Told, live_picture
from policy.computing.statements import read_votes, statement_section
from policy.inputs_live import LiveVotes, read_live_votes
from policy.live import COUNT, PAUSE, picture_of
from policy.methods.holding import Held, held_anew
from policy.models import LivePicture
from tests.conftest import take_part
from tests.policy.methods_votes.planted import votes as planted
from tests.policy.workshops import answers_of

NOTHING = Told({}, {}, 0)


def live_votes(votes: Any, communities: Any) -> LiveVotes:
    """Votes as if each had arrived one after the other, person by person."""
    people, columns = np.nonzero(~np.isnan(votes))
    said = votes[people, columns].astype(np.int64)
    names = [f"c{one}" for one in range(int(communities.max(initial=0)) + 1)]
    return LiveVotes(
        names,
        np.asarray(communities, dtype=np.intp),
        list(range(1, votes.shape[1] + 1)),
        people,
        columns,
        np.column_stack([np.arange(1, len(said) + 1), said]),
    )


def test_a_picture_counts_as_the_analysis_does() -> None:
    truth = planted(1, people=150, communities=3)
    picture = plain(live_picture(live_votes(truth.votes, truth.labels), NOTHING, 1).statements)
    answers = answers_of(truth.votes, truth.labels.tolist())
    for stored in plain(statement_section(read_votes(answers, 7, resamples=0), 7)):
        groups = stored["label_sets"]["communities"]["groups"]
        wanted = {
            slug: {"n": one["seen"]} | {name: one[name] for name in ("share", "low", "high")}
            for slug, one in groups.items()
        }
        assert picture[str(stored["id"])]["communities"] == wanted


@pytest.mark.parametrize("fewest", [5, 10])
def test_whoever_looks_after_every_vote_sees_changes_of_enough_people_only(fewest: int) -> None:
    rng = np.random.default_rng(fewest)
    latest: dict[tuple[int, int], tuple[int, int]] = {}
    held = Held(np.zeros((2, 3, 3), dtype=np.int64), np.zeros((2, 3), dtype=np.int64))
    since: dict[tuple[int, int], set[int]] = {}
    for event in range(1, 1500):
        person, column = int(rng.integers(40)), int(rng.integers(3))
        latest[person, column] = (event, int(rng.integers(-1, 2)))
        since.setdefault((person % 2, column), set()).add(person)
        people, columns = np.array(list(latest)).T
        after = held_anew(held, people % 2, columns, np.array(list(latest.values())), fewest)
        for cell in np.argwhere((after.counts != held.counts).any(axis=2)):
            assert len(since.pop(tuple(cell.tolist()))) >= fewest
        held = after
    assert held.counts.sum() > 0


def test_a_cell_tells_nothing_before_enough_people_of_a_community_voted() -> None:
    votes = np.ones((19, 1))
    picture = live_picture(live_votes(votes, np.repeat([0, 1], [10, 9])), NOTHING, 10)
    assert list(picture.statements["1"]["communities"]) == ["c0"]
    assert picture.statements["1"]["kind"] == "partly"


def test_a_map_is_drawn_anew_only_when_enough_people_voted_since() -> None:
    truth = planted(2, people=60, communities=1)
    votes = live_votes(truth.votes, np.zeros(60, dtype=int))
    first = live_picture(votes, NOTHING, 10)
    assert first.points is not None
    nearly = int(votes.votes[votes.people == 51][0, 0]) - 1
    again = live_picture(votes, Told(first.held, {**first.map, "mark": nearly}, 0), 10)
    assert (again.points, again.map["people"]) == (None, first.map["people"])


@pytest.mark.parametrize("shape", [(0, 0), (1, 1), (30, 1), (1, 30)])
def test_a_picture_of_next_to_nothing_is_sentences(shape: tuple[int, int]) -> None:
    picture = live_picture(live_votes(np.ones(shape), np.zeros(shape[0], dtype=int)), NOTHING, 0)
    assert picture.map.get("k", 0) == 0
    assert not picture.points


@pytest.fixture
def hall(river: Workshop) -> list[Participant]:
    """Twenty-four people in two communities, and two statements."""
    Statement.objects.create(
        workshop=river, text="It should say when it is not sure.", external_id="1"
    )
    Statement.objects.create(workshop=river, text="Nobody takes water.", external_id="2")
    return [take_part(river, ("fishers", "farmers")[n % 2], f"p{n:02}") for n in range(24)]


def say(people: list[Participant], key: str = "1") -> None:
    """All agree with the first statement; on the second the communities part."""
    honest, water = Statement.objects.order_by("pk")
    cast_votes(
        VoteSaid(person, statement, choice, key=f"{key}-{statement.pk}")
        for n, person in enumerate(people)
        for statement, choice in ((honest, 1), (water, 1 - 2 * (n % 2)))
    )


def count(river: Workshop) -> LivePicture:
    """Do what a worker would be asked to do."""
    LivePicture.objects.get_or_create(workshop=river)
    run_inline(COUNT, workshop_id=river.pk)
    return LivePicture.objects.get(workshop=river)


@pytest.mark.parametrize("provenance", ["live", "real"])
def test_before_anybody_votes_the_page_says_what_will_be_there(river, client, farid, provenance):
    Workshop.objects.update(provenance=provenance)
    client.force_login(farid)
    page = client.get(reverse("live", args=["river"])).content.decode()
    assert "Nothing counted yet" in page


def test_what_agrees_stands_before_what_divides(river, hall, client, farid):
    say(hall)
    count(river)
    client.force_login(farid)
    page = client.get(reverse("live", args=["river"])).content.decode()
    assert page.index("It should say when it is not sure.") < page.index("Nobody takes water.")
    assert "2 statements: 1 agreed so far, 1 apart." in page
    assert "n 12" in page


def test_people_who_vote_later_are_not_told_of_until_they_are_enough(river, hall):
    say(hall[:20])
    before = count(river).statements
    say(hall[20:])
    assert count(river).statements == before


def test_a_statement_taken_out_is_gone_from_the_picture_at_once(river, hall, client, farid):
    say(hall)
    count(river)
    Statement.objects.filter(external_id="2").update(moderation="out")
    client.force_login(farid)
    assert b"Nobody takes water." not in client.get(reverse("live", args=["river"])).content


def test_a_count_is_asked_for_when_votes_came_and_not_in_one_go(river, hall):
    picture_of(river)
    assert not Work.objects.exists()
    say(hall[:12])
    picture_of(river)
    picture_of(river)
    assert Work.objects.count() == 1
    Work.objects.all().delete()
    picture_of(river)
    assert not Work.objects.exists()
    picture = LivePicture.objects.get()
    LivePicture.objects.update(asked_at=picture.asked_at - PAUSE - timedelta(seconds=1))
    picture_of(river)
    assert Work.objects.count() == 1


def test_a_page_that_shows_the_newest_picture_is_told_nothing(river, hall, client, farid):
    say(hall)
    count(river)
    client.force_login(farid)
    shown = client.get(reverse("live", args=["river"])).context["stamp"]
    address = reverse("live-now", args=["river"])
    assert client.get(address, {"have": shown}).status_code == 204
    assert client.get(address, {"have": "before"}).status_code == 200


def test_a_withdrawal_takes_the_picture_with_it_and_leaves_nothing_to_compare(river, hall):
    say(hall)
    assert count(river).charts is not None
    withdraw(participant=hall[0], scope="all", key=uuid.uuid4())
    picture = LivePicture.objects.get()
    assert (picture.held, picture.statements, picture.map, picture.charts) == ({}, {}, {}, {})
    say(hall[1:7], key="2")
    assert count(river).statements == {}
    say(hall[1:], key="3")
    told = count(river).statements.values()
    assert {one["n"] for row in told for one in row["communities"].values()} == {11, 12}


def test_votes_are_read_with_their_order_of_arrival(river, hall):
    say(hall[:2])
    read = read_live_votes(river)
    assert read.cast.dense()[:2].tolist() == [[1, 1], [1, -1]]
    assert len(set(read.votes[:, 0].tolist())) == 4


@pytest.mark.slow
def test_a_hall_of_five_hundred_is_pictured_in_less_than_a_second() -> None:
    rng = np.random.default_rng(0)
    votes = np.where(rng.random((500, 200)) < rng.beta(2, 2, 200), 1.0, -1.0)
    votes[rng.random(votes.shape) < 0.3] = np.nan
    cast = live_votes(votes, rng.integers(3, size=500))
    began = time.process_time()
    live_picture(cast, NOTHING, 10)
    assert time.process_time() - began < 1.0
