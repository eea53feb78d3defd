"""What is yours: see it, change it, take it along, take it back."""

from __future__ import annotations

import json
import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from deliberation.models import Statement
from deliberation.services import cast_vote
from elicitation.errors import Withdrawn
from elicitation.models import (
    AnswerEvent,
    Case,
    Comparison,
    Completion,
    Consent,
    ContactDetail,
    Participant,
    Prompt,
    Withdrawal,
    Workshop,
)
from elicitation.services import record_preference
from elicitation.services.cases import write_case
from elicitation.services.consent import agree, give_contact, latest_consent, may_be_quoted
from elicitation.services.inbox import Sent, take_answer
from elicitation.services.joining import keep_contact, new_return_code
from elicitation.services.own_data import own_answers, own_data
from elicitation.services.withdrawing import withdraw
from tests.phones import open_activity, phone_of

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def phone(amara: Participant) -> Client:
    return phone_of(amara)


@pytest.fixture
def put(river: Workshop, amara: Participant) -> Comparison:
    """Two answers that Amara is asked to compare."""
    messages = [{"role": "user", "content": "Is the fish safe?"}]
    prompt = Prompt.objects.create(workshop=river, messages=messages, content_hash="1")
    sides = [
        Completion.objects.create(
            prompt=prompt, text=text, content_hash=text, screening="cleared", source="model-x"
        )
        for text in ("Yes, eat it.", "It depends on the water.")
    ]
    return Comparison.objects.create(
        participant=amara, prompt=prompt, left=sides[0], right=sides[1], stage=river.stages.get()
    )


def say_things(amara: Participant, put: Comparison) -> None:
    """A choice with its reason, changed once; a test of her own; a vote."""
    for key, why in (("a", "At first I thought so"), ("b", HOSTILE)):
        record_preference(participant=amara, comparison=put, choice="right", key=key, rationale=why)
    write_case(participant=amara, stage=None, situation="Who asks?", wish="Answer kindly.", key="c")
    statement = Statement.objects.create(
        workshop=amara.workshop, text="It should say when it is not sure.", external_id="1"
    )
    cast_vote(participant=amara, statement=statement, choice=1, key="d")


def test_every_answer_is_listed_once_in_words(
    amara: Participant, put: Comparison, phone: Client
) -> None:
    say_things(amara, put)
    page = phone.get("/w/river/you/answers/").content.decode()
    assert page.count('name="answer"') == 3
    for words in ("Is the fish safe?", "Answer 2 is better", "Answer kindly.", "You agreed"):
        assert words in page
    assert "changed 1 time" in page
    assert HOSTILE not in page
    assert "model-x" not in page


def test_an_answer_can_be_changed_where_its_part_is_open(
    river: Workshop, amara: Participant, put: Comparison, phone: Client
) -> None:
    say_things(amara, put)
    change = f"/w/river/compare/?item={put.pk}"
    assert change not in phone.get("/w/river/you/answers/").content.decode()
    open_activity(river, "compare")
    assert change in phone.get("/w/river/you/answers/").content.decode()
    assert phone.get(change).status_code == 200


def test_the_file_holds_everything_that_was_said_and_agreed_to(
    amara: Participant, put: Comparison, phone: Client
) -> None:
    say_things(amara, put)
    agree(participant=amara, train_models=True)
    keep_contact(participant=amara, address="amara@example.org")
    response = phone.get("/w/river/you/data/?as=json")
    assert response["Content-Disposition"] == 'attachment; filename="my-data-river.json"'
    kept = json.loads(response.content)
    assert kept["contact"] == "amara@example.org"
    assert [one["train_models"] for one in kept["agreed"]] == [True]
    sent = [one["as_sent"] for answer in kept["answers"] for one in whole(answer)]
    assert sorted(map(str, sent)) == sorted(
        str(event.body) for event in AnswerEvent.objects.filter(participant=amara)
    )


def whole(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """An answer with those before it."""
    return [answer, *answer["before_that"]]


def test_the_readable_file_needs_nothing_else(
    amara: Participant, put: Comparison, phone: Client
) -> None:
    say_things(amara, put)
    page = phone.get("/w/river/you/data/?as=html").content.decode()
    assert "Answer kindly." in page
    assert HOSTILE not in page
    assert not re.search(r"<(link|script|img|form)\b", page)


def test_nobody_elses_answers_are_in_it(
    amara: Participant, bela: Participant, put: Comparison
) -> None:
    say_things(amara, put)
    assert own_answers(bela) == []
    assert "kindly" not in json.dumps(own_data(bela))


def test_one_answer_is_taken_back_after_being_asked_once(
    amara: Participant, put: Comparison, phone: Client
) -> None:
    say_things(amara, put)
    event = Case.objects.get().event_id
    asked = phone.post("/w/river/you/take-back/", {"scope": "answers", "answer": [event]})
    assert "cannot be undone" in asked.content.decode()
    assert Case.objects.exists()
    done = phone.post("/w/river/you/take-back/", fields_of(asked.content.decode()))
    page = phone.get(done["Location"]).content.decode()
    assert not Case.objects.exists()
    assert "1 test that you wrote" in page
    assert phone.get("/w/river/you/answers/").content.decode().count('name="answer"') == 2


def fields_of(page: str) -> dict[str, Any]:
    """The hidden fields of the form that takes back."""
    form = page[page.index('name="scope"') - 40 :]
    fields: dict[str, Any] = {}
    for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form):
        fields.setdefault(name, []).append(value)
    return {name: fields[name] for name in ("scope", "key", "sure", "answer") if name in fields}


def test_an_answer_sent_again_after_it_was_taken_back_stays_away(
    river: Workshop, amara: Participant, put: Comparison, phone: Client
) -> None:
    open_activity(river, "compare")
    sent = Sent("preference", put.pk, {"choice": "left", "rationale": "Because."}, "k", 1)
    device = phone.device  # type: ignore[attr-defined]
    take_answer(device=device, sent=sent)
    event = AnswerEvent.objects.get(key="k")
    take_back(phone, "answers", answer=[event.pk])
    take_answer(device=device, sent=sent)
    event.refresh_from_db()
    assert set(event.body) == {"erased"}
    assert not own_answers(amara)


def take_back(phone: Client, scope: str, **more: Any) -> Any:
    """Take something back, as who is sure does."""
    asked = {"scope": scope, "key": str(uuid.uuid4()), "sure": "1", **more}
    return phone.post("/w/river/you/take-back/", asked)


def test_whoever_leaves_sees_the_receipt_and_nothing_else(
    amara: Participant, put: Comparison, phone: Client
) -> None:
    say_things(amara, put)
    receipt = take_back(phone, "all")["Location"]
    page = phone.get(receipt).content.decode()
    assert "1 choice between answers" in page
    assert "1 vote" in page
    for closed in ("", "you/", "you/answers/", "you/data/"):
        assert phone.get(f"/w/river/{closed}").status_code == 403
    assert receipt in phone.get("/w/river/you/receipts/").content.decode()


def test_the_receipt_opens_with_the_code_on_another_phone(
    amara: Participant, phone: Client
) -> None:
    code = new_return_code(participant=amara)
    receipt = take_back(phone, "all")["Location"]
    other = Client()
    assert other.get(receipt).status_code == 302
    back = other.post("/return/", {"code": code})
    assert back["Location"] == "/w/river/you/receipts/"
    assert other.get(receipt).status_code == 200
    assert other.get("/w/river/").status_code == 403


def test_a_receipt_of_somebody_else_is_not_there(phone: Client, bela: Participant) -> None:
    receipt = take_back(phone_of(bela), "all")["Location"]
    assert phone.get(receipt).status_code == 404


def test_sending_twice_takes_back_once(phone: Client) -> None:
    asked = {"scope": "training", "key": str(uuid.uuid4()), "sure": "1"}
    first = phone.post("/w/river/you/take-back/", asked)
    assert phone.post("/w/river/you/take-back/", asked)["Location"] == first["Location"]
    assert Withdrawal.objects.count() == 1


@pytest.mark.parametrize(("scope", "name"), [("training", "train_models"), ("quotes", "be_quoted")])
def test_what_is_agreed_to_can_end_and_begin_again(
    amara: Participant, phone: Client, scope: str, name: str
) -> None:
    phone.post("/w/river/you/allow/", {"allow": name})
    assert getattr(latest_consent(amara), name)
    take_back(phone, scope)
    assert not getattr(latest_consent(amara), name)
    phone.post("/w/river/you/allow/", {"allow": name})
    assert getattr(latest_consent(amara), name)
    assert Consent.objects.filter(participant=amara).count() == 3


def test_contact_details_are_given_changed_and_removed(amara: Participant, phone: Client) -> None:
    address = "/w/river/you/contact/"
    assert phone.post(address, {"address": "no@"}).status_code == 422
    for given in ("amara@example.org", "+44 20 7946 0000"):
        assert phone.post(address, {"address": given}).status_code == 302
        assert given in phone.get("/w/river/you/").content.decode()
    take_back(phone, "contact")
    assert not ContactDetail.objects.exists()
    assert not latest_consent(amara).be_contacted


def test_who_left_meanwhile_leaves_no_address_behind(amara: Participant) -> None:
    withdraw(participant=amara, scope="all", key=uuid.uuid4())
    with pytest.raises(Withdrawn):
        give_contact(participant=amara, address="amara@example.org")
    assert not ContactDetail.objects.exists()


def test_after_the_day_the_page_says_who_to_write_to(
    river: Workshop, amara: Participant, put: Comparison, phone: Client
) -> None:
    say_things(amara, put)
    over = timezone.localdate() - timedelta(days=2)
    Workshop.objects.update(withdraw_until=over, organiser="Farid, farid@example.org")
    assert "farid@example.org" in phone.get("/w/river/you/take-back/?scope=all").content.decode()
    refused = take_back(phone, "all")
    assert refused.status_code == 422
    assert "farid@example.org" in refused.content.decode()
    assert AnswerEvent.objects.filter(participant=amara, erased_at=None).count() == 4


@pytest.mark.parametrize(
    "sent",
    [
        {"scope": "answers"},
        {"scope": "answers", "answer": ["x"]},
        {"scope": "answers", "answer": ["9" * 40]},
        {"scope": "all", "sure": "1"},
        {"scope": "everything"},
        {},
    ],
)
def test_a_broken_request_takes_nothing_back(phone: Client, sent: dict[str, Any]) -> None:
    assert phone.post("/w/river/you/take-back/", sent).status_code == 302
    assert not Withdrawal.objects.exists()


def test_somebody_elses_answer_cannot_be_named(
    amara: Participant, bela: Participant, put: Comparison
) -> None:
    say_things(amara, put)
    theirs = Case.objects.get().event_id
    assert take_back(phone_of(bela), "answers", answer=[theirs]).status_code == 422
    assert Case.objects.exists()


def test_who_was_never_asked_is_not_quoted(amara: Participant) -> None:
    assert not may_be_quoted(amara)
    assert may_be_quoted(None)
    Participant.objects.filter(pk=amara.pk).update(identity=Participant.Identity.IMPORTED)
    amara.refresh_from_db()
    assert may_be_quoted(amara)


def test_an_answer_of_a_model_that_was_withheld_since_is_shown_to_nobody(
    amara: Participant, put: Comparison, phone: Client
) -> None:
    say_things(amara, put)
    Completion.objects.filter(pk=put.left_id).update(screening="withheld")
    for address in ("answers/", "data/", "data/?as=json"):
        page = phone.get(f"/w/river/you/{address}").content.decode()
        assert put.left.text not in page
        assert put.right.text in page
