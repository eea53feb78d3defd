"""Silent vote, reveal, discussion, second vote: what people see of it, and what is kept."""

from __future__ import annotations

import random
import re

import pytest
from django.test import Client

from deliberation.models import Reveal, Statement
from deliberation.services.revealing import begin_discussion, open_round, reveal
from deliberation.services.votes import votes_of_round
from elicitation.errors import Refused
from elicitation.models import Activity, AnswerEvent, AuditEntry, Participant, User, Workshop
from tests.deliberation.statements import people, state, vote
from tests.phones import open_activity, phone_of, send


@pytest.fixture
def voting(river: Workshop) -> Activity:
    """A vote of the river workshop."""
    return open_activity(river, "vote")


def said(client: Client, address: str = "/w/river/vote/") -> str:
    """What a page says, without markup."""
    page = client.get(address).content.decode().split("<main")[1].split("</main>")[0]
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


def shown(statement: Statement, community: str = "fishers", round: int = 1) -> dict[str, object]:
    """The stored result."""
    rows = Reveal.objects.filter(statement=statement, round=round)
    return dict(rows.get(community__slug=community).result)


def test_each_person_sees_the_split_of_their_community_and_their_place_in_it(
    voting: Activity, farid: User
) -> None:
    statement, fishers = state(voting), people(voting, "fishers", 18)
    vote(voting, statement, fishers, 12, 6)
    reveal(activity=voting, by=farid)
    assert "12 of 18 agreed. You are one of those who agreed." in said(phone_of(fishers[0]))
    assert "12 of 18 agreed. You disagreed." in said(phone_of(fishers[-1]))


def test_a_community_is_not_shown_what_another_one_voted(
    voting: Activity, farid: User, bela: Participant
) -> None:
    statement = state(voting)
    vote(voting, statement, people(voting, "fishers", 18), 12, 6)
    reveal(activity=voting, by=farid)
    assert "Too few voted to say. You did not vote on this." in said(phone_of(bela))
    assert "12" not in said(phone_of(bela))
    assert not Reveal.objects.filter(community=None).exists()


@pytest.mark.parametrize("split", [(17, 1), (18, 0), (16, 1, 1)])
def test_a_lone_dissenter_is_not_told_apart_from_nobody(
    voting: Activity, farid: User, split: tuple[int, ...]
) -> None:
    statement, fishers = state(voting), people(voting, "fishers", 18)
    vote(voting, statement, fishers, *split)
    reveal(activity=voting, by=farid)
    assert shown(statement) == {"shape": "nearly", "n": 18, "side": 1, "least": 14}
    assert "Nearly all agreed: 14 or more of 18." in said(phone_of(fishers[0]))


def test_nothing_stored_tells_what_is_not_shown(voting: Activity, farid: User) -> None:
    """Random small tallies: of the counts, only those that may be told are in the row."""
    chance, fishers = random.Random(5), people(voting, "fishers", 16)
    splits = {}
    for number in range(12):
        agree, disagree = chance.randint(0, 8), chance.randint(0, 8)
        statement = state(voting, f"It should do {number}.")
        splits[statement.pk] = (agree, disagree, 16 - agree - disagree)
        vote(voting, statement, fishers, *splits[statement.pk])
    for row in reveal(activity=voting, by=farid):
        told = {value for key, value in row.result.items() if key not in ("shape", "side", "n")}
        assert not told & set(range(1, 5))
        if row.community.slug == "farmers":
            assert row.result == {"shape": "few"}


def test_each_statement_gets_a_row_so_that_a_missing_one_tells_nothing(
    voting: Activity, farid: User
) -> None:
    voted, silent = state(voting, "Voted on"), state(voting, "Not voted on")
    vote(voting, voted, people(voting, "fishers", 3), 2, 1)
    reveal(activity=voting, by=farid)
    assert shown(voted) == shown(silent) == {"shape": "few"}


def test_what_is_pushed_is_revealed_by_itself(voting: Activity, farid: User) -> None:
    pushed, other = state(voting, "Pushed"), state(voting, "Other")
    Activity.objects.update(pushed=pushed.pk)
    voting.refresh_from_db()
    assert {row.statement_id for row in reveal(activity=voting, by=farid)} == {pushed.pk}
    open_round(activity=voting, by=farid)
    assert not Reveal.objects.filter(statement=other).exists()


def test_both_votes_are_kept_and_shown(voting: Activity, farid: User) -> None:
    statement, fishers = state(voting), people(voting, "fishers", 18)
    vote(voting, statement, fishers, 12, 6)
    reveal(activity=voting, by=farid)
    begin_discussion(activity=voting, by=farid)
    open_round(activity=voting, by=farid)
    vote(voting, statement, fishers, 7, 11)
    reveal(activity=voting, by=farid)
    page = said(phone_of(fishers[8]))
    assert "The newest vote 11 of 18 disagreed. You are one of those who disagreed." in page
    assert "The vote before 12 of 18 agreed. You are one of those who agreed." in page
    assert AnswerEvent.objects.count() == 36
    first = {one.participant: one.choice for one in votes_of_round(voting, 1, [statement.pk])}
    assert sum(choice == 1 for choice in first.values()) == 12


def test_how_many_changed_their_mind_is_told_where_enough_did(
    voting: Activity, farid: User
) -> None:
    much, little = state(voting, "Much"), state(voting, "Little")
    fishers = people(voting, "fishers", 24)
    for statement in (much, little):
        vote(voting, statement, fishers, 18, 6)
    reveal(activity=voting, by=farid)
    open_round(activity=voting, by=farid)
    vote(voting, much, fishers, 13, 11)
    vote(voting, little, fishers, 16, 8)
    reveal(activity=voting, by=farid)
    assert (shown(much, round=2)["changed"], shown(little, round=2)["changed"]) == (5, 0)
    assert said(phone_of(fishers[0])).count("changed their mind") == 1


def test_people_vote_again_on_what_was_shown_and_see_it_beside(
    voting: Activity, farid: User
) -> None:
    statement, fishers = state(voting), people(voting, "fishers", 18)
    vote(voting, statement, fishers, 12, 6)
    reveal(activity=voting, by=farid)
    open_round(activity=voting, by=farid)
    phone = phone_of(fishers[0])
    assert "12 of 18 agreed. You are one of those who agreed." in said(phone)
    send(phone, "river", "vote", statement.pk, choice="-1", round="2")
    assert "You have voted on all" in said(phone)
    assert [one.choice for one in votes_of_round(voting, 2, [statement.pk])] == [-1]
    assert "12 of 18 agreed" in said(phone, "/w/river/results/")


def test_a_vote_whose_result_was_not_shown_is_not_asked_for_again(
    voting: Activity, farid: User, amara: Participant
) -> None:
    pushed, other = state(voting, "Pushed"), state(voting, "Other")
    phone = phone_of(amara)
    for statement in (pushed, other):
        send(phone, "river", "vote", statement.pk, choice="1")
    Activity.objects.update(pushed=pushed.pk)
    voting.refresh_from_db()
    reveal(activity=voting, by=farid)
    open_round(activity=voting, by=farid)
    assert "Pushed" in said(phone)
    send(phone, "river", "vote", pushed.pk, choice="1", round="2")
    assert "You have voted on all" in said(phone)


def test_every_step_is_told_to_phones_and_kept(voting: Activity, farid: User) -> None:
    before = Workshop.objects.get(slug="river").pulse
    for step in (reveal, begin_discussion, open_round, reveal, open_round):
        step(activity=voting, by=farid)
    assert Workshop.objects.get(slug="river").pulse == before + 5
    assert Activity.objects.get().round == 3
    assert list(AuditEntry.objects.order_by("pk").values_list("action", flat=True)) == [
        "show results",
        "begin discussion",
        "open round",
        "show results",
        "open round",
    ]


def test_a_step_that_was_taken_already_is_refused(voting: Activity, farid: User) -> None:
    same = Activity.objects.get()
    with pytest.raises(Refused):
        begin_discussion(activity=voting, by=farid)
    reveal(activity=voting, by=farid)
    with pytest.raises(Refused):
        reveal(activity=same, by=farid)
    open_round(activity=voting, by=farid)
    same.refresh_from_db()
    same.round = 1
    with pytest.raises(Refused):
        reveal(activity=same, by=farid)
    assert AuditEntry.objects.count() == 2


def test_what_is_no_vote_is_not_revealed(river: Workshop, farid: User) -> None:
    with pytest.raises(Refused, match="Only votes"):
        reveal(activity=open_activity(river, "propose"), by=farid)


def test_a_result_of_what_was_taken_out_since_is_not_shown(voting: Activity, farid: User) -> None:
    statement, fishers = state(voting, "Buy my boat"), people(voting, "fishers", 12)
    vote(voting, statement, fishers, 12)
    reveal(activity=voting, by=farid)
    Statement.objects.update(moderation="out")
    assert "Buy my boat" not in said(phone_of(fishers[0]))


def test_before_anything_is_shown_the_results_say_so(voting: Activity, amara: Participant) -> None:
    assert "No results are shown yet" in said(phone_of(amara), "/w/river/results/")


def test_many_results_come_in_parts_and_each_once(
    voting: Activity, farid: User, amara: Participant
) -> None:
    for number in range(25):
        state(voting, f"Number {number}.")
    reveal(activity=voting, by=farid)
    phone = phone_of(amara)
    first, rest = said(phone), said(phone, "/w/river/results/?start=20")
    seen = re.findall(r"Number (\d+)\.", first + rest)
    assert (first.count("Number"), sorted(map(int, seen))) == (20, list(range(25)))
    assert ("More results" in first, "More results" in rest) == (True, False)
