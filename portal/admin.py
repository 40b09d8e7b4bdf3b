"""Administration: people and their roles; jobs and the record of acts to look at only."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from portal import audit, people, workdays
from portal.models import AuditEntry, CalendarDay, Job, Membership, RetentionRule, User
from portal.recorded_admin import RecordedAdmin

admin.site.site_header = admin.site.site_title = _("Village Planning Portal")


class MembershipInline(admin.TabularInline):
    model = Membership
    extra = 0


@admin.register(User)
class PortalUserAdmin(UserAdmin):
    """Accounts with their roles. Nobody is deleted: what an account did stays its own. Pages of one account say its real
    name, so each look at one is on record, and the person reads there who looked."""

    inlines = [MembershipInline]
    list_display = ["username", "masked_name", "is_active", "is_staff"]
    fieldsets = [*UserAdmin.fieldsets, (_("Real name"), {"fields": ["full_name"]})]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> User | None:
        user = super().get_object(request, object_id, from_field)
        if user and user.full_name and user != request.user and request.method in ("GET", "HEAD"):
            people.looked(people.person_of(user), by=request.user, purpose=people.LookFor.ACCOUNTS)
        return user

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        if change:
            obj.rights_before = rights_of(User.objects.get(pk=obj.pk))
        if "is_active" in form.changed_data:
            obj.sessions_ended += 1  # as in portal/administering.py
        super().save_model(request, obj, form, change)

    def log_addition(self, request: HttpRequest, obj: User, message: Any) -> None:
        """In the record alone: Django's own log would keep the name of the person in clear."""
        audit.record("account.added", obj, by=request.user, after=rights_of(obj))

    def log_change(self, request: HttpRequest, obj: User, message: Any) -> None:
        """Roles and a password set here too."""
        fields = sorted({name for part in message for said in part.values() for name in said.get("fields", [])})
        before = getattr(obj, "rights_before", {})  # a password set on its own page leaves them as they are
        audit.record("account.changed", obj, by=request.user, before=before, after={**rights_of(obj), "fields": fields})


def rights_of(user: User) -> dict[str, Any]:
    """What the record keeps of an account: no names, no numbers."""
    roles = [
        {"role": m.role, "division": m.division_code, "from": str(m.valid_from or ""), "to": str(m.valid_to or "")}
        for m in user.memberships.order_by("pk")
    ]
    more = {"groups": [*user.groups.order_by("name")], "permissions": [*user.user_permissions.order_by("pk")]}
    return {
        "is_active": user.is_active, "is_staff": user.is_staff, "is_superuser": user.is_superuser, "roles": roles,
        **{name: [str(one) for one in held] for name, held in more.items() if held},
    }  # fmt: skip


admin.site.unregister(Group)


@admin.register(Group)
class RecordedGroupAdmin(RecordedAdmin, GroupAdmin):
    """Bundles of rights in the administration."""


@admin.register(RetentionRule)
class RetentionRuleAdmin(RecordedAdmin):
    """How long kinds of personal data are kept: the rule of a kind that holds is the last that has begun."""

    list_display = ["kind", "days", "counted_from", "valid_from", "source"]
    list_filter = ["kind"]


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
    exclude = ["actor"]  # its label is a real name; actor_name is not


@admin.register(Job)
class JobAdmin(LookOnly):
    list_display = ["created_at", "kind", "state", "percent", "message"]
    list_filter = ["state", "kind"]
    exclude = ["created_by"]  # the label of an account is a real name


@admin.register(CalendarDay)
class CalendarDayAdmin(admin.ModelAdmin):
    """Days that differ from the country's list; like the API it adds and removes, and both are on the record."""

    list_display = ["day", "working", "division_code", "note", "source"]
    list_filter = ["working"]
    search_fields = ["division_code", "note", "source"]
    date_hierarchy = "day"
    actions = None  # the action that deletes many would leave no record

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: CalendarDay, form: Any, change: bool) -> None:
        said = form.cleaned_data
        obj.pk = workdays.decide_day(
            said["division_code"],
            said["day"],
            said["working"],
            note=said["note"],
            source=said["source"],
            by=request.user,
        ).pk

    def delete_model(self, request: HttpRequest, obj: CalendarDay) -> None:
        workdays.remove_day(obj, by=request.user)
