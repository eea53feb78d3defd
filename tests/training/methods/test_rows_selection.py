"""What is asked of a dataset: filters, weights, and that the test is never made easier by them."""

from __future__ import annotations

import pytest

from tests.training.methods.test_rows import BREVITY, build, pair, said, sides_of, words
from training.methods.rows import Measure, build_preference_rows
from training.methods.selection import Selection, as_plain, from_plain
from training.methods.splits import draw_sides


def weights_of(rows: object) -> dict[str, float]:
    totals: dict[str, float] = {}
    for row in rows.splits["train"]:  # type: ignore[attr-defined]
        totals[row["community"]] = totals.get(row["community"], 0) + row["weight"]
    return totals


def test_communities_weigh_as_asked_and_the_mean_weight_stays_one() -> None:
    large = [said("first", "a", pair(n)) for n in range(9)]
    small = [said("first", "b", pair(n), community="harbour") for n in range(3)]
    totals = weights_of(build(*large, *small, community_weights={"harbour": 3.0}))
    assert totals == pytest.approx({"harbour": 9.0, "river": 3.0}, rel=1e-4)


def test_a_community_of_weight_zero_trains_nothing_and_is_still_measured() -> None:
    answers = [said("first", "a", pair(n), community="harbour") for n in range(40)]
    rows = build(*answers, held_out_prompts=0.3, community_weights={"harbour": 0.0})
    assert not rows.splits["train"]
    assert rows.splits["heldout"]


def test_little_agreement_leaves_training_and_stays_in_the_test() -> None:
    answers = [said(answer, answer, pair(n)) for n in range(40) for answer in ("first", "second")]  # type: ignore[arg-type]
    rows = build(*answers, held_out_prompts=0.3, least_agreement=0.7)
    assert not rows.splits["train"]
    assert {row["share"] for row in rows.splits["heldout"]} == {0.5}
    assert rows.left_out["pairs with too little agreement"] + len(rows.splits["heldout"]) == 40


def test_too_few_people_are_counted_as_that() -> None:
    rows = build(said("first", "a"), said("first", "a", pair(1)), said("first", "b"), least_n=2)
    assert [row["n"] for row in rows.splits["train"]] == [2]
    assert rows.left_out == {"pairs that too few people judged": 1}


def test_only_the_communities_asked_for_are_in() -> None:
    answers = [said("first", "a"), said("first", "b", community="harbour")]
    rows = build(*answers, communities=("harbour",))
    assert [row["community"] for row in rows.splits["train"]] == ["harbour"]
    assert rows.left_out == {"answers that were not asked for": 1}


def test_a_principles_weight_is_its_rows_and_zero_leaves_it_out() -> None:
    two = [BREVITY, Measure(2, "words", -1)]
    answers = [said("first", "a", pair(n)) for n in range(2)]
    for weights, named in (({1: 0.0}, [2]), ({1: 2.0}, [1, 2]), ({1: 0.0, 2: 0.0}, None)):
        rows = build_preference_rows(
            answers, two, features=words, sides=sides_of(answers),
            selection=Selection(principle_weights=weights),
        ).splits["train"]  # fmt: skip
        assert [row["principles"] for row in rows] == ([named] * 2 if named else [])


def test_prompts_that_ask_nearly_the_same_stand_on_one_side() -> None:
    long = "how deep is the river at the old mill in a dry year when nobody takes any water"
    asked = [[{"role": "user", "content": f"{long} {more}"}] for more in ("", "now", "please", "x")]
    for seed in range(20):
        sides = draw_sides(asked, {}, seed=seed, held_out_prompts=0.5)
        assert len({sides.is_prompt_out(one) for one in asked}) == 1


def test_a_selection_survives_being_stored() -> None:
    asked = Selection(themes=("water",), principle_weights={3: 0.5}, least_n=4)
    assert from_plain(as_plain(asked)) == asked
    with pytest.raises(ValueError, match="has no least"):
        from_plain({"least": 3})


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"least_agreement": 0.4}, "between .5 and 1"),
        ({"least_n": 0}, "one person at least"),
        ({"community_weights": {"river": -1.0}}, "weight of river is a number from 0"),
        ({"principle_weights": {1: float("nan")}}, "weight of 1 is a number"),
        ({"most_synthetic": 1.5}, "0 to 1"),
    ],
)
def test_what_cannot_be_asked_is_a_sentence(asked: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Selection(**asked)  # type: ignore[arg-type]


def test_a_name_that_does_not_exist_is_told_with_those_that_do() -> None:
    told = Selection(communities=("rivr",)).unknown(["river"], [""], [1])
    assert told == "There is no community 'rivr'; there are: river."
