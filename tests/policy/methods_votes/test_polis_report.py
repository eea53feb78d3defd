import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.methods.consensus import GroupCounts, count_votes
from policy.methods.polis_report import (
    polis_consensus,
    polis_numbers,
    polis_priority,
    polis_representative,
)
from tests.policy.methods_votes.polis import Conversation


def grouped(taiwan: Conversation) -> GroupCounts:
    return count_votes(taiwan.votes, taiwan.groups)


def test_numbers_of_statement_40_are_those_that_red_dwarf_finds(taiwan: Conversation):
    counts, column = grouped(taiwan), taiwan.statements.index(40)
    numbers = polis_numbers(counts)
    found = [getattr(numbers, name)[0, column] for name in "pa pd pat pdt ra rd rat rdt".split()]
    assert (counts.agrees[0, column], counts.disagrees[0, column]) == (198, 3)
    assert found == pytest.approx(
        [0.938679, 0.018868, 12.873611, -13.975096, 1.024861, 0.830189, 1.147222, -0.314263],
        abs=1e-6,
    )


def test_representative_statements_are_those_that_red_dwarf_shows(taiwan: Conversation):
    counts = grouped(taiwan)
    found = polis_representative(counts, polis_numbers(counts), taiwan.moderated_out)
    shown = {
        label: [(taiwan.statements[one.column], one.side, round(one.repness, 4)) for one in some]
        for label, some in found.items()
    }
    assert shown[0] == [
        (44, "agree", 7.2920), (18, "agree", 5.0814), (20, "agree", 5.0198),
        (19, "agree", 4.0771), (38, "disagree", 7.2069),
    ]  # fmt: skip
    assert shown[1] == [
        (38, "agree", 5.6713), (84, "agree", 3.3300), (18, "disagree", 20.0667),
        (44, "disagree", 9.3696), (19, "disagree", 15.0817),
    ]  # fmt: skip
    assert [one.best_agree for one in found[0]] == [True] + [False] * 4


def test_consensus_is_what_red_dwarf_lists_of_everybody(taiwan: Conversation):
    everyone = count_votes(taiwan.votes, np.zeros(len(taiwan.votes), dtype=int))
    found = polis_consensus(
        everyone.agrees[0], everyone.disagrees[0], everyone.seen[0], taiwan.moderated_out
    )
    listed = {
        side: [(taiwan.statements[one.column], one.successes, one.trials) for one in some]
        for side, some in found.items()
    }
    assert listed == {
        "agree": [(40, 616, 670), (16, 689, 770), (7, 683, 766), (68, 527, 598), (65, 528, 614)],
        "disagree": [(30, 461, 729), (156, 93, 157)],
    }


def test_one_agree_of_one_is_representative_to_polis():
    counts = count_votes([[1.0], [-1.0], [-1.0], [-1.0], [-1.0]], [0, 1, 1, 1, 1])
    numbers = polis_numbers(counts)
    assert numbers.pat[0, 0] > 1.2816
    assert polis_representative(counts, numbers, [False])[0][0].side == "agree"


def test_priority_is_as_polis_works_it_out_and_rises_while_few_have_voted():
    agrees, passes, seen = (
        np.array([1, 20, 18, 0]),
        np.array([0, 3, 3, 0]),
        np.array([1, 20, 20, 0]),
    )
    found = polis_priority(agrees, passes, seen, np.array([0.0, 0.0, 1.0, np.nan]))
    worked = [
        (2 / 3 * 2 / 3 * (1 + 8 * 2 ** (-1 / 5))) ** 2,
        (18 / 22 * 21 / 22 * (1 + 8 / 16)) ** 2,
        (18 / 22 * 2 * 19 / 22 * (1 + 8 / 16)) ** 2,
        (1 / 2 * 1 / 2 * 9) ** 2,
    ]
    np.testing.assert_allclose(found, worked)
    assert polis_priority(agrees, passes, seen, np.zeros(4), meta=True).tolist() == [49.0] * 4


@given(st.integers(0, 2**16))
def test_turning_every_vote_round_turns_every_number_round(seed: int):
    rng = np.random.default_rng(seed)
    votes, labels = rng.choice([-1.0, 0.0, 1.0, np.nan], (30, 5)), rng.integers(3, size=30)
    one = polis_numbers(count_votes(votes, labels))
    other = polis_numbers(count_votes(-votes, labels))
    for name, turned in (("pa", "pd"), ("pat", "pdt"), ("ra", "rd"), ("rat", "rdt")):
        np.testing.assert_allclose(getattr(one, name), getattr(other, turned))


def test_nobody_in_a_group_and_nothing_to_show_are_empty_lists():
    counts = count_votes(np.zeros((0, 3)), np.zeros(0, dtype=int))
    assert polis_representative(counts, polis_numbers(counts), [False] * 3) == {}
    counts = count_votes(np.ones((2, 1)), [0, 1])
    assert polis_representative(counts, polis_numbers(counts), [True]) == {0: [], 1: []}
