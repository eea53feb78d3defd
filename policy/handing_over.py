"""Having a workshop ask what its pending decisions lack, as far as a page does it.

The worker's part is policy/asking.py, which no page may load.
"""

from __future__ import annotations

from django.db import transaction

from elicitation.kernel.models import Work
from elicitation.kernel.work import enqueue
from elicitation.models import Activity, Stage, User, Workshop
from elicitation.services.asking import take_weights_away
from policy.access import asking_subject

THINGS = {Activity.Kind.VOTE: "statements", Activity.Kind.COMPARE: "pairs"}


@transaction.atomic
def ask_for_next(*, workshop: Workshop, by: User | None = None) -> Work:
    """Have a worker hand back what to ask next, as a page does; what is under way stays."""
    # Locked, so that two clicks at once make one piece of work.
    Workshop.objects.select_for_update(no_key=True).get(pk=workshop.pk)
    work = Work.objects.latest_for(asking_subject(workshop))
    if work is not None and work.is_open:
        return work
    return enqueue(
        "policy.tasks.ask_next",
        subject=asking_subject(workshop),
        workshop_id=workshop.pk,
        by_id=by.pk if by else None,
    )


def ask_evenly(*, workshop: Workshop, by: User | None = None) -> None:
    """Have everything asked again as without an analysis."""
    for activity in activities_of(workshop):
        take_weights_away(activity=activity, by=by)


def activities_of(workshop: Workshop) -> list[Activity]:
    """The votes and comparisons of a workshop that are not over."""
    found = Activity.objects.filter(stage__workshop=workshop, kind__in=THINGS)
    return list(found.exclude(stage__status=Stage.Status.CLOSED).select_related("stage"))
