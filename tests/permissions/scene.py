"""Things of one village that fill the addresses: a version in public notice, one nobody outside may see, and all about them."""

import datetime
import hashlib
from types import SimpleNamespace
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone

from indicators import runs
from indicators.models import JudgementProfile
from planning import answers, drawings, held, imports, participation, tiles, waivers
from planning.models import (
    Condition,
    Document,
    Finding,
    ItemAnswer,
    MappingProfile,
    Opinion,
    PlanVersion,
    ReviewRequest,
)
from planning.sheets import orders
from portal.models import Job, PartialUpload
from portal.notify import tell
from tests import world
from tests.permissions.hearing import add_hearing, hearing_values
from tests.planning.test_api_uploads import geojson
from villages.tables import imports as tables

# the tile of zoom 14 with the south-west corner of the village
TILE = (14, 13507, 6427)
DRAFT, PUBLIC = "draft", "public"
PDF = b"%PDF-1.7\n1 0 obj << >> endobj\n%%EOF"
# homesteads on the first row lie on permanent farmland: a real conflict, of which an exception may be asked
CONFLICTING = ["070301", *world.plan_rows()[1:]]


def make_scene(people: dict[str, Any]) -> SimpleNamespace:
    """Three versions of a plan: returned after its notice, in public notice, in joint review (the draft)."""
    village = world.make_village()
    world.make_village(world.OTHER, col=20)
    returned = world.advance(world.make_version(village, by=people["planner"]), "notice")
    returned = world.send_back(returned, by=people["reviewer"], note="请修改")
    item = returned.return_items.get()
    public = world.advance(judged(village, people), "notice")
    draft = world.advance(judged(village, people), "joint_review")
    ItemAnswer.objects.create(item=item, version=draft, accepted=True, by=people["planner"])
    scene = SimpleNamespace(
        people=people, village=village, returned=returned, item=item, draft=draft, public=public,
        versions={DRAFT: draft, PUBLIC: public}, profile=JudgementProfile.objects.values_list("name", flat=True).first(),
        mapping=MappingProfile.objects.values_list("name", flat=True).first(),
    )  # fmt: skip
    scene.mapping_content = MappingProfile.objects.first().content
    scene.profile_content = JudgementProfile.objects.first().content
    add_participation(scene)
    add_reviews(scene)
    add_proofs(scene)
    add_drawings(scene)
    add_files(scene)
    add_hearing(scene)
    add_jobs(scene)
    return scene


def judged(village: Any, people: dict[str, Any]) -> PlanVersion:
    version = world.make_version(village, rows=CONFLICTING, by=people["planner"])
    runs.judge(version)
    return PlanVersion.objects.get(pk=version.pk)


def add_participation(scene: SimpleNamespace) -> None:
    people = scene.people
    scene.comment = participation.post_comment(scene.public, by=people["villager"], text="路太窄", zone=8)
    scene.answered = participation.post_comment(scene.public, by=people["villager"], text="支持")
    answers.answer(scene.answered, by=people["committee"], text="谢谢", adoption="explained")
    scene.waivers = {}
    for name, version in scene.versions.items():
        finding = version.findings.filter(code="K1" if name == DRAFT else "K4").first()
        document = ContentFile(PDF, "意见.pdf")
        scene.waivers[name] = waivers.propose(
            finding, reason="线性工程", document=document, document_number="鲁〔2026〕1号", by=people["leader"]
        )
    scene.findings = {
        name: version.findings.filter(category=Finding.Category.REAL, severity="block").exclude(key__in=[w.key for w in scene.waivers.values()]).first()
        for name, version in scene.versions.items()
    }  # fmt: skip


def add_reviews(scene: SimpleNamespace) -> None:
    """Agriculture and the expert are asked on both versions; their opinions stand, not answered yet."""
    people, today = scene.people, timezone.localdate()
    scene.requests, scene.opinions = {}, {}
    for name, version in scene.versions.items():
        ReviewRequest.objects.filter(version=version).exclude(department="agriculture").update(
            cancelled_at=timezone.now()
        )
        request = ReviewRequest.objects.filter(version=version, department="agriculture").first()
        if request is None:
            request = ReviewRequest.objects.create(
                version=version, department="agriculture", asked_by=people["reviewer"],
                due_on=today + datetime.timedelta(days=10),
            )  # fmt: skip
        ReviewRequest.objects.filter(pk=request.pk).update(done_at=None, done_by=None)
        asked = ReviewRequest.objects.create(
            version=version, expert=people["expert"], asked_by=people["reviewer"], due_on=today + datetime.timedelta(days=10)
        )  # fmt: skip
        asked.declarations.create(by=people["expert"], conflict=False)
        request.declarations.create(by=people["agriculture"], conflict=False)
        scene.requests[name] = request
        scene.opinions[name] = Opinion.objects.create(
            request=request, version=version, author=people["agriculture"], stance="object", text="占用耕地"
        )
        Condition.objects.create(version=version, number=1, text="先补充耕地", set_by=people["reviewer"])


def add_proofs(scene: SimpleNamespace) -> None:
    """A round and an assembly of both versions, with a document each."""
    world.hold_assembly(scene.draft)
    scene.documents = {}
    for name, version in scene.versions.items():
        world.write_decision(version)
        row = Document(
            version=version, round=version.rounds.first(), kind="minutes", name="会议记录.pdf", size=len(PDF),
            sha256=hashlib.sha256(PDF).hexdigest(), by=scene.people["committee"],
        )  # fmt: skip
        row.file.save(f"{row.pk}/document", ContentFile(PDF), save=True)
        scene.documents[name] = row


def add_drawings(scene: SimpleNamespace) -> None:
    """A drawing of the village, a printed map of each version that waits to be drawn, a word that holds comments."""
    people = scene.people
    scene.drawing = drawings.begin(scene.village, by=people["planner"], start="version", version=scene.draft, title="")
    scene.sheets = {
        name: orders.place_order(version, orders.Order(), by=people["planner"]) for name, version in scene.versions.items()
    }  # fmt: skip
    scene.word = held.list_word(
        by=people["township"],
        word="造谣",
        division_code="370983101000",
        source="镇政府办",
        listed_on=timezone.localdate(),
    )


def add_files(scene: SimpleNamespace) -> None:
    """A plan file that was only checked, one in pieces, a table; the jobs of all are done but one."""
    from portal.celery import app

    people = scene.people
    content = geojson(world.plan_rows(), bad=True)
    scene.upload = imports.receive(
        ContentFile(content, "plan.geojson"), name="plan.geojson", village=scene.village, by=people["planner"],
        options={"check_only": True},
    )  # fmt: skip
    text = f"村代码,指标,年份,数值,来源\n{world.LIUGOU},户籍人口,2020,1300,新台账\n"
    scene.table = tables.receive(
        ContentFile(text.encode(), "台账.csv"), kind="facts", name="台账.csv", division_code=world.LIUGOU,
        by=people["committee"],
    )  # fmt: skip
    app.loader.import_default_modules()
    while job := Job.objects.filter(state=Job.State.QUEUED).order_by("created_at").first():
        app.tasks[job.kind](job.pk)
    scene.part = PartialUpload.objects.create(
        owner=people["planner"], division_code=world.LIUGOU, name="plan.zip", size=9,
        expires_at=timezone.now() + datetime.timedelta(days=1),
    )  # fmt: skip


def add_jobs(scene: SimpleNamespace) -> None:
    scene.job = Job.objects.create(kind="planning.import_plan", created_by=scene.people["planner"])
    (scene.notification,) = tell([scene.people["committee"]], "comment_new", plan="柳沟村村庄规划", number=2)


def values(scene: SimpleNamespace, of: str) -> dict[str, Any]:
    """What fills the addresses, for the draft or for the public version; None: there is no such thing of this one."""
    version = scene.versions[of]
    is_public = of == PUBLIC
    comment = scene.comment.pk if is_public else None
    finding = scene.findings[of].number
    return {
        **{f"versions:{name}": version.pk for name in ("pk", "id")},
        **{f"plans:{name}": version.plan_id for name in ("pk", "id")},
        **{f"comments:{name}": comment for name in ("pk", "id")},
        **{f"exceptions:{name}": scene.waivers[of].pk for name in ("pk", "id")},
        **{f"waivers:{name}": scene.waivers[of].pk for name in ("pk", "id")},
        **{f"reviews:{name}": scene.requests[of].pk for name in ("pk", "id")},
        **{f"requests:{name}": scene.requests[of].pk for name in ("pk", "id")},
        **{f"opinions:{name}": scene.opinions[of].pk for name in ("pk", "id")},
        **{f"uploads:{name}": scene.upload.pk for name in ("pk", "id")},
        **{f"tables:{name}": scene.table.pk for name in ("pk", "id")},
        **{f"jobs:{name}": scene.job.pk for name in ("pk", "id")},
        **dict(zip(("tiles:z", "tiles:x", "tiles:y"), TILE, strict=True)),
        "tiles:key": tiles.key(version),
        **{f"rounds:{name}": version.rounds.first().pk for name in ("pk", "id")},
        **{f"assemblies:{name}": version.assemblies.first().pk for name in ("pk", "id")},
        **{f"documents:{name}": scene.documents[of].pk for name in ("pk", "id")},
        **{f"drawings:{name}": scene.drawing.pk for name in ("pk", "id")},
        **{f"sheets:{name}": scene.sheets[of].pk for name in ("pk", "id")},
        "sheets:number": 1,
        **{f"watched-words:{name}": scene.word.pk for name in ("pk", "id")},
        **hearing_values(scene, is_public=is_public),
        "points:item": scene.item.pk,
        "people:number": scene.people["villager"].pk,
        "consents:purpose": "contact",
        "resumable:id": scene.part.pk,
        "findings:number": finding,
        "conditions:number": 1,
        "indicators:code": runs.newest(version).values.first().code,
        "tables:name": "indicators.csv",
        "templates:kind": "facts",
        "templates:extension": "xlsx",
        "kinds:kind": "facts",
        "villages:code": world.LIUGOU,
        "divisions:code": world.COUNTY,
        "calendar:code": world.COUNTY,
        "calendar:day": "2026-10-01",
        "profiles:name": scene.mapping,
        "judgement-profiles:name": scene.profile,
        "language:code": "en",
        "accounts:username": "villager",
        "password:token": "0" * 40,
        "notifications:key": scene.notification.once,
    }
