"""A real Chromium over the live server, at a phone's and at a laptop's width.

    @pytest.mark.parametrize("page", WIDTHS, indirect=True)
    def test_…(page, site, sign_in, farid): …

`page` is 1280 wide unless it is parametrized. SCREENSHOTS=folder keeps what `snap("name")` takes.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from elicitation.models import Comparison, Device, Participant, User
from tests.browser.queueing import ITEMS, give_seat
from tests.chromium import ARGUMENTS, executable
from tests.elicitation.test_answers import compare
from tests.phones import device_of
from tests.racing import racing_database  # noqa: F401

PHONE, LAPTOP = 390, 1280
HEIGHT = {PHONE: 844, LAPTOP: 800}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the whole run. Missing: skipped with a reason; in CI a failure."""
    path = executable()
    if path is None:
        missing = "No Chromium on this machine: install it, or name one in CHROMIUM."
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(missing)
    # Playwright's own loop runs in this thread; Django would take it for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=ARGUMENTS, headless=True)
        yield chromium
        chromium.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def site(racing_database: None) -> Iterator[str]:  # noqa: F811
    """The address of the pages under test, over tables that the server's threads can share.

    Pages ask for news while a test writes; threads on one SQLite connection would mix the two.
    """
    server = LiveServer("localhost")
    yield str(server.url)
    server.stop()


@pytest.fixture
def page(browser: Browser, site: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A fresh page whose addresses are relative to the site; fails on any script error.

    What the page asks of any other host is refused, and fails the test too.
    """
    width = getattr(request, "param", LAPTOP)
    viewport = {"width": width, "height": HEIGHT.get(width, 800)}
    context = browser.new_context(base_url=site, viewport=viewport, has_touch=width < 600)
    context.set_default_timeout(10_000)
    faults: list[str] = []

    def only_this_site(route, asked) -> None:
        if asked.url.startswith((site, "data:", "blob:")):
            return route.continue_()
        faults.append(f"asked for {asked.url}")
        return route.abort()

    context.route("**/*", only_this_site)
    opened = context.new_page()
    opened.on("pageerror", lambda error: faults.append(f"script error: {error}"))
    opened.on("console", lambda said: faults.append(said.text) if is_refusal(said.text) else None)
    yield opened
    context.close()
    assert not faults, faults


def is_refusal(text: str) -> bool:
    """Whether the browser says that the page broke its own content security policy."""
    return "Content Security Policy" in text


@pytest.fixture
def sign_in(page: Page, site: str) -> Callable[[User], None]:
    """Give the browser a user's session, without the sign-in form."""

    def with_session(user: User) -> None:
        client = Client()
        client.force_login(user)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": site}])

    return with_session


@pytest.fixture
def snap(page: Page, request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Keep a screenshot of the whole page, named with its width, where SCREENSHOTS says."""
    folder = os.environ.get("SCREENSHOTS")

    def keep(name: str) -> None:
        if folder:
            width = page.viewport_size["width"] if page.viewport_size else LAPTOP
            path = Path(folder) / f"{name}-{width}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=path, full_page=True)

    return keep


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than its window; 0 when it fits."""
    return int(
        page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    )


@pytest.fixture
def comparisons(amara: Participant, settings) -> list[Comparison]:
    """Seven things to answer, on a page of the tests' own."""
    settings.ROOT_URLCONF = "tests.browser.practice"
    return [compare(amara, amara.workshop.stages.get(), words) for words in ITEMS]


@pytest.fixture
def device(page: Page, site: str, amara: Participant, comparisons) -> Device:
    """Amara's phone, which has opened the page."""
    device = device_of(amara)
    give_seat(page, site, device)
    page.goto("/w/river/practice/")
    return device
