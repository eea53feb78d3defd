"""A phone's queue and a server that refuses, fails, or is not the one that it should be."""

import json

import pytest
from playwright.sync_api import Route, expect

from elicitation.api import taking_part
from elicitation.models import AnswerEvent, Stage
from tests.browser.conftest import PHONE
from tests.browser.queueing import (
    ANSWERS,
    begin,
    choose,
    item,
    sent,
    stored,
    waits,
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize("page", [PHONE], indirect=True),
]


def test_a_server_in_trouble_gets_the_answers_when_it_is_well(page, device, monkeypatch) -> None:
    take = taking_part.record_answers
    ill = {"server": True}

    def sometimes(device, answers):
        if ill["server"]:
            raise RuntimeError("The disk is full.")
        return take(device, answers)

    monkeypatch.setattr(taking_part, "record_answers", sometimes)
    begin(page, "one")
    choose(page, "two", "The second")
    waits(page, 2)
    ill["server"] = False
    sent(page, 2)
    assert stored() == [(1, "left"), (2, "right")]


@pytest.mark.parametrize(
    "answered",
    [
        {"status": 502, "content_type": "text/html", "body": "<h1>Bad gateway</h1>"},
        {"status": 200, "content_type": "text/html", "body": "<h1>Sign in to the Wi-Fi</h1>"},
        {"status": 200, "content_type": "application/json", "body": '{"outcomes": []}'},
    ],
)
def test_what_a_proxy_answers_is_not_taken_for_the_server(page, device, answered) -> None:
    page.route(ANSWERS, lambda route: route.fulfill(**answered))
    begin(page, "one")
    waits(page, 1)
    page.unroute(ANSWERS)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    sent(page, 1)
    assert stored() == [(1, "left")]


def test_answers_whose_receipt_was_lost_are_stored_once(page, device) -> None:
    tries = []

    def receipt_is_lost(route: Route) -> None:
        tries.append(json.loads(route.request.post_data or "")["answers"])
        if len(tries) > 3:
            return route.continue_()
        route.fetch()
        return route.abort()

    page.route(ANSWERS, receipt_is_lost)
    begin(page, "one")
    choose(page, "two")
    sent(page, 2)
    assert len(tries) > 3
    assert stored() == [(1, "left"), (2, "left")]


def test_a_refused_answer_is_shown_with_its_reason_and_words_until_dismissed(page, device) -> None:
    Stage.objects.update(status=Stage.Status.CLOSED)
    page.get_by_label("Why").fill("It asks back.")
    begin(page, "one")
    expect(page.get_by_role("alert")).to_contain_text("is not open")
    page.reload()
    expect(page.get_by_role("textbox", name="What you wrote")).to_have_value("It asks back.")
    page.get_by_role("button", name="I have seen this").click()
    expect(page.get_by_role("alert")).to_have_count(0)
    page.reload()
    expect(page.locator("#queue")).to_have_attribute("data-refused", "0")


def test_a_phone_whose_numbers_were_used_goes_on_from_the_servers(page, device) -> None:
    begin(page, "one")
    sent(page, 1)
    AnswerEvent.objects.update(client_seq=2)
    choose(page, "two")
    sent(page, 2)
    assert stored() == [(2, "left"), (3, "left")]


def test_an_answer_that_the_server_fails_at_lets_others_go(page, device, comparisons, monkeypatch):
    take = taking_part.record_answers

    def fails_at_the_first(device, answers):
        if comparisons[0].pk in [one.target for one in answers]:
            raise RuntimeError("Nobody expected this answer.")
        return take(device, answers)

    monkeypatch.setattr(taking_part, "record_answers", fails_at_the_first)
    begin(page, "one")
    choose(page, "two", "The second")
    for _ in range(6):
        with page.expect_response("**/api/w/river/answers/"):
            page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(page.locator("#queue")).to_have_attribute("data-delivered", "1", timeout=20_000)
    waits(page, 1)
    assert stored() == [(2, "right")]


@pytest.mark.parametrize(("wrong", "field"), [(400, "answers[#].body"), (400, ""), (413, "")])
def test_an_answer_that_cannot_be_read_is_given_back(page, device, wrong, field) -> None:
    def is_wrong(route: Route) -> None:
        answers = json.loads(route.request.post_data or "")["answers"]
        texts = [one["body"].get("rationale") for one in answers]
        if "too much" not in texts:
            return route.continue_()
        said = {"error": "This is too much.", "code": "no", "field": ""}
        said["field"] = field.replace("#", str(texts.index("too much")))
        return route.fulfill(status=wrong, json=said)

    page.context.set_offline(True)
    begin(page, "one")
    expect(item(page, "two")).to_be_focused()
    page.get_by_label("Why").fill("too much")
    begin(page, "two")
    choose(page, "three")
    page.route(ANSWERS, is_wrong)
    page.context.set_offline(False)
    sent(page, 2)
    expect(page.get_by_role("alert")).to_have_text("This is too much.")
    assert [number for number, _ in stored()] == [1, 3]


def test_a_proxy_that_lets_little_through_gets_fewer_at_once(page, device) -> None:
    sizes = []

    def is_small(route: Route) -> None:
        sizes.append(len(json.loads(route.request.post_data or "")["answers"]))
        if sizes[-1] > 1:
            return route.fulfill(status=413, body="<html>413 Request Entity Too Large</html>")
        return route.continue_()

    page.context.set_offline(True)
    begin(page, "one")
    choose(page, "two")
    page.route(ANSWERS, is_small)
    page.context.set_offline(False)
    sent(page, 2)
    assert max(sizes) == 2
    assert [number for number, _ in stored()] == [1, 2]
