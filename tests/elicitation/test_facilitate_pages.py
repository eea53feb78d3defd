"""The facilitator's pages: what they show, what they refuse, and what hangs on the wall."""

from __future__ import annotations

import html
import re
from urllib.parse import unquote

import pytest
import segno
from django.test import Client
from django.urls import reverse

from elicitation.kernel.models import Work
from elicitation.kernel.work import run_inline
from elicitation.models import (
    Activity,
    AnswerEvent,
    IdentityAnswer,
    IdentityQuestion,
    Participant,
    Stage,
    User,
    Workshop,
)
from tests.conftest import take_part
from tests.elicitation.test_facilitating import prompt_with, write_case
from tests.phones import open_activity, phone_of

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


@pytest.fixture
def browser(client: Client, farid: User) -> Client:
    """Farid's browser."""
    client.force_login(farid)
    return client


def page_of(browser: Client, name: str, *arguments: object) -> str:
    """A page's markup."""
    return browser.get(reverse(name, args=arguments or ["river"])).content.decode()


def words(page: str) -> str:
    """What a page says, without markup."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())


def modules_of(picture: str) -> set[tuple[int, int]]:
    """The dark squares (row, column) of a QR code drawn as an SVG, without its quiet edge."""
    path = re.search(r"stroke='#000' d='([^']+)'", unquote(picture)).group(1)
    dark, row, column = set(), 0, 0
    for command, x, y in re.findall(r"([Mmh])(-?[\d.]+)(?: (-?[\d.]+))?", path):
        if command == "h":
            dark |= {(row, column + step) for step in range(int(x))}
            column += int(x)
        elif command == "M":
            row, column = int(float(y)), int(x)
        else:
            row, column = row + int(float(y)), column + int(x)
    return {(row - 4, column - 4) for row, column in dark}


def test_the_square_on_the_sheet_is_the_address_of_its_community(
    river: Workshop, browser: Client
) -> None:
    pictures = re.findall(r'class="qr" src="([^"]+)"', page_of(browser, "sheet"))
    for picture, seat in zip(pictures, river.seats.all(), strict=True):
        wanted = segno.make(f"http://testserver/join/{seat.join_code}/", error="m", micro=False)
        dark = {
            (row, column)
            for row, line in enumerate(wanted.matrix)
            for column, module in enumerate(line)
            if module
        }
        assert modules_of(html.unescape(picture)) == dark


def test_the_sheet_stands_under_the_address_that_phones_use(
    river: Workshop, browser: Client, settings
) -> None:
    settings.PUBLIC_ADDRESS = "http://192.0.2.7:8000"
    page = page_of(browser, "sheet")
    assert 'alt="The address http://192.0.2.7:8000/join/RIVER000/' in page
    assert "Phones cannot reach" not in page


def test_the_sheet_says_when_no_phone_can_reach_its_address(
    river: Workshop, browser: Client, settings
) -> None:
    settings.PUBLIC_ADDRESS = "http://127.0.0.1:8000"
    assert "Phones cannot reach this address" in page_of(browser, "sheet")


def test_the_sheet_says_how_to_join_in_three_languages(river: Workshop, browser: Client) -> None:
    page = page_of(browser, "sheet")
    assert re.findall(r'<ol lang="(\w+)" dir="(\w+)">', page) == 2 * [
        ("en", "ltr"), ("es", "ltr"), ("ar", "rtl"),
    ]  # fmt: skip
    assert "RIVE R000" in page


def test_a_stage_is_closed_by_its_button_and_phones_learn_of_it(
    river: Workshop, amara: Participant, browser: Client
) -> None:
    open_activity(river, "case")
    phone = phone_of(amara)
    before = phone.get(reverse("pulse", args=["river"])).json()
    stage = Stage.objects.get()
    response = browser.post(reverse("meeting-stage", args=["river", stage.pk]), {"do": "close"})
    assert response["Location"] == reverse("meeting", args=["river"])
    assert phone.get(reverse("pulse", args=["river"])).json() != before
    assert "Nothing to do right now" in page_of(phone, "phone-home")


def test_somebody_who_closes_what_is_closed_is_told_so(river: Workshop, browser: Client) -> None:
    address = reverse("meeting-stage", args=["river", Stage.objects.get().pk])
    browser.post(address, {"do": "close"})
    said = words(browser.post(address, {"do": "close"}, follow=True).content.decode())
    assert "Somebody else has done that already." in said


def test_a_stage_of_another_workshop_is_not_there(river: Workshop, browser: Client) -> None:
    hill = Workshop.objects.create(slug="hill", title="Hill")
    theirs = Stage.objects.create(workshop=hill, kind="norms", title="Norms", status="open")
    address = reverse("meeting-stage", args=["river", theirs.pk])
    assert browser.post(address, {"do": "close"}).status_code == 404
    theirs.refresh_from_db()
    assert theirs.is_open


def test_what_an_activity_is_asked_for_is_changed_by_its_form(
    river: Workshop, browser: Client
) -> None:
    activity = open_activity(river, "compare")
    address = reverse("meeting-activity", args=["river", activity.pk])
    browser.post(address, {"do": "change", "wanted": "6", "core": "2"})
    activity.refresh_from_db()
    assert (activity.wanted, activity.settings) == (6, {"core": 2})
    browser.post(address, {"do": "change", "wanted": "-1", "core": "2"})
    activity.refresh_from_db()
    assert activity.wanted == 6


def test_criteria_are_lines_of_ones_own_words(river: Workshop, browser: Client) -> None:
    activity = open_activity(river, "criteria")
    address = reverse("meeting-activity", args=["river", activity.pk])
    browser.post(address, {"do": "change", "criteria": "helpful\n fair  to: all\nhelpful\n\n"})
    activity.refresh_from_db()
    assert activity.settings == {"criteria": ["helpful", "fair to all"]}
    assert "fair to all" in page_of(browser, "meeting")


def test_who_makes_a_live_workshop_goes_on_to_its_meeting(river: Workshop, browser: Client) -> None:
    made = browser.post(reverse("workshop-new"), {"title": "Hill", "provenance": "live"})
    assert made["Location"] == reverse("meeting", args=["hill"])
    page = words(browser.get(made["Location"]).content.decode())
    assert "Add the communities" in page


def test_a_prompt_is_pushed_and_released_again(river: Workshop, browser: Client) -> None:
    activity = open_activity(river, "compare")
    prompt = prompt_with(river, "cleared", "cleared")
    address = reverse("push-prompt", args=["river", activity.pk])
    assert "Question 0" in browser.get(address).content.decode()
    browser.post(address, {"prompt": prompt.pk})
    assert "Before everyone: Question 0" in words(page_of(browser, "meeting"))
    browser.post(reverse("meeting-activity", args=["river", activity.pk]), {"do": "unpush"})
    assert Activity.objects.get().pushed is None


def test_only_what_was_cleared_is_offered_for_pushing(river: Workshop, browser: Client) -> None:
    activity = open_activity(river, "compare")
    prompt_with(river, "waiting", "withheld")
    page = page_of(browser, "push-prompt", "river", activity.pk)
    assert "No prompt is ready" in page


def test_the_page_shows_numbers_and_no_ones_answer(
    river: Workshop, amara: Participant, browser: Client
) -> None:
    open_activity(river, "case", wanted=2)
    write_case(amara, Stage.objects.get())
    page = page_of(browser, "meeting")
    assert re.search(r"Fishers .* 1 1 0 1 of 2", words(page))
    assert "amara" not in page


def test_a_new_workshop_says_what_to_do_first(river: Workshop, browser: Client) -> None:
    Stage.objects.all().delete()
    river.seats.all().delete()
    page = words(page_of(browser, "meeting"))
    assert page.index("Add the communities") < page.index("Bring in prompts") < page.index("Print")


def test_settings_are_kept_and_what_breaks_a_promise_is_refused(
    river: Workshop, browser: Client
) -> None:
    address = reverse("workshop-settings", args=["river"])
    sent = {"title": river.title, "exposure_cap": 3, "small_cell": 10, "support": "Ask Farid."}
    assert browser.post(address, sent).status_code == 302
    assert Workshop.objects.get().support == "Ask Farid."
    take_part(river, "fishers", "amara")
    response = browser.post(address, sent | {"withdraw_until": "2031-05-01"})
    assert response.status_code == 422
    assert Workshop.objects.get().withdraw_until is None


def test_a_question_about_oneself_stays_once_somebody_answered(
    river: Workshop, amara: Participant, browser: Client
) -> None:
    browser.post(reverse("add-question", args=["river"]), {"text": "Boat?", "options": "Yes\n\nNo"})
    question = IdentityQuestion.objects.get()
    assert question.options == ["Yes", "No"]
    event = AnswerEvent.objects.create(
        participant=amara, key="1", kind="identity", target=question.pk, body={}
    )
    IdentityAnswer.objects.create(participant=amara, question=question, event=event)
    browser.post(reverse("remove-question", args=["river", question.pk]))
    assert IdentityQuestion.objects.exists()
    IdentityAnswer.objects.all().delete()
    browser.post(reverse("remove-question", args=["river", question.pk]))
    assert not IdentityQuestion.objects.exists()


def test_people_are_compared_only_by_answers_to_tick(river: Workshop, browser: Client) -> None:
    address = reverse("add-question", args=["river"])
    asked = {"text": "How old?", "options": "", "compares": "on"}
    assert "needs two answers to tick" in browser.post(address, asked, follow=True).content.decode()
    assert not IdentityQuestion.objects.exists()
    html = browser.post(address, asked | {"options": "Old\nYoung"}, follow=True).content.decode()
    assert IdentityQuestion.objects.get().compares
    assert "Analyses compare people by it." in html


def test_nothing_that_people_named_becomes_markup(river: Workshop, browser: Client) -> None:
    Workshop.objects.update(title=HOSTILE, content_warning=HOSTILE)
    Stage.objects.update(title=HOSTILE)
    river.seats.get(position=0).community.__class__.objects.filter(slug="fishers").update(
        name=HOSTILE
    )
    activity = open_activity(river, "compare")
    prompt = prompt_with(river, "waiting", content_warning=HOSTILE)
    prompt.completions.update(text=HOSTILE, source=HOSTILE)
    IdentityQuestion.objects.create(workshop=river, text=HOSTILE, options=[HOSTILE])
    addresses = [
        reverse(name, args=["river"])
        for name in ("meeting", "workshop-settings", "screening", "sheet", "screen", "integrity")
    ]
    addresses += [reverse("push-prompt", args=["river", activity.pk])]
    for address in addresses:
        page = browser.get(address, {"show": 1}).content.decode()
        assert "<script>alert" not in page
        assert "<img src=x" not in page


def test_a_published_workshop_has_no_meeting_among_its_tabs(
    river: Workshop, browser: Client
) -> None:
    meeting = f'href="{reverse("meeting", args=["river"])}"'
    assert meeting in page_of(browser, "people")
    Workshop.objects.update(provenance="real", provenance_note="From a paper.")
    assert meeting not in page_of(browser, "people")


def test_the_list_of_what_stands_out_is_asked_for_once(river: Workshop, browser: Client) -> None:
    address = reverse("integrity", args=["river"])
    for _ in range(2):
        browser.post(address)
    assert Work.objects.filter(subject=f"integrity:{river.pk}").count() == 1
    assert "Waiting for a worker" in browser.get(address).content.decode()


def test_the_list_names_nobody_where_nobody_stands_out(
    river: Workshop, amara: Participant, browser: Client
) -> None:
    run_inline(
        "elicitation.tasks.check_integrity", subject=f"integrity:{river.pk}", workshop=river.pk
    )
    page = words(page_of(browser, "integrity"))
    assert "Nobody of 1 people stands out." in page
    assert "amara" not in page


def test_an_administrator_lowers_no_promise_by_hand(
    client: Client, river: Workshop, django_user_model: type[User]
) -> None:
    client.force_login(django_user_model.objects.create_superuser("admin", password="a"))
    page = client.get(f"/admin/elicitation/workshop/{river.pk}/change/").content.decode()
    assert 'name="title"' in page
    assert 'name="small_cell"' not in page
    assert 'name="small_cell"' in client.get("/admin/elicitation/workshop/add/").content.decode()
