"""The API of every activity: the same items as on the pages, and only one's own."""

import json
import uuid

import pytest

from deliberation.services.revealing import reveal
from elicitation import access
from elicitation.models import (
    Activity,
    AnswerEvent,
    Case,
    IdentityQuestion,
    Participant,
    Preference,
    Stage,
    Withdrawal,
    Workshop,
)
from tests.deliberation.statements import people, state, vote
from tests.elicitation.stock import stock
from tests.elicitation.test_api import ask, send
from tests.phones import device_of, open_activity, phone_of

pytestmark = pytest.mark.django_db
SERIES = ("compare", "rate", "criteria", "rank", "rewrite")


def said(kind: str, target: int, **body: object) -> dict[str, object]:
    return {"kind": kind, "target": target, "body": body, "key": str(uuid.uuid4())}


@pytest.mark.parametrize("kind", SERIES)
def test_a_client_gets_the_next_items_blind(amara: Participant, kind: str) -> None:
    stock(amara.workshop, prompts=4, completions=3)
    open_activity(amara.workshop, kind)
    items = ask(phone_of(amara), f"w/river/items/{kind}/")[1]["items"]
    assert items[0]["turns"][0]["words"]["text"].startswith("Question")
    assert items[0]["answers"][0]["text"].startswith("Answer")
    assert "secret-model" not in json.dumps(items)


def test_what_a_phone_holds_already_is_left_out(amara: Participant) -> None:
    stock(amara.workshop)
    open_activity(amara.workshop, "compare")
    first = ask(phone_of(amara), "w/river/items/compare/")[1]["items"][0]["target"]
    others = ask(phone_of(amara), f"w/river/items/compare/?skip={first}")[1]["items"]
    assert first not in [item["target"] for item in others]


def test_an_answer_to_an_item_moves_the_activity_on(amara: Participant) -> None:
    stock(amara.workshop)
    open_activity(amara.workshop, "compare", wanted=4)
    phone = phone_of(amara)
    item = ask(phone, "w/river/items/compare/")[1]["items"][0]
    status, outcomes = send(phone, said(item["kind"], item["target"], choice="left:1"))
    told = ask(phone, "w/river/activities/")[1]["activities"][0]
    assert (status, outcomes["outcomes"][0]["stored"]) == (200, True)
    assert (told["kind"], told["done"], told["of"]) == ("compare", 1, 4)
    assert told["items"] == "/api/w/river/items/compare/"


def test_nothing_of_a_stage_that_is_not_open_is_told(amara: Participant) -> None:
    stock(amara.workshop)
    open_activity(amara.workshop, "compare")
    Stage.objects.update(status=Stage.Status.WAITING)
    assert ask(phone_of(amara), "w/river/items/compare/")[1] == {"items": []}
    assert ask(phone_of(amara), "w/river/activities/")[1] == {"activities": []}


def test_another_persons_comparison_is_refused(amara: Participant, bela: Participant) -> None:
    stock(amara.workshop)
    open_activity(amara.workshop, "compare")
    theirs = ask(phone_of(bela), "w/river/items/compare/")[1]["items"][0]
    outcome = send(phone_of(amara), said("preference", theirs["target"], choice="left"))[1]
    assert outcome["outcomes"][0]["stored"] is False
    assert not Preference.objects.exists()


def test_a_client_votes_with_what_came_with_the_statement(amara: Participant) -> None:
    activity = open_activity(amara.workshop, "vote")
    statement = state(activity)
    phone = phone_of(amara)
    item = ask(phone, "w/river/vote/")[1]["items"][0]
    body = {"choice": 1, "round": item["round"], "shown": item["shown"]}
    send(phone, said("vote", item["target"], **body))
    assert item["target"] == statement.pk
    assert AnswerEvent.objects.get().body["propensity"] > 0
    assert ask(phone, "w/river/vote/")[1] == {"items": []}


def test_the_statements_of_another_community_are_not_told(amara: Participant) -> None:
    farmers = amara.workshop.seats.get(community__slug="farmers").community
    activity = open_activity(amara.workshop, "vote")
    hidden = state(activity, "Only for farmers.", community=farmers)
    phone = phone_of(amara)
    assert ask(phone, "w/river/vote/")[1] == {"items": []}
    outcome = send(phone, said("vote", hidden.pk, choice=1))[1]["outcomes"][0]
    assert outcome["stored"] is False


def test_somebody_proposes_and_sees_what_became_of_it(amara: Participant, bela) -> None:
    open_activity(amara.workshop, "propose")
    phone = phone_of(amara)
    outcome = send(phone, said("statement", 0, when="asked", should="answer briefly"))[1]
    assert outcome["outcomes"][0]["stored"], outcome
    mine = ask(phone, "w/river/statements/")[1]["statements"]
    assert [(one["state"], "briefly" in one["text"]) for one in mine] == [("waiting", True)]
    assert ask(phone_of(bela), "w/river/statements/")[1] == {"statements": []}


def test_results_are_told_once_they_are_shown(amara: Participant, farid) -> None:
    activity = open_activity(amara.workshop, "vote")
    vote(activity, state(activity), people(activity, "fishers", 24), 12, 12)
    assert ask(phone_of(amara), "w/river/results/")[1] == {"results": []}
    reveal(activity=activity, by=farid)
    shown = ask(phone_of(amara), "w/river/results/")[1]["results"][0]
    assert "12" in shown["rounds"][0]["sentence"]


def test_cases_and_questions_are_ones_own(amara: Participant, bela: Participant) -> None:
    question = IdentityQuestion.objects.create(workshop=amara.workshop, text="Age?", options=["1"])
    open_activity(amara.workshop, "case")
    phone = phone_of(amara)
    send(phone, said("case", 0, situation="about fish", wish="ask back"))
    mine = ask(phone, "w/river/cases/")[1]["cases"]
    assert mine == [
        {"target": Case.objects.get().pk, "situation": "about fish", "wish": "ask back"}
    ]
    assert ask(phone_of(bela), "w/river/cases/")[1] == {"cases": []}
    told = ask(phone, "w/river/questions/")[1]["questions"]
    assert told == [{"target": question.pk, "text": "Age?", "options": ["1"], "compares": False}]


def test_what_is_hard_to_bear_is_a_choice(amara: Participant) -> None:
    assert ask(phone_of(amara), "w/river/severe/", {"sees_severe": True})[0] == 200
    amara.refresh_from_db()
    assert amara.sees_severe is True


def test_no_rules_are_told_before_a_round(amara: Participant) -> None:
    open_activity(amara.workshop, Activity.Kind.REVIEW)
    assert ask(phone_of(amara), "w/river/rules/")[1] == {"rules": []}


def test_a_client_reads_its_data_and_takes_one_answer_back(amara: Participant) -> None:
    open_activity(amara.workshop, "case")
    phone = phone_of(amara)
    send(phone, said("case", 0, situation="about fish", wish="ask back"))
    number = ask(phone, "w/river/data/")[1]["answers"][0]["number"]
    taking = {"scope": "answers", "key": str(uuid.uuid4()), "targets": [number]}
    first, again = (ask(phone, "w/river/take-back/", taking) for _ in range(2))
    assert first == again
    assert (first[0], Case.objects.count(), Withdrawal.objects.count()) == (200, 0, 1)


def test_nobody_takes_back_what_another_said(amara: Participant, bela: Participant) -> None:
    open_activity(amara.workshop, "case")
    send(phone_of(bela), said("case", 0, situation="about fish", wish="ask back"))
    theirs = AnswerEvent.objects.get().pk
    taking = {"scope": "answers", "key": str(uuid.uuid4()), "targets": [theirs]}
    assert ask(phone_of(amara), "w/river/take-back/", taking)[0] == 422
    assert Case.objects.exists()


def test_a_new_code_opens_the_seat_and_what_one_agrees_to_can_grow(amara: Participant) -> None:
    phone = phone_of(amara)
    code = ask(phone, "w/river/code/", {})[1]["return_code"]
    assert ask(phone, "return/", {"code": code})[0] == 200
    assert ask(phone, "w/river/allow/", {"allow": "be_quoted"})[1]["be_quoted"] is True
    assert ask(phone, "w/river/contact/", {"address": "amara@"})[1]["field"] == "address"
    assert ask(phone, "w/river/contact/", {"address": "amara@example.org"})[0] == 200
    consent = ask(phone, "w/river/me/")[1]["consent"]
    assert consent == {"be_quoted": True, "train_models": False, "be_contacted": True}


def test_who_took_back_everything_has_left(amara: Participant) -> None:
    phone = phone_of(amara)
    assert ask(phone, "w/river/take-back/", {"scope": "all", "key": str(uuid.uuid4())})[0] == 200
    status, refused = ask(phone, "w/river/me/")
    assert (status, refused["code"]) == (403, "left")


def test_a_seat_opens_nothing_of_another_workshop(amara: Participant) -> None:
    Workshop.objects.create(slug="hill", title="Hill")
    header = {"Authorization": f"Seat {access.seat_token(device_of(amara))}"}
    for name in ("me", "activities", "items/compare", "vote", "results", "data"):
        status, refused = ask(phone_of(amara), f"w/hill/{name}/", headers=header)
        assert (name, status, refused["code"]) == (name, 403, "join_first")
