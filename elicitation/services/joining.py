"""Joining by a community's code, coming back by one's own, and what one agrees to."""

from __future__ import annotations

import hashlib
import hmac
import uuid
from dataclasses import dataclass, replace

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Max, QuerySet
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from elicitation.errors import Refused, Withdrawn
from elicitation.methods.readable_names import RETURN_CODE_LENGTH, random_code, random_pseudonym
from elicitation.models import (
    Consent,
    ConsentText,
    ContactDetail,
    Device,
    Participant,
    Workshop,
    WorkshopCommunity,
)
from elicitation.services.people import TRIES, Arrival, return_code_hash, spaced_code

# What can be agreed to apart from taking part.
SCOPES = ("be_quoted", "train_models", "be_contacted")
# Words in another script keep their own direction, full stop included (Unicode's UAX 9).
ISOLATE, END_OF_ISOLATE = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"
CONSENT_TEMPLATE = "elicitation/phone/consent_text.txt"


@dataclass(frozen=True)
class Agreed:
    """What somebody agreed to, before it is stored."""

    text: ConsentText
    be_quoted: bool = False
    train_models: bool = False
    be_contacted: bool = False
    is_of_age: bool | None = None
    guardian_agreed: bool | None = None


@dataclass(frozen=True)
class Phone:
    """What a browser says of itself: a number that it made once, and its name."""

    install: str = ""
    agent: str = ""


def consent_text(*, workshop: Workshop, locale: str) -> ConsentText:
    """The words that people of this workshop are asked to agree to, stored as they are shown.

    Its version is the beginning of their hash: other words are another version.
    """
    with translation.override(locale):
        who = workshop.organiser
        if who and translation.get_language_bidi():
            who = f"{ISOLATE}{who}{END_OF_ISOLATE}"
        body = render_to_string(CONSENT_TEMPLATE, {"workshop": workshop, "who": who}).strip()
    version = hashlib.sha256(body.encode()).hexdigest()[:12]
    text, _made = ConsentText.objects.get_or_create(
        version=version, locale=locale, defaults={"body": body}
    )
    return text


def age_asked(workshop: Workshop) -> int:
    """From which age on nobody else has to agree; 0 where no age is asked."""
    return max(workshop.guardian_below or 0, workshop.minimum_age or 0)


def guardian_may_agree(workshop: Workshop) -> bool:
    """Whether somebody younger may take part where a parent or guardian agrees."""
    return (workshop.guardian_below or 0) > (workshop.minimum_age or 0)


@transaction.atomic
def join(
    *,
    seat: WorkshopCommunity,
    key: uuid.UUID,
    agreed: Agreed,
    phone: Phone,
    locale: str = "",
    address: str = "",
) -> tuple[Device, str]:
    """Seat one person, their consent and their phone; asked again with the same key, the same one.

    address: where to write to them, kept if they agreed to that. Returns the device and a return
    code, which is new each time and stored as a hash only. Raises Refused where the age that the
    workshop asks for is not confirmed, and Withdrawn for somebody who left since.
    """
    _must_be_old_enough(seat.workshop, agreed)
    people = Participant.objects.select_for_update(of=("self",)).select_related("seat")
    found = people.filter(join_key=key).first()
    if found is None:
        try:
            with transaction.atomic():
                arrival = _seat_person(seat, key, locale)
        except IntegrityError:
            # The same phone asked twice in one moment, and the other request was first.
            found = people.get(join_key=key)
    if found is not None:
        return _joined_before(found, seat, agreed, phone, address)
    record_consent(participant=arrival.participant, agreed=agreed)
    if agreed.be_contacted:
        keep_contact(participant=arrival.participant, address=address)
    return add_device(participant=arrival.participant, phone=phone), arrival.return_code


def _must_be_old_enough(workshop: Workshop, agreed: Agreed) -> None:
    years = age_asked(workshop)
    if not years or agreed.is_of_age:
        return
    if not guardian_may_agree(workshop):
        raise Refused(_("This workshop is for people of %(years)s and older.") % {"years": years})
    if not agreed.guardian_agreed:
        raise Refused(_("A parent or guardian has to agree first."))


def _joined_before(
    participant: Participant, seat: WorkshopCommunity, agreed: Agreed, phone: Phone, address: str
) -> tuple[Device, str]:
    if participant.withdrawn_at is not None:
        raise Withdrawn(_("You have left this workshop."))
    if participant.seat_id != seat.pk:
        raise Refused(_("You have joined another community of this workshop already."))
    consent = _narrowed(participant, agreed)
    is_known = ContactDetail.objects.filter(person_hash=person_hash(participant)).exists()
    if consent.be_contacted and not is_known:
        keep_contact(participant=participant, address=address)
    device = participant.devices.filter(ended_at=None).order_by("number").first()
    device = device or add_device(participant=participant, phone=phone)
    return device, new_return_code(participant=participant)


def _narrowed(participant: Participant, agreed: Agreed) -> Consent:
    """What was agreed to both times: a form that is sent again ends a use, and never begins one."""
    before = participant.consents.latest()
    both = {name: getattr(before, name) and getattr(agreed, name) for name in SCOPES}
    if all(getattr(before, name) == holds for name, holds in both.items()):
        return before
    return record_consent(participant=participant, agreed=replace(agreed, **both))


def _seat_person(seat: WorkshopCommunity, key: uuid.UUID, locale: str) -> Arrival:
    code = random_code(RETURN_CODE_LENGTH)
    taken = set(
        Participant.objects.filter(workshop=seat.workshop_id).values_list("pseudonym", flat=True)
    )
    pseudonym = next(
        (name for name in (random_pseudonym() for _try in range(TRIES)) if name not in taken),
        None,
    )
    if pseudonym is None:
        raise Refused(_("No name is free in this workshop."))
    participant = Participant.objects.create(
        seat=seat,
        workshop_id=seat.workshop_id,
        pseudonym=pseudonym,
        return_code_hash=return_code_hash(code),
        join_key=key,
        locale=locale,
    )
    return Arrival(participant, spaced_code(code))


def record_consent(*, participant: Participant, agreed: Agreed) -> Consent:
    """Store what a participant agrees to from now on; what they agreed to before stays."""
    return Consent.objects.create(
        participant=participant,
        text=agreed.text,
        take_part=True,
        be_quoted=agreed.be_quoted,
        train_models=agreed.train_models,
        be_contacted=agreed.be_contacted,
        is_of_age=agreed.is_of_age,
        guardian_agreed=agreed.guardian_agreed,
    )


@transaction.atomic
def add_device(*, participant: Participant, phone: Phone) -> Device:
    """Number one more browser of this person."""
    Participant.objects.select_for_update().get(pk=participant.pk)
    last = participant.devices.aggregate(last=Max("number"))["last"] or 0
    return Device.objects.create(
        participant=participant,
        number=last + 1,
        install_hash=_keyed(f"install:{participant.workshop_id}", phone.install),
        agent_hash=_keyed(f"agent:{participant.workshop_id}", phone.agent),
    )


def end_other_devices(*, device: Device) -> int:
    """Let in only this one of its person's browsers from now on; how many that ended."""
    others = other_devices(device)
    return others.update(ended_at=timezone.now())


def other_devices(device: Device) -> QuerySet[Device]:
    """The other browsers of the same person that are let in."""
    mine = Device.objects.filter(participant=device.participant_id, ended_at=None)
    return mine.exclude(pk=device.pk)


def come_back(*, code: str, phone: Phone) -> Device:
    """A new device for the person whose return code this is. Raises Refused, or Withdrawn."""
    who = Participant.objects.filter(return_code_hash=return_code_hash(code)).first()
    if who is None:
        raise Refused(
            _("Nobody has this code. Look at it once more: it has 12 letters and numbers.")
        )
    if who.withdrawn_at is not None:
        raise Withdrawn(_("You have left this workshop, and what you said in it is erased."))
    return add_device(participant=who, phone=phone)


def new_return_code(*, participant: Participant) -> str:
    """Give a person another return code; the one before it stops working."""
    code = random_code(RETURN_CODE_LENGTH)
    Participant.objects.filter(pk=participant.pk).update(return_code_hash=return_code_hash(code))
    return spaced_code(code)


@transaction.atomic
def keep_contact(*, participant: Participant, address: str) -> None:
    """Keep where somebody may be written to, apart from their answers; an empty one removes it."""
    person = person_hash(participant)
    if not address:
        ContactDetail.objects.filter(person_hash=person).delete()
        return
    ContactDetail.objects.update_or_create(
        person_hash=person,
        defaults={
            "workshop_id": participant.workshop_id,
            "address": address,
            "locale": participant.locale,
        },
    )


def person_hash(participant: Participant) -> str:
    """What stands for a person beside their contact details."""
    return _keyed("contact", str(participant.pk))


def _keyed(purpose: str, value: str) -> str:
    """An HMAC-SHA256 under the installation's secret; nothing for nothing."""
    if not value:
        return ""
    message = f"{purpose}:{value}".encode()
    return hmac.new(settings.SECRET_KEY.encode(), message, hashlib.sha256).hexdigest()
