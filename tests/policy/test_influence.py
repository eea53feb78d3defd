"""Nobody's answers decide alone: capped weights, bounded pulls, and who stands behind an effect."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy.methods.bradley_terry import fit_preferences
from policy.methods.influence import (
    Answered,
    answered,
    bounded_effects,
    capped,
    fewest_behind,
    pulls_on,
)

PEOPLE, EACH = 40, 15
TRUE = np.array([0.5, 0.0, -0.3])


def hall(seed: int = 0) -> Answered:
    """People who answer alike, fifteen times each."""
    rng = np.random.default_rng(seed)
    design = rng.normal(size=(PEOPLE * EACH, 3))
    answers = (rng.random(len(design)) < 1 / (1 + np.exp(-design @ TRUE))).astype(float)
    return answered(design, answers, np.repeat(np.arange(PEOPLE), EACH))


def with_a_loud_one(told: Answered, times: int) -> Answered:
    """The same with somebody who always answers against the first feature, so many times."""
    design = np.random.default_rng(9).normal(size=(times, 3))
    return answered(
        np.vstack([told.design, design]),
        np.append(told.answers, design[:, 0] < 0),
        np.append(told.people, np.full(times, PEOPLE)),
    )


@settings(deadline=None)
@given(st.lists(st.integers(1, 500), min_size=1, max_size=30), st.floats(0.01, 1))
def test_nobody_weighs_more_than_the_share_and_as_little_is_taken_as_suffices(
    counts: list[int], share: float
) -> None:
    weights = capped(counts, share)
    heavy = weights * counts / (weights * counts).sum()
    assert heavy.max() <= max(share, 1 / len(counts)) + 1e-9
    taken = weights < 1 - 1e-12
    if share * len(counts) >= 1 and taken.any():
        assert heavy[taken] == pytest.approx(np.full(taken.sum(), share))


@pytest.mark.parametrize("times", [100, 3000])
def test_one_who_answers_without_end_moves_nothing_much(times: int) -> None:
    told = hall()
    loud = with_a_loud_one(told, times)
    plain = fit_preferences(loud.design, loud.answers, loud.people).effects[0].log_odds
    before, after = (bounded_effects(one, share=2 / one.n_people) for one in (told, loud))
    assert abs(after.log_odds[0] - before.log_odds[0]) < 0.1
    assert abs(plain - before.log_odds[0]) > 0.15
    assert after.heaviest <= 2 / loud.n_people + 1e-9
    assert after.low[0] > 0


def test_many_who_touch_nothing_do_not_silence_those_who_do() -> None:
    told = hall()
    quiet = np.zeros((2 * PEOPLE, 3))
    wider = answered(
        np.vstack([told.design, quiet]),
        np.append(told.answers, np.tile([0.0, 1.0], PEOPLE)),
        np.append(told.people, np.arange(PEOPLE, 3 * PEOPLE)),
    )
    found = bounded_effects(wider, share=2 / wider.n_people)
    assert found.low[0] > 0
    assert found.heaviest <= 2 / wider.n_people + 1e-9


def test_among_people_alike_bounding_changes_next_to_nothing() -> None:
    told = hall()
    found = bounded_effects(told, share=2 / PEOPLE)
    plain = fit_preferences(told.design, told.answers, told.people).effects
    assert found.log_odds == pytest.approx([one.log_odds for one in plain], abs=0.02)
    assert found.high - found.log_odds == pytest.approx(
        [one.high - one.log_odds for one in plain], rel=0.15
    )


def test_the_pull_is_how_far_a_person_moves_the_effects() -> None:
    told = hall()
    pulls, whole = pulls_on(told), fit_preferences(told.design, told.answers, told.people)
    for person in (0, 7, 23):
        rest = told.without(np.array([person]))
        effects = fit_preferences(rest.design, rest.answers, rest.people).effects
        moved = [
            one.log_odds - two.log_odds for one, two in zip(whole.effects, effects, strict=True)
        ]
        assert pulls[person] == pytest.approx(moved, abs=0.004)


def test_the_people_found_behind_an_effect_take_it_with_them() -> None:
    told = hall()
    effect = fit_preferences(told.design, told.answers, told.people).effects[2]

    def is_clear(rest: Answered) -> bool:
        return fit_preferences(rest.design, rest.answers, rest.people).effects[2].high < 0

    half = effect.high - effect.log_odds
    fewest = int(fewest_behind(told, 2, effect.log_odds, half, is_clear))
    order = np.argsort(pulls_on(told)[:, 2], kind="stable")
    assert 1 < fewest < PEOPLE // 3
    assert not is_clear(told.without(order[:fewest]))
    assert is_clear(told.without(order[: fewest - 1]))


def test_an_effect_of_one_person_falls_with_that_person() -> None:
    design = np.zeros((40, 1))
    design[:20] = 1.0
    people = np.append(np.zeros(20), np.arange(1, 21))
    told = answered(design, np.ones(40), people)
    found = fewest_behind(told, 0, 3.0, 1.0, lambda rest: bool(rest.design.any()))
    assert found == 1


def test_too_little_is_a_sentence_and_no_number() -> None:
    alone = bounded_effects(answered([[1.0], [2.0]], [1, 0], [5, 5]), share=0.5)
    even = bounded_effects(answered([[1.0], [2.0]], [0.5, 0.5], [1, 2]), share=0.5)
    nobody = bounded_effects(answered(np.zeros((0, 2)), [], []), share=0.5)
    for one in (alone, even, nobody):
        assert np.isnan(one.log_odds).all()
        assert one.note.endswith(".")
    with pytest.raises(ValueError, match="one person each"):
        answered([[1.0]], [1, 0], [1])
