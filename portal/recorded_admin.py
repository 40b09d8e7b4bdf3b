"""Changes in the administration go on the record of acts like all others: each row that is added, changed or deleted, rows
edited within another one's page and many deleted at once included."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.gis.db.models import GeometryField
from django.db import models, transaction
from django.http import HttpRequest
from django.utils.functional import Promise

from portal.audit import record
from portal.sealing import SealedField


class RecordedAdmin(admin.ModelAdmin):
    """The administration of rows whose every change leaves an entry with the values before and after."""

    def save_model(self, request: HttpRequest, obj: Any, form: forms.ModelForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        put_on_record(obj, form, "changed" if change else "added", request)

    def save_formset(self, request: HttpRequest, form: forms.ModelForm, formset: Any, change: bool) -> None:
        gone = [part.instance.pk for part in formset.deleted_forms if part.instance.pk]
        for obj in formset.model._base_manager.filter(pk__in=gone):  # as they stand, not as the form would have them
            record(f"{obj._meta.model_name}.deleted", obj, by=request.user, before=values_of(obj))
        super().save_formset(request, form, formset, change)
        for part in formset.forms:
            if part.has_changed() and part not in formset.deleted_forms:
                put_on_record(part.instance, part, "changed" if part in formset.initial_forms else "added", request)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        record(f"{obj._meta.model_name}.deleted", obj, by=request.user, before=values_of(obj))
        super().delete_model(request, obj)

    @transaction.atomic
    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet) -> None:
        for obj in queryset:
            record(f"{obj._meta.model_name}.deleted", obj, by=request.user, before=values_of(obj))
        super().delete_queryset(request, queryset)


def put_on_record(obj: models.Model, form: forms.ModelForm, what: str, request: HttpRequest) -> None:
    """What a form changed of a row, as it stood there and as it stands now."""
    before = {name: said(form.initial.get(name)) for name in form.changed_data} if what == "changed" else {}
    after = {name: said(form.cleaned_data.get(name)) for name in form.changed_data}
    record(f"{obj._meta.model_name}.{what}", obj, by=request.user, before=before, after=after)


def said(value: Any) -> Any:
    """A value of a form as the record keeps it."""
    if isinstance(value, list | tuple | models.QuerySet):
        return [str(part) for part in value]
    return str(value) if isinstance(value, models.Model | Promise) else value


def values_of(obj: models.Model) -> dict[str, Any]:
    """The values of a row that goes; no shapes, and nothing that lies sealed."""
    left_out = (GeometryField, SealedField, models.GeneratedField)
    return {f.attname: getattr(obj, f.attname) for f in obj._meta.concrete_fields if not isinstance(f, left_out)}
