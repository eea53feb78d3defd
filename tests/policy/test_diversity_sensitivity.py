"""How sure agreement is, and along which lines answers divide."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy.methods.agreement import Given, as_given, krippendorff_alpha
from policy.methods.agreement_intervals import alpha_interval, cross_intervals
from policy.methods.cross_agreement import cross_group, cross_pairs
from policy.methods.diversity_sensitivity import (
    NOT_TESTED,
    ONE_GROUP,
    crossed,
    diversity_sensitivity,
)


def rate(rng, items, people, agree, truth=None):
    truth = rng.integers(1, 6, items) if truth is None else truth
    noise = rng.integers(1, 6, (items, people))
    return np.where(rng.random((items, people)) < agree, truth[:, None], noise).astype(float)


def binary_people(rng, places, loadings, n):
    """Answers of n people of one population; items differ, and people differ on them."""
    own = rng.normal(size=(n, loadings.shape[1]))
    chance = 1 / (1 + np.exp(-(places[:, None] + loadings @ own.T)))
    return (rng.random(chance.shape) < chance).astype(float)


def test_the_axis_that_people_differ_on_is_found_and_the_others_are_not():
    rng = np.random.default_rng(1)
    truth = rng.integers(1, 6, 60)
    ratings = np.hstack([rate(rng, 60, 12, 0.7, truth), rate(rng, 60, 12, 0.7, 6 - truth)])
    axes = {"town": np.repeat(["a", "b"], 12), "noise": rng.choice(list("xyz"), 24)}
    town, noise = diversity_sensitivity(ratings, axes, permutations=300)
    assert town.q < 0.02
    assert noise.p > 0.05
    assert {group.first for group in town.groups} == {"a", "b"}


def test_dsi_is_the_largest_association_of_a_group():
    rng = np.random.default_rng(2)
    truth = rng.integers(1, 6, 80)
    ratings = np.hstack([rate(rng, 80, 8, share, truth) for share in (0.9, 0.5, 0.6)])
    found = diversity_sensitivity(ratings, {"town": np.repeat(list("abc"), 8)}, permutations=99)[0]
    largest = max(found.groups, key=lambda one: one.gai)
    assert (found.dsi, found.group) == (largest.gai, largest.first) == (largest.gai, "a")
    own = cross_group(ratings, np.repeat(list("abc"), 8), permutations=1).groups
    assert [one.gai for one in found.groups] == pytest.approx([one.gai for one in own])


def test_the_largest_of_many_groups_is_no_finding_by_being_the_largest():
    rng = np.random.default_rng(3)
    p = []
    for seed in range(200):
        ratings = rate(rng, 20, 40, rng.random(40) * 0.8)
        axes = {"noise": rng.choice(list("abcdef"), 40)}
        p.append(diversity_sensitivity(ratings, axes, permutations=99, seed=seed)[0].p)
    assert np.mean(np.array(p) <= 0.1) == pytest.approx(0.1, abs=0.06)
    assert np.mean(p) == pytest.approx(0.5, abs=0.07)


def test_a_crossed_axis_is_tested_for_what_it_adds_to_the_first():
    rng = np.random.default_rng(4)
    towns, p = np.repeat(["a", "b"], 16), []
    for seed in range(60):
        truth = rng.integers(1, 6, 30)
        halves = [rate(rng, 30, 16, 0.5, truth), rate(rng, 30, 16, 0.5, 6 - truth)]
        both = {"both": crossed(towns, rng.permuted(np.tile(["p", "q"], 16)))}
        within = {"both": towns}
        found = diversity_sensitivity(
            np.hstack(halves), both, permutations=99, seed=seed, within=within
        )
        p.append(found[0].p)
    assert np.mean(p) == pytest.approx(0.5, abs=0.13)
    assert np.mean(np.array(p) <= 0.05) < 0.16


def test_an_axis_made_from_the_answers_is_described_and_not_tested():
    ratings = rate(np.random.default_rng(5), 30, 12, 0.7)
    axes = {"opinion groups": np.repeat(["0", "1"], 6)}
    found = diversity_sensitivity(ratings, axes, untested=frozenset(axes))[0]
    assert found.dsi > 0
    assert np.isnan([found.p, found.q, found.groups[0].gai_p]).all()
    assert found.note == NOT_TESTED


def test_small_groups_are_left_out_and_counted():
    ratings = rate(np.random.default_rng(6), 30, 14, 0.7)
    labels = np.array(["a"] * 6 + ["b"] * 5 + ["c"] * 2 + [""])
    found = diversity_sensitivity(ratings, {"town": labels}, permutations=20)[0]
    assert [group.first for group in found.groups] == ["a", "b"]
    assert (found.n_people, found.left_out) == (11, 3)
    alone = diversity_sensitivity(ratings, {"town": ["a"] * 14}, permutations=20)[0]
    assert (alone.note, alone.groups) == (ONE_GROUP, ())


@pytest.mark.parametrize(
    "ratings", [np.empty((0, 12)), np.full((9, 12), np.nan), np.ones((20, 12))]
)
def test_nothing_to_tell_is_nan_and_a_sentence(ratings):
    axes = {"town": np.repeat(["a", "b"], 6)}
    found = diversity_sensitivity(ratings, axes, permutations=9)[0]
    assert np.isnan([found.dsi, found.p]).all()
    assert found.note
    assert np.isnan(alpha_interval(ratings).low)
    assert alpha_interval(ratings, over="items").note


@given(seed=st.integers(0, 10_000), metric=st.sampled_from(["nominal", "ordinal", "interval"]))
@settings(max_examples=25, deadline=None)
def test_ratings_in_a_row_give_what_the_table_gives(seed, metric):
    rng = np.random.default_rng(seed)
    table = rate(rng, 15, 12, 0.5)
    table[rng.random(table.shape) < 0.3] = np.nan
    rows = as_given(table)
    order = rng.permutation(len(rows.values))
    row = Given(rows.items[order], rows.people[order], rows.values[order], 15, 12)
    alone = krippendorff_alpha(table, metric)
    assert krippendorff_alpha(row, metric).value == pytest.approx(alone.value)
    towns = rng.choice(["a", "b"], 12)
    one, other = (cross_pairs(r, towns, metric, permutations=9) for r in (row, table))
    assert [c.irr for c in one] == pytest.approx([c.irr for c in other], nan_ok=True)
    assert [c.gai_p for c in one] == pytest.approx([c.gai_p for c in other], nan_ok=True)


def test_many_values_give_what_few_would():
    rng = np.random.default_rng(7)
    table, towns = rate(rng, 30, 12, 0.6), np.repeat(["a", "b"], 6)
    fine = np.where(rng.random(table.shape) < 0.5, table, table + 1e-9 * rng.random(table.shape))
    few = cross_pairs(table, towns, "interval", permutations=50)[0]
    many = cross_pairs(fine, towns, "interval", permutations=50)[0]
    assert (many.irr, many.xrr) == pytest.approx((few.irr, few.xrr))
    assert many.gai_p == few.gai_p


def test_intervals_over_people_hold_the_populations_agreement():
    rng = np.random.default_rng(8)
    places, loadings = rng.normal(0, 2, 30), rng.normal(0, 1, (30, 2))
    truth = krippendorff_alpha(binary_people(rng, places, loadings, 8000)).value
    hits = []
    for seed in range(150):
        found = alpha_interval(binary_people(rng, places, loadings, 25), resamples=199, seed=seed)
        hits.append(found.low <= truth <= found.high)
    assert 0.90 <= np.mean(hits) <= 0.99


@pytest.mark.parametrize(("items", "spread"), [(10, 2.0), (30, 0.3)])
def test_so_they_do_with_few_items_and_near_chance(items, spread):
    rng = np.random.default_rng(5)
    places, loadings = rng.normal(0, spread, items), rng.normal(0, min(spread, 1), (items, 2))
    truth = krippendorff_alpha(binary_people(rng, places, loadings, 8000)).value
    found = [alpha_interval(binary_people(rng, places, loadings, 25)) for _ in range(150)]
    assert 0.90 <= np.mean([one.low <= truth <= one.high for one in found]) <= 0.995


def test_leaving_out_groups_of_people_says_as_much_as_leaving_out_each():
    rng = np.random.default_rng(6)
    places, loadings = rng.normal(0, 2, 30), rng.normal(0, 1, (30, 2))
    small, large = (binary_people(rng, places, loadings, n) for n in (200, 800))
    widths = [one.high - one.low for one in map(alpha_interval, (small, large))]
    assert widths[0] / widths[1] == pytest.approx(2, rel=0.2)


def test_where_all_say_the_same_of_each_item_no_interval_pretends_to_be_sure():
    found = alpha_interval(np.tile([[0.0], [1.0]], (5, 12)))
    assert np.isnan(found.low)
    assert "cannot be said" in found.note


def test_nobody_agrees_with_herself_when_she_is_drawn_twice():
    rng = np.random.default_rng(9)
    torn = rng.integers(0, 2, (200, 8)).astype(float)
    found = alpha_interval(torn)
    assert found.low < 0 < found.high


def test_intervals_do_not_depend_on_names_or_order_of_communities():
    rng = np.random.default_rng(10)
    ratings = np.hstack([rate(rng, 40, 9, 0.8)] * 2) + np.zeros((40, 18))
    towns = np.repeat(["a", "b"], 9)
    one = cross_intervals(ratings, towns, resamples=300)
    other = cross_intervals(ratings, np.where(towns == "a", "z", "b"), resamples=300)
    assert one.xrr["a", "b"].low == pytest.approx(other.xrr["b", "z"].low, abs=0.03)
    assert one.xrr["a", "b"] == one.xrr["b", "a"]
    assert one.gai["a", "b"].low <= one.irr["a"].high / one.xrr["a", "b"].low


def test_few_people_or_items_get_no_interval():
    ratings = rate(np.random.default_rng(11), 4, 12, 0.7)
    assert "Fewer than 5 items" in alpha_interval(ratings, over="items").note
    assert "Fewer than 5 people" in alpha_interval(ratings[:, :4]).note
    found = cross_intervals(ratings, ["a"] * 9 + ["b"] * 3)
    assert np.isnan(found.irr["b"].low)
    assert not np.isnan(found.irr["a"].low)
    assert found.xrr["a", "b"].note
