"""The facilitator's pages in a real browser: they fit, everyone can use them, the wall is live."""

from __future__ import annotations

import pytest
from django.urls import reverse

from deliberation.services.moderating import push_statement
from elicitation.models import (
    Completion,
    IdentityQuestion,
    Prompt,
    Stage,
    Workshop,
    WorkshopCommunity,
)
from elicitation.services import facilitating
from tests.browser.conftest import LAPTOP, PHONE, overflow
from tests.browser.test_look import ARABIC, LONG, faults
from tests.conftest import take_part
from tests.deliberation.test_pages import propose

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NARROWEST = 320
PAGES = ["meeting", "workshop-settings", "screening", "moderation", "translations"]
PAGES += ["integrity", "sheet", "screen"]
LEAST_ON_THE_WALL = 32


@pytest.fixture
def evening(river: Workshop, farid) -> Workshop:
    """A stage of everything, in words that are hard to lay out."""
    for template in ("compare", "closely", "review"):
        stage = facilitating.add_stage(
            workshop=river, title=LONG[:110], template=template, by=farid
        )
        facilitating.open_stage(stage=stage, by=farid)
    prompt = Prompt.objects.create(
        workshop=river,
        messages=[{"role": "user", "content": LONG}, {"role": "user", "content": ARABIC}],
        content_hash="1",
        content_warning="Describes a drowning",
    )
    for place, text in enumerate((LONG, ARABIC)):
        Completion.objects.create(prompt=prompt, text=text, content_hash=str(place))
    propose(river, LONG)
    propose(river, ARABIC)
    IdentityQuestion.objects.create(workshop=river, text=LONG[:190], options=[LONG[:70], ARABIC])
    return river


@pytest.mark.parametrize("page", [NARROWEST, PHONE, LAPTOP], indirect=True)
@pytest.mark.parametrize("language", ["en", "ar"])
def test_every_page_of_a_facilitator_fits_and_can_be_used_by_everyone(
    page, sign_in, evening, farid, snap, language
):
    sign_in(farid)
    page.set_extra_http_headers({"Accept-Language": language})
    for name in PAGES:
        page.goto(reverse(name, args=["river"]) + "?show=1")
        snap(f"{name}-{language}")
        assert (name, overflow(page), faults(page)) == (name, 0, [])


def test_the_wall_follows_what_happens_without_a_reload(page, sign_in, evening, farid):
    sign_in(farid)
    page.goto(reverse("screen", args=["river"]))
    page.get_by_text("0 have joined").wait_for()
    take_part(evening, "fishers", "amara")
    page.get_by_text("1 has joined").wait_for()
    vote = Stage.objects.get(kind="norms", position=1).activities.get(kind="vote")
    said = propose(evening, "Say when you are not sure.", moderation="in", stage=vote.stage)
    push_statement(activity=vote, statement=said, by=farid)
    page.get_by_role("heading", name="Say when you are not sure.").wait_for()


def test_a_warned_prompt_stays_open_on_the_wall_once_somebody_opened_it(
    page, sign_in, evening, farid, snap
):
    prompt = Prompt.objects.get()
    Completion.objects.update(screening="cleared")
    compare = Stage.objects.get(kind="norms", position=1).activities.get(kind="compare")
    facilitating.push_prompt(activity=compare, prompt=prompt, by=farid)
    sign_in(farid)
    page.goto(reverse("screen", args=["river"]))
    page.get_by_text("Describes a drowning").wait_for()
    snap("screen-warned")
    assert page.get_by_text(ARABIC).count() == 0
    page.get_by_role("link", name="Show it").click()
    page.get_by_role("heading", name=ARABIC).wait_for()
    take_part(evening, "fishers", "amara")
    page.get_by_text("1 has joined").wait_for()
    assert page.get_by_role("heading", name=ARABIC).is_visible()
    Prompt.objects.update(messages=[{"role": "user", "content": "How deep is it here? " * 60}])
    page.get_by_role("heading", name="How deep").wait_for()
    snap("screen-prompt")
    height = page.evaluate("document.documentElement.scrollHeight - innerHeight")
    assert (height, overflow(page), faults(page)) == (0, 0, [])


def test_nothing_on_the_wall_is_smaller_than_can_be_read_from_the_back(
    page, sign_in, evening, farid
):
    sign_in(farid)
    page.goto(reverse("screen", args=["river"]))
    sizes = page.eval_on_selector_all(
        "body :is(p, li, h1)", "all => all.map(one => parseFloat(getComputedStyle(one).fontSize))"
    )
    assert min(sizes) >= LEAST_ON_THE_WALL


def test_a_stage_is_closed_with_the_keyboard_alone(page, sign_in, river, farid):
    sign_in(farid)
    page.goto(reverse("meeting", args=["river"]))
    button = page.get_by_role("button", name="Close Norms")
    button.focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Open again Norms").wait_for()
    assert Stage.objects.get().status == "closed"


def test_each_sheet_is_one_page_of_paper(page, sign_in, evening, farid):
    sign_in(farid)
    page.set_viewport_size({"width": 718, "height": 1047})
    page.emulate_media(media="print")
    page.goto(reverse("sheet", args=["river"]))
    heights = [one.bounding_box()["height"] for one in page.locator(".sheet").all()]
    assert len(heights) == WorkshopCommunity.objects.count()
    assert max(heights) <= 1047
