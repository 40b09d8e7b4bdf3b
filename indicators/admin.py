"""Administration of the targets issued to villages."""

from django.contrib import admin

from indicators.models import Target


@admin.register(Target)
class TargetAdmin(admin.ModelAdmin):
    list_display = ["village_id", "code", "value", "binding", "source", "issued_on"]
    list_filter = ["code"]
    raw_id_fields = ["village"]
