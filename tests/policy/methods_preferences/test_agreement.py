import json
import time
from pathlib import Path

import numpy as np
import pytest

from policy.methods.agreement import cohen_kappa, krippendorff_alpha
from policy.methods.cross_agreement import OTHERS, cross_group

PANDALM = Path(__file__).parents[3] / "deploy" / "data" / "pandalm" / "testset-v1.json"
_ = np.nan
# Krippendorff 2011, example C: four observers, twelve units.
FOUR_OBSERVERS = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, _, _, _],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, _, 3],
        [_, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, _],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, _],
    ]
).T


def pandalm_ratings():
    rows = json.loads(PANDALM.read_text(encoding="utf-8"))
    return np.array([[row[f"annotator{k}"] for k in (1, 2, 3)] for row in rows], dtype=float)


def rate(rng, items, people, agree, truth=None):
    truth = rng.integers(1, 6, items) if truth is None else truth
    noise = rng.integers(1, 6, (items, people))
    return np.where(rng.random((items, people)) < agree, truth[:, None], noise).astype(float)


@pytest.mark.parametrize(
    ("metric", "value"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)]
)
def test_alpha_is_krippendorffs_on_his_own_example(metric, value):
    found = krippendorff_alpha(FOUR_OBSERVERS, metric)
    assert found.value == pytest.approx(value, abs=5e-4)
    assert (found.n_items, found.n_ratings) == (11, 40)


def test_pandalms_three_people_agree_as_published():
    ratings = pandalm_ratings()
    assert ratings.shape == (999, 3)
    assert krippendorff_alpha(ratings).value == pytest.approx(0.8642, abs=5e-5)
    kappa = [cohen_kappa(ratings[:, a], ratings[:, b]).value for a, b in ((0, 1), (0, 2), (1, 2))]
    assert kappa == pytest.approx([0.852, 0.879, 0.862], abs=5e-4)


def test_cohens_kappa_can_be_worked_by_hand():
    first = [1] * 25 + [0] * 25
    second = [1] * 20 + [0] * 5 + [1] * 10 + [0] * 15
    assert cohen_kappa(first, second).value == pytest.approx(0.4)
    assert cohen_kappa(second, first).value == pytest.approx(0.4)


def test_perfect_agreement_is_one_and_chance_is_zero():
    rng = np.random.default_rng(1)
    assert krippendorff_alpha(rate(rng, 50, 4, 1.0), "ordinal").value == pytest.approx(1)
    assert krippendorff_alpha(rate(rng, 2000, 5, 0.0)).value == pytest.approx(0, abs=0.03)


@pytest.mark.parametrize("metric", ["nominal", "ordinal", "interval"])
def test_order_of_people_and_items_does_not_matter(metric):
    rng = np.random.default_rng(2)
    mixed = rng.permutation(rng.permutation(FOUR_OBSERVERS, axis=0), axis=1)
    assert krippendorff_alpha(mixed, metric).value == pytest.approx(
        krippendorff_alpha(FOUR_OBSERVERS, metric).value
    )


def test_each_metric_ignores_what_it_should():
    assert krippendorff_alpha(np.exp(FOUR_OBSERVERS), "ordinal").value == pytest.approx(
        0.8154, abs=1e-4
    )
    assert krippendorff_alpha(3 * FOUR_OBSERVERS - 7, "interval").value == pytest.approx(
        0.8491, abs=1e-4
    )
    renamed = (FOUR_OBSERVERS * 2) % 7
    assert krippendorff_alpha(renamed).value == pytest.approx(0.7434, abs=1e-4)


@pytest.mark.parametrize(
    ("ratings", "sentence"),
    [
        (np.full((3, 4), _), "No item was rated by two"),
        ([[1.0], [2.0]], "No item was rated by two"),
        (np.ones((5, 3)), "Every rating is the same"),
        (np.empty((0, 3)), "No item was rated by two"),
    ],
)
def test_agreement_that_cannot_be_measured_is_nan_and_a_sentence(ratings, sentence):
    found = krippendorff_alpha(ratings)
    assert np.isnan(found.value)
    assert found.note.startswith(sentence)


def test_two_people_who_share_nothing_have_no_kappa():
    assert "no item in common" in cohen_kappa([1, _], [_, 2]).note
    assert np.isnan(cohen_kappa([1, 1], [1, 1]).value)


def test_what_is_no_table_of_ratings_is_refused():
    with pytest.raises(ValueError, match="items by people"):
        krippendorff_alpha([1.0, 2.0])
    with pytest.raises(ValueError, match="nominal, ordinal or interval"):
        krippendorff_alpha(FOUR_OBSERVERS, "ratio")
    with pytest.raises(ValueError, match="at most 200"):
        krippendorff_alpha(np.arange(500.0).reshape(250, 2))
    with pytest.raises(ValueError, match="finite"):
        krippendorff_alpha([[np.inf, 1.0]])
    with pytest.raises(ValueError, match="one community per person"):
        cross_group(FOUR_OBSERVERS, ["a"])


def test_agreement_within_a_community_is_its_alpha():
    rng = np.random.default_rng(3)
    ratings = rate(rng, 40, 12, 0.6)
    ratings[rng.random(ratings.shape) < 0.3] = _
    groups = np.repeat(["north", "south", "west"], 4)
    found = cross_group(ratings, groups, "interval", permutations=5)
    for crossing in found.groups + found.pairs:
        own = krippendorff_alpha(ratings[:, groups == crossing.first], "interval").value
        assert crossing.irr == pytest.approx(own)


def test_agreement_across_is_counted_pair_by_pair():
    rng = np.random.default_rng(4)
    ratings = rate(rng, 12, 7, 0.5)
    ratings[rng.random(ratings.shape) < 0.3] = _
    groups = np.array(list("aaabbbb"))
    ours, theirs = ratings[:, groups == "a"], ratings[:, groups == "b"]
    rows = [(x[~np.isnan(x)], y[~np.isnan(y)]) for x, y in zip(ours, theirs, strict=True)]
    rows = [(x, y) for x, y in rows if x.size and y.size]
    observed = sum((x.size + y.size) * (x[:, None] != y).mean() for x, y in rows)
    observed /= sum(x.size + y.size for x, y in rows)
    expected = (
        np.concatenate([x for x, _ in rows])[:, None] != np.concatenate([y for _, y in rows])
    ).mean()
    found = cross_group(ratings, groups, permutations=3, minimum_shared=2).pairs[0]
    assert found.xrr == pytest.approx(1 - observed / expected)
    assert found.n_shared == len(rows)


def test_communities_that_disagree_with_each_other_but_not_among_themselves_are_found():
    rng = np.random.default_rng(5)
    ratings = np.hstack([rate(rng, 60, 8, 0.8), rate(rng, 60, 8, 0.8)])
    found = cross_group(ratings, np.repeat(["x", "y"], 8), permutations=400)
    for crossing in found.pairs:
        assert crossing.irr > 0.5
        assert crossing.xrr < 0.1
        assert crossing.gai_q < 0.02
    assert [c.second for c in found.groups] == [OTHERS, OTHERS]


def test_a_third_community_does_not_disturb_the_test_of_two():
    rng = np.random.default_rng(6)
    truth = rng.integers(1, 6, 60)
    alike = rate(rng, 60, 16, 0.7, truth)
    ratings = np.hstack([alike, rate(rng, 60, 8, 0.7, 6 - truth)])
    pairs = cross_group(ratings, np.repeat(["a", "b", "c"], 8), permutations=200).pairs
    p = {(c.first, c.second): c.gai_p for c in pairs}
    assert p["a", "b"] > 0.05
    assert max(p["a", "c"], p["c", "b"]) < 0.02


def test_permutation_p_is_uniform_when_communities_do_not_matter():
    rng = np.random.default_rng(7)
    p = []
    for seed in range(300):
        own = rng.random(14) * 0.8
        ratings = rate(rng, 20, 14, own)
        found = cross_group(ratings, np.repeat(["a", "b"], [5, 9]), permutations=99, seed=seed)
        p.append([found.pairs[0].irr_p, found.pairs[0].xrr_p, found.pairs[0].gai_p])
    assert np.mean(np.array(p) <= 0.1, axis=0) == pytest.approx(0.1, abs=0.045)
    assert np.mean(p, axis=0) == pytest.approx(0.5, abs=0.06)


def test_the_order_of_communities_and_people_does_not_matter_and_the_seed_decides():
    rng = np.random.default_rng(8)
    ratings, groups = rate(rng, 30, 10, 0.5), np.array(list("aaaabbbbbb"))
    order = rng.permutation(10)
    one = cross_group(ratings, groups, permutations=50, seed=3)
    assert one == cross_group(ratings, groups, permutations=50, seed=3)
    mixed = cross_group(ratings[:, order], groups[order], permutations=50, seed=3)
    assert [c.gai for c in mixed.pairs] == pytest.approx([c.gai for c in one.pairs])
    assert one.pairs[0].xrr == one.pairs[1].xrr
    assert one.pairs[0].xrr_p == one.pairs[1].xrr_p


def test_no_ratio_is_given_when_a_community_agrees_no_more_than_by_chance():
    torn, agreed = np.tile([1.0, 2.0], (20, 3)), rate(np.random.default_rng(9), 20, 6, 0.9)
    crossings = cross_group(np.hstack([torn, agreed]), list("aaaaaabbbbbb"), permutations=20).pairs
    assert crossings[0].irr <= 0
    assert np.isnan(crossings[0].gai)
    assert "People of a agree with one another no more than by chance" in crossings[0].note


def test_communities_that_judged_different_items_are_not_compared():
    ratings = np.full((40, 8), _)
    ratings[:20, :4] = rate(np.random.default_rng(10), 20, 4, 0.8)
    ratings[20:, 4:] = rate(np.random.default_rng(11), 20, 4, 0.8)
    found = cross_group(ratings, list("aaaabbbb"), permutations=20).pairs[0]
    assert found.irr > 0.3
    assert np.isnan([found.xrr, found.gai, found.xrr_p, found.gai_p]).all()
    assert "not identified" in found.note
    assert "0 shared, 10 needed" in found.note


@pytest.mark.parametrize(
    ("ratings", "groups"),
    [
        (np.empty((0, 0)), []),
        (np.ones((20, 4)), list("aabb")),
        (np.full((20, 3), _), list("abb")),
        (np.ones((20, 1)), ["a"]),
        (np.arange(40.0).reshape(20, 2), ["a", "b"]),
    ],
)
def test_too_little_to_compare_is_nan_and_a_sentence(ratings, groups):
    found = cross_group(ratings, groups, permutations=10)
    for crossing in found.groups + found.pairs:
        assert np.isnan(crossing.gai)
        assert crossing.note


def test_a_hundred_thousand_ratings_are_tested_in_a_few_seconds():
    rng = np.random.default_rng(12)
    ratings = np.full((1000, 2000), _)
    for person in range(2000):
        ratings[rng.choice(1000, 50, replace=False), person] = rng.integers(1, 6, 50)
    began = time.process_time()
    cross_group(ratings, rng.choice(list("abcd"), 2000), "ordinal", permutations=200)
    assert time.process_time() - began < 5
