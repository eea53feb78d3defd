"""From a constitution to a trained model and its report, and back to the answers."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from elicitation.kernel.work import run_inline
from elicitation.models import AnswerEvent, Consent, ConsentText, Participant, Workshop
from policy.models import ConstitutionVersion
from policy.services import draft_constitution
from training.errors import TrainingRefused
from training.lineage import trace_participant, trace_row
from training.models import Checkpoint, DatasetSnapshot, EvaluationReport, TrainingRun
from training.services import freeze_snapshot, prepare_run
from training.snapshots import read_rows

QUICK: dict[str, Any] = {
    "max_steps": 4,
    "batch_size": 4,
    "max_tokens": 128,
    "max_prompt_tokens": 64,
    "samples": 1,
    "sample_tokens": 8,
    "save_every": 2,
}


@pytest.fixture
def version(sample: Workshop) -> ConstitutionVersion:
    return draft_constitution(workshop=sample)


@pytest.fixture
def snapshot(version: ConstitutionVersion) -> DatasetSnapshot:
    return freeze_snapshot(version=version, kind="preference")


def trained(snapshot: DatasetSnapshot, base: Path, recipe: str = "dpo", **more: Any) -> TrainingRun:
    run = prepare_run(
        snapshot=snapshot,
        recipe=recipe,
        base=str(base),
        overrides=QUICK | more,
        held_out_rows=8,
    )
    run_inline("training.tasks.train", subject=run.subject, run_id=run.pk)
    return run


def test_freezing_the_same_answers_again_is_the_same_snapshot(
    version: ConstitutionVersion, snapshot: DatasetSnapshot
) -> None:
    assert freeze_snapshot(version=version, kind="preference") == snapshot
    assert freeze_snapshot(version=version, kind="preference", seed=8) != snapshot


def test_every_row_names_a_principle_of_the_version(snapshot: DatasetSnapshot) -> None:
    numbers = set(snapshot.constitution_version.principles.values_list("number", flat=True))
    rows = [
        row
        for split in ("train", "heldout", "heldout_people")
        for row in read_rows(snapshot, split)
    ]
    assert len(rows) == snapshot.rows > 100
    assert all(row["principles"] and set(row["principles"]) <= numbers for row in rows)


def test_a_row_leads_back_to_every_answer_it_rests_on(snapshot: DatasetSnapshot) -> None:
    row = max(read_rows(snapshot, "train"), key=lambda row: row["n"])
    traced = trace_row(row["id"][:12])
    assert traced["row"] == row
    assert [p.number for p in traced["principles"]] == row["principles"]
    counted = [a for a in traced["answers"] if a["answer"] is not None]
    assert len(counted) == row["n"]
    assert sum(a["answer"] for a in counted) / row["n"] == pytest.approx(row["share"])
    for answer in traced["answers"]:
        event = AnswerEvent.objects.get(pk=answer["event"])
        assert event.participant.pseudonym == answer["participant"]


def test_a_person_leads_to_every_row_they_are_in(snapshot: DatasetSnapshot) -> None:
    found = {entry["row"] for entry in trace_participant("harbour-07", "sample")}
    named = {
        row["id"]
        for split in ("train", "heldout", "heldout_people")
        for row in read_rows(snapshot, split)
        if any(j["participant"] == "sample/harbour-07" for j in row["judgements"])
    }
    assert named
    assert named <= found


def test_people_who_did_not_agree_to_training_are_in_no_row(
    version: ConstitutionVersion,
) -> None:
    person = Participant.objects.get(pseudonym="harbour-07")
    Participant.objects.filter(pk=person.pk).update(identity=Participant.Identity.PERSON)
    snapshot = freeze_snapshot(version=version, kind="preference")
    assert not list(trace_participant("harbour-07"))
    assert "40 answers of people who did not agree" in " ".join(snapshot.summary["sentences"])
    text = ConsentText.objects.create(version="1", locale="en", body="…")
    Consent.objects.create(participant=person, text=text, train_models=True)
    freeze_snapshot(version=version, kind="preference")
    assert list(trace_participant("harbour-07"))


def test_a_stale_snapshot_starts_no_run(snapshot: DatasetSnapshot) -> None:
    DatasetSnapshot.objects.update(stale_because="Somebody withdrew.")
    snapshot.refresh_from_db()
    with pytest.raises(TrainingRefused, match="is stale: Somebody withdrew"):
        prepare_run(snapshot=snapshot, recipe="dpo")
    assert not TrainingRun.objects.exists()


def test_an_unknown_field_of_a_recipe_is_named_and_leaves_nothing(
    snapshot: DatasetSnapshot,
) -> None:
    with pytest.raises(TrainingRefused, match="max_stpes"):
        prepare_run(snapshot=snapshot, recipe="dpo", overrides={"max_stpes": 3})
    assert not TrainingRun.objects.exists()


def test_a_recipe_refuses_the_other_kind_of_snapshot(snapshot: DatasetSnapshot) -> None:
    with pytest.raises(TrainingRefused, match="needs a snapshot of kind sft"):
        prepare_run(snapshot=snapshot, recipe="sft")


def test_tracing_an_unknown_row_is_a_sentence(snapshot: DatasetSnapshot) -> None:
    with pytest.raises(CommandError, match="No row of any snapshot is named"):
        call_command("trace", "0" * 20)


@pytest.mark.training
def test_training_leaves_weights_a_curve_and_a_report_per_community(
    snapshot: DatasetSnapshot, tiny_base: Path
) -> None:
    run = trained(snapshot, tiny_base, group_robust={"eta": 0.1})
    report = EvaluationReport.objects.get(checkpoint__run=run)
    assert set(report.result["communities"]) == {"river-valley", "harbour-district"}
    for community in report.result["communities"].values():
        assert community["verdict"] in ("better", "worse", "inconclusive")
        assert 0 <= community["base"]["estimate"] <= 1
    assert report.worst_community is not None
    assert report.charts
    weights = Path(Checkpoint.objects.get(run=run).folder)
    assert not list(weights.glob("*.bin"))
    assert len((Path(run.folder) / "metrics.jsonl").read_text().splitlines()) == 4


@pytest.mark.training
def test_the_same_seed_trains_the_same_weights(snapshot: DatasetSnapshot, tiny_base: Path) -> None:
    first, second = trained(snapshot, tiny_base), trained(snapshot, tiny_base)
    hashes = Checkpoint.objects.filter(run__in=[first, second]).values_list(
        "weights_hash", flat=True
    )
    assert len(set(hashes)) == 1
    reports = EvaluationReport.objects.order_by("id").values_list("result", flat=True)
    assert reports[0]["communities"] == reports[1]["communities"]


@pytest.mark.training
@pytest.mark.parametrize(
    ("recipe", "settings"),
    [
        ("sft", {}),
        ("rlaif", {"judge": {"principles_per_pair": 1}}),
        ("orpo", {}),
        ("reward", {"reward": {"per_community": True}}),
    ],
)
def test_the_other_recipes_run_on_the_same_line(
    version: ConstitutionVersion, tiny_base: Path, recipe: str, settings: dict[str, Any]
) -> None:
    kind = "sft" if recipe == "sft" else "preference"
    run = trained(freeze_snapshot(version=version, kind=kind), tiny_base, recipe, **settings)
    report = EvaluationReport.objects.get(checkpoint__run=run)
    assert set(report.result["communities"]) == {"river-valley", "harbour-district"}
    assert Checkpoint.objects.get(run=run).weights_hash


@pytest.mark.training
def test_a_run_can_be_reckoned_before_it_is_started(
    snapshot: DatasetSnapshot, tiny_base: Path
) -> None:
    said = StringIO()
    asked = {"snapshot": snapshot.hash, "recipe": "dpo", "base": str(tiny_base)}
    call_command("train", **asked, set=["max_steps=9"], dry_run=True, stdout=said)
    run = TrainingRun.objects.get()
    assert "9 steps of" in said.getvalue()
    assert not Checkpoint.objects.exists()
    assert not (Path(run.folder) / "final").exists()


@pytest.mark.training
def test_a_run_that_cannot_find_its_base_says_so(snapshot: DatasetSnapshot) -> None:
    run = prepare_run(snapshot=snapshot, recipe="dpo", base="/nowhere/at/all", overrides=QUICK)
    with pytest.raises(TrainingRefused, match="/nowhere/at/all"):
        run_inline("training.tasks.train", subject=run.subject, run_id=run.pk)
    assert not Checkpoint.objects.exists()


def test_a_snapshots_files_are_what_its_manifest_says(snapshot: DatasetSnapshot) -> None:
    from elicitation.kernel.hashing import file_hash

    folder = Path(snapshot.folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["hash"] == snapshot.hash
    for name, digest in manifest["files"].items():
        assert file_hash(folder / name) == digest


def test_a_file_that_was_changed_since_it_was_frozen_trains_nothing(
    snapshot: DatasetSnapshot,
) -> None:
    path = Path(snapshot.folder) / "train.jsonl"
    frozen = path.read_text()
    path.write_text(frozen.replace('"share": 1.0', '"share": 0.0', 1))
    try:
        with pytest.raises(TrainingRefused, match=r"train.jsonl .* is not what was frozen"):
            prepare_run(snapshot=snapshot, recipe="dpo")
    finally:
        path.write_text(frozen)
