"""Versions, drafts per community, exports and differences, on the sample workshop."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from elicitation.models import Community, Workshop
from policy.errors import PolicyRefused
from policy.exports import compare_versions, constitution_as_json, export_constitution
from policy.models import Analysis, ConstitutionVersion, Principle
from policy.services import draft_constitution


def test_a_draft_that_says_the_same_is_the_same_version(sample: Workshop) -> None:
    first = draft_constitution(workshop=sample)
    assert draft_constitution(workshop=sample) == first
    assert draft_constitution(workshop=sample, places=5).number == 2


def test_one_communitys_constitution_holds_what_it_wants_alone(sample: Workshop) -> None:
    harbour = Community.objects.get(slug="harbour-district")
    version = draft_constitution(workshop=sample, community=harbour)
    assert {p.status for p in version.principles.all()} == {Principle.Status.COMMUNITY_SPECIFIC}
    directions = [p.measure["directions"] for p in version.principles.all() if p.measure]
    assert directions
    assert all(set(one) == {"harbour-district"} for one in directions)


def test_a_stale_analysis_is_not_drafted_from(sample: Workshop) -> None:
    Analysis.objects.update(stale_because="Somebody withdrew.")
    with pytest.raises(PolicyRefused, match="is stale: Somebody withdrew"):
        draft_constitution(workshop=sample)


def test_a_community_that_took_no_part_is_refused(sample: Workshop) -> None:
    other = Community.objects.create(slug="elsewhere", name="Elsewhere")
    with pytest.raises(PolicyRefused, match="takes no part"):
        draft_constitution(workshop=sample, community=other)


def test_all_exports_hold_the_same_principles(sample: Workshop) -> None:
    version = draft_constitution(workshop=sample)
    content = constitution_as_json(version)
    assert json.loads(export_constitution(version, "json")) == content
    assert yaml.safe_load(export_constitution(version, "yaml")) == content
    text = export_constitution(version, "md").replace("\\", "")
    assert all(principle["text"] in text for principle in content["principles"])


def test_markup_in_a_statement_is_words_in_markdown(sample: Workshop) -> None:
    version = draft_constitution(workshop=sample)
    version.principles.filter(number=1).update(text="<script>alert(1)</script> [x](javascript:y)")
    text = export_constitution(version, "md")
    assert "<script>" not in text
    assert "[x](" not in text


def test_a_difference_names_what_was_added_removed_and_reworded(sample: Workshop) -> None:
    older = draft_constitution(workshop=sample, places=6)
    newer = draft_constitution(workshop=sample, places=5)
    last = newer.principles.last()
    assert last is not None
    Principle.objects.filter(pk=last.pk).update(text=last.text + " And always kindly.")
    changes = [entry["change"] for entry in compare_versions(older, newer)]
    assert "removed" in changes or "reworded" in changes
    reworded = [e for e in compare_versions(older, newer) if e["change"] == "reworded"]
    assert ("new", "And always kindly.") in reworded[-1]["words"]


def test_a_version_compared_with_itself_is_the_same(sample: Workshop) -> None:
    version = draft_constitution(workshop=sample)
    assert {entry["change"] for entry in compare_versions(version, version)} == {"same"}


def test_the_database_refuses_a_contested_principle_without_resolution(sample: Workshop) -> None:
    version = draft_constitution(workshop=sample)
    with pytest.raises(IntegrityError), transaction.atomic():
        Principle.objects.create(version=version, number=99, text="x", status="contested")


def test_two_drafts_cannot_take_one_number(sample: Workshop) -> None:
    version = draft_constitution(workshop=sample)
    with pytest.raises(IntegrityError), transaction.atomic():
        ConstitutionVersion.objects.create(
            constitution=version.constitution, number=1, analysis=version.analysis, content_hash="x"
        )


def test_an_export_of_a_live_workshop_tells_nothing_about_few_people(sample: Workshop) -> None:
    version = draft_constitution(workshop=sample)
    open_numbers = json.dumps(constitution_as_json(version))
    assert "withheld" not in open_numbers
    Workshop.objects.filter(pk=sample.pk).update(provenance=Workshop.Provenance.LIVE, small_cell=30)
    version = ConstitutionVersion.objects.get(pk=version.pk)
    told = constitution_as_json(version)["principles"]
    citations = [one for principle in told for one in principle["citations"]]
    assert {"withheld": "Too few to say."} in [one.get("numbers") for one in citations]
    assert all(
        group["seen"] >= 30
        for one in citations
        for group in one.get("numbers", {}).get("groups", {}).values()
    )


def test_a_draft_rests_on_the_votes_that_were_analysed(sample: Workshop) -> None:
    from deliberation.models import Vote

    before = draft_constitution(workshop=sample)
    Vote.objects.filter(statement__workshop=sample).update(choice=Vote.Choice.DISAGREE)
    assert draft_constitution(workshop=sample) == before


def test_an_export_that_cannot_be_written_is_a_sentence(sample: Workshop, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("export_analysis", sample.slug, to=tmp_path / "no" / "such" / "folder.json")
