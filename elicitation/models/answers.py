"""What each said alone.

Every answer is an event that is never changed, and one latest row per thing answered.
"""

from __future__ import annotations

from typing import Any

from django.db import models

from elicitation.models.people import Device, Participant
from elicitation.models.shown import Comparison, Completion, RankingTask
from elicitation.models.sources import ImportedFile
from elicitation.models.workshops import IdentityQuestion, Stage


class AnswerEvent(models.Model):
    """One answer as it arrived. Append-only; the key makes a second sending change nothing."""

    class Kind(models.TextChoices):
        PREFERENCE = "preference", "Preference"
        RATING = "rating", "Rating"
        REWRITE = "rewrite", "Rewrite"
        VOTE = "vote", "Vote"
        RANKING = "ranking", "Ranking"
        CASE = "case", "Case"
        STATEMENT = "statement", "Statement"
        IDENTITY = "identity", "About oneself"
        ENDORSEMENT = "endorsement", "Endorsement"

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
    # Set when the person took it back; the body is then only a hash of what it was.
    erased_at = models.DateTimeField(null=True, blank=True)
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
    # What decided it: [{"side": "left", "start": 0, "end": 12}, …] in characters of the text.
    spans: models.JSONField[Any] = models.JSONField(default=list, blank=True)

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


class Ranking(LatestAnswer):
    """One participant's order of the completions of one task: places, best first.

    order: lists of primary keys; those in one list are about equal.
    """

    task = models.OneToOneField(RankingTask, on_delete=models.PROTECT, related_name="ranking")
    order: models.JSONField[Any] = models.JSONField()

    def __str__(self) -> str:
        return f"{self.task}: {self.order}"


class Case(LatestAnswer):
    """A participant's own test: when someone asks this, the model should do that.

    Never training data: it is what every model is tried on later.
    """

    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="cases")
    stage = models.ForeignKey(
        Stage, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    situation = models.TextField()
    wish = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(situation="") & ~models.Q(wish=""), name="case_has_both_halves"
            ),
        ]

    def __str__(self) -> str:
        return self.situation[:80]


class IdentityAnswer(LatestAnswer):
    """What one participant said of themselves; apart from the community that they joined by."""

    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="+")
    question = models.ForeignKey(IdentityQuestion, on_delete=models.PROTECT, related_name="+")
    choices: models.JSONField[Any] = models.JSONField(default=list, blank=True)
    text = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["participant", "question"], name="one_latest_identity_answer"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.participant} on {self.question}"
