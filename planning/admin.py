"""Administration of what differs by province: land-use classes, mapping profiles, lengths of the workflow."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from planning import profiles
from planning.models import LandUseClass, MappingProfile, WorkflowRule
from portal.audit import record


class RecordedAdmin(admin.ModelAdmin):
    """What an administrator changes is in the record of acts like everything else."""

    def save_model(self, request: HttpRequest, obj: Any, form: forms.ModelForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        before = {name: str(form.initial.get(name)) for name in form.changed_data} if change else {}
        after = {name: str(form.cleaned_data.get(name)) for name in form.changed_data}
        record(
            f"{obj._meta.model_name}.{'changed' if change else 'added'}",
            obj,
            by=request.user,
            before=before,
            after=after,
        )

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        record(f"{obj._meta.model_name}.deleted", obj, by=request.user)
        super().delete_model(request, obj)


@admin.register(LandUseClass)
class LandUseClassAdmin(RecordedAdmin):
    list_display = ["code", "code_version", "name_zh", "name_en", "big_class", "sansheng", "colour"]
    list_filter = ["code_version", "level", "big_class"]
    search_fields = ["code", "name_zh", "name_en"]


class ProfileForm(forms.ModelForm):
    class Meta:
        model = MappingProfile
        fields = ["name", "title", "content", "source"]

    def clean_content(self) -> Any:
        if text := profiles.problem(self.cleaned_data["content"]):
            raise ValidationError(text)
        return self.cleaned_data["content"]


@admin.register(MappingProfile)
class MappingProfileAdmin(RecordedAdmin):
    form = ProfileForm
    list_display = ["name", "title", "source", "created_at"]


@admin.register(WorkflowRule)
class WorkflowRuleAdmin(RecordedAdmin):
    list_display = ["division_code", "notice_days", "closing_early", "valid_from", "source"]
