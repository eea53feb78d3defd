import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from policy.methods.consensus import count_votes, group_informed_consensus, minimum_over_groups
from tests.policy.methods_votes.polis import Conversation


def test_four_unanimous_groups_of_eight_come_to_656_thousandths():
    consensus = group_informed_consensus(np.ones((32, 1)), np.repeat([0, 1, 2, 3], 8))
    assert consensus[0] == pytest.approx(0.9**4) == pytest.approx(0.656, abs=1e-3)


def test_statement_40_of_the_uber_conversation_as_its_exported_groups_see_it(
    taiwan: Conversation,
):
    consensus = group_informed_consensus(taiwan.votes, taiwan.groups)
    assert round(float(consensus[taiwan.statements.index(40)]), 4) == 0.8597


def test_one_opposed_group_outweighs_a_large_majority():
    votes = np.array([[1.0, 1.0]] * 200 + [[-1.0, 1.0]] * 10)
    labels = np.repeat([0, 1], [200, 10])
    first, second = group_informed_consensus(votes, labels)
    least = minimum_over_groups(votes, labels)
    assert first < 0.1 < 0.9 < second
    assert least.bound[0] < 0.05 < 0.7 < least.bound[1]
    assert (least.label[0], least.agrees[0], least.seen[0]) == (1, 0, 10)


def test_passes_count_as_seen_and_people_without_a_group_do_not():
    counts = count_votes([[1.0], [0.0], [-1.0], [np.nan], [1.0]], [4, 4, 4, 4, -1])
    assert counts.labels.tolist() == [4]
    assert (counts.agrees[0, 0], counts.disagrees[0, 0], counts.seen[0, 0]) == (1, 1, 3)


def test_the_bound_is_the_posteriors_lower_quantile():
    votes = np.array([[1.0]] * 7 + [[-1.0]] * 3)
    least = minimum_over_groups(votes, np.zeros(10, dtype=int), level=0.9)
    assert stats.beta(8, 4).cdf(least.bound[0]) == pytest.approx(0.1)


def test_few_votes_are_flagged_and_none_give_no_number():
    votes = np.array([[1.0, 1.0]] * 6 + [[1.0, np.nan]] * 4)
    least = minimum_over_groups(votes, np.repeat([0, 1], [6, 4]))
    assert least.too_few.tolist() == [True, True]
    assert not np.isnan(least.bound[0])
    assert np.isnan(least.bound[1])


@given(st.integers(0, 2**16))
def test_renaming_groups_changes_nothing(seed: int):
    rng = np.random.default_rng(seed)
    votes = rng.choice([-1.0, 0.0, 1.0, np.nan], (20, 4))
    labels, names = rng.integers(3, size=20), rng.permutation([5, 9, 2])
    one = minimum_over_groups(votes, labels)
    other = minimum_over_groups(votes, names[labels])
    np.testing.assert_allclose(one.bound, other.bound)
    np.testing.assert_allclose(
        group_informed_consensus(votes, labels), group_informed_consensus(votes, names[labels])
    )


def test_nobody_in_a_group_is_said_in_words():
    votes, labels = np.ones((3, 2)), np.full(3, -1)
    assert np.isnan(group_informed_consensus(votes, labels)).all()
    least = minimum_over_groups(votes, labels)
    assert np.isnan(least.bound).all()
    assert least.sentence.startswith("Nobody is in a group")
    assert group_informed_consensus(np.zeros((0, 0)), np.zeros(0, dtype=int)).size == 0
