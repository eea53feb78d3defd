"""Every page that a participant can open, full, on the smallest phone: it fits, for everyone."""

from __future__ import annotations

from itertools import count

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core import signing
from django.urls import reverse
from playwright.sync_api import Page

from elicitation.models import Participant, User, WorkshopCommunity
from elicitation.services.joining import new_return_code
from elicitation.views.phone import CODE_SALT
from tests.browser.conftest import PHONE, overflow
from tests.browser.queueing import give_seat
from tests.browser.test_look import ARABIC, LONG
from tests.everything import JUDGED, RECEIPT, everything
from tests.phones import device_of
from tests.test_participant_permissions import ARGUMENTS, FINE, TABLE, WHO, Row

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NARROWEST = 320
AMARA = WHO.index("amara")
# What answers her with something that is no page.
NO_PAGES = {"pulse", "service-worker", "api-schema", "api-invitation", "api-me", "api-activities"}
NO_PAGES |= {"api-pulse", "api-items", "api-cases", "api-questions", "api-vote", "api-statements"}
NO_PAGES |= {"api-results", "api-rules", "api-data", "api-similar", "api-code"}
# A part of a page, which a script puts into another.
PARTS = {"similar"}
# Addresses of the same pages that show something else, and of pages that ask for something first.
ALSO = [
    *(f"/w/river/said/{kind}/" for kind in JUDGED),
    "/w/river/rules/?list=1",
    "/w/river/vote/?more=1",
    "/w/river/you/answers/",
    *(f"/w/river/you/take-back/?scope={scope}" for scope in ("all", "training", "quotes")),
    "/w/river/you/take-back/?scope=contact",
    f"/w/river/you/receipts/{RECEIPT}/",
]


def addresses() -> list[str]:
    """Every address of the table that answers Amara with a page, and some more."""
    rows = [row for row in TABLE if row.method == "get" and row.answers[AMARA] == FINE]
    pages = [row for row in rows if row.page not in NO_PAGES | PARTS]
    listed = [address_of(row) for row in pages]
    return [*dict.fromkeys([*listed, *ALSO])]


def address_of(row: Row) -> str:
    """Where the page of one row is."""
    return reverse(row.page, args=[ARGUMENTS[name] for name in row.arguments.split()])


@pytest.fixture
def phone(page: Page, site: str, amara: Participant, farid: User) -> Page:
    """Amara's phone in a workshop that holds one of everything, in words that are hard to fit."""
    number = count()
    WorkshopCommunity.objects.filter(join_code="RIVER000").update(join_code="ABCD2345")

    def hard(place: str, longest: int) -> str:
        return f"{next(number)} {place} {(LONG, ARABIC)[next(number) // 2 % 2]}"[:longest].strip()

    everything(amara, farid, hard)
    give_seat(page, site, device_of(amara))
    code = signing.dumps(new_return_code(participant=amara), salt=CODE_SALT)
    page.context.add_cookies([{"name": f"code-{amara.workshop_id}", "value": code, "url": site}])
    return page


def look(page: Page, address: str) -> tuple[int, int, list[str]]:
    """The status of the page, by how much it is too wide, and what axe finds wrong, unfolded."""
    response = page.goto(address)
    page.eval_on_selector_all("main details", "all => all.forEach(one => { one.open = true; })")
    found = Axe().run(page).response["violations"]
    faults = [f"{fault['id']}: {fault['nodes'][0]['html'][:200]}" for fault in found]
    return (response.status if response else 0, overflow(page), faults)


@pytest.mark.parametrize("page", [NARROWEST], indirect=True)
@pytest.mark.parametrize("language", ["en", "ar"])
def test_every_page_fits_the_smallest_phone_and_can_be_used_by_everyone(
    phone: Page, site: str, language: str, snap
) -> None:
    phone.context.add_cookies([{"name": "django_language", "value": language, "url": site}])
    found = {}
    for address in addresses():
        found[address] = look(phone, address)
        phone.set_viewport_size({"width": PHONE, "height": 844})
        snap(f"phone/{address.strip('/').replace('/', '-') or 'root'}-{language}")
        phone.set_viewport_size({"width": NARROWEST, "height": 844})
    assert {one: seen for one, seen in found.items() if seen != (FINE, 0, [])} == {}


@pytest.mark.parametrize("page", [NARROWEST], indirect=True)
@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_first_page_of_all_does_too(phone: Page, site: str, language: str, snap) -> None:
    phone.context.clear_cookies()
    phone.context.add_cookies([{"name": "django_language", "value": language, "url": site}])
    found = {one: look(phone, one) for one in ("/return/", "/join/?code=1", "/join/ABCD2345/")}
    snap(f"phone/consent-{language}")
    assert {one: seen for one, seen in found.items() if seen != (FINE, 0, [])} == {}


def test_the_table_names_no_page_that_is_left_out() -> None:
    named = {row.page for row in TABLE}
    assert named >= NO_PAGES | PARTS
