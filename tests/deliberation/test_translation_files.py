"""Translations in a spreadsheet: out, filled in, and back, with every line accounted for."""

from __future__ import annotations

import csv
import gzip
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from deliberation.models import Statement, StatementTranslation
from deliberation.translation_files import MOST_BYTES
from elicitation.kernel.tabular import csv_plain, csv_safe
from elicitation.models import (
    Activity,
    AuditEntry,
    Completion,
    CompletionTranslation,
    Participant,
    PromptTranslation,
    User,
    Workshop,
)
from tests.deliberation.statements import state
from tests.elicitation.stock import html_of, stock
from tests.hostile import PAYLOADS, Read
from tests.phones import open_activity, phone_of

FILE = "/workshops/river/translations/file/"
Lines = list[dict[str, str]]


@pytest.fixture
def browser(client: Client, farid: User) -> Client:
    """Farid's browser."""
    client.force_login(farid)
    return client


@pytest.fixture
def brief(river: Workshop) -> Statement:
    """A statement that people vote on."""
    return state(open_activity(river, "vote"), "Be brief.")


def downloaded(browser: Client, **asked: object) -> Lines:
    """The lines of the file to fill in."""
    response = browser.get(FILE, {"to": "es", **asked})
    text = b"".join(response.streaming_content).decode()  # type: ignore[attr-defined]
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text[1:], newline="")))


def uploaded(browser: Client, lines: Lines | bytes, origin: str = "person", to: str = "es") -> str:
    """The page that follows when a file is sent back."""
    content = lines if isinstance(lines, bytes) else bytes_of(lines)
    file = SimpleUploadedFile("filled.csv", content)
    response = browser.post(f"{FILE}?to={to}", {"upload": file, "origin": origin})
    return str(response.content.decode())


def bytes_of(lines: Lines) -> bytes:
    """A file of these lines, as a spreadsheet saves it."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, lines[0])
    writer.writeheader()
    writer.writerows(lines)
    return text.getvalue().encode()


def counted(page: str) -> list[int]:
    """How many lines were stored, known, empty and turned away."""
    return [
        int(page.split(f"</span> {word}")[0].rsplit(">", 1)[1])
        for word in ("stored", "known already", "empty", "turned away")
    ]


def test_what_is_missing_goes_out_and_comes_back_filled_in(
    river: Workshop, brief: Statement, browser: Client
) -> None:
    stock(river, 1, 1)
    lines = downloaded(browser)
    assert [line["kind"] for line in lines] == ["prompt", "completion", "statement"]
    filled = [line | {"translation": f"En español: {line['text']}"} for line in lines]
    assert counted(uploaded(browser, filled)) == [3, 0, 0, 0]
    assert PromptTranslation.objects.get().text == "En español: Question 0?"
    assert CompletionTranslation.objects.get().text == "En español: Answer a to 0."
    assert StatementTranslation.objects.get().text == "En español: Be brief."
    assert downloaded(browser) == []


def test_the_same_file_twice_changes_nothing(
    river: Workshop, brief: Statement, browser: Client
) -> None:
    filled = [downloaded(browser)[0] | {"translation": "Sé breve."}]
    uploaded(browser, filled)
    assert counted(uploaded(browser, filled)) == [0, 1, 0, 0]
    assert AuditEntry.objects.filter(action="save translations").count() == 1


def test_empty_lines_change_nothing_and_take_nothing_away(
    river: Workshop, brief: Statement, browser: Client
) -> None:
    uploaded(browser, [downloaded(browser)[0] | {"translation": "Sé breve."}])
    emptied = [line | {"translation": "  "} for line in downloaded(browser, list="all")]
    assert counted(uploaded(browser, emptied)) == [0, 0, 1, 0]
    assert StatementTranslation.objects.exists()


def test_a_machines_lines_are_a_machines_and_phones_say_so(
    river: Workshop, brief: Statement, amara: Participant, browser: Client
) -> None:
    uploaded(browser, [downloaded(browser)[0] | {"translation": "Sé breve.", "origin": "Machine"}])
    phone = phone_of(amara, headers={"Accept-Language": "es"})
    assert "Traducido por una máquina" in html_of(phone, "/w/river/vote/")
    assert StatementTranslation.objects.get().origin == "machine"


def test_who_made_it_is_never_guessed(river: Workshop, brief: Statement, browser: Client) -> None:
    filled = [downloaded(browser)[0] | {"translation": "Sé breve."}]
    page = uploaded(browser, filled, origin="")
    assert "This field is required." in page
    assert not StatementTranslation.objects.exists()


def test_a_machines_file_does_not_take_the_place_of_a_persons_words(
    river: Workshop, brief: Statement, browser: Client
) -> None:
    uploaded(browser, [downloaded(browser)[0] | {"translation": "Sé breve."}])
    now = downloaded(browser, list="all")[0] | {"translation": "Ser breve.", "origin": "machine"}
    page = uploaded(browser, [now])
    assert counted(page) == [0, 0, 0, 1]
    assert "a machine&#x27;s words do not take the place of theirs" in page
    assert StatementTranslation.objects.get().text == "Sé breve."


@pytest.mark.parametrize(
    ("changed", "column", "why"),
    [
        ({"kind": "principle"}, "kind", "It is one of prompt, completion, statement."),
        ({"id": "one"}, "id", "It is a number."),
        ({"id": "999999"}, "id", "It is not shown to people"),
        ({"id": "9" * 40}, "id", "It is a number."),
        ({"language": "ar"}, "language", "This line is for ar, and the file for es."),
        ({"language": "?"}, "language", "by its tag"),
        ({"origin": "me"}, "origin", "Say person or machine."),
        ({"seen": "000000000000."}, "seen", "The words that it translates were changed"),
        ({"translation": "é" * 1001}, "translation", "It is too long"),
    ],
)
def test_a_line_that_is_wrong_is_named_with_its_column_and_why(
    brief: Statement, browser: Client, changed: dict[str, str], column: str, why: str
) -> None:
    good = downloaded(browser)[0] | {"translation": "Sé breve."}
    page = uploaded(browser, [good | changed, good])
    assert counted(page) == [1, 0, 0, 1]
    row = page.split("<tbody>")[1].split("</tr>")[0]
    assert f'class="n">2</th><td>{column}</td>' in row
    assert why in row
    assert StatementTranslation.objects.get().text == "Sé breve."


def test_a_statement_that_was_changed_meanwhile_is_not_translated_from_an_old_file(
    brief: Statement, browser: Client
) -> None:
    filled = [downloaded(browser)[0] | {"translation": "Sé breve."}]
    Statement.objects.update(text="Be long.")
    assert counted(uploaded(browser, filled)) == [0, 0, 0, 1]


def test_an_old_file_does_not_undo_what_somebody_saved_since(
    brief: Statement, browser: Client
) -> None:
    old = downloaded(browser)[0]
    uploaded(browser, [old | {"translation": "Sea breve."}])
    page = uploaded(browser, [old | {"translation": "Sé breve."}])
    assert counted(page) == [0, 0, 0, 1]
    assert "Sea breve." in page
    assert StatementTranslation.objects.get().text == "Sea breve."


def test_what_needs_a_warning_goes_out_only_when_it_is_asked_for(
    river: Workshop, browser: Client
) -> None:
    stock(river, 1, 1, content_warning="Insults")
    assert downloaded(browser) == []
    assert [line["warning"] for line in downloaded(browser, show=1)] == ["Insults"] * 2


def test_no_cell_begins_a_formula_and_every_payload_comes_back_as_it_was(
    river: Workshop, brief: Statement, browser: Client
) -> None:
    for number, payload in enumerate(PAYLOADS):
        state(brief.stage.activities.get(), payload, external_id=f"p{number}")  # type: ignore[union-attr]
    lines = downloaded(browser)
    cells = [cell.strip() for line in lines for cell in line.values()]
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))] == []
    page = uploaded(browser, [line | {"translation": line["text"]} for line in lines])
    assert Read(page).made == []
    for one in StatementTranslation.objects.select_related("statement"):
        assert one.text == one.statement.text.replace("\r", "\n").strip()


def test_hostile_cells_are_turned_away_as_words(brief: Statement, browser: Client) -> None:
    good = downloaded(browser)[0]
    lines = [
        {**good, "translation": payload, column: payload}
        for payload in PAYLOADS
        for column in ("kind", "id", "language", "origin", "seen")
    ]
    page = uploaded(browser, lines)
    assert Read(page).made == []
    assert not StatementTranslation.objects.exists()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty"),
        (b"kind,id\n", "There is no column"),
        (b"\xff\xfek\0", "UTF-16"),
        (b"kind,id,translation,seen\nstatement,1,\xff,x\n", "not UTF-8"),
        (b'kind,id,translation,seen\nstatement,1,"open', "never closed"),
        (b"\x1f\x8bnot gzip", "gzip"),
    ],
)
def test_a_file_that_cannot_be_read_stores_nothing_and_says_why(
    brief: Statement, browser: Client, content: bytes, why: str
) -> None:
    page = uploaded(browser, content)
    assert why in page
    assert not StatementTranslation.objects.exists()


def test_a_file_that_unpacks_to_more_than_it_may_is_refused(
    brief: Statement, browser: Client
) -> None:
    bomb = gzip.compress(b"kind,id,translation,seen\n" + b"\n" * MOST_BYTES)
    assert "longer than" in uploaded(browser, bomb)


def test_a_file_that_is_too_large_is_not_read(brief: Statement, browser: Client) -> None:
    file = SimpleUploadedFile("filled.csv", b"x" * (MOST_BYTES + 1))
    response = browser.post(f"{FILE}?to=es", {"upload": file, "origin": "person"}, follow=True)
    assert "The file is too large" in response.content.decode()


def test_a_form_of_another_site_stores_nothing(brief: Statement, farid: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(farid)
    file = SimpleUploadedFile("filled.csv", b"kind,id,translation,seen\n")
    response = strict.post(f"{FILE}?to=es", {"upload": file, "origin": "person"})
    assert response.status_code == 403


def test_a_marked_translation_keeps_its_words_here_too(
    river: Workshop, amara: Participant, browser: Client
) -> None:
    stock(river, 1, 2)
    activity: Activity = open_activity(river, "compare", wanted=1)
    first = downloaded(browser)
    uploaded(browser, [line | {"translation": "Palabras."} for line in first])
    html_of(phone_of(amara), "/w/river/compare/")
    assert activity.stage.is_open
    now = [line | {"translation": "Otras."} for line in downloaded(browser, list="all")]
    assert counted(uploaded(browser, now)) == [1, 0, 0, 2]
    assert set(CompletionTranslation.objects.values_list("text", flat=True)) == {"Palabras."}
    assert Completion.objects.count() == 2


@given(st.text())
def test_a_safe_cell_is_read_as_what_it_was(text: str) -> None:
    safe = csv_safe(text)
    assert csv_plain(safe) == text or text.startswith("'")
