"""Phones learn of what is new, and keep pages for when the server cannot be reached."""

import time

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db.models import F
from playwright.sync_api import expect

from deliberation.views import phone as vote_page
from elicitation.models import Device, Participant, Stage, Workshop
from elicitation.views import phone
from tests.browser.conftest import PHONE, overflow
from tests.browser.queueing import give_seat, kept
from tests.deliberation.statements import state
from tests.phones import device_of, open_activity

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize("page", [PHONE], indirect=True),
]


@pytest.fixture
def device(page, site, amara: Participant) -> Device:
    """Amara's phone; there are three statements to vote on."""
    activity = open_activity(amara.workshop, "vote")
    for number in range(3):
        state(activity, f"It should listen {number} times.")
    device = device_of(amara)
    give_seat(page, site, device)
    return device


def something_changes() -> None:
    """What every action of a facilitator does."""
    Workshop.objects.update(pulse=F("pulse") + 1)


def test_the_list_of_what_there_is_to_do_renews_itself(page, device) -> None:
    Stage.objects.update(status=Stage.Status.WAITING)
    page.goto("/w/river/")
    expect(page.get_by_text("Nothing to do right now.")).to_be_visible()
    Stage.objects.update(status=Stage.Status.OPEN)
    something_changes()
    expect(page.get_by_text("Vote on what others said")).to_be_visible()


def test_nobodys_item_is_taken_from_under_their_thumb(page, device) -> None:
    page.goto("/w/river/vote/")
    item = page.locator(".item").get_attribute("data-item")
    something_changes()
    expect(page.get_by_text("There is something new.")).to_be_visible()
    assert page.locator(".item").get_attribute("data-item") == item
    page.get_by_role("link", name="Show it").click()
    expect(page.get_by_text("There is something new.")).to_be_hidden()


def test_who_goes_by_keyboard_keeps_their_place(page, device) -> None:
    page.goto("/w/river/")
    link = page.get_by_role("link", name="What is yours")
    link.focus()
    something_changes()
    expect(page.get_by_text("There is something new.")).to_be_visible()
    expect(link).to_be_focused()


def test_a_page_that_renews_itself_does_not_undo_a_tap(page, device, monkeypatch) -> None:
    page.goto("/w/river/")
    told = vote_page.standing_of

    def slowly(*asked):
        time.sleep(3.5)
        return told(*asked)

    monkeypatch.setattr(vote_page, "standing_of", slowly)
    something_changes()
    page.get_by_role("link", name="Vote on what others said").click()
    expect(page.locator(".item")).to_be_visible(timeout=15_000)
    expect(page).to_have_url("/w/river/vote/")


def test_who_is_done_sees_the_next_statement_by_itself(page, device) -> None:
    page.goto("/w/river/vote/")
    for number in range(3):
        expect(page.locator(".item")).to_contain_text(f"{number + 1} of 3")
        page.get_by_role("button", name="Agree", exact=True).click()
    expect(page.get_by_text("You have voted on all that you are asked for")).to_be_visible()
    state(Stage.objects.get().activities.get(), "It should ask back.")
    something_changes()
    expect(page.get_by_text("It should ask back.")).to_be_visible()


def test_a_server_in_trouble_leaves_the_page_that_was_kept(page, device, monkeypatch) -> None:
    page.goto("/w/river/")
    kept(page)

    def broken(participant: Participant) -> None:
        raise RuntimeError("The database is being restarted.")

    monkeypatch.setattr(phone, "tasks_of", broken)
    page.reload()
    expect(page.get_by_text("You see what this phone kept.")).to_be_visible()
    expect(page.get_by_text("Vote on what others said")).to_be_visible()


def test_what_was_not_kept_leads_to_what_there_is_to_do(page, device) -> None:
    page.goto("/w/river/")
    kept(page)
    page.context.set_offline(True)
    page.goto("/w/river/vote/")
    expect(page).to_have_url("/w/river/")
    expect(page.get_by_text("You see what this phone kept.")).to_be_visible()


def test_a_code_and_what_is_ones_own_are_not_kept(page, device) -> None:
    page.goto("/w/river/")
    kept(page)
    for address in ("/w/river/code/", "/w/river/you/", "/w/river/support/"):
        page.goto(address)
    page.goto("/w/river/vote/")
    kept(page)
    listed = """async () => {
      const opened = await Promise.all((await caches.keys()).map((name) => caches.open(name)));
      const held = await Promise.all(opened.map((one) => one.keys()));
      return held.flat().map((one) => new URL(one.url).pathname);
    }"""
    pages = sorted(path for path in page.evaluate(listed) if path.startswith("/w/"))
    assert pages == ["/w/river/", "/w/river/vote/"]


def test_another_seat_finds_nothing_of_the_one_before(page, device, site, bela) -> None:
    page.goto("/w/river/vote/")
    kept(page)
    give_seat(page, site, device_of(bela))
    page.goto("/w/river/")
    kept(page)
    page.context.set_offline(True)
    page.goto("/w/river/vote/")
    expect(page).to_have_url("/w/river/")
    expect(page.get_by_text("bela")).to_be_visible()


def test_what_the_queue_says_can_be_read_by_everyone(page, device, snap) -> None:
    page.goto("/w/river/vote/")
    page.get_by_role("button", name="Agree", exact=True).click()
    expect(page.locator("[data-queue=words]")).to_have_text("All sent.")
    page.evaluate("document.querySelectorAll('section[data-queue]').forEach(o => o.hidden = false)")
    page.evaluate(
        """() => { const { person, seat } = document.getElementById("queue").dataset;
        return folkmoot.store.add({ key: "1", person, seat, kind: "vote", target: 1,
          body: { why: "two words" }, refused: "It is closed." }, 0); }"""
    )
    page.get_by_role("button", name="Change the last one").click()
    expect(page.get_by_role("alert")).to_have_text("It is closed.")
    snap("queue")
    found = Axe().run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found] == []
    assert overflow(page) == 0
