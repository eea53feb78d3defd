"""Voting on a phone: what is put to whom, by which chance, and what is taken."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from django.test import Client

from deliberation.models import Statement, StatementTranslation, Vote
from deliberation.services.showing import next_statements, standing_of
from deliberation.services.votes import votes_of_round
from elicitation.models import Activity, AnswerEvent, Participant, Stage, Workshop
from elicitation.services.inbox import Sent, take_answer
from tests.conftest import take_part
from tests.deliberation.statements import state
from tests.phones import open_activity, phone_of, send


@pytest.fixture
def voting(river: Workshop) -> Activity:
    """A vote of the river workshop."""
    return open_activity(river, "vote")


def page(client: Client, **query: object) -> str:
    """What a person votes on next."""
    return client.get("/w/river/vote/", query).content.decode()


def items(client: Client, **query: object) -> list[int]:
    """The statements of the page, in order."""
    found = re.findall(r'<section class="item" data-item="vote:(\d+)"', page(client, **query))
    return [int(one) for one in found]


def fields(client: Client, statement: Statement) -> dict[str, str]:
    """The hidden fields of one statement's form."""
    form = page(client).split(f'data-item="vote:{statement.pk}"')[-1].split("</form>")[0]
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))


def choices(participant: Participant) -> dict[int, int]:
    """What holds of what somebody voted."""
    return dict(Vote.objects.filter(participant=participant).values_list("statement", "choice"))


def test_a_person_votes_through_all_statements_by_taps_alone(
    voting: Activity, amara: Participant
) -> None:
    made = {state(voting, f"It should do {n}.").pk for n in range(3)}
    phone, seen = phone_of(amara), set()
    while left := items(phone):
        form = fields(phone, Statement.objects.get(pk=left[0]))
        assert phone.post("/w/river/answer/", {**form, "choice": "1"}).status_code == 302
        seen.add(left[0])
    assert seen == made
    assert "You have voted on all" in page(phone)
    assert choices(amara) == dict.fromkeys(made, 1)


def test_only_what_was_read_is_put_to_the_people_it_is_for(
    voting: Activity, amara: Participant, bela: Participant
) -> None:
    farmers = bela.seat.community
    open_to_all = state(voting, "For all")
    theirs = state(voting, "For farmers", community=farmers)
    seed = state(voting, "A seed", moderation="unreviewed", is_seed=True)
    state(voting, "Unread", moderation="unreviewed")
    state(voting, "Out", moderation="out")
    other = Stage.objects.create(workshop=voting.stage.workshop, title="Later", position=1)
    state(voting, "Of another stage", stage=other)
    assert set(items(phone_of(amara))) == {open_to_all.pk, seed.pk}
    assert set(items(phone_of(bela))) == {open_to_all.pk, seed.pk, theirs.pk}


def test_the_chance_with_which_a_statement_came_up_is_stored_with_the_vote(
    voting: Activity, amara: Participant
) -> None:
    for number in range(4):
        state(voting, f"It should do {number}.")
    phone = phone_of(amara)
    first = Statement.objects.get(pk=items(phone)[0])
    phone.post("/w/river/answer/", {**fields(phone, first), "choice": "-1", "ms": "1200"})
    body = AnswerEvent.objects.get().body
    assert 0.3 / 4 <= body["propensity"] <= 1
    assert body["draw"] in ("uniform", "floor", "priority")
    assert (body["choice"], body["round"], body["activity"], body["ms"]) == (-1, 1, voting.pk, 1200)


@pytest.mark.parametrize("shown", ["", "made:up", "WzEsMl0:1:x"])
def test_a_vote_whose_chance_is_not_known_counts_without_one(
    voting: Activity, amara: Participant, shown: str
) -> None:
    statement = state(voting)
    send(phone_of(amara), "river", "vote", statement.pk, choice="1", shown=shown)
    assert "propensity" not in AnswerEvent.objects.get().body
    assert choices(amara) == {statement.pk: 1}


def test_the_chance_of_another_persons_page_is_not_believed(
    voting: Activity, amara: Participant, bela: Participant
) -> None:
    statement = state(voting)
    form = fields(phone_of(bela), statement)
    phone_of(amara).post("/w/river/answer/", {**form, "choice": "1"})
    assert "propensity" not in AnswerEvent.objects.get().body


def test_what_the_facilitator_pushed_comes_first(voting: Activity, amara: Participant) -> None:
    made = [state(voting, f"It should do {n}.") for n in range(8)]
    for statement in made:
        Activity.objects.update(pushed=statement.pk)
        assert items(phone_of(amara))[0] == statement.pk


def test_what_is_pushed_comes_even_to_who_has_done_all_that_was_asked(
    voting: Activity, amara: Participant
) -> None:
    first, pushed, phone = state(voting), state(voting, "Pushed"), phone_of(amara)
    send(phone, "river", "vote", first.pk, choice="1")
    Activity.objects.update(wanted=1, pushed=pushed.pk)
    assert items(phone) == [pushed.pk]


def test_a_phone_gets_five_at_once_and_others_than_it_holds(
    voting: Activity, amara: Participant
) -> None:
    made = {state(voting, f"It should do {n}.").pk for n in range(8)}
    phone = phone_of(amara)
    first = items(phone)
    more = items(phone, skip=",".join(map(str, first)))
    assert (len(first), len(more), {*first, *more}) == (5, 3, made)


def test_people_are_asked_for_as_many_as_wanted_and_may_go_on(
    voting: Activity, amara: Participant
) -> None:
    for number in range(6):
        state(voting, f"It should do {number}.")
    Activity.objects.update(wanted=2)
    phone = phone_of(amara)
    assert len(items(phone)) == 2
    for pk in items(phone):
        send(phone, "river", "vote", pk, choice="0")
    assert items(phone) == []
    assert len(items(phone, more=1)) == 4


def test_somebody_comes_back_to_a_vote_and_changes_it(voting: Activity, amara: Participant) -> None:
    statement, phone = state(voting), phone_of(amara)
    send(phone, "river", "vote", statement.pk, choice="1")
    assert f"?item={statement.pk}" in page(phone)
    assert re.search(r'value="1" aria-pressed="true"', page(phone, item=statement.pk))
    send(phone, "river", "vote", statement.pk, choice="-1")
    assert choices(amara) == {statement.pk: -1}
    assert AnswerEvent.objects.count() == 2


@pytest.mark.parametrize("body", [{"choice": "2"}, {"choice": "yes"}, {}, {"choice": ""}])
def test_what_is_no_vote_is_refused(
    voting: Activity, amara: Participant, body: dict[str, str]
) -> None:
    assert send(phone_of(amara), "river", "vote", state(voting).pk, **body).status_code == 422
    assert not AnswerEvent.objects.exists()


def test_a_statement_that_is_not_put_to_somebody_takes_no_vote_of_theirs(
    voting: Activity, amara: Participant, bela: Participant
) -> None:
    hill = Workshop.objects.create(slug="hill", title="Hill")
    elsewhere = Statement.objects.create(workshop=hill, text="x", external_id="1", moderation="in")
    for statement in (
        state(voting, "For farmers", community=bela.seat.community),
        state(voting, "Unread", moderation="unreviewed"),
        elsewhere,
    ):
        assert send(phone_of(amara), "river", "vote", statement.pk, choice="1").status_code == 422
    assert send(phone_of(amara), "river", "vote", 10**17, choice="1").status_code == 422
    assert not Vote.objects.exists()


def test_no_votes_are_taken_while_results_are_shown_or_the_stage_is_closed(
    voting: Activity, amara: Participant
) -> None:
    statement, phone = state(voting), phone_of(amara)
    Activity.objects.update(phase=Activity.Phase.REVEALED)
    assert send(phone, "river", "vote", statement.pk, choice="1").status_code == 422
    Activity.objects.update(phase=Activity.Phase.ANSWERING)
    Stage.objects.update(status=Stage.Status.CLOSED)
    assert send(phone, "river", "vote", statement.pk, choice="1").status_code == 422
    assert not Vote.objects.exists()


def test_a_vote_that_was_stored_is_acknowledged_again_after_the_stage_closed(
    voting: Activity, amara: Participant
) -> None:
    statement, phone = state(voting), phone_of(amara)
    send(phone, "river", "vote", statement.pk, choice="1", key="k")
    Stage.objects.update(status=Stage.Status.CLOSED)
    assert send(phone, "river", "vote", statement.pk, choice="1", key="k").status_code == 302
    assert AnswerEvent.objects.count() == 1


def test_a_vote_from_before_the_results_is_refused_in_the_round_after(
    voting: Activity, amara: Participant
) -> None:
    statement = state(voting)
    Activity.objects.update(round=2)
    response = send(phone_of(amara), "river", "vote", statement.pk, choice="1", round="1")
    assert response.status_code == 422
    assert "results were shown" in response.content.decode()


def test_within_a_device_a_late_older_vote_does_not_overwrite(
    voting: Activity, amara: Participant
) -> None:
    statement, phone = state(voting), phone_of(amara)
    for seq, choice in [(2, 1), (1, -1)]:
        sent = Sent("vote", statement.pk, {"choice": choice}, f"k{seq}", seq)
        take_answer(device=phone.device, sent=sent)  # type: ignore[attr-defined]
    assert choices(amara) == {statement.pk: 1}
    assert [one.choice for one in votes_of_round(voting, 1, [statement.pk])] == [1]


def test_across_devices_the_order_of_arrival_decides(voting: Activity, amara: Participant) -> None:
    statement = state(voting)
    for number, (seq, choice) in enumerate([(9, 1), (1, -1)]):
        sent = Sent("vote", statement.pk, {"choice": choice}, f"k{number}", seq)
        take_answer(device=phone_of(amara).device, sent=sent)  # type: ignore[attr-defined]
    assert choices(amara) == {statement.pk: -1}
    assert [one.choice for one in votes_of_round(voting, 1, [statement.pk])] == [-1]


def test_every_statement_reaches_its_floor_in_every_community(river: Workshop) -> None:
    """Twenty people with eight votes each: no statement of ten is left with fewer than four."""
    voting = open_activity(river, "vote", wanted=8, settings={"floor": 4})
    for number in range(10):
        state(voting, f"It should do {number}.")
    counted: Counter[tuple[str, int]] = Counter()
    for community in ("fishers", "farmers"):
        for number in range(20):
            person = take_part(river, community, f"{community}-{number}")
            standing = standing_of(person, voting)
            for asked in next_statements(person, voting, standing, count=8):
                send(phone_of(person), "river", "vote", asked.statement.pk, choice="1")
                counted[(community, asked.statement.pk)] += 1
    assert len(counted) == 20
    assert min(counted.values()) >= 4


def test_a_translation_is_shown_as_one_with_the_original_a_tap_away(
    voting: Activity, amara: Participant
) -> None:
    statement = state(voting, "It should listen.")
    StatementTranslation.objects.create(
        statement=statement, locale="ar", text="يجب أن يصغي.", origin="machine"
    )
    phone = phone_of(amara)
    phone.cookies["django_language"] = "ar"
    shown = page(phone)
    assert '<p dir="auto" lang="ar">يجب أن يصغي.</p>' in shown
    assert shown.index("يجب أن يصغي.") < shown.index("It should listen.")
    assert "يجب أن يصغي." not in page(phone_of(amara))


def test_a_closed_vote_says_so_kindly(river: Workshop, amara: Participant) -> None:
    response = phone_of(amara).get("/w/river/vote/")
    assert response.status_code == 200
    assert "This is not open now" in response.content.decode()
