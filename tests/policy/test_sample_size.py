"""How many people a decision needs: the rule's own thresholds, simulated halls, and the command."""

from __future__ import annotations

from io import StringIO

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from policy.methods.sample_size import (
    Sharpness,
    Workshop,
    agrees_needed,
    chance_of_for,
    chance_with,
    people_needed,
    sharpest,
)
from policy.methods.sensitivity import FOR, stances, thresholds

SHARP = Sharpness(0.7)


def test_planning_and_deciding_have_the_same_thresholds() -> None:
    assert [agrees_needed(votes) for votes in range(200)] == thresholds(200).least[:200].tolist()


@settings(deadline=None)
@given(st.integers(0, 60), st.floats(0.2, 0.8))
def test_the_agrees_that_are_needed_put_the_interval_above_the_line(
    votes: int, line: float
) -> None:
    least = agrees_needed(votes, line)
    low = stats.beta.ppf(0.025, np.array([least, least - 1]) + 1, votes - least + np.array([1, 2]))
    assert least > votes or low[0] > line - 1e-9
    assert least == 0 or low[1] < line + 1e-9


def test_the_chance_is_that_of_simulated_communities() -> None:
    plan, people = Workshop(communities=3, asked=0.4), 90
    rng = np.random.default_rng(1)
    seen = rng.binomial(people, plan.asked, size=(3, 20_000))
    called = stances(rng.binomial(seen, SHARP.share), seen) == FOR
    expected = chance_with(people, SHARP, plan) ** 3
    assert called.all(axis=0).mean() == pytest.approx(expected, abs=0.015)


def test_tables_that_talk_weigh_less_than_people_apart() -> None:
    together = Workshop(dependence=0.2, table=5)
    rng = np.random.default_rng(2)
    a, b = (share * 0.8 / 0.2 for share in (0.7, 0.3))
    tables = rng.binomial(5, rng.beta(a, b, size=(20_000, 12)))
    called = stances(tables.sum(axis=1), np.full(20_000, 60)) == FOR
    assert called.mean() == pytest.approx(chance_of_for(60, 0.7, SHARP, together), abs=0.015)
    assert chance_of_for(60, 0.7, SHARP, Workshop()) > called.mean()


def test_from_the_number_on_the_chance_holds_and_just_below_it_does_not() -> None:
    found = people_needed(SHARP, Workshop(), 0.8)
    assert found.people == 48
    assert chance_with(47, SHARP, Workshop()) < 0.8
    assert all(chance_with(n, SHARP, Workshop()) >= 0.8 for n in range(48, 140))


@settings(max_examples=15, deadline=None)
@given(st.sampled_from([0.62, 0.7, 0.85]), st.sampled_from([0.3, 1.0]), st.integers(1, 4))
def test_a_sharper_aim_more_communities_and_fewer_answers_need_more_people(
    share: float, asked: float, communities: int
) -> None:
    base = people_needed(Sharpness(share), Workshop(communities, asked)).people
    harder = [
        people_needed(Sharpness(share - 0.05), Workshop(communities, asked)),
        people_needed(Sharpness(share), Workshop(communities + 1, asked)),
        people_needed(Sharpness(share), Workshop(communities, asked * 0.8)),
    ]
    assert base is not None
    assert all(one.people is None or one.people >= base for one in harder)


def test_an_even_split_is_called_about_once_in_forty() -> None:
    alarm = people_needed(Sharpness(0.6), Workshop(asked=0.5)).false_alarm
    assert alarm == pytest.approx(0.025, abs=0.005)


def test_what_so_many_people_can_tell_is_what_needs_so_many() -> None:
    share = sharpest(40, Workshop(3))
    assert share is not None
    needed = people_needed(Sharpness(share), Workshop(3)).people
    assert needed is not None
    assert needed == pytest.approx(40, abs=4)
    assert sharpest(4, Workshop()) is None


def planned(**options: object) -> str:
    out = StringIO()
    call_command("plan_workshop", stdout=out, **options)
    return out.getvalue()


def test_the_command_answers_in_a_sentence_and_a_table() -> None:
    told = planned(communities=3, share=0.7, statements=60, answers=25, people=40)
    assert "all 3 communities, with a chance of 80%" in told
    assert "40 people in each community can tell" in told
    assert len([line for line in told.splitlines() if line.lstrip()[:3].endswith("%")]) == 6
    assert "No number of people" in planned(share=0.52, communities=3)


@pytest.mark.parametrize("bad", [{"share": 0.4}, {"dependence": 1.0}, {"statements": 0}])
def test_what_cannot_be_planned_is_a_sentence(bad: dict[str, float]) -> None:
    with pytest.raises(CommandError, match=r"\.$"):
        planned(**bad)
