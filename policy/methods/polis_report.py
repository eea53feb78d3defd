"""What Polis reports of a conversation, number for number, given the same groups.

For comparison only: its z-tests add one to successes and trials and call 1 of 1 significant.
Decisions rest on exact tests and posterior bounds (`distinguishing`, `consensus`).
Source: Small et al. 2021, Recerca 26(2), and Polis's own program (compdemocracy/polis,
math/repness.clj, stats.clj and conversation.clj).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from policy.methods.consensus import Counts, GroupCounts, Shares

Side = Literal["agree", "disagree"]
Chosen = TypeVar("Chosen")
SIGNIFICANT = 1.2816
TAKEN = 5
META_PRIORITY = 49.0


@dataclass(frozen=True)
class PolisNumbers:
    """Polis's numbers, all (groups, statements), named as Polis names them.

    pa, pd: smoothed shares that agree and disagree. pat, pdt: z of each against one half. ra, rd:
    share within over share in the other groups. rat, rdt: z of that difference.
    """

    labels: NDArray[np.int64]
    pa: Shares
    pd: Shares
    pat: Shares
    pdt: Shares
    ra: Shares
    rd: Shares
    rat: Shares
    rdt: Shares


@dataclass(frozen=True)
class PolisChoice:
    """A statement on one of Polis's lists.

    column: its place. side: what is said of it. successes of trials say so; share is smoothed, z
    tests it against one half. repness and repness_z compare with the other groups; NaN on the
    lists of consensus. best_agree: put first for being what the group agrees with best.
    """

    column: int
    side: Side
    successes: int
    trials: int
    share: float
    z: float
    repness: float = float("nan")
    repness_z: float = float("nan")
    best_agree: bool = False

    @property
    def metric(self) -> float:
        """What Polis sorts by."""
        return self.repness * self.repness_z * self.share * self.z


def polis_numbers(counts: GroupCounts) -> PolisNumbers:
    """Every group's numbers on every statement; of one group alone, the others are nobody."""
    (pa, pat, ra, rat), (pd, pdt, rd, rdt) = (
        _side(chosen, counts.seen) for chosen in (counts.agrees, counts.disagrees)
    )
    return PolisNumbers(counts.labels, pa, pd, pat, pdt, ra, rd, rat, rdt)


def polis_representative(
    counts: GroupCounts, numbers: PolisNumbers, moderated_out: ArrayLike
) -> dict[int, list[PolisChoice]]:
    """For each label, at most five statements that Polis shows as representative of the group.

    moderated_out: (statements,) of bool; those are left out. Of statements alike in Polis's metric
    the earlier one comes first.
    """
    standing = np.flatnonzero(~np.asarray(moderated_out, dtype=bool))
    return {
        int(label): _selected(_Group(counts, numbers, row), standing.tolist())
        for row, label in enumerate(counts.labels)
    }


def polis_consensus(
    agrees: Counts, disagrees: Counts, seen: Counts, moderated_out: ArrayLike
) -> dict[Side, list[PolisChoice]]:
    """At most five statements that everybody taken together agrees with, and disagrees with.

    All (statements,), over everyone who voted, in a group or not.
    """
    standing = np.flatnonzero(~np.asarray(moderated_out, dtype=bool)).tolist()
    found: dict[Side, list[PolisChoice]] = {}
    sides: tuple[tuple[Side, Counts], ...] = (("agree", agrees), ("disagree", disagrees))
    for side, chosen in sides:
        share, z = (chosen + 1) / (seen + 2), _share_z(chosen, seen)
        rows = [
            PolisChoice(
                one, side, int(chosen[one]), int(seen[one]), float(share[one]), float(z[one])
            )
            for one in standing
            if share[one] > 0.5 and z[one] > SIGNIFICANT
        ]
        found[side] = sorted(rows, key=lambda one: -one.share * one.z)[:TAKEN]
    return found


def polis_priority(
    agrees: Counts, passes: Counts, seen: Counts, extremity: Shares, meta: ArrayLike = False
) -> Shares:
    """How strongly Polis puts each statement forward next; it draws in proportion. (statements,).

    [(1 - (P + 1) / (S + 2)) (E + 1) (A + 1) / (S + 2) (1 + 8 · 2^(-S / 5))]², 49 for meta ones.
    Counts are over the people in a group; extremity is 0 where it was not measured.
    """
    passed, agreed = (passes + 1) / (seen + 2), (agrees + 1) / (seen + 2)
    far = np.nan_to_num(np.asarray(extremity, dtype=np.float64))
    fresh = 1 + 8 * 2.0 ** (-seen / 5)
    return np.where(meta, META_PRIORITY, ((1 - passed) * (far + 1) * agreed * fresh) ** 2)


def _side(chosen: Counts, seen: Counts) -> tuple[Shares, Shares, Shares, Shares]:
    others, others_seen = chosen.sum(axis=0) - chosen, seen.sum(axis=0) - seen
    share = (chosen + 1) / (seen + 2)
    ratio = share / ((others + 1) / (others_seen + 2))
    return share, _share_z(chosen, seen), ratio, two_share_z(chosen, seen, others, others_seen)


def _share_z(chosen: Counts, seen: Counts) -> Shares:
    return np.asarray(2 * np.sqrt(seen + 1) * ((chosen + 1) / (seen + 1) - 0.5))


def two_share_z(chosen: Counts, seen: Counts, others: Counts, others_seen: Counts) -> Shares:
    """Polis's z of a share within against a share outside; one is added to each count."""
    inside, n_inside = chosen + 1, seen + 1
    outside, n_outside = others + 1, others_seen + 1
    pooled = (inside + outside) / (n_inside + n_outside)
    # Where everybody agrees the pooled share is 1, and Polis calls the difference 0.
    spread = np.sqrt(np.maximum(pooled * (1 - pooled), 0) * (1 / n_inside + 1 / n_outside))
    difference = inside / n_inside - outside / n_outside
    return np.where(spread > 0, difference / np.where(spread > 0, spread, 1.0), 0.0)


class _Group:
    """One group's row of every array."""

    def __init__(self, counts: GroupCounts, numbers: PolisNumbers, row: int) -> None:
        self.agrees, self.disagrees = counts.agrees[row], counts.disagrees[row]
        self.seen = counts.seen[row]
        self.pa, self.pat, self.ra, self.rat = (
            one[row] for one in (numbers.pa, numbers.pat, numbers.ra, numbers.rat)
        )
        self.pd, self.pdt, self.rd, self.rdt = (
            one[row] for one in (numbers.pd, numbers.pdt, numbers.rd, numbers.rdt)
        )

    def passes(self, one: int) -> bool:
        """Whether Polis's tests call it representative, one way or the other."""
        agree = self.rat[one] > SIGNIFICANT and self.pat[one] > SIGNIFICANT
        return bool(agree or (self.rdt[one] > SIGNIFICANT and self.pdt[one] > SIGNIFICANT))

    def finished(self, one: int, best_agree: bool = False) -> PolisChoice:
        """The statement with the side that stands out more."""
        side: Side = "agree" if self.rat[one] > self.rdt[one] else "disagree"
        n, share, z, ratio, ratio_z = (
            (self.agrees, self.pa, self.pat, self.ra, self.rat)
            if side == "agree"
            else (self.disagrees, self.pd, self.pdt, self.rd, self.rdt)
        )
        return PolisChoice(
            one,
            side,
            int(n[one]),
            int(self.seen[one]),
            float(share[one]),
            float(z[one]),
            float(ratio[one]),
            float(ratio_z[one]),
            best_agree,
        )

    def agrees_better(self, one: int, best: int | None) -> bool:
        """Whether a statement is the better one to show as agreed with."""
        if not self.agrees[one] and not self.disagrees[one]:
            return False
        if best is None:
            likely = self.ra[one] > 1 and self.pa[one] > 0.5
            return bool(self.pat[one] > SIGNIFICANT or likely)
        agreed = self.pa * self.pat
        if self.ra[best] > 1:
            agreed = agreed * self.ra * self.rat
        return bool(agreed[one] > agreed[best])

    def stands_out(self, one: int) -> float:
        """The larger of both z."""
        return float(max(self.rat[one], self.rdt[one]))


def _selected(group: _Group, standing: Sequence[int]) -> list[PolisChoice]:
    sufficient = [one for one in standing if group.passes(one)]
    best_agree = _last_better(standing, group.agrees_better)
    head = [] if best_agree is None else [group.finished(best_agree, best_agree=True)]
    if not sufficient:
        best = max(standing, key=group.stands_out, default=None)
        return head or ([] if best is None else [group.finished(best)])
    rest = [group.finished(one) for one in sufficient if one != best_agree]
    taken = [*head, *sorted(rest, key=lambda one: -one.metric)][:TAKEN]
    return sorted(taken, key=lambda one: one.side != "agree")


def _last_better(
    of: Iterable[Chosen], better: Callable[[Chosen, Chosen | None], bool]
) -> Chosen | None:
    best: Chosen | None = None
    for one in of:
        if better(one, best):
            best = one
    return best
