"""Hand back to a workshop what to ask next. A worker calls it: numeric code is loaded inside."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from django.db import transaction

from elicitation.models import Activity, User, Workshop
from elicitation.services.asking import give_weights
from policy.handing_over import THINGS, activities_of

if TYPE_CHECKING:
    from policy.computing.asking import Wanted


def hand_back(*, workshop: Workshop, by: User | None = None) -> list[str]:
    """Have each community asked what decides most, in every vote and comparison that is not over.

    Returns a sentence for each. What was given before is replaced.
    """
    from policy.computing.asking import pairs_wanted, statements_wanted
    from policy.inputs import read_answers

    answers = read_answers(workshop)
    ways: Mapping[str, Callable[[], dict[str, Wanted]]] = {
        Activity.Kind.VOTE: lambda: statements_wanted(answers),
        Activity.Kind.COMPARE: lambda: pairs_wanted(answers, workshop),
    }
    told = []
    for activity in activities_of(workshop):
        told += _give(activity, ways[activity.kind](), by)
    return told or ["There is no vote and no comparison that is not over."]


@transaction.atomic
def _give(activity: Activity, wanted: Mapping[str, Wanted], by: User | None) -> list[str]:
    told, things = [], THINGS[Activity.Kind(activity.kind)]
    for seat in activity.stage.workshop.seats.select_related("community"):
        one = wanted.get(seat.community.slug)
        if one is None:
            told.append(f"{seat.community}: nothing is known yet that would tell {things} apart.")
            continue
        give_weights(activity=activity, seat=seat, named=one.named, otherwise=one.otherwise, by=by)
        open_still = f"{one.open} of {len(one.named)} {things}"
        told.append(f"{seat.community}: {open_still} would help to decide something.")
    return told
