"""Rows for tests: a county with two villages of 10 x 10 cells, base parcels, control lines, a plan and its versions."""

import datetime
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

from django.db import transaction
from django.test import override_settings
from django.utils import timezone

from planning.models import (
    Assembly,
    Decision,
    Document,
    Plan,
    PlanVersion,
    Project,
    ReviewRequest,
    State,
    Step,
    Track,
    VillagerRound,
    WorkflowRule,
    Zone,
)
from portal.models import Membership, Person, Role, User
from tests.grid import cell, geos
from villages.models import ControlLine, Division, Facility, Fact, Parcel, Village

COUNTY = "370983000000"
TOWN = "370983101000"
LIUGOU = "370983101204"
OTHER = "370983101205"
FAR = "370983108216"
DRAWN = "演示数据，非测绘成果"

# Base year of every test village: ten rows of ten cells. Rows 0-4 irrigated field, 5-6 forest, 7 homesteads, 8 orchard, 9 road.
BASE_ROWS = ["0102"] * 5 + ["0301"] * 2 + ["070301", "0201", "1207"]


def make_divisions() -> None:
    rows = [
        ("370000000000", "山东省", 1, None),
        ("370900000000", "泰安市", 2, "370000000000"),
        (COUNTY, "肥城市", 3, "370900000000"),
        (TOWN, "潮泉镇", 4, COUNTY),
        ("370983108000", "孙伯镇", 4, COUNTY),
        (LIUGOU, "柳沟村委会", 5, TOWN),
        (OTHER, "下寨村委会", 5, TOWN),
        (FAR, "五埠村委会", 5, "370983108000"),
    ]
    for code, name, level, parent in rows:
        Division.objects.get_or_create(code=code, defaults={"name": name, "level": level, "parent_id": parent})


def make_village(code: str = LIUGOU, *, col: int = 0, row: int = 0) -> Village:
    """A village of 10 x 10 cells with parcels (one per cell), lines, facts and a facility."""
    make_divisions()
    division = Division.objects.get(pk=code)
    village = Village.objects.create(
        division=division, short_name=division.name.removesuffix("委会"), type="JJTS", base_year=2020,
        geom=geos(cell(col, row, 10, 10)), source=DRAWN,
    )  # fmt: skip
    Parcel.objects.bulk_create(
        Parcel(
            village=village, number=r * 10 + c + 1, code=BASE_ROWS[r], geom=geos(cell(col + c, row + r)), source=DRAWN
        )
        for r in range(10)
        for c in range(10)
    )
    lines = [
        ("YJJBNT", cell(col, row, 10, 4)),
        ("STBHHX", cell(col, row + 5, 5, 2)),
        ("CZJSBJ", cell(col, row + 7, 10, 2)),
    ]
    ControlLine.objects.bulk_create(
        ControlLine(
            village=village, number=n, kind=kind, geom=geos(shape), source=DRAWN, valid_from=datetime.date(2022, 11, 1)
        )
        for n, (kind, shape) in enumerate(lines, 1)
    )
    facts = [("population", 1200, "人"), ("resident_population", 900, "人"), ("households", 400, "户")]
    Fact.objects.bulk_create(
        Fact(village=village, code=c, year=2020, value=v, unit=u, source=DRAWN) for c, v, u in facts
    )
    Facility.objects.create(
        village=village, kind="11", name="村卫生所", geom=geos(cell(col + 5, row + 7)).centroid, source=DRAWN
    )
    return village


def plan_rows() -> list[str]:
    """The plan of the test village: as the base year, but the orchard (row 8) becomes homesteads."""
    rows = list(BASE_ROWS)
    rows[8] = "070301"
    return rows


def make_version(
    village: Village, *, rows: list[str] | None = None, by: User | None = None, number: int | None = None
) -> PlanVersion:
    """A closed draft version whose zones are the ten rows of the village; zone n is row n-1."""
    plan, _ = Plan.objects.get_or_create(
        village=village, defaults={"name": f"{village.short_name}村庄规划（2021-2035年）"}
    )
    version = PlanVersion.objects.create(plan=plan, number=number or plan.versions.count() + 1, created_by=by)
    west, south, *_rest = village.geom.extent
    col, row = round((west - 116.80) / 0.001), round((south - 36.10) / 0.001)
    Zone.objects.bulk_create(
        Zone(version=version, number=n, code=code, label=f"Z{n}", geom=geos(cell(col, row + n - 1, 10, 1)))
        for n, code in enumerate(rows or plan_rows(), 1)
    )
    Project.objects.create(version=version, number=1, name="村卫生所改造", kind="公共服务", budget_wan=35, funding_source="财政衔接资金",
                           starts_in=2026, ends_in=2027, geom=geos(cell(col + 5, row + 7)).centroid)  # fmt: skip
    version.digest = version.layout = f"{version.pk:x<64}"
    version.save(update_fields=["digest", "layout"])
    return version


def someone(role: str, version: PlanVersion) -> User:
    """Whoever holds a role over the village of a version; the portal's own people first, made if there is nobody."""
    for membership in Membership.objects.active().filter(role=role).select_related("user").order_by("pk"):
        if version.division_code.startswith(membership.prefix) and membership.user_id != version.created_by_id:
            return membership.user
    codes = {Role.TOWNSHIP: version.division_code[:9], Role.COMMITTEE: version.division_code}
    user = User.objects.create_user(f"{role}_{version.division_code}", full_name=f"{role} {version.division_code[-3:]}")
    code = codes.get(role, version.division_code[:6]).ljust(12, "0")
    Membership.objects.create(user=user, role=role, division_code=code)
    return user


def hold_round(version: PlanVersion) -> VillagerRound:
    """The villagers' first round, as recorded by the committee."""
    return VillagerRound.objects.create(
        version=version, form="meeting", held_on=timezone.localdate(), people=60, summary="大家同意。", by=someone(Role.COMMITTEE, version)
    )  # fmt: skip


def ask_agriculture(version: PlanVersion, *, done: bool = True) -> ReviewRequest:
    """A request to the department of agriculture; with nothing to say against the plan if `done`."""
    return ReviewRequest.objects.create(
        version=version, department="agriculture", asked_by=someone(Role.COUNTY_REVIEWER, version),
        due_on=timezone.localdate() + datetime.timedelta(days=10), done_at=timezone.now() if done else None,
    )  # fmt: skip


def hold_assembly(version: PlanVersion, **differences: Any) -> Assembly:
    """A meeting of representatives that was quorate and agreed, with minutes and a photograph."""
    by = someone(Role.COMMITTEE, version)
    numbers = {"entitled": 30, "present": 24, "in_favour": 20, "against": 3, "abstained": 1}
    held = Assembly.objects.create(
        **{
            "version": version, "form": "representatives", "held_on": timezone.localdate(), "place": "村委会", "by": by,
            "summary": "同意。", **numbers, **differences,
        }
    )  # fmt: skip
    for kind in ("minutes", "photo"):
        Document.objects.create(
            version=version,
            assembly=held,
            kind=kind,
            name=f"{kind}.pdf",
            size=4,
            sha256="0" * 64,
            by=by,
            file=f"evidence/{kind}.pdf",
        )
    return held


def write_decision(version: PlanVersion, **differences: Any) -> Decision:
    from planning import decisions

    said = {"number": f"肥政字〔2026〕{version.pk}号", "decided_on": timezone.localdate()}
    fields = {
        **said, "template": decisions.template(version)[0], "body": decisions.letter(version, **said),
        "by": someone(Role.COUNTY_LEADER, version),
    }  # fmt: skip
    return Decision.objects.update_or_create(version=version, defaults={**fields, **differences})[0]


# the full procedure: what is put on record before a step, the step, who makes it
WAY = (
    (None, "ask_villagers", Role.COMMITTEE, "round1"),
    (hold_round, "send_to_review", Role.TOWNSHIP, "joint_review"),
    (ask_agriculture, "to_assembly", Role.COUNTY_REVIEWER, "assembly"),
    (hold_assembly, "open_notice", Role.TOWNSHIP, "notice"),
    (None, "close_notice", Role.TOWNSHIP, "quality_check"),
    (None, "submit", Role.TOWNSHIP, "submitted"),
    (write_decision, "approve", Role.COUNTY_LEADER, "approved"),
    (None, "publish", Role.TOWNSHIP, "published"),
    (None, "file", Role.COUNTY_REVIEWER, "filed"),
    (None, "enter_force", Role.COUNTY_REVIEWER, "in_force"),
)


ANY_JUMP = {
    "transitions": [
        {"name": "jump", "from": State.values, "to": state, "who": [], "tracks": Track.values, "label": {"zh-hans": "跳", "en": "jump"}}
        for state in State.values
    ]
}  # fmt: skip


def verify_residents() -> None:
    """Whoever lives here has shown the identity card: the public reads their comments at once."""
    for membership in Membership.objects.active().filter(role=Role.RESIDENT):
        Person.objects.update_or_create(user_id=membership.user_id, defaults={"verified_at": timezone.now()})


def advance(version: PlanVersion, to: str, *, by: User | None = None) -> PlanVersion:
    """Take a version along the full procedure through the workflow, results taken as computed; `by` makes the last step.

    Beyond the notice it goes where the rule of the county lets a notice close early, which the demo alone does."""
    from planning import workflow

    PlanVersion.objects.filter(pk=version.pk, checked_at=None).update(checked_at=timezone.now())
    version = PlanVersion.objects.with_plan().get(pk=version.pk)
    began = [state for *_rest, state in WAY].index(version.state) + 1 if version.state != "draft" else 0
    for prepare, step, role, state in WAY[began:]:
        if prepare:
            prepare(version)
        last = state == to
        if state == "notice":
            verify_residents()
        with override_settings(DEMO=True) if step == "close_notice" else nullcontext():
            version = workflow.move(version, step, by=by if last and by else someone(role, version))
        if last:
            return version
    raise AssertionError(f"no way to {to}")


@transaction.atomic
def put(version: PlanVersion, state: str) -> PlanVersion:
    """Put a version in a state without the way there: a step of a procedure that holds nowhere and allows any jump."""
    rule, _ = WorkflowRule.objects.get_or_create(
        division_code="", valid_from="2999-01-01", defaults={"notice_days": 30, "source": "test", "procedure": ANY_JUMP}
    )
    version.refresh_from_db()
    if version.state != state:
        Step.objects.create(version=version, name="jump", from_state=version.state, to_state=state, rule=rule)
        version.state = state
        version.save(update_fields=["state"])
    return version


def publish(version: PlanVersion, by: User) -> PlanVersion:
    """Open the public notice through the workflow, results taken as computed."""
    return advance(version, "notice", by=by)


def send_back(version: PlanVersion, *, by: User, note: str = "请修改") -> PlanVersion:
    """Return a version with one point, as the county does."""
    from planning import returns

    return returns.return_with_items(version, [{"page": "第3页", "text": "请修改"}], by=by, note=note)


CAST = {
    "planner": (Role.PLANNER, LIUGOU, "周工"),
    "committee": (Role.COMMITTEE, LIUGOU, "柳沟村委会"),
    "villager": (Role.RESIDENT, LIUGOU, "柳大爷"),
    "other_committee": (Role.COMMITTEE, OTHER, "下寨村委会"),
    "township": (Role.TOWNSHIP, TOWN, "潮泉镇"),
    "reviewer": (Role.COUNTY_REVIEWER, COUNTY, "县审查员"),
    "leader": (Role.COUNTY_LEADER, COUNTY, "县领导"),
    "province": (Role.PROVINCE, "370000000000", "省厅"),
    "agriculture": (Role.DEPARTMENT, COUNTY, "县农业农村局"),
    "expert": (Role.EXPERT, COUNTY, "规划专家"),
    "stranger": (Role.RESIDENT, FAR, "外村人"),
}


def make_cast() -> SimpleNamespace:
    """The fixed cast: one person per role around 柳沟村, a committee of the next village and a stranger."""
    people = {}
    for name, (role, code, full_name) in CAST.items():
        user = User.objects.create_user(name, password="right-horse-battery", full_name=full_name)
        department = name if role == Role.DEPARTMENT else ""
        Membership.objects.create(user=user, role=role, division_code=code, department=department)
        people[name] = user
    return SimpleNamespace(**people)
