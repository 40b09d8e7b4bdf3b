"""The data map of docs/privacy.md names every personal field there is, and no other."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.test import RequestFactory

from portal.admin import PortalUserAdmin, admin
from portal.models import AuditEntry, RetentionRule, User
from portal.people import EDITION
from portal.sealing import SealedField

PAGE = (Path(__file__).resolve().parent.parent.parent / "docs" / "privacy.md").read_text("utf-8")
PERSONAL = re.compile(
    r"full_name|head_name|nickname|speaker|first_name|last_name|username|phone|mobile|mail|(^|_)address|ip_|id_number|id_digest|birth|guardian"
    r"|user_agent|password|actor_name|object_repr|session_data|post_data|get_data"
)


def fields():
    return [(model, field) for model in apps.get_models() for field in model._meta.concrete_fields]


def name_of(model, field) -> str:
    return f"`{model._meta.label}.{field.name}`"


def test_every_sealed_field_and_every_field_named_after_people_is_in_the_map():
    found = [
        name_of(model, field)
        for model, field in fields()
        if isinstance(field, SealedField) or (PERSONAL.search(field.name) and not field.is_relation)
    ]
    assert len(found) > 20
    assert [name for name in found if name not in PAGE] == []


def test_every_field_that_leads_to_an_account_is_in_the_map():
    found = {field.name for _model, field in fields() if field.is_relation and field.related_model is User}
    accounts = PAGE.split("Accounts, by number:")[1].split("They lead")[0]
    assert found == set(re.findall(r"`(\w+)`", accounts))


def test_every_long_text_is_in_the_map():
    texts = [name_of(m, f) for m, f in fields() if isinstance(f, models.TextField) and not f.is_relation]
    assert [name for name in texts if name not in PAGE] == []


def test_the_map_names_no_field_that_is_not_there():
    for label, name in re.findall(r"`(\w+\.\w+)\.(\w+)`", PAGE):
        if not label.startswith(("portal.sealing", "portal.apply", "portal.audit")):
            try:
                apps.get_model(label)._meta.get_field(name)
            except (LookupError, FieldDoesNotExist):
                pytest.fail(f"{label}.{name}")


@pytest.mark.django_db
def test_the_page_names_every_retention_rule_and_the_edition_of_the_words():
    for rule in RetentionRule.objects.all():
        assert f"| `{rule.kind}` | {rule.days} day" in PAGE
    assert f"`{EDITION}`" in PAGE


@pytest.mark.django_db
def test_the_log_of_the_administration_keeps_no_name_of_a_person(cast):
    request = RequestFactory().post("/")
    request.user = cast.leader
    pages = PortalUserAdmin(User, admin.site)
    pages.log_addition(request, cast.villager, [])
    pages.log_change(request, cast.villager, [{"changed": {"fields": ["full_name"], "object": str(cast.villager)}}])
    assert not LogEntry.objects.exists()
    kept = str(list(AuditEntry.objects.filter(verb__startswith="account.").values()))
    assert "account.changed" in kept
    assert cast.villager.full_name not in kept
