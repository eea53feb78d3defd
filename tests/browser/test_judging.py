"""Judging models' answers in a real browser: one tap, a marked passage, an order by taps."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from elicitation.models import (
    Completion,
    IdentityQuestion,
    Participant,
    Preference,
    Ranking,
    Rating,
    Workshop,
)
from tests.browser.conftest import PHONE, overflow
from tests.browser.test_queue import give_seat
from tests.elicitation.stock import Screening, stock
from tests.phones import device_of, open_activity

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
on_a_phone = pytest.mark.parametrize("page", [PHONE], indirect=True)
KINDS = ("compare", "rate", "criteria", "rank", "rewrite")
# Outside the basic plane: a browser counts such a letter twice, a text of ours once.
FISH = "🐟🐟 Fresh fish smells of the sea. Ask the keeper."


@pytest.fixture
def phone(page: Page, site: str, river: Workshop, amara: Participant) -> Page:
    """Amara's phone, for whom something of every kind is ready."""
    stock(river, prompts=3, completions=3)
    give_seat(page, site, device_of(amara))
    return page


def delivered(phone: Page, count: int) -> None:
    """So many answers have arrived."""
    expect(phone.locator("#queue")).to_have_attribute("data-delivered", str(count), timeout=20_000)


@on_a_phone
def test_one_tap_answers_and_the_next_comes_by_itself(phone: Page, river: Workshop) -> None:
    open_activity(river, "compare", wanted=3)
    phone.goto("/w/river/compare/")
    for number in (1, 2, 3):
        expect(phone.get_by_role("heading", name=f"{number} of 3")).to_be_visible()
        phone.get_by_role("button", name="Answer 2 is much better").tap()
    expect(phone.get_by_text("That was all.")).to_be_visible()
    delivered(phone, 3)
    said = Preference.objects.values_list("choice", "strength")
    assert list(said) == [("right", 3)] * 3


def select(phone: Page, side: str, words: str) -> None:
    """Select these words in one answer, as a finger would."""
    phone.evaluate(
        """([side, words]) => {
            const answer = document.querySelector(`.item [data-side=${side}]`);
            const text = [...answer.childNodes].find((node) => node.data?.includes(words));
            const at = text.data.indexOf(words);
            getSelection().setBaseAndExtent(text, at, text, at + words.length);
        }""",
        [side, words],
    )


@on_a_phone
def test_a_passage_is_marked_where_it_stands_and_can_be_taken_back(
    phone: Page, river: Workshop
) -> None:
    for number, completion in enumerate(Completion.objects.all()):
        text = f"{FISH} {number}"
        Completion.objects.filter(pk=completion.pk).update(text=text)
    open_activity(river, "compare", wanted=1)
    phone.goto("/w/river/compare/")
    for side, words in (("left", "smells of the sea"), ("right", "Fresh"), ("left", "keeper")):
        select(phone, side, words)
        phone.get_by_role("button", name="This decided it").tap()
        expect(phone.locator(f"[data-side={side}] mark", has_text=words)).to_be_visible()
    phone.get_by_role("checkbox", name="Fresh").uncheck()
    expect(phone.locator("[data-side=right] mark")).to_have_count(0)
    phone.get_by_role("button", name="Answer 1 is a bit better").tap()
    delivered(phone, 1)
    spans = Preference.objects.get().spans
    assert [FISH[span["start"] : span["end"]] for span in spans] == ["smells of the sea", "keeper"]
    phone.goto(f"/w/river/compare/?item={Preference.objects.get().comparison_id}")
    expect(phone.locator("[data-side=left] mark")).to_have_text(["smells of the sea", "keeper"])


@pytest.mark.parametrize("page", [320], indirect=True)
def test_an_order_is_given_by_the_keyboard_alone(phone: Page, river: Workshop) -> None:
    open_activity(river, "rank", wanted=1)
    phone.goto("/w/river/rank/")

    def press(answer: int, name: str) -> None:
        one = phone.locator("[data-rank-answer]").nth(answer)
        one.get_by_role("button", name=name).focus()
        phone.keyboard.press("Enter")

    press(1, "The best of those left")
    press(0, "The best of those left")
    press(2, "As good as the one before")
    press(1, "Take its place away")
    press(1, "The best of those left")
    places = phone.locator("[data-rank-answer] select")
    expect(places.nth(0)).to_have_value("1")
    expect(places.nth(1)).to_have_value("2")
    expect(places.nth(2)).to_have_value("1")
    phone.get_by_role("button", name="Save this order").focus()
    phone.keyboard.press("Enter")
    delivered(phone, 1)
    ranking = Ranking.objects.get()
    first, second, third = ranking.task.completions
    assert ranking.order == [[first, third], [second]]


@on_a_phone
def test_what_may_hurt_is_seen_only_by_who_opens_it(
    phone: Page, river: Workshop, amara: Participant
) -> None:
    Completion.objects.update(screening=Screening.SEVERE)
    open_activity(river, "rate", wanted=1)
    phone.goto("/w/river/rate/")
    phone.get_by_role("button", name="Yes, show me some").tap()
    expect(phone.get_by_text("Answer a to")).to_be_hidden()
    expect(phone.get_by_role("button", name="A good answer", exact=True)).to_be_hidden()
    phone.locator("summary", has_text="Show it").tap()
    phone.get_by_role("button", name="Not a good answer").tap()
    delivered(phone, 1)
    assert Rating.objects.get().value == -1


@on_a_phone
def test_a_case_that_is_written_without_a_connection_arrives(phone: Page, river: Workshop) -> None:
    open_activity(river, "case")
    phone.goto("/w/river/cases/")
    phone.context.set_offline(True)
    phone.get_by_label("When someone asks …").fill("if fish are safe")
    phone.get_by_label("… it should …").fill("say where to ask")
    phone.get_by_role("button", name="Save this test").tap()
    expect(phone.get_by_text("Waiting on this phone: 1.")).to_be_visible()
    phone.context.set_offline(False)
    delivered(phone, 1)
    assert amara_wrote() == ["if fish are safe"]


def amara_wrote() -> list[str]:
    """The situations of her cases."""
    participant = Participant.objects.get(pseudonym="amara")
    return list(participant.cases.values_list("situation", flat=True))


@pytest.mark.parametrize("page", [320], indirect=True)
@pytest.mark.parametrize("language", ["en", "ar"])
def test_every_page_is_whole_on_a_small_phone_in_both_directions(
    phone: Page, site: str, river: Workshop, language: str
) -> None:
    IdentityQuestion.objects.create(workshop=river, text="Where?", options=["Upstream"])
    for kind in (*KINDS, "case", "identity"):
        open_activity(river, kind)
    phone.context.add_cookies([{"name": "django_language", "value": language, "url": site}])
    for name in (*KINDS, "cases", "about-you", "harm", "said/compare"):
        phone.goto(f"/w/river/{name}/")
        for fold in phone.locator("main details").all():
            fold.evaluate("fold => { fold.open = true; }")
        assert overflow(phone) == 0, name
        found = Axe().run(phone).response["violations"]
        assert [(fault["id"], fault["nodes"][0]["html"]) for fault in found] == [], name
