"""One table: the pieces of background work, who holds each of them, and until when."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Self

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Now

DUE = Q(status="queued") & (Q(not_before=None) | Q(not_before__lte=Now()))
RUNNING = Q(status="running")
LAPSED = RUNNING & Q(lease_until__lt=Now())
ENDED = ("done", "failed", "cancelled")


class WorkQuerySet(models.QuerySet["Work"]):
    """Questions about many pieces of work. All times are the database's own clock."""

    def open(self) -> Self:
        """Work that is waiting or under way."""
        return self.filter(status__in=[Work.Status.QUEUED, Work.Status.RUNNING])

    def ready(self) -> Self:
        """Work that a worker may take now: due, or left behind by a worker whose lease lapsed."""
        return self.open().filter(DUE | LAPSED, attempt__lt=F("max_attempts"))

    def unfinished(self) -> Self:
        """Work that some worker is at, or will be now or when a lease lapses."""
        return self.open().filter(DUE | RUNNING, attempt__lt=F("max_attempts"))

    def abandoned(self) -> Self:
        """Work whose holder is gone and that may not be tried again."""
        return self.filter(LAPSED, attempt__gte=F("max_attempts"))

    def held_by(self, worker: str, attempt: int) -> Self:
        """Work that this worker still holds in this attempt; every write goes through here."""
        return self.filter(status=Work.Status.RUNNING, worker=worker, attempt=attempt)

    def latest_for(self, subject: str) -> "Work | None":
        """The newest piece of work about this subject, or None."""
        return self.filter(subject=subject).order_by("-pk").first()


class Work(models.Model):
    """A call of `task(work, **arguments)` that outlives the request that asked for it."""

    class Status(models.TextChoices):
        """The life of a piece of work, in words."""

        QUEUED = "queued", "Waiting"
        RUNNING = "running", "Under way"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    task = models.CharField(max_length=200, help_text="Dotted path of the function that is called.")
    arguments = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    subject = models.CharField(
        max_length=200, blank=True, default="", help_text="What it is about, to find it by."
    )
    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    attempt = models.PositiveSmallIntegerField(default=0)
    max_attempts = models.PositiveSmallIntegerField(default=3)
    worker = models.CharField(max_length=100, blank=True, default="")
    lease_until = models.DateTimeField(null=True, blank=True)
    progress = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    result = models.JSONField(null=True, blank=True)
    error = models.TextField(blank=True, default="", help_text="A sentence for people.")
    traceback = models.TextField(blank=True, default="", help_text="For whoever mends it.")
    not_before = models.DateTimeField(null=True, blank=True)
    created = models.DateTimeField(db_default=Now())
    started = models.DateTimeField(null=True, blank=True)
    ended = models.DateTimeField(null=True, blank=True)

    objects = WorkQuerySet.as_manager()

    class Meta:
        verbose_name = "piece of work"
        verbose_name_plural = "work"
        indexes = [
            models.Index(fields=["subject", "-id"], name="work_by_subject"),
            models.Index(
                fields=["id"],
                condition=Q(status__in=["queued", "running"]),
                name="work_open",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="work_status_is_a_known_word",
                condition=Q(status__in=["queued", "running", *ENDED]),
            ),
            models.CheckConstraint(
                name="work_running_has_a_holder_and_a_lease",
                condition=(
                    Q(status="running", lease_until__isnull=False, attempt__gte=1) & ~Q(worker="")
                )
                | (~Q(status="running") & Q(lease_until__isnull=True)),
            ),
            models.CheckConstraint(
                name="work_ended_has_a_time",
                condition=Q(status__in=ENDED, ended__isnull=False)
                | (~Q(status__in=ENDED) & Q(ended__isnull=True)),
            ),
            models.CheckConstraint(
                name="work_attempts_are_bounded",
                condition=Q(attempt__lte=F("max_attempts")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject or self.task} ({self.get_status_display().lower()})"

    @property
    def is_open(self) -> bool:
        """Whether it is waiting or under way."""
        return self.status in (self.Status.QUEUED, self.Status.RUNNING)

    @property
    def share_done(self) -> float | None:
        """Progress in 0..1, or None where the task did not say how much there is."""
        done, of = self.progress.get("done"), self.progress.get("of")
        if done is None or not of:
            return None
        return float(min(1.0, max(0.0, done / of)))

    @property
    def what_it_does(self) -> str:
        """The task's own words on what it is doing, or the status."""
        return str(self.progress.get("say") or self.get_status_display())


def lease_end(lease: timedelta) -> CombinedExpression:
    """The moment a lease taken now runs out, by the database's clock."""
    return Now() + lease


def ended_as(status: Work.Status, **fields: Any) -> Mapping[str, Any]:
    """The fields that end a piece of work, in one UPDATE."""
    return {"status": status, "lease_until": None, "ended": Now(), **fields}
