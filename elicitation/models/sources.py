"""Where imported answers came from, and what was turned away."""

from __future__ import annotations

from django.db import models
from django.urls import reverse

from elicitation.models.people import User
from elicitation.models.workshops import Community, Workshop


class ImportedFile(models.Model):
    """One file (or folder of files) read once into one workshop. Named by its content."""

    workshop = models.ForeignKey(Workshop, on_delete=models.PROTECT, related_name="imports")
    community = models.ForeignKey(
        Community, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    name = models.CharField(max_length=255)
    format = models.CharField(max_length=20)
    sha256 = models.CharField(max_length=64)
    bytes = models.BigIntegerField()
    counts = models.JSONField(default=dict)
    notices = models.JSONField(default=list)
    rows_read = models.PositiveIntegerField(default=0)
    rows_stored = models.PositiveIntegerField(default=0)
    rows_known = models.PositiveIntegerField(default=0)
    rows_rejected = models.PositiveIntegerField(default=0)
    imported_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    imported_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["workshop", "community", "format", "sha256"],
                condition=models.Q(community__isnull=False),
                name="file_once_per_workshop_and_community",
            ),
            models.UniqueConstraint(
                fields=["workshop", "format", "sha256"],
                condition=models.Q(community__isnull=True),
                name="file_once_per_workshop",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The page that reports this import."""
        return reverse("import-report", args=[self.workshop.slug, self.pk])


class ImportRejection(models.Model):
    """One row that was not stored, and why."""

    imported_file = models.ForeignKey(
        ImportedFile, on_delete=models.CASCADE, related_name="rejections"
    )
    file = models.CharField(max_length=255)
    line = models.PositiveIntegerField()
    field = models.CharField(max_length=80, blank=True)
    reason = models.CharField(max_length=300)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.file} line {self.line}: {self.reason}"
