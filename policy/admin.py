"""Analyses and constitutions, to look at: each is a new row, never a changed one."""

from django.contrib import admin

from elicitation.admin import LookOnly
from policy import models

for decided in (
    models.Analysis,
    models.Citation,
    models.Constitution,
    models.ConstitutionVersion,
    models.FaultLine,
    models.OpinionGroup,
    models.Principle,
):
    admin.site.register(decided, LookOnly)
