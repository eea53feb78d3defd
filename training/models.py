"""What a model learned, and how we know."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.urls import reverse

from elicitation.models import Community, User
from policy.models import ConstitutionVersion


class DatasetSnapshot(models.Model):
    """An immutable dataset on disk, named by the hash of its content."""

    class Kind(models.TextChoices):
        SFT = "sft", "Demonstrations"
        PREFERENCE = "preference", "Preference pairs"
        THUMBS = "thumbs", "Thumbs: completions by themselves"
        REFUSALS = "refusals", "Refusals of what is ruled out"
        VERIFIABLE = "verifiable", "Questions with verifiable answers"
        STEPWISE = "stepwise", "Steps with labels"

    hash = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    constitution_version = models.ForeignKey(
        ConstitutionVersion, on_delete=models.PROTECT, related_name="+"
    )
    folder = models.CharField(max_length=500)
    rows = models.PositiveIntegerField()
    summary: models.JSONField[Any] = models.JSONField(default=dict)
    created_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    stale_because = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.kind} snapshot {self.hash[:12]}"

    def get_absolute_url(self) -> str:
        """The page of this snapshot."""
        return reverse("snapshot", args=[self.hash])


class TrainingRun(models.Model):
    """One recipe applied to one snapshot, in one run directory."""

    class Recipe(models.TextChoices):
        SFT = "sft", "Supervised fine-tuning (SFT)"
        DPO = "dpo", "Direct preference optimisation (DPO)"
        RLAIF = "rlaif", "Offline RLAIF: a judge reads principles, then DPO"
        KTO = "kto", "From thumbs, completion by completion (KTO)"
        ORPO = "orpo", "Imitation and preference in one, without a reference (ORPO)"
        REWARD = "reward", "Reward models (Bradley-Terry)"
        STEPWISE = "stepwise", "A reward model of steps (PRM)"
        GRPO = "grpo", "By rewards of its own answers, each beside its siblings (GRPO)"
        RLOO = "rloo", "By rewards, less the mean of the siblings (RLOO)"
        PPO = "ppo", "By rewards, with a critic (PPO)"
        MAXMIN = "maxmin", "By the reward of the community served worst (MaxMin)"
        REFT = "reft", "Imitation, then right answers (ReFT)"
        REJECTION = "rejection", "Imitating the best of its own answers (rejection sampling)"
        RLAIF_ONLINE = "rlaif_online", "Online RLAIF: a judge compares its answers"

    snapshot = models.ForeignKey(DatasetSnapshot, on_delete=models.PROTECT, related_name="runs")
    recipe = models.CharField(max_length=12, choices=Recipe.choices)
    base = models.CharField(max_length=500)
    config: models.JSONField[Any] = models.JSONField(default=dict)
    folder = models.CharField(max_length=500)
    created_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"Training run {self.pk} ({self.recipe})"

    def get_absolute_url(self) -> str:
        """The page of this run."""
        return reverse("training-run", args=[self.pk])

    @property
    def subject(self) -> str:
        """What its background work is filed under."""
        return f"training-run:{self.pk}"


class Checkpoint(models.Model):
    """Weights that a training run left."""

    run = models.OneToOneField(TrainingRun, on_delete=models.PROTECT, related_name="checkpoint")
    folder = models.CharField(max_length=500)
    weights_hash = models.CharField(max_length=64)
    step = models.PositiveIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)
    stale_because = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return f"Checkpoint of run {self.run_id}"


class EvaluationReport(models.Model):
    """What a checkpoint does on held-out answers, per community. Null is not measured."""

    checkpoint = models.OneToOneField(Checkpoint, on_delete=models.PROTECT, related_name="report")
    result: models.JSONField[Any] = models.JSONField()
    charts: models.JSONField[Any] = models.JSONField(default=dict)
    worst_community = models.ForeignKey(
        Community, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"Report on {self.checkpoint}"
