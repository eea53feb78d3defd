"""Reading what people propose: accepted, taken out with a reason, or put together with another."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from deliberation.models import Statement, StatementLineage
from deliberation.services.moderating import (
    likest,
    merge_statements,
    moderate_statement,
    push_statement,
)
from elicitation.errors import Refused
from elicitation.methods.taking_back import TAKEN_BACK
from elicitation.models import Activity, AuditEntry, Community, Participant, User, Workshop
from tests.deliberation.test_pages import propose, vote
from tests.phones import open_activity


def test_accepting_twice_is_kept_once(river: Workshop, farid: User) -> None:
    statement = propose(river, "Be brief.")
    changed = [moderate_statement(statement=statement, becomes="in", by=farid) for _ in range(2)]
    assert (changed, AuditEntry.objects.count()) == ([True, False], 1)
    assert Workshop.objects.get().pulse == 1


def test_taking_out_needs_a_reason_which_the_author_can_read(river: Workshop, farid: User) -> None:
    statement = propose(river, "Throw them in.")
    with pytest.raises(Refused, match="Say why"):
        moderate_statement(statement=statement, becomes="out", by=farid, reason="  ")
    moderate_statement(statement=statement, becomes="out", by=farid, reason="It threatens people.")
    statement.refresh_from_db()
    assert (statement.moderation, statement.moderation_reason) == ("out", "It threatens people.")


def test_what_is_accepted_again_keeps_no_reason(river: Workshop, farid: User) -> None:
    statement = propose(river, "Be brief.", moderation="out", moderation_reason="A mistake")
    moderate_statement(statement=statement, becomes="in", by=farid)
    statement.refresh_from_db()
    assert statement.moderation_reason == ""


def test_what_its_author_took_back_is_not_accepted_again(river: Workshop, farid: User) -> None:
    statement = propose(river, TAKEN_BACK, moderation="out")
    with pytest.raises(Refused, match="took it back"):
        moderate_statement(statement=statement, becomes="in", by=farid)


def test_two_that_say_the_same_become_one_and_votes_stay_where_they_were(
    river: Workshop, amara: Participant, farid: User
) -> None:
    brief, short = propose(river, "Be brief."), propose(river, "Keep it short.")
    vote(amara, short, 1)
    merge_statements(merged=short, into=brief, by=farid)
    lineage = StatementLineage.objects.get()
    assert (lineage.child, lineage.parent, lineage.relation) == (brief, short, "merged")
    assert list(Statement.objects.standing()) == [brief]
    assert short.votes.count() == 1


def test_two_cannot_be_merged_into_each_other(river: Workshop, farid: User) -> None:
    brief, short = propose(river, "Be brief."), propose(river, "Keep it short.")
    merge_statements(merged=short, into=brief, by=farid)
    with pytest.raises(Refused, match="taken out already"):
        merge_statements(merged=brief, into=short, by=farid)


def test_a_communitys_own_statement_does_not_swallow_anothers(river: Workshop, farid: User) -> None:
    fishers, farmers = Community.objects.order_by("-slug")
    theirs = propose(river, "Be brief.", community=fishers)
    ours = propose(river, "Keep it short.", community=farmers)
    with pytest.raises(Refused, match="another community"):
        merge_statements(merged=ours, into=theirs, by=farid)


def test_only_what_was_read_is_put_before_everyone(river: Workshop, farid: User) -> None:
    activity = open_activity(river, "vote")
    for fields in ({}, {"moderation": "out", "is_seed": True}):
        with pytest.raises(Refused, match="read and accepted"):
            push_statement(activity=activity, statement=propose(river, "x", **fields), by=farid)
    read = propose(river, "Be brief.", moderation="in")
    push_statement(activity=activity, statement=read, by=farid)
    assert Activity.objects.get().pushed == read.pk


def test_the_likest_comes_first(river: Workshop) -> None:
    one = propose(river, "It should say when it is not sure.")
    near = propose(river, "It should say so whenever it is not sure")
    far = propose(river, "Farmers need rain.")
    assert likest(one, [far, near], 2) == [near, far]


def test_whoever_moderates_sees_what_nobody_has_read(
    client: Client, river: Workshop, farid: User
) -> None:
    propose(river, "Nobody read this.")
    propose(river, "The organisers wrote this.", is_seed=True)
    propose(river, "Somebody accepted this.", moderation="in")
    client.force_login(farid)
    page = client.get(reverse("moderation", args=["river"])).content.decode()
    assert "Nobody read this." in page
    assert "The organisers wrote this." not in page
    assert "Somebody accepted this." not in page


def test_the_page_takes_out_with_the_reason_that_was_typed(
    client: Client, river: Workshop, farid: User
) -> None:
    statement = propose(river, "Throw them in.")
    client.force_login(farid)
    address = reverse("moderate", args=["river", statement.pk])
    client.post(address, {"do": "out", "reason": "It threatens people."})
    statement.refresh_from_db()
    assert statement.moderation_reason == "It threatens people."


def test_a_statement_of_another_workshop_is_not_there(
    client: Client, river: Workshop, farid: User
) -> None:
    hill = Workshop.objects.create(slug="hill", title="Hill")
    theirs, ours = propose(hill, "Theirs"), propose(river, "Ours")
    client.force_login(farid)
    assert client.post(reverse("moderate", args=["river", theirs.pk])).status_code == 404
    merge = reverse("merge", args=["river", ours.pk])
    assert client.post(merge, {"into": theirs.pk}).status_code == 404
