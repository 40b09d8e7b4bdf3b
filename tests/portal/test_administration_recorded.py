"""Whatever is changed in Django's administration stands in the record of acts, with who did it and what was there before."""

import datetime

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from indicators import runs
from indicators.models import JudgementProfile, Target
from planning import freshness
from planning.models import LandUseClass, MappingProfile, PlanVersion, WorkflowRule
from portal.models import AuditEntry, CalendarDay, Job, Membership, RetentionRule, Role, User
from tests import world
from villages.models import ControlLine, Division, Fact, Village

pytestmark = pytest.mark.django_db

TODAY = {"source": "肥政办〔2026〕9号", "valid_from": "2026-12-01"}
# of each kind of rows: what is typed to add one (None: it cannot be added), which one field is changed, and to what
ROWS = {
    Group: ({"name": "值班"}, "name", "值守"),
    RetentionRule: ({"kind": "read_message", "days": 90, "counted_from": "阅读之日", **TODAY}, "days", 60),
    CalendarDay: ({"division_code": world.COUNTY, "day": "2026-12-01", "note": "抗雪", "source": "9号"}, None, None),
    Division: ({"code": "370983109000", "name": "新镇", "level": 4, "parent": world.COUNTY}, "name", "老镇"),
    Village: (None, "short_name", "新沟"),
    ControlLine: (None, "name", "二号"),
    LandUseClass: (None, "name_en", "Field"),
    MappingProfile: (None, "title", "新名"),
    WorkflowRule: ({"division_code": world.COUNTY, "notice_days": 31, "exception_more_m2": 1, "exception_more_percent": 1, **TODAY}, "notice_days", 32),
    Target: ({"village": world.LIUGOU, "code": "Z9", "value": 5, "source": "下达", "issued_on": "2026-01-01"}, "value", 6),
    JudgementProfile: (None, "title", "新名"),
    User: (None, "username", "other_name"),
}  # fmt: skip
LOOKED_AT_ONLY = {AuditEntry, Job}


@pytest.fixture
def root(cast, client) -> Client:
    user = User.objects.create_superuser("root", password="right-horse-battery")
    Membership.objects.create(user=user, role=Role.ADMINISTRATOR, division_code=world.COUNTY)
    client.force_login(user)
    return client


def page(model, what, *args) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{what}", args=args)


def typed(answer) -> dict:
    """What stands in the form of a page, as a browser sends it again."""
    parts = [answer.context["adminform"].form]
    for inline in answer.context["inline_admin_formsets"]:
        parts += [inline.formset.management_form, *inline.formset.initial_forms]
    values = {}
    for form in parts:
        for field in form:
            value = field.value()
            if field.field.widget.__class__.__name__ == "AdminSplitDateTime":
                values |= {
                    f"{field.html_name}_{n}": part or "" for n, part in enumerate(field.field.widget.decompress(value))
                }
            elif value not in (None, False):
                values[field.html_name] = value
    return values


def entries() -> int:
    return AuditEntry.objects.exclude(verb__in=["access.refused", "person.seen"]).count()


def test_no_kind_of_rows_is_left_out_here():
    assert set(admin.site._registry) == set(ROWS) | LOOKED_AT_ONLY


@pytest.mark.parametrize("model", [model for model, (new, _name, _value) in ROWS.items() if new])
def test_a_row_that_is_added_is_on_record(model, root, village):
    count, was = model.objects.count(), entries()
    answer = root.post(page(model, "add"), ROWS[model][0])
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    assert (model.objects.count(), entries()) == (count + 1, was + 1)
    entry = AuditEntry.objects.exclude(verb="person.seen").latest("pk")
    assert (entry.actor.username, bool(entry.after)) == ("root", True)


@pytest.mark.parametrize("model", [model for model, (new, _name, _value) in ROWS.items() if not new])
def test_what_has_a_shape_or_is_made_elsewhere_has_no_page_that_fails(model, root):
    assert root.get(page(model, "add")).status_code in (200, 403)


def any_row(model):
    """One that may be changed: of editions the newest."""
    if model in (MappingProfile, JudgementProfile):
        return model.objects.order_by("name", "-edition").first()
    return model.objects.exclude(username="root").first() if model is User else model.objects.first()


@pytest.mark.parametrize("model", [model for model, (_new, name, _value) in ROWS.items() if name])
def test_a_row_that_is_changed_is_on_record_with_what_was_there(model, root, version):
    Group.objects.create(name="值班")
    Target.objects.get_or_create(
        village_id=world.LIUGOU, code="Z9", defaults={"value": 5, "source": "x", "issued_on": datetime.date(2026, 1, 1)}
    )
    row, (_new, name, value) = any_row(model), ROWS[model]
    address = page(model, "change", row.pk)
    body, was = typed(root.get(address)), entries()
    answer = root.post(address, {**body, name: value})
    assert answer.status_code == 302, (answer.context["adminform"].form.errors, answer.context["errors"])
    assert entries() == was + 1
    entry = AuditEntry.objects.exclude(verb="person.seen").latest("pk")
    assert entry.actor.username == "root"
    if model not in (MappingProfile, JudgementProfile):  # which make another edition
        assert entry.before
        assert entry.before != entry.after


@pytest.mark.parametrize("way", ["one", "many"])
@pytest.mark.parametrize("model", list(ROWS))
def test_a_row_that_is_deleted_is_on_record_one_by_one_and_many_at_once(model, way, root, village):
    new = {
        "parent_id" if k == "parent" else "village_id" if k == "village" else k: v
        for k, v in (ROWS[model][0] or {}).items()
    }
    if model is CalendarDay:
        new["working"] = False
    row = model.objects.create(**new) if new else any_row(model)
    count, was = model.objects.count(), entries()
    if way == "one":
        root.post(page(model, "delete", row.pk), {"post": "yes"})
    else:
        body = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
        root.post(page(model, "changelist"), body)
    gone = count - model.objects.count()
    assert entries() >= was + gone
    if ROWS[model][0] and not (model is CalendarDay and way == "many"):
        assert gone == 1
        assert AuditEntry.objects.exclude(verb="person.seen").latest("pk").before


def test_figures_changed_on_the_page_of_their_village_are_on_record_one_by_one(root, village):
    address = page(Village, "change", village.pk)
    body = typed(root.get(address))
    prefix = next(key.removesuffix("-value") for key in body if key.endswith("-value"))
    fact = Fact.objects.get(pk=body[f"{prefix}-id"])
    assert root.post(address, {**body, f"{prefix}-value": fact.value + 1}).status_code == 302
    entry = AuditEntry.objects.get(verb="fact.changed", object_id=str(fact.pk))
    assert (entry.before["value"], entry.after["value"]) == (fact.value, fact.value + 1)
    assert root.post(address, {**body, f"{prefix}-DELETE": "on"}).status_code == 302
    assert AuditEntry.objects.get(verb="fact.deleted", object_id=str(fact.pk)).before["value"] == fact.value + 1


def test_a_role_changed_into_another_says_which_it_was(root, cast):
    address = page(User, "change", cast.township.pk)
    body = typed(root.get(address))
    assert root.post(address, {**body, "memberships-0-role": Role.COUNTY_LEADER}).status_code == 302
    entry = AuditEntry.objects.get(verb="account.changed", object_id=str(cast.township.pk))
    assert [role["role"] for role in entry.before["roles"]] == ["township"]
    assert [role["role"] for role in entry.after["roles"]] == ["county_leader"]


def test_who_opens_a_persons_page_in_the_administration_is_on_record_and_the_person_reads_it(root, cast, as_user):
    User.objects.filter(pk=cast.villager.pk).update(full_name="柳真名")
    assert "柳真名" not in root.get(page(User, "changelist")).content.decode()
    assert not AuditEntry.objects.filter(verb="person.seen").exists()
    assert "柳真名" in root.get(page(User, "change", cast.villager.pk)).content.decode()
    entry = AuditEntry.objects.get(verb="person.seen")
    assert (entry.actor.username, entry.object_id, entry.after) == (
        "root",
        str(cast.villager.pk),
        {"purpose": "accounts"},
    )
    root.get(page(User, "history", cast.villager.pk))
    assert AuditEntry.objects.filter(verb="person.seen").count() == 2
    assert "root" in as_user("villager").get("/me/").content.decode()


def test_rows_that_are_only_looked_at_name_nobody(root, cast):
    User.objects.filter(pk=cast.planner.pk).update(full_name="柳真名")
    job = Job.objects.create(kind="x", created_by=cast.planner)
    entry = AuditEntry.objects.filter(actor=cast.planner).first() or AuditEntry.objects.first()
    for row in filter(None, (job, entry)):
        assert "柳真名" not in root.get(page(type(row), "change", row.pk)).content.decode()


@pytest.mark.parametrize("act", ["change", "delete", "many", "target"])
def test_lines_and_targets_changed_here_make_results_stale(act, root, version, run_jobs):
    target = Target.objects.create(
        village_id=world.LIUGOU, code="4", value=5, source="下达", issued_on=datetime.date(2026, 1, 1)
    )
    runs.judge(version)
    assert not freshness.is_stale(PlanVersion.objects.get(pk=version.pk))
    line, revision = ControlLine.objects.first(), Village.objects.get(pk=world.LIUGOU).revision
    if act == "change":
        address = page(ControlLine, "change", line.pk)
        root.post(address, {**typed(root.get(address)), "name": "二号"})
    elif act == "delete":
        root.post(page(ControlLine, "delete", line.pk), {"post": "yes"})
    elif act == "many":
        body = {"action": "delete_selected", "_selected_action": [line.pk], "post": "yes"}
        root.post(page(ControlLine, "changelist"), body)
    else:
        address = page(Target, "change", target.pk)
        root.post(address, {**typed(root.get(address)), "value": target.value + 1})
    assert freshness.is_stale(PlanVersion.objects.get(pk=version.pk))
    # tiles are kept by the revision; a target lies in none
    assert (Village.objects.get(pk=world.LIUGOU).revision > revision) == (act != "target")


def test_the_log_of_the_administration_itself_names_no_person(root, cast):
    User.objects.filter(pk=cast.villager.pk).update(full_name="柳真名")
    address = page(User, "change", cast.villager.pk)
    root.post(address, {**typed(root.get(address)), "is_active": ""})
    assert not LogEntry.objects.exists()
