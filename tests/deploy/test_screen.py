"""The projector: one message for the room, and nothing of a community that is not in it."""

from __future__ import annotations

import html
import re

import pytest
from django.test import Client
from django.urls import reverse

from deliberation.models import Statement
from deliberation.services import cast_vote
from deliberation.services.moderating import push_statement
from deliberation.services.revealing import begin_discussion, reveal
from elicitation.models import Activity, Stage, User, Workshop
from tests.conftest import take_part
from tests.deliberation.test_pages import propose
from tests.phones import open_activity


@pytest.fixture
def browser(client: Client, farid: User) -> Client:
    """Farid's browser."""
    client.force_login(farid)
    return client


def screen(browser: Client, page: str = "screen-now", **query: object) -> str:
    """What the projector says."""
    markup = browser.get(reverse(page, args=["river"]), query).content.decode()
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", markup)).split())


@pytest.fixture
def vote(river: Workshop, farid: User) -> Activity:
    """Twelve fishers and a farmer have voted on a statement before everyone."""
    activity = open_activity(river, "vote")
    stage = Stage.objects.get()
    statement = propose(river, "Be brief.", moderation="in", stage=stage)
    push_statement(activity=activity, statement=statement, by=farid)
    for number in range(12):
        person = take_part(river, "fishers", f"f{number}")
        choice = 1 if number < 6 else -1
        cast_vote(participant=person, statement=statement, choice=choice, key="1")
    lone = take_part(river, "farmers", "lone")
    cast_vote(participant=lone, statement=statement, choice=-1, key="1")
    return activity


def seat(river: Workshop, community: str) -> int:
    """The seat of a community."""
    return river.seats.get(community__slug=community).pk


def test_a_room_in_which_nothing_is_open_is_told_how_to_join(
    river: Workshop, browser: Client
) -> None:
    Stage.objects.update(status="waiting")
    take_part(river, "fishers", "amara")
    said = screen(browser, "screen")
    assert "Join with your phone" in said
    assert "1 has joined" in said
    assert "Fishers RIVE R000" in said


def test_a_statement_before_everyone_is_the_message(vote: Activity, browser: Client) -> None:
    said = screen(browser)
    assert said.startswith("Be brief. Vote on your phone")
    assert "agreed" not in said


def test_a_community_sees_its_own_result_once_it_is_shown(
    river: Workshop, vote: Activity, browser: Client, farid: User
) -> None:
    reveal(activity=vote, by=farid)
    assert "6 of 12 agreed" in screen(browser, seat=seat(river, "fishers"))
    begin_discussion(activity=vote, by=farid)
    assert "Talk about it together" in screen(browser, seat=seat(river, "fishers"))


def test_one_who_voted_alone_is_never_on_the_wall(
    river: Workshop, vote: Activity, browser: Client, farid: User
) -> None:
    reveal(activity=vote, by=farid)
    said = screen(browser, seat=seat(river, "farmers"))
    assert "Too few voted to say." in said
    assert "disagree" not in said.lower()


def test_a_room_of_several_communities_is_sent_to_its_phones(
    vote: Activity, browser: Client, farid: User
) -> None:
    reveal(activity=vote, by=farid)
    said = screen(browser)
    assert "The results are on your phones." in said
    assert "12" not in said.replace("13 have joined", "")


def test_a_statement_that_was_taken_out_leaves_the_wall(
    river: Workshop, vote: Activity, browser: Client
) -> None:
    Statement.objects.filter(pk=vote.pushed).update(moderation="out")
    assert "Be brief." not in screen(browser)
