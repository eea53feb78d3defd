"""Weights that say what to ask a community next: given from outside, read where items are drawn.

They share the draws that favour something; at least 30 % stay uniform, and each draw's chance is
stored as before (methods.assignment, methods.statement_order).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction

from elicitation.errors import Refused
from elicitation.models import Activity, AskingWeights, AuditEntry, User, WorkshopCommunity


@dataclass(frozen=True)
class Weights:
    """The weight of each item for one community; those that are not named weigh `otherwise`."""

    named: Mapping[str, float]
    otherwise: float

    def of(self, item: str) -> float:
        """How much this item is to be asked, at least 0."""
        return self.named.get(item, self.otherwise)


def name_of(keys: Iterable[int]) -> str:
    """What names an item: the primary keys of what it shows, in ascending order."""
    return "-".join(map(str, sorted(keys)))


def weights_for(activity: Activity, seat: int) -> Weights | None:
    """What was given for this activity and seat; None where nothing was."""
    row = (
        AskingWeights.objects.filter(activity=activity, seat=seat)
        .values_list("weights", "otherwise")
        .first()
    )
    return Weights(*row) if row else None


@transaction.atomic
def give_weights(
    *,
    activity: Activity,
    seat: WorkshopCommunity,
    named: Mapping[str, float],
    otherwise: float,
    by: User | None = None,
) -> None:
    """Have a community asked by these weights from now on, in place of those before.

    Raises Refused for another workshop's community, and for weights that are none.
    """
    if seat.workshop_id != activity.stage.workshop_id:
        raise Refused("This community takes part in another workshop.")
    if not all(math.isfinite(one) and one >= 0 for one in (*named.values(), otherwise)):
        raise Refused("A weight is a finite number of at least zero.")
    AskingWeights.objects.update_or_create(
        activity=activity, seat=seat, defaults={"weights": dict(named), "otherwise": otherwise}
    )
    _keep(activity, by, "ask by weights", seat=seat.pk, items=len(named))


@transaction.atomic
def take_weights_away(*, activity: Activity, by: User | None = None) -> None:
    """Ask every community again as without weights."""
    if AskingWeights.objects.filter(activity=activity).delete()[0]:
        _keep(activity, by, "ask without weights")


def _keep(activity: Activity, by: User | None, action: str, **detail: object) -> None:
    AuditEntry.objects.create(
        user=by,
        workshop_id=activity.stage.workshop_id,
        action=action,
        detail={"activity": activity.pk, **detail},
    )
