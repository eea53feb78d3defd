"""Who may see and do what: the only place that decides.

The signed-out are asked to sign in. Outsiders of a workshop get the same 404 as for one that does
not exist. Members whose role does not fit get a 403 that names the roles that do.
"""

from typing import TypeVar

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404
from django.shortcuts import get_object_or_404

from elicitation.kernel.models import Work
from elicitation.models import ImportedFile, Membership, Prompt, User, Workshop

Role = Membership.Role
ROLES = tuple(Role)
# Observers see results; they do not see single people, files and refused rows.
STAFF = (Role.FACILITATOR, Role.MODERATOR, Role.ANALYST, Role.TRAINER)
BRINGS_DATA = (Role.FACILITATOR, Role.ANALYST)

Row = TypeVar("Row", bound=models.Model)
Visitor = User | AnonymousUser


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


def work_or_404(subject: str, pk: int) -> Work:
    """One piece of work, if it is filed under this subject. Ask for the workshop's page first."""
    return get_object_or_404(Work, pk=pk, subject=subject)


def in_workshop_or_404(rows: models.QuerySet[Row], workshop: Workshop, pk: int) -> Row:
    """One row of these, if it belongs to the workshop; another workshop's is not there."""
    row = rows.filter(workshop=workshop, pk=pk).first()
    if row is None:
        raise Http404("It is not in this workshop.")
    return row
