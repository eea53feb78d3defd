"""Every kind of dataset from what people said, what is checked before, and who is left out."""

from __future__ import annotations

import io
import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from elicitation.models import (
    AnswerEvent,
    Completion,
    Participant,
    Preference,
    Rating,
    Rewrite,
    Withdrawal,
    Workshop,
)
from elicitation.services.answers import Said, record_events
from elicitation.services.cases import write_case
from elicitation.services.consent import agree
from elicitation.services.withdrawing import withdraw
from policy.models import ConstitutionVersion
from tests.pipeline.making import SHORT, make_version, make_workshop
from training.building import Attached
from training.errors import TrainingRefused
from training.lineage import trace_row
from training.methods.selection import Selection
from training.models import DatasetSnapshot
from training.services import freeze_snapshot, preview_snapshot
from training.snapshots import read_rows

Kind = AnswerEvent.Kind
GSM8K = '{"question": "%d and 2?", "answer": "so it is\\n#### %d"}\n'


@pytest.fixture
def mill(db: None, settings: Any, tmp_path: Path) -> Workshop:
    settings.FOLKMOOT_HOME = tmp_path
    return make_workshop()


@pytest.fixture
def version(mill: Workshop) -> ConstitutionVersion:
    return make_version(mill)


def rate(person: Participant, completion: Completion, up: bool) -> None:
    value = 1 if up else -1
    said = Said(person, f"rate-{completion.pk}", completion.pk, {"values": {"thumbs": value}})
    event = record_events(Kind.RATING, [said]).events[0]
    Rating.objects.create(participant=person, completion=completion, event=event, value=value)


def rewrite(person: Participant, completion: Completion, text: str) -> None:
    said = Said(person, f"rewrite-{completion.pk}", completion.pk, {"text": text})
    event = record_events(Kind.REWRITE, [said]).events[0]
    Rewrite.objects.create(participant=person, completion=completion, event=event, text=text)


def everyone_rates(workshop: Workshop) -> None:
    """Millers like what is short and anglers what is long, of every completion."""
    for completion in Completion.objects.filter(prompt__workshop=workshop).select_related("prompt"):
        is_short = len(completion.text) < 20
        for person in Participant.objects.filter(workshop=workshop):
            rate(person, completion, is_short == person.pseudonym.startswith("millers"))


def freeze(version: ConstitutionVersion, kind: str, **more: Any) -> DatasetSnapshot:
    return freeze_snapshot(version=version, kind=kind, **more)


def ask(version: ConstitutionVersion, *more: str, kind: str = "preference") -> str:
    out = io.StringIO()
    constitution = ("--constitution", str(version.constitution_id))
    call_command("freeze_snapshot", *constitution, "--kind", kind, *more, stdout=out)
    return out.getvalue()


def test_thumbs_say_what_each_community_wants(version: ConstitutionVersion, mill: Workshop) -> None:
    everyone_rates(mill)
    rows = list(read_rows(freeze(version, "thumbs"), "train"))
    assert len(rows) > 30
    for row in rows:
        is_short = len(row["completion"]) < 20
        assert row["desirable"] == (is_short == (row["community"] == "millers"))
        assert (row["n"], row["principles"], row["against"]) == (6, [1], [])


def test_neither_acceptable_makes_two_undesirable_rows(
    version: ConstitutionVersion, mill: Workshop
) -> None:
    Preference.objects.filter(comparison__participant__pseudonym="millers-0").update(
        choice="neither"
    )
    rows = list(read_rows(freeze(version, "thumbs"), "train"))
    assert {(row["desirable"], row["n"], row["community"]) for row in rows} == {
        (False, 1, "millers")
    }
    assert len(rows) % 2 == 0


def test_a_rewrite_is_a_demonstration_that_leads_back_to_who_wrote_it(
    version: ConstitutionVersion, mill: Workshop
) -> None:
    person = Participant.objects.get(pseudonym="millers-3")
    for completion in Completion.objects.filter(prompt__workshop=mill):
        rewrite(person, completion, f"Hm {completion.pk} a@b.org")
    snapshot = freeze(version, "sft")
    (row, *_) = [row for row in read_rows(snapshot, "train") if row["source"] == "rewrite"]
    assert row["completion"].endswith("[e-mail address]")
    assert row["principles"] == [1]
    (answer,) = trace_row(row["id"])["answers"]
    assert (answer["participant"], answer["answer"]) == ("millers-3", "wrote it")
    assert snapshot.summary["checks"]["personal_data"]["e-mail address"] > 0


def test_thumbs_and_rewrites_train_only_with_consent(
    version: ConstitutionVersion, mill: Workshop
) -> None:
    everyone_rates(mill)
    person = Participant.objects.get(pseudonym="millers-3")
    Participant.objects.filter(pk=person.pk).update(identity=Participant.Identity.PERSON)
    snapshot = freeze(version, "thumbs")
    assert {r["n"] for r in read_rows(snapshot, "train") if r["community"] == "millers"} == {5}
    left_out = snapshot.summary["left_out"]["answers of people who did not agree to training"]
    assert left_out == 16 + 32
    agree(participant=person, train_models=True)
    assert {row["n"] for row in read_rows(freeze(version, "thumbs"), "train")} == {6}


def test_taking_back_one_thumb_destroys_the_rows_made_of_it(
    version: ConstitutionVersion,
    mill: Workshop,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    everyone_rates(mill)
    thumbs, pairs = freeze(version, "thumbs"), freeze(version, "preference")
    person = Participant.objects.get(pseudonym="millers-3")
    row = next(row for row in read_rows(thumbs, "train") if row["community"] == "millers")
    mine = next(a for a in trace_row(row["id"])["answers"] if a["participant"] == "millers-3")
    with django_capture_on_commit_callbacks(execute=True):
        withdraw(
            participant=person,
            scope=Withdrawal.Scope.ANSWERS,
            key=uuid.uuid4(),
            targets=[mine["event"]],
        )
    thumbs.refresh_from_db()
    assert "destroyed" in thumbs.summary
    assert not (Path(thumbs.folder) / "train.jsonl").exists()
    assert (Path(pairs.folder) / "train.jsonl").exists()


def test_who_leaves_takes_what_they_wrote_out_of_every_file(
    version: ConstitutionVersion,
    mill: Workshop,
    tmp_path: Path,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    person = Participant.objects.get(pseudonym="millers-3")
    for completion in Completion.objects.filter(prompt__workshop=mill):
        rewrite(person, completion, "Hush, the wheel sleeps")
    freeze(version, "sft")

    def holding() -> list[Path]:
        files = [path for path in tmp_path.rglob("*") if path.is_file()]
        return [path for path in files if b"the wheel sleeps" in path.read_bytes()]

    assert holding()
    with django_capture_on_commit_callbacks(execute=True):
        withdraw(participant=person, scope=Withdrawal.Scope.ALL, key=uuid.uuid4())
    assert not holding()
    assert DatasetSnapshot.objects.get().stale_because


def test_the_same_seed_tests_every_kind_on_the_same_prompts(
    version: ConstitutionVersion, mill: Workshop
) -> None:
    everyone_rates(mill)
    asked = {
        kind: {str(row["prompt"]) for row in read_rows(freeze(version, kind), split)}
        for kind, split in (("preference", "heldout"), ("thumbs", "train"), ("sft", "train"))
    }
    assert asked["preference"]
    assert not asked["preference"] & (asked["thumbs"] | asked["sft"])


def test_what_is_asked_is_part_of_the_name_and_kept(version: ConstitutionVersion) -> None:
    plain = freeze(version, "preference")
    weighed = freeze(version, "preference", selection=Selection(community_weights={"millers": 1.0}))
    assert weighed.hash != plain.hash
    assert weighed.summary["files"] == plain.summary["files"]
    manifest = json.loads((Path(weighed.folder) / "manifest.json").read_text())
    assert manifest["selection"]["community_weights"] == {"millers": 1.0}


def test_only_what_is_asked_for_is_frozen(version: ConstitutionVersion) -> None:
    snapshot = freeze(version, "preference", selection=Selection(communities=("anglers",)))
    assert set(snapshot.summary["communities"]) == {"anglers"}
    assert snapshot.summary["checks"]["people"] == {"anglers": 6}
    with pytest.raises(TrainingRefused, match="no community 'eels'; there are: anglers, millers"):
        freeze(version, "preference", selection=Selection(communities=("eels",)))


def test_a_principles_weight_goes_with_every_run(version: ConstitutionVersion) -> None:
    from training.services import prepare_run

    asked = Selection(principle_weights={1: 0.5})
    run = prepare_run(snapshot=freeze(version, "preference", selection=asked), recipe="dpo")
    assert [one["weight"] for one in run.config["constitution"]] == [0.5]


def test_looking_writes_nothing(version: ConstitutionVersion) -> None:
    told = preview_snapshot(version=version, kind="preference")
    assert told["splits"]["train"] > 10
    assert told["checks"]["coverage"]["communities"]["millers"]["judged"] == 16
    assert not DatasetSnapshot.objects.exists()
    assert not (Path(settings.FOLKMOOT_HOME) / "snapshots").exists()


def test_a_dry_run_shows_the_checks(version: ConstitutionVersion) -> None:
    said = ask(version, "--dry-run", "--least-n", "2", "--community-weight", "millers=2")
    assert "Nothing is frozen" in said
    assert "Personal data: No address and no number" in said
    assert "of the 16 prompts that its people judged, of 16" in said
    assert not DatasetSnapshot.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (("--community-weight", "millers"), "NAME=NUMBER"),
        (("--principle-weight", "one=2"), "named by its number"),
        (("--least-agreement", ".3"), "between .5 and 1"),
        (("--principle", "9"), "no principle 9; there are: 1"),
        (("--least-n", "7"), "There is nothing to train on"),
        (("--file", "a.jsonl"), "come from what people said"),
    ],
)
def test_a_wrong_argument_is_a_sentence(
    version: ConstitutionVersion, wrong: tuple[str, str], sentence: str
) -> None:
    with pytest.raises(CommandError, match=sentence):
        ask(version, *wrong)
    assert not DatasetSnapshot.objects.exists()


def test_questions_from_a_file_are_split_and_say_where_they_come_from(
    version: ConstitutionVersion, tmp_path: Path
) -> None:
    file = tmp_path / "sums.jsonl"
    file.write_text("".join(GSM8K % (n, n + 2) for n in range(40)))
    said = ask(version, "--file", str(file), "--attribution", "Ours, CC0", kind="verifiable")
    snapshot = DatasetSnapshot.objects.get()
    train, held_out = (list(read_rows(snapshot, name)) for name in ("train", "heldout"))
    assert len(train) + len(held_out) == 40
    assert "heldout: " in said
    assert all(
        int(row["prompt"][0]["content"].split()[0]) + 2 == int(row["answer"]) for row in train
    )
    assert snapshot.summary["attribution"] == ["Ours, CC0"]
    assert held_out


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('{"question": "2?", "answer": "4"}\n{"question": "3?"}\n', "line 2, answer: The field is"),
        ('{"question": "2?", "answer": "4"}\nno\n', "line 2: This is not JSON"),
        ("", "The file is empty"),
    ],
)
def test_a_bad_line_names_itself_and_nothing_is_frozen(
    version: ConstitutionVersion, tmp_path: Path, text: str, sentence: str
) -> None:
    file = tmp_path / "sums.jsonl"
    file.write_text(text)
    with pytest.raises(CommandError, match=sentence):
        ask(version, "--file", str(file), "--attribution", "Ours", kind="verifiable")
    assert not list((Path(settings.FOLKMOOT_HOME) / "snapshots").glob("*"))


def test_a_file_without_its_licence_is_refused(
    version: ConstitutionVersion, tmp_path: Path
) -> None:
    with pytest.raises(CommandError, match="under which licence"):
        ask(version, "--file", str(tmp_path / "a.jsonl"), kind="stepwise")


def test_a_prompt_that_somebody_tests_by_is_not_trained_on(
    version: ConstitutionVersion, mill: Workshop
) -> None:
    person = Participant.objects.get(pseudonym="millers-3")
    before = freeze(version, "preference")
    situation = next(read_rows(before, "train"))["prompt"][0]["content"]
    write_case(participant=person, stage=None, situation=situation, wish="say so", key="c")
    after = freeze(version, "preference")
    assert all(row["prompt"][0]["content"] != situation for row in read_rows(after, "train"))
    assert any("own test asks" in reason for reason in after.summary["left_out"])


def test_what_a_community_wants_declined_is_a_refusal_in_its_own_choice(
    version: ConstitutionVersion, mill: Workshop
) -> None:
    refusal = "I'm sorry, but I can't help with that."
    Completion.objects.filter(prompt__workshop=mill, text__endswith=SHORT).update(text=refusal)
    principle = version.principles.get()
    principle.measure |= {"feature": "declining", "directions": {"millers": 1}}
    principle.save()
    rows = list(read_rows(freeze(version, "refusals"), "train"))
    assert len(rows) > 8
    for row in rows:
        assert (row["completion"], row["community"], row["synthetic"]) == (
            refusal,
            "millers",
            False,
        )
        assert row["principles"] == [1]


def test_every_kind_can_be_traced_at_a_terminal(
    version: ConstitutionVersion, mill: Workshop, tmp_path: Path
) -> None:
    everyone_rates(mill)
    file = tmp_path / "sums.jsonl"
    file.write_text("".join(GSM8K % (n, n + 2) for n in range(9)))
    attached = Attached(file, "Ours, CC0")
    told = {}
    for kind in ("thumbs", "verifiable"):
        snapshot = freeze(version, kind, attached=attached if kind == "verifiable" else None)
        out = io.StringIO()
        call_command("trace", next(read_rows(snapshot, "train"))["id"], stdout=out)
        told[kind] = out.getvalue()
    assert "thumb up" in told["thumbs"] or "thumb down" in told["thumbs"]
    assert "of the file sums.jsonl" in told["verifiable"]
