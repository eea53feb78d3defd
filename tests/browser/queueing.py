"""What the tests of a phone's queue do on its page: answer, and look at what waits."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from elicitation import access
from elicitation.models import AnswerEvent, Device

ANSWERS = "**/api/w/river/answers/"
ITEMS = ("one", "two", "three", "four", "five", "six", "seven")
SENT = "All sent."


def give_seat(page: Page, site: str, device: Device) -> None:
    """From now on the browser is this device."""
    name = access.seat_cookie(device.participant.workshop.slug)
    seat = {"name": name, "value": access.seat_token(device), "url": site}
    page.context.add_cookies([seat])


def choose(page: Page, words: str, which: str = "The first") -> None:
    """Answer the item that is on the screen, which is this one."""
    expect(item(page, words)).to_be_focused()
    page.get_by_role("button", name=which).click()


def item(page: Page, words: str) -> Locator:
    """The item that is headed so."""
    heading = page.get_by_role("heading", name=words, exact=True)
    return page.locator(".item").filter(has=heading)


def begin(page: Page, words: str, which: str = "The first") -> None:
    """Answer the item that a page begins with."""
    expect(page.get_by_role("heading", name=words, exact=True)).to_be_visible()
    page.get_by_role("button", name=which).click()


def sent(page: Page, count: int) -> None:
    """So many answers have left this page, and it says that none waits."""
    expect(page.locator("#queue")).to_have_attribute("data-delivered", str(count), timeout=20_000)
    expect(status(page)).to_have_text(SENT)


def status(page: Page) -> Locator:
    """The line that says what is sent and what waits."""
    return page.locator("[data-queue=words]")


def stored() -> list[tuple[int, str]]:
    """Each event in the order of arrival: the phone's number, and what was chosen."""
    events = AnswerEvent.objects.order_by("pk").values_list("client_seq", "body")
    return [(number, body["choice"]) for number, body in events]


def waits(page: Page, count: int) -> None:
    """The page says honestly that so many answers wait."""
    expect(status(page)).to_have_text(
        f"Waiting on this phone: {count}. They are sent when there is a connection."
    )


def kept(page: Page) -> None:
    """The service worker has kept this page."""
    page.evaluate(
        """async () => {
          const isKept = async () => (await Promise.all((await caches.keys()).map(async (name) =>
            (await caches.open(name)).match(location.origin + location.pathname)))).some(Boolean);
          while (!(await isKept())) await new Promise((resolve) => setTimeout(resolve, 50));
        }"""
    )
