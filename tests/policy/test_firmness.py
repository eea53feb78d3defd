"""How few people could turn what communities prefer: put in for real, and told on the page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from elicitation.models import Workshop
from policy.computing.preference_decisions import preference_decisions
from policy.computing.preferences import fit_all, preference_section
from policy.drafting import COMMUNITIES, Basis
from policy.inputs import Judged, WorkshopAnswers
from policy.methods.vote_table import vote_table
from tests.line import full_result, make_analysis, make_statements
from tests.policy.test_preference_section import workshop

Page = Callable[[Workshop, dict[str, Any]], str]
BASIS = Basis(COMMUNITIES, {"c0": "Community 0", "c1": "Community 1"})


def decided(answers: WorkshopAnswers) -> dict[str, Any]:
    """What is decided about length."""
    fits, alike = fit_all(answers), [{"identified": True}]
    result = {
        "communities": answers.communities,
        "preferences": preference_section(answers, fits, alike),
        "identified": alike,
    }
    found = preference_decisions(answers, fits, result, BASIS)
    lengths = [one for one in found if one["item"]["feature"] == "length"]
    return lengths[0] if lengths else {"decision": "not_selected"}


def with_more(answers: WorkshopAnswers, community: int, coming: int, times: int) -> WorkshopAnswers:
    """The same with people who choose the shorter answer of each pair, so many times over."""
    judged, n = answers.judged, len(answers.participants)
    pairs, first = np.unique(judged.pairs, axis=0, return_index=True)
    words = {pk: len(one["text"].split()) for pk, one in answers.completions.items()}
    said = np.array([float(words[int(one)] < words[int(other)]) for one, other in pairs])
    again = coming * times
    people = np.repeat(np.arange(n, n + coming), times * len(pairs))
    more = Judged(
        np.append(judged.people, people),
        np.vstack([judged.pairs, np.tile(pairs, (again, 1))]),
        np.append(judged.prompts, np.tile(judged.prompts[first], again)),
        np.append(judged.answers, np.tile(said, again)),
    )
    seats = [
        {"id": 9000 + one, "pseudonym": f"n{one}", "community": f"c{community}", "identity": ""}
        for one in range(coming)
    ]
    return replace(
        answers,
        participants=[*answers.participants, *seats],
        cast=vote_table(np.zeros((n + coming, 0))),
        judged=more,
    )


def test_as_many_who_come_as_are_told_turn_the_decision_and_one_fewer_do_not() -> None:
    answers = workshop((25, 25), (1.0, 1.0))
    before = decided(answers)
    assert before["decision"] == "common_ground"
    coming = before["added"]
    assert any(
        decided(with_more(answers, place, coming, 40))["decision"] != "common_ground"
        for place in (0, 1)
    )
    for place in (0, 1):
        fewer = decided(with_more(answers, place, coming - 1, 40))
        assert fewer["decision"] == "common_ground"


def test_without_the_cap_one_of_them_turns_it() -> None:
    answers = workshop((25, 25), (1.0, 1.0))
    assert decided(answers)["added"] > 1
    in_full = decided(with_more(answers, 0, 1, 100))["methods"][0]
    assert in_full["name"].startswith("every answer counts in full")
    assert in_full["differs"]


@pytest.fixture
def page(client: Any, pilar: Any) -> Page:
    client.force_login(pilar)

    def read(river: Workshop, result: dict[str, Any]) -> str:
        found = client.get(make_analysis(river, result).get_absolute_url()).content.decode()
        start = found.index('id="preferences"')
        return found[start : found.index('id="agreement"')].replace("\N{NO-BREAK SPACE}", " ")

    return read


@pytest.fixture
def result(river: Workshop) -> dict[str, Any]:
    found = full_result(*make_statements(river))
    communities = found["preferences"]["communities"]
    for one in communities.values():
        for fit in one["themes"].values():
            fit |= {"most_answers": 30.0, "capped_people": 12, "heaviest": 0.05}
    entry = {
        "item": {"kind": "preference", "feature": "length", "theme": "", "community": ""},
        "decision": "community_specific",
        "stances": dict.fromkeys(communities, "unclear") | {"fishers": "for"},
        "left_out": 4, "bought": 3, "added": None,
        "methods": [{"name": "in full", "decision": "contested", "differs": True}],
    }  # fmt: skip
    found["decisions"] = [entry]
    return found


def test_the_page_says_how_few_could_turn_a_preference(
    river: Workshop, page: Page, result: dict[str, Any]
) -> None:
    said = page(river, result)
    assert (
        "would change if 4 people had not answered, or if 3 people had answered the other" in said
    )
    assert "None found" in said
    assert "what 12 people gave beyond 30 answers weighs as 30 answers." in said
    assert "In full: contested." in said


def test_nothing_is_told_where_a_community_is_too_small(
    river: Workshop, page: Page, result: dict[str, Any]
) -> None:
    result["preferences"]["communities"]["fishers"]["people"] = 1
    assert "How firm this is" not in page(river, result)


def test_an_analysis_from_before_the_cap_tells_nothing_of_it(
    river: Workshop, page: Page, result: dict[str, Any]
) -> None:
    for one in result["preferences"]["communities"].values():
        for fit in one["themes"].values():
            del fit["most_answers"]
    assert "How firm this is" not in page(river, result)
