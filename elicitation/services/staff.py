"""What staff do to workshops, each with its line in the audit log."""

from __future__ import annotations

import secrets

from django.db import transaction
from django.utils.text import slugify

from elicitation.models import AuditEntry, Membership, User, Workshop
from elicitation.services.people import open_workshop

SLUG_LENGTH = 60
# Addresses under /workshops/ that are pages of their own.
RESERVED = {"new"}


@transaction.atomic
def make_workshop(
    *,
    by: User,
    title: str,
    description: str = "",
    provenance: str = Workshop.Provenance.LIVE,
    provenance_note: str = "",
    attribution: str = "",
    content_warning: str = "",
) -> Workshop:
    """A new workshop, facilitated by whoever made it. Raises Refused for an unknown provenance."""
    workshop = open_workshop(
        slug=free_slug(title),
        title=title,
        description=description,
        provenance=provenance,
        provenance_note=provenance_note,
        attribution=attribution,
        content_warning=content_warning,
    )
    Membership.objects.create(user=by, workshop=workshop, role=Membership.Role.FACILITATOR)
    AuditEntry.objects.create(
        user=by, workshop=workshop, action="make workshop", detail={"title": title}
    )
    return workshop


def free_slug(title: str) -> str:
    """A name for addresses out of the title, which no workshop has yet."""
    slug = slugify(title)[:SLUG_LENGTH].strip("-") or "workshop"
    taken = slug in RESERVED or Workshop.objects.filter(slug=slug).exists()
    return f"{slug}-{secrets.token_hex(3)}" if taken else slug
