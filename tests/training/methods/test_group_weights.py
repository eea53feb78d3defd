"""Group-robust weights as arithmetic, before any model."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.methods.group_weights import GroupWeights, weight_shares

SHARES = {"few": 0.125, "many": 0.875}


def test_weights_start_as_the_plain_mean() -> None:
    assert GroupWeights(SHARES, 0.3).multipliers() == {"few": 1.0, "many": 1.0}


def test_one_step_is_the_papers_update() -> None:
    weights = GroupWeights(SHARES, 0.5)
    weights.update({"few": 1 * 0.9, "many": 7 * 0.3}, rows=8)
    assert weights.log_weights["few"] - weights.log_weights["many"] == pytest.approx(
        0.5 * (0.9 - 0.3)
    )


@given(
    losses=st.lists(st.tuples(st.floats(0, 50), st.floats(0, 50), st.integers(1, 64)), max_size=30),
    eta=st.floats(0, 2),
)
def test_the_mean_over_training_rows_stays_one(
    losses: list[tuple[float, float, int]], eta: float
) -> None:
    weights = GroupWeights(SHARES, eta)
    for few, many, rows in losses:
        weights.update({"few": few, "many": many}, rows)
    told = weights.multipliers()
    assert math.fsum(SHARES[name] * told[name] for name in SHARES) == pytest.approx(1)


def test_a_community_that_is_drawn_rarely_is_not_updated_rarely() -> None:
    rare, steady = GroupWeights(SHARES, 0.1), GroupWeights(SHARES, 0.1)
    for step in range(8):  # one row of eight, or all of one batch in eight
        rare.update({"few": 8 * 0.7} if step == 0 else {"many": 8 * 0.7}, rows=8)
        steady.update({"few": 0.7, "many": 7 * 0.7}, rows=8)
    assert rare.log_weights["few"] == pytest.approx(steady.log_weights["few"], abs=1e-9)


def test_state_restores_exactly() -> None:
    weights = GroupWeights(SHARES, 0.3)
    weights.update({"few": 0.123456789, "many": 2.1}, rows=4)
    again = GroupWeights(SHARES, 0.3, dict(weights.log_weights))
    assert again.multipliers() == weights.multipliers()


def test_shares_follow_weights_and_not_the_order_of_rows() -> None:
    rows = [("a", 0.1), ("b", 0.7), ("a", 0.2), ("c", 0.0)]
    assert weight_shares(rows) == weight_shares(rows[::-1])
    assert weight_shares(rows)["b"] == pytest.approx(0.7)
    with pytest.raises(ValueError, match="weight 0"):
        weight_shares([("a", 0.0)])
