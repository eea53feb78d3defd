import pytest

from policy.methods.identifiability import shared_items


def test_communities_that_judged_different_prompts_are_not_compared():
    (found,) = shared_items({"helpful": ["a", "b"], "harmless": ["c"]}, items="prompts")
    assert not found.identified
    assert found.judged == (2, 1)
    assert found.sentence == (
        "Differences between helpful and harmless are not identified: "
        "they judged different prompts (0 shared)."
    )


def test_too_few_shared_items_are_named_with_the_number_needed():
    (found,) = shared_items({"x": range(9), "y": range(4, 40)})
    assert (found.shared, found.identified) == (5, False)
    assert found.sentence.endswith("they share too few pairs (5 shared, 10 needed).")


def test_exactly_as_many_as_needed_is_enough():
    (found,) = shared_items({"x": range(10), "y": range(10)})
    assert found.identified
    assert "both judged 10 pairs" in found.sentence


def test_every_two_of_several_communities_are_looked_at():
    found = shared_items({"x": {1, 2}, "y": {2, 3}, "z": {9}}, needed=1)
    assert [(s.first, s.second, s.identified) for s in found] == [
        ("x", "y", True),
        ("x", "z", False),
        ("y", "z", False),
    ]


def test_judging_an_item_often_shares_it_once():
    (found,) = shared_items({"x": [1] * 50, "y": [1] * 50})
    assert found.shared == 1


def test_a_community_that_judged_nothing_is_named():
    (found,) = shared_items({"x": [], "y": [1]})
    assert found.sentence.endswith("not identified: x judged nothing.")


def test_one_community_has_nobody_to_differ_from():
    assert shared_items({"x": [1]}) == ()
    assert shared_items({}) == ()


def test_needing_nothing_is_refused():
    with pytest.raises(ValueError, match="At least one shared item"):
        shared_items({}, needed=0)
