"""Texts that say nearly the same are found, every one of them, and others are not."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.methods.near_duplicates import groups_of_near_duplicates, overlap

WORDS = st.lists(st.sampled_from("abcdef"), min_size=1, max_size=9).map(" ".join)


def test_case_spaces_and_punctuation_do_not_tell_texts_apart() -> None:
    assert overlap("How deep is the river?", "how  deep, is the River") == 1


def test_one_word_of_many_makes_a_near_duplicate_and_of_few_does_not() -> None:
    long = "please tell me in one or two sentences how deep the river is at the old mill"
    assert groups_of_near_duplicates([long, long + " today"]) == [[0, 1]]
    assert groups_of_near_duplicates(["how deep is it", "how wide is it"]) == []


def test_characters_stand_for_words_where_no_spaces_part_them() -> None:
    assert groups_of_near_duplicates(["河水有多深在老磨坊旁边", "河水有多深在老磨坊旁"]) == [[0, 1]]


def test_what_is_alike_over_a_third_text_is_one_group() -> None:
    a = " ".join(map(str, range(40)))
    b, c = a + " x y z", a + " x y z u v w"
    assert groups_of_near_duplicates([a, "else", c, b]) == [[0, 2, 3]]


@pytest.mark.parametrize("threshold", [0.0, 1.1])
def test_a_threshold_out_of_range_is_refused(threshold: float) -> None:
    with pytest.raises(ValueError, match="lies in"):
        groups_of_near_duplicates(["a"], threshold=threshold)


@given(st.lists(WORDS, max_size=9), st.sampled_from([0.2, 0.5, 0.8, 1.0]))
def test_no_pair_at_or_above_the_threshold_is_missed(texts: list[str], threshold: float) -> None:
    groups = groups_of_near_duplicates(texts, threshold=threshold)
    group_of = {place: number for number, group in enumerate(groups) for place in group}
    for first, second in combinations(range(len(texts)), 2):
        if overlap(texts[first], texts[second]) >= threshold:
            assert group_of[first] == group_of[second]
    for group in groups:
        for one in group:
            others = (overlap(texts[one], texts[other]) for other in group if other != one)
            assert max(others) >= threshold
