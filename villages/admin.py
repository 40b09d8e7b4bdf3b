"""Administration of divisions, villages and what was issued for them."""

from typing import Any

from django import forms
from django.contrib.gis import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from portal.recorded_admin import RecordedAdmin
from villages.models import ControlLine, Division, Fact, Village
from villages.tables.upsert import touch


@admin.register(Division)
class DivisionAdmin(RecordedAdmin):
    list_display = ["code", "name", "level"]
    list_filter = ["level"]
    search_fields = ["code", "name"]
    raw_id_fields = ["parent"]


class FactInline(admin.TabularInline):
    model = Fact
    extra = 0


@admin.register(Village)
class VillageAdmin(RecordedAdmin):
    """Villages come with their outline from base data; here their type and figures are corrected."""

    list_display = ["division_id", "short_name", "type", "base_year", "source"]
    list_filter = ["type"]
    search_fields = ["division_id", "short_name"]
    raw_id_fields = ["division"]
    exclude = ["geom"]
    readonly_fields = ["revision", "area_m2"]
    inlines = [FactInline]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def save_related(self, request: HttpRequest, form: forms.ModelForm, formsets: Any, change: bool) -> None:
        """A changed fact makes what was derived from the old one stale."""
        super().save_related(request, form, formsets, change)
        touch([form.instance.pk])


@admin.register(ControlLine)
class ControlLineAdmin(RecordedAdmin):
    """Lines come with their shape from base data; here what was issued with them is corrected. Whatever was derived from the
    lines of a village is stale then."""

    list_display = ["village_id", "number", "kind", "name", "valid_from", "valid_to"]
    list_filter = ["kind"]
    exclude = ["geom"]
    raw_id_fields = ["village"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: ControlLine, form: forms.ModelForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        touch({form.initial["village"], obj.village_id})

    def delete_model(self, request: HttpRequest, obj: ControlLine) -> None:
        super().delete_model(request, obj)
        touch([obj.village_id])

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[ControlLine]) -> None:
        codes = set(queryset.values_list("village_id", flat=True))
        super().delete_queryset(request, queryset)
        touch(codes)
