"""The live picture of a vote: asked for by a page that is open, counted by a worker.

Pages ask every two seconds or so. A worker counts only when votes came, and not more often than
every few seconds, however many pages are open.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone

from elicitation.kernel.models import Work
from elicitation.kernel.work import enqueue
from elicitation.models import Activity, AnswerEvent, Stage, Workshop
from policy.access import live_subject
from policy.models import LivePicture

COUNT = "policy.tasks.count_live"
PAUSE = timedelta(seconds=6)


def picture_of(workshop: Workshop) -> LivePicture:
    """The picture of a workshop as it is now; counting it anew is asked for where that is due."""
    picture, _ = LivePicture.objects.get_or_create(workshop=workshop)
    if (
        has_news(picture)
        and not Work.objects.filter(subject=live_subject(workshop)).open().exists()
    ):
        ask_for_count(picture)
    return picture


def is_voting(workshop: Workshop) -> bool:
    """Whether there is a vote that has begun and is not over."""
    votes = Activity.objects.filter(kind=Activity.Kind.VOTE, stage__workshop=workshop)
    return votes.filter(stage__status=Stage.Status.OPEN).exists()


def has_news(picture: LivePicture) -> bool:
    """Whether somebody voted since the picture was counted."""
    votes = AnswerEvent.objects.filter(kind=AnswerEvent.Kind.VOTE, pk__gt=picture.mark)
    return votes.filter(participant__workshop=picture.workshop_id).exists()


@transaction.atomic
def ask_for_count(picture: LivePicture) -> Work | None:
    """Hand the counting to a worker; None where that was done a moment ago."""
    now = timezone.now()
    due = Q(asked_at=None) | Q(asked_at__lt=now - PAUSE)
    # Of many pages that ask at once, the one that changes the row hands it over.
    if not LivePicture.objects.filter(due, pk=picture.pk).update(asked_at=now):
        return None
    subject = live_subject(picture.workshop)
    Work.objects.filter(subject=subject, status=Work.Status.DONE).delete()
    return enqueue(COUNT, subject=subject, workshop_id=picture.workshop_id)


def newest_answer() -> int:
    """The number of the newest answer of all; what comes later has a larger one."""
    return AnswerEvent.objects.aggregate(newest=Max("pk"))["newest"] or 0
