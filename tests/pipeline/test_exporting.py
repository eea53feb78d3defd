"""Datasets as files: what leaves, what stays, what comes back, and what the card says."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from elicitation.kernel.hashing import file_hash
from elicitation.models import AuditEntry, Community, Completion, Participant, Workshop
from elicitation.services import import_preference_file, open_workshop
from elicitation.services.consent import agree
from policy.models import ConstitutionVersion, Principle
from tests.pipeline.making import make_version, make_workshop
from tests.pipeline.test_datasets import everyone_rates, rewrite
from training.building import Attached
from training.errors import TrainingRefused
from training.exporting import export_snapshot, exported_zip
from training.methods.croissant import problems
from training.methods.selection import Selection
from training.models import DatasetSnapshot
from training.services import freeze_snapshot
from training.snapshots import read_rows

Kind = DatasetSnapshot.Kind


@pytest.fixture
def mill(db: None, settings: Any, tmp_path: Path) -> Workshop:
    settings.FOLKMOOT_HOME = tmp_path / "home"
    return make_workshop()


@pytest.fixture
def version(mill: Workshop) -> ConstitutionVersion:
    return make_version(mill)


@pytest.fixture
def pairs(version: ConstitutionVersion) -> DatasetSnapshot:
    return freeze_snapshot(version=version, kind="preference")


def lines(folder: Path, name: str = "train.jsonl") -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / name).read_text().splitlines()]


def attached_for(kind: str, folder: Path) -> Attached | None:
    """A file of twenty sums for kinds that come from one."""
    said = {
        "verifiable": lambda n: {"question": f"{n} and 2?", "answer": f"#### {n + 2}"},
        "stepwise": lambda n: {"prompt": f"{n}?", "steps": ["a", "b"], "labels": [True, False]},
    }
    if kind not in said:
        return None
    path = folder / f"{kind}.jsonl"
    path.write_text("".join(json.dumps(said[kind](n)) + "\n" for n in range(20)))
    return Attached(path, "Ours, CC0")


def went_live(workshop: Workshop) -> None:
    """People who trusted us: each agreed to training, and no result is about fewer than five."""
    Workshop.objects.filter(pk=workshop.pk).update(
        provenance=Workshop.Provenance.LIVE, small_cell=5
    )
    people = Participant.objects.filter(workshop=workshop)
    people.update(identity=Participant.Identity.PERSON)
    for person in people:
        agree(participant=person, train_models=True)


def exported(snapshot: DatasetSnapshot, format: str, folder: Path, **more: Any) -> Path:
    export_snapshot(snapshot=snapshot, format=format, output=folder, **more)
    return folder


def brought_back(file: Path, format: str) -> DatasetSnapshot:
    """What our own import makes of a file, frozen by the same principle with nothing held out."""
    workshop = open_workshop(slug="again", provenance=Workshop.Provenance.REAL)
    import_preference_file(
        path=file,
        format=format,
        workshop=workshop,
        community=Community.objects.get(slug="millers"),
    )
    whole = Selection(held_out_prompts=0, held_out_people=0)
    return freeze_snapshot(version=make_version(workshop), kind="preference", selection=whole)


@pytest.mark.parametrize("format", ["trl", "openai"])
def test_pairs_say_the_same_in_the_formats_of_others(
    pairs: DatasetSnapshot, tmp_path: Path, format: str
) -> None:
    found = lines(exported(pairs, format, tmp_path / "out"))
    row, line = next(read_rows(pairs, "train")), found[0]
    assert len(found) == pairs.summary["splits"]["train"]
    if format == "trl":
        assert line["prompt"] == row["prompt"]
        assert line["chosen"] == [{"role": "assistant", "content": row["chosen"]}]
        assert (line["share"], line["n"]) == (row["share"], row["n"])
    else:
        assert line["input"]["messages"] == row["prompt"]
        assert line["non_preferred_output"][0]["content"] == row["rejected"]


def test_thumbs_are_labels_for_trl_and_nothing_for_openai(
    version: ConstitutionVersion, mill: Workshop, tmp_path: Path
) -> None:
    everyone_rates(mill)
    snapshot = freeze_snapshot(version=version, kind="thumbs")
    line = lines(exported(snapshot, "trl", tmp_path / "trl"))[0]
    assert line["label"] in (True, False)
    assert line["completion"][0]["role"] == "assistant"
    made = export_snapshot(snapshot=snapshot, format="openai", output=tmp_path / "openai")
    assert made.rows["train"] == 0
    assert made.rows["heldout"] > 0
    assert any("openai cannot hold" in reason for reason in made.stayed)


@pytest.mark.parametrize(
    ("format", "file"), [("hh", "jsonl"), ("icai", "json"), ("jsonl", "jsonl")]
)
def test_our_own_import_reads_equal_rows_back(
    version: ConstitutionVersion, tmp_path: Path, format: str, file: str
) -> None:
    mine = Selection(held_out_prompts=0, held_out_people=0, communities=("millers",))
    snapshot = freeze_snapshot(version=version, kind="preference", selection=mine)
    folder = exported(snapshot, format, tmp_path / "out")
    same = ["prompt", "chosen", "rejected", "community"]
    same += ["share", "n"] if format == "jsonl" else []

    def told(one: DatasetSnapshot) -> set[str]:
        return {json.dumps([row[name] for name in same]) for row in read_rows(one, "train")}

    before = told(snapshot)
    assert len(before) > 10
    assert told(brought_back(folder / f"train.{file}", format)) == before


def test_icai_gets_each_preference_on_either_side(pairs: DatasetSnapshot, tmp_path: Path) -> None:
    table = (exported(pairs, "icai", tmp_path / "out") / "train.csv").read_text().splitlines()
    assert table[0] == "text_a,text_b,preferred_text,prompt,community,share,n"
    sides = [line.split(",")[-5] for line in table[1:]]
    assert 0.2 < sides.count("text_a") / len(sides) < 0.8


@pytest.mark.parametrize("kind", ["preference", "sft", "thumbs", "verifiable", "stepwise"])
def test_croissant_is_whole_and_its_files_are_what_it_says(
    version: ConstitutionVersion, mill: Workshop, tmp_path: Path, kind: str
) -> None:
    everyone_rates(mill)
    snapshot = freeze_snapshot(version=version, kind=kind, attached=attached_for(kind, tmp_path))
    folder = exported(snapshot, "croissant", tmp_path / "out", licence="CC-BY-4.0")
    said = json.loads((folder / "croissant.json").read_text())
    assert problems(said) == []
    for file in said["distribution"]:
        assert file["sha256"] == file_hash(folder / file["contentUrl"])
    fields = {field["@id"] for field in said["recordSet"][0]["field"]}
    assert fields == {f"train/{name}" for name in lines(folder)[0]}


@pytest.mark.parametrize("broken", ["license", "sha256", "field"])
def test_a_description_that_lacks_something_is_told(
    pairs: DatasetSnapshot, tmp_path: Path, broken: str
) -> None:
    folder = exported(pairs, "croissant", tmp_path / "out")
    said = json.loads((folder / "croissant.json").read_text())
    if broken == "license":
        said["license"] = ""
    elif broken == "sha256":
        del said["distribution"][0]["sha256"]
    else:
        said["recordSet"][0]["field"][0]["source"]["fileObject"]["@id"] = "nowhere.jsonl"
    assert len(problems(said)) == 1


def test_no_file_names_a_person(pairs: DatasetSnapshot, tmp_path: Path) -> None:
    for format in ("trl", "jsonl", "icai", "croissant"):
        for path in exported(pairs, format, tmp_path / format).iterdir():
            assert "millers-" not in path.read_text()


def test_rows_about_too_few_people_stay_and_are_counted(
    pairs: DatasetSnapshot, mill: Workshop, tmp_path: Path
) -> None:
    went_live(mill)
    made = export_snapshot(snapshot=pairs, format="trl", output=tmp_path / "out")
    assert made.rows["train"] == pairs.summary["splits"]["train"]
    Workshop.objects.update(small_cell=7)
    with pytest.raises(TrainingRefused, match="rows that rest on fewer than 7 people"):
        export_snapshot(snapshot=pairs, format="trl", output=tmp_path / "none")
    assert not (tmp_path / "none").exists()
    assert not list(tmp_path.glob(".exporting-*"))


def test_what_people_wrote_leaves_only_where_they_may_be_quoted(
    version: ConstitutionVersion, mill: Workshop, tmp_path: Path
) -> None:
    went_live(mill)
    quiet, open_to_it = (Participant.objects.get(pseudonym=f"millers-{n}") for n in (1, 2))
    agree(participant=open_to_it, be_quoted=True)
    for completion in Completion.objects.filter(prompt__workshop=mill):
        rewrite(quiet, completion, f"Hush {completion.pk}")
        rewrite(open_to_it, completion, f"Aye {completion.pk}")
    snapshot = freeze_snapshot(version=version, kind="sft")
    folder = exported(snapshot, "trl", tmp_path / "out")
    text = (folder / "train.jsonl").read_text()
    assert "Aye" in text
    assert "Hush" not in text
    assert "did not agree to be quoted" in (folder / "card.md").read_text()


def test_the_card_tells_of_whom_and_under_what(pairs: DatasetSnapshot, tmp_path: Path) -> None:
    card = (exported(pairs, "trl", tmp_path / "out", licence="CC BY 4.0") / "card.md").read_text()
    for said in (
        "Millers: 6 people",
        "Licence: CC BY 4.0",
        "Names and postal addresses are not looked for",
        "## Known gaps",
        pairs.hash,
    ):
        assert said in card


def test_the_card_gives_no_number_about_too_few(
    version: ConstitutionVersion, mill: Workshop, tmp_path: Path
) -> None:
    went_live(mill)
    for name in ("anglers-1", "anglers-2"):
        agree(participant=Participant.objects.get(pseudonym=name), train_models=False)
    snapshot = freeze_snapshot(version=version, kind="preference")
    card = (exported(snapshot, "trl", tmp_path / "out") / "card.md").read_text()
    assert "Anglers: too few to say" in card
    assert "Millers: too few to say" in card
    assert "did not agree to training: too few to say" in card


def test_words_of_people_are_no_markup_on_the_card(pairs: DatasetSnapshot, tmp_path: Path) -> None:
    Principle.objects.update(text="Say <b>less</b>\n# and [more](http://x)")
    card = (exported(pairs, "trl", tmp_path / "out") / "card.md").read_text()
    assert r"Say \<b\>less\</b\> \# and \[more\]\(http://x\)" in card


def test_an_export_is_recorded(pairs: DatasetSnapshot, tmp_path: Path) -> None:
    exported(pairs, "hh", tmp_path / "out")
    entry = AuditEntry.objects.get(action="export dataset")
    assert entry.detail["dataset"] == pairs.hash[:12]


def test_a_stale_dataset_and_a_full_folder_are_refused(
    pairs: DatasetSnapshot, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("mine")
    with pytest.raises(TrainingRefused, match="not empty"):
        export_snapshot(snapshot=pairs, format="trl", output=tmp_path)
    DatasetSnapshot.objects.update(stale_because="Somebody left.")
    pairs.refresh_from_db()
    with pytest.raises(TrainingRefused, match="is stale: Somebody left"):
        export_snapshot(snapshot=pairs, format="trl", output=tmp_path / "out")


def test_the_command_exports_by_the_beginning_of_a_hash(
    pairs: DatasetSnapshot, tmp_path: Path
) -> None:
    out = io.StringIO()
    where = str(tmp_path / "out")
    call_command("export_snapshot", pairs.hash[:9], format="trl", output=Path(where), stdout=out)
    assert "train: " in out.getvalue()
    with pytest.raises(CommandError, match="No dataset is named zz"):
        call_command("export_snapshot", "zz", format="trl", output=Path(where))


def test_the_page_gives_one_zip_with_the_card(pairs: DatasetSnapshot) -> None:
    import zipfile

    names = zipfile.ZipFile(exported_zip(snapshot=pairs, format="trl")).namelist()
    assert {Path(name).name for name in names} == {
        "card.md", "train.jsonl", "heldout.jsonl",
    }  # fmt: skip
