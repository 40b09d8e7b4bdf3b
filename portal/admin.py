"""Administration: people and their roles; jobs and the record of acts to look at only."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from portal.models import AuditEntry, Job, Membership, User

admin.site.site_header = admin.site.site_title = _("Village Planning Portal")


class MembershipInline(admin.TabularInline):
    model = Membership
    extra = 0


@admin.register(User)
class PortalUserAdmin(UserAdmin):
    inlines = [MembershipInline]
    list_display = ["username", "full_name", "is_active", "is_staff"]
    fieldsets = [*UserAdmin.fieldsets, (_("Real name"), {"fields": ["full_name"]})]


class LookOnly(admin.ModelAdmin):
    """Rows that nobody edits by hand."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(AuditEntry)
class AuditEntryAdmin(LookOnly):
    list_display = ["at", "actor_name", "verb", "object_label"]
    list_filter = ["verb"]
    search_fields = ["object_id", "object_label", "actor_name"]


@admin.register(Job)
class JobAdmin(LookOnly):
    list_display = ["created_at", "kind", "state", "percent", "message"]
    list_filter = ["state", "kind"]
