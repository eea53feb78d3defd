"""Choosing principles: guarantees on small slates that can be followed by hand."""

from __future__ import annotations

import random

import pytest

from policy.methods.principles import (
    Candidate,
    Stance,
    choose_principles,
    stance_from_bounds,
    status_of,
    unrepresented_people,
)

COMMUNITIES = ["harbour", "river"]


def candidate(key: str, river: float, harbour: float, **more: object) -> Candidate:
    """A candidate whose bounds of support give its stances: above ½ for, below ¼ against."""

    def stance(value: float) -> Stance:
        return "for" if value > 0.5 else "against" if value < 0.25 else "unclear"

    support = {"river": river, "harbour": harbour}
    stances = {name: stance(value) for name, value in support.items()}
    return Candidate(key, f"It should {key}.", stances, support, **more)  # type: ignore[arg-type]


def keys(slate_choices: object) -> list[str]:
    return [choice.candidate.key for choice in slate_choices]  # type: ignore[attr-defined]


def test_a_status_needs_every_communitys_word() -> None:
    assert status_of({"river": "for", "harbour": "for"}) == "common_ground"
    assert status_of({"river": "for", "harbour": "unclear"}) == "community_specific"
    assert status_of({"river": "for", "harbour": "against"}) == "contested"
    assert status_of({"river": "against", "harbour": "unclear"}) is None


def test_bounds_across_one_half_are_too_close_to_call() -> None:
    assert stance_from_bounds(0.51, 0.9) == "for"
    assert stance_from_bounds(0.1, 0.49) == "against"
    assert stance_from_bounds(0.4, 0.9) == "unclear"
    assert stance_from_bounds(float("nan"), float("nan")) == "unclear"


def test_a_small_community_keeps_its_places_beside_a_large_one() -> None:
    wanted_by_river = [candidate(f"r{i}", 0.9 - i / 100, 0.4) for i in range(20)]
    wanted_by_harbour = [candidate("h", 0.4, 0.55)]
    slate = choose_principles(wanted_by_river + wanted_by_harbour, COMMUNITIES, places=6, floor=1)
    assert "h" in keys(slate.choices)
    assert slate.floors["harbour"] == 1


def test_common_ground_fills_the_rest_by_its_weakest_support() -> None:
    weak = candidate("weak", 0.99, 0.55)
    strong = candidate("strong", 0.8, 0.8)
    slate = choose_principles([weak, strong], COMMUNITIES, places=2, floor=0)
    assert keys(slate.choices) == ["strong", "weak"]


def test_statements_and_preferences_take_turns() -> None:
    statements = [candidate(f"s{i}", 0.9, 0.9, kind="statement") for i in range(5)]
    preferences = [candidate(f"p{i}", 0.6, 0.6, kind="preference") for i in range(5)]
    slate = choose_principles([*statements, *preferences], COMMUNITIES, places=4, floor=0)
    assert keys(slate.choices) == ["s0", "p0", "s1", "p1"]


def test_a_contested_wish_enters_only_by_its_fault_line() -> None:
    on_a_line = candidate("line", 0.9, 0.1, fault_line=1)
    beside_it = candidate("beside", 0.95, 0.1)
    slate = choose_principles([on_a_line, beside_it], COMMUNITIES, places=4, floor=0)
    assert keys(slate.choices) == ["line"]
    assert slate.choices[0].status == "contested"
    assert slate.choices[0].communities == ("river",)


def test_two_wordings_of_one_topic_take_one_place() -> None:
    first = candidate("be-brief", 0.9, 0.9, topic="length")
    second = candidate("keep-it-short", 0.8, 0.8, topic="length")
    assert keys(choose_principles([second, first], COMMUNITIES).choices) == ["be-brief"]


def test_a_cohesive_crowd_is_represented_before_strength_decides() -> None:
    most = frozenset(f"p{i}" for i in range(30))
    crowd = frozenset(f"q{i}" for i in range(12))
    popular = [candidate(f"m{i}", 0.9, 0.9, approvers=most) for i in range(5)]
    theirs = candidate("theirs", 0.55, 0.4, approvers=crowd)
    slate = choose_principles([*popular, theirs], COMMUNITIES, places=4, floor=0)
    assert "theirs" in keys(slate.choices)
    assert slate.unrepresented == 0


@pytest.mark.parametrize("seed", range(40))
def test_representation_holds_for_random_wishes_whenever_only_that_rule_acts(seed: int) -> None:
    chance = random.Random(seed)
    people = [f"p{i}" for i in range(30)]
    candidates = [
        candidate(f"c{i}", 0.6, 0.6, approvers=frozenset(chance.sample(people, 8)))
        for i in range(12)
    ]
    slate = choose_principles(candidates, COMMUNITIES, places=5, floor=0, fault_lines=0)
    chosen = [choice.candidate for choice in slate.choices]
    assert unrepresented_people(chosen, candidates, 5) == 0


def test_the_order_of_candidates_changes_nothing() -> None:
    candidates = [candidate(f"c{i}", 0.5 + (i * 7 % 10) / 25, 0.55) for i in range(15)]
    shuffled = random.Random(3).sample(candidates, len(candidates))
    one = keys(choose_principles(candidates, COMMUNITIES, places=6).choices)
    assert keys(choose_principles(shuffled, COMMUNITIES, places=6).choices) == one


def test_nothing_wanted_is_a_sentence_and_an_empty_slate() -> None:
    slate = choose_principles([candidate("c", 0.3, 0.3)], COMMUNITIES)
    assert slate.choices == ()
    assert slate.sentences == (
        "No statement or preference is credibly wanted by any community yet.",
    )


def test_a_floor_that_answers_cannot_fill_is_said() -> None:
    slate = choose_principles([candidate("c", 0.9, 0.3)], COMMUNITIES, places=6, floor=1)
    assert slate.sentences == (
        "harbour has 0 of the 1 places kept for it: its answers support no more.",
    )


def test_a_key_that_repeats_is_refused() -> None:
    with pytest.raises(ValueError, match="same key"):
        choose_principles([candidate("c", 0.9, 0.9)] * 2, COMMUNITIES)
