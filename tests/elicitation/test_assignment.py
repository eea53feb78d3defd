"""Which completions a person sees next: chances as logged, a core for all, sides in balance."""

import math
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import pytest

from elicitation.methods.assignment import (
    Candidate,
    Draw,
    Exposure,
    common_core,
    draw,
    draw_several,
)
from elicitation.methods.drawing import Part, draw_lot, lottery, seed_for

NOBODY = Exposure()


def pairs(prompts: int, each: int = 1) -> list[Candidate]:
    """`each` pairs of completions for every prompt, of different standing."""
    return [
        Candidate(p, (100 * p + 2 * i + 1, 100 * p + 2 * i + 2), answers_here=(p + i) % 3)
        for p in range(1, prompts + 1)
        for i in range(each)
    ]


def drawn_once(candidates: Sequence[Candidate], seed: int, exposure: Exposure = NOBODY) -> Draw:
    found = draw(candidates, exposure, seed=seed)
    assert found
    return found


def near(count: int, times: int, chance: float) -> bool:
    """Whether a count lies within four and a half standard deviations of what is expected."""
    return abs(count - times * chance) <= 4.5 * math.sqrt(times * chance * (1 - chance))


def test_every_candidate_comes_as_often_as_its_logged_propensity() -> None:
    candidates, times = pairs(6), 12_000
    draws = [drawn_once(candidates, seed) for seed in range(times)]
    counts = Counter(one.candidate.key for one in draws)
    logged = {one.candidate.key: one.propensity for one in draws}
    assert len({(one.candidate.key, one.propensity) for one in draws}) == len(candidates)
    assert math.isclose(sum(logged.values()), 1)
    assert all(near(counts[key], times, logged[key]) for key in logged)


def test_the_propensity_is_the_stated_mixture() -> None:
    candidates = [Candidate(1, (1, 2)), Candidate(2, (3, 4), answers_here=1)]
    logged = {
        one.left // 3: one.propensity for one in (drawn_once(candidates, s) for s in range(99))
    }
    assert logged[0] == pytest.approx(0.3 / 2 + 0.7 * 1 / (1 + 1 / 4))


def test_draws_in_a_row_log_chances_given_the_draws_before() -> None:
    candidates, times = pairs(2, each=2), 12_000
    runs = [draw_several(candidates, 3, NOBODY, seed=seed) for seed in range(times)]
    counts = Counter(tuple(one.candidate.key for one in run) for run in runs)
    logged = {
        tuple(one.candidate.key for one in run): math.prod(one.propensity for one in run)
        for run in runs
    }
    assert math.isclose(sum(logged.values()), 1)
    assert len(logged) == 24
    assert all(near(counts[keys], times, logged[keys]) for keys in logged)


def test_a_planted_mean_is_recovered_by_inverse_propensity() -> None:
    candidates, chance = pairs(8), random.Random(1)
    # What is answered least is liked most, so that a plain mean of what was shown is too high.
    planted = {one.key: 3.0 - one.answers_here + chance.random() for one in candidates}
    truth, estimates, plain = sum(planted.values()), [], []
    for seed in range(4000):
        run = draw_several(candidates, 4, NOBODY, seed=seed)
        seen = [planted[one.candidate.key] for one in run]
        plain.append(sum(seen) / len(seen) * len(candidates))
        estimates.append(sum(seen[:-1]) + seen[-1] / run[-1].propensity)
    spread = math.sqrt(sum((one - truth) ** 2 for one in estimates)) / len(estimates)
    assert abs(sum(estimates) / len(estimates) - truth) < 4 * spread
    assert sum(plain) / len(plain) > truth + 8 * spread


def test_everybody_gets_the_same_core_first_each_in_an_order_of_their_own() -> None:
    candidates = pairs(10, each=2)
    core = common_core(7, candidates, 4)
    orders = Counter(
        tuple(
            one.candidate.key for one in draw_several(candidates, 6, NOBODY, seed=s, core=core)[:4]
        )
        for s in range(2400)
    )
    assert len(core) == 4
    assert {frozenset(order) for order in orders} == {core}
    assert len(orders) == 24
    assert all(near(count, 2400, 1 / 24) for count in orders.values())


def test_the_core_logs_one_over_what_is_left_of_it() -> None:
    candidates = pairs(10)
    run = draw_several(candidates, 5, NOBODY, seed=1, core=common_core(7, candidates, 3))
    assert [(one.kind, one.propensity) for one in run[:3]] == [
        ("core", pytest.approx(1 / 3)),
        ("core", pytest.approx(1 / 2)),
        ("core", 1.0),
    ]
    assert all(one.kind in {"uniform", "priority"} for one in run[3:])


def test_a_late_candidate_displaces_at_most_one_of_the_core() -> None:
    candidates = pairs(40)
    cores = [common_core(7, candidates[:size], 5) for size in range(10, 41)]
    assert all(len(before - after) <= 1 for before, after in pairwise(cores))
    assert common_core(8, candidates, 5) != common_core(7, candidates, 5)


def test_sides_stay_balanced_within_one_for_each_pair() -> None:
    firsts = {one.key: [0, 0] for one in pairs(5)}
    for person in range(60):
        now = [replace(one, times_first=tuple(firsts[one.key])) for one in pairs(5)]
        for one in draw_several(now, 3, NOBODY, seed=person):
            firsts[one.candidate.key][one.candidate.completions.index(one.left)] += 1
    assert all(abs(left - right) <= 1 for left, right in firsts.values())
    assert sum(map(sum, firsts.values())) == 180


def test_sides_of_a_pair_nobody_saw_are_decided_by_a_fair_coin() -> None:
    lefts = Counter(drawn_once([Candidate(1, (1, 2))], seed).left for seed in range(4000))
    assert near(lefts[1], 4000, 0.5)


def test_nothing_comes_twice_and_everything_comes_in_the_end() -> None:
    candidates = pairs(6, each=3)
    run = draw_several(candidates, 99, NOBODY, seed=3)
    assert Counter(one.candidate.key for one in run) == Counter(one.key for one in candidates)
    seen = Exposure(keys=frozenset(one.key for one in candidates))
    assert draw(candidates, seen, seed=1) is None


def test_priority_draws_leave_seen_prompts_out_and_uniform_draws_do_not() -> None:
    candidates, seen = pairs(3, each=2), Exposure(prompts=frozenset({1, 2}))
    draws = [drawn_once(candidates, seed, seen) for seed in range(400)]
    assert {one.candidate.prompt for one in draws if one.kind == "priority"} == {3}
    assert {one.candidate.prompt for one in draws if one.kind == "uniform"} == {1, 2, 3}
    assert min(one.propensity for one in draws) == pytest.approx(0.3 / 6)


def test_neither_order_nor_the_way_round_a_pair_is_given_matters() -> None:
    candidates = [replace(one, times_first=(2, 1)) for one in pairs(6)]
    turned = [
        replace(one, completions=one.completions[::-1], times_first=(1, 2))
        for one in reversed(candidates)
    ]
    for seed in range(50):
        here, there = (draw_several(c, 4, NOBODY, seed=seed) for c in (candidates, turned))
        assert [(a.shown, a.propensity) for a in here] == [(a.shown, a.propensity) for a in there]


def test_renaming_ids_changes_no_chance() -> None:
    candidates = pairs(5)
    renamed = [
        replace(one, completions=tuple(9999 - c for c in one.completions)) for one in candidates
    ]
    chances = [
        {
            one.candidate.prompt: round(one.propensity, 12)
            for one in (drawn_once(c, s) for s in range(300))
        }
        for c in (candidates, renamed)
    ]
    assert chances[0] == chances[1]
    assert len(chances[0]) == 5


def answers_until_covered(uniform: float, world: int) -> int:
    """Answers of one community until each of 30 pairs has five; everybody gives three."""
    counts: Counter[int] = Counter()
    for person in range(10_000):
        now = [Candidate(p, (2 * p, 2 * p + 1), answers_here=counts[p]) for p in range(30)]
        for one in draw_several(
            now, 3, NOBODY, seed=seed_for("try", world, person), uniform=uniform
        ):
            counts[one.candidate.prompt] += 1
        if min(counts[p] for p in range(30)) >= 5:
            break
    return counts.total()


def test_priority_saves_a_fifth_of_the_answers_until_all_pairs_are_covered() -> None:
    by_rule, uniform = (
        sum(answers_until_covered(share, world) for world in range(8)) for share in (0.3, 1.0)
    )
    assert by_rule < uniform * 0.8


def test_an_analysis_can_ask_for_a_pair_more_often() -> None:
    candidates = [
        Candidate(1, (1, 2), priority=9),
        Candidate(2, (3, 4)),
        Candidate(3, (5, 6), priority=0),
    ]
    chance = {
        one.candidate.prompt: one.propensity
        for one in (drawn_once(candidates, s) for s in range(200))
    }
    assert chance == pytest.approx({1: 0.1 + 0.63, 2: 0.1 + 0.07, 3: 0.1})


def test_where_nothing_has_priority_the_draw_is_uniform() -> None:
    candidates = [replace(one, priority=0) for one in pairs(4)]
    assert drawn_once(candidates, 1).propensity == pytest.approx(1 / 4)


def test_severe_items_stop_at_the_cap_even_within_one_batch() -> None:
    candidates = [replace(one, is_severe=one.prompt > 2) for one in pairs(9)]
    run = draw_several(candidates, 9, Exposure(severe_left=2), seed=5)
    assert sum(one.candidate.is_severe for one in run) == 2
    assert len(run) == 4
    assert {one.candidate.prompt for one in draw_several(candidates, 9, NOBODY, seed=5)} == {1, 2}
    assert len(common_core(1, candidates, 5)) == 2


def test_rankings_put_each_completion_first_equally_often_and_each_prompt_once() -> None:
    sets, firsts = [(1, 2, 3, 4), (2, 3, 4, 5)], Counter[int]()
    for seed in range(40):
        times = tuple(firsts[c] for c in sets[0])
        run = draw_several(
            [Candidate(1, sets[0], times_first=times), Candidate(1, sets[1], priority=0)],
            9,
            NOBODY,
            seed=seed,
            once_per_prompt=True,
        )
        assert len(run) == 1
        firsts.update([run[0].left] if run[0].candidate.completions == sets[0] else [])
    assert max(firsts.values()) - min(firsts[c] for c in sets[0]) <= 1


def test_single_completions_are_drawn_by_the_same_rule() -> None:
    ratings = [Candidate(p, (p,), answers_here=p) for p in (1, 2, 3)]
    assert sorted(one.left for one in draw_several(ratings, 3, NOBODY, seed=1)) == [1, 2, 3]


def test_the_same_seed_draws_the_same_and_people_have_seeds_of_their_own() -> None:
    candidates = pairs(9)
    assert draw_several(candidates, 5, NOBODY, seed=4) == draw_several(
        candidates, 5, NOBODY, seed=4
    )
    assert draw_several(candidates, 1, NOBODY, seed=4) == [draw(candidates, NOBODY, seed=4)]
    assert len({seed_for("compare", 1, person, 0) for person in range(999)}) == 999


@pytest.mark.parametrize("uniform", [0.29, 0.0, 1.01, float("nan")])
def test_too_small_a_uniform_share_is_refused(uniform: float) -> None:
    with pytest.raises(ValueError, match="uniform share"):
        draw(pairs(2), NOBODY, seed=1, uniform=uniform)


@pytest.mark.parametrize(
    "fields",
    [
        {"completions": (1, 1)},
        {"completions": ()},
        {"times_first": (1,)},
        {"priority": -1},
        {"priority": float("inf")},
        {"answers_here": -1},
    ],
)
def test_a_candidate_that_makes_no_sense_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"candidate|count|finite"):
        Candidate(**({"prompt": 1, "completions": (1, 2)} | fields))  # type: ignore[arg-type]


def test_a_candidate_that_comes_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        draw([Candidate(1, (1, 2)), Candidate(1, (2, 1))], NOBODY, seed=1)


def test_weights_of_any_size_are_drawn_in_proportion() -> None:
    parts = [Part("a", 0.5, [1e308, 1e308, 0]), Part("b", 0.5, [0, 5e-324, 5e-324])]
    chances = {
        lot.index: lot.propensity for lot in (draw_lot(parts, lottery(s)) for s in range(200))
    }
    assert chances == pytest.approx({0: 0.25, 1: 0.5, 2: 0.25})
