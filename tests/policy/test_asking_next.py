"""What to ask next: nothing that is settled, first what is nearest, and handed back to phones."""

from __future__ import annotations

from collections.abc import Sequence
from io import StringIO

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from deliberation.models import Statement
from elicitation.kernel.work import run_inline
from elicitation.models import Activity, AskingWeights, Stage, Workshop
from elicitation.services.asking import weights_for
from policy.methods.asking_next import (
    chance_of_clear,
    deciding,
    look_ahead,
    pair_weights,
    statement_weights,
)
from policy.methods.sensitivity import UNCLEAR, stances
from tests.deliberation.statements import people, state, vote
from tests.phones import open_activity
from tests.pipeline.making import make_workshop

cells = st.integers(0, 40).flatmap(
    lambda s: st.tuples(st.integers(0, s), st.just(s), st.integers(0, 30))
)


@settings(deadline=None)
@given(cells)
def test_the_chance_of_a_clear_stance_is_the_beta_binomials(cell: tuple[int, int, int]) -> None:
    agrees, seen, more = cell
    k = np.arange(more + 1)
    clear = stances(agrees + k, np.full(more + 1, seen + more)) != UNCLEAR
    expected = stats.betabinom.pmf(k, more, agrees + 1, seen - agrees + 1)[clear].sum()
    assert chance_of_clear([agrees], [seen], [more])[0] == pytest.approx(expected, abs=1e-9)


@settings(deadline=None)
@given(cells)
def test_agreeing_and_not_agreeing_are_worth_the_same(cell: tuple[int, int, int]) -> None:
    agrees, seen, left = cell
    one, other = (look_ahead([a], [seen], [left]) for a in (agrees, seen - agrees))
    for name in ("value", "further", "chance"):
        assert getattr(one, name) == pytest.approx(getattr(other, name))


def test_what_is_settled_is_not_asked_and_what_is_near_comes_before_what_is_even() -> None:
    agrees, seen = np.array([[30, 17, 14, 0]]), np.array([[40, 28, 28, 0]])
    value = look_ahead(agrees, seen, 60 - seen).value[0]
    assert value[0] == 0
    assert value[1] > 3 * value[2] > 0


def test_nobody_left_means_nothing_to_ask() -> None:
    ahead = look_ahead([[14]], [[28]], [[0]])
    assert (ahead.value[0, 0], ahead.further[0, 0], ahead.chance[0, 0]) == (0, np.inf, 0)
    with pytest.raises(ValueError, match="nobody"):
        look_ahead([[1]], [[2]], [[-1]])


def test_the_votes_it_takes_are_about_right_in_simulated_communities() -> None:
    rng = np.random.default_rng(3)
    further = look_ahead([[17]], [[28]], [[400]]).further[0, 0]
    shares = rng.beta(18, 12, size=20_000)
    after = 17 + rng.binomial(int(further), shares)
    clear = stances(after, np.full(20_000, 28 + int(further))) != UNCLEAR
    assert clear.mean() == pytest.approx(0.5, abs=0.06)


def test_a_community_is_not_asked_where_the_others_have_settled_it() -> None:
    agrees, seen = np.array([[36], [4], [11]]), np.array([[40], [40], [20]])
    assert deciding(agrees, seen)[:, 0].tolist() == [True, True, False]
    assert statement_weights(agrees, seen, 60 - seen)[2, 0] == 0


@settings(max_examples=25, deadline=None)
@given(st.permutations(range(5)))
def test_the_order_of_statements_changes_nothing(order: Sequence[int]) -> None:
    agrees, seen = np.array([[3, 9, 12, 0, 7]]), np.array([[8, 12, 30, 0, 16]])
    value = statement_weights(agrees, seen, 40 - seen)
    turned = statement_weights(agrees[:, order], seen[:, order], 40 - seen[:, order])
    assert turned == pytest.approx(value[:, order])


def test_a_pair_in_which_only_decided_features_differ_is_worth_little() -> None:
    pairs = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [0.0, 0.0]])
    gain = pair_weights(pairs, np.repeat(pairs[:1], 50, axis=0), [0.0, 1.0])
    assert gain[1] > gain[2] > gain[0] == 0 == gain[3]


def test_the_fall_in_variance_is_what_one_more_answer_brings() -> None:
    rng = np.random.default_rng(4)
    judged, pair = rng.normal(size=(30, 3)), rng.normal(size=3)
    before = np.linalg.inv(np.eye(3) + judged.T @ judged / 4)
    after = np.linalg.inv(np.eye(3) + (judged.T @ judged + np.outer(pair, pair)) / 4)
    matters = np.array([1.0, 0.5, 0.0])
    fall = ((np.diag(before) - np.diag(after)) / np.diag(before)) @ matters
    assert pair_weights(pair[None, :], judged, matters)[0] == pytest.approx(fall)


@pytest.fixture
def voting(river: Workshop) -> Activity:
    activity = open_activity(river, "vote")
    fishers, farmers = people(activity, "fishers", 30), people(activity, "farmers", 30)
    vote(activity, state(activity, "Settled"), fishers, 25, 2)
    vote(activity, state(activity, "Near"), fishers, 13, 6)
    vote(activity, state(activity, "Even"), fishers, 6, 6)
    for statement in Statement.objects.all():
        vote(activity, statement, farmers, 9, 8)
    return activity


@pytest.mark.django_db
def test_the_command_hands_back_what_each_community_lacks(voting: Activity) -> None:
    out = StringIO()
    call_command("ask_next", "river", stdout=out)
    assert "Fishers: 2 of 3 statements would help to decide something." in out.getvalue()
    fishers = voting.stage.workshop.seats.get(community__slug="fishers")
    given = weights_for(voting, fishers.pk)
    assert given is not None
    names = ("Settled", "Near", "Even")
    settled, near, even = (given.of(str(Statement.objects.get(text=one).pk)) for one in names)
    assert settled == 0 < even < near <= 1
    assert 0 < given.otherwise <= 1


@pytest.mark.django_db
def test_what_is_over_is_left_alone_and_stopping_takes_the_weights_away(voting: Activity) -> None:
    call_command("ask_next", "river", verbosity=0, stdout=StringIO())
    call_command("ask_next", "river", "--stop", stdout=StringIO())
    assert not AskingWeights.objects.exists()
    Stage.objects.update(status=Stage.Status.CLOSED)
    out = StringIO()
    call_command("ask_next", "river", stdout=out)
    assert "not over" in out.getvalue()
    with pytest.raises(CommandError, match="no workshop hill"):
        call_command("ask_next", "hill")


@pytest.mark.django_db
def test_pairs_are_weighed_from_what_was_compared(db: None) -> None:
    mill = make_workshop()
    mill.prompts.first().completions.model.objects.update(screening="cleared")
    stage = Stage.objects.create(workshop=mill, kind="norms", title="Norms", status="open")
    comparing = Activity.objects.create(stage=stage, kind="compare")
    work = run_inline("policy.tasks.ask_next", subject="ask:mill", workshop_id=mill.pk)
    told = (work.result or {})["told"]
    assert len(told) == 2
    rows = AskingWeights.objects.filter(activity=comparing)
    assert all(len(row.weights) == 16 for row in rows)
    assert len(rows) == 2
