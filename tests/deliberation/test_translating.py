"""Putting what phones show into other languages: marked, audited, and lost under nobody's hands."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils.translation import override

from deliberation.items import statement_words
from deliberation.methods.language_tags import language_tag
from deliberation.models import Statement, StatementTranslation
from deliberation.services.translating import (
    BY_A_PERSON,
    CHANGED,
    GONE,
    OVERTAKEN,
    TWICE,
    Saved,
    Typed,
    save_translations,
)
from deliberation.translations import COMPARED, MARKED, number_missing, places_of, standing
from elicitation.models import (
    Activity,
    AuditEntry,
    Completion,
    CompletionTranslation,
    Participant,
    Preference,
    Prompt,
    PromptTranslation,
    Stage,
    User,
    Workshop,
)
from elicitation.services.withdrawing import withdraw
from tests.deliberation.statements import state
from tests.elicitation.stock import answer_next, html_of, stock
from tests.phones import open_activity, phone_of
from tests.racing import race, racing_database  # noqa: F401

KEY = "3f2c8a64-0d4c-4f0e-9a51-3f0d1e6a7c11"


@pytest.fixture
def voting(river: Workshop) -> Activity:
    """People vote on statements."""
    return open_activity(river, "vote")


@pytest.fixture
def brief(voting: Activity) -> Statement:
    """A statement that was accepted."""
    return state(voting, "Be brief.")


def typed(row: Statement | Prompt | Completion, text: str, origin: str = "") -> Typed:
    """Somebody's translation into Spanish, with what stands there now before them."""
    kind = type(row).__name__.lower()
    workshop = row.prompt.workshop if isinstance(row, Completion) else row.workshop
    seen = standing(workshop, [(kind, row.pk)], "es")[kind, row.pk].seen
    return Typed(kind, row.pk, seen, text, origin)


def save(workshop: Workshop, by: User, *typed: Typed) -> Saved:
    """Store these."""
    return save_translations(workshop=workshop, locale="es", by=by, typed=typed)


def spoken(row: Statement) -> list[tuple[str, str, str]]:
    """The translations of a statement."""
    return list(row.translations.order_by("locale").values_list("locale", "text", "origin"))


@pytest.mark.parametrize(
    ("said", "tag"),
    [("es", "es"), (" PT-BR ", "pt-br"), ("zh_Hant_TW", "zh-hant-tw"), ("es-419", "es-419")],
)
def test_a_language_has_one_name_however_it_is_written(said: str, tag: str) -> None:
    assert language_tag(said) == tag


@pytest.mark.parametrize("said", ["", "e", "spanish!", "x-mark", "en-latn-us-posix", "é", "es\0"])
def test_what_is_no_language_is_refused(said: str) -> None:
    with pytest.raises(ValueError, match="by its tag"):
        language_tag(said)


def test_what_somebody_typed_is_a_persons_and_phones_are_told(
    river: Workshop, brief: Statement, farid: User
) -> None:
    before = Workshop.objects.get().pulse
    saved = save(river, farid, typed(brief, " Sé breve.\r\nY claro. "))
    assert saved.stored == [("statement", brief.pk)]
    assert spoken(brief) == [("es", "Sé breve.\nY claro.", "person")]
    assert Workshop.objects.get().pulse == before + 1


def test_who_translated_what_is_kept_and_its_words_in_one_place_only(
    river: Workshop, brief: Statement, farid: User
) -> None:
    save(river, farid, typed(brief, "Sé breve."))
    entry = AuditEntry.objects.get(action="save translations")
    assert entry.user == farid
    assert entry.detail == {"locale": "es", "stored": [f"statement:{brief.pk}"], "removed": []}


def test_saving_the_same_again_changes_nothing(
    river: Workshop, brief: Statement, farid: User
) -> None:
    same = typed(brief, "Sé breve.", "person")
    save(river, farid, same)
    again = save(river, farid, same)
    assert (again.stored, again.known, again.held) == ([], 1, [])
    assert AuditEntry.objects.count() == 1


def test_an_emptied_box_takes_the_translation_away(
    river: Workshop, brief: Statement, farid: User
) -> None:
    save(river, farid, typed(brief, "Sé breve."))
    assert save(river, farid, typed(brief, "  ")).removed == [("statement", brief.pk)]
    assert spoken(brief) == []


def test_the_later_of_two_is_told_and_loses_nothing(
    river: Workshop, brief: Statement, farid: User
) -> None:
    mine, theirs = typed(brief, "Sé breve."), typed(brief, "Sea breve.")
    save(river, farid, theirs)
    (held,) = save(river, farid, mine).held
    assert (held.typed.text, held.reason) == ("Sé breve.", OVERTAKEN)
    assert held.now is not None
    assert held.now.translation == "Sea breve."
    assert spoken(brief) == [("es", "Sea breve.", "person")]


def test_a_box_that_was_left_alone_does_not_undo_what_somebody_saved_meanwhile(
    river: Workshop, brief: Statement, farid: User
) -> None:
    save(river, farid, typed(brief, "Sé breve."))
    untouched = typed(brief, "Sé breve.")
    save(river, farid, typed(brief, "Sea breve."))
    saved = save(river, farid, untouched)
    assert (saved.known, saved.held) == (1, [])
    assert spoken(brief) == [("es", "Sea breve.", "person")]


def test_what_cannot_be_stored_holds_nothing_else_back(
    river: Workshop, voting: Activity, farid: User
) -> None:
    one, other = state(voting, "Be brief."), state(voting, "Be kind.")
    saved = save(river, farid, typed(one, "é" * 1001), typed(other, "Sé amable."))
    assert [held.typed.pk for held in saved.held] == [one.pk]
    assert "1,000 characters" in saved.held[0].reason
    assert spoken(other) == [("es", "Sé amable.", "person")]


def test_a_long_answer_has_room_for_a_longer_translation(river: Workshop, farid: User) -> None:
    stock(river, 1, 1)
    Completion.objects.update(text="word " * 4000)
    saved = save(river, farid, typed(Completion.objects.get(), "palabra " * 4000))
    assert saved.held == []


def test_a_machine_does_not_take_the_place_of_a_person(
    river: Workshop, brief: Statement, farid: User
) -> None:
    save(river, farid, typed(brief, "Ser breve.", "machine"))
    save(river, farid, typed(brief, "Sé breve."))
    (held,) = save(river, farid, typed(brief, "Breve sea.", "machine")).held
    assert held.reason == BY_A_PERSON
    assert spoken(brief) == [("es", "Sé breve.", "person")]


def test_a_machines_words_that_nobody_touched_stay_a_machines(
    river: Workshop, brief: Statement, farid: User
) -> None:
    save(river, farid, typed(brief, "Sé breve.", "machine"))
    save(river, farid, typed(brief, "Sé breve."))
    assert spoken(brief) == [("es", "Sé breve.", "machine")]
    save(river, farid, typed(brief, "Sé breve.", "person"))
    assert spoken(brief) == [("es", "Sé breve.", "person")]


def test_the_same_text_twice_is_stored_once(river: Workshop, brief: Statement, farid: User) -> None:
    saved = save(river, farid, typed(brief, "Sé breve."), typed(brief, "Sea breve."))
    assert [held.reason for held in saved.held] == [TWICE]
    assert spoken(brief) == [("es", "Sé breve.", "person")]


def test_only_what_phones_show_is_there_to_translate(river: Workshop, voting: Activity) -> None:
    shown = state(voting, "Read.")
    state(voting, "Not read.", moderation="unreviewed")
    state(voting, "Out.", moderation="out")
    seed = state(voting, "Ours.", moderation="unreviewed", is_seed=True)
    cleared, _ = stock(river, 2, 1)
    Completion.objects.exclude(prompt=cleared).update(screening="waiting")
    places = [(one.kind, one.pk) for one in places_of(river, "es", missing=True)]
    answer = cleared.completions.get()
    names = [("prompt", cleared.pk), ("completion", answer.pk)]
    assert places == [*names, ("statement", shown.pk), ("statement", seed.pk)]


def test_what_is_in_a_language_is_missing_in_no_more_than_the_others(
    river: Workshop, brief: Statement, farid: User
) -> None:
    (prompt,) = stock(river, 1, 2)
    save(river, farid, typed(prompt, "¿Pregunta?"), typed(brief, "Sé breve."))
    assert (number_missing(river, "es"), number_missing(river, "ar")) == (2, 4)
    assert [one.kind for one in places_of(river, "es", missing=True)] == ["completion"] * 2


def test_another_workshops_texts_are_not_there(
    river: Workshop, brief: Statement, farid: User
) -> None:
    hill = Workshop.objects.create(slug="hill", title="Hill")
    (held,) = save(hill, farid, typed(brief, "Sé breve.")).held
    assert (held.reason, spoken(brief)) == (GONE, [])


def test_what_its_writer_took_back_meanwhile_is_not_translated(
    river: Workshop, voting: Activity, amara: Participant, farid: User
) -> None:
    theirs = state(voting, "My own secret.", author=amara)
    late = typed(theirs, "Mi secreto.")
    withdraw(participant=amara, scope="all", key=KEY)
    (held,) = save(river, farid, late).held
    assert held.reason in (CHANGED, GONE)
    assert not StatementTranslation.objects.exists()


@pytest.fixture
def marked(river: Workshop, amara: Participant, farid: User) -> Completion:
    """An answer in whose translation Amara marked what decided hers; the stage is closed since."""
    stock(river, 1, 2)
    open_activity(river, "compare", wanted=1)
    for one in Completion.objects.all():
        save(river, farid, typed(one, f"Respuesta {one.pk}."))
    phone = phone_of(amara, headers={"Accept-Language": "es"})
    answer_next(phone, "/w/river/compare/", choice="left:1", **{"spans[]": "left:0:9:es"})
    Stage.objects.update(status="closed")
    return Preference.objects.get().comparison.left


def test_words_that_people_marked_do_not_change_under_their_marks(
    river: Workshop, marked: Completion, farid: User
) -> None:
    for text in ("Otra respuesta.", ""):
        (held,) = save(river, farid, typed(marked, text)).held
        assert held.reason == MARKED
    assert marked.translations.get().text == f"Respuesta {marked.pk}."


def test_who_made_a_marked_translation_can_still_be_set_right(
    river: Workshop, marked: Completion, farid: User
) -> None:
    CompletionTranslation.objects.update(origin="machine")
    save(river, farid, typed(marked, f"Respuesta {marked.pk}.", "person"))
    assert marked.translations.get().origin == "person"


def test_the_answer_beside_it_and_other_languages_are_free(
    river: Workshop, marked: Completion, farid: User
) -> None:
    other = Completion.objects.exclude(pk=marked.pk).get()
    assert save(river, farid, typed(other, "Otra.")).held == []
    arabic = standing(river, [("completion", marked.pk)], "ar")["completion", marked.pk].seen
    one = Typed("completion", marked.pk, arabic, "جواب")
    assert save_translations(workshop=river, locale="ar", by=farid, typed=[one]).held == []


def test_a_mark_that_was_taken_back_binds_nobody(
    river: Workshop, marked: Completion, amara: Participant, farid: User
) -> None:
    withdraw(participant=amara, scope="all", key=KEY)
    assert save(river, farid, typed(marked, "Otra.")).held == []


def test_a_translation_stays_while_people_may_be_marking_it(
    river: Workshop, amara: Participant, farid: User
) -> None:
    stock(river, 1, 2)
    open_activity(river, "compare", wanted=1)
    one = Completion.objects.earliest("pk")
    save(river, farid, typed(one, "Respuesta."))
    html_of(phone_of(amara), "/w/river/compare/")
    assert [held.reason for held in save(river, farid, typed(one, "Otra.")).held] == [COMPARED]
    Stage.objects.update(status="closed")
    assert save(river, farid, typed(one, "Otra.")).held == []


def test_a_first_translation_may_come_while_people_compare(
    river: Workshop, amara: Participant, farid: User
) -> None:
    (prompt,) = stock(river, 1, 2)
    open_activity(river, "compare", wanted=1)
    html_of(phone_of(amara), "/w/river/compare/")
    rows = [prompt, *prompt.completions.all()]
    assert save(river, farid, *(typed(row, "Palabras.") for row in rows)).held == []
    assert PromptTranslation.objects.get().text == "Palabras."


@pytest.mark.parametrize("locale", ["es-419", "es-mx"])
def test_a_variety_of_the_phones_language_can_be_marked_too(
    river: Workshop, amara: Participant, locale: str
) -> None:
    stock(river, 1, 2)
    open_activity(river, "compare", wanted=1)
    for one in Completion.objects.all():
        CompletionTranslation.objects.create(
            completion=one, locale=locale, text="Respuesta.", origin="person"
        )
    phone = phone_of(amara, headers={"Accept-Language": "es"})
    answer_next(phone, "/w/river/compare/", choice="left:1", **{"spans[]": f"left:0:9:{locale}"})
    assert Preference.objects.get().spans[0]["locale"] == locale


@pytest.mark.usefixtures("racing_database")
def test_of_many_who_save_at_once_one_is_first_and_the_others_are_told(
    river: Workshop, brief: Statement, farid: User
) -> None:
    texts = [typed(brief, f"Sé breve, dice {number}.") for number in range(8)]
    saved: list[Saved] = []
    faults = race(lambda number: saved.append(save(river, farid, texts[number])), writers=8)
    assert faults == []
    assert sorted(len(one.stored) for one in saved) == [0] * 7 + [1]
    assert {held.reason for one in saved for held in one.held} == {OVERTAKEN}
    assert AuditEntry.objects.filter(action="save translations").count() == 1


@pytest.mark.usefixtures("racing_database")
def test_no_translation_slips_in_behind_somebody_who_leaves(
    river: Workshop, voting: Activity, amara: Participant, farid: User
) -> None:
    rows = [state(voting, f"My secret {number}.", author=amara) for number in range(6)]
    late = [typed(row, "Mi secreto.") for row in rows]

    def act(number: int) -> None:
        if number == 3:
            withdraw(participant=amara, scope="all", key=KEY)
        else:
            save(river, farid, *late)

    assert race(act, writers=6) == []
    assert not StatementTranslation.objects.exists()


@pytest.mark.parametrize("origin", ["machine", "person"])
def test_a_phone_says_who_made_it(
    river: Workshop, brief: Statement, amara: Participant, farid: User, origin: str
) -> None:
    save(river, farid, typed(brief, "Sé breve.", origin))
    phone: Client = phone_of(amara, headers={"Accept-Language": "es"})
    page = html_of(phone, "/w/river/vote/")
    assert "Sé breve." in page
    assert ("una máquina" in page) == (origin == "machine")


def test_the_variety_of_the_phone_comes_first(brief: Statement, farid: User) -> None:
    for locale, text in (("es-mx", "Órale, breve."), ("es", "Sé breve.")):
        StatementTranslation.objects.create(
            statement=brief, locale=locale, text=text, origin="person"
        )
    with override("es"):
        assert statement_words(brief).text == "Sé breve."
