"""What people meet in: workshops, their communities and their stages."""

from __future__ import annotations

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
