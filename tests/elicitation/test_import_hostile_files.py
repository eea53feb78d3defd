"""Files that want to do harm, or were harmed: a sentence, and nothing half-written."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from elicitation.models import ImportedFile, Participant, Prompt, Workshop

GOOD = json.dumps({"prompt": "?", "completion_a": "x", "completion_b": "y", "choice": "a"}) + "\n"
HEADER = "prompt,completion_a,completion_b,choice\n"
PANDA = (
    '{"instruction": "?", "cmp_key": "a_b", "response1": "x", "response2": "y", "annotator1": 1}'
)


def refuse(path: Path, format: str) -> str:
    """Import the file by command, which must fail in a sentence; the sentence."""
    with pytest.raises(CommandError) as refused:
        call_command("import_preferences", path, format=format, workshop="w", community="Riders")
    stored = [Workshop, ImportedFile, Prompt, Participant]
    assert [model.objects.count() for model in stored] == [0, 0, 0, 0]
    return str(refused.value)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("format", "content", "sentence"),
    [
        ("jsonl", b"", "bad.jsonl: The file is empty"),
        ("csv", HEADER.encode(), "holds no rows"),
        ("jsonl", GOOD.encode() * 3 + b"\xff\xfe\n", "bad.jsonl, line 4: This is not UTF-8"),
        ("jsonl", GOOD.encode("utf-16"), "UTF-16"),
        ("jsonl", GOOD.encode() + b"\0" * 100, "line 2: There is a NUL byte"),
        ("jsonl", gzip.compress(GOOD.encode() * 900)[:-10], "gzip data ends too early"),
        ("jsonl", b"\x1f\x8b" + b"nonsense" * 9, "gzip data cannot be unpacked"),
        ("jsonl", b'{"prompt": "' + b"x" * (17 * 1024**2), "line 1: The row is longer than"),
        ("jsonl", b'{"a":' * 50_000 + b"\n", "line 1: The values are nested"),
        ("jsonl", b'{"said_at": ' + b"9" * 5000 + b"}\n", "line 1: A number is too long"),
        ("csv", b"prompt,completion_a\n1,2\n", "There is no column 'completion_b'"),
        ("csv", HEADER.encode() + b'?,x,y,a\n?,"x,y,a\n', "line 3: A quote that opens here"),
        ("csv", b"choice," + HEADER.encode(), "Two columns have this name"),
        ("pandalm", b"[" + PANDA.encode() + b", {", "item 2 is not JSON, or the file breaks off"),
        ("pandalm", b"[" + b'{"a":' * 100_000, "item 1 is nested too deeply"),
        ("pandalm", b'["' + b"x" * (17 * 1024**2), "item 1 is too long or is not JSON"),
        ("pandalm", b"hello", "neither a JSON array nor a JSON object"),
        ("pandalm", b"[\xff]", "is not UTF-8"),
        ("pandalm", gzip.compress(b"[" + PANDA.encode() * 99)[:-50], "damaged or cut off"),
        ("icai", b'{"comparisons": []}', "field annotators: The file has no table"),
    ],
)
def test_a_damaged_file_is_refused_in_a_sentence(
    tmp_path: Path, format: str, content: bytes, sentence: str
) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_bytes(content)
    assert sentence in refuse(path, format)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("format", "content"), [("jsonl", GOOD.encode() * 2_000), ("pandalm", b"[" + b" " * 10**6)]
)
def test_a_gzip_bomb_is_stopped_at_the_limit(
    tmp_path: Path, settings: Any, format: str, content: bytes
) -> None:
    settings.IMPORT_MAX_BYTES = 100_000
    path = tmp_path / "bomb.jsonl.gz"
    path.write_bytes(gzip.compress(content))
    assert "100,000 bytes" in refuse(path, format)


@pytest.mark.django_db
def test_a_file_over_the_limit_is_not_even_opened(tmp_path: Path, settings: Any) -> None:
    settings.IMPORT_MAX_BYTES = 10
    path = tmp_path / "large.jsonl"
    path.write_text(GOOD)
    assert "large.jsonl is larger than an import may be here (10 bytes)" in refuse(path, "jsonl")


@pytest.mark.django_db
def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    assert "There is no file" in refuse(tmp_path / "nowhere.csv", "csv")
    assert "There is no file" in refuse(tmp_path, "csv")


@pytest.mark.django_db
def test_a_flood_of_bad_rows_ends_the_import(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("elicitation.services.intake.MOST_REJECTIONS", 10)
    path = tmp_path / "flood.jsonl"
    path.write_text(GOOD + "{}\n" * 20)
    assert "more than 10 rows were turned away, the last at line 12" in refuse(path, "jsonl")
