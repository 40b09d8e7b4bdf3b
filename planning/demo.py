"""The demo's plans, people and talk: files go in through the same door as an upload, steps through the workflow."""

import time
from pathlib import Path

from django.conf import settings
from django.core.files import File
from django.utils import timezone

from planning import (
    answers,
    causes,
    demo_participation,
    demo_procedure,
    imports,
    participation,
    profiles,
    returns,
    schema,
    workflow,
)
from planning.models import PlanVersion, WorkflowRule
from portal.celery import app
from portal.checks import DEMO_PASSWORD
from portal.models import Job, Membership, Person, Role, User
from portal.models.accounts import division_prefix
from villages.models import Village

COUNTY = "370983000000"
LIUGOU, WUBU = "370983101204", "370983108216"
FILES = Path(settings.BASE_DIR) / "tests" / "data"

PEOPLE = [
    ("demo_planner", "柳沟规划师", Role.PLANNER, LIUGOU),
    ("demo_committee", "柳沟村委会", Role.COMMITTEE, LIUGOU),
    ("demo_resident", "柳大娘", Role.RESIDENT, LIUGOU),
    ("demo_resident2", "李大爷", Role.RESIDENT, LIUGOU),
    ("demo_township", "潮泉镇", Role.TOWNSHIP, "370983101000"),
    ("demo_reviewer", "县局审查员", Role.COUNTY_REVIEWER, COUNTY),
    ("demo_leader", "县领导", Role.COUNTY_LEADER, COUNTY),
    ("demo_province", "省厅", Role.PROVINCE, "370000000000"),
    ("demo_agriculture", "县农业农村局", Role.DEPARTMENT, COUNTY),
    ("demo_water", "县水利局", Role.DEPARTMENT, COUNTY),
    ("demo_expert", "规划专家", Role.EXPERT, COUNTY),
    ("demo_admin", "管理员", Role.ADMINISTRATOR, COUNTY),
    ("demo_wubu_planner", "五埠规划师", Role.PLANNER, WUBU),
    ("demo_wubu_committee", "五埠村委会", Role.COMMITTEE, WUBU),
    ("demo_sunbo_township", "孙伯镇", Role.TOWNSHIP, "370983108000"),
]


def make_people() -> dict[str, User]:
    people = {}
    for username, full_name, role, code in PEOPLE:
        user, new = User.objects.get_or_create(username=username, defaults={"full_name": full_name})
        if new:
            user.set_password(DEMO_PASSWORD)
            user.is_staff = user.is_superuser = role == Role.ADMINISTRATOR
            user.save()
            department = username.removeprefix("demo_") if role == Role.DEPARTMENT else ""
            Membership.objects.create(user=user, role=role, division_code=code, department=department)
        people[username] = user
    for name in ("demo_resident", "demo_resident2"):  # they have shown their cards: what they write is public at once
        shown = {"verified_at": timezone.now(), "verified_by": people["demo_committee"]}
        Person.objects.get_or_create(user=people[name], defaults=shown)
    return people


def make_rules() -> None:
    WorkflowRule.objects.get_or_create(
        division_code=COUNTY,
        valid_from="2020-01-01",
        defaults={"notice_days": 30, "closing_early": True, "source": "演示县：公示可提前结束，仅供演示"},
    )
    make_profile()


def make_profile() -> None:
    """The demo county's edition of the default profile: conflicts drawn on purpose must reach the public notice."""
    editions = profiles.edition_of(profiles.DEFAULT)
    if editions.filter(division_code__in=[COUNTY, division_prefix(COUNTY)]).exists():
        return
    country = editions.filter(division_code="").first()
    content = schema.upgraded(country.content)
    levels = {**content.get("rules", {}).get("levels", {}), "L3": "warning", "L4": "warning", "L5": "warning"}
    profiles.save(
        name=country.name, title=country.title, by=None, division_code=COUNTY,
        content={**content, "rules": {**content.get("rules", {}), "levels": levels}},
        source="演示县：逻辑规则 L3、L4、L5 只作提示，仅供演示；正式使用时为错误",
    )  # fmt: skip


def hand_in(file: str, village: str, *, by: User, note: str) -> PlanVersion:
    """Upload a file of tests/data as a person would, wait for its checks and its computation."""
    path = FILES / file
    with path.open("rb") as handle:
        upload = imports.receive(
            File(handle, name=file), name=file, village=Village.objects.get(pk=village), by=by, options={"note": note}
        )
    wait(upload.job)
    upload.refresh_from_db()
    if upload.state != upload.State.ACCEPTED:
        raise RuntimeError(f"{file} was not accepted: {upload.state} {[str(i) for i in upload.issues.all()[:5]]}")
    version = PlanVersion.objects.get(pk=upload.result["version"])
    for job in Job.objects.filter(kind="indicators.judge_version", args__version=version.pk):
        wait(job)
    version.refresh_from_db()
    return version


def wait(job: Job, *, patience: float = 8.0, limit: float = 300.0) -> None:
    """Wait for the worker; if none takes the job within `patience` seconds, do it here (a job is never done twice)."""
    began = time.monotonic()
    while time.monotonic() - began < limit:
        job.refresh_from_db()
        if job.is_final:
            break
        if job.state == Job.State.QUEUED and time.monotonic() - began > patience:
            app.loader.import_default_modules()
            app.tasks[job.kind](job.pk)
        time.sleep(0.2)
    if job.state != Job.State.DONE:
        raise RuntimeError(f"job {job.kind} {job.pk}: {job.state} {job.message}")


def zone_at(version: PlanVersion, code: str) -> tuple[int, float, float]:
    """Number and a point inside the first zone of a class, so that comments pin to something real."""
    zone = (
        version.zones.filter(code__startswith=code).order_by("number").first()
        or version.zones.order_by("number").first()
    )
    point = zone.geom.point_on_surface
    return zone.number, point.x, point.y


def say(version: PlanVersion, by: User, text: str, code: str = "") -> participation.Comment:
    if not code:
        return participation.post_comment(version, by=by, text=text)
    number, lon, lat = zone_at(version, code)
    return participation.post_comment(version, by=by, text=text, zone=number, lon=lon, lat=lat)


def cast_of(people: dict[str, User], village: str = "") -> dict[str, User]:
    """The people of one village's case by their part in it."""
    parts = ("planner", "committee", "township", "reviewer", "leader", "agriculture", "water", "expert")
    found = {part: people[f"demo_{part}"] for part in parts}
    if village == WUBU:
        found |= {"planner": people["demo_wubu_planner"], "committee": people["demo_wubu_committee"]}
        found["township"] = people["demo_sunbo_township"]
    return found


def play_liugou(people: dict[str, User]) -> None:
    """柳沟村: a first version with real conflicts, commented on and returned point by point; a second one in public notice."""
    cast = cast_of(people)
    planner, committee, resident, neighbour = (
        cast["planner"],
        cast["committee"],
        people["demo_resident"],
        people["demo_resident2"],
    )
    first = hand_in("liugou_v1.gpkg", LIUGOU, by=planner, note="第一稿")
    first = demo_procedure.to_notice(first, cast, zone=zone_at(first, "0703")[0])
    moved = say(first, resident, "新宅基地占了村南的水浇地，那是全村最好的地，能不能换到村西的空地？", "0703")
    answers.answer(
        moved, by=committee, text="采纳。新增宅基地将调整到村庄建设边界以内，第二稿中改正。", adoption="adopted"
    )
    comment = say(first, neighbour, "山上要建的旅游接待点在生态红线里，怕影响水源。", "0901")
    answers.answer(comment, by=committee, text="采纳。旅游接待点退出生态保护红线。", adoption="adopted")
    first = workflow.move(first, "close_notice", by=cast["township"])
    returns.return_with_items(
        first, by=cast["reviewer"], note="请按下列各条修改后重新公示。",
        items=[
            {"zone": zone_at(first, "0703")[0], "rule": "K1", "text": "新增宅基地压占永久基本农田，请调整到村庄建设边界以内。"},
            {"zone": zone_at(first, "0901")[0], "rule": "K2", "text": "旅游用地位于生态保护红线内，请退出。"},
            {"page": "说明书 第4章", "text": "部分新增建设用地在村庄建设边界以外，请说明或调整。"},
        ],
    )  # fmt: skip
    second = hand_in(
        "liugou_v2.zip", LIUGOU, by=planner, note="按退回意见修改：新增宅基地调入建设边界，旅游用地退出红线，新增卫生室"
    )
    for item in returns.before(second):
        returns.answer(item, second, by=planner, accepted=True, reason="已按意见修改。")
    causes.say_cause(second, second.zones.get(number=zone_at(second, "0703")[0]), moved, by=planner)
    second = demo_procedure.to_notice(second, cast)
    comment = say(second, resident, "卫生室建在村口很好，希望门口有坡道，老人方便。", "0806")
    answers.answer(comment, by=committee, text="采纳。卫生室按无障碍要求设计，门口设坡道和扶手。", adoption="adopted")
    say(second, neighbour, "我家门前的路规划多宽？消防车能不能进来？", "1207")
    demo_participation.hearing(
        second, resident=resident, neighbour=neighbour, committee=committee, township=cast["township"]
    )


def play_wubu(people: dict[str, User]) -> None:
    """五埠村: one version that went all the way to approval and was published; a condition is still to be met."""
    cast = cast_of(people, WUBU)
    version = demo_procedure.to_notice(hand_in("wubu_v1.geojson", WUBU, by=cast["planner"], note="报批稿"), cast)
    comment = say(version, cast["committee"], "村民代表会议建议：伙大门一带的老石房只修缮不拆建。", "0703")
    answers.answer(comment, by=cast["township"], text="采纳。历史文化保护线内以修缮为主，不新建。", adoption="adopted")
    version = workflow.move(version, "close_notice", by=cast["township"])
    demo_procedure.to_publication(version, cast, number="演示政字〔2026〕1号")


def info() -> dict:
    """What a visitor needs to know of the demo: address, accounts, villages, plans."""
    accounts = [
        {"username": u, "password": DEMO_PASSWORD, "name": n, "role": str(r), "division": c} for u, n, r, c in PEOPLE
    ]
    villages = Village.objects.filter(pk__in=[LIUGOU, WUBU])
    plans = [
        {
            "id": v.plan_id, "village": v.plan.village_id, "name": v.plan.name, "version": v.pk, "number": v.number, "state": v.state,
            "url": f"{settings.SITE_URL}/versions/{v.pk}/",
        }
        for v in PlanVersion.objects.with_plan().order_by("plan__village_id", "number")
    ]  # fmt: skip
    return {
        "address": settings.SITE_URL,
        "api": f"{settings.SITE_URL}/api/v1/",
        "county": COUNTY,
        "now": timezone.now().isoformat(),
        "accounts": accounts,
        "villages": [
            {"code": v.code, "name": v.short_name, "url": f"{settings.SITE_URL}/villages/{v.code}/"} for v in villages
        ],
        "plans": plans,
    }
