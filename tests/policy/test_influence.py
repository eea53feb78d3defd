"""Nobody decides alone: capped weights, who stands behind an effect, and who could turn it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from policy.methods.bradley_terry import Effect, fit_preferences
from policy.methods.equal_say import TIMES_THE_MEDIAN, equal_say, most_answers
from policy.methods.influence import (
    Answered,
    answered,
    bounded_effects,
    fewest_behind,
    fewest_coming,
    fewest_sold,
    pulls_on,
)

PEOPLE, EACH = 40, 15
TRUE = np.array([0.5, 0.0, -0.3])


def hall(seed: int = 0, people: int = PEOPLE, true: NDArray[np.float64] = TRUE) -> Answered:
    """People who answer alike, fifteen times each."""
    rng = np.random.default_rng(seed)
    design = rng.normal(size=(people * EACH, 3))
    answers = (rng.random(len(design)) < 1 / (1 + np.exp(-design @ true))).astype(float)
    return answered(design, answers, np.repeat(np.arange(people), EACH))


def with_people_against(told: Answered, coming: int, pairs: int, again: int = 1) -> Answered:
    """The same with people who always answer against the first feature, on so many pairs each."""
    design = np.repeat(np.random.default_rng(9).normal(size=(coming * pairs, 3)), again, axis=0)
    return answered(
        np.vstack([told.design, design]),
        np.append(told.answers, design[:, 0] < 0),
        np.append(told.people, np.repeat(np.arange(coming), pairs * again) + told.n_people),
    )


def clear(effect: Effect) -> int:
    return int(effect.low > 0) - int(effect.high < 0)


def missing_for(effect: Effect, direction: int) -> float:
    """How far an effect is from being clear in a direction; for 0, from not being clear."""
    half = (effect.high - effect.low) / 2
    return half - direction * effect.log_odds if direction else abs(effect.log_odds) - half


@given(st.lists(st.integers(1, 500), min_size=1, max_size=30))
def test_nobody_counts_for_more_than_twice_the_median_person(counts: list[int]) -> None:
    people = np.repeat(np.arange(len(counts)), counts)
    most = most_answers(people)
    weighs = np.bincount(people, equal_say(people, most))
    assert weighs == pytest.approx(np.minimum(counts, 2 * np.median(counts)))
    assert weighs.max() / weighs.sum() <= max(4 / len(counts), 1 / len(counts)) + 1e-9


@pytest.mark.parametrize("few", [1, 4, 12, 19])
def test_those_who_flood_move_no_more_than_as_many_who_answer_twice_as_much_as_others(
    few: int,
) -> None:
    told = hall()
    ordinary, flood = (with_people_against(told, few, 2 * EACH, again) for again in (1, 50))
    assert len(flood.answers) > few * 1000
    for place in range(3):
        one, other = ordinary.effect(place), flood.effect(place)
        assert other.log_odds == pytest.approx(one.log_odds, abs=1e-6)
        assert clear(other) == clear(one)


def test_without_the_cap_one_person_turns_the_decision() -> None:
    flood = with_people_against(hall(), 1, 40 * EACH)
    plain = fit_preferences(flood.design, flood.answers, flood.people).effects[0]
    assert plain.log_odds < 0 < flood.effect(0).low


def test_whoever_thinks_otherwise_keeps_their_whole_weight() -> None:
    told = hall()
    fit = fit_preferences(told.design, told.answers, told.people, cap=TIMES_THE_MEDIAN)
    plain = fit_preferences(told.design, told.answers, told.people)
    assert fit.effects == plain.effects
    assert (fit.n_capped, fit.heaviest) == (0, pytest.approx(1 / PEOPLE))


@settings(deadline=None, max_examples=20)
@given(st.permutations(range(12)))
def test_who_is_called_what_changes_no_weight(order: list[int]) -> None:
    people = np.repeat(np.arange(12), np.arange(1, 13))
    renamed = np.array(order)[people]
    for one, other in zip(
        equal_say(people, most_answers(people)), equal_say(renamed, most_answers(renamed)),
        strict=True,
    ):  # fmt: skip
        assert one == other


def test_bounding_pulls_moves_next_to_nothing_among_people_alike() -> None:
    told = hall()
    found = bounded_effects(told)
    plain = fit_preferences(told.design, told.answers, told.people).effects
    assert found.log_odds == pytest.approx([one.log_odds for one in plain], abs=0.02)
    assert found.high - found.log_odds == pytest.approx(
        [one.high - one.log_odds for one in plain], rel=0.15
    )


def test_the_pull_is_how_far_a_person_moves_the_effects() -> None:
    told = hall()
    pulls = pulls_on(told)
    for person in (0, 7, 23):
        rest = told.without(np.array([person]))
        moved = [told.effect(k).log_odds - rest.effect(k).log_odds for k in range(3)]
        assert pulls[person] == pytest.approx(moved, abs=0.004)


def test_the_people_found_behind_an_effect_take_it_with_them() -> None:
    told = hall()
    effect = told.effect(2)
    fewest = int(fewest_behind(told, 2, effect, lambda rest: clear(rest.effect(2)) != -1))
    order = np.argsort(pulls_on(told)[:, 2], kind="stable")
    assert 1 < fewest < PEOPLE // 3
    assert clear(told.without(order[:fewest]).effect(2)) == 0
    assert clear(told.without(order[: fewest - 1]).effect(2)) == -1


def test_as_many_sold_as_were_found_turn_the_effect_and_one_fewer_do_not() -> None:
    told = hall()

    def turned(sold: Answered) -> bool:
        return clear(sold.effect(0)) != 1

    found = int(fewest_sold(told, 0, -1, missing_for(told.effect(0), 0), turned))
    against = pulls_on(told)[:, 0] - [
        pulls_on(told.sold(np.array([one]), 0, -1))[one, 0] for one in range(PEOPLE)
    ]
    likeliest = np.argsort(-against, kind="stable")
    assert 1 < found < PEOPLE // 2
    assert turned(told.sold(likeliest[: found + 1], 0, -1))
    assert not turned(told.sold(likeliest[: found - 2], 0, -1))


@pytest.mark.parametrize(("place", "direction"), [(0, 0), (1, 1), (1, -1)])
def test_as_many_who_come_as_were_found_turn_the_effect_and_one_fewer_do_not(
    place: int, direction: int
) -> None:
    told = hall(seed=3)
    effect = told.effect(place)
    towards = direction or -1

    def turned(more: Answered) -> bool:
        found = clear(more.effect(place))
        return found == direction if direction else found != 1

    need = missing_for(effect, direction)
    found = int(fewest_coming(told, place, towards, need, turned))
    assert 1 <= found <= PEOPLE
    assert turned(told.joined(found, place, towards))
    assert not turned(told.joined(found - 1, place, towards))


def test_coming_takes_more_people_the_firmer_the_effect() -> None:
    def needed(size: float) -> float:
        told = hall(true=np.array([size, 0.0, 0.0]))
        effect = told.effect(0)
        missing = missing_for(effect, 0)
        return fewest_coming(told, 0, -1, missing, lambda more: clear(more.effect(0)) != 1)

    assert needed(0.5) < needed(0.9) < needed(1.5)


def test_an_effect_of_one_person_falls_with_that_person() -> None:
    design = np.zeros((40, 1))
    design[:20] = 1.0
    people = np.append(np.zeros(20), np.arange(1, 21))
    told = answered(design, np.ones(40), people)
    effect = hall().effect(0)
    found = fewest_behind(told, 0, effect, lambda rest: not rest.design[rest.rows].any())
    assert found == 1


def test_where_no_number_of_people_will_do_there_is_none() -> None:
    told = hall()
    effect = told.effect(0)
    for fewest in (
        fewest_behind(told, 0, effect, lambda rest: False),
        fewest_sold(told, 0, -1, 1.0, lambda rest: False),
        fewest_coming(told, 0, -1, 1.0, lambda rest: False),
    ):
        assert fewest == np.inf


def test_too_little_is_a_sentence_and_no_number() -> None:
    alone = bounded_effects(answered([[1.0], [2.0]], [1, 0], [5, 5]))
    even = bounded_effects(answered([[1.0], [2.0]], [0.5, 0.5], [1, 2]))
    nobody = bounded_effects(answered(np.zeros((0, 2)), [], []))
    for one in (alone, even, nobody):
        assert np.isnan(one.log_odds).all()
        assert one.note.endswith(".")
    with pytest.raises(ValueError, match="one person each"):
        answered([[1.0]], [1, 0], [1])
    with pytest.raises(ValueError, match="at least once"):
        most_answers(np.array([0, 0, 1]), 0.5)
