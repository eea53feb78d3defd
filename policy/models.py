"""What is agreed, by whom and with whose dissent, in which words."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.urls import reverse

from deliberation.models import Statement
from elicitation.models import Community, Participant, Stage, User, Workshop
from elicitation.models.answers import LatestAnswer


class Analysis(models.Model):
    """A dated computation with frozen input, parameters, seed and code version. Never edited."""

    workshop = models.ForeignKey(Workshop, on_delete=models.PROTECT, related_name="+")
    input_hash = models.CharField(max_length=64)
    seed = models.BigIntegerField()
    parameters: models.JSONField[Any] = models.JSONField(default=dict)
    code_version = models.CharField(max_length=120)
    result: models.JSONField[Any] = models.JSONField()
    charts: models.JSONField[Any] = models.JSONField(default=dict)
    # {statement id: [ids of the people who agreed]}, frozen with the rest; never exported.
    approvers: models.JSONField[Any] = models.JSONField(default=dict)
    seconds = models.FloatField(default=0)
    created_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    stale_because = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-id"]
        get_latest_by = "id"
        verbose_name_plural = "analyses"

    def __str__(self) -> str:
        return f"Analysis {self.pk} of {self.workshop}"

    def get_absolute_url(self) -> str:
        """The page of this analysis."""
        return reverse("analysis", args=[self.workshop.slug, self.pk])


class LivePicture(models.Model):
    """How a vote that is under way looked when it was last counted; one row per workshop.

    held: counts as they were told, so that no change tells of too few people. Nobody's votes or
    places are in it. mark: the newest answer that was counted. since: nothing is told of answers
    up to this one, because somebody took something back.
    """

    workshop = models.OneToOneField(Workshop, on_delete=models.CASCADE, related_name="+")
    held: models.JSONField[Any] = models.JSONField(default=dict)
    statements: models.JSONField[Any] = models.JSONField(default=dict)
    map: models.JSONField[Any] = models.JSONField(default=dict)
    charts: models.JSONField[Any] = models.JSONField(default=dict)
    mark = models.BigIntegerField(default=0)
    since = models.BigIntegerField(default=0)
    asked_at = models.DateTimeField(null=True, blank=True)
    counted_at = models.DateTimeField(null=True, blank=True)
    seconds = models.FloatField(default=0)

    def __str__(self) -> str:
        return f"Live picture of {self.workshop}"


class OpinionGroup(models.Model):
    """People who vote alike, as one analysis computed them. Not a community."""

    analysis = models.ForeignKey(Analysis, on_delete=models.CASCADE, related_name="opinion_groups")
    number = models.PositiveSmallIntegerField()
    size = models.PositiveIntegerField()
    members: models.ManyToManyField[Participant, Any] = models.ManyToManyField(
        Participant, related_name="+"
    )

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["analysis", "number"], name="opinion_group_once"),
        ]

    def __str__(self) -> str:
        return f"Opinion group {self.number} of {self.analysis_id}"


class FaultLine(models.Model):
    """A cluster of items on which communities or opinion groups differ."""

    class Between(models.TextChoices):
        COMMUNITIES = "communities", "Communities"
        OPINION_GROUPS = "opinion_groups", "Opinion groups"

    analysis = models.ForeignKey(Analysis, on_delete=models.CASCADE, related_name="fault_lines")
    number = models.PositiveSmallIntegerField()
    between = models.CharField(max_length=20, choices=Between.choices)
    name = models.CharField(max_length=200)
    size = models.FloatField()
    detail: models.JSONField[Any] = models.JSONField()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["analysis", "number"], name="fault_line_once"),
        ]

    def __str__(self) -> str:
        return self.name


class FaultLineEdit(models.Model):
    """One change by an analyst to how fault lines are read. Append-only; the analysis stays.

    detail: the lines by the keys of their items, so that later analyses can find them again.
    """

    class Kind(models.TextChoices):
        RENAME = "rename", "Renamed"
        MERGE = "merge", "Put together"
        SPLIT = "split", "Split"
        ANNOTATE = "annotate", "Note"
        UNDO = "undo", "Undone"

    analysis = models.ForeignKey(Analysis, on_delete=models.CASCADE, related_name="line_edits")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    detail: models.JSONField[Any] = models.JSONField(default=dict)
    undoes = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["analysis", "undoes"], name="edit_undone_once"),
            models.CheckConstraint(
                condition=models.Q(kind="undo", undoes__isnull=False)
                | (~models.Q(kind="undo") & models.Q(undoes__isnull=True)),
                name="an_undo_says_what_it_undoes",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} on {self.analysis_id}"


class Constitution(models.Model):
    """What one community, or all of a workshop's communities, want of a model."""

    title = models.CharField(max_length=200)
    community = models.ForeignKey(
        Community, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    workshops: models.ManyToManyField[Workshop, Any] = models.ManyToManyField(
        Workshop, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """The page of its newest version."""
        return reverse("constitution", args=[self.pk])


class ConstitutionVersion(models.Model):
    """One immutable, numbered text of a constitution."""

    constitution = models.ForeignKey(
        Constitution, on_delete=models.PROTECT, related_name="versions"
    )
    number = models.PositiveIntegerField()
    analysis = models.ForeignKey(Analysis, on_delete=models.PROTECT, related_name="+")
    content_hash = models.CharField(max_length=64)
    choosing: models.JSONField[Any] = models.JSONField(default=dict)
    created_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    stale_because = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-number"]
        get_latest_by = "number"
        constraints = [
            models.UniqueConstraint(fields=["constitution", "number"], name="version_number_once"),
        ]

    def __str__(self) -> str:
        return f"{self.constitution}, version {self.number}"

    def get_absolute_url(self) -> str:
        """The page of this version."""
        return reverse("constitution-version", args=[self.constitution_id, self.number])


class Principle(models.Model):
    """One article of a constitution version, citing its evidence."""

    class Status(models.TextChoices):
        COMMON_GROUND = "common_ground", "Common ground"
        COMMUNITY_SPECIFIC = "community_specific", "Community-specific"
        CONTESTED = "contested", "Contested"

    class Resolution(models.TextChoices):
        NONE = "", "Nothing to resolve"
        MAJORITY = "majority", "What most want"
        ABSTAIN = "abstain", "Abstain"
        PRESENT_BOTH = "present_both", "Present both sides"
        CONTEXT = "context", "Depends on context"
        PER_COMMUNITY = "per_community", "Per community"

    version = models.ForeignKey(
        ConstitutionVersion, on_delete=models.PROTECT, related_name="principles"
    )
    number = models.PositiveSmallIntegerField()
    text = models.TextField()
    status = models.CharField(max_length=20, choices=Status.choices)
    resolution = models.CharField(
        max_length=20, choices=Resolution.choices, blank=True, default=Resolution.NONE
    )
    communities: models.ManyToManyField[Community, Any] = models.ManyToManyField(
        Community, related_name="+"
    )
    # What a revealed preference measures: {"feature": "length", "theme": "", "threshold": 0.5,
    # "directions": {"river": -1}}, more (1) or less (-1) of it per community, "" for all of them.
    measure: models.JSONField[Any] = models.JSONField(default=dict)
    numbers: models.JSONField[Any] = models.JSONField(default=dict)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["version", "number"], name="principle_number_once"),
            models.CheckConstraint(
                condition=~models.Q(status="contested") | ~models.Q(resolution=""),
                name="contested_principle_declares_its_resolution",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.text[:80]}"


class Citation(models.Model):
    """One piece of evidence for a principle: a statement, a preference or a fault line."""

    class Kind(models.TextChoices):
        STATEMENT = "statement", "A statement and its votes"
        PREFERENCE = "preference", "A revealed preference"
        FAULT_LINE = "fault_line", "A fault line"

    principle = models.ForeignKey(Principle, on_delete=models.PROTECT, related_name="citations")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    statement = models.ForeignKey(
        Statement, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    fault_line = models.ForeignKey(
        FaultLine, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    quote = models.TextField(blank=True)
    numbers: models.JSONField[Any] = models.JSONField(default=dict)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=(models.Q(kind="statement") & models.Q(statement__isnull=False))
                | (models.Q(kind="fault_line") & models.Q(fault_line__isnull=False))
                | models.Q(kind="preference"),
                name="citation_points_at_its_evidence",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.principle_id}"


class Ratification(models.Model):
    """The round in which one community of a workshop endorses a version or dissents from it."""

    version = models.ForeignKey(
        ConstitutionVersion, on_delete=models.PROTECT, related_name="ratifications"
    )
    stage = models.ForeignKey(Stage, on_delete=models.PROTECT, related_name="+")
    community = models.ForeignKey(Community, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "stage", "community"], name="ratified_once_per_stage"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version} before {self.community}"


class Endorsement(LatestAnswer):
    """One person's yes, no, change or abstention on one principle."""

    class Choice(models.TextChoices):
        ENDORSE = "endorse", "Endorse"
        OBJECT = "object", "Object"
        AMEND = "amend", "Would change it"
        ABSTAIN = "abstain", "Abstain"

    ratification = models.ForeignKey(
        Ratification, on_delete=models.PROTECT, related_name="endorsements"
    )
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="+")
    principle = models.ForeignKey(Principle, on_delete=models.PROTECT, related_name="+")
    choice = models.CharField(max_length=8, choices=Choice.choices)
    reason = models.TextField(blank=True)
    amendment = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ratification", "participant", "principle"], name="one_latest_endorsement"
            ),
            models.CheckConstraint(
                condition=models.Q(choice__in=["endorse", "object", "amend", "abstain"]),
                name="endorsement_choice_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.participant} on {self.principle_id}: {self.choice}"
