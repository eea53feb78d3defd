"""What people meet in: workshops, their communities and their stages."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.urls import reverse


class Community(models.Model):
    """People with a shared identity or stake, declared, whose views stay distinguishable."""

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=120, unique=True)
    description = models.TextField(blank=True)

    class Meta:
        verbose_name_plural = "communities"

    def __str__(self) -> str:
        return self.name


class Workshop(models.Model):
    """One protocol in which one or more communities take part."""

    class Provenance(models.TextChoices):
        LIVE = "live", "Live"
        REAL = "real", "Real published data"
        SUBSET = "subset", "A subset of real published data"
        SIMULATED = "simulated", "Simulated people"

    slug = models.SlugField(max_length=80, unique=True)
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    provenance = models.CharField(
        max_length=12, choices=Provenance.choices, default=Provenance.LIVE
    )
    provenance_note = models.TextField(blank=True)
    attribution = models.TextField(blank=True)
    content_warning = models.TextField(blank=True)
    small_cell = models.PositiveSmallIntegerField(default=10)
    # What people are told and asked before they begin, and who helps when something hurts.
    minimum_age = models.PositiveSmallIntegerField(null=True, blank=True)
    guardian_below = models.PositiveSmallIntegerField(null=True, blank=True)
    withdraw_until = models.DateField(null=True, blank=True)
    organiser = models.TextField(blank=True)
    support = models.TextField(blank=True)
    debrief = models.TextField(blank=True)
    exposure_cap = models.PositiveSmallIntegerField(default=5)
    # Counted up with every change that phones should learn of; they ask for it again and again.
    pulse = models.PositiveIntegerField(default=0)
    communities: models.ManyToManyField[Community, WorkshopCommunity] = models.ManyToManyField(
        Community, through="WorkshopCommunity", related_name="workshops"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(small_cell__gte=5), name="small_cell_floor_is_five"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """The workshop's page."""
        return reverse("workshop", args=[self.slug])

    @property
    def is_public(self) -> bool:
        """Whether its answers were published elsewhere, so that no consent of ours binds them."""
        return self.provenance != self.Provenance.LIVE


class WorkshopCommunity(models.Model):
    """One community's seat in one workshop, with the code that its people join by."""

    workshop = models.ForeignKey(Workshop, on_delete=models.PROTECT, related_name="seats")
    community = models.ForeignKey(Community, on_delete=models.PROTECT, related_name="seats")
    position = models.PositiveSmallIntegerField(default=0)
    join_code = models.CharField(max_length=8, unique=True)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["workshop", "community"], name="community_once_in_workshop"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.community} in {self.workshop}"


class StageQuerySet(models.QuerySet["Stage"]):
    """Stages, many at a time."""

    def open(self) -> StageQuerySet:
        """Those in which people can act now."""
        return self.filter(status=Stage.Status.OPEN)


class Stage(models.Model):
    """One step of a workshop; what can be done depends on whether it is open."""

    class Kind(models.TextChoices):
        THEMES = "themes", "Theme generation"
        NORMS = "norms", "Norm elicitation"
        RULES = "rules", "Rule development"
        REVIEW = "review", "Ruleset review"
        MODELS = "models", "Model review"

    class Status(models.TextChoices):
        WAITING = "waiting", "Not yet open"
        OPEN = "open", "Open"
        CLOSED = "closed", "Closed"

    workshop = models.ForeignKey(Workshop, on_delete=models.PROTECT, related_name="stages")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    title = models.CharField(max_length=120)
    position = models.PositiveSmallIntegerField(default=0)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)

    objects = StageQuerySet.as_manager()

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["workshop", "position"], name="one_stage_per_position"),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.workshop})"

    @property
    def is_open(self) -> bool:
        """Whether people can act in it now."""
        return self.status == self.Status.OPEN


class Activity(models.Model):
    """One thing that people do in a stage, and how."""

    class Kind(models.TextChoices):
        COMPARE = "compare", "Compare two answers"
        RATE = "rate", "Thumbs"
        CRITERIA = "criteria", "Judge by criteria"
        RANK = "rank", "Put answers in order"
        REWRITE = "rewrite", "Write a better answer"
        CASE = "case", "Write a case"
        PROPOSE = "propose", "Propose statements"
        VOTE = "vote", "Vote on statements"
        REVIEW = "review", "Review the ruleset"
        IDENTITY = "identity", "About you"

    class Phase(models.TextChoices):
        ANSWERING = "answering", "People answer by themselves"
        REVEALED = "revealed", "Results are shown"
        DISCUSSING = "discussing", "People talk about it"

    stage = models.ForeignKey(Stage, on_delete=models.PROTECT, related_name="activities")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    position = models.PositiveSmallIntegerField(default=0)
    # How many each person is asked for; empty: as many as there are.
    wanted = models.PositiveSmallIntegerField(null=True, blank=True)
    settings: models.JSONField[Any] = models.JSONField(default=dict, blank=True)
    phase = models.CharField(max_length=12, choices=Phase.choices, default=Phase.ANSWERING)
    round = models.PositiveSmallIntegerField(default=1)
    # What the facilitator put before everyone; the primary key of a statement or prompt.
    pushed = models.BigIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["position", "id"]
        verbose_name_plural = "activities"
        constraints = [
            models.UniqueConstraint(fields=["stage", "kind"], name="activity_once_in_stage"),
            models.CheckConstraint(
                condition=models.Q(round__gte=1), name="rounds_are_counted_from_one"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} in {self.stage}"

    @property
    def takes_answers(self) -> bool:
        """Whether people can answer now."""
        return self.stage.is_open and self.phase == self.Phase.ANSWERING


class IdentityQuestion(models.Model):
    """Something a workshop would like to know of people, which nobody has to answer."""

    workshop = models.ForeignKey(
        Workshop, on_delete=models.PROTECT, related_name="identity_questions"
    )
    text = models.CharField(max_length=200)
    options: models.JSONField[Any] = models.JSONField(default=list, blank=True)
    # Whether analyses compare people by what they ticked; people read it beside the question.
    compares = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.text
