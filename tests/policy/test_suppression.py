"""Withheld counts, and somebody who tries everything that arithmetic allows to find them out."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from policy.methods.suppression import TOTAL, Table, one_way, possible, suppress, two_way

COUNTS = st.one_of(st.integers(0, 12), st.integers(10, 80))
LARGE = st.integers(1, 6).flatmap(
    lambda rows: st.integers(1, 6).flatmap(
        lambda columns: st.lists(
            st.lists(COUNTS, min_size=columns, max_size=columns), min_size=rows, max_size=rows
        )
    )
)


def crossed(rows: list[list[int]]) -> Table:
    return two_way({(f"r{i}", f"c{j}"): n for i, r in enumerate(rows) for j, n in enumerate(r)})


def attacked(table: Table, withheld: frozenset) -> dict:
    """The smallest and largest value of each withheld count that nothing shown rules out."""
    place = {key: number for number, key in enumerate(table.counts)}
    sums = np.zeros((len(table.sums), len(place)))
    for row, (whole, parts) in enumerate(table.sums):
        sums[row, place[whole]] += 1
        for part in parts:
            sums[row, place[part]] -= 1
    bounds = [(1, None) if key in withheld else (n, n) for key, n in table.counts.items()]
    found = {}
    for key in withheld:
        ends = []
        for sign in (1, -1):
            aim = np.zeros(len(place))
            aim[place[key]] = sign
            solved = linprog(aim, A_eq=sums, b_eq=np.zeros(len(sums)), bounds=bounds)
            ends.append(sign * solved.fun if solved.status == 0 else np.inf)
        found[key] = tuple(ends)
    return found


@given(rows=LARGE, k=st.integers(1, 12))
@settings(max_examples=120, deadline=None)
def test_no_withheld_count_can_be_told_by_linear_programming(rows, k):
    table = crossed(rows)
    withheld = suppress(table, k)
    assert all(n == 0 or n >= k for key, n in table.counts.items() if key not in withheld)
    for key, (low, high) in attacked(table, withheld).items():
        assert low <= table.counts[key] <= high
        assert high - low >= k - 1e-6
        assert possible(table, withheld, key, 10**6) >= min(round(high - low, 6), 10**6) - 1e-6


@given(parts=st.lists(st.integers(0, 9), min_size=1, max_size=5), k=st.integers(1, 6))
@settings(max_examples=80, deadline=None)
def test_no_withheld_part_can_be_told_by_trying_all_values(parts, k):
    table = one_way(dict(enumerate(parts)))
    withheld = suppress(table, k)
    if TOTAL in withheld or not withheld:
        return
    hidden = sorted(key for key in withheld)
    left = table.counts[TOTAL] - sum(n for key, n in enumerate(parts) if key not in withheld)
    fitting = [v for v in product(range(1, left + 1), repeat=len(hidden)) if sum(v) == left]
    for place in range(len(hidden)):
        assert len({values[place] for values in fitting}) > k


@given(
    trees=st.lists(st.lists(COUNTS, min_size=1, max_size=4), min_size=1, max_size=4),
    k=st.integers(5, 12),
)
@settings(max_examples=60, deadline=None)
def test_all_communities_and_what_they_are_made_of_stay_safe_together(trees, k):
    counts: dict = {(i, j): n for i, tree in enumerate(trees) for j, n in enumerate(tree)}
    counts |= {i: sum(tree) for i, tree in enumerate(trees)}
    counts[TOTAL] = sum(sum(tree) for tree in trees)
    sums: list = [(i, [(i, j) for j in range(len(tree))]) for i, tree in enumerate(trees)]
    sums.append((TOTAL, list(range(len(trees)))))
    table = Table(counts, sums)
    withheld = suppress(table, k)
    for low, high in attacked(table, withheld).values():
        assert high - low >= k - 1e-6


def test_one_small_community_takes_the_next_smallest_with_it():
    assert suppress(one_way({"river": 40, "hill": 30, "harbour": 4}), 10) == {"hill", "harbour"}


def test_two_small_communities_are_not_enough_when_they_are_few_together():
    table = one_way({"a": 40, "b": 4, "c": 3, "d": 20})
    assert suppress(table, 10) == {"b", "c", "d"}
    assert suppress(one_way({"a": 40, "b": 9, "c": 8}), 10) == {"b", "c"}


def test_nothing_is_withheld_where_nothing_is_small():
    assert suppress(crossed([[10, 30], [0, 12]]), 10) == frozenset()


def test_a_lone_small_cell_takes_a_rectangle():
    withheld = suppress(crossed([[3, 50, 70], [40, 11, 60], [80, 90, 12]]), 10)
    assert len(withheld) == 4
    assert {("r0", "c0"), ("r1", "c1")} <= withheld
    assert not any(TOTAL in key for key in withheld)


def test_a_workshop_of_a_few_is_withheld_whole():
    assert suppress(one_way({"a": 2, "b": 1}), 10) == {"a", "b", TOTAL}


@given(rows=LARGE, seed=st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_order_and_names_change_no_counts_that_are_too_small(rows, seed):
    mixed = np.random.default_rng(seed).permutation(np.array(rows), axis=1)[::-1].tolist()
    one, other = crossed(rows), crossed(mixed)
    small = [sorted(t.counts[x] for x in suppress(t, 10) if t.counts[x] < 10) for t in (one, other)]
    assert small[0] == small[1]


def test_what_is_no_table_is_refused():
    with pytest.raises(ValueError, match="not the sum"):
        Table({"a": 1, "b": 2, "t": 4}, [("t", ["a", "b"])])
    with pytest.raises(ValueError, match="at least zero"):
        one_way({"a": -1, "b": 2})
    with pytest.raises(ValueError, match="more than two"):
        suppress(Table({"a": 1, "t": 1}, [("t", ["a"])] * 3), 5)
    with pytest.raises(ValueError, match="at least 1"):
        suppress(one_way({"a": 1}), 0)
