"""Changing fault lines in a real browser: widths, directions, and every change by its form."""

import copy

import pytest
from django.urls import reverse

from deliberation.models import Statement
from elicitation.models import Workshop
from policy.editing_lines import annotate_line, merge_lines, rename_line
from policy.models import Analysis
from tests.browser.conftest import LAPTOP, PHONE
from tests.browser.test_policy_pages import ARABIC, LONG, inspect
from tests.line import full_result, line, make_analysis, make_statements

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TEXTS = ("Nets may stay in the river at night.", "Fields need water before the boats do.", ARABIC)


@pytest.fixture
def analysis(river: Workshop, pilar) -> Analysis:
    """Four lines, two of them within a broad one; an earlier change that finds no line any more."""
    honest, water = make_statements(river, f"{LONG} {ARABIC}")
    more = [
        Statement.objects.create(workshop=river, text=text, external_id=str(number))
        for number, text in enumerate(TEXTS, start=3)
    ]
    result = full_result(honest, water)
    lines = result["fault_lines"]["lines"]
    lines += [copy.deepcopy(line(one)) for one in more]
    for number, one in enumerate(lines, start=1):
        side = number % 2
        quote = {"id": one["items"][0]["key"], "kind": "statement", "item": one["items"][0]["key"]}
        one |= {"number": number, "people": 60, "parent": 1 if number > 2 else None}
        one["items"][0]["favoured_by"] = side
        one["quotes"] = [quote | {"side": side, "text": one["items"][0]["text"]}]
    lines[1]["items"] += copy.deepcopy(lines[2]["items"])
    lines[1]["name"], lines[2]["name"], lines[3]["name"] = "nets, night", "fields, boats", ARABIC
    broad = {"number": 1, "name": "river, water", "lines": [3, 4], "pattern": "", "size": 0.7}
    broad |= {"size_low": 0.6, "size_high": 0.8, "stability": 0.81, "same_sides": False}
    result["fault_lines"]["broad"] = [broad | {"between": "communities", "sentence": ""}]
    earlier = make_analysis(river, full_result(honest, honest))
    rename_line(analysis=earlier, number=1, name="Saying when it is not sure", by=pilar)
    found = make_analysis(river, result)
    note = "Ask the fishers of the upper river before anything rests on this."
    annotate_line(analysis=found, number=1, note=note, by=pilar)
    return found


def addresses(analysis: Analysis) -> dict[str, str]:
    names = [analysis.workshop.slug, analysis.pk]
    return {"fault-lines": reverse("fault-lines", args=names), "lines-in-analysis": str(
        analysis.get_absolute_url())}  # fmt: skip


@pytest.mark.parametrize("page", [PHONE, LAPTOP], indirect=True)
@pytest.mark.parametrize("language", ["en", "ar"])
def test_both_pages_fit_in_both_directions(page, sign_in, pilar, analysis, snap, language) -> None:
    merge_lines(analysis=analysis, numbers=[3, 4], name="Whose river is it?", by=pilar)
    sign_in(pilar)
    page.set_extra_http_headers({"Accept-Language": language})
    for name, address in addresses(analysis).items():
        inspect(page, address)
        snap(f"{name}-{language}")


@pytest.mark.parametrize("page", [PHONE], indirect=True)
def test_an_analyst_names_joins_and_undoes_on_a_phone(page, sign_in, pilar, analysis) -> None:
    sign_in(pilar)
    page.goto(addresses(analysis)["fault-lines"])
    page.locator("#fault-line-2").get_by_text("Change this line").click()
    page.locator("#fault-line-2").get_by_label("Another name").fill("Who may fish")
    page.get_by_role("button", name="Rename line 2").click()
    assert page.get_by_text("It has another name.").is_visible()
    page.get_by_role("checkbox", name="Who may fish").check()
    page.get_by_role("checkbox", name="fields, boats").check()
    page.get_by_role("button", name="Put together").click()
    assert page.get_by_text("put together from 2, 3").is_visible()
    page.get_by_role("button", name="Undo: Renamed Who may fish").click()
    assert page.locator("#fault-line-2-name").text_content().endswith("nets, night")
