import numpy as np
import pytest
from scipy import stats

from policy.methods.distinguishing import (
    divisive_statements,
    homogeneity_p,
    representative_statements,
)
from tests.policy.methods_votes.polis import Conversation


def agreeing(agrees: int, seen: int) -> np.ndarray:
    return np.array([[1.0]] * agrees + [[-1.0]] * (seen - agrees))


@pytest.mark.parametrize(("agrees", "seen", "exact"), [(1, 1, 0.5), (3, 4, 0.3125)])
def test_a_vote_or_four_prove_no_majority_whatever_polis_says(agrees, seen, exact: float):
    votes = np.vstack([agreeing(agrees, seen), agreeing(5, 10)])
    found = representative_statements(votes, np.repeat([0, 1], [seen, 10]))
    assert found.majority_p[0, 0] == exact
    assert found.polis_majority_z[0, 0] > 1.2816
    assert not found.representative[0, 0]


def test_a_group_that_stands_out_is_represented_by_what_it_says():
    votes = np.vstack([agreeing(28, 30), agreeing(5, 30)])
    found = representative_statements(votes, np.repeat([3, 8], 30))
    assert found.labels.tolist() == [3, 8]
    assert found.representative[:, 0].tolist() == [True, False]
    assert found.ratio[0, 0] == pytest.approx((29 / 32) / (6 / 32))
    one_sided = stats.fisher_exact([[28, 2], [5, 25]], alternative="greater").pvalue
    assert found.difference_p[0, 0] == pytest.approx(one_sided)


def test_disagreeing_represents_a_group_too():
    votes = np.vstack([agreeing(2, 30), agreeing(25, 30)])
    found = representative_statements(votes, np.repeat([0, 1], 30), choice="disagree")
    assert found.representative[:, 0].tolist() == [True, False]


def test_polarisation_is_the_distance_between_the_groups_farthest_apart():
    votes = np.vstack([agreeing(9, 10), agreeing(5, 10), agreeing(1, 10)])
    found = divisive_statements(votes, np.repeat([0, 1, 2], 10), seed=0)
    assert found.polarisation[0] == pytest.approx(10 / 12 - 2 / 12)
    assert (found.highest[0], found.lowest[0]) == (0, 2)
    assert found.divisive[0]


def test_drawn_tables_agree_with_fishers_test():
    agrees, seen = np.array([7, 2, 3]), np.array([10, 10, 0 + 1 + 9])
    exact = 0.0
    observed = stats.multivariate_hypergeom.pmf(agrees, seen, 12)
    for first in range(11):
        for second in range(11):
            table = [first, second, 12 - first - second]
            chance = stats.multivariate_hypergeom.pmf(table, seen, 12)
            exact += chance if 0 < chance <= observed * (1 + 1e-7) else 0.0
    assert homogeneity_p(agrees, seen, seed=1) == pytest.approx(exact, abs=0.012)


def test_groups_alike_are_called_divided_no_more_often_than_the_level():
    rng = np.random.default_rng(4)
    called = [
        divisive_statements(
            np.where(rng.random((45, 8)) < 0.5, 1.0, -1.0), np.repeat([0, 1, 2], 15), seed=1
        ).divisive.any()
        for _ in range(60)
    ]
    assert np.mean(called) <= 0.1


def test_names_of_groups_and_order_of_statements_change_nothing():
    rng = np.random.default_rng(0)
    votes, labels = rng.choice([-1.0, 0.0, 1.0, np.nan], (40, 6)), rng.integers(3, size=40)
    first = divisive_statements(votes, labels, seed=2)
    again = divisive_statements(votes[:, ::-1], np.array([6, 1, 3])[labels], seed=2)
    np.testing.assert_array_equal(first.p, again.p[::-1])
    np.testing.assert_allclose(first.polarisation, again.polarisation[::-1])


def test_most_statements_divide_the_exported_groups(taiwan: Conversation):
    found = divisive_statements(taiwan.votes, taiwan.groups, seed=0)
    assert found.divisive.sum() == 88
    assert np.nanmax(found.polarisation) > 0.7


@pytest.mark.parametrize("labels", [np.zeros(4, dtype=int), np.full(4, -1)])
def test_where_there_is_nobody_to_compare_with_there_is_no_number(labels: np.ndarray):
    votes = np.ones((4, 2))
    found = divisive_statements(votes, labels, seed=0)
    assert np.isnan(found.p).all()
    assert not found.divisive.any()
    assert np.isnan(representative_statements(votes, labels).difference_p).all()
