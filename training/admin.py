"""Snapshots, runs and reports, to look at: each is named by what it holds."""

from django.contrib import admin

from elicitation.admin import LookOnly
from training import models

for decided in (
    models.Checkpoint,
    models.DatasetSnapshot,
    models.EvaluationReport,
    models.TrainingRun,
):
    admin.site.register(decided, LookOnly)
