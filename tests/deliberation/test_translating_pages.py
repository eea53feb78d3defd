"""The page of translations: whole, warned, and telling the later of two what the first one did."""

from __future__ import annotations

import html
import re

import pytest
from django.test import Client
from django.urls import reverse

from deliberation.models import Statement, StatementTranslation
from elicitation.models import (
    Activity,
    Completion,
    CompletionTranslation,
    Membership,
    Participant,
    Prompt,
    PromptTranslation,
    User,
    Workshop,
)
from tests.conftest import staff
from tests.deliberation.statements import state
from tests.elicitation.stock import stock
from tests.everything import everything
from tests.hostile import PAYLOADS, Read, Saying, shown_in
from tests.phones import open_activity

FIELD = re.compile(r"<(input|textarea)\b([^>]*)>(?:\n([^<]*)</textarea>)?")
PAGE = "/workshops/river/translations/"


@pytest.fixture
def browser(client: Client, farid: User) -> Client:
    """Farid's browser."""
    client.force_login(farid)
    return client


@pytest.fixture
def voting(river: Workshop) -> Activity:
    """People vote on statements."""
    return open_activity(river, "vote")


def opened(browser: Client, **asked: object) -> str:
    """The page."""
    response = browser.get(PAGE, asked)
    assert response.status_code == 200
    return str(response.content.decode())


def fields_of(page: str) -> dict[str, str]:
    """The form of the boxes as a browser would send it, untouched."""
    form = page[page.index('class="reading"') :].split("</form>")[0]
    sent = {}
    for _, attributes, text in FIELD.findall(form):
        known = dict(re.findall(r'([a-z]+)="([^"]*)"', attributes))
        if known.get("type") != "checkbox":
            sent[known["name"]] = html.unescape(text or known.get("value", ""))
    return sent


def box(row: Statement | Prompt | Completion) -> str:
    """The name of its box."""
    return f"text-{type(row).__name__.lower()}-{row.pk}"


def test_all_that_was_typed_on_a_page_is_stored_at_once(
    river: Workshop, voting: Activity, browser: Client
) -> None:
    (prompt,), brief = stock(river, 1, 2), state(voting, "Be brief.")
    answer = prompt.completions.earliest("pk")
    sent = fields_of(opened(browser, to="es"))
    sent |= {box(prompt): "¿Qué?", box(answer): "Esto.", box(brief): "Sé breve."}
    browser.post(f"{PAGE}?to=es", sent)
    assert PromptTranslation.objects.get().text == "¿Qué?"
    assert CompletionTranslation.objects.get().text == "Esto."
    assert StatementTranslation.objects.get().text == "Sé breve."


def test_a_page_that_nobody_touched_changes_nothing(
    river: Workshop, voting: Activity, browser: Client
) -> None:
    brief = state(voting, "Be brief.")
    words = {"locale": "es", "text": "Sé\nbreve & claro.", "origin": "machine"}
    StatementTranslation.objects.create(statement=brief, **words)
    sent = fields_of(opened(browser, to="es", list="all"))
    assert sent[box(brief)] == "Sé\nbreve & claro."
    response = browser.post(f"{PAGE}?to=es", sent, follow=True)
    assert "Nothing was changed." in response.content.decode()
    assert StatementTranslation.objects.filter(**words).exists()


def test_what_is_translated_is_under_all_and_not_under_missing(
    river: Workshop, voting: Activity, browser: Client
) -> None:
    brief = state(voting, "Be brief.")
    StatementTranslation.objects.create(
        statement=brief, locale="es", text="Sé breve.", origin="person"
    )
    assert "Be brief." not in opened(browser, to="es")
    assert "Sé breve." in opened(browser, to="es", list="all")
    assert "Be brief." in opened(browser, to="ar")


def test_the_later_of_two_people_sees_both_and_decides(
    river: Workshop, voting: Activity, browser: Client
) -> None:
    brief = state(voting, "Be brief.")
    mine, theirs = (fields_of(opened(browser, to="es")) for _ in range(2))
    browser.post(f"{PAGE}?to=es", theirs | {box(brief): "Sea breve."})
    response = browser.post(f"{PAGE}?to=es", mine | {box(brief): "Sé breve."})
    page = response.content.decode()
    assert response.status_code == 422
    assert "Somebody else saved another translation meanwhile." in page
    assert "Sea breve." in page
    assert fields_of(page)[box(brief)] == "Sé breve."
    browser.post(f"{PAGE}?to=es", fields_of(page))
    assert StatementTranslation.objects.get().text == "Sé breve."


def test_what_was_typed_for_a_statement_that_is_gone_can_be_copied(
    river: Workshop, voting: Activity, browser: Client
) -> None:
    brief = state(voting, "Be brief.")
    sent = fields_of(opened(browser, to="es"))
    Statement.objects.update(moderation="out")
    page = browser.post(f"{PAGE}?to=es", sent | {box(brief): "Sé breve."}).content.decode()
    assert "not any more" in page
    assert "Sé breve." in page


def test_a_machines_words_become_a_persons_when_somebody_stands_by_them(
    river: Workshop, voting: Activity, browser: Client
) -> None:
    brief = state(voting, "Be brief.")
    StatementTranslation.objects.create(
        statement=brief, locale="es", text="Sé breve.", origin="machine"
    )
    sent = fields_of(opened(browser, to="es", list="all"))
    browser.post(f"{PAGE}?to=es", sent | {f"checked-statement-{brief.pk}": "1"})
    assert StatementTranslation.objects.get().origin == "person"


def test_what_needs_a_warning_is_shown_to_who_asks_for_it(river: Workshop, browser: Client) -> None:
    stock(river, 1, 1, content_warning="Insults")
    page = opened(browser, to="es")
    assert "Insults" in page
    assert "Question 0?" not in page
    assert "Answer a to 0." not in page
    assert "Answer a to 0." in opened(browser, to="es", show=1)


def test_pages_hold_few_boxes_and_lose_none(
    river: Workshop, voting: Activity, browser: Client
) -> None:
    stock(river, 9, 4)
    found = [fields_of(opened(browser, to="es", page=number)) for number in (1, 2, 3)]
    names = [name for sent in found for name in sent if name.startswith("text-")]
    assert len(names) == len(set(names)) == 45


def test_an_answer_on_the_next_page_still_has_its_question_beside_it(
    river: Workshop, browser: Client
) -> None:
    (prompt,) = stock(river, 1, 12)
    Prompt.objects.update(messages=[{"role": "user", "content": "Safe to drink?"}])
    for letter in "mnopqrstuvw":
        Completion.objects.create(
            prompt=prompt, text=letter, content_hash=letter, screening="cleared"
        )
    assert "Safe to drink?" in opened(browser, to="es", page=2)


@pytest.mark.parametrize("to", ["spanish!", "x", '"><x-mark>', "e" * 30])
def test_what_is_no_language_is_said_so_and_nothing_is_stored(
    river: Workshop, voting: Activity, browser: Client, to: str
) -> None:
    brief = state(voting, "Be brief.")
    sent = fields_of(opened(browser, to="es")) | {box(brief): "Sé breve."}
    for response in (browser.get(PAGE, {"to": to}), browser.post(f"{PAGE}?to={to}", sent)):
        assert response.status_code == 422
        assert Read(response.content.decode()).made == []
    assert not StatementTranslation.objects.exists()


def test_a_language_that_phones_do_not_speak_yet_is_kept_and_said_to_be(
    river: Workshop, voting: Activity, browser: Client
) -> None:
    brief = state(voting, "Be brief.")
    page = opened(browser, to="PT-BR")
    assert "The pages on phones are not in" in page
    browser.post(f"{PAGE}?to=PT-BR", fields_of(page) | {box(brief): "Seja breve."})
    assert StatementTranslation.objects.get().locale == "pt-br"
    assert "The pages on phones are not in" not in opened(browser, to="es")


def test_an_empty_workshop_says_where_texts_come_from(river: Workshop, browser: Client) -> None:
    page = opened(browser)
    assert "Phones show nothing yet." in page
    assert reverse("screening", args=["river"]) in page


def test_moderators_translate_too(river: Workshop, voting: Activity, client: Client) -> None:
    brief = state(voting, "Be brief.")
    client.force_login(staff(river, "mo", Membership.Role.MODERATOR))
    client.post(f"{PAGE}?to=es", fields_of(opened(client, to="es")) | {box(brief): "Sé breve."})
    assert StatementTranslation.objects.get().text == "Sé breve."


def test_a_text_of_another_workshop_is_not_translated_from_here(
    river: Workshop, voting: Activity, browser: Client, olu: User
) -> None:
    hill = Workshop.objects.create(slug="hill", title="Hill")
    theirs = Statement.objects.create(
        workshop=hill, text="Theirs.", external_id="1", moderation="in"
    )
    browser.post(f"{PAGE}?to=es", {box(theirs): "Suyo.", f"seen-statement-{theirs.pk}": "."})
    assert not StatementTranslation.objects.exists()


@pytest.mark.parametrize("start", [0, 50])
def test_nothing_is_made_from_what_people_models_and_translators_wrote(
    amara: Participant, farid: User, browser: Client, start: int
) -> None:
    say = Saying(start)
    everything(amara, farid, say)
    texts = []
    for number in range(1, 3):
        page = Read(opened(browser, to="ar", list="all", show=1, page=number))
        assert page.made == []
        texts += page.text
    assert len(shown_in(texts)) > 30


def test_hostile_words_come_back_as_words_when_they_are_not_stored(
    river: Workshop, voting: Activity, browser: Client
) -> None:
    brief = state(voting, "Be brief.")
    sent = fields_of(opened(browser, to="es"))
    for payload in PAYLOADS:
        typed = sent | {box(brief): payload + " long" * 300}
        response = browser.post(f"{PAGE}?to=es", typed)
        assert response.status_code == 422
        assert Read(response.content.decode()).made == []
