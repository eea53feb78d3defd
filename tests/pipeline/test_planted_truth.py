"""The sample workshop: what was planted in simulated people is what the analysis finds."""

from __future__ import annotations

from typing import Any

import pytest

from deploy.demo import planting
from elicitation.models import Workshop
from policy.models import Analysis, FaultLine, Principle
from policy.services import draft_constitution

LARGE, SMALL = "river-valley", "harbour-district"


def effects(sample: Workshop, community: str, theme: str = "") -> dict[str, Any]:
    preferences = Analysis.objects.get(workshop=sample).result["preferences"]
    fitted = preferences["communities"][community]["themes"][theme]["effects"]
    return {effect["feature"]: effect for effect in fitted}


def items(sample: Workshop) -> list[dict[str, Any]]:
    lines = FaultLine.objects.filter(analysis__workshop=sample, between="communities")
    return [item for line in lines for item in line.detail["items"]]


def test_opposed_norms_are_found_in_both_directions(sample: Workshop) -> None:
    assert effects(sample, LARGE)["asking_back"]["chosen_high"] < 0.5
    assert effects(sample, SMALL)["asking_back"]["chosen_low"] > 0.5


def test_a_norm_that_both_share_is_found_in_both(sample: Workshop) -> None:
    assert effects(sample, LARGE)["length"]["chosen_low"] > 0.5
    assert effects(sample, SMALL)["length"]["chosen_low"] > 0.5


def test_a_norm_of_one_community_is_not_laid_to_the_other(sample: Workshop) -> None:
    assert effects(sample, LARGE)["hedging"]["chosen_high"] < 0.5
    other = effects(sample, SMALL)["hedging"]
    assert other["chosen_low"] < 0.5 < other["chosen_high"]


def test_a_norm_of_one_theme_is_found_in_that_theme(sample: Workshop) -> None:
    assert effects(sample, LARGE, planting.RISKY)["apologising"]["chosen_low"] > 0.5
    elsewhere = effects(sample, LARGE, planting.EVERYDAY)["apologising"]
    assert elsewhere["chosen_low"] < 0.5


def test_what_was_not_planted_is_not_found(sample: Workshop) -> None:
    planted = {norm.feature for norm in planting.NORMS}
    others = [e for f, e in effects(sample, LARGE).items() if f not in planted]
    found = [e for e in others if e["q"] is not None and e["q"] <= 0.05]
    assert len(others) >= 4
    assert not found


def test_every_planted_fault_line_is_found(sample: Workshop) -> None:
    opposed = {
        t for t, a in planting.AGREEMENT.items() if abs(a[planting.LARGE] - a[planting.SMALL]) > 0.3
    }
    themes = {item["id"]: item["theme"] for item in _statements(sample)}
    found = [themes[item["id"]] for item in items(sample) if item["kind"] == "statement"]
    for topic in opposed:
        assert found.count(topic) >= planting.CLAIMS_PER_TOPIC * 0.75
    features = [item["feature"] for item in items(sample) if item["kind"] == "preference"]
    assert set(features) == {"asking_back", "hedging"}


def test_agreement_is_not_made_into_a_fault_line(sample: Workshop) -> None:
    themes = {item["id"]: item["theme"] for item in _statements(sample)}
    found = [themes[item["id"]] for item in items(sample) if item["kind"] == "statement"]
    agreed = {"AI and Education", "Regulations and Policies"}
    assert sum(theme in agreed for theme in found) <= 1


def test_a_crosscutting_view_makes_opinion_groups_not_community_lines(sample: Workshop) -> None:
    result = Analysis.objects.get(workshop=sample).result
    assert result["label_sets"]["opinion_groups"]["supported"]
    privacy = {s["id"] for s in _statements(sample) if s["theme"] == planting.CAUTIOUS_TOPIC}
    assert not [i for i in items(sample) if i["kind"] == "statement" and i["id"] in privacy]
    lines = FaultLine.objects.filter(analysis__workshop=sample, between="opinion_groups")
    between_groups = {i.get("id") for line in lines for i in line.detail["items"]}
    assert len(privacy & between_groups) >= 6


def test_a_draft_holds_the_contested_the_common_and_the_small_communitys(sample: Workshop) -> None:
    principles = list(draft_constitution(workshop=sample).principles.all())
    statuses = {principle.status for principle in principles}
    assert statuses == set(Principle.Status.values)
    contested = [p for p in principles if p.status == Principle.Status.CONTESTED and p.measure]
    assert contested[0].measure["directions"] == {LARGE: -1, SMALL: 1}
    assert contested[0].resolution == Principle.Resolution.PER_COMMUNITY
    theirs = [p for p in principles if p.communities.filter(slug=SMALL).exists()]
    assert len(theirs) >= 2
    assert all(principle.citations.exists() for principle in principles)


@pytest.mark.slow
def test_the_same_seed_gives_the_same_analysis(sample: Workshop) -> None:
    from tests.pipeline.conftest import analysed

    first = Analysis.objects.get(workshop=sample)
    second = analysed(sample)
    assert (second.input_hash, second.result) == (first.input_hash, first.result)


def _statements(sample: Workshop) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = Analysis.objects.get(workshop=sample).result["statements"]
    return found
