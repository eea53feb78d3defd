import numpy as np
import pytest

from policy.methods.multiple_testing import benjamini_hochberg


def test_the_adjusted_values_follow_the_step_up_rule():
    p = [0.01, 0.04, 0.03, 0.005]
    assert np.allclose(benjamini_hochberg(p), [0.02, 0.04, 0.04, 0.02])


def test_a_test_that_could_not_be_made_does_not_count():
    with_gap = benjamini_hochberg([0.01, np.nan, 0.04, 0.03])
    assert np.isnan(with_gap[1])
    assert np.allclose(with_gap[[0, 2, 3]], benjamini_hochberg([0.01, 0.04, 0.03]))


def test_adjusted_values_keep_the_order_and_never_fall_below_p():
    p = np.random.default_rng(3).random(200) ** 2
    q = benjamini_hochberg(p)
    assert (q >= p).all()
    assert (q <= 1).all()
    assert (np.diff(q[np.argsort(p)]) >= 0).all()


def test_under_the_null_a_false_discovery_is_as_rare_as_promised():
    rng = np.random.default_rng(4)
    any_found = [(benjamini_hochberg(rng.random(20)) <= 0.1).any() for _ in range(2000)]
    assert np.mean(any_found) == pytest.approx(0.1, abs=0.02)


def test_nothing_tested_gives_nothing():
    assert benjamini_hochberg([]).size == 0
    assert np.isnan(benjamini_hochberg([np.nan])).all()


@pytest.mark.parametrize("bad", [[-0.1], [1.2], [[0.1]]])
def test_values_that_are_no_p_values_are_refused(bad):
    with pytest.raises(ValueError, match="p-value"):
        benjamini_hochberg(bad)
