"""Whatever people answer: a number with its interval, or a sentence; never a crash."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from policy.methods.bradley_terry import fit_preferences
from policy.methods.source_strengths import strengths

ANSWERS = st.sampled_from([0.0, 0.5, 1.0, float("nan")])
DIFFERENCES = st.sampled_from([-2.0, -1.0, 0.0, 0.0, 0.5, 1.0, float("nan")])
JUDGED = st.lists(
    st.tuples(ANSWERS, DIFFERENCES, DIFFERENCES, st.integers(0, 4), st.integers(0, 3)), max_size=25
)
COMPARED = st.lists(
    st.tuples(ANSWERS, st.integers(0, 4), st.integers(0, 4), st.integers(0, 3)), max_size=25
)


def arrays(rows, width):
    return np.array(rows, dtype=float).reshape(len(rows), width).T


@settings(max_examples=150, deadline=None)
@given(JUDGED, st.booleans())
def test_effects_have_an_interval_around_them_or_a_reason(judged, by_item):
    answers, one, other, people, items = arrays(judged, 5)
    ways = {"items": items} if by_item else {}
    fit = fit_preferences(np.column_stack([one, other]), answers, people, left_side=True, **ways)
    for effect in (*fit.effects, fit.left_side):
        if np.isnan(effect.low):
            assert effect.note
        else:
            assert effect.low <= effect.log_odds <= effect.high
            assert 0 <= effect.chosen_low <= effect.chosen <= effect.chosen_high <= 1
    assert fit.n + fit.n_left_out == len(judged)


@settings(max_examples=80, deadline=None)
@given(JUDGED)
def test_turning_a_feature_around_turns_its_effect_and_no_other(judged):
    answers, one, other, people, _ = arrays(judged, 5)
    fit = fit_preferences(np.column_stack([one, other]), answers, people)
    turned = fit_preferences(np.column_stack([-one, other]), answers, people)
    found = [effect.log_odds for effect in fit.effects]
    again = [effect.log_odds for effect in turned.effects]
    assert np.allclose([-found[0], found[1]], again, atol=1e-5, equal_nan=True)
    assert [effect.note for effect in fit.effects] == [effect.note for effect in turned.effects]


@settings(max_examples=150, deadline=None)
@given(COMPARED)
def test_strengths_have_an_interval_around_them_or_a_reason(compared):
    answers, first, second, people = arrays(compared, 4)
    found = strengths(first.astype(int), second.astype(int), answers, people, 5)
    for one in found.strengths:
        if np.isnan(one.low):
            assert one.note or found.notes
        else:
            assert one.low <= one.strength <= one.high
    known = [one.strength for one in found.strengths if not one.note]
    assert not known or abs(np.nansum(known)) < 1e-6
