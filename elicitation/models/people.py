"""Who takes part and who works here."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import models

from elicitation.models.workshops import Workshop, WorkshopCommunity


class User(AbstractUser):
    """A person with an account: staff of some workshop, or an administrator (superuser)."""


class Membership(models.Model):
    """What one user may do in one workshop."""

    class Role(models.TextChoices):
        FACILITATOR = "facilitator", "Facilitator"
        MODERATOR = "moderator", "Moderator"
        ANALYST = "analyst", "Policy analyst"
        TRAINER = "trainer", "Trainer"
        OBSERVER = "observer", "Observer"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    workshop = models.ForeignKey(Workshop, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "workshop", "role"], name="one_row_per_role"),
        ]

    def __str__(self) -> str:
        return f"{self.user} is {self.role} of {self.workshop}"


class Participant(models.Model):
    """A person in one workshop, in one of its communities, known to staff by a pseudonym."""

    class Identity(models.TextChoices):
        PERSON = "person", "A person who joined here"
        IMPORTED = "imported", "A person in published data"
        IMPORTED_ROW = "imported_row", "One row of published data without rater identities"
        SIMULATED = "simulated", "A simulated person"

    seat = models.ForeignKey(
        WorkshopCommunity, on_delete=models.PROTECT, related_name="participants"
    )
    # Repeated from the seat so that the database can hold a pseudonym unique in its workshop.
    workshop = models.ForeignKey(Workshop, on_delete=models.PROTECT, related_name="participants")
    pseudonym = models.CharField(max_length=80)
    return_code_hash = models.CharField(max_length=64, null=True, blank=True, unique=True)
    identity = models.CharField(max_length=20, choices=Identity.choices, default=Identity.PERSON)
    joined_at = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    # Made by the phone before it joins, so that asking twice seats one person.
    join_key = models.UUIDField(null=True, blank=True, unique=True)
    locale = models.CharField(max_length=10, blank=True)
    sees_severe = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workshop", "pseudonym"], name="pseudonym_unique_in_workshop"
            ),
            models.CheckConstraint(
                condition=~models.Q(pseudonym=""), name="participant_has_a_pseudonym"
            ),
        ]

    def __str__(self) -> str:
        return self.pseudonym


class Device(models.Model):
    """One browser of one participant; its number orders what it sends."""

    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="devices")
    number = models.PositiveIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)
    # Keyed hashes, different in every workshop: they tell that two seats share a phone, not whose.
    install_hash = models.CharField(max_length=64, blank=True)
    agent_hash = models.CharField(max_length=64, blank=True)
    # Since when it is not let in any more: its person ended it from another one.
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["participant", "number"], name="device_number_once"),
        ]

    def __str__(self) -> str:
        return f"{self.participant} device {self.number}"


class ConsentText(models.Model):
    """One version of what people are asked to agree to. Never edited; a change is a new version."""

    version = models.CharField(max_length=20)
    locale = models.CharField(max_length=10)
    body = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "locale"], name="consent_text_once"),
        ]

    def __str__(self) -> str:
        return f"Consent {self.version} ({self.locale})"


class Consent(models.Model):
    """What one participant agreed to, at one time. The latest row holds."""

    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="consents")
    text = models.ForeignKey(ConsentText, on_delete=models.PROTECT, related_name="+")
    take_part = models.BooleanField(default=False)
    be_quoted = models.BooleanField(default=False)
    train_models = models.BooleanField(default=False)
    be_contacted = models.BooleanField(default=False)
    is_of_age = models.BooleanField(null=True, blank=True)
    guardian_agreed = models.BooleanField(null=True, blank=True)
    given_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        get_latest_by = "id"

    def __str__(self) -> str:
        return f"Consent of {self.participant}"


class ContactDetail(models.Model):
    """Where somebody may be written to, kept apart from what they said.

    person_hash: an HMAC of the participant under the installation's secret, so that the tables
    alone do not join an address to answers.
    """

    workshop = models.ForeignKey(Workshop, on_delete=models.CASCADE, related_name="+")
    person_hash = models.CharField(max_length=64, unique=True)
    address = models.CharField(max_length=254)
    locale = models.CharField(max_length=10, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"Somebody of {self.workshop}"


class Withdrawal(models.Model):
    """What one participant took back, when, and what that touched."""

    class Scope(models.TextChoices):
        ALL = "all", "Everything"
        TRAINING = "training", "Use in training"
        QUOTES = "quotes", "My words being quoted"
        ANSWERS = "answers", "Some answers"
        CONTACT = "contact", "My contact details"

    participant = models.ForeignKey(
        Participant, on_delete=models.PROTECT, related_name="withdrawals"
    )
    key = models.UUIDField(unique=True)
    scope = models.CharField(max_length=10, choices=Scope.choices)
    receipt: models.JSONField[Any] = models.JSONField(default=dict)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.participant}: {self.get_scope_display()}"


class AuditEntry(models.Model):
    """Who did what, when. Append-only."""

    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    workshop = models.ForeignKey(Workshop, null=True, on_delete=models.SET_NULL, related_name="+")
    action = models.CharField(max_length=60)
    detail = models.JSONField(default=dict)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.user}: {self.action}"
