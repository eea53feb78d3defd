"""Pages about people, what they were shown, and what came in."""

import csv
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from elicitation.kernel.models import Work
from elicitation.models import (
    AnswerEvent,
    AuditEntry,
    Comparison,
    Completion,
    ImportedFile,
    ImportRejection,
    Participant,
    Preference,
    Prompt,
    User,
    Workshop,
)
from elicitation.tallies import Preferred, pairs_of
from tests.conftest import staff, take_part
from tests.phones import open_activity


@pytest.fixture
def browser(client: Client, farid: User) -> Client:
    """Farid's browser."""
    client.force_login(farid)
    return client


def text_of(client: Client, page: str, *arguments: object) -> str:
    """The page's words, without markup."""
    html = client.get(reverse(page, args=arguments)).content.decode()
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


def asked(workshop: Workshop, number: int, **fields: str) -> Prompt:
    """A prompt with two completions."""
    prompt = Prompt.objects.create(
        workshop=workshop,
        messages=[{"role": "user", "content": f"Question {number}"}],
        content_hash=str(number),
        **fields,
    )
    for answer in ("First answer", "Second answer"):
        Completion.objects.create(prompt=prompt, text=answer, content_hash=answer)
    return prompt


def prefer(person: Participant, prompt: Prompt, choice: str, turned: bool = False) -> None:
    """Compare the two completions of a prompt, shown in this order or the other way round."""
    one, other = prompt.completions.order_by("pk")
    left, right = (other, one) if turned else (one, other)
    comparison = Comparison.objects.create(
        participant=person, prompt=prompt, left=left, right=right
    )
    event = AnswerEvent.objects.create(
        participant=person, key=f"{prompt.pk}", kind="preference", target=comparison.pk, body={}
    )
    Preference.objects.create(event=event, comparison=comparison, choice=choice)


def test_which_side_a_completion_was_on_does_not_matter(
    river: Workshop, amara: Participant, bela: Participant
) -> None:
    prompt = asked(river, 1)
    prefer(amara, prompt, "left")
    prefer(bela, prompt, "right", turned=True)
    [pair] = pairs_of(prompt)
    assert [(row.one, row.other, row.n) for row in pair.rows] == [(1, 0, 1), (1, 0, 1)]


def test_skipping_is_not_an_answer(river: Workshop, amara: Participant) -> None:
    prompt = asked(river, 1)
    prefer(amara, prompt, "skip")
    assert pairs_of(prompt)[0].rows[0].n == 0


def test_a_live_workshop_says_nothing_about_few_people(
    river: Workshop, amara: Participant, browser: Client
) -> None:
    prompt = asked(river, 1)
    prefer(amara, prompt, "left")
    assert "Fishers Too few to say" in text_of(browser, "prompt", "river", prompt.pk)


def test_published_answers_are_shown_however_few(
    river: Workshop, amara: Participant, browser: Client
) -> None:
    Workshop.objects.update(provenance="real", provenance_note="Read in a paper.")
    prompt = asked(river, 1)
    prefer(amara, prompt, "left")
    assert "Fishers 1 0 0 0 1" in text_of(browser, "prompt", "river", prompt.pk)


def test_running_counts_of_a_live_workshop_are_not_shown(
    river: Workshop, amara: Participant, browser: Client
) -> None:
    prompt = asked(river, 1)
    prefer(amara, prompt, "left")
    open_activity(river, "compare")
    assert "shown when the stage is closed" in text_of(browser, "prompt", "river", prompt.pk)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (Preferred(None, one=6, other=6), False),
        (Preferred(None, one=11, other=1, equal=5), False),
        (Preferred(None, one=6, other=6, equal=2, neither=3), True),
        (Preferred(None, one=3, other=3, equal=3), False),
    ],
)
def test_a_part_of_few_people_is_told_to_nobody(row: Preferred, told: bool) -> None:
    assert row.may_be_told(10) is told
    assert row.may_be_told(0)


PUBLIC_PAGES = ("workshop", "statements", "prompts", "people", "import")


@pytest.mark.parametrize("page", PUBLIC_PAGES)
def test_every_page_says_where_published_answers_come_from(
    river: Workshop, browser: Client, page: str
) -> None:
    Workshop.objects.update(provenance="simulated", provenance_note="Nobody said any of this.")
    text = text_of(browser, page, "river")
    assert "Simulated people. Nobody said any of this." in text


def test_harmful_text_waits_behind_its_warning(river: Workshop, browser: Client) -> None:
    prompt = asked(river, 1, content_warning="Describes a drowning")
    html = browser.get(reverse("prompt", args=["river", prompt.pk])).content.decode()
    before, inside = html.split('<details class="warned">')
    assert "Describes a drowning" in inside
    assert "Question 1" in inside.split("</details>")[0]
    assert "Question 1" not in before


def test_the_list_of_prompts_asks_the_database_as_often_for_many(
    river: Workshop, browser: Client
) -> None:
    asked(river, 0)
    with CaptureQueriesContext(connection) as few:
        text_of(browser, "prompts", "river")
    for number in range(1, 20):
        asked(river, number)
    with CaptureQueriesContext(connection) as many:
        text_of(browser, "prompts", "river")
    assert len(many) == len(few)


def test_prompts_can_be_searched(river: Workshop, browser: Client) -> None:
    for number in (1, 2):
        asked(river, number)
    html = browser.get(reverse("prompts", args=["river"]), {"q": "question 2"}).content.decode()
    assert "Question 2" in html
    assert "Question 1" not in html


def test_people_are_shown_by_pseudonym_and_never_by_code(
    river: Workshop, amara: Participant, browser: Client
) -> None:
    Participant.objects.update(return_code_hash="5ecret")
    html = browser.get(reverse("people", args=["river"])).content.decode()
    assert "amara" in html
    assert "5ecret" not in html


def test_people_can_be_narrowed_to_one_community(
    river: Workshop, amara: Participant, bela: Participant, browser: Client
) -> None:
    address = reverse("people", args=["river"])
    html = browser.get(address, {"community": amara.seat_id}).content.decode()
    assert "amara" in html
    assert "bela" not in html


@pytest.fixture
def imported(river: Workshop) -> ImportedFile:
    """An import of which 130 rows were turned away."""
    imported = ImportedFile.objects.create(
        workshop=river,
        name="votes.csv",
        format="polis",
        sha256="0",
        bytes=10,
        rows_rejected=130,
        notices=["Two people share a name."],
    )
    ImportRejection.objects.bulk_create(
        ImportRejection(
            imported_file=imported, file="votes.csv", line=line, field="=1+1", reason=f"No {line}"
        )
        for line in range(1, 131)
    )
    return imported


def test_a_report_names_each_row_that_was_turned_away(
    imported: ImportedFile, browser: Client
) -> None:
    text = text_of(browser, "import-report", "river", imported.pk)
    assert "Two people share a name." in text
    assert "votes.csv 100 =1+1 No 100" in text
    assert "Page 1 of 2" in text


def test_all_rejections_can_be_taken_along_defused(imported: ImportedFile, browser: Client) -> None:
    address = reverse("import-rejections", args=["river", imported.pk])
    lines = list(csv.reader(browser.get(address).getvalue().decode().splitlines()))
    assert lines[0] == ["file", "line", "field", "reason"]
    assert len(lines) == 131
    assert not lines[1][2].startswith("=")


def new_workshop(browser: Client, **fields: str) -> int:
    """Send the form for a new workshop; the status."""
    data = {"title": "On the hill", "provenance": "live"} | fields
    return browser.post(reverse("workshop-new"), data).status_code


def test_who_makes_a_workshop_facilitates_it_and_it_is_written_down(
    browser: Client, farid: User
) -> None:
    assert new_workshop(browser) == 302
    made = Workshop.objects.get(slug="on-the-hill")
    assert made.memberships.get().user == farid
    assert AuditEntry.objects.get(workshop=made).user == farid


def test_two_workshops_of_one_title_have_two_addresses(browser: Client) -> None:
    new_workshop(browser)
    new_workshop(browser)
    assert Workshop.objects.filter(title="On the hill").values("slug").distinct().count() == 2


@pytest.mark.parametrize("title", ["New", "新", "مرحبا"])
def test_any_title_gets_an_address_that_opens(browser: Client, title: str) -> None:
    new_workshop(browser, title=title)
    made = Workshop.objects.get(title=title)
    assert title in browser.get(made.get_absolute_url()).content.decode()


def test_published_answers_must_say_where_they_come_from(browser: Client) -> None:
    assert new_workshop(browser, provenance="real") == 422
    assert not Workshop.objects.filter(title="On the hill").exists()


def fragment(client: Client, work: Work, **headers: str):
    """How far an import is, as htmx asks for it."""
    return client.get(reverse("import-progress", args=["river", work.pk]), headers=headers)


def test_progress_is_not_sent_again_while_nothing_moves(river: Workshop, browser: Client) -> None:
    work = Work.objects.create(task="t", subject=f"import:{river.pk}")
    tag = fragment(browser, work)["ETag"]
    assert fragment(browser, work, if_none_match=tag).status_code == 304
    Work.objects.update(progress={"done": 4, "of": 12, "say": "Reading"})
    moved = fragment(browser, work, if_none_match=tag)
    assert "4 of 12" in moved.content.decode()


def test_the_page_is_loaded_again_when_the_work_ends(river: Workshop, browser: Client) -> None:
    work = Work.objects.create(task="t", subject=f"import:{river.pk}")
    assert "HX-Refresh" not in fragment(browser, work)
    Work.objects.update(status="failed", error="The file ends early.", ended="2026-01-01T00:00Z")
    assert fragment(browser, work)["HX-Refresh"] == "true"


def test_work_about_something_else_is_not_shown(river: Workshop, browser: Client) -> None:
    work = Work.objects.create(task="t", subject="analysis:1")
    assert fragment(browser, work).status_code == 404


def test_a_role_in_one_workshop_opens_no_other(river: Workshop, client: Client) -> None:
    other = Workshop.objects.create(slug="hill", title="Hill")
    client.force_login(staff(other, "hilda", "facilitator"))
    assert client.get(reverse("people", args=["river"])).status_code == 404
    assert take_part(river, "fishers", "zoe").pseudonym not in text_of(client, "home")
