"""Statements and votes, to look at. Moderation has its own page and its own reasons."""

from django.contrib import admin

from deliberation import models
from elicitation.admin import LookOnly


@admin.register(models.Statement)
class StatementAdmin(LookOnly):
    """What people proposed."""

    list_display = ["external_id", "text", "kind", "workshop", "moderation"]
    list_select_related = ["workshop"]
    list_filter = ["kind", "moderation"]
    search_fields = ["text", "external_id"]


for looked_at in (
    models.Label,
    models.LabelSet,
    models.LiveSession,
    models.StatementLineage,
    models.Vote,
):
    admin.site.register(looked_at, LookOnly)
