"""The parts that pages are made of: what they say, and that they keep text from becoming markup."""

import math
import re

import pytest
from django.conf import settings
from django.template import Context, Template
from django.template.loader import render_to_string

from elicitation.kernel.charts import OKABE_ITO
from elicitation.kernel.models import Work

SHEET = (settings.BASE_DIR / "deploy/static/folkmoot/folkmoot.css").read_text()
MARKUP = "<script>alert(1)</script>"


def rendered(source: str, **context: object) -> str:
    """What a template with these parts gives."""
    return Template("{% load look %}" + source).render(Context(context))


def words(page: str) -> str:
    """What a page says, without markup."""
    return " ".join(re.sub(r"<[^>]*>", "", page).split())


def test_an_interval_stands_with_its_number_and_its_n() -> None:
    said = words(rendered("{% interval .62 .55 .69 n=120 %}"))
    assert said == "62 % (55–69), n 120"


def test_a_plain_number_keeps_its_decimals() -> None:
    assert words(rendered("{% interval .8597 percent=False digits=4 %}")) == "0.8597"


@pytest.mark.parametrize("value", [None, math.nan, math.inf])
def test_what_was_not_measured_is_never_a_number(value: float | None) -> None:
    assert words(rendered("{% interval value %}", value=value)) == "Not measured"
    said = words(rendered('{% interval value otherwise="Not identified" %}', value=value))
    assert said == "Not identified"


def test_zero_is_a_number() -> None:
    assert words(rendered("{% interval value n=20 %}", value=0.0)) == "0 %, n 20"


@pytest.mark.parametrize(
    "source",
    [
        "{% quote text who=text %}",
        "{% stat text text text %}",
        "{% community text 0 %}",
        "{% reveal text %}{{ text }}{% endreveal %}",
        "{% empty text %}{{ text }}{% endempty %}",
        '{% chart "<svg></svg>" text text columns=row rows=rows %}',
        "{% votes_bar 10 9 1 text 0 %}",
        "{% interval value otherwise=text %}",
    ],
)
def test_no_part_lets_text_become_markup(source: str) -> None:
    page = rendered(source, text=MARKUP, row=[MARKUP], rows=[[MARKUP, MARKUP]], value=None)
    assert "<script" not in page
    assert "&lt;script" in page


def test_without_a_warning_nothing_is_hidden() -> None:
    assert rendered('{% reveal "" %}calm{% endreveal %}') == "calm"
    assert "calm" in rendered('{% reveal "Insults" %}calm{% endreveal %}').split("</summary>")[1]


def test_a_chart_brings_its_numbers_in_its_own_direction() -> None:
    page = rendered(
        '{% chart "<svg></svg>" "A" "B" columns=names rows=rows %}',
        names=["Community", "Share"],
        rows=[["Fishers", 0.5], ["Farmers", math.nan]],
    )
    assert '<div class="drawing" dir="ltr"><svg></svg></div>' in page
    assert words(page).endswith("Fishers0.5FarmersNot measured")


def test_work_of_unknown_length_shows_no_bar() -> None:
    work = Work(status="running", progress={"done": None, "of": None, "say": "Reading"})
    page = rendered('{% progress work "/again/" %}', work=work)
    assert "<progress" not in page
    assert 'hx-get="/again/"' in page


def test_work_that_ended_is_not_asked_about_again() -> None:
    work = Work(status="failed", error="The disk is full.")
    page = rendered('{% progress work "/again/" %}', work=work)
    assert "hx-get" not in page
    assert "The disk is full." in page


def test_communities_have_the_colours_that_charts_give_them() -> None:
    first = SHEET.split("@media")[0]
    assert tuple(re.findall(r"--community-\d: (#\w+);", first)) == OKABE_ITO


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2) of #rrggbb."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio (WCAG 2.2) of two colours."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


LIGHT, DARK = (
    dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))
    for block in re.findall(r":root \{(.*?)\}", SHEET, re.DOTALL)[:2]
)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["paper", "raised", "tint"])
def test_text_and_marks_stand_out_from_every_ground(theme: dict[str, str], ground: str) -> None:
    for text in ("ink", "quiet", "accent", "error"):
        assert contrast(theme[text], theme[ground]) >= 4.5
    for mark in ("agree", "disagree", "pass", "edge"):
        assert contrast(theme[mark], theme[ground]) >= 3
    assert contrast(theme["notice-ink"], theme["notice"]) >= 4.5


def test_the_page_for_our_own_faults_needs_nothing_that_could_be_broken() -> None:
    said = words(render_to_string("500.html"))
    assert "Something broke on our side" in said
