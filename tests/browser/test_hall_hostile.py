"""Hostile words in a real browser: shown, and nothing becomes of them, whatever a script does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.urls import reverse
from playwright.sync_api import Dialog, Page, expect

from deliberation.models import Statement
from elicitation.kernel.charts import svg
from elicitation.models import Participant, Stage, User
from policy.models import Analysis
from tests.browser.conftest import PHONE
from tests.browser.queueing import give_seat
from tests.browser.test_every_phone_page import addresses
from tests.everything import everything
from tests.hostile import PAYLOADS, Saying
from tests.phones import device_of
from tests.test_permissions import TABLE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
on_a_phone = pytest.mark.parametrize("page", [PHONE], indirect=True)
MADE = """() => [...document.querySelectorAll("*")].filter((one) =>
  one.localName.includes("x-mark") || one.getAttributeNames().some((name) =>
    name.includes("x-mark") || name.startsWith("on") || name === "style" || name === "srcdoc")
  || /^(base|iframe|object|embed|frameset|plaintext|style)$/.test(one.localName)
  || ["href", "src"].some((name) =>
    /^\\s*(javascript|data:text|\\/\\/)/i.test(one.getAttribute(name))))
  .map((one) => one.outerHTML.slice(0, 100)).concat(window.xmark ? ["a script ran"] : [])"""
SLUG_PAGES = [
    *("meeting", "moderation", "statements", "prompts", "people", "analyses", "integrity"),
    *("workshop-settings", "sheet", "screen", "workshop"),
]


@pytest.fixture
def quiet(page: Page) -> Iterator[Page]:
    """A page on which no dialog ever opens."""
    opened: list[str] = []

    def close(dialog: Dialog) -> None:
        opened.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", close)
    yield page
    assert opened == []


@pytest.fixture
def phone(quiet: Page, site: str, amara: Participant, farid: User) -> Page:
    """Amara's phone, in a workshop in which everything is hostile."""
    everything(amara, farid, Saying(0))
    give_seat(quiet, site, device_of(amara))
    return quiet


def made(page: Page) -> list[str]:
    """What is in the page as it stands now that nobody of us put there."""
    return list(page.evaluate(MADE))


@on_a_phone
def test_nothing_runs_on_a_phone(phone: Page) -> None:
    for address in addresses():
        phone.goto(address)
        assert (address, made(phone)) == (address, [])


def test_nothing_runs_on_a_desk(phone: Page, farid: User, sign_in) -> None:
    sign_in(farid)
    for name in SLUG_PAGES:
        assert name in {row.page for row in TABLE}
        phone.goto(reverse(name, args=["river"]))
        assert (name, made(phone)) == (name, [])
    for state in ("cleared", "waiting"):
        phone.goto(f"/workshops/river/screening/?show=1&state={state}")
        assert made(phone) == []


def test_what_the_wall_fetches_by_itself_is_not_markup_either(
    phone: Page, amara: Participant, farid: User, sign_in
) -> None:
    sign_in(farid)
    phone.goto(reverse("screen", args=["river"]))
    with phone.expect_response("**/screen/now/**") as answered:
        pass
    assert answered.value.ok
    phone.wait_for_timeout(300)
    assert made(phone) == []


def test_a_drawing_with_hostile_names_is_a_drawing(phone: Page, farid: User, sign_in) -> None:
    values = [{"name": payload, "n": 1} for payload in PAYLOADS if payload.isprintable()]
    axes = {
        "x": {"field": "n", "type": "quantitative"},
        "y": {"field": "name", "type": "nominal", "axis": {"labelLimit": 1000}},
    }
    spec = {"data": {"values": values}, "mark": "bar", "encoding": axes}
    drawn = svg(spec, title=PAYLOADS[0], description=PAYLOADS[1])
    Analysis.objects.update(charts=dict.fromkeys(("statements", "preferences"), drawn))
    sign_in(farid)
    phone.goto(Analysis.objects.get().get_absolute_url())
    expect(phone.locator("svg text", has_text="onerror").first).to_be_attached()
    assert made(phone) == []


def hostile_text(words: int = 12) -> str:
    """A handful of the payloads that a box keeps as they are."""
    return " ".join(payload for payload in PAYLOADS[:words])


@on_a_phone
def test_a_refused_answer_shows_hostile_words_to_copy(phone: Page) -> None:
    phone.goto("/w/river/cases/")
    phone.get_by_label("When someone asks …").fill(hostile_text())
    phone.get_by_label("… it should …").fill("x y")
    Stage.objects.update(status=Stage.Status.CLOSED)
    phone.get_by_role("button", name="Save this test").tap()
    box = phone.get_by_role("textbox", name="What you wrote")
    expect(box).to_have_value(f"{hostile_text()}\n\nx y", timeout=15_000)
    assert made(phone) == []


@on_a_phone
def test_a_phone_that_lost_its_seat_shows_them_too(phone: Page) -> None:
    phone.goto("/w/river/cases/")
    phone.get_by_label("When someone asks …").fill(hostile_text())
    phone.get_by_label("… it should …").fill("x y")
    phone.context.clear_cookies()
    phone.get_by_role("button", name="Save this test").tap()
    box = phone.get_by_role("textbox", name="What you wrote")
    expect(box).to_have_value(f"{hostile_text()}\nx y", timeout=15_000)
    assert made(phone) == []


@on_a_phone
def test_a_marked_passage_stays_words(phone: Page) -> None:
    phone.goto("/w/river/compare/")
    phone.evaluate(
        """() => { document.querySelectorAll(".item details").forEach((one) => one.open = true);
        getSelection().selectAllChildren(document.querySelector(".item [data-side=left]")); }"""
    )
    phone.get_by_role("button", name="This decided it").tap()
    expect(phone.locator("[data-side=left] mark").first).to_be_attached()
    assert made(phone) == []


@on_a_phone
def test_what_others_said_alike_stays_words(phone: Page) -> None:
    theirs = Statement.objects.filter(author=None, moderation="in", stage__isnull=False)
    phone.goto("/w/river/say/")
    phone.get_by_label("… it should …").fill(theirs[0].text[:200])
    expect(phone.get_by_role("heading", name="Is it one of these?")).to_be_visible()
    assert made(phone) == []


def test_what_is_made_would_be_seen(phone: Page) -> None:
    phone.goto("/join/")
    for payload in ("<x-mark>", "<p onclick=x>", "<a href=javascript:x>", "<iframe>"):
        words = f"document.body.insertAdjacentHTML('beforeend', `{payload}`)"
        phone.evaluate(words)
        assert made(phone)
        phone.reload()
