"""What may be told of a vote: nobody stands alone in it, by whatever sums one does."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliberation.methods.disclosure import Shown, fewest_in_a_part, shown_change, shown_split
from deliberation.results import sentence_of

NOTE = Path(__file__).parents[2] / "docs" / "showing-results.md"
COUNTS = st.integers(0, 40)
Tally = tuple[int, int, int]


def tallies(people: int) -> list[Tally]:
    """Every way in which so many people can agree, disagree and pass."""
    return [(a, d, people - a - d) for a in range(people + 1) for d in range(people + 1 - a)]


def found_out(known: set[int], fewest: int) -> bool:
    """Whether it is certain that there are some, and that they are few."""
    return bool(known) and min(known) >= 1 and max(known) < fewest


@pytest.mark.parametrize("small_cell", [5, 6, 8, 10, 15])
def test_no_part_of_a_split_is_ever_known_to_be_few_people(small_cell: int) -> None:
    """What is shown is weighed against every split that would be shown the same."""
    like = defaultdict(set)
    for people in range(3 * small_cell + 4):
        for tally in tallies(people):
            like[shown_split(*tally, small_cell)].add(tally)
    fewest = fewest_in_a_part(small_cell)
    for shown, same in like.items():
        for part in range(3):
            assert not found_out({tally[part] for tally in same}, fewest), shown
            assert not found_out({sum(tally) - tally[part] for tally in same}, fewest), shown


@given(agree=COUNTS, disagree=COUNTS, passed=COUNTS, small_cell=st.integers(5, 12))
def test_a_lone_dissenter_changes_nothing_that_is_shown(
    agree: int, disagree: int, passed: int, small_cell: int
) -> None:
    """Where one person differs from all, the same is shown as if nobody did."""
    people = agree + disagree + passed
    if people > 1:
        assert shown_split(people - 1, 1, 0, small_cell) == shown_split(people, 0, 0, small_cell)
        assert shown_split(1, people - 1, 0, small_cell) == shown_split(0, people, 0, small_cell)


@given(agree=COUNTS, disagree=COUNTS, passed=COUNTS, small_cell=st.integers(5, 12))
def test_what_is_shown_is_true(agree: int, disagree: int, passed: int, small_cell: int) -> None:
    shown = shown_split(agree, disagree, passed, small_cell)
    on_side = {1: agree, -1: disagree}.get(shown.side, 0)
    assert shown.n in (0, agree + disagree + passed)
    assert shown.count in (0, on_side)
    assert shown.least <= on_side
    if shown.shape == "all":
        assert (shown.agree, shown.disagree, shown.passed) == (agree, disagree, passed)


@given(agree=COUNTS, disagree=COUNTS, passed=COUNTS, small_cell=st.integers(5, 12))
def test_turning_a_statement_round_turns_its_result(
    agree: int, disagree: int, passed: int, small_cell: int
) -> None:
    if agree != disagree:
        shown = shown_split(agree, disagree, passed, small_cell)
        turned = shown_split(disagree, agree, passed, small_cell)
        assert (turned.shape, turned.side, turned.count) == (shown.shape, -shown.side, shown.count)


@pytest.mark.parametrize(
    ("tally", "says"),
    [
        ((8, 1, 0), Shown("few")),
        ((12, 6, 0), Shown("one", 18, 1, count=12)),
        ((6, 12, 0), Shown("one", 18, -1, count=12)),
        ((8, 6, 5), Shown("all", 19, agree=8, disagree=6, passed=5)),
        ((17, 1, 0), Shown("nearly", 18, 1, least=14)),
        ((18, 0, 0), Shown("nearly", 18, 1, least=14)),
        ((4, 3, 20), Shown("open", 27)),
    ],
)
def test_splits_read_as_people_expect(tally: Tally, says: Shown) -> None:
    assert shown_split(*tally, 10) == says


@cache
def shown(tally: Tally) -> Shown:
    """A split of a workshop whose k is five."""
    return shown_split(*tally, 5)


def flows(people: int, cells: int = 9) -> Iterator[tuple[int, ...]]:
    """Every way in which so many people can go from one choice to another."""
    if cells == 1:
        yield (people,)
        return
    for first in range(people + 1):
        for rest in flows(people - first, cells - 1):
            yield (first, *rest)


@pytest.mark.parametrize("people", [8, 11, 12])
def test_two_votes_and_the_changes_between_them_tell_no_more(people: int) -> None:
    """Every way to change one's mind is tried; none of what is shown narrows a part to 1 or 2."""
    known: dict[object, list[set[int]]] = {}
    for flow in flows(people):
        before = (sum(flow[:3]), sum(flow[3:6]), sum(flow[6:]))
        after = (sum(flow[::3]), sum(flow[1::3]), sum(flow[2::3]))
        stayed = flow[0] + flow[4] + flow[8]
        changed = shown_change(shown(before), shown(after), people - stayed, stayed, 5)
        seen = known.setdefault((shown(before), shown(after), changed), [set() for _ in range(6)])
        for part in range(3):
            seen[part].add(before[part])
            seen[3 + part].add(after[part])
    assert any(key[2] for key in known)
    assert not [key for key, parts in known.items() if any(found_out(one, 3) for one in parts)]


def test_a_result_survives_being_stored() -> None:
    for tally in tallies(12):
        assert Shown.from_json(shown(tally).as_json()) == shown(tally)
    with pytest.raises(ValueError, match="shape"):
        Shown.from_json({"shape": "raw"})


def test_the_note_says_what_the_rule_does() -> None:
    lines = NOTE.read_text().split("## A worked table")[1].splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    table = [row for row in rows if row[0].isdecimal()]
    assert len(table) == 8
    for agree, disagree, passed, shape, sentence in table:
        found = shown_split(int(agree), int(disagree), int(passed), 10)
        assert (found.shape, sentence_of(found)) == (shape, sentence)
