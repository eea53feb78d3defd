"""Pages on which people judge models' answers: blind, warned, one at a time, without a script."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from elicitation.models import (
    AnswerEvent,
    Completion,
    CompletionTranslation,
    Participant,
    Preference,
    Prompt,
    PromptTranslation,
    Ranking,
    Rating,
    Rewrite,
    Stage,
    Workshop,
)
from tests.elicitation.stock import (
    Screening,
    answer_next,
    fields_in,
    html_of,
    names_in,
    on_screen,
    stock,
)
from tests.phones import open_activity, phone_of, send

ACTIVITIES = {
    "compare": {"choice": "left:1"},
    "rate": {"value": "1"},
    "criteria": {"values__helpful": "4", "values__true": "", "values__safe": "5"},
    "rank": {"place__0": "2", "place__1": "1", "place__2": "2"},
    "rewrite": {"text": "Ask the river keeper."},
}


@pytest.fixture
def phone(amara: Participant) -> Client:
    """Amara's phone."""
    return phone_of(amara)


@pytest.mark.parametrize(("kind", "body"), ACTIVITIES.items())
def test_people_come_through_every_activity_without_a_script(
    river: Workshop, phone: Client, kind: str, body: dict[str, str]
) -> None:
    stock(river, prompts=4, completions=3)
    open_activity(river, kind, wanted=3)
    assert "of 3" in html_of(phone, "/w/river/") or "0 of 3" in html_of(phone, "/w/river/")
    for number in (1, 2, 3):
        assert f"{number} of 3" in on_screen(html_of(phone, f"/w/river/{kind}/"))
        html = answer_next(phone, f"/w/river/{kind}/", **body)
    assert names_in(html) == []
    assert "That was all" in html
    assert ">Done<" in html_of(phone, "/w/river/")
    assert AnswerEvent.objects.count() == 3


def test_each_activity_leaves_its_own_rows(river: Workshop, phone: Client) -> None:
    stock(river, prompts=1, completions=3)
    for kind, body in ACTIVITIES.items():
        open_activity(river, kind, wanted=1)
        answer_next(phone, f"/w/river/{kind}/", **body)
    assert Preference.objects.get().strength == 1
    values = dict(Rating.objects.values_list("criterion", "value"))
    assert values == {"thumbs": 1, "helpful": 4, "safe": 5}
    assert [len(place) for place in Ranking.objects.get().order] == [1, 2]
    assert Rewrite.objects.get().text == "Ask the river keeper."


@pytest.mark.parametrize("kind", ACTIVITIES)
def test_everything_can_be_skipped(river: Workshop, phone: Client, kind: str) -> None:
    stock(river, prompts=1, completions=3)
    open_activity(river, kind, wanted=1)
    skip = {"choice": "skip"} if kind == "compare" else {"skip": "1"}
    assert "That was all" in answer_next(phone, f"/w/river/{kind}/", **skip)
    assert not Rating.objects.exists()
    assert not Preference.objects.exclude(choice="skip").exists()


@pytest.mark.parametrize("kind", ACTIVITIES)
def test_a_phone_holds_four_more_for_when_there_is_no_connection(
    river: Workshop, phone: Client, kind: str
) -> None:
    stock(river, prompts=9, completions=3)
    open_activity(river, kind)
    html = html_of(phone, f"/w/river/{kind}/")
    names = names_in(html)
    assert len(names) == len(set(names)) == 5
    assert html.count("<template data-item") == 4
    keys = re.findall(r'name="key" value="([^"]+)"', html)
    assert len(set(keys)) == 5
    held = ",".join(name.split(":")[1] for name in names)
    assert not set(names) & set(names_in(html_of(phone, f"/w/river/{kind}/?skip={held}")))


@pytest.mark.parametrize("kind", ACTIVITIES)
def test_where_an_answer_comes_from_is_nowhere_on_the_page(
    river: Workshop, phone: Client, kind: str
) -> None:
    stock(river, prompts=2, completions=3)
    Completion.objects.update(
        text="I am ChatGPT, a large language model trained by OpenAI. Boil it first.",
        revision="rev-secret",
    )
    for number, completion in enumerate(Completion.objects.all()):
        Completion.objects.filter(pk=completion.pk).update(content_hash=str(number))
    Prompt.objects.update(
        messages=[
            {"role": "user", "content": "Hello"},
            {"role": "assistant", "content": "I am Claude, made by Anthropic."},
            {"role": "user", "content": "Is the water safe?"},
        ]
    )
    open_activity(river, kind)
    html = html_of(phone, f"/w/river/{kind}/")
    assert "Boil it first." in html
    for secret in ("secret", "ChatGPT", "OpenAI", "Claude", "Anthropic"):
        assert secret not in html


def test_the_whole_conversation_is_shown_with_who_speaks(river: Workshop, phone: Client) -> None:
    stock(river, prompts=1)
    turns = [("system", "Be brief."), ("user", "Hello"), ("assistant", "Yes?"), ("user", "Fish?")]
    Prompt.objects.update(messages=[{"role": who, "content": said} for who, said in turns])
    open_activity(river, "compare")
    html = html_of(phone, "/w/river/compare/")
    places = [html.index(said) for _, said in turns]
    assert places == sorted(places)
    assert html.count("A person</span>") == 2


@pytest.mark.parametrize("kind", ACTIVITIES)
def test_a_warning_comes_before_what_it_warns_of(river: Workshop, phone: Client, kind: str) -> None:
    stock(river, prompts=1, completions=3, content_warning="It contains <insults>.")
    open_activity(river, kind)
    html = html_of(phone, f"/w/river/{kind}/")
    warned = html.index('<details class="warned">')
    assert warned < html.index("It contains &lt;insults&gt;.") < html.index("</summary>", warned)
    assert html.index("</summary>", warned) < html.index("Question 0?") < html.index("Answer a")
    assert html.index("Skip it") > html.rindex("</details>", 0, html.index("Skip it"))


def test_what_is_hard_to_bear_is_asked_about_once(
    river: Workshop, amara: Participant, phone: Client
) -> None:
    stock(river, prompts=2, screening=Screening.SEVERE)
    open_activity(river, "compare")
    response = phone.get("/w/river/compare/")
    assert response.headers["Location"] == "/w/river/harm/?next=%2Fw%2Friver%2Fcompare%2F"
    after = phone.post("/w/river/harm/", {"see": "no", "next": "/w/river/compare/"})
    assert after.headers["Location"] == "/w/river/compare/"
    assert names_in(html_of(phone, "/w/river/compare/")) == []
    phone.post("/w/river/harm/", {"see": "yes"})
    html = html_of(phone, "/w/river/compare/")
    assert len(names_in(html)) == 2
    assert '<details class="warned">' in on_screen(html)
    amara.refresh_from_db()
    assert amara.sees_severe


def test_no_answer_about_what_is_hard_to_bear_means_no(amara: Participant, phone: Client) -> None:
    phone.post("/w/river/harm/", {"next": "https://elsewhere.example/"})
    amara.refresh_from_db()
    assert not amara.sees_severe


def test_a_translation_is_marked_and_the_original_is_one_tap_away(
    river: Workshop, phone: Client
) -> None:
    (prompt,) = stock(river, prompts=1)
    completion = prompt.completions.first()
    assert completion is not None
    CompletionTranslation.objects.create(
        completion=completion, locale="es", text="Pregunta.", origin="machine"
    )
    PromptTranslation.objects.create(prompt=prompt, locale="es", text="¿Pez?", origin="person")
    open_activity(river, "compare")
    phone.cookies["django_language"] = "es"
    html = html_of(phone, "/w/river/compare/")
    assert 'lang="es" data-locale="es"' in html
    assert "Pregunta." in html
    assert "¿Pez?" in html
    assert html.count('<details class="fold"><summary>') >= 2
    assert completion.text in html
    phone.cookies["django_language"] = "en"
    assert "Pregunta." not in html_of(phone, "/w/river/compare/")


def test_an_answer_can_be_changed_until_the_stage_closes(river: Workshop, phone: Client) -> None:
    stock(river, prompts=3)
    open_activity(river, "compare")
    html = answer_next(phone, "/w/river/compare/", choice="left:3", rationale="It is short.")
    (again,) = re.findall(r'href="(/w/river/compare/\?item=\d+)"', html)
    html = html_of(phone, again)
    assert "You answered this before" in html
    assert re.search(r'value="left:3"[^>]*aria-current="true"', html)
    assert "It is short." in html
    phone.post("/w/river/answer/", fields_in(html) | {"choice": "right:1"})
    assert Preference.objects.get().choice == "right"
    Stage.objects.update(status=Stage.Status.CLOSED)
    assert "not open now" in html_of(phone, again)


def test_what_was_marked_is_there_again(river: Workshop, phone: Client) -> None:
    stock(river, prompts=1)
    Completion.objects.update(text="I am Claude, and I say: ask the keeper.")
    for number, completion in enumerate(Completion.objects.all()):
        Completion.objects.filter(pk=completion.pk).update(content_hash=str(number))
    open_activity(river, "compare")
    html = answer_next(phone, "/w/river/compare/", choice="left", decided="ask the keeper")
    (again,) = re.findall(r'href="(/w/river/compare/\?item=\d+)"', html)
    html = html_of(phone, again)
    (mark,) = re.findall(r'name="spans\[\]" value="([^"]+)" checked', html)
    assert '<q dir="auto">ask the keeper</q>' in html
    phone.post("/w/river/answer/", fields_in(html) | {"choice": "left", "spans[]": mark})
    before, after = AnswerEvent.objects.order_by("pk")
    assert before.body["spans"] == after.body["spans"]


@pytest.mark.parametrize(("kind", "body"), ACTIVITIES.items())
def test_people_see_what_they_answered(
    river: Workshop, phone: Client, kind: str, body: dict[str, str]
) -> None:
    stock(river, prompts=2, completions=3)
    open_activity(river, kind)
    answer_next(phone, f"/w/river/{kind}/", **body)
    html = html_of(phone, f"/w/river/said/{kind}/")
    (address,) = re.findall(rf'href="(/w/river/{kind}/\?item=\d+)"', html)
    said = {
        "compare": "Answer 1 is a bit better",
        "rate": "A good answer",
        "criteria": "It helps: mostly",
        "rank": "Answer 2 · Answer 1 · Answer 3",
        "rewrite": "Ask the river keeper.",
    }
    assert said[kind] in html
    assert "You answered this before" in html_of(phone, address)


@pytest.mark.parametrize("kind", ACTIVITIES)
def test_the_item_of_another_is_not_shown(
    river: Workshop, phone: Client, bela: Participant, kind: str
) -> None:
    stock(river, prompts=1, completions=3)
    open_activity(river, kind)
    (name,) = names_in(html_of(phone_of(bela), f"/w/river/{kind}/"))[:1]
    assert name not in names_in(html_of(phone, f"/w/river/{kind}/?item={name.split(':')[1]}"))


def test_what_is_withheld_later_is_not_shown_again_to_be_changed(
    river: Workshop, phone: Client
) -> None:
    stock(river, prompts=1)
    open_activity(river, "compare")
    html = answer_next(phone, "/w/river/compare/", choice="left")
    (again,) = re.findall(r'href="(/w/river/compare/\?item=\d+)"', html)
    Completion.objects.update(screening=Screening.WITHHELD)
    assert "Answer a to" not in html_of(phone, again)


@pytest.mark.parametrize("kind", [*ACTIVITIES, "cases", "about-you"])
def test_what_is_not_open_says_so_kindly(river: Workshop, phone: Client, kind: str) -> None:
    html = html_of(phone, f"/w/river/{kind}/")
    assert "not open now" in html
    assert reverse("phone-home", args=["river"]) in html


def test_what_models_and_people_wrote_is_never_markup(river: Workshop, phone: Client) -> None:
    evil = '<script>alert(1)</script>" onload="x'
    stock(river, prompts=1, completions=3, content_warning=evil[:200])
    Completion.objects.update(text=evil)
    for number, completion in enumerate(Completion.objects.all()):
        Completion.objects.filter(pk=completion.pk).update(content_hash=str(number))
    Prompt.objects.update(messages=[{"role": evil, "content": evil}])
    Workshop.objects.update(debrief=evil, support=evil)
    for kind in ACTIVITIES:
        open_activity(river, kind, settings={"criteria": [evil[:40]]})
        html = html_of(phone, f"/w/river/{kind}/")
        assert "<script>alert" not in html
        assert 'onload="x' not in html


def test_a_refused_answer_gives_back_every_word(river: Workshop, phone: Client) -> None:
    stock(river, prompts=1)
    open_activity(river, "rewrite")
    (name,) = names_in(html_of(phone, "/w/river/rewrite/"))[:1]
    response = send(phone, "river", "rewrite", int(name.split(":")[1]), text="word " * 900)
    assert response.status_code == 422
    assert "word word" in response.content.decode()
