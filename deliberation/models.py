"""What people work out together: statements, where each came from, and the votes on them."""

from __future__ import annotations

from typing import Any

from django.db import models

from elicitation.models import (
    Activity,
    Community,
    ImportedFile,
    Participant,
    Stage,
    User,
    Workshop,
)
from elicitation.models.answers import LatestAnswer
from elicitation.models.shown import Translation


class LiveSession(models.Model):
    """A facilitated meeting in which a stage is held with one community."""

    stage = models.ForeignKey(Stage, on_delete=models.PROTECT, related_name="+")
    community = models.ForeignKey(Community, on_delete=models.PROTECT, related_name="+")
    facilitator = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    began_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.stage} with {self.community}"


class StatementQuerySet(models.QuerySet["Statement"]):
    """Statements, many at a time."""

    def standing(self) -> StatementQuerySet:
        """Those that moderation has not taken out."""
        return self.exclude(moderation=Statement.Moderation.OUT)


class Statement(models.Model):
    """A short proposal that others vote on."""

    class Kind(models.TextChoices):
        THEME = "theme", "Theme"
        NORM = "norm", "Norm"
        RULE = "rule", "Rule"

    class Moderation(models.TextChoices):
        UNREVIEWED = "unreviewed", "Not reviewed"
        IN = "in", "Accepted"
        OUT = "out", "Taken out"

    workshop = models.ForeignKey(Workshop, on_delete=models.PROTECT, related_name="+")
    community = models.ForeignKey(
        Community, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    stage = models.ForeignKey(
        Stage, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.NORM)
    text = models.TextField()
    why = models.TextField(blank=True)
    theme = models.CharField(max_length=120, blank=True)
    subtheme = models.CharField(max_length=120, blank=True)
    quotes = models.JSONField(default=list)
    external_id = models.CharField(max_length=120)
    author = models.ForeignKey(
        Participant, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    is_seed = models.BooleanField(default=False)
    moderation = models.CharField(
        max_length=12, choices=Moderation.choices, default=Moderation.UNREVIEWED
    )
    moderation_reason = models.TextField(blank=True)
    imported_file = models.ForeignKey(
        ImportedFile, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    source_file = models.CharField(max_length=255, blank=True)
    source_line = models.PositiveIntegerField(null=True, blank=True)
    said_at_ms = models.BigIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = StatementQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["workshop", "external_id"], name="statement_id_once_in_workshop"
            ),
            models.CheckConstraint(condition=~models.Q(text=""), name="statement_has_words"),
        ]

    def __str__(self) -> str:
        return self.text[:80]


class StatementTranslation(Translation):
    """What a statement says in another language."""

    statement = models.ForeignKey(Statement, on_delete=models.CASCADE, related_name="translations")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["statement", "locale"], name="statement_once_per_locale"
            ),
        ]


class Reveal(models.Model):
    """A result as it was shown to people, once: what they saw when they voted again.

    community: whose result; None for all. result: counts, or the sentence that it is too few.
    """

    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="+")
    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="reveals")
    community = models.ForeignKey(
        Community, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    round = models.PositiveSmallIntegerField()
    result: models.JSONField[Any] = models.JSONField()
    shown_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    shown_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["activity", "statement", "community", "round"],
                name="reveal_once_per_round_and_community",
            ),
            models.UniqueConstraint(
                fields=["activity", "statement", "round"],
                condition=models.Q(community__isnull=True),
                name="reveal_once_per_round_for_all",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.statement_id}, round {self.round}"


class StatementLineage(models.Model):
    """How one statement came out of another."""

    class Relation(models.TextChoices):
        REWORDED = "reworded", "Reworded from"
        MERGED = "merged", "Merged from"
        SPLIT = "split", "Split from"
        REVISED = "revised", "Revised after critique of"

    child = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="parents")
    parent = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="children")
    relation = models.CharField(max_length=10, choices=Relation.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["child", "parent"], name="lineage_once"),
            models.CheckConstraint(
                condition=~models.Q(child=models.F("parent")),
                name="statement_is_not_its_own_parent",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.child_id} {self.relation} {self.parent_id}"


class Vote(LatestAnswer):
    """What one participant last said of one statement. Unseen statements have no row."""

    class Choice(models.IntegerChoices):
        DISAGREE = -1, "Disagree"
        PASS = 0, "Pass"
        AGREE = 1, "Agree"

    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="+")
    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="votes")
    choice = models.SmallIntegerField(choices=Choice.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["participant", "statement"], name="one_latest_vote"),
            models.CheckConstraint(
                condition=models.Q(choice__in=[-1, 0, 1]), name="vote_choice_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.participant} on {self.statement_id}: {self.choice}"


class LabelSet(models.Model):
    """Labels that someone else gave to people, such as Polis's groups. Never communities."""

    workshop = models.ForeignKey(Workshop, on_delete=models.PROTECT, related_name="+")
    name = models.SlugField(max_length=60)
    description = models.CharField(max_length=300, blank=True)
    imported_file = models.ForeignKey(
        ImportedFile, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workshop", "name"], name="label_set_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Label(models.Model):
    """One person's label in one set, joined by the person, never by row position."""

    label_set = models.ForeignKey(LabelSet, on_delete=models.CASCADE, related_name="labels")
    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["label_set", "participant"], name="one_label_in_set"),
        ]

    def __str__(self) -> str:
        return f"{self.participant}: {self.name}"
