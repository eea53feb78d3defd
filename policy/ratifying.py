"""Ratification: a version is put before communities, and each person says what they make of it."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from elicitation.activities import Progress
from elicitation.errors import AnswerRefused
from elicitation.models import Activity, AnswerEvent, Device, Participant, Stage, User
from elicitation.services.answers import Said, keep_latest, record_events, sent_by
from elicitation.services.facilitating import announce
from policy.errors import PolicyRefused
from policy.models import ConstitutionVersion, Endorsement, Principle, Ratification


@dataclass(frozen=True)
class Verdict:
    """What one person makes of one principle. amendment: how they would put it."""

    choice: str
    reason: str = ""
    amendment: str = ""


@transaction.atomic
def open_ratification(
    *, version: ConstitutionVersion, stage: Stage, by: User | None
) -> list[Ratification]:
    """Put a version before every community of the stage's workshop that it speaks for.

    A constitution of one community is put before that one. Asked again, the same; another version
    takes its place from then on. Raises PolicyRefused.
    """
    _must_fit(version, stage)
    Activity.objects.get_or_create(stage=stage, kind=Activity.Kind.REVIEW)
    only = version.constitution.community_id
    opened, is_new = [], False
    for seat in stage.workshop.seats.all():
        if only not in (None, seat.community_id):
            continue
        ratification, made = Ratification.objects.get_or_create(
            version=version, stage=stage, community_id=seat.community_id
        )
        opened.append(ratification)
        is_new = is_new or made
    if is_new:
        announce(
            workshop=stage.workshop,
            by=by,
            action="open ratification",
            version=version.pk,
            stage=stage.pk,
        )
    return opened


def _must_fit(version: ConstitutionVersion, stage: Stage) -> None:
    if not version.constitution.workshops.filter(pk=stage.workshop_id).exists():
        raise PolicyRefused(f"{version} does not rest on {stage.workshop}.")
    if version.stale_because:
        raise PolicyRefused(f"{version} is stale: {version.stale_because}")
    if stage.status == Stage.Status.CLOSED:
        raise PolicyRefused(f"'{stage.title}' is closed; people cannot say anything there.")


def ratification_of(participant: Participant, activity: Activity) -> Ratification | None:
    """What is before this person's community in a review; the newest, where there were several."""
    found = Ratification.objects.filter(
        stage=activity.stage_id, community=participant.seat.community_id
    )
    return found.select_related("version__constitution", "stage").last()


@transaction.atomic
def endorse(
    *,
    participant: Participant,
    ratification: Ratification,
    principle: Principle,
    verdict: Verdict,
    key: str,
    device: Device | None = None,
    client_seq: int | None = None,
) -> None:
    """Record what one person makes of one principle; what they said before stays as an event.

    Raises AnswerRefused for another community's ratification, and StageClosed.
    """
    if verdict.choice not in Endorsement.Choice.values:
        raise AnswerRefused(_("One can endorse a rule, object, want it changed, or abstain."))
    if principle.version_id != ratification.version_id:
        raise AnswerRefused(_("This rule is not in the version that is before you."))
    if ratification.community_id != participant.seat.community_id:
        raise AnswerRefused(_("These rules are before another community."))
    said = Said(
        participant=participant,
        key=key,
        target=principle.pk,
        body={
            "choice": verdict.choice,
            "reason": verdict.reason,
            "amendment": verdict.amendment,
            "ratification": ratification.pk,
        },
        stage=ratification.stage,
        device=device,
        client_seq=client_seq,
    )
    recorded = record_events(AnswerEvent.Kind.ENDORSEMENT, [said])
    keep_latest(
        [_latest_endorsement(event) for event in recorded.latest.values()],
        of=["ratification", "participant", "principle"],
        values=["choice", "reason", "amendment"],
    )


def _latest_endorsement(event: AnswerEvent) -> Endorsement:
    return Endorsement(
        ratification_id=event.body["ratification"],
        participant_id=event.participant_id,
        principle_id=event.target,
        choice=event.body["choice"],
        reason=event.body["reason"],
        amendment=event.body["amendment"],
        **sent_by(event),
    )


def review_progress(participant: Participant, activity: Activity) -> Progress:
    """On how many principles somebody has said something."""
    ratification = ratification_of(participant, activity)
    if ratification is None:
        return Progress(0, 0)
    mine = ratification.endorsements.filter(participant=participant)
    return Progress(mine.count(), ratification.version.principles.count())
