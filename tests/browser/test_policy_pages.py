"""Analyses and constitutions in a real browser: widths, directions, drawings, no violations."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse

from elicitation.models import Workshop
from policy.charts import analysis_charts
from policy.models import Analysis
from policy.services import draft_constitution
from tests.browser.conftest import LAPTOP, PHONE, overflow
from tests.line import full_result, make_analysis, make_statements
from tests.line_statements import decided

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NARROWEST = 320
LONG = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenverordnung" * 2
ARABIC = "يجب أن يقول النموذج متى لا يكون متأكدا"


@pytest.fixture
def addresses(river: Workshop, pilar) -> dict[str, str]:
    """One page of each kind, with drawings, long words and words that run the other way."""
    result = decided(full_result(*make_statements(river, f"{LONG} {ARABIC}")))
    analysis = make_analysis(river, result)
    Analysis.objects.filter(pk=analysis.pk).update(charts=analysis_charts(result))
    first = draft_constitution(workshop=river)
    river.refresh_from_db()
    return {
        "analyses": reverse("analyses", args=[river.slug]),
        "analysis": analysis.get_absolute_url(),
        "constitution": first.get_absolute_url(),
        "compare": reverse("constitution-compare", args=[first.constitution_id, 1, 1]),
    }


def inspect(page, address: str) -> None:
    """The page fits its window, opened up too, and has no violation that a program can find."""
    page.goto(address)
    page.evaluate("document.querySelectorAll('main details').forEach(one => one.open = true)")
    assert overflow(page) == 0, address
    violations = Axe().run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in violations] == [], address


@pytest.mark.parametrize("page", [NARROWEST, PHONE, LAPTOP], indirect=True)
def test_every_page_fits_and_can_be_used_by_all(page, sign_in, pilar, addresses, snap):
    sign_in(pilar)
    for name, address in addresses.items():
        inspect(page, address)
        snap(name)


@pytest.mark.parametrize("page", [PHONE], indirect=True)
def test_pages_fit_when_they_run_from_right_to_left(page, sign_in, pilar, addresses, snap):
    sign_in(pilar)
    page.set_extra_http_headers({"Accept-Language": "ar"})
    for name, address in addresses.items():
        inspect(page, address)
        snap(f"{name}-rtl")


@pytest.mark.parametrize("page", [PHONE, LAPTOP], indirect=True)
def test_a_drawing_is_the_one_made_for_the_width(page, sign_in, pilar, addresses):
    made_for = "phones" if page.viewport_size["width"] == PHONE else "pages"
    sign_in(pilar)
    page.goto(addresses["analysis"])
    figure = page.locator("#fault-line-1 figure")
    assert figure.locator(f".on-{made_for} svg").is_visible()
    assert figure.locator("svg.chart:visible").count() == 1


def test_a_fault_line_opens_to_its_numbers(page, sign_in, pilar, addresses):
    sign_in(pilar)
    page.goto(addresses["analysis"])
    page.locator("#fault-line-1").get_by_text("The numbers in this chart").click()
    assert (
        page.locator("#fault-line-1 table")
        .get_by_text("90\N{NO-BREAK SPACE}% (80–96), n 40")
        .is_visible()
    )


def test_an_analyst_drafts_a_constitution_from_an_analysis(page, sign_in, pilar, addresses):
    sign_in(pilar)
    page.goto(addresses["analysis"])
    page.get_by_label("For whom?").select_option("farmers")
    page.get_by_role("button", name="Draft a constitution").click()
    assert page.get_by_role("heading", level=1).text_content().endswith("Farmers")
