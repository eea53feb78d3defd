"""How communities received a version, as staff see it: after the stage, and never few people.

While a stage is open nothing is counted on pages: two looks at a running count tell what one
person said in between.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass

from deliberation.methods.disclosure import Shown, shown_split
from policy.models import ConstitutionVersion, Endorsement, Principle, Ratification

Choice = Endorsement.Choice


@dataclass(frozen=True)
class Received:
    """How one community received a version. rows: each principle with a sentence; none, while the
    stage is open. place: the community's seat, for its colour."""

    ratification: Ratification
    place: int
    rows: list[tuple[Principle, str]]

    @property
    def is_over(self) -> bool:
        """Whether people can say nothing more."""
        return self.ratification.stage.status == "closed"


def ratifications_shown(version: ConstitutionVersion) -> list[Received]:
    """Each community's round, in the order in which they were opened."""
    rounds = version.ratifications.select_related("stage__workshop", "community")
    return [_received(one, list(version.principles.all())) for one in rounds]


def _received(ratification: Ratification, principles: list[Principle]) -> Received:
    workshop = ratification.stage.workshop
    seat = workshop.seats.get(community=ratification.community_id)
    received = Received(ratification, seat.position, [])
    if received.is_over:
        counted: dict[int, Counter[str]] = defaultdict(Counter)
        for principle, choice in ratification.endorsements.values_list("principle", "choice"):
            counted[principle][choice] += 1
        for row in principles:
            received.rows.append((row, sentence_of(_split(counted[row.pk], workshop.small_cell))))
    return received


def _split(counted: Counter[str], small_cell: int) -> Shown:
    """Those who endorse, those who object or want a change, and those who abstain."""
    against = counted[Choice.OBJECT] + counted[Choice.AMEND]
    return shown_split(counted[Choice.ENDORSE], against, counted[Choice.ABSTAIN], small_cell)


def sentence_of(shown: Shown) -> str:
    """What may be said of how a principle was received."""
    verb = "endorse it" if shown.side == 1 else "object or want it changed"
    if shown.shape == "all":
        return (
            f"{shown.agree} of {shown.n} endorse it, {shown.disagree} object or want it changed, "
            f"{shown.passed} abstain"
        )
    if shown.shape == "one":
        return f"{shown.count} of {shown.n} {verb}"
    if shown.shape == "nearly":
        return f"Nearly all {verb}: {shown.least} or more of {shown.n}"
    return "Too few took a side to say" if shown.shape == "open" else "Too few to say"
