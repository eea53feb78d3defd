"""The worked tables of docs/datasets.md, decided again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.training.methods.test_rows_beside_pairs import thumb, thumbs
from training.methods.near_duplicates import groups_of_near_duplicates, shingles

DOC = Path(__file__).resolve().parents[3] / "docs" / "datasets.md"


def rows_of(header: str) -> Iterator[list[str]]:
    """The rows of the table whose headings begin with this."""
    lines = iter(DOC.read_text().splitlines())
    for line in lines:
        if line.startswith(f"| {header} |"):
            break
    next(lines)
    for line in lines:
        if not line.startswith("|"):
            return
        yield [cell.strip() for cell in line.strip("|").split("|")]


@pytest.mark.parametrize("row", list(rows_of("first")), ids=lambda row: row[1])
def test_overlaps_are_as_the_table_says(row: list[str]) -> None:
    first, second, both, all_of_them, verdict = row
    one, other = shingles(first), shingles(second)
    assert (len(one & other), len(one | other)) == (int(both), int(all_of_them))
    assert bool(groups_of_near_duplicates([first, second])) == (verdict == "yes")


@pytest.mark.parametrize(
    "row",
    [row for row in rows_of("kind | thumbs up") if row[0] == "thumbs"],
    ids=lambda row: "-".join(row[1:4]),
)
def test_thumbs_become_the_rows_that_the_table_says(row: list[str]) -> None:
    _, up, down, neither, verdict, share, n = row
    said = [True] * int(up) + [False] * (int(down) + int(neither))
    beside = thumb(True, "z", "A much longer answer.")
    rows = thumbs(*(thumb(one, f"p{place}") for place, one in enumerate(said)), beside)
    found = [one for one in rows.splits["train"] if one["completion"] == "Short."]
    if verdict == "none":
        assert not found
    else:
        (one,) = found
        assert one["desirable"] == (verdict == "desirable")
        assert (round(one["share"], 3), one["n"]) == (float(share), int(n))
