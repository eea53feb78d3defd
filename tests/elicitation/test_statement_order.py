"""Which statements a person votes on next: Polis' priority, with a floor for every community."""

import math
import random
from collections import Counter
from dataclasses import replace

import pytest

from elicitation.methods.drawing import seed_for
from elicitation.methods.statement_order import (
    Tally,
    draw_statement,
    draw_statements,
    polis_priority,
)


def tallies(number: int) -> list[Tally]:
    """Statements of different standing, every other one below the floor."""
    return [
        Tally(s, agrees=s, passes=1, votes=12 + s, votes_here=0 if s % 2 else 9)
        for s in range(1, number + 1)
    ]


@pytest.mark.parametrize(
    ("tally", "weight"),
    [
        (Tally(1), (0.5 * 0.5 * 9) ** 2),
        (Tally(1, agrees=5, votes=5), (6 / 7 * 6 / 7 * 5) ** 2),
        (Tally(1, agrees=3, passes=2, votes=10, extremity=1), (9 / 12 * 2 * 4 / 12 * 3) ** 2),
        (Tally(1, agrees=3, votes=10, is_meta=True), 49),
    ],
)
def test_the_priority_is_polis_formula(tally: Tally, weight: float) -> None:
    assert polis_priority(tally) == pytest.approx(weight)


def test_every_statement_comes_as_often_as_its_logged_propensity() -> None:
    times, statements = 12_000, tallies(6)
    draws = [draw_statements(statements, 1, [], seed=seed)[0] for seed in range(times)]
    counts = Counter(one.statement for one in draws)
    logged = {one.statement: one.propensity for one in draws}
    assert math.isclose(sum(logged.values()), 1)
    assert min(logged.values()) >= 0.3 / 6
    for statement, chance in logged.items():
        spread = math.sqrt(times * chance * (1 - chance))
        assert abs(counts[statement] - times * chance) < 4.5 * spread


def test_statements_under_the_floor_get_at_least_half_the_draws() -> None:
    statements = [*(Tally(s, votes=9, agrees=9, votes_here=9) for s in range(50)), Tally(50)]
    chances = {
        one.statement: one.propensity
        for one in (draw_statements(statements, 1, [], seed=s)[0] for s in range(50))
    }
    assert chances[50] >= 0.5


def test_once_the_floor_is_reached_its_share_goes_to_priority() -> None:
    statements = [Tally(1, agrees=9, votes=9, votes_here=5), Tally(2, votes=9, votes_here=5)]
    draws = [draw_statements(statements, 1, [], seed=seed)[0] for seed in range(200)]
    liked, other = map(polis_priority, statements)
    expected = {1: 0.15 + 0.7 * liked / (liked + other), 2: 0.15 + 0.7 * other / (liked + other)}
    assert {one.statement: one.propensity for one in draws} == pytest.approx(expected)
    assert {one.kind for one in draws} == {"uniform", "priority"}


def test_draws_in_a_row_log_chances_given_the_draws_before() -> None:
    runs = [draw_statements(tallies(3), 3, [], seed=seed) for seed in range(12_000)]
    counts = Counter(tuple(one.statement for one in run) for run in runs)
    for run in runs[:50]:
        chance = math.prod(one.propensity for one in run)
        spread = math.sqrt(12_000 * chance * (1 - chance))
        assert abs(counts[tuple(one.statement for one in run)] - 12_000 * chance) < 4.5 * spread


def test_a_planted_mean_is_recovered_by_inverse_propensity() -> None:
    # Every other statement is agreed with: those below the floor, which are shown more often.
    truth = 4
    draws = [draw_statements(tallies(8), 1, [], seed=seed)[0] for seed in range(6000)]
    estimates = [one.statement % 2 / one.propensity for one in draws]
    spread = math.sqrt(sum((one - truth) ** 2 for one in estimates)) / len(estimates)
    assert abs(sum(estimates) / len(estimates) - truth) < 4 * spread
    assert 8 * sum(one.statement % 2 for one in draws) / len(draws) > truth + 8 * spread


def conversation(floor: int, world: int) -> dict[str, Counter[int]]:
    """Votes by community: 12 of 300 people are of Harbour; each votes on 16 of 30 statements.

    The first twenty statements are liked by most; the others are passed over.
    """
    chance = random.Random(world)
    people = ["harbour"] * 12 + ["river"] * 288
    chance.shuffle(people)
    votes = {"harbour": Counter[int](), "river": Counter[int]()}
    now = {s: Tally(s) for s in range(30)}
    for person, community in enumerate(people):
        here = [replace(one, votes_here=votes[community][one.statement]) for one in now.values()]
        for one in draw_statements(here, 16, [], seed=seed_for("try", world, person), floor=floor):
            votes[community][one.statement] += 1
            old, liked = now[one.statement], one.statement < 20
            says = chance.random() < 0.8
            now[one.statement] = replace(
                old,
                votes=old.votes + 1,
                agrees=old.agrees + (liked and says),
                passes=old.passes + (not liked and says),
            )
    return votes


@pytest.mark.parametrize("world", range(3))
def test_all_statements_reach_the_floor_in_a_community_of_twelve_of_three_hundred(
    world: int,
) -> None:
    with_floor, without = conversation(5, world), conversation(0, world)
    least = {name: min(counts[s] for s in range(30)) for name, counts in with_floor.items()}
    assert min(least.values()) >= 5
    assert min(without["harbour"][s] for s in range(30)) < 3


def test_order_of_statements_does_not_matter_and_seen_ones_stay_away() -> None:
    one, other = (draw_statements(t, 9, [2, 4], seed=3) for t in (tallies(6), tallies(6)[::-1]))
    assert one == other
    assert sorted(drawn.statement for drawn in one) == [1, 3, 5, 6]
    assert draw_statement(tallies(2), [1, 2], seed=1) is None


def test_renaming_statements_changes_no_chance() -> None:
    renamed = [replace(one, statement=100 - one.statement) for one in tallies(5)]
    chances = [
        {
            one.statement: one.propensity
            for one in (draw_statements(t, 1, [], seed=s)[0] for s in range(300))
        }
        for t in (tallies(5), renamed)
    ]
    assert {100 - s: chance for s, chance in chances[1].items()} == pytest.approx(chances[0])


@pytest.mark.parametrize("uniform", [0.2, 0.6])
def test_a_uniform_share_that_breaks_a_promise_is_refused(uniform: float) -> None:
    with pytest.raises(ValueError, match="uniform share"):
        draw_statement(tallies(2), [], seed=1, uniform=uniform)


def test_counts_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(ValueError, match="more than the votes"):
        Tally(1, agrees=3, passes=2, votes=4)
    with pytest.raises(ValueError, match="twice"):
        draw_statement([Tally(1), Tally(1)], [], seed=1)
