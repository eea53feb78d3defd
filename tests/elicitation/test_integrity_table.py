"""The worked table of docs/integrity.md, read and computed again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from elicitation.methods.integrity import combined, flag_threshold
from elicitation.methods.integrity_alone import much_shared, one_sided, too_hasty

NOTE = Path(__file__).parents[2] / "docs" / "integrity.md"


def test_the_note_says_what_the_rule_does() -> None:
    lines = NOTE.read_text().split("## A worked table")[1].splitlines()
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in lines if " of " in line
    ]
    table = [row for row in rows if len(row) == 7]
    quick, of = np.array([row[1].split(" of ") for row in table], dtype=np.int64).T
    left, shown = np.array([row[2].split(" of ") for row in table], dtype=np.int64).T
    seats = np.array([int(row[3]) for row in table])
    signals = (too_hasty(quick, of), one_sided(left, shown - left), much_shared(seats))
    p = combined(np.stack([*signals, [float(row[4]) for row in table]], axis=1))
    threshold = flag_threshold(np.append(p, np.ones(100 - len(p))), 0.02)
    assert len(table) == 7
    assert p == pytest.approx([float(row[5]) for row in table], abs=5e-6)
    assert ["yes" if one <= threshold else "" for one in p] == [row[6] for row in table]
