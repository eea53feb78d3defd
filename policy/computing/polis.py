"""Polis's own numbers beside ours, so that people can compare. Nothing is decided by them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from policy.methods.consensus import GroupCounts
from policy.methods.polis_report import (
    PolisChoice,
    PolisNumbers,
    polis_consensus,
    polis_numbers,
    polis_priority,
    polis_representative,
)

NAMES = ("pa", "pd", "pat", "pdt", "ra", "rd", "rat", "rdt")


@dataclass(frozen=True)
class PolisSection:
    """One label set's numbers, and (statements,) how strongly Polis would put each one next."""

    counts: GroupCounts
    numbers: PolisNumbers
    priority: NDArray[np.float64]

    def entry(self, row: int, column: int) -> dict[str, float | int]:
        """One group's numbers on one statement, under Polis's names."""
        counted = {
            "A": int(self.counts.agrees[row, column]),
            "D": int(self.counts.disagrees[row, column]),
            "S": int(self.counts.seen[row, column]),
        }
        return counted | {name: float(getattr(self.numbers, name)[row, column]) for name in NAMES}


def polis_section(counts: GroupCounts, extremity: NDArray[np.float64]) -> PolisSection:
    """The numbers of one label set. extremity: (statements,)."""
    agrees, disagrees, seen = (
        one.sum(axis=0) for one in (counts.agrees, counts.disagrees, counts.seen)
    )
    priority = polis_priority(agrees, seen - agrees - disagrees, seen, extremity)
    return PolisSection(counts, polis_numbers(counts), priority)


def representative_lists(
    counts: GroupCounts,
    moderated_out: NDArray[np.bool_],
    names: Sequence[str],
    statements: Sequence[dict[str, Any]],
) -> dict[str, list[dict[str, Any]]]:
    """For each label, the statements that Polis shows for it."""
    chosen = polis_representative(counts, polis_numbers(counts), moderated_out)
    return {
        names[label]: [_choice(one, statements) | _beside(one) for one in some]
        for label, some in chosen.items()
    }


def consensus_lists(
    in_all: GroupCounts, moderated_out: NDArray[np.bool_], statements: Sequence[dict[str, Any]]
) -> dict[str, list[dict[str, Any]]]:
    """Polis's lists of what everybody taken together agrees and disagrees with."""
    if not len(in_all.labels):
        return {"agree": [], "disagree": []}
    found = polis_consensus(in_all.agrees[0], in_all.disagrees[0], in_all.seen[0], moderated_out)
    return {side: [_choice(one, statements) for one in some] for side, some in found.items()}


def _choice(one: PolisChoice, statements: Sequence[dict[str, Any]]) -> dict[str, Any]:
    statement = statements[one.column]
    return {
        "id": statement["id"],
        "external_id": statement["external_id"],
        "side": one.side,
        "n_success": one.successes,
        "n_trials": one.trials,
        "p_success": one.share,
        "p_test": one.z,
    }


def _beside(one: PolisChoice) -> dict[str, Any]:
    return {
        "repness": one.repness,
        "repness_test": one.repness_z,
        "best_agree": one.best_agree,
    }
