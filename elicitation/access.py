"""Who may see and do what: the only place that decides.

The signed-out are asked to sign in. Outsiders of a workshop get the same 404 as for one that does
not exist. Members whose role does not fit get a 403 that names the roles that do. Participants
have no account: a signed cookie names the device, and through it the person, of one workshop.
"""

from typing import TypeVar

from django.contrib.auth.models import AnonymousUser
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from elicitation.kernel.models import Work
from elicitation.methods.readable_names import plain_code
from elicitation.models import (
    Activity,
    Device,
    IdentityQuestion,
    ImportedFile,
    Membership,
    Prompt,
    Stage,
    User,
    Workshop,
    WorkshopCommunity,
)

Role = Membership.Role
ROLES = tuple(Role)
# Observers see results; they do not see single people, files and refused rows.
STAFF = (Role.FACILITATOR, Role.MODERATOR, Role.ANALYST, Role.TRAINER)
BRINGS_DATA = (Role.FACILITATOR, Role.ANALYST)
FACILITATES = (Role.FACILITATOR,)
MODERATES = (Role.FACILITATOR, Role.MODERATOR)

Row = TypeVar("Row", bound=models.Model)
Visitor = User | AnonymousUser


SEAT_SALT = "folkmoot.seat"


class JoinFirst(PermissionDenied):
    """No participant of this workshop is known on this device."""


class HasLeft(PermissionDenied):
    """The participant of this device withdrew. slug: of the workshop that they left."""

    def __init__(self, message: str, slug: str) -> None:
        super().__init__(message)
        self.slug = slug


class SignInFirst(PermissionDenied):
    """Nobody is signed in; the page may be theirs once somebody is."""


def signed_in(user: Visitor) -> User:
    """The user, or SignInFirst."""
    if not isinstance(user, User) or not user.is_authenticated:
        raise SignInFirst("Sign in first.")
    return user


def workshops_of(user: Visitor) -> models.QuerySet[Workshop]:
    """The workshops that this user is part of; an administrator's are all."""
    user = signed_in(user)
    if user.is_superuser:
        return Workshop.objects.all()
    # A subquery rather than a join: one row per workshop, however many roles.
    mine = Membership.objects.filter(user=user).values("workshop")
    return Workshop.objects.filter(pk__in=mine)


def workshop_or_404(user: Visitor, slug: str, *roles: Role) -> Workshop:
    """The workshop, for its members with one of these roles (no roles named: any role)."""
    workshop = get_object_or_404(workshops_of(user), slug=slug)
    if not has_role(user, workshop, *roles):
        needed = " or ".join(role.label.lower() for role in roles)
        raise PermissionDenied(f"This is for people with the role {needed} in this workshop.")
    return workshop


def has_role(user: Visitor, workshop: Workshop, *roles: Role) -> bool:
    """Whether the user has one of these roles here (no roles named: any role)."""
    user = signed_in(user)
    if user.is_superuser:
        return True
    held = Membership.objects.filter(user=user, workshop=workshop)
    return (held.filter(role__in=roles) if roles else held).exists()


def may_make_workshops(user: Visitor) -> bool:
    """Administrators, and people who facilitate some workshop already."""
    user = signed_in(user)
    facilitates = Membership.objects.filter(user=user, role=Role.FACILITATOR)
    return user.is_superuser or facilitates.exists()


def workshop_maker_or_403(user: Visitor) -> User:
    """The user, if they may make workshops."""
    if not may_make_workshops(user):
        raise PermissionDenied("Workshops are made by facilitators and administrators.")
    return signed_in(user)


def import_or_404(user: Visitor, slug: str, pk: int) -> ImportedFile:
    """One import of a workshop, for its staff."""
    workshop = workshop_or_404(user, slug, *STAFF)
    imports = ImportedFile.objects.select_related("workshop", "community", "imported_by")
    return in_workshop_or_404(imports, workshop, pk)


def prompt_or_404(user: Visitor, slug: str, pk: int) -> Prompt:
    """One prompt of a workshop, for its members."""
    workshop = workshop_or_404(user, slug)
    return in_workshop_or_404(Prompt.objects.select_related("workshop"), workshop, pk)


def stage_or_404(user: Visitor, slug: str, pk: int) -> Stage:
    """One stage of a workshop, for those who facilitate it."""
    workshop = workshop_or_404(user, slug, *FACILITATES)
    return in_workshop_or_404(Stage.objects.select_related("workshop"), workshop, pk)


def activity_or_404(user: Visitor, slug: str, pk: int) -> Activity:
    """One activity of a workshop's stages, for those who facilitate it."""
    workshop = workshop_or_404(user, slug, *FACILITATES)
    activities = Activity.objects.select_related("stage__workshop")
    return get_object_or_404(activities, stage__workshop=workshop, pk=pk)


def question_or_404(user: Visitor, slug: str, pk: int) -> IdentityQuestion:
    """One question about oneself, for those who facilitate its workshop."""
    workshop = workshop_or_404(user, slug, *FACILITATES)
    questions = IdentityQuestion.objects.select_related("workshop")
    return in_workshop_or_404(questions, workshop, pk)


def work_or_404(subject: str, pk: int) -> Work:
    """One piece of work, if it is filed under this subject. Ask for the workshop's page first."""
    return get_object_or_404(Work, pk=pk, subject=subject)


def in_workshop_or_404(rows: models.QuerySet[Row], workshop: Workshop, pk: int) -> Row:
    """One row of these, if it belongs to the workshop; another workshop's is not there."""
    row = rows.filter(workshop=workshop, pk=pk).first()
    if row is None:
        raise Http404("It is not in this workshop.")
    return row


def seat_cookie(slug: str) -> str:
    """The name of the cookie that holds a device's seat in a workshop."""
    return f"seat-{slug}"


def seat_token(device: Device) -> str:
    """What a device shows to be known again."""
    return signing.dumps(device.pk, salt=SEAT_SALT)


def device_of_token(token: str, slug: str) -> Device:
    """The device that shows this token, with its person, seat, community and workshop.

    Raises Http404 where there is no such workshop, JoinFirst, or HasLeft.
    """
    device = _known_device(token, slug)
    if device.participant.withdrawn_at is not None:
        raise HasLeft("You have left this workshop.", slug)
    return device


def _known_device(token: str, slug: str) -> Device:
    """The same, whether or not its person left. Raises Http404, or JoinFirst."""
    pk = _device_pk(token)
    # One query: every phone in the hall comes by here every other second.
    related = ("participant__workshop", "participant__seat__community")
    devices = Device.objects.select_related(*related)
    still = devices.filter(participant__workshop__slug=slug, ended_at=None)
    # Not first(): its order over so many columns takes longer to write down than all the rest.
    device = next(iter(still.filter(pk=pk)), None) if pk else None
    if device is None:
        get_object_or_404(Workshop, slug=slug)
        raise JoinFirst("Join this workshop first.")
    device.participant.seat.workshop = device.participant.workshop
    return device


def _device_pk(token: str) -> int | None:
    """The device that a token names; None for one that was not made here."""
    try:
        return int(signing.loads(token, salt=SEAT_SALT))
    except (signing.BadSignature, TypeError, ValueError):
        return None


def device_or_join(request: HttpRequest, slug: str) -> Device:
    """The device that asks, known by its cookie. Raises Http404, JoinFirst, or HasLeft."""
    return device_of_token(request.COOKIES.get(seat_cookie(slug), ""), slug)


def pulse_or_join(request: HttpRequest, slug: str) -> int:
    """The pulse of the workshop in which the device that asks has a seat; nothing else is read.

    Phones ask every other second. Raises Http404, JoinFirst, or HasLeft.
    """
    pk = _device_pk(request.COOKIES.get(seat_cookie(slug), ""))
    still = Device.objects.filter(pk=pk or 0, participant__workshop__slug=slug, ended_at=None)
    fields = ("participant__workshop__pulse", "participant__withdrawn_at")
    for pulse, withdrawn_at in still.values_list(*fields):
        if withdrawn_at is None:
            return int(pulse)
    return device_or_join(request, slug).participant.workshop.pulse


def device_even_if_left(request: HttpRequest, slug: str) -> Device:
    """The same for the few pages that stay open to somebody who left: their receipts."""
    return _known_device(request.COOKIES.get(seat_cookie(slug), ""), slug)


def device_here(request: HttpRequest, workshop: Workshop) -> Device | None:
    """The device that asks, where it has a seat that it did not leave."""
    try:
        return device_or_join(request, workshop.slug)
    except (JoinFirst, HasLeft):
        return None


def seat_of_code_or_404(code: str) -> WorkshopCommunity:
    """The seat that a join code leads to, however it is typed."""
    seats = WorkshopCommunity.objects.select_related("workshop", "community")
    live = seats.filter(workshop__provenance=Workshop.Provenance.LIVE)
    return get_object_or_404(live, join_code=plain_code(code))
