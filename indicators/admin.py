"""Administration of the targets issued to villages, and of the profiles plans are judged by."""

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from indicators import profile_faults, profiles
from indicators.models import JudgementProfile, Target
from planning.admin import ReadableJSON
from planning.profiles import checked_division
from portal.errors import PortalError
from portal.recorded_admin import RecordedAdmin

STATED = [
    "name", "title", "division_code", "village_type", "terrain", "content", "source", "sample", "valid_from", "valid_to",
]  # fmt: skip


@admin.register(Target)
class TargetAdmin(RecordedAdmin):
    list_display = ["village_id", "code", "value", "binding", "source", "issued_on"]
    list_filter = ["code"]
    raw_id_fields = ["village"]


class JudgementProfileForm(forms.ModelForm):
    content = ReadableJSON(
        help_text=_("See docs/indicators.md. Storing it makes the next edition; no edition is changed.")
    )

    class Meta:
        model = JudgementProfile
        fields = STATED

    def clean_content(self) -> object:
        if text := profile_faults.problem(self.cleaned_data["content"]):
            raise ValidationError(text)
        return self.cleaned_data["content"]

    def clean_division_code(self) -> str:
        try:
            return checked_division(self.cleaned_data["division_code"])
        except PortalError as error:
            raise ValidationError(str(error.message)) from error


@admin.register(JudgementProfile)
class JudgementProfileAdmin(admin.ModelAdmin):
    """Editing stores the next edition; older editions can be read only, and none can be deleted."""

    form = JudgementProfileForm
    list_display = ["name", "edition", "division_code", "village_type", "terrain", "title", "sample", "valid_from"]
    list_filter = ["division_code", "village_type", "terrain", "sample"]
    search_fields = ["name", "title"]

    def has_change_permission(self, request: HttpRequest, obj: JudgementProfile | None = None) -> bool:
        newest = obj is None or not JudgementProfile.objects.filter(name=obj.name, edition__gt=obj.edition).exists()
        return newest and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: JudgementProfile | None = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: JudgementProfile | None = None) -> list[str]:
        return [] if obj is None else ["name"]

    def save_model(self, request: HttpRequest, obj: JudgementProfile, form: forms.ModelForm, change: bool) -> None:
        """What was typed becomes a row of its own; the page goes on with that one."""
        stated = {name: getattr(obj, name) for name in STATED}
        stored = profiles.save(**stated, by=request.user)
        obj.pk, obj.edition, obj.division_code = stored.pk, stored.edition, stored.division_code
