"""What people can do in elicitation: where each activity is done, and how far somebody is.

The kinds of answers are taken in takers_judging and takers_writing, which this brings in.
"""

from __future__ import annotations

from elicitation import activities, takers_judging, takers_writing
from elicitation.activities import Progress
from elicitation.items import SERIES
from elicitation.models import Activity, AnswerEvent, Case, IdentityQuestion, Participant
from elicitation.services.assigning import progress_in

__all__ = ["takers_judging", "takers_writing"]
Kind = Activity.Kind


def in_series(participant: Participant, activity: Activity) -> Progress:
    """How many items somebody answered."""
    return progress_in(SERIES[activity.kind], participant, activity)


def cases_written(participant: Participant, activity: Activity) -> Progress:
    """How many tests somebody wrote; there is no end to them unless the stage names one."""
    written = Case.objects.filter(participant=participant, stage=activity.stage_id).count()
    return Progress(written, activity.wanted and max(written, activity.wanted))


def told_of_oneself(participant: Participant, activity: Activity) -> Progress:
    """How many questions about themselves somebody answered or passed on."""
    questions = IdentityQuestion.objects.filter(workshop=participant.workshop_id)
    events = AnswerEvent.objects.filter(participant=participant, kind=AnswerEvent.Kind.IDENTITY)
    return Progress(events.values("target").distinct().count(), questions.count())


for kind in SERIES:
    activities.register(kind, kind, in_series)
activities.register(Kind.CASE, "cases", cases_written)
activities.register(Kind.IDENTITY, "about-you", told_of_oneself)
