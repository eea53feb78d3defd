"""Taking back reaches everything that rested on it, and nothing else."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from elicitation.errors import Refused, Withdrawn
from elicitation.kernel.models import Work
from elicitation.kernel.work import enqueue, run_inline
from elicitation.models import (
    AnswerEvent,
    Consent,
    Device,
    User,
    Withdrawal,
)
from elicitation.services import record_preference
from elicitation.services.withdrawing import withdraw
from policy.errors import PolicyRefused
from policy.exports import analysis_as_json, export_constitution
from policy.models import Analysis, OpinionGroup
from policy.services import draft_constitution
from tests.pipeline.taking_back import (
    Line,
    all_words,
    everything_about,
    places_of,
    stale_things,
)
from training.errors import TrainingRefused
from training.lineage import trace_participant
from training.models import DatasetSnapshot, TrainingRun
from training.services import prepare_run
from training.snapshots import read_rows

Scope = Withdrawal.Scope


def test_the_planted_words_go_far_before_anything_is_taken_back(line: Line, tmp_path: Path) -> None:
    found = places_of(all_words(line.amara), tmp_path)
    assert {
        "elicitation.AnswerEvent.body",
        "elicitation.ContactDetail.address",
        "deliberation.Statement.text",
        "policy.Analysis.result",
        "policy.Analysis.charts",
        "policy.FaultLine.detail",
        "policy.Principle.text",
        "policy.Citation.quote",
        "policy.Endorsement.reason",
        "training.TrainingRun.config",
    } <= found
    assert any(name.endswith("config.json") for name in found)


def test_whoever_takes_everything_back_is_nowhere_quoted_any_more(
    line: Line, take_back: Callable[..., Withdrawal], tmp_path: Path
) -> None:
    take_back()
    assert places_of(all_words(line.amara), tmp_path) == set()


def test_others_words_and_answers_stay_as_they_were(
    line: Line, take_back: Callable[..., Withdrawal], tmp_path: Path
) -> None:
    before, places = everything_about(line.bela), places_of(all_words(line.bela), tmp_path)
    take_back()
    line.bela.refresh_from_db()
    assert everything_about(line.bela) == before
    assert places_of(all_words(line.bela), tmp_path) == places


def test_everything_that_rested_on_it_is_stale_and_named(
    line: Line, take_back: Callable[..., Withdrawal]
) -> None:
    stale = take_back().receipt["stale"]
    assert stale_things() == {
        "Analysis": {line.analysis.pk},
        "ConstitutionVersion": {line.version.pk},
        "DatasetSnapshot": {line.snapshot.pk},
        "Checkpoint": {line.checkpoint.pk},
    }
    assert [one["number"] for one in stale["analyses"]] == [line.analysis.pk]
    assert [one["number"] for one in stale["constitutions"]] == [line.version.number]
    assert [one["hash"] for one in stale["datasets"]] == [line.snapshot.hash[:12]]
    assert [one["run"] for one in stale["checkpoints"]] == [line.run.pk]


def test_principles_that_rested_on_it_are_marked_and_no_others(
    line: Line, take_back: Callable[..., Withdrawal]
) -> None:
    named = {one["number"] for one in take_back().receipt["stale"]["principles"]}
    marked = {one.number for one in line.version.principles.all() if "stale_because" in one.numbers}
    assert named == marked != set()


def test_the_receipt_counts_what_was_erased(
    line: Line, take_back: Callable[..., Withdrawal]
) -> None:
    mine = AnswerEvent.objects.filter(participant=line.amara)
    compared, said = mine.filter(kind="preference").count(), mine.count()
    receipt = take_back().receipt
    assert receipt["erased"] == {
        "preference": compared,
        "vote": 3,
        "statement": 2,
        "rewrite": 1,
        "case": 1,
        "identityanswer": 1,
        "endorsement": 1,
        "contact": 1,
        "messages": said,
    }
    assert receipt["trained"] == [{"run": line.run.pk, "recipe": "dpo"}]
    assert receipt["files"] == 7  # four of the dataset, and the run's copy of three


def test_a_tombstone_stays_for_every_answer_and_cannot_be_guessed(
    line: Line, take_back: Callable[..., Withdrawal]
) -> None:
    from elicitation.kernel.hashing import content_hash

    vote = AnswerEvent.objects.filter(participant=line.amara, kind="vote").earliest("pk")
    number = AnswerEvent.objects.filter(participant=line.amara).count()
    take_back()
    mine = AnswerEvent.objects.filter(participant=line.amara, erased_at__isnull=False)
    assert mine.count() == number
    assert all(set(event.body) == {"erased"} for event in mine)
    vote.refresh_from_db()
    guesses = {content_hash({"choice": choice}) for choice in (-1, 0, 1)}
    assert vote.body["erased"] not in guesses


def test_the_same_key_again_changes_nothing(
    line: Line, take_back: Callable[..., Withdrawal]
) -> None:
    key = uuid.uuid4()
    first = take_back(key=key)
    works = Work.objects.count()
    assert take_back(key=key) == first
    assert take_back() == first  # another key after leaving: there is nothing more to take back
    assert Withdrawal.objects.get().receipt == first.receipt
    assert Work.objects.count() == works
    with pytest.raises(Refused, match="somebody else"):
        withdraw(participant=line.bela, scope=Scope.ALL, key=key)


def test_who_left_cannot_answer_nor_be_told_by_a_phone(
    line: Line, take_back: Callable[..., Withdrawal]
) -> None:
    take_back()
    line.amara.refresh_from_db()
    put = line.amara.comparisons.first()
    with pytest.raises(Withdrawn):
        record_preference(participant=line.amara, comparison=put, choice="left", key="late")
    assert set(Device.objects.filter(participant=line.amara).values_list("install_hash")) == {("",)}
    latest = Consent.objects.filter(participant=line.amara).latest("pk")
    assert not latest.train_models
    assert not latest.be_quoted


def test_rows_are_destroyed_and_the_manifest_stays(
    line: Line, take_back: Callable[..., Withdrawal]
) -> None:
    take_back()
    left = {path.name for path in Path(line.snapshot.folder).iterdir()}
    assert left == {"manifest.json", "destroyed.json"}
    assert not list(Path(line.run.folder).glob("*.jsonl"))
    snapshot = DatasetSnapshot.objects.get()
    with pytest.raises(TrainingRefused, match="were destroyed"):
        list(read_rows(snapshot, "train"))
    assert list(trace_participant("bela")) == []


def test_no_run_starts_on_what_is_stale_and_no_draft_rests_on_it(
    line: Line, take_back: Callable[..., Withdrawal]
) -> None:
    take_back()
    with pytest.raises(TrainingRefused, match="is stale"):
        prepare_run(snapshot=DatasetSnapshot.objects.get(), recipe="dpo")
    with pytest.raises(PolicyRefused, match="is stale"):
        draft_constitution(workshop=line.workshop, analysis=line.analysis)
    assert TrainingRun.objects.count() == 1


def test_training_under_way_stops_and_what_it_has_learned_goes(
    line: Line, take_back: Callable[..., Withdrawal]
) -> None:
    run = prepare_run(snapshot=line.snapshot, recipe="dpo", base="tiny")
    (Path(run.folder) / "checkpoints" / "checkpoint-2").mkdir(parents=True)
    work = enqueue("training.tasks.train", subject=run.subject, run_id=run.pk)
    receipt = take_back().receipt
    work.refresh_from_db()
    assert work.status == Work.Status.CANCELLED
    assert receipt["stopped"] == [{"run": run.pk, "recipe": "dpo"}]
    assert not (Path(run.folder) / "checkpoints").exists()


def test_an_analysis_that_has_read_the_answers_already_begins_again(
    line: Line, take_back: Callable[..., Withdrawal]
) -> None:
    reading = {"workshop_id": line.workshop.pk, "seed": 7}
    work = enqueue("policy.tasks.analyse", subject="analysis:mill", **reading)
    Work.objects.filter(pk=work.pk).update(
        status="running", worker="w", attempt=1, lease_until=timezone.now()
    )
    take_back()
    work.refresh_from_db()
    again = Work.objects.latest_for("analysis:mill")
    assert work.status == Work.Status.CANCELLED
    assert again is not None
    assert (again.status, again.arguments) == (Work.Status.QUEUED, reading)


def test_files_that_cannot_be_removed_at_once_are_removed_by_a_worker(
    line: Line, take_back: Callable[..., Withdrawal], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stuck(*_: object, **__: object) -> None:
        raise PermissionError(13, "Not permitted", "train.jsonl")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", stuck)
        take_back()
    assert (Path(line.snapshot.folder) / "train.jsonl").exists()
    work = Work.objects.get(task="training.destroying.destroy")
    run_inline(work.task, subject="destroy", **work.arguments)
    assert not (Path(line.snapshot.folder) / "train.jsonl").exists()


def test_nothing_is_destroyed_before_it_is_certain(
    line: Line, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=False):
        withdraw(participant=line.amara, scope=Scope.ALL, key=uuid.uuid4())
    assert (Path(line.snapshot.folder) / "train.jsonl").exists()
    with pytest.raises(TrainingRefused):
        list(read_rows(DatasetSnapshot.objects.get(), "train"))
    with pytest.raises(TrainingRefused, match="is stale"):  # as somebody read it before
        prepare_run(snapshot=line.snapshot, recipe="dpo")


def test_whoever_left_is_in_no_opinion_group_and_on_no_map(
    line: Line, take_back: Callable[..., Withdrawal]
) -> None:
    take_back()
    analysis = Analysis.objects.get(workshop=line.workshop)
    points = analysis.result["opinion_space"]["points"]
    assert "amara" not in {point["participant"] for point in points}
    assert not any(line.amara.pk in people for people in analysis.approvers.values())
    assert not OpinionGroup.objects.filter(members=line.amara).exists()


def test_pages_and_files_say_what_is_stale(
    line: Line, take_back: Callable[..., Withdrawal], client: Client
) -> None:
    take_back()
    client.force_login(User.objects.create_superuser("ada"))
    pages = (line.analysis, line.version, line.snapshot, line.run)
    for page in (client.get(one.get_absolute_url()) for one in pages):
        assert page.status_code == 200
        assert "stale" in page.content.decode()
    line.version.refresh_from_db()
    line.analysis.refresh_from_db()
    assert "stale" in export_constitution(line.version, "md")
    assert analysis_as_json(line.analysis)["stale_because"]
