"""From rewards and foreseen values to advantages (Schulman et al. 2016)."""

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


def generalised_advantages(
    rewards: Values, values: Values, mask: Values, discount: float, gae_lambda: float
) -> tuple[Values, Values]:
    """(advantages, returns), each (sequences, tokens), zero outside the mask.

    rewards: (sequences, tokens), what came after each token. values: (sequences, tokens), what
    the critic foresaw before it. mask: 1 on the tokens of a completion, which begin at the first
    column; nothing follows the last one. Schulman et al. 2016, equation 16: A_t = Σ_k (γλ)^k δ_t+k
    with δ_t = r_t + γ V_t+1 - V_t. Returns are A + V. λ 1: returns minus values; λ 0: δ alone.
    """
    rewards, values = rewards * mask, values * mask
    advantages = np.zeros_like(rewards)
    ahead = np.zeros(rewards.shape[0])
    for t in reversed(range(rewards.shape[1])):
        following = values[:, t + 1] if t + 1 < rewards.shape[1] else np.zeros_like(ahead)
        delta = rewards[:, t] + discount * following - values[:, t]
        ahead = (delta + discount * gae_lambda * ahead) * mask[:, t]
        advantages[:, t] = ahead
    return advantages, (advantages + values) * mask


def token_rewards(scores: Values, kl: Values, mask: Values, price: float) -> Values:
    """A completion's score on its last token, and minus `price` × kl on every one.

    scores: (sequences,). kl: (sequences, tokens), log π - log π_ref of each token in nats. Returns
    (sequences, tokens). Source: Ziegler et al. 2019, section 2; Ouyang et al. 2022.
    """
    paid: Values = -price * kl * mask
    last = np.maximum(mask.sum(axis=1).astype(int) - 1, 0)
    paid[np.arange(len(scores)), last] += scores * (mask.sum(axis=1) > 0)
    return paid


def whitened(advantages: Values, mask: Values) -> Values:
    """Advantages with mean 0 and standard deviation 1 over the mask; zero outside it.

    Their order and sign of difference stay; a step's size no longer depends on the reward's scale.
    """
    counted = mask.sum()
    if counted < 2:
        return np.asarray(advantages * mask)
    mean = (advantages * mask).sum() / counted
    spread = np.sqrt((((advantages - mean) ** 2) * mask).sum() / counted)
    scaled: Values = (advantages - mean) / (spread + 1e-8) * mask
    return scaled
