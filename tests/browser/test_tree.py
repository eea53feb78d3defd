"""All fault lines at a glance, in a real browser: it fits, and can be used by all."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from elicitation.models import Workshop
from tests.browser.conftest import LAPTOP, overflow
from tests.browser.test_policy_pages import ARABIC, LONG, NARROWEST
from tests.line import make_analysis
from tests.policy.test_tree import result  # noqa: F401

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def address(river: Workshop, result) -> str:  # noqa: F811
    """Lines within a line, with long names and names that run the other way."""
    lines = result["fault_lines"]["lines"]
    lines[0]["name"], lines[1]["name"] = LONG, ARABIC
    return make_analysis(river, result).get_absolute_url()


@pytest.mark.parametrize("page", [NARROWEST, LAPTOP], indirect=True)
@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_overview_of_fault_lines_fits(page, sign_in, pilar, address, snap, language):
    sign_in(pilar)
    page.set_extra_http_headers({"Accept-Language": language})
    page.goto(address)
    page.locator(".tree details summary").click()
    snap(f"tree-{language}")
    violations = Axe().run(page, context=".tree").response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in violations] == []
    assert overflow(page) == 0


def test_a_line_in_the_overview_leads_to_its_own_part(page, sign_in, pilar, address):
    sign_in(pilar)
    page.goto(address)
    page.locator(".tree").get_by_role("link", name="boats").click()
    assert page.url.endswith("#fault-line-3")


def test_marks_of_communities_are_as_high_as_the_words_beside_them(page, sign_in, pilar, address):
    sign_in(pilar)
    page.goto(address)
    heights = [mark.bounding_box()["height"] for mark in page.locator(".tree .mark").all()]
    assert heights
    assert max(heights) < 20
