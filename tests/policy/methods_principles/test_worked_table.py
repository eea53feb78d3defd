"""The worked table of docs/choosing-principles.md, read and chosen again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from policy.methods.consensus import GroupCounts
from policy.methods.polis_report import polis_numbers
from policy.methods.principles import Candidate, Stance, choose_principles, status_of
from policy.methods.sensitivity import FOR, stances

NOTE = Path(__file__).parents[3] / "docs" / "choosing-principles.md"


def stance(value: float) -> Stance:
    return "for" if value > 0.5 else "against" if value < 0.25 else "unclear"


def test_the_note_says_what_the_rule_does() -> None:
    lines = NOTE.read_text().split("## A worked table")[1].splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if "0." in line]
    table = [row for row in rows if len(row) == 6]
    candidates = []
    for key, river, harbour, line, status, _ in table:
        support = {"River": float(river), "Harbour": float(harbour)}
        stances = {name: stance(value) for name, value in support.items()}
        candidates.append(Candidate(key, key, stances, support, fault_line=int(line or 0) or None))
        assert (status_of(stances) or "none").replace("_", " ") == status.replace("-", " ")
    slate = choose_principles(candidates, ["Harbour", "River"], places=4, floor=1)
    reasons = {choice.candidate.key: choice.reason for choice in slate.choices}
    assert reasons == {row[0]: row[5] for row in table if row[5]}


def counts(votes: int) -> GroupCounts:
    """A statement for every number of people who agree, from nobody to all."""
    agrees = np.arange(votes + 1)[None]
    return GroupCounts(np.zeros(1, dtype=int), agrees, votes - agrees, np.full_like(agrees, votes))


def small_rows() -> list[list[str]]:
    lines = NOTE.read_text().split("## How little is too little")[1].splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if "0." in line]


@pytest.mark.parametrize("row", [row for row in small_rows() if len(row) == 5])
def test_the_table_of_small_numbers_is_what_the_rules_say(row: list[str]) -> None:
    votes = int(row[0])
    asked = counts(votes)
    ours = stances(asked.agrees, asked.seen)[0] == FOR
    polis = polis_numbers(asked).pat[0] > 1.2816
    for called, least, chance in ((ours, row[1], row[2]), (polis, row[3], row[4])):
        assert least == (str(int(np.argmax(called))) if called.any() else "none")
        fair = stats.binom.pmf(np.arange(votes + 1), votes, 0.5)
        assert fair[called].sum() == pytest.approx(float(chance), abs=0.00051)


def test_an_even_split_is_rarely_called() -> None:
    for votes in range(1, 400):
        asked = counts(votes)
        called = stances(asked.agrees, asked.seen)[0] == FOR
        assert stats.binom.pmf(np.arange(votes + 1), votes, 0.5)[called].sum() < 0.039
