"""The administrator's back door: what may be changed by hand, and what may only be looked at."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.http import HttpRequest

from elicitation import models


class LookOnly(admin.ModelAdmin):
    """For what is never edited: rows can be searched and read, and nothing else."""

    show_full_result_count = False
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Rows come from services alone."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was said or decided stays as it is."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A withdrawal erases; an administrator does not."""
        return False


class MembershipInline(admin.TabularInline):
    """Who has which role in a workshop."""

    model = models.Membership
    extra = 0
    autocomplete_fields = ["user"]


class StageInline(admin.TabularInline):
    """The stages of a workshop."""

    model = models.Stage
    extra = 0


@admin.register(models.Workshop)
class WorkshopAdmin(admin.ModelAdmin):
    """Workshops with their staff and stages."""

    list_display = ["title", "slug", "provenance", "created_at"]
    search_fields = ["title", "slug"]
    inlines = [MembershipInline, StageInline]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """What people were promised when they joined is changed by services alone, if at all."""
        return ("provenance", "small_cell", "withdraw_until") if obj else ()


@admin.register(models.Community)
class CommunityAdmin(admin.ModelAdmin):
    """The names and descriptions of communities."""

    list_display = ["name", "slug"]
    search_fields = ["name"]


@admin.register(models.Participant)
class ParticipantAdmin(LookOnly):
    """People by pseudonym; their return codes are not shown, not even hashed."""

    list_display = ["pseudonym", "workshop", "identity", "withdrawn_at"]
    list_select_related = ["workshop"]
    search_fields = ["pseudonym"]
    exclude = ["return_code_hash"]


@admin.register(models.AuditEntry)
class AuditEntryAdmin(LookOnly):
    """Who did what, when."""

    list_display = ["at", "user", "workshop", "action"]
    list_select_related = ["user", "workshop"]
    list_filter = ["action"]


@admin.register(models.ImportedFile)
class ImportedFileAdmin(LookOnly):
    """What came in from files."""

    list_display = ["name", "workshop", "community", "rows_stored", "rows_rejected", "imported_at"]
    list_select_related = ["workshop", "community"]


admin.site.register(models.User, UserAdmin)
for append_only in (
    models.AnswerEvent,
    models.Comparison,
    models.Completion,
    models.Consent,
    models.ConsentText,
    models.ImportRejection,
    models.Preference,
    models.Prompt,
    models.Rating,
    models.Rewrite,
):
    admin.site.register(append_only, LookOnly)
