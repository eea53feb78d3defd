"""The worked table of docs/choosing-principles.md, read and chosen again."""

from __future__ import annotations

from pathlib import Path

from policy.methods.principles import Candidate, Stance, choose_principles, status_of

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
