"""Votes, statements and rules on phones in a real browser: by keyboard, offline, right to left."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from deliberation.models import Statement, StatementTranslation, Vote
from deliberation.services.revealing import open_round, reveal
from elicitation.models import Activity, Participant, Stage, User
from policy.models import Endorsement
from policy.ratifying import open_ratification
from tests.browser.conftest import PHONE, overflow
from tests.browser.test_queue import SENT, give_seat
from tests.deliberation.statements import people, state, vote
from tests.line import make_version
from tests.phones import device_of, open_activity

SMALL = 320
pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize("page", [PHONE], indirect=True),
]


@pytest.fixture
def voting(amara: Participant, page: Page, site: str) -> Activity:
    """A vote on four statements, beside a part in which people write; Amara holds the phone."""
    open_activity(amara.workshop, "propose", position=1)
    activity = open_activity(amara.workshop, "vote")
    for number in range(4):
        state(activity, f"It should do {number}.", why="People need it.")
    give_seat(page, site, device_of(amara))
    return activity


def test_somebody_votes_by_keyboard_alone(page: Page, voting: Activity) -> None:
    page.goto("/w/river/vote/")
    for _ in range(4):
        expect(page.locator(".item")).to_have_count(1)
        page.get_by_role("button", name="Agree", exact=True).focus()
        page.keyboard.press("Tab")
        shown = page.locator(".item").get_attribute("data-item")
        page.keyboard.press("Enter")
        expect(page.locator(f'[data-item="{shown}"]')).to_have_count(0)
    expect(page.get_by_text("You have voted on all that you are asked for")).to_be_visible()
    expect(page.get_by_text(SENT)).to_be_visible()
    assert list(Vote.objects.values_list("choice", flat=True)) == [-1] * 4


def test_votes_without_a_connection_are_sent_when_it_is_back(page: Page, voting: Activity) -> None:
    page.goto("/w/river/vote/")
    page.context.set_offline(True)
    for _ in range(4):
        shown = page.locator(".item").get_attribute("data-item")
        page.get_by_role("button", name="Agree", exact=True).click()
        expect(page.locator(f'[data-item="{shown}"]')).to_have_count(0)
    page.context.set_offline(False)
    expect(page.get_by_text(SENT)).to_be_visible(timeout=20_000)
    assert Vote.objects.filter(choice=1, event__body__round=1).count() == 4


def test_tips_come_while_somebody_writes_and_the_statement_is_kept(
    page: Page, voting: Activity
) -> None:
    state(voting, "It should never recommend one brand of pesticide.")
    page.goto("/w/river/say/")
    page.get_by_label("… it should …").fill("be kind and not recommend one brand of pesticide")
    expect(page.get_by_text("This may be two thoughts.")).to_be_visible()
    expect(page.get_by_role("heading", name="Is it one of these?")).to_be_visible()
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", name="What I wrote")).to_be_visible()
    assert Statement.objects.filter(moderation="unreviewed").count() == 1


def test_every_page_is_accessible_and_fits_small_phones_in_both_directions(
    page: Page, voting: Activity, farid: User, amara: Participant, site: str, snap
) -> None:
    statement = Statement.objects.order_by("pk")[0]
    StatementTranslation.objects.create(
        statement=statement, locale="ar", text="ينبغي أن يصغي إلى الناس.", origin="machine"
    )
    fishers = people(voting, "fishers", 20)
    vote(voting, statement, [amara, *fishers], 12, 9)
    reveal(activity=voting, by=farid)
    stage = Stage.objects.create(
        workshop=amara.workshop, kind="review", title="Review", position=1, status="open"
    )
    open_ratification(version=make_version(amara.workshop), stage=stage, by=farid)
    look(page, site, "/w/river/results/", snap)
    open_round(activity=voting, by=farid)
    for address in ("vote", "say", "say/mine", "rules", "rules/?list=1"):
        look(page, site, f"/w/river/{address.rstrip('/')}" + ("" if "?" in address else "/"), snap)


def look(page: Page, site: str, address: str, snap) -> None:
    """One page at both widths and in both directions: nothing wrong, and nothing too wide."""
    for width in (SMALL, PHONE):
        page.set_viewport_size({"width": width, "height": 780})
        for language in ("en", "ar"):
            cookie = {"name": "django_language", "value": language, "url": site}
            page.context.add_cookies([cookie])
            page.goto(address)
            assert overflow(page) == 0, (address, width, language)
            found = Axe().run(page)
            assert found.violations_count == 0, found.generate_report()
            snap(f"{address.strip('/').replace('/', '-')}-{language}")


def test_rules_are_reviewed_by_taps(
    page: Page, voting: Activity, farid: User, amara: Participant
) -> None:
    stage = Stage.objects.create(
        workshop=amara.workshop, kind="review", title="Review", position=1, status="open"
    )
    version = make_version(amara.workshop)
    open_ratification(version=version, stage=stage, by=farid)
    page.goto("/w/river/rules/")
    for _ in range(version.principles.count()):
        shown = page.locator(".item").get_attribute("data-item")
        page.get_by_role("button", name="I object").click()
        expect(page.locator(f'[data-item="{shown}"]')).to_have_count(0)
    expect(page.get_by_text(SENT)).to_be_visible()
    assert Endorsement.objects.filter(choice="object").count() == version.principles.count()
