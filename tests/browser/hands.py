"""People who take part on their own phones, by taps or by the keyboard alone, in any language."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Literal

from django.utils import translation
from django.utils.translation import gettext
from playwright.sync_api import Browser, Error, Locator, Page, expect

from tests.browser.conftest import PHONE, overflow

MOST_TABS = 90
Role = Literal["button", "link", "checkbox", "textbox"]
ALL_SENT = 30_000


@dataclass(eq=False)
class Person:
    """Somebody with a phone. by: "taps" or "keys", with which Tab has to reach everything."""

    page: Page
    language: str = "en"
    by: str = "taps"

    def word(self, english: str) -> str:
        """What the pages say for this, in the person's language."""
        with translation.override(self.language):
            return gettext(english)

    def find(self, role: Role, english: str, exact: bool = True) -> Locator:
        """What is on the screen under this name."""
        return self.page.get_by_role(role, name=self.word(english), exact=exact).first

    def use(self, found: Locator, key: str = "Enter") -> None:
        """Tap it; or go there with Tab and press a key."""
        expect(found).to_be_visible()
        if self.by == "taps":
            found.tap()
            return
        self.reach(found)
        self.page.keyboard.press(key)

    def reach(self, found: Locator) -> None:
        """Press Tab until it has the focus, which can be seen there."""
        for _ in range(MOST_TABS):
            if has_focus(found):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab does not reach {found}.")

    def press(self, english: str, exact: bool = True) -> None:
        """Use a button."""
        self.use(self.find("button", english, exact))

    def follow(self, english: str) -> None:
        """Use a link, whose name may go on."""
        self.use(self.find("link", english, exact=False))

    def tick(self, english: str) -> None:
        """Tick a box."""
        self.use(self.find("checkbox", english), "Space")

    def write(self, english: str, text: str) -> None:
        """Write into a box."""
        box = self.find("textbox", english)
        expect(box).to_be_visible()
        if self.by == "taps":
            box.tap()
        else:
            self.reach(box)
        self.page.keyboard.insert_text(text)

    def choose_grade(self, english: str, grade: int) -> None:
        """Choose a grade of one criterion: by its label, or with the arrow keys."""
        group = self.page.get_by_role("group", name=self.word(english))
        if self.by == "taps":
            group.locator("label").nth(grade - 1).tap()
            return
        self.reach(group.get_by_role("radio").last)
        for _ in range(grade):
            self.page.keyboard.press("ArrowDown")
        expect(group.get_by_role("radio").nth(grade - 1)).to_be_checked()

    def sees(self, english: str) -> None:
        """These words are on the screen."""
        expect(self.page.get_by_text(self.word(english)).first).to_be_visible()

    def answers(self, english: str) -> None:
        """Use a button of the item on the screen, which then makes place for another."""
        shown = self.page.locator(".item").get_attribute("data-item")
        self.press(english)
        expect(self.page.locator(f'[data-items] > [data-item="{shown}"]')).to_have_count(0)

    def all_is_sent(self) -> None:
        """The phone holds nothing back."""
        expect(self.page.locator("#queue")).to_have_attribute("data-waits", "0", timeout=ALL_SENT)
        assert overflow(self.page) == 0

    def goes_home(self) -> None:
        """To the list of what there is to do."""
        self.use(self.page.locator("header a.wordmark"))
        expect(self.page.locator("ul.tasks").first).to_be_visible()


def has_focus(found: Locator) -> bool:
    """Whether the keyboard acts on this now; no, where the page renews itself in this moment."""
    with suppress(Error):
        return bool(found.evaluate("one => one === document.activeElement"))
    return False


@contextmanager
def phone_of(
    browser: Browser, site: str, language: str = "en", by: str = "taps"
) -> Iterator[Person]:
    """A new phone; every error of a script on it fails the test."""
    context = browser.new_context(
        base_url=site,
        viewport={"width": PHONE, "height": 844},
        has_touch=by == "taps",
        locale=language,
    )
    context.set_default_timeout(15_000)
    page, faults = context.new_page(), list[str]()
    page.on("pageerror", lambda error: faults.append(str(error)))
    try:
        yield Person(page, language, by)
    finally:
        context.close()
    assert faults == []
