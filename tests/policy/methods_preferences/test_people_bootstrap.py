import numpy as np
import pytest

from policy.methods.bradley_terry import fit_preferences, prepare
from policy.methods.people_bootstrap import FEWEST_PEOPLE, bootstrap_bounds
from tests.policy.methods_preferences.test_bradley_terry import judge


def bounds(differences, answers, ids, **settings):
    kept = prepare(differences, answers, ids, None, None, 0.01, 0.95)
    return bootstrap_bounds(kept.design, kept.told, **settings)


def test_drawing_people_again_agrees_with_the_sandwich():
    asked = judge(np.random.default_rng(1), 80, 15, spread=0.6)
    low, high = bounds(*asked, resamples=400)
    sandwich = fit_preferences(*asked).effects
    assert high - low == pytest.approx([e.high - e.low for e in sandwich], rel=0.2)
    assert (low + high) / 2 == pytest.approx([e.log_odds for e in sandwich], abs=0.1)


def test_the_same_seed_draws_the_same_people():
    asked = judge(np.random.default_rng(2), 20, 8)
    assert np.array_equal(bounds(*asked, seed=5), bounds(*asked, seed=5))
    assert not np.array_equal(bounds(*asked, seed=5), bounds(*asked, seed=6))


def test_the_order_of_answers_does_not_matter():
    differences, answers, ids = judge(np.random.default_rng(3), 20, 8)
    order = np.random.default_rng(4).permutation(answers.size)
    one = bounds(differences, answers, ids)
    assert np.allclose(one, bounds(differences[order], answers[order], ids[order]), atol=1e-6)


def test_too_few_people_to_draw_from_have_no_interval():
    low, high = bounds(*judge(np.random.default_rng(5), FEWEST_PEOPLE - 1, 20))
    assert np.isnan([low, high]).all()


def test_intervals_cover_people_who_differ():
    rng = np.random.default_rng(6)
    truth = [e.log_odds for e in fit_preferences(*judge(rng, 20000, 10, spread=0.6)).effects]
    held = []
    for seed in range(60):
        low, high = bounds(*judge(rng, 15, 15, spread=0.6), seed=seed, resamples=150)
        held.append((low <= truth) & (truth <= high))
    assert np.mean(held) >= 0.91
