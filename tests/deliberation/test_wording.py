"""Tips for people who write: one thought each, and what was said before."""

from __future__ import annotations

import pytest

from deliberation.methods.wording import holds_several_ideas, similar

POOL = dict(
    enumerate(
        [
            "It should say when it is not sure.",
            "It should never give medical advice.",
            "When someone asks about medicine, it should name its sources.",
            "It should answer in the language of the person.",
            "It should be brief.",
        ]
    )
)


@pytest.mark.parametrize(
    "text", ["Be kind and brief", "Be kind; be brief", "Be kind. Be brief.", "Debe oír y callar"]
)
def test_two_thoughts_are_noticed(text: str) -> None:
    assert holds_several_ideas(text)


@pytest.mark.parametrize("text", ["It should be kind.", "Understand the land", "", "  Why not?  "])
def test_one_thought_is_left_alone(text: str) -> None:
    assert not holds_several_ideas(text)


def test_what_says_the_same_in_other_words_is_found_first() -> None:
    assert similar("It should not give medical advice", POOL) == [1]
    assert similar("Name its sources on medicine", POOL)[0] == 2


def test_words_that_everyone_uses_make_nothing_alike() -> None:
    assert similar("It should be fair", POOL, most=3) in ([], [4])
    assert similar("It should", POOL) == []


def test_the_same_words_are_found_in_a_script_without_spaces() -> None:
    assert similar("它应该诚实", {1: "它应该诚实", 2: "它应该简短"}) == [1]
