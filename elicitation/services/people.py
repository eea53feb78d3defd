"""Workshops, the communities seated in them, and the people in those seats."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, validate_slug
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.text import slugify

from elicitation.errors import Refused, SeatTaken
from elicitation.methods.readable_names import (
    JOIN_CODE_LENGTH,
    RETURN_CODE_LENGTH,
    plain_code,
    random_code,
    random_pseudonym,
)
from elicitation.models import Community, Participant, Workshop, WorkshopCommunity

TRIES = 20


@dataclass(frozen=True)
class Arrival:
    """A new participant, and the return code that is shown once and stored nowhere."""

    participant: Participant
    return_code: str


@transaction.atomic
def open_workshop(
    *,
    slug: str,
    title: str = "",
    provenance: str = Workshop.Provenance.LIVE,
    provenance_note: str = "",
    attribution: str = "",
    description: str = "",
    content_warning: str = "",
) -> Workshop:
    """The workshop of that name, made where there is none. One that exists is left as it is."""
    try:
        validate_slug(slug)
        MaxLengthValidator(80)(slug)
    except ValidationError as error:
        raise Refused(
            f"'{slug[:80]}' cannot name a workshop: use up to 80 letters, digits and hyphens."
        ) from error
    if provenance not in Workshop.Provenance.values:
        raise Refused(f"A workshop's provenance is one of {', '.join(Workshop.Provenance.values)}.")
    workshop, _ = Workshop.objects.get_or_create(
        slug=slug,
        defaults={
            "title": title or slug.replace("-", " ").capitalize(),
            "provenance": provenance,
            "provenance_note": provenance_note,
            "attribution": attribution,
            "description": description,
            "content_warning": content_warning,
        },
    )
    return workshop


@transaction.atomic
def seat_community(*, workshop: Workshop, name: str) -> WorkshopCommunity:
    """The community's seat in the workshop; community and seat are made where there are none."""
    community = name_community(name=name)
    Workshop.objects.select_for_update().get(pk=workshop.pk)
    seat = WorkshopCommunity.objects.filter(workshop=workshop, community=community).first()
    if seat is not None:
        return seat
    last = workshop.seats.aggregate(last=Max("position"))["last"]
    for _ in range(TRIES):
        code = random_code(JOIN_CODE_LENGTH)
        if not WorkshopCommunity.objects.filter(join_code=code).exists():
            break
    return WorkshopCommunity.objects.create(
        workshop=workshop,
        community=community,
        position=0 if last is None else last + 1,
        join_code=code,
    )


def name_community(*, name: str) -> Community:
    """The community of that name, made where there is none."""
    name = " ".join(name.split())
    if not 0 < len(name) <= 120:
        raise Refused("A community's name has 1 to 120 characters.")
    community = Community.objects.filter(name=name).first()
    if community is not None:
        return community
    slug = slugify(name)[:70]
    if not slug or Community.objects.filter(slug=slug).exists():
        slug = f"{slug or 'community'}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
    return Community.objects.get_or_create(name=name, defaults={"slug": slug})[0]


def add_participant(
    *,
    seat: WorkshopCommunity,
    identity: str = Participant.Identity.PERSON,
    pseudonym: str = "",
) -> Arrival:
    """Seat one new person. Without a pseudonym they get one that nobody in the workshop has.

    Raises Refused where the pseudonym is taken.
    """
    code = random_code(RETURN_CODE_LENGTH)
    for _ in range(1 if pseudonym else TRIES):
        try:
            with transaction.atomic():
                participant = Participant.objects.create(
                    seat=seat,
                    workshop_id=seat.workshop_id,
                    pseudonym=pseudonym or random_pseudonym(),
                    identity=identity,
                    return_code_hash=return_code_hash(code),
                )
            return Arrival(participant, spaced_code(code))
        except IntegrityError:
            continue
    raise Refused(f"The pseudonym '{pseudonym}' is taken in this workshop.")


@transaction.atomic
def seat_people(
    *, seat: WorkshopCommunity, pseudonyms: Sequence[str], identity: str
) -> dict[str, Participant]:
    """These people in this seat by pseudonym, made where there are none; they get no return code.

    For published and simulated people, who never come back by themselves. Raises SeatTaken where
    one of them sits in another community of the workshop.
    """
    wanted = list(dict.fromkeys(pseudonyms))
    found = _people_of(seat, wanted)
    new = [
        Participant(seat=seat, workshop_id=seat.workshop_id, pseudonym=pseudonym, identity=identity)
        for pseudonym in wanted
        if pseudonym not in found
    ]
    made = Participant.objects.bulk_create(new)
    return found | {participant.pseudonym: participant for participant in made}


def _people_of(seat: WorkshopCommunity, pseudonyms: Sequence[str]) -> dict[str, Participant]:
    here = Participant.objects.filter(workshop_id=seat.workshop_id, pseudonym__in=pseudonyms)
    found = {participant.pseudonym: participant for participant in here}
    for participant in found.values():
        if participant.seat_id != seat.pk:
            raise SeatTaken(
                f"'{participant.pseudonym}' already sits in {participant.seat.community} in this "
                f"workshop, so they cannot sit in {seat.community} too: a person belongs to one "
                f"community of a workshop. If these are different people, import them with a "
                f"source name of their own."
            )
    return found


def spaced_code(code: str) -> str:
    """A return code as people read it: in fours."""
    return "-".join((code[:4], code[4:8], code[8:]))


def return_code_hash(code: str) -> str:
    """What is stored of a return code: an HMAC-SHA256 under the installation's secret."""
    secret = settings.SECRET_KEY.encode()
    return hmac.new(secret, plain_code(code).encode(), hashlib.sha256).hexdigest()
