"""Words that would be markup stay words: on every page, in every export, through every door."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from deliberation.models import Statement
from deliberation.services.statements import import_statement_file
from elicitation.kernel.models import Work
from elicitation.models import (
    Activity,
    IdentityQuestion,
    ImportedFile,
    Participant,
    Prompt,
    Stage,
    User,
    Workshop,
)
from elicitation.services.preferences import import_preference_file
from policy.charts import analysis_charts
from policy.models import Analysis, ConstitutionVersion
from tests.elicitation.stock import on_screen
from tests.everything import JUDGED, RECEIPT, everything
from tests.hostile import MAKING, PAYLOADS, Read, Saying, shown_in
from tests.line import (
    ROW,
    SNAPSHOT,
    make_report,
    make_run,
    make_snapshot,
    one_community,
    report_result,
)
from tests.test_participant_permissions import ARGUMENTS
from tests.test_participant_permissions import TABLE as PARTICIPANTS
from tests.test_participant_permissions import WHO as PARTICIPANTS_WHO
from tests.test_permissions import TABLE as STAFF
from tests.test_permissions import WHO as STAFF_WHO
from training.models import TrainingRun

pytestmark = pytest.mark.django_db
FINE = 200
LANGUAGES = ("en", "ar")
ALSO = [
    *(f"/w/river/said/{kind}/" for kind in JUDGED),
    "/w/river/rules/?list=1",
    "/w/river/you/data/?as=html",
    "/w/river/say/like/?text=It+should+x-mark+x-mark+x-mark",
    "/w/river/you/take-back/?scope=all",
    f"/w/river/you/receipts/{RECEIPT}/",
]
SCREENED = ("waiting", "cleared", "withheld")
# Places of a result that hold words.
WORDS = frozenset({"text", "sentence", "note", "phrase", "theme"})


@pytest.fixture(params=[0, 50])
def say(request: pytest.FixtureRequest) -> Saying:
    """Beginning with another of the payloads each time."""
    return Saying(request.param)


@pytest.fixture
def phone(amara: Participant, farid: User, say: Saying) -> Client:
    """Amara's phone, in a workshop in which everything is hostile."""
    return everything(amara, farid, say)


def pages_of(client: Client, addresses: list[str]) -> Iterator[tuple[str, Read]]:
    """Each address that answers with a page, taken apart, in both directions of writing."""
    for language in LANGUAGES:
        for address in addresses:
            response = client.get(address, headers={"Accept-Language": language})
            assert response.status_code == FINE, (address, response.status_code)
            if response.headers["Content-Type"].startswith("text/html"):
                yield f"{address} {language}", Read(response.content.decode())


def read_all(client: Client, addresses: list[str]) -> set[str]:
    """Open all of these; nothing of them is made from hostile words. The payloads to be read."""
    made, texts = {}, list[str]()
    for address, page in pages_of(client, addresses):
        texts += page.text
        if page.made:
            made[address] = page.made
    assert made == {}
    return shown_in(texts)


def test_nothing_on_a_phone_is_made_from_what_somebody_wrote(phone: Client) -> None:
    amara = PARTICIPANTS_WHO.index("amara")
    rows = [row for row in PARTICIPANTS if row.method == "get" and row.answers[amara] == FINE]
    known = ARGUMENTS | {"code": "RIVER000"}
    listed = [reverse(row.page, args=[known[one] for one in row.arguments.split()]) for row in rows]
    assert len(read_all(phone, listed + ALSO)) >= 100


def test_nothing_on_the_first_page_is_either(phone: Client) -> None:
    assert read_all(Client(), ["/join/RIVER000/", "/join/RIVER001/"])


def test_a_form_is_given_back_its_words_and_nothing_more(phone: Client) -> None:
    """Every box that an answer is changed in holds it whole; the box itself stays closed."""
    for kind in JUDGED:
        page = phone.get(f"/w/river/said/{kind}/").content.decode()
        address = next(part for part in page.split('"') if f"/{kind}/?item=" in part)
        again = phone.get(address)
        assert Read(again.content.decode()).made == []
        assert on_screen(again.content.decode()).count("<form") == 2


def test_a_refused_answer_gives_back_hostile_words_as_words(phone: Client) -> None:
    for payload in PAYLOADS:
        body = {"kind": "case", "target": "0", "key": "k", "situation": f"{payload} one two"}
        response = phone.post("/w/river/answer/", body | {"next": payload})
        assert response.status_code == 422
        read = Read(response.content.decode())
        assert read.made == []
        assert payload[:60].strip() in "".join(read.text) or "\x0b" in payload or "\r" in payload


def in_hostile_words(value: Any, say: Saying, names: Mapping[str, str]) -> Any:
    """A stored result with other words in the places where words stand."""
    if isinstance(value, dict):
        return {
            names.get(key, key): say(key, 200)
            if key in WORDS and part and isinstance(part, str)
            else in_hostile_words(part, say, names)
            for key, part in value.items()
        }
    if isinstance(value, list):
        return [in_hostile_words(part, say, names) for part in value]
    return names.get(value, value) if isinstance(value, str) else value


@pytest.fixture
def desks(phone: Client, river: Workshop, amara: Participant, tmp_path: Path, say: Saying) -> None:
    """All that staff see besides: an analysis, files brought in, a run with its report."""
    names = {"Fishers": say("name", 60), "Farmers": say("name", 60)}
    analysis = Analysis.objects.get()
    result = in_hostile_words(analysis.result, say, names)
    Analysis.objects.update(result=result, charts=analysis_charts(result))
    bring_in(river, tmp_path, say)
    version = ConstitutionVersion.objects.get()
    snapshot = make_snapshot(version, amara, tmp_path)
    train = tmp_path / "train.jsonl"
    told = {"chosen": say("chosen", 200), "rejected": say("rejected", 200)}
    train.write_text(json.dumps(json.loads(train.read_text()) | told) + "\n")
    report = report_result(fishers=one_community(0.1, 0.05, 0.2))
    sample = {"role": "user", "content": say("prompt", 200)}
    report["samples"] = [{"prompt": [sample], "base": say("base", 200), "tuned": say("t", 200)}]
    run = make_run(snapshot)
    make_report(run, report)
    subjects = (f"import:{river.pk}", f"integrity:{river.pk}", f"snapshot:{version.pk}")
    for subject in (*subjects, run.subject, "analysis:river"):
        fault = {"status": "failed", "error": say("error", 400), "ended": timezone.now()}
        Work.objects.create(task="none", subject=subject, **fault)


def bring_in(workshop: Workshop, folder: Path, say: Saying) -> None:
    """Files of preferences and of statements, some of whose rows are turned away."""
    community = workshop.communities.get(slug="farmers")
    names = ("prompt", "completion_a", "completion_b", "choice", "rater", "rationale", "theme")
    rows = [{name: say(name, 100) for name in names} | {"choice": "a"} for _ in range(8)]
    rows += [{name: say(name, 100) for name in names} for _ in range(8)]
    preferences = folder / "preferences.jsonl"
    preferences.write_text("".join(json.dumps(row) + "\n" for row in rows))
    import_preference_file(
        path=preferences,
        format="jsonl",
        workshop=workshop,
        community=community,
        name=say("file", 200),
    )
    statements = folder / "statements.jsonl"
    columns = ("text", "id", "theme", "subtheme", "quote", "kind")
    rows = [{name: say(name, 100) for name in columns} | {"kind": "norm"} for _ in range(8)]
    rows += [{name: say(name, 100) for name in columns} for _ in range(8)]
    statements.write_text("".join(json.dumps(row) + "\n" for row in rows))
    import_statement_file(path=statements, workshop=workshop, name="<x-mark>.jsonl")


def arguments_of(page: str) -> dict[str, object]:
    """What the address of a staff page is made of."""
    version, run = ConstitutionVersion.objects.get(), TrainingRun.objects.get()
    imported = ImportedFile.objects.earliest("pk")
    works = {one.subject.partition(":")[0]: one.pk for one in Work.objects.all()}
    return {
        "slug": "river",
        "pk": imported.pk if page.startswith("import") else Prompt.objects.earliest("pk").pk,
        "number": version.number,
        "format": "md",
        "name": SNAPSHOT,
        "row": ROW,
        "analysis": version.analysis_id,
        "constitution": version.constitution_id,
        "run": run.pk,
        "freezing": works["snapshot"],
        "training": Work.objects.get(subject=run.subject).pk,
        "importing": works["import"],
        "checking": works["integrity"],
        "analysing": works["analysis"],
        "stage": Stage.objects.earliest("pk").pk,
        "activity": activity_for(page).pk,
        "question": IdentityQuestion.objects.earliest("pk").pk,
        "statement": Statement.objects.filter(moderation="unreviewed").earliest("pk").pk,
    }


def activity_for(page: str) -> Activity:
    """The one that this page is about."""
    return Activity.objects.get(kind="compare" if page == "push-prompt" else "vote")


def staff_addresses() -> list[str]:
    """Every page of staff, and those that show more when asked."""
    ada = STAFF_WHO.index("ada")
    rows = [row for row in STAFF if row.method == "get" and row.answers[ada] == FINE]
    listed = [
        reverse(row.page, args=[arguments_of(row.page)[one] for one in row.arguments.split()])
        for row in rows
        if not row.page.startswith("account")
    ]
    screening, moderation = (f"/workshops/river/{one}/" for one in ("screening", "moderation"))
    listed += [f"{screening}?show=1&state={state}" for state in SCREENED]
    listed += [f"{moderation}?state={state}" for state in ("unreviewed", "in", "out")]
    listed += [one.get_absolute_url() for one in ImportedFile.objects.all()]
    return [*listed, "/workshops/river/statements/?out=on", "/workshops/river/people/?page=2"]


@pytest.fixture
def ada(db: None) -> Client:
    """Somebody who may open every page."""
    client = Client()
    client.force_login(User.objects.create_superuser("ada"))
    return client


def test_nothing_on_a_desk_is_made_from_what_somebody_wrote(desks: None, ada: Client) -> None:
    assert len(read_all(ada, staff_addresses())) >= 100


def test_nothing_in_the_admin_is_either(desks: None, ada: Client) -> None:
    models = [model for model in apps.get_models() if admin.site.is_registered(model)]
    names = [f"admin:{one._meta.app_label}_{one._meta.model_name}_changelist" for one in models]
    assert read_all(ada, [reverse(name) for name in names])


def test_no_cell_of_a_file_for_spreadsheets_begins_a_formula(desks: None, ada: Client) -> None:
    for imported in ImportedFile.objects.all():
        page = ada.get(reverse("import-rejections", args=["river", imported.pk]))
        text = b"".join(page) if page.streaming else page.content
        rows = list(csv.reader(io.StringIO(text.decode().lstrip("\ufeff"), newline="")))
        assert len(rows) > 1
        cells = [cell.lstrip("\u200b\u200e\u200f\ufeff \t") for row in rows for cell in row]
        assert [cell for cell in cells if cell[:1] in ("=", "+", "-", "@")] == []


def test_what_is_taken_along_is_a_file_and_never_a_page(phone: Client) -> None:
    for asked in ("json", "html"):
        response = phone.get(f"/w/river/you/data/?as={asked}")
        assert response["Content-Disposition"].startswith("attachment;")
        assert response["X-Content-Type-Options"] == "nosniff"
    for address in ("me", "items/compare", "vote", "statements", "rules", "data", "results"):
        told = phone.get(f"/api/w/river/{address}/")
        assert (told.status_code, told["Content-Type"]) == (FINE, "application/json"), address


@pytest.mark.parametrize("payload", MAKING)
def test_the_reading_of_pages_would_see_what_is_made(payload: str) -> None:
    """Else nothing above could fail."""
    assert Read(f"<main><p>{payload}</p></main>").made
