"""How far people are with statements and votes, for the facilitator's numbers."""

from __future__ import annotations

from django.db.models import Q

from deliberation.models import Statement, Vote
from elicitation.attendance import Counted, counts, per_person
from elicitation.models import Activity


@counts(Activity.Kind.VOTE)
def voted(activity: Activity) -> Counted:
    """Statements of the stage that somebody voted on."""
    # What has no stage is voted on wherever people vote, and counted in each such stage.
    here = Q(statement__stage=activity.stage_id) | Q(statement__stage=None)
    rows = Vote.objects.filter(here, statement__workshop=activity.stage.workshop_id)
    return per_person(rows, "participant")


@counts(Activity.Kind.PROPOSE)
def proposed(activity: Activity) -> Counted:
    """Statements that somebody wrote in the stage."""
    rows = Statement.objects.filter(stage=activity.stage_id).exclude(author=None)
    return per_person(rows, "author")
