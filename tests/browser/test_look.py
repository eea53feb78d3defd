"""How the pages look and answer in a real browser: two widths, two directions, with and without."""

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from django.utils import timezone

from deliberation.models import Statement, Vote
from elicitation.kernel.models import Work
from elicitation.models import (
    AnswerEvent,
    Completion,
    ImportedFile,
    ImportRejection,
    Membership,
    Prompt,
    Workshop,
)
from tests.browser.conftest import LAPTOP, PHONE, overflow
from tests.conftest import staff, take_part

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NARROWEST = 320
# Seen in the wild: a word that nothing breaks, a script that runs the other way, many lines.
LONG = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenverordnung" * 3
ARABIC = "يجب أن يقول النموذج متى لا يكون متأكدا من إجابته"
WORDS = [LONG, ARABIC, "It should say when it is not sure.\n\nAnd why.", "Be brief."]
PAGES = {
    "home": [],
    "workshop-new": [],
    "workshop": ["river"],
    "statements": ["river"],
    "prompts": ["river"],
    "prompt": ["river", 1],
    "people": ["river"],
    "import": ["river"],
    "import-report": ["river", 1],
    "account_change_password": [],
}
PUBLIC = ["home", "account_login", "account_signup", "account_inactive"]


@pytest.fixture
def full(river: Workshop) -> Workshop:
    """The river workshop with something of everything."""
    Workshop.objects.update(
        provenance="simulated", provenance_note=LONG, content_warning="", attribution=ARABIC
    )
    prompt = Prompt.objects.create(
        pk=1,
        workshop=river,
        messages=[{"role": "user", "content": LONG}, {"role": "user", "content": ARABIC}],
        content_hash="1",
        content_warning="Describes a drowning",
    )
    for text in WORDS[:2]:
        Completion.objects.create(prompt=prompt, text=text, content_hash=text[:9], source=LONG[:99])
    imported = ImportedFile.objects.create(
        pk=1, workshop=river, name=LONG, format="polis", sha256="1", bytes=1, notices=WORDS
    )
    ImportRejection.objects.create(imported_file=imported, file=LONG, line=7, reason=LONG)
    Work.objects.create(
        task="t",
        subject=f"import:{river.pk}",
        status="running",
        worker="w",
        attempt=1,
        lease_until=timezone.now() + timedelta(hours=1),
        progress={"done": 4, "of": 12, "say": "Reading votes.csv"},
    )
    talk(river)
    return river


def talk(river: Workshop) -> None:
    """Twelve people vote on each statement."""
    people = [take_part(river, ("fishers", "farmers")[n % 2], f"p{n:02}") for n in range(24)]
    for number, text in enumerate(WORDS):
        statement = Statement.objects.create(
            workshop=river, text=text, external_id=str(number), theme=text[:40], quotes=[text]
        )
        for person in people:
            event = AnswerEvent.objects.create(
                participant=person, key=f"{number}", kind="vote", target=statement.pk, body={}
            )
            Vote.objects.create(
                event=event, participant=person, statement=statement, choice=person.pk % 3 - 1
            )


def faults(page) -> list[str]:
    """What axe finds wrong with the page as it is now."""
    found = Axe().run(page).response["violations"]
    return [f"{fault['id']}: {fault['nodes'][0]['html'][:200]}" for fault in found]


@pytest.mark.parametrize("page", [PHONE, LAPTOP], indirect=True)
def test_every_page_of_a_workshop_fits_and_can_be_used_by_everyone(page, sign_in, full, snap):
    sign_in(staff(full, "farid", Membership.Role.FACILITATOR))
    for name, arguments in PAGES.items():
        page.goto(reverse(name, args=arguments))
        snap(name)
        assert (name, overflow(page), faults(page)) == (name, 0, [])


@pytest.mark.parametrize("page", [PHONE, LAPTOP], indirect=True)
def test_every_public_page_fits_and_can_be_used_by_everyone(page, site, snap):
    for name in PUBLIC:
        page.goto(reverse(name))
        snap(f"public-{name}")
        assert (name, overflow(page), faults(page)) == (name, 0, [])


@pytest.mark.parametrize("page", [NARROWEST], indirect=True)
@pytest.mark.parametrize("language", ["en", "ar"])
def test_nothing_scrolls_sideways_on_the_narrowest_phone(page, sign_in, full, snap, language):
    sign_in(staff(full, "farid", Membership.Role.FACILITATOR))
    page.set_extra_http_headers({"Accept-Language": language})
    for name, arguments in PAGES.items():
        page.goto(reverse(name, args=arguments))
        snap(f"{name}-{language}")
        assert (name, overflow(page)) == (name, 0)


@pytest.mark.parametrize("page", [PHONE], indirect=True)
def test_an_arabic_page_runs_from_right_to_left(page, sign_in, full):
    sign_in(staff(full, "farid", Membership.Role.FACILITATOR))
    page.set_extra_http_headers({"Accept-Language": "ar"})
    page.goto(reverse("statements", args=["river"]))
    assert page.locator("html").get_attribute("dir") == "rtl"
    assert faults(page) == []


def test_a_dark_device_gets_a_dark_page_that_can_be_read(page, sign_in, full, snap):
    sign_in(staff(full, "farid", Membership.Role.FACILITATOR))
    page.emulate_media(color_scheme="dark")
    for name in ("home", "statements", "import", "prompt"):
        page.goto(reverse(name, args=PAGES[name]))
        snap(f"dark-{name}")
        assert (name, faults(page)) == (name, [])


def test_a_table_sorts_by_a_click_and_back(page, sign_in, full):
    sign_in(staff(full, "farid", Membership.Role.FACILITATOR))
    page.goto(reverse("people", args=["river"]))
    first = page.locator("tbody tr").first
    heading = page.get_by_role("columnheader", name="Pseudonym")
    page.get_by_role("button", name="Pseudonym").click()
    assert (heading.get_attribute("aria-sort"), first.inner_text()[:3]) == ("ascending", "p00")
    page.get_by_role("button", name="Pseudonym").click()
    assert (heading.get_attribute("aria-sort"), first.inner_text()[:3]) == ("descending", "p23")


def test_progress_moves_by_itself_and_the_page_follows_its_end(page, sign_in, full):
    sign_in(staff(full, "farid", Membership.Role.FACILITATOR))
    page.goto(reverse("import", args=["river"]))
    page.get_by_text("4 of 12").wait_for()
    Work.objects.update(progress={"done": 9, "of": 12, "say": "Reading votes.csv"})
    page.get_by_text("9 of 12").wait_for()
    ended = {"lease_until": None, "ended": timezone.now()}
    Work.objects.update(status="failed", error="The file ends early.", **ended)
    page.get_by_text("The file ends early.").wait_for()


def test_a_warning_opens_without_a_script(browser, site, full, farid, sign_in, page):
    sign_in(farid)
    plain = browser.new_context(base_url=site, java_script_enabled=False)
    plain.add_cookies(page.context.cookies())
    opened = plain.new_page()
    opened.goto(reverse("prompt", args=["river", 1]))
    answer = opened.get_by_role("heading", name="Completion A")
    hidden_at_first = not answer.is_visible()
    opened.get_by_text("Describes a drowning").click()
    assert (hidden_at_first, answer.is_visible()) == (True, True)
    plain.close()


def test_the_form_shows_only_what_the_chosen_kind_needs(page, sign_in, full):
    sign_in(staff(full, "farid", Membership.Role.FACILITATOR))
    page.goto(reverse("import", args=["river"]))
    page.get_by_label("Statements, or claims with quotes").check()
    assert not page.get_by_label("Whose answers are they?").is_visible()
    page.get_by_label("Preferences between two completions").check()
    assert page.get_by_label("Format of the preferences").is_visible()


def test_everything_on_a_phone_can_be_hit_with_a_thumb(page, sign_in, full):
    page.set_viewport_size({"width": PHONE, "height": 844})
    sign_in(staff(full, "farid", Membership.Role.FACILITATOR))
    page.goto(reverse("import", args=["river"]))
    targets = page.locator("main :is(button, select, summary, .button, .tabs a, .choices label)")
    heights = [target.bounding_box()["height"] for target in targets.all() if target.is_visible()]
    assert heights
    assert min(heights) >= 48
