"""Taking back: what somebody said is erased, and what rested on it is marked and named.

An erased answer leaves a tombstone: that there was one, when, and a keyed hash of what it said, by
which a copy (from an old backup, say) can be known again. Nothing can be read from it.
"""

from __future__ import annotations

import datetime
import hashlib
import hmac
import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from elicitation.errors import Refused, TooLate
from elicitation.kernel.hashing import canonical_json
from elicitation.kernel.models import Work
from elicitation.kernel.work import cancel
from elicitation.methods.taking_back import SHORTEST_PHRASE, texts_in
from elicitation.models import (
    AnswerEvent,
    AuditEntry,
    Case,
    ContactDetail,
    Device,
    IdentityAnswer,
    Participant,
    Preference,
    Ranking,
    Rating,
    Rewrite,
    Withdrawal,
    Workshop,
)
from elicitation.services.answers import BATCH, in_batches
from elicitation.services.consent import agree
from elicitation.services.joining import Phone, add_device, person_hash
from elicitation.services.people import return_code_hash
from elicitation.signals import TakenBack, Touched, tell, together

Scope = Withdrawal.Scope
# The latest rows of this app; each names the event that it holds.
LATEST: tuple[type[models.Model], ...] = (
    Preference,
    Rating,
    Rewrite,
    Ranking,
    Case,
    IdentityAnswer,
)
# Where a day ends last: nobody is told that a day is over while it is not over for them.
LAST_ZONE = datetime.timezone(datetime.timedelta(hours=-12))
CHECKS = "elicitation.tasks.check_integrity"
# What each scope ends, of what people agree to.
ENDS = {Scope.TRAINING: "train_models", Scope.QUOTES: "be_quoted", Scope.CONTACT: "be_contacted"}


@transaction.atomic
def withdraw(
    *, participant: Participant, scope: str, key: uuid.UUID, targets: Sequence[int] = ()
) -> Withdrawal:
    """Take back everything, some answers, or one use of them; with the same key, only once.

    targets: the primary keys of the answers' events, for the scope of some answers; every earlier
    version of such an answer goes with it. Raises TooLate after the workshop's day, and Refused.
    """
    scope = _known(scope)
    # Whoever freezes a dataset locks the workshop too: it sees all of this, or this sees it.
    Workshop.objects.select_for_update(no_key=True).get(pk=participant.workshop_id)
    participant = Participant.objects.select_for_update(no_key=True).get(pk=participant.pk)
    earlier = _made_before(participant, key)
    if earlier is not None:
        return earlier
    is_late = is_too_late(participant.workshop)
    if is_late and scope in (Scope.ALL, Scope.ANSWERS):
        raise TooLate(too_late(participant.workshop))
    taken = _taken(participant, scope, targets)
    # What was made before that day stays as it is; what is agreed to can end at any time.
    parts = [] if is_late or scope == Scope.CONTACT else tell(taken)
    touched = together([*parts, _erase(taken)])
    _end_consent(participant, scope)
    if taken.events:
        _forget_checks(participant)
    if taken.is_everything:
        _leave(participant)
    return _record(participant, scope, key, touched, is_late)


def is_too_late(workshop: Workshop) -> bool:
    """Whether the day until which answers can be taken back has passed, wherever people are."""
    day = timezone.localdate(timezone=LAST_ZONE)
    return workshop.withdraw_until is not None and day > workshop.withdraw_until


def too_late(workshop: Workshop) -> str:
    """What is said to somebody who comes after that day: when it was, and who to write to."""
    day = date_format(workshop.withdraw_until, "DATE_FORMAT") if workshop.withdraw_until else ""
    said = _("Answers could be taken back until %(day)s.") % {"day": day}
    if workshop.organiser:
        return said + " " + _("Write to those who run this: %(who)s") % {"who": workshop.organiser}
    return said + " " + _("Ask the person who ran the meeting.")


def receipt_device(*, code: str) -> Device | None:
    """A device for somebody who left and wants to see their receipt; None for another code."""
    who = Participant.objects.filter(
        return_code_hash=return_code_hash(code), withdrawn_at__isnull=False
    ).first()
    return add_device(participant=who, phone=Phone()) if who else None


def tombstone(body: Any) -> dict[str, str]:
    """What stays of an answer.

    Keyed: most answers are one of a few words, and a plain hash of those could be looked up.
    """
    secret = settings.SECRET_KEY.encode()
    digest = hmac.new(secret, b"erased:" + canonical_json(body), hashlib.sha256)
    return {"erased": digest.hexdigest()}


def answers_with(participant: Participant, targets: Iterable[int]) -> list[AnswerEvent]:
    """The whole history of each answer that one of these events belongs to.

    Raises Refused where an event is somebody else's, or nothing of them is left.
    """
    targets = set(targets)
    mine = list(AnswerEvent.objects.filter(participant=participant).order_by("pk"))
    if targets - {event.pk for event in mine}:
        raise Refused(_("One of these answers is not yours."))
    things = {(event.kind, _thing(event)) for event in mine if event.pk in targets}
    found = [
        event for event in mine if event.erased_at is None and (event.kind, _thing(event)) in things
    ]
    if not found:
        raise Refused(_("These answers are taken back already."))
    return found


def _thing(event: AnswerEvent) -> tuple[str, int]:
    """What an event is about. Something new has no number yet, so each is a thing of its own."""
    return ("thing", event.target) if event.target else ("event", event.pk)


def _known(scope: str) -> Withdrawal.Scope:
    if scope not in Scope.values:
        raise Refused(_("There is nothing like that to take back."))
    return Scope(scope)


def _made_before(participant: Participant, key: uuid.UUID) -> Withdrawal | None:
    """The withdrawal of this key, or the one by which this person left."""
    found = Withdrawal.objects.filter(key=key).first()
    if found is not None and found.participant_id != participant.pk:
        raise Refused(_("This was sent by somebody else before."))
    if found is None and participant.withdrawn_at is not None:
        return Withdrawal.objects.filter(participant=participant, scope=Scope.ALL).latest("pk")
    return found


def _taken(participant: Participant, scope: Withdrawal.Scope, targets: Sequence[int]) -> TakenBack:
    events: list[AnswerEvent] = []
    if scope == Scope.ALL:
        mine = AnswerEvent.objects.filter(participant=participant, erased_at=None)
        events = list(mine.order_by("pk"))
    elif scope == Scope.ANSWERS:
        events = answers_with(participant, targets)
    said = events
    if scope == Scope.QUOTES:
        said = list(AnswerEvent.objects.filter(participant=participant, erased_at=None))
    return TakenBack(participant, scope, _because(scope), events, set(_words(said)))


def _words(events: Iterable[AnswerEvent]) -> Iterable[str]:
    """What somebody wrote, long enough to be known again where it was quoted."""
    for event in events:
        yield from (text for text in texts_in(event.body) if len(text) >= SHORTEST_PHRASE)


def _because(scope: Withdrawal.Scope) -> str:
    """Staff read it, so it names nobody: in a small community the day alone tells enough."""
    today = timezone.localdate()
    day = f"{today.day} {today:%B %Y}"
    if scope == Scope.TRAINING:
        return f"On {day} somebody took back that their answers may train a model."
    return f"On {day} somebody took back answers that this rested on."


def _erase(taken: TakenBack) -> Touched:
    """Erase this app's own rows and the bodies of the events."""
    touched = Touched()
    events = list(taken.events)
    touched.erased["messages"] = len(events)
    for batch in in_batches(events, BATCH):
        _delete_latest([event.pk for event in batch], touched.erased)
        for event in batch:
            event.body, event.erased_at = tombstone(event.body), timezone.now()
        AnswerEvent.objects.bulk_update(batch, ["body", "erased_at"])
    if taken.scope in (Scope.ALL, Scope.CONTACT):
        person = person_hash(taken.participant)
        touched.erased["contact"] += ContactDetail.objects.filter(person_hash=person).delete()[0]
    return touched


def _delete_latest(events: list[int], counts: Counter[str]) -> None:
    for model in LATEST:
        number, _by_model = model._default_manager.filter(event__in=events).delete()
        counts[model._meta.model_name or ""] += number


def _end_consent(participant: Participant, scope: Withdrawal.Scope) -> None:
    """A new row for what is agreed to from now on; the earlier ones stay."""
    if scope == Scope.ALL:
        agree(participant=participant, **dict.fromkeys(ENDS.values(), False))
    elif scope in ENDS:
        agree(participant=participant, **{ENDS[scope]: False})


def _leave(participant: Participant) -> None:
    """Nobody can answer for this person any more, and their phones cannot be told."""
    Participant.objects.filter(pk=participant.pk).update(
        withdrawn_at=timezone.now(), locale="", sees_severe=False
    )
    Device.objects.filter(participant=participant).update(install_hash="", agent_hash="")


def _forget_checks(participant: Participant) -> None:
    """Remove what the integrity checks found: they name people, and can be made anew."""
    checks = Work.objects.filter(task=CHECKS, arguments__workshop=participant.workshop_id)
    for work in checks.filter(status=Work.Status.RUNNING):
        cancel(work)
    checks.exclude(status=Work.Status.QUEUED).delete()


def _record(
    participant: Participant,
    scope: Withdrawal.Scope,
    key: uuid.UUID,
    touched: Touched,
    is_late: bool,
) -> Withdrawal:
    receipt = {
        "erased": {name: number for name, number in sorted(touched.erased.items()) if number},
        "stale": touched.stale,
        "stopped": touched.stopped,
        "trained": touched.trained,
        "redacted": touched.redacted,
        "files": touched.files,
        "from_now_on": is_late,
    }
    withdrawal = Withdrawal.objects.create(
        participant=participant, key=key, scope=scope, receipt=receipt
    )
    AuditEntry.objects.create(
        workshop_id=participant.workshop_id,
        action="take back",
        detail={"withdrawal": withdrawal.pk, "scope": scope},
    )
    Workshop.objects.filter(pk=participant.workshop_id).update(pulse=F("pulse") + 1)
    return withdrawal
