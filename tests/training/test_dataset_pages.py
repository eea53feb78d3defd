"""What the pages of datasets show before and after freezing, and what they withhold."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from elicitation.kernel.models import Work
from elicitation.kernel.work import run_inline
from elicitation.models import Participant, Workshop
from elicitation.services.consent import agree
from policy.models import ConstitutionVersion
from tests.conftest import staff
from tests.pipeline.making import make_version, make_workshop
from training.models import DatasetSnapshot
from training.services import freeze_snapshot


@pytest.fixture
def mill(db: None, settings: Any, tmp_path: Any) -> Workshop:
    settings.FOLKMOOT_HOME = tmp_path
    return make_workshop()


@pytest.fixture
def version(mill: Workshop) -> ConstitutionVersion:
    return make_version(mill)


@pytest.fixture
def trainer(client: Any, mill: Workshop) -> Any:
    """A browser of somebody who trains on this workshop."""
    client.force_login(staff(mill, "teo-of-the-mill", "trainer"))
    return client


def of_version(name: str, version: ConstitutionVersion) -> str:
    return reverse(name, args=[version.constitution_id, version.number])


def work_on(version: ConstitutionVersion) -> Work:
    """Have the worker's task done here and now."""
    asked = Work.objects.latest_for(f"snapshot:{version.pk}")
    assert asked is not None
    arguments = asked.arguments
    asked.delete()
    return run_inline("training.tasks.freeze", subject=f"snapshot:{version.pk}", **arguments)


def went_live(workshop: Workshop, without: int = 0) -> None:
    """People who trusted us, some of whom did not agree to training; k is five."""
    Workshop.objects.update(provenance=Workshop.Provenance.LIVE, small_cell=5)
    people = Participant.objects.filter(workshop=workshop).order_by("pseudonym")
    people.update(identity=Participant.Identity.PERSON)
    for place, person in enumerate(people):
        agree(participant=person, train_models=place >= without)


def test_looking_shows_counts_and_checks_and_freezes_nothing(
    trainer: Any, version: ConstitutionVersion
) -> None:
    asked = {"kind": "preference", "seed": "7", "least_n": "2", "look": "1"}
    trainer.post(of_version("freeze", version), asked)
    work_on(version)
    page = trainer.get(of_version("datasets", version)).content.decode()
    assert "What it would be" in page
    assert "None of" in page
    assert "of 16 judged, of 16" in page
    assert not DatasetSnapshot.objects.exists()


def test_what_is_ticked_is_what_is_frozen(trainer: Any, version: ConstitutionVersion) -> None:
    asked = {"kind": "preference", "communities": ["anglers"], "community_weights": "anglers=2"}
    trainer.post(of_version("freeze", version), asked)
    work_on(version)
    snapshot = DatasetSnapshot.objects.get()
    assert set(snapshot.summary["communities"]) == {"anglers"}
    page = trainer.get(snapshot.get_absolute_url()).content.decode()
    assert "anglers 2" in page
    assert "Take it along" in page


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"community_weights": "anglers"}, "NAME=NUMBER"),
        ({"least_agreement": "0.2"}, "greater than or equal to 0.5"),
        ({"principle_weights": "one=1"}, "named by its number"),
        ({"kind": "verifiable"}, "Select a valid choice"),
    ],
)
def test_a_wrong_field_keeps_what_was_filled_in(
    trainer: Any, version: ConstitutionVersion, wrong: dict[str, str], sentence: str
) -> None:
    asked = {"kind": "preference", "least_n": "3"} | wrong
    response = trainer.post(of_version("freeze", version), asked)
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert 'name="least_n" value="3"' in response.content.decode()
    assert not Work.objects.exists()


def test_a_page_tells_nothing_about_too_few_people(
    trainer: Any, mill: Workshop, version: ConstitutionVersion
) -> None:
    went_live(mill, without=2)  # four anglers are left, and would be told by the other six
    snapshot = freeze_snapshot(version=version, kind="preference")
    assert snapshot.summary["checks"]["people"] == {"anglers": 4, "millers": 6}
    page = trainer.get(snapshot.get_absolute_url()).content.decode()
    table = page.partition('aria-label="Rows per community"')[2].partition("</table>")[0]
    assert table.count("Too few to say") == 2 * 5
    consent = page.partition("Consent</th>")[2].partition("</tr>")[0]
    assert "how many were left out is too few to say" in consent
    assert "32" not in consent


def test_what_was_published_is_told_as_it_is(trainer: Any, version: ConstitutionVersion) -> None:
    snapshot = freeze_snapshot(version=version, kind="preference")
    page = trainer.get(snapshot.get_absolute_url()).content.decode()
    assert "Too few to say" not in page.partition("What was checked")[2].partition("Rows<")[0]


def test_a_dataset_is_taken_along_as_a_zip(trainer: Any, version: ConstitutionVersion) -> None:
    snapshot = freeze_snapshot(version=version, kind="preference")
    address = reverse("export-snapshot", args=[snapshot.hash])
    response = trainer.post(address, {"format": "hh"})
    assert response["Content-Disposition"].endswith(f'{snapshot.hash[:12]}-hh.zip"')
    assert b"".join(response.streaming_content).startswith(b"PK")
    refused = trainer.post(address, {"format": "parquet"}, follow=True).content.decode()
    assert "Select a valid choice" in refused


@pytest.mark.parametrize("kind", ["thumbs", "refusals"])
def test_a_kind_without_rows_is_a_sentence(
    trainer: Any, version: ConstitutionVersion, kind: str
) -> None:
    trainer.post(of_version("freeze", version), {"kind": kind})
    from training.errors import TrainingRefused

    with pytest.raises(TrainingRefused, match="There is nothing to train on"):
        work_on(version)
