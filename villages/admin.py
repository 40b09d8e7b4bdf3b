"""Administration of divisions, villages and what was issued for them."""

from django.contrib.gis import admin

from villages.models import ControlLine, Division, Fact, Village


@admin.register(Division)
class DivisionAdmin(admin.ModelAdmin):
    list_display = ["code", "name", "level"]
    list_filter = ["level"]
    search_fields = ["code", "name"]
    raw_id_fields = ["parent"]


class FactInline(admin.TabularInline):
    model = Fact
    extra = 0


@admin.register(Village)
class VillageAdmin(admin.ModelAdmin):
    list_display = ["division_id", "short_name", "type", "base_year", "source"]
    list_filter = ["type"]
    search_fields = ["division_id", "short_name"]
    raw_id_fields = ["division"]
    exclude = ["geom"]
    readonly_fields = ["revision", "area_m2"]
    inlines = [FactInline]

    def save_related(self, request: object, form: object, formsets: object, change: bool) -> None:
        """A changed fact makes what was derived from the old one stale."""
        super().save_related(request, form, formsets, change)
        Village.objects.filter(pk=form.instance.pk).update(revision=form.instance.revision + 1)


@admin.register(ControlLine)
class ControlLineAdmin(admin.ModelAdmin):
    list_display = ["village_id", "number", "kind", "name", "valid_from", "valid_to"]
    list_filter = ["kind"]
    exclude = ["geom"]
    raw_id_fields = ["village"]
