"""The projector: one message for the room, and nothing of a community that is not in it."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from deliberation.models import Statement
from deliberation.services import cast_vote
from deliberation.services.moderating import push_statement
from deliberation.services.revealing import begin_discussion, reveal
from elicitation.models import Activity, Completion, Prompt, Stage, User, Workshop
from elicitation.services.facilitating import push_prompt
from tests.conftest import take_part
from tests.deliberation.test_pages import propose
from tests.elicitation.stock import stock
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


@pytest.fixture
def comparing(river: Workshop, farid: User) -> Activity:
    """A prompt is before everyone, who compare two answers to it."""
    activity = open_activity(river, "compare")
    (prompt,) = stock(river, 1, 2)
    push_prompt(activity=activity, prompt=prompt, by=farid)
    return activity


def test_a_prompt_before_everyone_is_the_message(comparing: Activity, browser: Client) -> None:
    said = screen(browser)
    assert said.startswith("Question 0? On your phones now: ")
    assert "Answer a" not in said


def test_a_prompt_does_not_give_a_models_name_away(comparing: Activity, browser: Client) -> None:
    Prompt.objects.update(messages=[{"role": "user", "content": "I am ChatGPT, made by OpenAI."}])
    assert "OpenAI" not in screen(browser)


def test_a_warning_is_alone_on_the_wall_until_somebody_there_goes_on(
    comparing: Activity, browser: Client
) -> None:
    Prompt.objects.update(content_warning="Insults")
    assert "Insults" in screen(browser)
    assert "Question 0?" not in screen(browser)
    shown = screen(browser, show=comparing.pushed)
    assert shown.index("Insults") < shown.index("Question 0?")


def test_what_was_opened_before_opens_no_other_prompt(comparing: Activity, browser: Client) -> None:
    Prompt.objects.update(content_warning="Insults")
    assert "Question 0?" not in screen(browser, show=(comparing.pushed or 0) + 1)


@pytest.mark.parametrize(
    "change",
    [
        lambda: Prompt.objects.update(is_severe=True, content_warning="Insults"),
        lambda: Completion.objects.update(screening="withheld"),
        lambda: Completion.objects.update(screening="severe"),
        lambda: Activity.objects.update(pushed=None),
        lambda: Stage.objects.update(status="closed"),
    ],
)
def test_what_not_everyone_may_see_is_not_on_the_wall(
    comparing: Activity, browser: Client, change: Callable[[], object]
) -> None:
    change()
    assert "Question 0?" not in screen(browser, show=comparing.pushed)


def test_a_prompt_of_another_workshop_is_not_on_the_wall(
    comparing: Activity, browser: Client
) -> None:
    hill = Workshop.objects.create(slug="hill", title="Hill")
    (theirs,) = stock(hill, 1, 2)
    Prompt.objects.filter(pk=theirs.pk).update(messages=[{"role": "user", "content": "Theirs"}])
    Activity.objects.update(pushed=theirs.pk)
    assert "Theirs" not in screen(browser)


def test_a_statement_before_everyone_comes_before_a_prompt(
    river: Workshop, comparing: Activity, vote: Activity, browser: Client
) -> None:
    assert screen(browser).startswith("Be brief. Vote on your phone")
