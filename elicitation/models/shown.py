"""What people are shown: prompts, what models answered, and what was put to whom."""

from __future__ import annotations

from typing import Any

from django.db import models

from elicitation.models.people import Participant, User
from elicitation.models.sources import ImportedFile
from elicitation.models.workshops import Activity, Stage, Workshop


class Prompt(models.Model):
    """What a model was asked: a conversation that ends with a person's turn."""

    workshop = models.ForeignKey(Workshop, on_delete=models.PROTECT, related_name="prompts")
    messages = models.JSONField()
    content_hash = models.CharField(max_length=64)
    theme = models.CharField(max_length=120, blank=True)
    external_id = models.CharField(max_length=120, blank=True)
    content_warning = models.CharField(max_length=200, blank=True)
    is_severe = models.BooleanField(default=False)

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
    """What a model answered, with where it came from. Nobody sees it who was not meant to:
    it reaches phones only when somebody has read and cleared it."""

    class Screening(models.TextChoices):
        WAITING = "waiting", "Not read yet"
        CLEARED = "cleared", "May be shown"
        SEVERE = "severe", "Only for people who chose to see such things"
        WITHHELD = "withheld", "Never shown"

    prompt = models.ForeignKey(Prompt, on_delete=models.PROTECT, related_name="completions")
    text = models.TextField()
    content_hash = models.CharField(max_length=64)
    source = models.CharField(max_length=120, blank=True)
    revision = models.CharField(max_length=120, blank=True)
    sampling = models.JSONField(default=dict)
    seed = models.BigIntegerField(null=True, blank=True)
    screening = models.CharField(
        max_length=10, choices=Screening.choices, default=Screening.WAITING
    )
    screened_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
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


class Translation(models.Model):
    """The same words in another language, and who put them so."""

    class Origin(models.TextChoices):
        PERSON = "person", "By a person"
        MACHINE = "machine", "By a machine"

    locale = models.CharField(max_length=10)
    text = models.TextField()
    origin = models.CharField(max_length=8, choices=Origin.choices)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.text[:80]


class PromptTranslation(Translation):
    """What a prompt's last turn says in another language."""

    prompt = models.ForeignKey(Prompt, on_delete=models.CASCADE, related_name="translations")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["prompt", "locale"], name="prompt_once_per_locale"),
        ]


class CompletionTranslation(Translation):
    """What a completion says in another language."""

    completion = models.ForeignKey(
        Completion, on_delete=models.CASCADE, related_name="translations"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["completion", "locale"], name="completion_once_per_locale"
            ),
        ]


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


class Showing(models.Model):
    """One completion put to one participant by itself, to rate, judge or rewrite."""

    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="showings")
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="+")
    completion = models.ForeignKey(Completion, on_delete=models.PROTECT, related_name="+")
    propensity = models.FloatField(null=True, blank=True)
    assigned_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["participant", "activity", "completion"], name="showing_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.completion_id} to {self.participant}"


class RankingTask(models.Model):
    """Three or more completions of one prompt put to one participant to bring into order.

    completions: primary keys in the order in which they were shown.
    """

    participant = models.ForeignKey(
        Participant, on_delete=models.PROTECT, related_name="ranking_tasks"
    )
    prompt = models.ForeignKey(Prompt, on_delete=models.PROTECT, related_name="+")
    stage = models.ForeignKey(
        Stage, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    completions: models.JSONField[Any] = models.JSONField()
    propensity = models.FloatField(null=True, blank=True)
    assigned_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["participant", "prompt"], name="ranking_task_once"),
        ]

    def __str__(self) -> str:
        return f"{self.prompt_id} to {self.participant}"
