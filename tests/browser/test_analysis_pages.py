"""Exploring and printing an analysis in a real browser: preferences, changes, agreement."""

from types import SimpleNamespace
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from elicitation.models import Completion, Prompt, Workshop
from policy.charts import analysis_charts
from policy.models import Analysis
from tests.browser.conftest import LAPTOP, PHONE, overflow
from tests.browser.test_policy_pages import ARABIC, LONG, NARROWEST
from tests.line import full_result, make_analysis, make_statements
from tests.policy.test_pages_agreement import axis, crossing, group
from tests.policy.test_pages_before_after import again, change
from tests.policy.test_pages_preferences import fit_of, leaning

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NUMBERS = range(10, 24)


@pytest.fixture
def address(river: Workshop) -> str:
    """An analysis with something in every part, long words and words that run the other way."""
    honest, water = make_statements(river, f"{LONG} {ARABIC}")
    result = full_result(honest, water)
    add_examples(result, river)
    result["before_after"] = again(
        (honest, change(40, 0.9, 0.85, -0.15, 0.05, "no clear change")),
        (water, change(40, 0.4, 0.8, 0.2, 0.55, "more")),
        *((numbered(n), change(40, 0.5, 0.5, -0.1, 0.1, "no clear change")) for n in NUMBERS),
    )
    add_agreement(result)
    add_groups(result)
    analysis = make_analysis(river, result)
    Analysis.objects.filter(pk=analysis.pk).update(charts=analysis_charts(result))
    return analysis.get_absolute_url()


def numbered(n: int) -> SimpleNamespace:
    """One of many statements."""
    return SimpleNamespace(pk=1000 + n, external_id=str(n), text=f"Statement number {n}.")


def add_examples(result: dict[str, Any], river: Workshop) -> None:
    """Two pairs of answers behind a warning, and an estimate that leans on others."""
    asked = Prompt.objects.create(
        workshop=river, messages=[], content_hash="1", content_warning="Speaks of drowning"
    )
    words = f"{LONG} {ARABIC}", "At dusk."
    more, less = (
        Completion.objects.create(prompt=asked, text=text, content_hash=text[:9]) for text in words
    )
    pair = {"prompt": asked.pk, "warning": "", "severe": False}
    pair |= {"more": {"completion": more.pk, "quote": words[0], "measure": 2.4}}
    pair |= {"less": {"completion": less.pk, "quote": words[1], "measure": 1.1}}
    pair |= {"chose_more": 13, "equal": 0, "chose_less": 4}
    longer = fit_of(result)["effects"][0]
    longer |= {"examples": {"for": pair, "against": pair}}
    longer |= {"shrunken": leaning(0.6, 0.52, 0.68, own=0.4)}


def add_agreement(result: dict[str, Any]) -> None:
    alpha = {"alpha": 0.4, "low": 0.31, "high": 0.52, "ordinal": 0.41, "note": ""}
    alpha |= {"n_items": 20, "n_ratings": 800, "n_people": 40}
    pairs = crossing("fishers", "farmers", 2.0), crossing("farmers", "fishers", 1.1)
    result["agreement"]["votes"] |= {
        "all": alpha | {"n_people": 60},
        "communities": {"fishers": alpha, "farmers": alpha | {"n_people": 20}},
        "across": list(pairs),
        "axes": [axis("communities", group("fishers", 40, 2.0), group("farmers", 20, 1.1))],
    }


def add_groups(result: dict[str, Any]) -> None:
    groups = {"labels": {"0": 30, "1": 30}, "k": 2, "supported": True, "flagged": False}
    result["label_sets"]["opinion_groups"] |= groups
    for place, point in enumerate(result["opinion_space"]["points"]):
        point["group"] = place % 2


def opened(page, address: str) -> None:
    page.goto(address)
    page.evaluate("document.querySelectorAll('main details').forEach(one => one.open = true)")


@pytest.mark.parametrize("page", [NARROWEST, PHONE, LAPTOP], indirect=True)
@pytest.mark.parametrize("language", ["en", "ar"])
def test_a_full_analysis_fits_and_can_be_used_by_all(page, sign_in, pilar, address, snap, language):
    sign_in(pilar)
    page.set_extra_http_headers({"Accept-Language": language})
    opened(page, address)
    snap(f"full-analysis-{language}")
    violations = Axe().run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in violations] == []
    assert overflow(page) == 0


def test_one_map_at_a_time_is_chosen_from_a_list(page, sign_in, pilar, address):
    sign_in(pilar)
    page.goto(address)
    maps = page.locator("[data-choose] > [data-name]")
    assert maps.count() > 1
    assert [one.is_visible() for one in maps.all()].count(True) == 1
    page.get_by_label("What the map shows").select_option(index=1)
    assert [one.is_visible() for one in maps.all()][:2] == [False, True]


def test_a_statement_is_found_in_a_long_table(page, sign_in, pilar, address):
    sign_in(pilar)
    opened(page, address)
    table = page.get_by_role("region", name="Before and after: Fishers")
    field = page.locator(".explore:has(+ [aria-label='Before and after: Fishers']) input")
    field.fill("number 12")
    assert table.locator("tbody tr:visible").count() == 1
    field.fill("")
    assert table.locator("tbody tr:visible").count() > len(NUMBERS)


def test_without_a_script_every_map_stands_on_the_page(
    browser, site, page, sign_in, pilar, address
):
    sign_in(pilar)
    plain = browser.new_context(base_url=site, java_script_enabled=False)
    plain.add_cookies(page.context.cookies())
    bare = plain.new_page()
    bare.goto(address)
    maps = bare.locator("[data-choose] > [data-name]")
    assert all(one.is_visible() for one in maps.all())
    assert bare.locator(".explore").count() == 0
    plain.close()


def test_paper_shows_what_is_folded_but_not_what_is_warned_of(page, sign_in, pilar, address, snap):
    sign_in(pilar)
    page.goto(address)
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    snap("full-analysis-print")
    assert page.get_by_text("Along which lines people divide").is_visible()
    assert page.get_by_text("Goes with it").first.is_visible()
    assert not page.get_by_text("At dusk.").first.is_visible()
    assert page.locator(".unchosen svg.chart").first.is_visible()
