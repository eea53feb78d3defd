"""The one page that brings answers in: what it takes, what it refuses, and what becomes of it."""

import io
import re
import stat
import zipfile
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from deliberation.models import Statement, Vote
from deliberation.uploads import MAX_FILES, unpack_csv_files, uploads_folder
from elicitation.errors import ImportRefused
from elicitation.kernel.models import Work
from elicitation.kernel.work import run_inline
from elicitation.models import Preference, User, Workshop


@pytest.fixture
def browser(client: Client, farid: User) -> Client:
    """Farid's browser."""
    client.force_login(farid)
    return client


def words(page: str) -> str:
    """What a page says, without markup."""
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


def packed(*files: tuple[str, bytes], link: bool = False) -> bytes:
    """A .zip of these files; link: each is a symbolic link."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (stat.S_IFLNK if link else stat.S_IFREG) << 16
            archive.writestr(entry, content)
    return held.getvalue()


def unpack(tmp_path: Path, archive: bytes, max_bytes: int = 1000) -> dict[str, bytes]:
    """What comes out of an archive."""
    (tmp_path / "a.zip").write_bytes(archive)
    unpack_csv_files(tmp_path / "a.zip", tmp_path / "out", max_bytes)
    return {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}


def test_an_archive_gives_its_tables_and_nothing_else(tmp_path: Path) -> None:
    archive = packed(
        ("export/votes.csv", b"a"), ("export/run.sh", b"b"), ("__MACOSX/export/._votes.csv", b"c")
    )
    assert unpack(tmp_path, archive) == {"votes.csv": b"a"}


HOSTILE = {
    "leads out": packed(("../../votes.csv", b"a")),
    "absolute": packed(("/etc/votes.csv", b"a")),
    "leads out with backslashes": packed(("..\\..\\votes.csv", b"a")),
    "a drive": packed(("C:/votes.csv", b"a")),
    "a link": packed(("votes.csv", b"/etc/passwd"), link=True),
    "a bomb": packed(("votes.csv", b"0" * 100_000)),
    "two of a name": packed(("a/votes.csv", b"a"), ("b/votes.csv", b"b")),
    "too many": packed(*[(f"{number}.csv", b"a") for number in range(MAX_FILES + 1)]),
    "no table": packed(("votes.txt", b"a")),
    "truncated": packed(("votes.csv", b"abc" * 50))[:-30],
    "no archive": b"PK\x03\x04 not really",
    "empty": b"",
}


@pytest.mark.parametrize("archive", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_archive_is_refused_and_writes_nothing_outside(
    tmp_path: Path, archive: bytes
) -> None:
    inside = tmp_path / "in"
    inside.mkdir()
    with pytest.raises(ImportRefused):
        unpack(inside, archive)
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


@pytest.fixture
def kept(settings, tmp_path: Path) -> Path:
    """Where this test's uploads wait."""
    settings.MEDIA_ROOT = tmp_path
    return uploads_folder()


def send(browser: Client, name: str = "votes.csv", content: bytes = b"a", **data: str) -> int:
    """Send one file with the import form; the status."""
    file = SimpleUploadedFile(name, content)
    fields = {"kind": "polis", "community": "Fishers", "uploads": file} | data
    return browser.post(reverse("import", args=["river"]), fields).status_code


def test_an_upload_is_kept_and_handed_to_the_worker(
    river: Workshop, browser: Client, kept: Path, farid: User
) -> None:
    assert send(browser, content=b"comment-id\n") == 302
    work = Work.objects.get(subject=f"import:{river.pk}")
    assert work.arguments["by"] == farid.pk
    assert (kept / work.arguments["upload"] / "votes.csv").read_bytes() == b"comment-id\n"


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "votes.exe"},
        {"kind": "preferences", "name": "a.jsonl"},
        {"kind": "preferences", "name": "a.jsonl", "format": "made-up"},
        {"kind": "secrets"},
        {"community": ""},
        {"community": "Somebody else's"},
        {"content": b""},
    ],
)
def test_what_no_importer_can_read_is_refused_at_the_door(
    river: Workshop, browser: Client, kept: Path, wrong: dict[str, str]
) -> None:
    assert send(browser, **wrong) == 422
    assert not Work.objects.exists()
    assert not kept.exists()


def test_an_upload_over_the_limit_is_refused_before_it_is_read(
    river: Workshop, browser: Client, kept: Path, settings
) -> None:
    settings.IMPORT_MAX_BYTES = 1000
    assert send(browser, content=b"a" * 1001) == 413
    assert not kept.exists()


def test_an_upload_needs_the_token_of_our_own_form(river: Workshop, farid: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(farid)
    assert send(strict) == 403
    assert not Work.objects.exists()


def test_a_file_name_cannot_lead_out_of_its_folder(
    river: Workshop, browser: Client, kept: Path
) -> None:
    assert send(browser, name="../../../votes.csv") == 302
    assert [path.name for path in kept.glob("*/*")] == ["votes.csv"]


POLIS = {
    "comments.csv": "timestamp,datetime,comment-id,author-id,agrees,disagrees,moderated,"
    "comment-body\n1,a,0,0,2,0,1,Name the owner.\n",
    "votes.csv": "timestamp,datetime,comment-id,voter-id,vote\n1,a,0,0,1\n2,a,0,1,1\n3,a,0,2,9\n",
}


def bring_in(browser: Client, *files: SimpleUploadedFile, **fields: str) -> Work:
    """Send files, and do what the worker would."""
    data = {"kind": "polis", "community": "Fishers", "uploads": list(files)} | fields
    browser.post(reverse("import", args=["river"]), data)
    waiting = Work.objects.get(status="queued")
    waiting.delete()
    return run_inline(waiting.task, subject=waiting.subject, **waiting.arguments)


@pytest.mark.parametrize("as_zip", [True, False])
def test_an_export_goes_from_the_form_to_the_report(
    river: Workshop, browser: Client, kept: Path, as_zip: bool
) -> None:
    files = [SimpleUploadedFile(name, text.encode()) for name, text in POLIS.items()]
    if as_zip:
        archive = packed(*[(name, text.encode()) for name, text in POLIS.items()])
        files = [SimpleUploadedFile("river.zip", archive)]
    work = bring_in(browser, *files)
    report = reverse("import-report", args=["river", work.result["imported_file"]])
    assert Vote.objects.count() == 2
    assert report in browser.get(reverse("import", args=["river"])).content.decode()
    assert "votes.csv 4" in words(browser.get(report).content.decode())
    assert list(kept.iterdir()) == []


def test_preferences_of_a_new_community_come_in(
    river: Workshop, browser: Client, kept: Path
) -> None:
    pair = b'{"chosen": "\\n\\nHuman: Hi\\n\\nAssistant: A", '
    pair += b'"rejected": "\\n\\nHuman: Hi\\n\\nAssistant: B"}\n'
    form = {"kind": "preferences", "format": "hh", "community": "", "new_community": "Millers"}
    bring_in(browser, SimpleUploadedFile("a.jsonl", pair), **form)
    assert Preference.objects.get().comparison.participant.seat.community.name == "Millers"


def test_statements_come_in_for_all(river: Workshop, browser: Client, kept: Path) -> None:
    table = SimpleUploadedFile("a.csv", b"text,theme\nBe brief.,Style\n")
    bring_in(browser, table, kind="statements", community="")
    assert Statement.objects.get().text == "Be brief."


def test_a_failed_import_says_why_and_leaves_nothing(
    river: Workshop, browser: Client, kept: Path
) -> None:
    with pytest.raises(ImportRefused):
        bring_in(browser, SimpleUploadedFile("a.zip", b"no archive"))
    said = words(browser.get(reverse("import", args=["river"])).content.decode())
    assert "The .zip is damaged or of a kind that cannot be read." in said
    assert list(kept.iterdir()) == []
