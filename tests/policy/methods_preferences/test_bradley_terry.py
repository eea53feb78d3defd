import time

import numpy as np
import pytest
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from policy.methods.bradley_terry import LEFT_SIDE, fit_preferences

EFFECTS = np.array([0.8, -0.4, 0.0])


def choose(rng, log_odds, tie):
    left, right = np.exp(log_odds / 2), np.exp(-log_odds / 2)
    drawn = rng.random(log_odds.size) * (left + right + tie)
    return np.where(drawn < left, 1.0, np.where(drawn < left + right, 0.0, 0.5))


def judge(rng, people, answers, spread=0.0, tie=0.5):
    ids = np.repeat(np.arange(people), answers)
    differences = rng.normal(size=(ids.size, 3))
    own = EFFECTS + rng.normal(0, spread, (people, 3)) if spread else np.tile(EFFECTS, (people, 1))
    return differences, choose(rng, (differences * own[ids]).sum(axis=1), tie), ids


def log_odds(fit):
    return np.array([effect.log_odds for effect in fit.effects])


def errors(fit):
    return np.array([effect.high - effect.low for effect in fit.effects])


def test_planted_effects_and_ties_are_found_again():
    fit = fit_preferences(*judge(np.random.default_rng(1), 400, 50))
    assert np.allclose(log_odds(fit), EFFECTS, atol=0.06)
    assert fit.tie == pytest.approx(0.5, abs=0.03)
    assert [effect.q < 0.01 for effect in fit.effects] == [True, True, False]
    assert fit.log_likelihood > fit.null_log_likelihood


def test_without_ties_it_is_a_logistic_regression():
    differences, answers, ids = judge(np.random.default_rng(2), 30, 10, tie=0)
    known = LogisticRegression(C=1 / 0.5, fit_intercept=False, tol=1e-10, max_iter=1000)
    known.fit(differences, answers)
    fit = fit_preferences(differences, answers, ids, ridge=0.5)
    assert np.allclose(log_odds(fit), known.coef_[0], atol=1e-6)
    assert fit.tie == 0


def test_one_yes_or_no_feature_with_ties_can_be_worked_by_hand():
    answers = np.array([1.0] * 12 + [0.0] * 3 + [0.5] * 6)
    fit = fit_preferences(np.ones((21, 1)), answers, np.arange(21), ridge=1e-9)
    assert fit.effects[0].log_odds == pytest.approx(np.log(12 / 3))
    assert fit.effects[0].chosen == pytest.approx(0.8)
    assert fit.tie == pytest.approx(6 / np.sqrt(12 * 3))


def test_with_independent_answers_the_error_is_the_textbook_one():
    answers = np.array([1.0] * 60 + [0.0] * 40)
    fit = fit_preferences(np.ones((100, 1)), answers, np.arange(100), ridge=1e-9)
    by_hand = 1.98422 * np.sqrt(1 / 60 + 1 / 40)
    assert fit.effects[0].high - fit.effects[0].log_odds == pytest.approx(by_hand, rel=0.01)


def test_swapping_the_sides_changes_no_effect_and_turns_the_pull_of_the_side():
    differences, answers, ids = judge(np.random.default_rng(3), 20, 12)
    flip = np.random.default_rng(4).random(answers.size) < 0.5
    sign = np.where(flip, -1, 1)
    mixed = fit_preferences(differences * sign[:, None], np.where(flip, 1 - answers, answers), ids)
    assert np.allclose(log_odds(mixed), log_odds(fit_preferences(differences, answers, ids)))
    one = fit_preferences(differences, answers, ids, left_side=True)
    other = fit_preferences(-differences, 1 - answers, ids, left_side=True)
    assert np.allclose(log_odds(one), log_odds(other))
    assert one.left_side.log_odds == pytest.approx(-other.left_side.log_odds)


def test_a_pull_to_the_left_side_is_told_from_the_features():
    rng = np.random.default_rng(5)
    differences = rng.normal(size=(6000, 3))
    answers = choose(rng, differences @ EFFECTS + 0.7, 0.3)
    fit = fit_preferences(differences, answers, rng.integers(0, 300, 6000), left_side=True)
    assert fit.left_side.log_odds == pytest.approx(0.7, abs=0.1)
    assert fit.left_side.name == LEFT_SIDE
    assert np.allclose(log_odds(fit), EFFECTS, atol=0.12)


def test_order_of_answers_and_names_of_people_do_not_matter():
    differences, answers, ids = judge(np.random.default_rng(6), 15, 8)
    order = np.random.default_rng(7).permutation(answers.size)
    named = np.array([f"person {i * 7 % 15}" for i in ids])
    one = fit_preferences(differences, answers, ids)
    other = fit_preferences(differences[order], answers[order], named[order])
    assert np.allclose(log_odds(one), log_odds(other))
    assert np.allclose(errors(one), errors(other))


def test_the_same_person_answering_everything_twice_adds_no_certainty():
    differences, answers, ids = judge(np.random.default_rng(8), 25, 10)
    once = fit_preferences(differences, answers, ids, ridge=1e-6)
    twice = fit_preferences(
        np.tile(differences, (2, 1)), np.tile(answers, 2), np.tile(ids, 2), ridge=1e-6
    )
    strangers = fit_preferences(
        np.tile(differences, (2, 1)), np.tile(answers, 2), np.arange(500), ridge=1e-6
    )
    assert np.allclose(log_odds(once), log_odds(twice), atol=1e-5)
    assert np.allclose(errors(once), errors(twice), rtol=0.02)
    assert (errors(strangers) < 0.85 * errors(twice)).all()


def test_intervals_over_people_cover_the_average_persons_choice():
    rng = np.random.default_rng(9)
    truth = log_odds(fit_preferences(*judge(rng, 20000, 10, spread=0.6)))
    by_people, by_answers = [], []
    for _ in range(300):
        differences, answers, ids = judge(rng, 30, 20, spread=0.6)
        fits = [fit_preferences(differences, answers, c) for c in (ids, np.arange(ids.size))]
        for fit, covered in zip(fits, (by_people, by_answers), strict=True):
            covered += [e.low <= t <= e.high for e, t in zip(fit.effects, truth, strict=True)]
    assert 0.93 <= np.mean(by_people) <= 0.97
    assert np.mean(by_answers) < 0.9


def judge_together(rng, people, items):
    """Everyone judges every pair; people differ, and pairs have more to them than their feature."""
    feature, more = rng.normal(size=items), rng.normal(0, 0.8, items)
    own = 0.5 + rng.normal(0, 0.5, people)
    log_odds = (own[:, None] * feature + more).ravel()
    answers = (rng.random(log_odds.size) < expit(log_odds)).astype(float)
    rows = np.tile(feature, people)[:, None]
    return rows, answers, np.repeat(np.arange(people), items), np.tile(np.arange(items), people)


def test_intervals_over_people_and_pairs_allow_for_other_pairs_too():
    rng = np.random.default_rng(21)
    truth = np.mean(
        [fit_preferences(*judge_together(rng, 40, 2000)[:3]).effects[0].log_odds for _ in range(4)]
    )
    both, people_only = [], []
    for _ in range(300):
        rows, answers, people, pairs = judge_together(rng, 30, 30)
        for items, covered in ((pairs, both), (None, people_only)):
            effect = fit_preferences(rows, answers, people, items=items).effects[0]
            covered.append(effect.low <= truth <= effect.high)
    assert 0.92 <= np.mean(both) <= 0.98
    assert np.mean(people_only) < 0.85


def test_one_pair_judged_by_many_says_nothing_of_other_pairs():
    fit = fit_preferences(np.ones((20, 1)), [1, 0] * 10, np.arange(20), items=np.zeros(20))
    assert np.isnan(errors(fit)).all()
    assert fit.notes == (
        "Only one pair was judged: how people choose between others cannot be said.",
    )


def test_items_judged_once_each_change_little():
    differences, answers, ids = judge(np.random.default_rng(22), 12, 10)
    alone = fit_preferences(differences, answers, ids)
    with_items = fit_preferences(differences, answers, ids, items=np.arange(answers.size))
    ratio = errors(with_items) / errors(alone)
    assert ((ratio > 0.999) & (ratio < 1.2)).all()
    assert with_items.n_items == answers.size


def test_p_values_are_uniform_where_a_feature_does_nothing():
    rng = np.random.default_rng(10)
    p = [fit_preferences(*judge(rng, 30, 10, spread=0.3)).effects[2].p for _ in range(500)]
    assert np.mean(np.array(p) < 0.05) == pytest.approx(0.05, abs=0.03)
    assert np.mean(p) == pytest.approx(0.5, abs=0.05)


def test_perfectly_predicted_answers_stay_finite_and_say_so():
    rng = np.random.default_rng(11)
    differences = np.column_stack([rng.choice([-1.0, 1.0], 60), rng.normal(size=60)])
    answers = (differences[:, 0] > 0).astype(float)
    first, second = fit_preferences(differences, answers, np.repeat(np.arange(12), 5)).effects
    assert 3 < first.log_odds < 15
    assert np.isnan([first.low, first.high]).all()
    assert first.p == pytest.approx(2 * 0.5**12)
    assert "same way" in first.note
    assert np.isnan(second.low)


def test_a_rare_feature_that_always_won_makes_no_narrow_interval():
    differences, answers, ids = judge(np.random.default_rng(12), 30, 20)
    rare = np.zeros((ids.size, 1))
    rare[[5, 50, 300]] = 1.0
    answers[[5, 50, 300]] = 1.0
    fit = fit_preferences(np.hstack([differences, rare]), answers, ids)
    assert np.isnan(fit.effects[3].high)
    assert fit.effects[3].p == pytest.approx(2 * 0.5**3)
    assert not np.isnan(errors(fit)[:3]).any()


@pytest.mark.parametrize("rows", [3, 6, 20])
def test_a_rare_feature_that_does_nothing_is_seldom_called_real(rows):
    rng = np.random.default_rng(20)
    p = []
    for _ in range(200):
        differences = rng.normal(size=(150, 2))
        differences[:, 1] = 0
        differences[rng.choice(150, rows, replace=False), 1] = rng.choice([-1, 1], rows)
        fit = fit_preferences(differences, rng.integers(0, 2, 150), np.repeat(np.arange(50), 3))
        p.append(fit.effects[1].p)
    assert np.mean(np.array(p) < 0.05) <= 0.08


def test_an_effect_resting_on_two_people_says_so_and_is_wide():
    differences, answers, ids = judge(np.random.default_rng(13), 40, 20)
    rare = np.where(ids < 2, np.random.default_rng(14).choice([-1.0, 1.0], ids.size), 0.0)
    fit = fit_preferences(np.column_stack([differences, rare]), answers, ids)
    assert fit.effects[3].rests_on == pytest.approx(2, abs=0.1)
    assert fit.effects[0].rests_on > 35
    assert errors(fit)[3] > 3 * errors(fit)[0]


def test_features_that_always_go_together_cannot_be_told_apart():
    differences, answers, ids = judge(np.random.default_rng(15), 20, 20)
    twins = np.column_stack([differences, differences[:, 0]])
    fit = fit_preferences(twins, answers, ids, names=["length", "b", "c", "length again"])
    assert np.isnan(log_odds(fit)[[0, 3]]).all()
    assert fit.notes[0].startswith("length: It differs too rarely, or only together")
    assert not np.isnan(errors(fit)[1:3]).any()


def test_a_feature_that_never_differs_is_undefined_not_zero():
    differences, answers, ids = judge(np.random.default_rng(16), 20, 20)
    differences[:, 1] = 0
    effect = fit_preferences(differences, answers, ids).effects[1]
    assert np.isnan([effect.log_odds, effect.low, effect.p, effect.q]).all()
    assert effect.note == "The two completions never differ in it."


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [([], "Nobody answered."), ([0.5, 0.5], "Every answer was about equal"), ([np.nan], "Nobody")],
)
def test_nothing_to_go_by_is_nan_and_a_sentence(answers, sentence):
    fit = fit_preferences(np.ones((len(answers), 2)), answers, np.arange(len(answers)))
    assert np.isnan(log_odds(fit)).all()
    assert fit.notes[0].startswith(sentence)


def test_one_person_gives_an_estimate_and_no_interval():
    differences, answers, _ = judge(np.random.default_rng(17), 1, 50)
    fit = fit_preferences(differences, answers, np.zeros(50))
    assert np.isfinite(log_odds(fit)).all()
    assert np.isnan(errors(fit)).all()
    assert fit.notes == ("Only one person answered: how others would choose cannot be said.",)


def test_one_answer_alone_proves_nothing():
    fit = fit_preferences([[1.0]], [1.0], ["amara"])
    assert np.isnan(errors(fit)).all()
    assert fit.effects[0].p == 1.0


def test_answers_with_something_unmeasured_are_left_out_and_counted():
    differences, answers, ids = judge(np.random.default_rng(18), 10, 10)
    whole = fit_preferences(differences[2:], answers[2:], ids[2:])
    differences[0, 1] = answers[1] = np.nan
    fit = fit_preferences(differences, answers, ids)
    assert (fit.n, fit.n_left_out) == (98, 2)
    assert "2 answers were left out" in fit.notes[-1]
    assert np.allclose(log_odds(fit), log_odds(whole))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"answers": [1, 0.7]}, "An answer is 1"),
        ({"answers": [1]}, "one row of differences and one answer"),
        ({"differences": [[1.0], [np.inf]]}, "finite"),
        ({"ridge": 0}, "ridge"),
        ({"level": 95}, "level"),
        ({"clusters": [1]}, "one person, and one item"),
        ({"items": [1, 2, 3]}, "one person, and one item"),
        ({"names": ["a", "b"]}, "1 features but 2 names"),
    ],
)
def test_what_cannot_be_right_is_refused_in_a_sentence(change, sentence):
    good = {"differences": [[1.0], [-1.0]], "answers": [1, 0], "clusters": [1, 2]}
    with pytest.raises(ValueError, match=sentence):
        fit_preferences(**(good | change))


def test_a_hundred_thousand_answers_take_under_two_seconds():
    rng = np.random.default_rng(19)
    differences = rng.normal(size=(100_000, 12))
    answers = (rng.random(100_000) < expit(differences[:, 0])).astype(float)
    answers[rng.random(100_000) < 0.15] = 0.5
    began = time.process_time()
    fit_preferences(differences, answers, rng.integers(0, 2000, 100_000))
    assert time.process_time() - began < 2


def test_answers_to_the_same_pair_may_share_its_row():
    rng = np.random.default_rng(23)
    pairs, rows = rng.normal(size=(40, 3)), rng.integers(0, 40, 600)
    answers, ids = choose(rng, pairs[rows] @ EFFECTS, 0.4), rng.integers(0, 25, 600)
    for items in (None, rows):
        one_each = fit_preferences(pairs[rows], answers, ids, items=items)
        shared = fit_preferences(pairs, answers, ids, items=items, rows=rows)
        assert np.allclose(log_odds(shared), log_odds(one_each), atol=1e-7)
        assert np.allclose(errors(shared), errors(one_each))
        assert np.allclose(rests_on(shared), rests_on(one_each))


def test_rows_that_nobody_answered_tell_nothing():
    rng = np.random.default_rng(24)
    pairs, rows = rng.normal(size=(50, 2)), rng.integers(0, 30, 300)
    pairs[:30, 1] = 0
    fit = fit_preferences(pairs, choose(rng, pairs[rows, 0], 0.4), rows % 20, rows=rows)
    assert fit.effects[1].note == "The two completions never differ in it."


def rests_on(fit):
    return np.array([effect.rests_on for effect in fit.effects])
