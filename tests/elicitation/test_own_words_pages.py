"""Pages on which people write cases, and say something of themselves if they like."""

import re

import pytest
from django.test import Client

from elicitation.models import Case, IdentityAnswer, IdentityQuestion, Participant, Stage, Workshop
from tests.elicitation.stock import answer_next, fields_in, html_of, names_in, on_screen
from tests.phones import open_activity, phone_of


@pytest.fixture
def phone(amara: Participant) -> Client:
    """Amara's phone."""
    return phone_of(amara)


def test_people_write_cases_and_change_them_without_a_script(
    river: Workshop, phone: Client
) -> None:
    open_activity(river, "case")
    for words in ("if fish are safe", "who owns the bank"):
        html = answer_next(phone, "/w/river/cases/", situation=words, wish="ask back")
    assert "2 so far" in html_of(phone, "/w/river/")
    addresses = re.findall(r'href="(/w/river/cases/\?item=\d+)"', html)
    assert len(addresses) == 2
    html = html_of(phone, addresses[0])
    assert "who owns the bank</textarea>" in html
    changed = {"situation": "who may fish", "wish": "say who decides"}
    phone.post("/w/river/answer/", fields_in(html) | changed)
    assert set(Case.objects.values_list("situation", flat=True)) == {
        "if fish are safe",
        "who may fish",
    }


def test_what_others_wrote_is_not_shown(river: Workshop, phone: Client, bela: Participant) -> None:
    open_activity(river, "case")
    answer_next(phone_of(bela), "/w/river/cases/", situation="a secret of bela", wish="keep it")
    address = f"/w/river/cases/?item={Case.objects.get().pk}"
    assert "secret of bela" not in html_of(phone, address)


def test_a_case_stays_readable_when_its_stage_has_closed(river: Workshop, phone: Client) -> None:
    open_activity(river, "case")
    answer_next(phone, "/w/river/cases/", situation="if fish are safe", wish="ask back")
    Stage.objects.update(status=Stage.Status.CLOSED)
    html = html_of(phone, "/w/river/cases/")
    assert "if fish are safe" in html
    assert "?item=" not in html
    assert 'name="situation"' not in html


@pytest.fixture
def questions(river: Workshop) -> list[IdentityQuestion]:
    """One with answers to choose from, one without, one with markup in it."""
    open_activity(river, "identity")
    asked = [("Where?", ["Upstream", "Down & out"]), ("What else?", []), ("<b>Bold?</b>", ["<i>"])]
    return [
        IdentityQuestion.objects.create(workshop=river, text=text, options=options, position=place)
        for place, (text, options) in enumerate(asked)
    ]


def test_people_answer_pass_or_write_without_a_script(
    phone: Client, questions: list[IdentityQuestion]
) -> None:
    assert "0 of 3" in html_of(phone, "/w/river/")
    answer_next(phone, "/w/river/about-you/", **{"choices[]": ["Upstream", "Down & out"]})
    answer_next(phone, "/w/river/about-you/", skip="1")
    html = answer_next(phone, "/w/river/about-you/", text="Both")
    assert "That was all" in html
    said = IdentityAnswer.objects.order_by("question__position").values_list("choices", "text")
    assert list(said) == [(["Upstream", "Down & out"], ""), ([], ""), ([], "Both")]


def test_it_says_that_nobody_has_to_and_that_the_community_stays(
    phone: Client, questions: list[IdentityQuestion]
) -> None:
    html = html_of(phone, "/w/river/about-you/")
    assert "You do not have to answer any of this." in html
    assert "you stay with Fishers" in html
    assert "I would rather not say" in on_screen(html)


def test_an_answer_about_oneself_is_there_to_be_changed(
    phone: Client, questions: list[IdentityQuestion]
) -> None:
    answer_next(phone, "/w/river/about-you/", **{"choices[]": ["Down & out"]}, text="mine")
    html = html_of(phone, f"/w/river/about-you/?item={questions[0].pk}")
    assert names_in(html) == [f"identity:{questions[0].pk}"]
    assert re.search(r'value="Down &amp; out" checked', html)
    assert not re.search(r'value="Upstream" checked', html)
    assert 'value="mine"' in html


def test_questions_are_never_markup(phone: Client, questions: list[IdentityQuestion]) -> None:
    html = html_of(phone, "/w/river/about-you/")
    assert "<b>Bold" not in html
    assert 'value="<i>"' not in html


def test_people_read_it_where_they_are_compared_by_what_they_tick(
    phone: Client, questions: list[IdentityQuestion]
) -> None:
    assert "different things here" not in html_of(phone, "/w/river/about-you/")
    IdentityQuestion.objects.filter(pk=questions[0].pk).update(compares=True)
    html = " ".join(html_of(phone, "/w/river/about-you/").split())
    assert html.count("Nothing is told about fewer than 10 people.") == 1
