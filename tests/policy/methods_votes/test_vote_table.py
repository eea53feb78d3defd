import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from policy.methods.consensus import count_votes
from policy.methods.opinion_space import fit_opinion_space
from policy.methods.vote_table import VoteTable, vote_table, votes_from_rows


def some_votes(seed: int, people: int = 12, statements: int = 7) -> np.ndarray:
    return np.random.default_rng(seed).choice([-1.0, 0.0, 1.0, np.nan], (people, statements))


@given(st.integers(0, 2**16))
def test_a_table_of_votes_is_the_table_it_was_made_of(seed: int):
    votes = some_votes(seed)
    assert_array_equal(vote_table(votes).dense(), votes)


@given(st.integers(0, 2**16))
def test_votes_may_come_in_any_order(seed: int):
    table = vote_table(some_votes(seed))
    order = np.random.default_rng(seed).permutation(len(table.choices))
    again = votes_from_rows(
        table.shape, table.people[order], table.statements[order], table.choices[order]
    )
    assert_array_equal(again.dense(), table.dense())
    assert_array_equal(again.people, table.people)


@given(st.integers(0, 2**16))
def test_some_people_and_some_statements_are_taken_as_from_a_table(seed: int):
    votes = some_votes(seed)
    rng = np.random.default_rng(seed)
    rows, columns = rng.integers(12, size=9), rng.permutation(7)[:4]
    table = vote_table(votes).of_people(rows).of_statements(columns)
    assert_array_equal(table.dense(), votes[np.ix_(rows, columns)])
    assert_array_equal(vote_table(table.dense()).statements, table.statements)


def test_a_pass_is_a_vote_and_an_unseen_statement_is_none():
    table = vote_table([[0.0, np.nan], [1.0, np.nan]])
    assert table.seen_of.tolist() == [2, 0]
    assert count_votes(table, [0, 0]).seen.tolist() == [[2, 0]]


def test_two_votes_of_one_person_on_one_statement_are_refused():
    with pytest.raises(ValueError, match="two votes on one statement"):
        votes_from_rows((2, 2), [0, 0], [1, 1], [1, -1])
    with pytest.raises(ValueError, match="A vote is -1"):
        votes_from_rows((2, 2), [0], [1], [4])


def test_the_map_is_the_same_from_either_form_and_when_people_are_counted_twice():
    votes = some_votes(3, people=40, statements=9)
    one = fit_opinion_space(votes)
    other = fit_opinion_space(vote_table(votes), weights=np.full(40, 2.0))
    np.testing.assert_allclose(one.coordinates, other.coordinates, atol=1e-9)
    doubled = fit_opinion_space(np.repeat(votes, 2, axis=0))
    np.testing.assert_allclose(one.coordinates, doubled.coordinates[::2], atol=1e-9)


def test_nothing_of_nobody_is_a_table_too():
    empty = votes_from_rows((0, 0), [], [], [])
    assert isinstance(vote_table(empty), VoteTable)
    assert empty.dense().shape == (0, 0)
    assert count_votes(empty, []).seen.shape == (0, 0)


def test_the_map_of_very_many_statements_is_worked_out_another_way_to_the_same_end(monkeypatch):
    votes = np.where(np.random.default_rng(1).random((200, 40)) < 0.5, 1.0, -1.0)
    votes[:100, :20] = 1.0
    votes[50:150, 20:30] = -1.0
    votes[some_votes(2, 200, 40) == 0] = np.nan
    one = fit_opinion_space(votes)
    monkeypatch.setattr("policy.methods.opinion_space.MANY", 10)
    other = fit_opinion_space(votes)
    np.testing.assert_allclose(one.coordinates, other.coordinates, atol=1e-6)
    np.testing.assert_allclose(one.explained, other.explained)


def test_voters_on_some_statements_are_those_who_voted_on_one_of_them():
    votes = np.random.default_rng(3).choice(
        [-1.0, 0.0, 1.0, np.nan], p=[0.1, 0.1, 0.1, 0.7], size=(40, 12)
    )
    table = vote_table(votes)
    for columns in ([], [3], [11, 0, 5]):
        expected = (~np.isnan(votes[:, columns])).any(axis=1)
        assert (table.voters_on(columns) == expected).all()
