"""Stored decisions are those that a draft would make, with what would change them."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from django.core.management import call_command

from deliberation.models import Statement
from elicitation.models import Workshop
from policy.drafting import basis_of, proposals
from policy.methods.principles import status_of
from policy.models import Analysis
from tests.deliberation.statements import people, state, vote
from tests.phones import open_activity

SPLITS = {
    "It should ask back.": ((30, 10), (16, 4)),
    "It should be brief.": ((35, 5), (4, 16)),
    "It should cite sources.": ((26, 14), (10, 10)),
    "It should warn first.": ((28, 12), (14, 6)),
    "It should say when it is unsure.": ((40,), (5,)),
    "It should shout.": ((30, 10), (16, 4)),
}


@pytest.fixture
def analysis(river: Workshop) -> Analysis:
    voting = open_activity(river, "vote")
    fishers, farmers = people(voting, "fishers", 40), people(voting, "farmers", 20)
    for text, (here, there) in SPLITS.items():
        statement = state(voting, text)
        vote(voting, statement, fishers, *here)
        vote(voting, statement, farmers, *there)
    Statement.objects.filter(text="It should shout.").update(moderation="out")
    call_command("analyse", "river", verbosity=0)
    return Analysis.objects.get()


def by_text(analysis: Analysis) -> dict[str, dict[str, Any]]:
    texts = dict(Statement.objects.values_list("pk", "text"))
    return {texts[one["item"]["id"]]: one for one in analysis.result["decisions"]}


def test_the_stored_decisions_are_the_drafts_and_say_what_changes_them(analysis: Analysis) -> None:
    drafted = {
        one.citation["statement_id"]: status_of(one.candidate.stances) or "not_selected"
        for one in proposals(analysis, basis_of(analysis))
    }
    stored = {one["item"]["id"]: one["decision"] for one in analysis.result["decisions"]}
    assert stored == drafted
    found = by_text(analysis)
    assert "It should shout." not in found
    ask_back, unsure = found["It should ask back."], found["It should say when it is unsure."]
    assert [ask_back[way] for way in ("left_out", "bought", "added")] == [5, 2, 3]
    assert ask_back["holds_without_any_one"]
    assert not unsure["holds_without_any_one"]
    assert unsure["sentence"].startswith("Common ground, but without one person it would be")
    warned = found["It should warn first."]["pending"]
    assert set(warned) == {"farmers"}
    assert (warned["farmers"]["votes"], warned["farmers"]["left"]) == (20, 0)


def test_what_could_be_bought_grows_with_the_people_who_could_be(analysis: Analysis) -> None:
    section = analysis.result["bought_votes"]
    assert (section["people"], section["decisions"]) == (60, 5)
    for way in ("left_out", "bought", "added"):
        sets = [set(row[way]) for row in section["budgets"]]
        assert all(one <= other for one, other in pairwise(sets))
    assert [row["people"] for row in section["budgets"]] == [1, 5, 10]


def test_other_ways_of_counting_stand_beside_the_decision(analysis: Analysis) -> None:
    found = by_text(analysis)
    brief, unsure = (
        {one["name"]: one["decision"] for one in found[text]["methods"]}
        for text in ("It should be brief.", "It should say when it is unsure.")
    )
    assert brief["without Farmers"] == "common_ground"
    assert unsure["99 % interval"] == "community_specific"
    assert unsure["group-informed consensus, as many"] == "common_ground"
    assert "bridging score, as many" in unsure
