"""How many people a decision rests on: every way is tried on small counts, and none is cheaper."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from policy.methods.consensus import GroupCounts
from policy.methods.other_rules import RULES, top_by
from policy.methods.principles import stance_from_bounds, status_of
from policy.methods.sensitivity import (
    AGAINST,
    DECISIONS,
    FOR,
    UNCLEAR,
    WAYS,
    costs,
    decisions,
    fewest_given,
    fewest_to_change,
    margins,
    stances,
)

NOTE = Path(__file__).parents[2] / "docs" / "decisions.md"
NAMES = ("for", "against", "unclear")
COUNTS = [(a, s) for s in range(80) for a in range(s + 1)]
STANCE = dict(zip(COUNTS, stances(*np.transpose(COUNTS)).tolist(), strict=True))
DECIDED = {
    pair: int(decisions(np.array(pair)[:, None])[0])
    for pair in itertools.product((FOR, AGAINST, UNCLEAR), repeat=2)
}
counted = st.integers(0, 6).flatmap(lambda s: st.tuples(st.integers(0, s), st.just(s)))


def after(way: str, agrees: int, seen: int, most: int = 26) -> dict[tuple[int, int], int]:
    """Every pair of counts that people could bring about, and how many it takes."""
    if way == "left_out":
        tried = itertools.product(range(agrees + 1), range(seen - agrees + 1))
        return {(agrees - a, seen - a - n): a + n for a, n in tried}
    if way == "bought":
        return {(agrees + c, seen): abs(c) for c in range(-agrees, seen - agrees + 1)}
    tried = itertools.product(range(most), repeat=2)
    return {(agrees + a, seen + a + n): a + n for a, n in tried}


def test_a_stance_is_what_the_drafting_rule_says_of_the_interval() -> None:
    for (agrees, seen), stance in STANCE.items():
        low, high = stats.beta.ppf([0.025, 0.975], agrees + 1, seen - agrees + 1)
        assert NAMES[stance] == (stance_from_bounds(low, high) if seen else "unclear")


def test_a_decision_is_what_the_drafting_rule_says_of_the_stances() -> None:
    for made in itertools.product((FOR, AGAINST, UNCLEAR), repeat=3):
        named = {str(place): NAMES[stance] for place, stance in enumerate(made)}
        found = DECISIONS[int(decisions(np.array(made)[:, None])[0])]
        assert found == (status_of(named) or "not_selected")


@pytest.mark.parametrize("way", WAYS)
def test_no_cheaper_way_brings_a_community_to_a_stance(way: str) -> None:
    for agrees, seen in ((a, s) for a, s in COUNTS if s <= 11):
        found = costs([agrees], [seen], way)[:, 0]
        tried = after(way, agrees, seen)
        for stance in (FOR, AGAINST, UNCLEAR):
            prices = [price for counts, price in tried.items() if STANCE[counts] == stance]
            assert found[stance] == min(prices, default=np.inf)


@pytest.mark.parametrize("way", WAYS)
@settings(max_examples=25, deadline=None)
@given(first=counted, second=counted)
def test_no_cheaper_way_changes_a_decision(
    way: str, first: tuple[int, int], second: tuple[int, int]
) -> None:
    table = np.array([first, second])
    now = decision_of(first, second)
    prices = [
        one_price + other_price
        for one, one_price in after(way, *first, most=17).items()
        for other, other_price in after(way, *second, most=17).items()
        if decision_of(one, other) != now
    ]
    found = fewest_to_change(table[:, :1], table[:, 1:], way)
    assert found.people[0] == min(prices, default=np.inf)


def decision_of(one: tuple[int, int], other: tuple[int, int]) -> int:
    return DECIDED[STANCE[one], STANCE[other]]


@settings(deadline=None)
@given(st.lists(counted, min_size=1, max_size=4))
def test_the_order_of_communities_changes_nothing(cells: list[tuple[int, int]]) -> None:
    table = np.array(cells)[:, :, None]
    turned = table[::-1]
    for way in WAYS:
        one, other = (fewest_to_change(t[:, 0], t[:, 1], way) for t in (table, turned))
        assert one.people[0] == other.people[0]
    assert margins(table[:, 0], table[:, 1]) == pytest.approx(
        margins(turned[:, 0], turned[:, 1]), nan_ok=True
    )


@settings(deadline=None)
@given(counted)
def test_bought_people_are_worth_more_than_people_left_out(cell: tuple[int, int]) -> None:
    agrees, seen = ([one] for one in cell)
    bought, left_out = (costs(agrees, seen, way) for way in ("bought", "left_out"))
    assert (bought <= left_out).all()


def test_the_note_counts_as_the_code_does() -> None:
    lines = NOTE.read_text().split("## A worked table")[1].splitlines()
    rows = [[c.strip() for c in line.strip("|").split("|")] for line in lines if " of " in line]
    table = [row for row in rows if len(row) == 9]
    cells = np.array([[re.findall(r"\d+", one) for one in row[1:3]] for row in table], dtype=int)
    agrees, seen = cells[:, :, 0].T, cells[:, :, 1].T
    made = decisions(stances(agrees, seen))
    found = {way: fewest_to_change(agrees, seen, way) for way in WAYS}
    for place, row in enumerate(table):
        assert row[3].replace(" ", "_").replace("-", "_") == DECISIONS[made[place]]
        assert row[4] == f"{margins(agrees, seen)[place]:.3f}".replace("nan", "")
        assert row[5:8] == [f"{found[way].people[place]:.0f}" for way in WAYS]
        becomes = DECISIONS[found["left_out"].becomes[place]]
        assert row[8].replace(" ", "_").replace("-", "_") == becomes
    assert len(table) == 7
    names = sorted(row[0] for row in table)
    people = {way: dict(zip((r[0] for r in table), found[way].people, strict=True)) for way in WAYS}
    for row in (r for line in lines if (r := line.strip("| ").split(" | "))[0].isdecimal()):
        for way, cell in zip(WAYS, row[1:], strict=True):
            turned = [one for one in names if people[way][one] <= int(row[0])]
            told = [one for one in names if one not in cell] if "all but" in cell else []
            assert turned == (told or cell.split(", "))


def test_stances_that_nothing_changes_leave_a_decision_without_a_number() -> None:
    stuck = np.full((3, 2, 1), np.inf)
    stuck[FOR, 0, 0] = stuck[AGAINST, 1, 0] = 0
    assert fewest_given(np.array([[FOR], [AGAINST]]), stuck).people[0] == np.inf
    stuck[UNCLEAR, 0, 0] = 4
    one = fewest_given(np.array([[FOR], [AGAINST]]), stuck)
    assert (one.people[0], DECISIONS[one.becomes[0]]) == (4, "not_selected")


def test_nobody_and_everybody_alike() -> None:
    nobody = fewest_to_change([[0], [0]], [[0], [0]], "left_out")
    assert (nobody.people[0], nobody.becomes[0]) == (np.inf, -1)
    alone = fewest_to_change([[5]], [[5]], "left_out")
    assert (alone.people[0], DECISIONS[alone.becomes[0]]) == (1, "not_selected")
    assert np.isnan(margins([[0], [0]], [[40], [40]])).all()
    with pytest.raises(ValueError, match="out of the votes"):
        stances([2], [1])


def counts_of(agrees: int, disagrees: int, seen: int) -> GroupCounts:
    return GroupCounts(np.array([0]), *(np.array([[one]]) for one in (agrees, disagrees, seen)))


@pytest.mark.parametrize("name", RULES)
def test_every_rule_knows_a_large_majority_and_says_nothing_of_nobody(name: str) -> None:
    rule = RULES[name]
    assert rule(counts_of(90, 10, 100))[0, 0] == FOR
    assert rule(counts_of(10, 90, 100))[0, 0] == AGAINST
    assert rule(counts_of(0, 0, 0))[0, 0] == UNCLEAR


def test_rules_part_where_counts_are_small_or_people_pass() -> None:
    assert RULES["Polis's test"](counts_of(3, 1, 4))[0, 0] == FOR
    assert stances([3], [4])[0] == UNCLEAR
    assert RULES["passes left out"](counts_of(30, 5, 60))[0, 0] == FOR
    assert stances([30], [60])[0] == UNCLEAR
    assert RULES["99 % interval"](counts_of(15, 5, 20))[0, 0] == UNCLEAR
    assert stances([15], [20])[0] == FOR


def test_a_score_without_a_threshold_chooses_as_many() -> None:
    assert top_by([0.2, np.nan, 0.9, 0.5], 2).tolist() == [False, False, True, True]
    assert not top_by([0.2, 0.9], 0).any()
    assert not top_by([np.nan], 1).any()
