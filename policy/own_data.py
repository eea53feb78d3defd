"""The answers that policy owns, put in words for whoever gave them."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from elicitation.models import Activity, AnswerEvent, Participant
from elicitation.services.own_data import Described, change_page, describes
from policy.models import Endorsement

Kind = AnswerEvent.Kind


def _chose(choice: str) -> str:
    return {
        Endorsement.Choice.ENDORSE: _("You endorsed this rule"),
        Endorsement.Choice.OBJECT: _("You objected to this rule"),
        Endorsement.Choice.AMEND: _("You would change this rule"),
        Endorsement.Choice.ABSTAIN: _("You left this rule to others"),
    }[Endorsement.Choice(choice)]


@describes(Kind.ENDORSEMENT, Endorsement)
def endorsements(participant: Participant, events: Sequence[AnswerEvent]) -> dict[int, Described]:
    """What somebody makes of a rule."""
    rows = Endorsement.objects.filter(event__in=[event.pk for event in events])
    return {
        row.event_id: Described(
            asked=row.principle.text,
            said=_chose(row.choice),
            words=[text for text in (row.reason, row.amendment) if text],
            change=change_page(participant, Activity.Kind.REVIEW, row.event.target),
        )
        for row in rows.select_related("principle", "event")
    }
