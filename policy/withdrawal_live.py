"""What becomes of the live picture of a vote when somebody takes something back: it begins anew.

It is forgotten, and nothing is told until as many people as may be reported on have voted since.
Otherwise the picture before and the picture after would tell what this person said.
"""

from __future__ import annotations

from elicitation.kernel.models import Work
from elicitation.kernel.work import cancel
from elicitation.models import AnswerEvent, Withdrawal
from elicitation.signals import TakenBack, Touched, listen
from policy.live import COUNT, newest_answer
from policy.models import LivePicture


@listen
def begin_anew(taken: TakenBack) -> Touched:
    """Forget the picture that this person's votes are in, and stop a count that has read them."""
    if taken.scope == Withdrawal.Scope.ALL or taken.event_ids(AnswerEvent.Kind.VOTE):
        counting = Work.objects.filter(
            task=COUNT, arguments__workshop_id=taken.participant.workshop_id
        )
        for work in counting.open():
            cancel(work)
        LivePicture.objects.filter(workshop=taken.participant.workshop_id).update(
            held={}, statements={}, map={}, charts={}, since=newest_answer(), asked_at=None
        )
    return Touched()
