"""Intervals that know that their items were chosen for lying far apart."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from policy.methods.fault_line_intervals import Chosen, chosen_interval, gap_needed, joined

ERROR, MANY = 0.05, 10_000


def drawn_around(gaps: NDArray[np.float64], seed: int, draws: int = 200) -> NDArray[np.float64]:
    return np.random.default_rng(seed).normal(gaps, ERROR, (draws, len(gaps)))


def interval_of(gaps: list[float], needed: float, seed: int = 0) -> tuple[float, float]:
    given = np.array(gaps)
    return chosen_interval(given, drawn_around(given, seed), np.full(len(gaps), needed), MANY)


def test_what_lies_far_above_is_told_as_if_nothing_had_been_chosen() -> None:
    given = np.array([0.6, 0.5, 0.7])
    drawn = drawn_around(given, 1)
    found = chosen_interval(given, drawn, np.full(3, 0.15), MANY)
    means = 2 * given.mean() - drawn.mean(axis=1)
    assert found == pytest.approx(np.percentile(means, (2.5, 97.5), method="weibull"), abs=1e-3)


def test_what_barely_passed_is_told_down_to_nothing() -> None:
    low, high = interval_of([0.152], 0.15)
    assert (low, high) == (0, pytest.approx(0.25, abs=0.02))
    assert interval_of([0.4], 0.15)[0] == pytest.approx(0.4 - 1.96 * ERROR, abs=0.02)


def test_one_item_that_barely_passed_makes_a_line_of_three_only_a_little_wider() -> None:
    sure, mixed = interval_of([0.5, 0.5, 0.5], 0.15), interval_of([0.5, 0.5, 0.151], 0.15)
    assert 0 < (mixed[1] - mixed[0]) - (sure[1] - sure[0]) < 0.05


@pytest.mark.parametrize("true", [0.0, 0.05, 0.12, 0.2, 0.4])
def test_among_what_is_chosen_nineteen_of_twenty_hold_the_truth(true: float) -> None:
    rng = np.random.default_rng(3)
    held: list[bool] = []
    while len(held) < 250:
        # Only a few of what is truly nothing are ever chosen: they are drawn among those.
        seen = abs(rng.normal(true, ERROR, 200))
        for one in seen[seen >= 0.15][: 250 - len(held)]:
            low, high = interval_of([float(one)], 0.15, seed=len(held))
            held.append(low <= true <= high)
    assert 0.91 <= np.mean(held) <= 1


@settings(deadline=None, max_examples=40)
@given(
    st.lists(
        st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(0, 0.5)), min_size=1, max_size=6
    ),
    st.integers(2, 50),
    st.integers(2, 40),
)
def test_whatever_was_drawn_the_mean_lies_within(
    items: list[tuple[float, float, float]], people: int, draws: int
) -> None:
    gaps, share, errors = np.array(items).T
    drawn = np.random.default_rng(0).normal(gaps, errors, (draws, len(gaps)))
    low, high = chosen_interval(gaps, drawn, gaps * share, people)
    off = abs(drawn.mean() - gaps.mean())
    assert 0 <= low <= gaps.mean() + off + 1e-4
    assert high >= gaps.mean() - off - 1e-4


def test_order_of_items_changes_nothing() -> None:
    given, needed = np.array([0.5, 0.2, 0.3]), np.array([0.15, 0.19, 0.1])
    drawn = drawn_around(given, 4)
    one = chosen_interval(given, drawn, needed, 30)
    other = chosen_interval(given[::-1], drawn[:, ::-1], needed[::-1], 30)
    assert one == pytest.approx(other)


def test_few_people_make_it_wider() -> None:
    given = np.array([0.5])
    few, many = (
        np.ptp(chosen_interval(given, drawn_around(given, 5, 4000), np.array([0.1]), n))
        for n in (6, MANY)
    )
    assert few / many == pytest.approx(2.57 / 1.96, rel=0.1)


def test_a_gap_is_needed_as_far_as_its_p_and_its_difference_were() -> None:
    gaps, errors = np.array([0.4, 0.4]), np.array([0.05, 0.2])
    needed = gap_needed(gaps, errors, np.array([1e-12, 0.02]), np.full(2, 0.02), np.full(2, 0.3), 2)
    assert needed == pytest.approx([0.3 * 0.4, 0.4], abs=0.02)


def test_lines_put_together_count_each_item_once() -> None:
    parts = [
        Chosen(gaps, drawn_around(gaps, 6), np.full(len(gaps), 0.15), 30)
        for gaps in (np.array([0.5]), np.array([0.3, 0.4]))
    ]
    low, high = joined(parts).interval()
    assert low < 0.4 < high
    assert np.isnan(chosen_interval(np.array([0.5]), np.zeros((0, 1)), np.array([0.1]), 30)).all()
