"""How far people are with their community's rules, for the facilitator's numbers."""

from __future__ import annotations

from elicitation.attendance import Counted, counts, per_person
from elicitation.models import Activity
from policy.models import Endorsement


@counts(Activity.Kind.REVIEW)
def reviewed(activity: Activity) -> Counted:
    """Principles that somebody said something of in the stage."""
    rows = Endorsement.objects.filter(ratification__stage=activity.stage_id)
    return per_person(rows, "participant")
