"""The worked table of docs/fault-lines.md, read back and computed again."""

from pathlib import Path

import numpy as np
import pytest

from policy.methods.embeddings import Embedder, unit_rows
from policy.methods.fault_line_items import FaultItem
from policy.methods.fault_line_texts import Wording
from policy.methods.fault_line_wordings import compare_words
from policy.methods.fault_lines import FaultLines, find_fault_lines

NOTE = Path(__file__).parents[3] / "docs" / "fault-lines.md"
COMMUNITIES = ("River", "Hill", "Harbour")


def table(heading: str = "## A worked table") -> list[list[str]]:
    part = NOTE.read_text(encoding="utf-8").split(f"{heading}\n")[1].split("\n## ")[0]
    lines = part.splitlines()
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines if line[:1] == "|"]
    return rows[2:]


@pytest.fixture
def found() -> FaultLines:
    vectors = {row[1]: [float(part) for part in row[2].split(",")] for row in table()}
    embedder = Embedder("the note", lambda texts: unit_rows(np.array([vectors[t] for t in texts])))
    items = []
    for key, text, _, *shares, q, _, _ in table():
        values = dict(zip(COMMUNITIES, map(float, shares), strict=True))
        errors = {name: (v * (1 - v) / 40) ** 0.5 for name, v in values.items()}
        counts = dict.fromkeys(COMMUNITIES, 40)
        items.append(FaultItem(key, text, "statement", values, counts, errors, float(q)))
    return find_fault_lines(items, embedder=embedder, seed=0)


def test_the_note_groups_its_items_as_the_method_does(found: FaultLines):
    noted: dict[str, set[str]] = {}
    for row in table():
        noted.setdefault(row[-2], set()).add(row[0])
    assert set(found.tested) - set(found.credible) == noted.pop("")
    lines = [{item.key for item in line.items} for line in found.lines]
    assert sorted(map(sorted, lines)) == sorted(map(sorted, noted.values()))


def test_the_note_says_who_stands_against_whom_and_how_far(found: FaultLines):
    line = next(line for line in found.lines if "a" in line.exemplars[0] + line.exemplars[1])
    assert line.pattern == "River against Harbour, Hill"
    assert line.size == pytest.approx(0.60)
    assert line.low < 0.60 < line.high
    assert line.exemplars == (("a",), ("b",))
    assert "night fishing" in line.name


def test_the_note_gathers_its_lines_into_broad_ones(found: FaultLines):
    noted = {row[0] for row in table() if row[-1]}
    (broad,) = found.broad
    lines = [found.lines[place] for place in broad.lines]
    assert {item.key for line in lines for item in line.items} == noted
    assert not broad.same_sides


def test_the_note_tells_how_often_a_word_is_said_for_the_same_choice():
    said, labels = [], []
    for choice, *counts in table("## Words for the same choice"):
        for label, (texts, holding) in enumerate(batched(counts)):
            for number in range(texts):
                words = "nets and boats" if number < holding else "boats"
                said.append(Wording(len(labels), choice, words))
                labels.append(label)
    used = compare_words(said, labels, seed=0)
    shares = used.share[:, used.words.index("nets")]
    assert shares == pytest.approx([0.43, 0.37], abs=0.005)


def batched(counts: list[str]) -> list[tuple[int, int]]:
    """Pairs of texts and texts with the word."""
    numbers = [int(one) for one in counts]
    return list(zip(numbers[::2], numbers[1::2], strict=True))
