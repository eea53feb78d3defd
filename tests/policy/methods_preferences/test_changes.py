import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from policy.methods.changes import adjusted, paired_change


def answers(both, gained, lost, neither):
    cells = ((1, 1, both), (0, 1, gained), (1, 0, lost), (0, 0, neither))
    return np.array([(one, other) for one, other, n in cells for _ in range(n)]).T


def test_the_published_example_of_approval_before_and_after():
    """Agresti, Categorical Data Analysis, table 10.1: 1,600 asked twice, 944 and 880 approved."""
    found = paired_change(*answers(794, 86, 150, 570))
    assert (found.before, found.after) == pytest.approx((944 / 1600, 880 / 1600))
    assert found.change == pytest.approx(-0.04)
    assert (found.low, found.high) == pytest.approx((-0.059, -0.021), abs=0.001)
    assert adjusted([found])[0].state == "fewer"


def test_the_exact_p_is_that_of_a_fair_coin_among_those_who_changed():
    found = paired_change(*answers(5, 8, 1, 6))
    assert found.p == pytest.approx(2 * stats.binom.cdf(1, 9, 0.5))


def test_everyone_keeping_their_view_is_no_change_and_still_uncertain():
    (found,) = adjusted([paired_change(*answers(12, 0, 0, 8))])
    assert (found.change, found.p, found.state) == (0, 1, "no clear change")
    assert found.low < 0 < found.high


def test_nine_who_all_came_round_are_too_few():
    (found,) = adjusted([paired_change(*answers(0, 9, 0, 0))])
    assert found.state == "too few"
    assert np.isnan([found.change, found.low, found.p, found.q]).all()


def test_the_same_change_is_less_certain_among_many_looked_at():
    alone = paired_change(*answers(10, 7, 0, 10))
    nothing = [paired_change(*answers(10, 2, 2, 10))] * 30
    assert adjusted([alone])[0].state == "more"
    assert adjusted([alone, *nothing])[0].state == "no clear change"


@given(st.lists(st.integers(0, 15), min_size=4, max_size=4).filter(lambda n: sum(n) >= 10))
def test_turning_agree_into_disagree_or_time_around_turns_the_change(cells):
    one = paired_change(*answers(*cells))
    first, last = answers(*cells)
    for other in (paired_change(1 - first, 1 - last), paired_change(last, first)):
        assert other.change == pytest.approx(-one.change)
        assert (other.low, other.high) == pytest.approx((-one.high, -one.low))
        assert other.p == pytest.approx(one.p)


@pytest.mark.parametrize(("n", "gains", "most"), [(10, 0.05, 1), (20, 0.3, 0.98), (60, 0.3, 0.97)])
def test_intervals_cover_the_true_change_and_more_where_few_changed(n, gains, most):
    rng = np.random.default_rng(n)
    drawn = rng.multinomial(n, [0.4, gains, 0.1, 0.5 - gains], 3000)
    tables, times = np.unique(drawn, axis=0, return_counts=True)
    found = [paired_change(*answers(*cells)) for cells in tables]
    held = [one.low <= gains - 0.1 <= one.high for one in found]
    assert 0.93 <= np.average(held, weights=times) <= most


def test_what_cannot_be_right_is_refused():
    with pytest.raises(ValueError, match="one earlier and one later"):
        paired_change([1], [1, 0])
    with pytest.raises(ValueError, match="agrees"):
        paired_change([0.5], [1])
