"""Translations: nothing that people are told is in English alone."""

from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation

from deploy.words import (
    Sentence,
    catalogue_path,
    compile_catalogues,
    languages,
    missing,
    read_catalogue,
    sentences,
    update,
)

GREETING = Sentence("Hello %(name)s", "", "a.html")
ANSWERS = Sentence("%(count)s answer", "%(count)s answers", "a.html")


@pytest.fixture
def locale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of translations that is empty."""
    monkeypatch.setattr(settings, "LOCALE_PATHS", [tmp_path])
    return tmp_path


@pytest.mark.parametrize("language", languages())
def test_every_sentence_is_translated(language: str) -> None:
    assert missing(language, sentences(settings.BASE_DIR)) == []


def test_templates_and_modules_are_both_read() -> None:
    found = {(one.singular, one.path.rsplit(".", 1)[1]) for one in sentences(settings.BASE_DIR)}
    assert ("Skip to the content", "html") in found
    assert ("Your code", "py") in found


def test_what_is_not_translated_is_named(locale: Path) -> None:
    assert "Hello" in missing("es", [GREETING])[0]


@pytest.mark.parametrize("said", ["Hola", "Hola %(nombre)s"])
def test_a_translation_with_other_placeholders_is_wrong(locale: Path, said: str) -> None:
    translate(Sentence("Hello %(name)s", "", "a.html"), said)
    assert "placeholders" in missing("es", [GREETING])[0]


def test_a_right_translation_is_not_missing(locale: Path) -> None:
    translate(GREETING, "Hola %(name)s")
    assert missing("es", [GREETING]) == []


def test_arabic_counts_in_six_forms(locale: Path) -> None:
    update("ar", [ANSWERS])
    assert read_catalogue("ar").num_plurals == 6
    assert len(missing("ar", [ANSWERS])) == 1


def test_bringing_a_file_up_to_date_keeps_what_is_translated(locale: Path) -> None:
    translate(GREETING, "Hola %(name)s")
    assert update("es", [GREETING, ANSWERS]) == 1
    assert read_catalogue("es").get("Hello %(name)s").string == "Hola %(name)s"


def test_spanish_keeps_its_three_forms(locale: Path) -> None:
    update("es", [ANSWERS])
    path = catalogue_path("es")
    forms = "".join(f'msgstr[{number}] "%(count)s r"\n' for number in range(3))
    head = path.read_text().partition("msgstr[0]")[0]
    path.write_text(head + forms)
    assert update("es", [ANSWERS]) == 0


def test_bringing_a_file_up_to_date_twice_changes_nothing(locale: Path) -> None:
    update("es", [GREETING, ANSWERS])
    before = catalogue_path("es").read_bytes()
    update("es", [GREETING, ANSWERS])
    assert catalogue_path("es").read_bytes() == before


def test_pages_speak_what_the_files_say() -> None:
    compile_catalogues()
    with translation.override("es"):
        assert translation.gettext("Skip to the content") == "Saltar al contenido"


def translate(sentence: Sentence, said: str) -> None:
    """Put one translation into the Spanish file."""
    update("es", [sentence])
    path = catalogue_path("es")
    text = path.read_text()
    path.write_text(text.replace('msgstr ""\n\n', f'msgstr "{said}"\n\n'))
