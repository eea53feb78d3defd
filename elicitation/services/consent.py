"""What people agreed to: the latest row holds, and the earlier ones stay."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from elicitation.errors import Refused, Withdrawn
from elicitation.models import Consent, Participant
from elicitation.services.joining import (
    SCOPES,
    Agreed,
    consent_text,
    keep_contact,
    record_consent,
)


def latest_consent(participant: Participant) -> Consent | None:
    """What somebody agrees to now; None where they were never asked."""
    return Consent.objects.filter(participant=participant).order_by("pk").last()


def may_be_quoted(participant: Participant | None) -> bool:
    """Whether somebody's words may stand in what is published.

    Published and simulated people carry their publisher's terms, unless they said otherwise here.
    """
    if participant is None:
        return True
    consent = latest_consent(participant)
    if consent is None:
        return participant.identity != Participant.Identity.PERSON
    return consent.be_quoted


@transaction.atomic
def agree(*, participant: Participant, **scopes: bool) -> Consent | None:
    """Change what somebody agrees to from now on; None where nothing of it changes.

    scopes: be_quoted, train_models, be_contacted. What ends here stays as it was in what was made
    before: `withdrawing.withdraw` reaches that. Raises Withdrawn and Refused.
    """
    if unknown := scopes.keys() - set(SCOPES):
        raise Refused(f"Nobody is asked to agree to {', '.join(sorted(unknown))}.")
    participant = Participant.objects.select_for_update(no_key=True).get(pk=participant.pk)
    if participant.withdrawn_at is not None and any(scopes.values()):
        raise Withdrawn(_("You have left this workshop."))
    before = latest_consent(participant)
    agreed = {name: bool(before and getattr(before, name)) for name in SCOPES}
    if before is not None and agreed == agreed | scopes:
        return None
    text = before.text if before else consent_text(workshop=participant.workshop, locale="en")
    said = Agreed(
        text=text,
        is_of_age=before.is_of_age if before else None,
        guardian_agreed=before.guardian_agreed if before else None,
        **(agreed | scopes),
    )
    return record_consent(participant=participant, agreed=said)


@transaction.atomic
def give_contact(*, participant: Participant, address: str) -> None:
    """Agree to be written to, and where. Raises Withdrawn; then no address is kept."""
    agree(participant=participant, be_contacted=True)
    keep_contact(participant=participant, address=address)
