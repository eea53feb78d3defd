"""Odd turns of the line, on a small workshop: lost files, second versions, several workshops."""

from __future__ import annotations

import errno
import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import Value
from django.db.models.functions import Concat

from elicitation.models import Community, Completion, Participant, Workshop
from policy.computing import fault_lines
from policy.methods.fault_line_items import FaultItem
from policy.models import ConstitutionVersion, Principle
from tests.pipeline.making import make_version, make_workshop
from training.errors import TrainingRefused
from training.lineage import trace_row
from training.models import DatasetSnapshot, TrainingRun
from training.services import freeze_snapshot, prepare_run
from training.snapshots import read_rows
from training.tasks import _stop, _weights_hash


@pytest.fixture
def mill(db: None) -> Workshop:
    return make_workshop()


@pytest.fixture
def version(mill: Workshop) -> ConstitutionVersion:
    return make_version(mill)


@pytest.fixture
def snapshot(version: ConstitutionVersion) -> DatasetSnapshot:
    return freeze_snapshot(version=version, kind="preference")


def said_again(version: ConstitutionVersion) -> ConstitutionVersion:
    """A second version that says the same as the first."""
    (principle,) = version.principles.all()
    second = ConstitutionVersion.objects.create(
        constitution=version.constitution,
        number=2,
        analysis=version.analysis,
        content_hash=version.content_hash,
    )
    Principle.objects.create(
        version=second,
        number=1,
        text=principle.text,
        status=principle.status,
        resolution=principle.resolution,
        measure=principle.measure,
    )
    return second


def test_a_version_that_says_the_same_has_its_own_snapshot(snapshot: DatasetSnapshot) -> None:
    DatasetSnapshot.objects.update(stale_because="Somebody withdrew.")
    second = said_again(snapshot.constitution_version)
    again = freeze_snapshot(version=second, kind="preference")
    assert (again.constitution_version, again.stale_because) == (second, "")


def test_files_that_another_database_left_are_replaced(snapshot: DatasetSnapshot) -> None:
    lineage = Path(snapshot.folder) / "lineage.jsonl"
    whole = lineage.read_text()
    lineage.write_text("")
    version = snapshot.constitution_version
    DatasetSnapshot.objects.all().delete()
    assert freeze_snapshot(version=version, kind="preference").hash == snapshot.hash
    assert lineage.read_text() == whole


def test_what_one_community_withholds_is_not_told_to_another(version: ConstitutionVersion) -> None:
    Participant.objects.filter(pseudonym="anglers-0").update(identity=Participant.Identity.PERSON)
    constitution = version.constitution
    constitution.community = Community.objects.get(slug="millers")
    constitution.save()
    snapshot = freeze_snapshot(version=version, kind="preference")
    assert set(snapshot.summary["communities"]) == {"millers"}
    assert "did not agree" not in " ".join(snapshot.summary["sentences"])


def test_a_lost_snapshot_hides_no_row_of_another(snapshot: DatasetSnapshot) -> None:
    lost = freeze_snapshot(version=snapshot.constitution_version, kind="preference", seed=8)
    shutil.rmtree(lost.folder)
    row = next(read_rows(snapshot, "train"))
    assert trace_row(row["id"])["row"] == row
    with pytest.raises(TrainingRefused, match=r"No row .* has lost its file lineage.jsonl"):
        trace_row("f" * 64)


def test_two_people_of_one_pseudonym_are_told_apart(
    snapshot: DatasetSnapshot, capsys: pytest.CaptureFixture[str]
) -> None:
    freeze_snapshot(version=make_version(make_workshop("forge")), kind="preference")
    call_command("trace", participant="millers-0")
    said = capsys.readouterr().out
    assert "millers in forge" in said
    assert "millers in mill" in said


def test_an_answer_of_another_workshop_is_not_shown_as_the_one_behind_a_row(
    snapshot: DatasetSnapshot,
) -> None:
    row = next(read_rows(snapshot, "train"))
    forge = make_workshop("forge")
    for person in Participant.objects.filter(workshop__slug="mill"):
        other = Participant.objects.get(workshop=forge, pseudonym=person.pseudonym)
        person.events.update(participant=other, key=Concat(Value("mill-"), "key"))
    assert all(answer["erased"] for answer in trace_row(row["id"])["answers"])


def test_a_line_separator_in_an_answer_ends_no_row(
    mill: Workshop, version: ConstitutionVersion
) -> None:
    Completion.objects.update(text=Concat("text", Value(" One\u2028two\x85three.")))
    snapshot = freeze_snapshot(version=version, kind="preference")
    run = prepare_run(snapshot=snapshot, recipe="dpo", base="tiny", held_out_rows=2)
    kept = (Path(run.folder) / "heldout.jsonl").read_text(encoding="utf-8").split("\n")[:-1]
    assert ["\u2028" in json.loads(line)["chosen"] for line in kept] == [True, True]


def test_a_snapshot_that_lost_one_of_its_files_starts_no_run(snapshot: DatasetSnapshot) -> None:
    (Path(snapshot.folder) / "heldout.jsonl").unlink()
    with pytest.raises(TrainingRefused, match="has lost its files"):
        prepare_run(snapshot=snapshot, recipe="dpo", base="tiny")


def test_a_full_disk_leaves_neither_a_run_nor_peoples_words(
    snapshot: DatasetSnapshot, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    def full(*args: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("training.services.os.replace", full)
    with pytest.raises(OSError, match="No space left"):
        prepare_run(snapshot=snapshot, recipe="dpo", base="tiny")
    assert not TrainingRun.objects.exists()
    assert not list((Path(settings.FOLKMOOT_HOME) / "runs").glob(".making-*"))


def test_weights_in_several_files_are_named_by_all_of_them(tmp_path: Path) -> None:
    for number in (1, 2):
        (tmp_path / f"model-{number}.safetensors").write_bytes(b"weights")
    before = _weights_hash(tmp_path)
    (tmp_path / "model-2.safetensors").write_bytes(b"others")
    assert _weights_hash(tmp_path) != before


def test_a_program_that_does_not_end_when_asked_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.tasks.SECONDS_TO_END", 0.2)
    deaf = (
        "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); input()"
    )
    program = subprocess.Popen(
        [sys.executable, "-c", deaf], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert program.stdout is not None
    program.stdout.readline()
    _stop(program)
    assert program.returncode == -signal.SIGKILL


@pytest.mark.parametrize(("value", "low", "high"), [(0.02, 0.0, 0.216), (0.97, 0.774, 1.0)])
def test_no_share_is_said_to_lie_beyond_all_or_none(value: float, low: float, high: float) -> None:
    item = FaultItem(
        key="preference:length:",
        text="An answer that is longer",
        kind="feature",
        values={"River": value},
        n={"River": 9},
        errors={"River": 0.1},
        q=0.01,
    )
    found = {"difference": 0.3, "favoured_by": "River", "q": 0.01}
    shown = fault_lines._item(item, found, None)  # type: ignore[arg-type]
    assert (shown["low"]["River"], shown["high"]["River"]) == pytest.approx((low, high))


def test_a_runs_configuration_cannot_say_other_than_its_record(snapshot: DatasetSnapshot) -> None:
    with pytest.raises(TrainingRefused, match="own record decides base, recipe"):
        prepare_run(snapshot=snapshot, recipe="dpo", overrides={"recipe": "rlaif", "base": "x"})
