"""The worked table of docs/small-cells.md, chosen again."""

from pathlib import Path

import pytest

from policy.methods.suppression import one_way, suppress

NOTE = Path(__file__).parents[2] / "docs" / "small-cells.md"


def rows() -> list[list[str]]:
    lines = NOTE.read_text(encoding="utf-8").split("## A worked table")[1].splitlines()
    table = [line.strip("|").split("|") for line in lines if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in table[2:]]


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_the_table_in_the_note_is_what_the_rule_chooses(row: list[str]) -> None:
    counts = {place: int(cell.strip("*")) for place, cell in enumerate(row[1:4])}
    assert sum(counts.values()) == int(row[4])
    marked = {place for place, cell in enumerate(row[1:4]) if cell.startswith("*")}
    small = {place for place, cell in enumerate(row[1:4]) if cell.startswith("**")}
    assert suppress(one_way(counts), 10) == marked
    assert {place for place, count in counts.items() if 0 < count < 10} == small
