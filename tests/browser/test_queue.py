"""A phone's queue in a real browser: nothing lost, nothing twice, and honest about what waits."""

import pytest
from playwright.sync_api import Page, expect

from elicitation.models import AnswerEvent, Participant, Preference
from tests.browser.conftest import PHONE
from tests.browser.queueing import (
    ANSWERS,
    ITEMS,
    SENT,
    begin,
    choose,
    give_seat,
    item,
    kept,
    sent,
    status,
    stored,
    waits,
)
from tests.phones import device_of

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize("page", [PHONE], indirect=True),
]


def at_the_same_phone(page: Page, site: str, participant: Participant) -> Page:
    """The next page of this browser, in which this person has the seat; the one before is gone."""
    page.close()
    give_seat(page, site, device_of(participant))
    opened = page.context.new_page()
    opened.goto("/w/river/")
    return opened


def test_answers_are_sent_one_after_another_while_people_go_on(page, device) -> None:
    begin(page, "one")
    for words in ITEMS[1:]:
        choose(page, words, "The second")
    expect(page.get_by_role("heading", name="Nothing left")).to_be_visible()
    sent(page, 7)
    assert stored() == [(1, "left"), *((n, "right") for n in range(2, 8))]
    assert {event.device_id for event in AnswerEvent.objects.all()} == {device.pk}


def test_without_a_connection_answers_wait_and_then_arrive_once_and_in_order(page, device) -> None:
    page.context.set_offline(True)
    begin(page, "one")
    choose(page, "two", "The second")
    choose(page, "three")
    waits(page, 3)
    expect(page.get_by_role("heading", name="No connection")).to_be_visible()
    assert stored() == []
    page.context.set_offline(False)
    sent(page, 3)
    assert stored() == [(1, "left"), (2, "right"), (3, "left")]


def test_a_page_loaded_again_without_a_connection_goes_on_where_it_was(page, device) -> None:
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    expect(page.locator("body")).to_have_attribute("data-seat", str(device.pk))
    kept(page)
    page.context.set_offline(True)
    begin(page, "one")
    waits(page, 1)
    page.reload()
    expect(page.get_by_text("You see what this phone kept")).to_be_visible()
    choose(page, "two", "The second")
    waits(page, 2)
    page.context.set_offline(False)
    sent(page, 2)
    assert stored() == [(1, "left"), (2, "right")]


def test_a_tab_that_was_closed_before_sending_sends_when_it_is_opened_again(page, device) -> None:
    page.context.set_offline(True)
    begin(page, "one")
    waits(page, 1)
    page.close()
    page.context.set_offline(False)
    again = page.context.new_page()
    again.goto("/w/river/")
    expect(status(again)).to_have_text(SENT)
    assert stored() == [(1, "left")]
    again.close()


def test_an_answer_can_be_changed_at_once_and_both_stay_in_the_history(page, device) -> None:
    begin(page, "one")
    expect(item(page, "two")).to_be_focused()
    page.get_by_role("button", name="Change the last one").click()
    chosen = page.get_by_role("button", name="The first")
    expect(chosen).to_have_attribute("aria-pressed", "true")
    choose(page, "one", "The second")
    expect(item(page, "two")).to_be_focused()
    sent(page, 2)
    assert stored() == [(1, "left"), (2, "right")]
    assert Preference.objects.get().choice == "right"


def test_two_tabs_send_each_answer_once_and_count_together(page, device) -> None:
    other = page.context.new_page()
    other.goto("/w/river/practice/")
    page.context.set_offline(True)
    begin(page, "one")
    choose(page, "two")
    begin(other, "one", "The second")
    waits(page, 3)
    waits(other, 3)
    page.context.set_offline(False)
    expect(status(page)).to_have_text(SENT)
    expect(status(other)).to_have_text(SENT)
    assert sorted(stored()) == [(1, "left"), (2, "left"), (3, "right")]
    other.close()


def test_without_locks_a_lease_lets_one_tab_send(page, device) -> None:
    page.add_init_script("Object.defineProperty(navigator, 'locks', {value: undefined})")
    page.reload()
    begin(page, "one")
    choose(page, "two")
    sent(page, 2)
    assert stored() == [(1, "left"), (2, "left")]


def test_who_comes_back_by_code_sends_what_the_old_seat_had_kept(page, device, site, amara) -> None:
    page.route(ANSWERS, lambda route: route.abort())
    begin(page, "one")
    waits(page, 1)
    sent(at_the_same_phone(page, site, amara), 1)
    assert AnswerEvent.objects.get().device_id != device.pk


def test_a_phone_that_lost_its_seat_keeps_its_answers_and_says_so(page, device) -> None:
    page.context.clear_cookies()
    page.get_by_label("Why").fill("It asks back.")
    begin(page, "one")
    expect(page.get_by_role("heading", name="not known here any more")).to_be_visible()
    expect(page.get_by_role("textbox", name="What you wrote")).to_have_value("It asks back.")
    assert stored() == []


def test_another_person_at_the_same_phone_does_not_send_them(page, device, site, bela) -> None:
    page.route(ANSWERS, lambda route: route.abort())
    begin(page, "one")
    waits(page, 1)
    opened = at_the_same_phone(page, site, bela)
    expect(opened.locator("#queue")).to_have_attribute("data-waits", "0")
    assert stored() == []


def test_a_page_left_open_does_not_send_as_who_has_the_seat_now(page, device, site, bela) -> None:
    give_seat(page, site, device_of(bela))
    begin(page, "one")
    expect(page.get_by_role("heading", name="not known here any more")).to_be_visible()
    assert stored() == []


@pytest.mark.parametrize("hours", [-24, 24])
def test_a_clock_that_is_wrong_changes_nothing(page, device, hours) -> None:
    page.context.clock.install()
    page.add_init_script(f"Date.now = ((now) => () => now() + {hours} * 3600000)(Date.now)")
    page.reload()
    page.context.clock.resume()
    begin(page, "one")
    choose(page, "two", "The second")
    sent(page, 2)
    assert stored() == [(1, "left"), (2, "right")]


def test_without_a_script_the_form_does_the_same(browser, page, device, site) -> None:
    plain = browser.new_context(base_url=site, java_script_enabled=False)
    plain.add_cookies(page.context.cookies())
    opened = plain.new_page()
    opened.goto("/w/river/practice/")
    opened.get_by_role("button", name="The second").click()
    expect(opened.get_by_role("heading", name="two")).to_be_visible()
    assert stored() == [(None, "right")]
    plain.close()


def test_stopping_forgets_what_this_phone_kept(page, device) -> None:
    begin(page, "one")
    sent(page, 1)
    kept(page)
    page.goto("/w/river/support/")
    page.get_by_role("button", name="Stop, and forget this phone").click()
    expect(page.get_by_role("heading", name="You have stopped")).to_be_visible()
    names = page.evaluate("caches.keys()")
    assert [name for name in names if "pages" in name] == []


def test_stopping_with_answers_on_the_way_asks_once_more(page, device) -> None:
    page.route(ANSWERS, lambda route: route.abort())
    begin(page, "one")
    waits(page, 1)
    page.goto("/w/river/support/")
    page.route(ANSWERS, lambda route: route.abort())
    stop = page.get_by_role("button", name="Stop, and forget this phone")
    stop.click()
    expect(page.get_by_role("heading", name="Some answers are not sent yet")).to_be_visible()
    stop.click()
    expect(page.get_by_role("heading", name="You have stopped")).to_be_visible()
    assert stored() == []
