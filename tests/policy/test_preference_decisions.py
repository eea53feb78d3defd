"""What communities prefer is decided as a draft decides it, with whom it rests on."""

from __future__ import annotations

import random

import pytest
from django.core.management import call_command

from elicitation.models import Completion, Preference
from policy.drafting import basis_of, proposals
from policy.methods.principles import status_of
from policy.models import Analysis
from tests.pipeline.making import make_workshop

pytestmark = pytest.mark.django_db


def plant() -> None:
    """Answers of many lengths; anglers choose the longer one four times in five, millers do not."""
    chance = random.Random(5)
    for one in Completion.objects.order_by("pk"):
        one.text = f"{one.pk}: it is " + "the mill that turns " * chance.randint(1, 30)
        one.save(update_fields=["text"])
    for said in Preference.objects.select_related("comparison__left", "comparison__right"):
        sides = said.comparison
        longer = "left" if len(sides.left.text) > len(sides.right.text) else "right"
        shorter = "right" if longer == "left" else "left"
        angler = sides.participant.pseudonym.startswith("anglers")
        said.choice = longer if (chance.random() < 0.8) == angler else shorter
        said.save(update_fields=["choice"])


def test_two_communities_that_want_opposite_lengths_are_decided_as_drafted() -> None:
    make_workshop(people=10)
    plant()
    call_command("analyse", "mill", verbosity=0)
    analysis = Analysis.objects.get()
    drafted = {
        (one.measure["feature"], one.measure["theme"]): status_of(one.candidate.stances)
        for one in proposals(analysis, basis_of(analysis))
        if one.measure
    }
    found = [one for one in analysis.result["decisions"] if one["item"]["kind"] == "preference"]
    assert {(d["item"]["feature"], d["item"]["theme"]): d["decision"] for d in found} == drafted
    length = next(one for one in found if one["item"]["feature"] == "length")
    assert length["decision"] == "contested"
    assert length["holds_without_any_one"]
    assert [one["differs"] for one in length["methods"]] == [False, False]
    assert all(1 <= length[way] <= 10 for way in ("bought", "added"))


def test_what_one_of_two_wants_of_pairs_that_the_other_never_saw_is_no_common_ground() -> None:
    make_workshop(people=10)
    plant()
    half = sorted(set(Preference.objects.values_list("comparison__prompt", flat=True)))[::2]
    theirs = Preference.objects.filter(comparison__participant__pseudonym__startswith="anglers")
    theirs.filter(comparison__prompt__in=half).delete()
    ours = Preference.objects.filter(comparison__participant__pseudonym__startswith="millers")
    ours.exclude(comparison__prompt__in=half).delete()
    call_command("analyse", "mill", verbosity=0)
    analysis = Analysis.objects.get()
    drafted = {
        (one.measure["feature"], one.measure["theme"]): status_of(one.candidate.stances)
        for one in proposals(analysis, basis_of(analysis))
        if one.measure
    }
    found = [one for one in analysis.result["decisions"] if one["item"]["kind"] == "preference"]
    assert {one["decision"] for one in found} == set(drafted.values()) == {"community_specific"}
    length = next(one for one in found if one["item"]["feature"] == "length")
    assert sorted(length["stances"].values()) == ["for", "unclear"]
