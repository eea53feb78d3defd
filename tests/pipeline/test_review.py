"""Odd turns of the line, on a small workshop: lost files, second versions, several workshops."""

from __future__ import annotations

from pathlib import Path

import pytest

from elicitation.models import Community, Participant, Workshop
from policy.models import ConstitutionVersion, Principle
from tests.pipeline.making import make_version, make_workshop
from training.models import DatasetSnapshot
from training.services import freeze_snapshot


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
