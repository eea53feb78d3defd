"""Generalised advantages, against sums done by hand and the two ends of λ."""

import numpy as np
import pytest

from training.methods.advantages import generalised_advantages, token_rewards, whitened


def test_a_trajectory_by_hand() -> None:
    # γ .9, λ .5; δ = 0+.9·.5-.2 = .25, 0+.9·.1-.5 = -.41, 1-.1 = .9
    # A₂ = .9; A₁ = -.41+.45·.9 = -.005; A₀ = .25+.45·(-.005) = .24775
    advantages, returns = generalised_advantages(
        np.array([[0.0, 0.0, 1.0, 9.0]]),
        np.array([[0.2, 0.5, 0.1, 9.0]]),
        np.array([[1.0, 1.0, 1.0, 0.0]]),
        discount=0.9,
        gae_lambda=0.5,
    )
    assert advantages[0].tolist() == pytest.approx([0.24775, -0.005, 0.9, 0.0])
    assert returns[0].tolist() == pytest.approx([0.44775, 0.495, 1.0, 0.0])


def test_at_lambda_one_advantages_are_returns_minus_values() -> None:
    lottery = np.random.default_rng(1)
    rewards, values = lottery.normal(size=(2, 3, 6))
    mask = (np.arange(6) < np.array([[6], [3], [1]])).astype(float)
    advantages, returns = generalised_advantages(rewards, values, mask, 1.0, 1.0)
    to_go = np.cumsum((rewards * mask)[:, ::-1], axis=1)[:, ::-1] * mask
    assert np.allclose(advantages, (to_go - values) * mask)
    assert np.allclose(returns, to_go)


def test_at_lambda_zero_only_the_next_value_counts() -> None:
    rewards, values = np.array([[1.0, 2.0]]), np.array([[0.5, 3.0]])
    advantages, _ = generalised_advantages(rewards, values, np.ones((1, 2)), 0.5, 0.0)
    assert advantages.tolist() == [[1.0 + 0.5 * 3.0 - 0.5, 2.0 - 3.0]]


def test_a_critic_that_foresees_everything_leaves_no_advantage() -> None:
    rewards = np.array([[0.0, 1.0, -2.0, 4.0]])
    values = np.cumsum(rewards[:, ::-1], axis=1)[:, ::-1]
    advantages, _ = generalised_advantages(rewards, values, np.ones((1, 4)), 1.0, 0.95)
    assert np.allclose(advantages, 0)


def test_the_score_comes_with_the_last_token_and_every_token_pays_for_its_distance() -> None:
    mask = np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 1.0], [0.0, 0.0, 0.0]])
    paid = token_rewards(np.array([5.0, 1.0, 7.0]), np.full((3, 3), 2.0), mask, price=0.1)
    assert np.allclose(paid, [[-0.2, 4.8, 0], [-0.2, -0.2, 0.8], [0, 0, 0]])


def test_whitening_keeps_the_order_and_forgets_the_scale() -> None:
    mask = np.array([[1.0, 1.0, 1.0, 0.0]])
    plain = whitened(np.array([[1.0, 2.0, 6.0, 99.0]]), mask)
    scaled = whitened(np.array([[10.0, 20.0, 60.0, -99.0]]), mask)
    assert np.allclose(plain, scaled)
    assert plain.sum() == pytest.approx(0)
    assert (plain**2).sum() / 3 == pytest.approx(1)
