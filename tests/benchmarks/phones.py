"""What one phone is like: first pages on slow 3G, and some minutes without any connection.

    python -m tests.benchmarks.phones [--minutes-offline 5]

A real Chromium, 390 pixels wide, on a connection of 400 kbit/s with 400 ms of latency each way as
its own tools emulate "slow 3G". Prints when each page could be used, how many bytes came over the
wire, how long one answer held the person up, and how long after the connection came back
everything that was answered meanwhile had been delivered.
"""

import argparse
import os
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, CDPSession, Page, sync_playwright

from tests.benchmarks.hall import SLUG, Hall, hall
from tests.chromium import ARGUMENTS, executable

SLOW_3G = {"offline": False, "latency": 400, "downloadThroughput": 50_000}
SLOW_3G["uploadThroughput"] = 50_000
ANSWERS_OFFLINE = 5


def phone(context: BrowserContext, made: Hall, seat: int) -> Page:
    """A page of somebody who has a seat."""
    address = f"http://127.0.0.1:{made.port}"
    token = made.seats[seat][1]
    context.add_cookies([{"name": f"seat-{SLUG}", "value": token, "url": address}])
    return context.new_page()


def measured(page: Page, tools: CDPSession, address: str, ready: str) -> tuple[float, float, int]:
    """Seconds until words are seen and until they can be tapped, and bytes until all is quiet."""
    received = 0

    def count(event: dict[str, Any]) -> None:
        nonlocal received
        received += int(event["encodedDataLength"])

    tools.on("Network.loadingFinished", count)
    began = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.locator(ready).first.click(trial=True)
    took = time.perf_counter() - began
    page.wait_for_load_state("load")
    seen = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    tools.remove_listener("Network.loadingFinished", count)
    return seen / 1000, took, received


def slow_pages(context: BrowserContext, made: Hall) -> None:
    """The first pages with nothing kept, then an answer."""
    address = f"http://127.0.0.1:{made.port}"
    page = phone(context, made, 0)
    tools = context.new_cdp_session(page)
    tools.send("Network.enable")
    tools.send("Network.emulateNetworkConditions", SLOW_3G)
    pages = (
        ("enter a code", "/join/", "button"),
        ("home", f"/w/{SLUG}/", ".tasks a"),
        ("vote", f"/w/{SLUG}/vote/", "button[name=choice]"),
    )
    for name, path, ready in pages:
        seen, took, size = measured(page, tools, address + path, ready)
        print(f"{name}: seen after {seen:.1f} s, used after {took:.1f} s, {size / 1000:.0f} kB")
    held = []
    for _ in range(5):
        page.wait_for_timeout(600)
        held.append(answer(page))
    print(f"an answer holds the person up for {1000 * max(held):.0f} ms at most, of 5")


def answer(page: Page) -> float:
    """Agree with what is shown; seconds until the next is there."""
    shown = page.locator("section.item:visible")
    item = shown.get_attribute("data-item")
    began = time.perf_counter()
    shown.locator("button[name=choice][value='1']").click()
    page.locator(f"section.item:visible:not([data-item='{item}'])").wait_for()
    return time.perf_counter() - began


def without_connection(context: BrowserContext, made: Hall, minutes: float) -> None:
    """Answer, lose the connection, answer on, wait, and count when all is delivered."""
    page = phone(context, made, 1)
    page.goto(f"http://127.0.0.1:{made.port}/w/{SLUG}/vote/")
    queue = page.locator("#queue")
    page.wait_for_timeout(1500)
    context.set_offline(True)
    given = 0
    for _ in range(ANSWERS_OFFLINE):
        if page.locator("section.item:visible").count() == 0:
            break
        page.locator("section.item:visible button[name=choice][value='1']").click()
        page.wait_for_timeout(800)
        given += 1
    page.wait_for_timeout(60_000 * minutes)
    context.set_offline(False)
    began = time.perf_counter()
    page.locator(f"#queue[data-delivered='{given}']").wait_for(state="attached", timeout=60_000)
    took = time.perf_counter() - began
    print(
        f"{minutes:g} minutes offline: {given} answers delivered {took:.1f} s after the connection "
        f"came back; waiting now: {queue.get_attribute('data-waiting') or 0}"
    )


def main() -> None:
    """Serve a hall and open it in a browser."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--minutes-offline", type=float, default=5)
    asked = parser.parse_args()
    os.environ.pop("DATABASE_URL", None)
    with (
        tempfile.TemporaryDirectory(prefix="folkmoot-phones-") as folder,
        hall(Path(folder), 2, 50) as made,
        sync_playwright() as playwright,
    ):
        chromium = playwright.chromium.launch(executable_path=executable(), args=ARGUMENTS)
        for measure in (slow_pages, lambda c, m: without_connection(c, m, asked.minutes_offline)):
            context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
            measure(context, made)
            context.close()
        chromium.close()


if __name__ == "__main__":
    main()
