"""Administration of what differs by province: land-use classes, mapping profiles, lengths of the workflow."""

import json
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from planning import procedure_faults, profiles
from planning.models import LandUseClass, MappingProfile, Step, WorkflowRule
from portal.errors import PortalError
from portal.recorded_admin import RecordedAdmin


@admin.register(LandUseClass)
class LandUseClassAdmin(RecordedAdmin):
    list_display = ["code", "code_version", "name_zh", "name_en", "big_class", "sansheng", "colour"]
    list_filter = ["code_version", "level", "big_class"]
    search_fields = ["code", "name_zh", "name_en"]


class ReadableJSON(forms.JSONField):
    """JSON as people can read and change it: indented, Chinese as it is."""

    widget = forms.Textarea(attrs={"rows": 40, "cols": 110, "class": "vLargeTextField", "spellcheck": "false"})

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1)


class ProfileForm(forms.ModelForm):
    content = ReadableJSON(
        help_text=_("See docs/imports.md. Storing it makes the next edition; no edition is changed.")
    )

    class Meta:
        model = MappingProfile
        fields = ["name", "title", "division_code", "content", "source"]

    def clean_content(self) -> Any:
        if text := profiles.problem(self.cleaned_data["content"]):
            raise ValidationError(text)
        return self.cleaned_data["content"]

    def clean_division_code(self) -> str:
        try:
            return profiles.checked_division(self.cleaned_data["division_code"])
        except PortalError as error:
            raise ValidationError(str(error.message)) from error


@admin.register(MappingProfile)
class MappingProfileAdmin(admin.ModelAdmin):
    """Editing stores the next edition; older editions can be read only, and none can be deleted."""

    form = ProfileForm
    list_display = ["name", "edition", "division_code", "title", "source", "created_at"]
    list_filter = ["name"]
    search_fields = ["name", "title"]

    def has_change_permission(self, request: HttpRequest, obj: MappingProfile | None = None) -> bool:
        newest = obj is None or not MappingProfile.objects.filter(name=obj.name, edition__gt=obj.edition).exists()
        return newest and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: MappingProfile | None = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: MappingProfile | None = None) -> list[str]:
        return [] if obj is None else ["name"]

    def save_model(self, request: HttpRequest, obj: MappingProfile, form: forms.ModelForm, change: bool) -> None:
        """What was typed becomes a row of its own; the page goes on with that one."""
        stored = profiles.save(
            name=obj.name, title=obj.title, content=obj.content, by=request.user, division_code=obj.division_code,
            source=obj.source,
        )  # fmt: skip
        obj.pk, obj.edition, obj.division_code = stored.pk, stored.edition, stored.division_code


class WorkflowRuleForm(forms.ModelForm):
    procedure = ReadableJSON(
        required=False, help_text=_("See docs/workflow.md. Empty means that of the division above.")
    )

    class Meta:
        model = WorkflowRule
        fields = [
            "division_code", "notice_days", "closing_early", "exception_more_m2", "exception_more_percent", "procedure",
            "source", "valid_from",
        ]  # fmt: skip

    def clean_procedure(self) -> Any:
        """A procedure without faults; what steps were made by is history and stays."""
        content = self.cleaned_data["procedure"] or {}
        if found := procedure_faults.faults(content) if content else []:
            raise ValidationError(found)
        if content != self.instance.procedure and Step.objects.filter(rule=self.instance.pk or 0).exists():
            raise ValidationError(_("Steps were made by this procedure. Add a rule with a later day instead."))
        return content

    def clean_closing_early(self) -> bool:
        early = self.cleaned_data["closing_early"]
        if early and not settings.DEMO:
            raise ValidationError(_("Only the demo closes a public notice early: the law asks for all its days."))
        return early

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        if not said.get("division_code") and "procedure" in said and not said["procedure"]:
            self.add_error("procedure", _("The rule of the whole country needs a procedure: others fall back on it."))
        return said


@admin.register(WorkflowRule)
class WorkflowRuleAdmin(RecordedAdmin):
    form = WorkflowRuleForm
    list_display = ["division_code", "procedure_name", "notice_days", "closing_early", "valid_from", "source"]

    @admin.display(description=_("procedure"))
    def procedure_name(self, rule: WorkflowRule) -> str:
        return f"{rule.procedure['name']} {rule.procedure['edition']}" if rule.procedure else "–"
