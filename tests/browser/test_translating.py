"""Translations in a real browser: typed or filled in on a desk, and marked on a phone."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from deliberation.models import Statement, StatementTranslation
from elicitation.models import Activity, Completion, Participant, Prompt, User, Workshop
from tests.browser.conftest import LAPTOP, PHONE, overflow
from tests.browser.queueing import give_seat
from tests.browser.test_look import ARABIC, LONG, faults
from tests.deliberation.statements import state
from tests.elicitation.stock import stock
from tests.phones import device_of, open_activity

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NARROWEST = 320
PAGE = "/workshops/river/translations/"


@pytest.fixture
def brief(river: Workshop) -> Statement:
    """A statement that people vote on."""
    return state(open_activity(river, "vote"), "It should say when it is not sure.")


def speak(page: Page, site: str, language: str) -> None:
    """From now on pages are in this language, where they know it."""
    page.context.add_cookies([{"name": "django_language", "value": language, "url": site}])


@pytest.mark.parametrize("page", [PHONE], indirect=True)
def test_what_a_person_types_is_on_a_spanish_phone(
    page: Page, site: str, sign_in, brief: Statement, farid: User, amara: Participant, snap
) -> None:
    sign_in(farid)
    page.goto(f"{PAGE}?to=es")
    page.get_by_label(f"Statement {brief.pk}").fill("Que diga cuándo no está seguro.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 stored.")).to_be_visible()
    give_seat(page, site, device_of(amara))
    speak(page, site, "es")
    page.goto("/w/river/vote/")
    expect(page.get_by_text("Que diga cuándo no está seguro.")).to_be_visible()
    expect(page.get_by_text(brief.text)).to_be_hidden()
    page.get_by_text("Traducido por una persona").click()
    expect(page.get_by_text(brief.text)).to_be_visible()
    snap("phone-translated-by-a-person")


@pytest.mark.parametrize("page", [PHONE], indirect=True)
def test_what_a_machine_filled_in_is_marked_on_a_spanish_phone(
    page: Page, site: str, sign_in, river: Workshop, farid: User, amara: Participant, tmp_path, snap
) -> None:
    stock(river, 1, 2)
    open_activity(river, "compare", wanted=1)
    sign_in(farid)
    page.goto(f"{PAGE}?to=es")
    with page.expect_download() as started:
        page.get_by_role("link", name="What is missing", exact=True).click()
    filled = fill_in(Path(started.value.path()), tmp_path / "filled.csv")
    page.get_by_label("The file, filled in").set_input_files(filled)
    page.get_by_label("A machine.").check()
    page.get_by_role("button", name="Send it back").click()
    expect(page.get_by_text("3 stored")).to_be_visible()
    give_seat(page, site, device_of(amara))
    speak(page, site, "es")
    page.goto("/w/river/compare/")
    expect(page.get_by_text("[es] Question 0?")).to_be_visible()
    expect(page.get_by_text("Traducido por una máquina").first).to_be_visible()
    snap("phone-translated-by-a-machine")


def fill_in(path: Path, to: Path) -> Path:
    """A file in which every line is translated, after a fashion."""
    rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"), newline="")))
    with to.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(row | {"translation": f"[es] {row['text']}"} for row in rows)
    return to


@pytest.fixture
def full(river: Workshop, brief: Statement) -> Workshop:
    """Texts that are hard to lay out: long, right to left, warned of, translated and not."""
    plain, harmful = stock(river, 2, 2)
    turns = [{"role": "user", "content": LONG}, {"role": "assistant", "content": ARABIC}]
    turns.append({"role": "user", "content": ARABIC})
    Prompt.objects.filter(pk=plain.pk).update(messages=turns)
    Prompt.objects.filter(pk=harmful.pk).update(content_warning="Describes a drowning")
    Completion.objects.filter(prompt=plain).update(text=LONG * 3)
    activity = Activity.objects.get(kind="vote")
    machines = state(activity, ARABIC)
    StatementTranslation.objects.create(
        statement=machines, locale="es", text=LONG, origin="machine"
    )
    StatementTranslation.objects.create(statement=brief, locale="ar", text=ARABIC, origin="person")
    return river


@pytest.mark.parametrize("page", [NARROWEST, PHONE, LAPTOP], indirect=True)
@pytest.mark.parametrize(("language", "to"), [("en", "es"), ("ar", "ar")])
def test_the_page_fits_and_can_be_used_by_everyone(
    page: Page,
    site: str,
    sign_in,
    full: Workshop,
    brief: Statement,
    farid: User,
    snap,
    language: str,
    to: str,
) -> None:
    sign_in(farid)
    speak(page, site, language)
    for name, asked in (("missing", ""), ("all", "&list=all&show=1"), ("none", "x")):
        page.goto(f"{PAGE}?to={to}{asked}")
        snap(f"translations-{name}-{language}")
        assert (name, overflow(page), faults(page)) == (name, 0, [])
    assert reverse("translations", args=["river"]) == PAGE


@pytest.mark.parametrize("page", [NARROWEST, LAPTOP], indirect=True)
def test_what_is_not_stored_is_shown_with_what_stands_there(
    page: Page, sign_in, full: Workshop, brief: Statement, farid: User, tmp_path, snap
) -> None:
    sign_in(farid)
    page.goto(f"{PAGE}?to=es")
    StatementTranslation.objects.create(
        statement=brief, locale="es", text="Que diga si duda.", origin="person"
    )
    box = page.get_by_label(f"Statement {brief.pk}")
    box.fill("Que diga cuándo no está seguro.")
    page.get_by_role("button", name="Save this page").click()
    expect(page.get_by_text("Que diga si duda.")).to_be_visible()
    expect(box).to_have_value("Que diga cuándo no está seguro.")
    snap("translations-overtaken")
    assert (overflow(page), faults(page)) == (0, [])
    page.get_by_role("button", name="Save again").click()
    expect(page.get_by_text("1 stored.")).to_be_visible()
    assert StatementTranslation.objects.get(statement=brief, locale="es").text.endswith("seguro.")


@pytest.mark.parametrize("page", [NARROWEST, LAPTOP], indirect=True)
def test_lines_that_were_turned_away_are_a_table_that_fits(
    page: Page, sign_in, full: Workshop, farid: User, tmp_path: Path, snap
) -> None:
    sign_in(farid)
    page.goto(f"{PAGE}?to=es")
    lines = [f"statement,{number},x,{LONG}" for number in range(900, 904)]
    (tmp_path / "a.csv").write_text("kind,id,seen,translation\n" + "\n".join(lines))
    page.get_by_label("The file, filled in").set_input_files(tmp_path / "a.csv")
    page.get_by_label("A person, or").check()
    page.get_by_role("button", name="Send it back").click()
    expect(page.get_by_role("heading", name="Turned away")).to_be_visible()
    snap("translations-turned-away")
    assert (overflow(page), faults(page)) == (0, [])
