"""The rules that are before a community as phones show them, each with what one said of it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy as _

from elicitation.kernel.row_numbers import row_number
from elicitation.models import Participant
from policy.models import Endorsement, Principle, Ratification

AT_ONCE = 5
STATUS = {
    Principle.Status.COMMON_GROUND: _("All communities of this workshop want this."),
    Principle.Status.COMMUNITY_SPECIFIC: _("Not all communities want this, but these do:"),
    Principle.Status.CONTESTED: _("Communities disagree about this."),
}
RESOLUTION = {
    Principle.Resolution.NONE: "",
    Principle.Resolution.MAJORITY: _("The rule follows what most want."),
    Principle.Resolution.ABSTAIN: _("The rule takes no side."),
    Principle.Resolution.PRESENT_BOTH: _("The rule shows both sides."),
    Principle.Resolution.CONTEXT: _("What holds depends on the situation."),
    Principle.Resolution.PER_COMMUNITY: _("Each community gets what it wants."),
}


@dataclass(frozen=True)
class Rule:
    """One principle. status: what stands behind it; whose: the communities that it names.

    resolution: what the rule does where people disagree. said: what this person last said of it.
    """

    principle: Principle
    status: str
    whose: Sequence[str]
    resolution: str
    of: int
    said: Endorsement | None = None
    key: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def name(self) -> str:
        """What tells it from the other items of a page."""
        return f"endorsement:{self.principle.pk}"

    @property
    def wants_reason(self) -> bool:
        """Whether somebody objected, or wants a change, without a word of it."""
        dissents = self.said is not None and self.said.choice in ("object", "amend")
        return dissents and self.said is not None and not (self.said.reason or self.said.amendment)


@dataclass(frozen=True)
class AskedFor:
    """item: show this one again. skip: leave these out. whole: the list."""

    item: int | None
    skip: frozenset[int]
    whole: bool


def asked_for(query: Mapping[str, str]) -> AskedFor:
    """What an address asks for; what is no number asks for nothing."""
    numbers = [row_number(one) for one in query.get("skip", "").split(",")]
    skip = frozenset(one for one in numbers if one is not None)
    return AskedFor(row_number(query.get("item", "")), skip, bool(query.get("list")))


def rules_of(ratification: Ratification, participant: Participant) -> list[Rule]:
    """The rules of a version in their order, with what this person said of each."""
    mine = {
        one.principle_id: one for one in ratification.endorsements.filter(participant=participant)
    }
    rows = list(ratification.version.principles.prefetch_related("communities"))
    return [_rule(row, len(rows), mine.get(row.pk)) for row in rows]


def _rule(row: Principle, of: int, said: Endorsement | None) -> Rule:
    status = Principle.Status(row.status)
    resolution = RESOLUTION[Principle.Resolution(row.resolution)]
    names = [one.name for one in row.communities.all()]
    specific = status == Principle.Status.COMMUNITY_SPECIFIC
    whose = names if specific else []
    return Rule(row, str(STATUS[status]), whose, str(resolution), of, said)


def next_rules(rules: Sequence[Rule], asked: AskedFor, pushed: int | None) -> list[Rule]:
    """The one that was asked for, or the next without an answer; what is pushed comes first."""
    if asked.item is not None:
        return [one for one in rules if one.principle.pk == asked.item]
    left = [one for one in rules if one.said is None and one.principle.pk not in asked.skip]
    return sorted(left, key=lambda one: one.principle.pk != pushed)[:AT_ONCE]
