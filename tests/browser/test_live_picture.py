"""The live picture of a vote in a real browser: it moves by itself, fits, and needs no script."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse

from deliberation.models import Statement
from deliberation.services import VoteSaid, cast_votes
from elicitation.kernel.work import run_inline
from elicitation.models import Workshop
from policy.live import COUNT
from tests.browser.conftest import LAPTOP, PHONE, overflow
from tests.browser.test_policy_pages import ARABIC, LONG, NARROWEST
from tests.conftest import take_part

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ADDRESS = "/workshops/river/live/"


@pytest.fixture
def hall(river: Workshop) -> list[VoteSaid]:
    """What sixty people of two communities are about to say of sixteen statements."""
    words = [
        f"{LONG} {ARABIC}",
        ARABIC,
        *(f"It should say what number {n} says." for n in range(14)),
    ]
    statements = [
        Statement.objects.create(workshop=river, text=text, external_id=str(n))
        for n, text in enumerate(words)
    ]
    people = [take_part(river, ("fishers", "farmers")[n % 2], f"p{n:02}") for n in range(60)]
    return [
        VoteSaid(person, one, choice(n, place), key=str(place))
        for n, person in enumerate(people)
        for place, one in enumerate(statements)
    ]


def choice(person: int, statement: int) -> int:
    """Communities part on every third statement; a few always pass."""
    if (person * 7 + statement) % 11 == 0:
        return 0
    return 1 if statement % 3 or person % 2 else -1


def count(river: Workshop) -> None:
    """What a worker does when the page has asked."""
    run_inline(COUNT, workshop_id=river.pk)


@pytest.mark.parametrize("page", [NARROWEST, PHONE, LAPTOP], indirect=True)
@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_picture_fits_and_can_be_used_by_all(page, sign_in, farid, river, hall, snap, language):
    sign_in(farid)
    cast_votes(hall)
    page.set_extra_http_headers({"Accept-Language": language})
    page.goto(ADDRESS)
    snap(f"live-waiting-{language}")
    count(river)
    page.goto(ADDRESS)
    page.evaluate("document.querySelectorAll('main details').forEach(one => one.open = true)")
    snap(f"live-{language}")
    violations = Axe().run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in violations] == []
    assert overflow(page) == 0


def test_votes_are_seen_without_a_reload_and_the_page_stays_as_it_was_left(
    page, sign_in, farid, river, hall
):
    sign_in(farid)
    cast_votes(hall[: len(hall) // 2])
    page.goto(ADDRESS)
    count(river)
    page.get_by_text("more statements, to the most divisive").click()
    page.get_by_label("What the map shows").select_option(index=1)
    assert page.get_by_text("n 15").first.is_visible()
    cast_votes(hall[len(hall) // 2 :])
    count(river)
    page.get_by_text("n 30").first.wait_for()
    assert page.locator("#live-more").get_attribute("open") is not None
    assert page.get_by_label("What the map shows").evaluate("one => one.selectedIndex") == 1


def test_without_a_script_a_reload_shows_how_it_is(
    browser, site, page, sign_in, farid, river, hall
):
    sign_in(farid)
    plain = browser.new_context(base_url=site, java_script_enabled=False)
    plain.add_cookies(page.context.cookies())
    bare = plain.new_page()
    bare.goto(ADDRESS)
    cast_votes(hall)
    count(river)
    bare.get_by_role("link", name="See how it is now").click()
    assert bare.get_by_role("heading", name="Who votes alike").is_visible()
    plain.close()


def test_the_facilitators_page_leads_there(page, sign_in, farid, river, hall):
    river.stages.get().activities.create(kind="vote")
    sign_in(farid)
    page.goto(reverse("meeting", args=["river"]))
    page.get_by_role("link", name="See live how they vote").click()
    assert page.get_by_role("heading", name="Live: how people vote").is_visible()
