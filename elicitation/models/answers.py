"""What people are shown, and what each said alone.

Every answer is an event that is never changed, and one latest row per thing answered.
"""

from __future__ import annotations

from typing import Any

from django.db import models

from elicitation.models.people import Device, Participant
from elicitation.models.sources import ImportedFile
from elicitation.models.workshops import Stage, Workshop


class Prompt(models.Model):
    """What a model was asked: a conversation that ends with a person's turn."""

    workshop = models.ForeignKey(Workshop, on_delete=models.PROTECT, related_name="prompts")
    messages = models.JSONField()
    content_hash = models.CharField(max_length=64)
    theme = models.CharField(max_length=120, blank=True)
    external_id = models.CharField(max_length=120, blank=True)
    content_warning = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workshop", "content_hash"], name="prompt_once_in_workshop"
            ),
        ]

    def __str__(self) -> str:
        return self.last_turn[:80]

    @property
    def last_turn(self) -> str:
        """What the person said last."""
        return str(self.messages[-1]["content"])


class Completion(models.Model):
    """What a model answered, with where it came from."""

    prompt = models.ForeignKey(Prompt, on_delete=models.PROTECT, related_name="completions")
    text = models.TextField()
    content_hash = models.CharField(max_length=64)
    source = models.CharField(max_length=120, blank=True)
    revision = models.CharField(max_length=120, blank=True)
    sampling = models.JSONField(default=dict)
    seed = models.BigIntegerField(null=True, blank=True)
    imported_file = models.ForeignKey(
        ImportedFile, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["prompt", "content_hash", "source"], name="completion_once_per_source"
            ),
        ]

    def __str__(self) -> str:
        return self.text[:80]


class Comparison(models.Model):
    """Two completions of one prompt put to one participant, and which side each was on."""

    participant = models.ForeignKey(
        Participant, on_delete=models.PROTECT, related_name="comparisons"
    )
    prompt = models.ForeignKey(Prompt, on_delete=models.PROTECT, related_name="+")
    left = models.ForeignKey(Completion, on_delete=models.PROTECT, related_name="+")
    right = models.ForeignKey(Completion, on_delete=models.PROTECT, related_name="+")
    stage = models.ForeignKey(
        Stage, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    propensity = models.FloatField(null=True, blank=True)
    assigned_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["participant", "left", "right"], name="comparison_once_per_participant"
            ),
            models.CheckConstraint(
                condition=~models.Q(left=models.F("right")), name="comparison_has_two_sides"
            ),
            models.CheckConstraint(
                condition=models.Q(propensity__isnull=True)
                | (models.Q(propensity__gt=0) & models.Q(propensity__lte=1)),
                name="propensity_is_a_probability",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.participant}: {self.left_id} or {self.right_id}"


class AnswerEvent(models.Model):
    """One answer as it arrived. Append-only; the key makes a second sending change nothing."""

    class Kind(models.TextChoices):
        PREFERENCE = "preference", "Preference"
        RATING = "rating", "Rating"
        REWRITE = "rewrite", "Rewrite"
        VOTE = "vote", "Vote"

    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="events")
    key = models.CharField(max_length=100)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    target = models.BigIntegerField()
    body: models.JSONField[Any] = models.JSONField()
    device = models.ForeignKey(
        Device, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    client_seq = models.BigIntegerField(null=True, blank=True)
    said_at_ms = models.BigIntegerField(null=True, blank=True)
    recorded_at = models.DateTimeField(auto_now_add=True)
    imported_file = models.ForeignKey(
        ImportedFile, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    source_file = models.CharField(max_length=255, blank=True)
    source_line = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["kind", "target"], name="event_by_target")]
        constraints = [
            models.UniqueConstraint(fields=["participant", "key"], name="answer_key_once"),
            models.UniqueConstraint(
                fields=["device", "client_seq"],
                condition=models.Q(device__isnull=False),
                name="client_seq_once_per_device",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} by {self.participant}"


class LatestAnswer(models.Model):
    """What one participant last said of one thing, and the event that said it."""

    event = models.ForeignKey(AnswerEvent, on_delete=models.PROTECT, related_name="+")
    device = models.ForeignKey(
        Device, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    client_seq = models.BigIntegerField(null=True, blank=True)

    class Meta:
        abstract = True


class Preference(LatestAnswer):
    """One participant's answer to one comparison."""

    class Choice(models.TextChoices):
        LEFT = "left", "The left one"
        RIGHT = "right", "The right one"
        EQUAL = "equal", "About equal"
        NEITHER = "neither", "Neither acceptable"
        SKIP = "skip", "Skipped"
        FLAG = "flag", "Flagged"

    comparison = models.OneToOneField(
        Comparison, on_delete=models.PROTECT, related_name="preference"
    )
    choice = models.CharField(max_length=10, choices=Choice.choices)
    strength = models.PositiveSmallIntegerField(null=True, blank=True)
    rationale = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    choice__in=["left", "right", "equal", "neither", "skip", "flag"]
                ),
                name="preference_choice_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(strength__isnull=True)
                | (models.Q(strength__gte=1) & models.Q(strength__lte=3)),
                name="preference_strength_one_to_three",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.comparison}: {self.choice}"


class Rating(LatestAnswer):
    """One participant's judgement of one completion, on one criterion."""

    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="ratings")
    completion = models.ForeignKey(Completion, on_delete=models.PROTECT, related_name="+")
    criterion = models.CharField(max_length=40, default="thumbs")
    value = models.SmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["participant", "completion", "criterion"], name="one_latest_rating"
            ),
            models.CheckConstraint(
                condition=models.Q(value__gte=-1) & models.Q(value__lte=7),
                name="rating_value_in_range",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.participant} rates {self.completion_id}: {self.value}"


class Rewrite(LatestAnswer):
    """One participant's better completion."""

    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="rewrites")
    completion = models.ForeignKey(Completion, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["participant", "completion"], name="one_latest_rewrite"
            ),
        ]

    def __str__(self) -> str:
        return self.text[:80]
