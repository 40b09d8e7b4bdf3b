"""Marked sheets, as the committee has them: photographs come in, marks become comments on behalf; who sees what, and how long."""

import datetime
import io
from datetime import timedelta

import numpy as np
import pytest
import shapely
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.utils import timezone
from PIL import Image

from planning.models import Comment, Scan, ScanMark, Sheet, Zone
from planning.papers import faults, jailed, scans
from planning.papers.plate import Plate, pixels
from planning.sheets import orders
from planning.sheets import pages as paging
from planning.sheets.making import as_json, make
from portal import retention
from portal.models import AuditEntry, Job, RetentionRule
from tests import world
from tests.planning.paper_photos import Pen, Scene, cross, draw, photograph, render, ring, stroke
from tests.rows import shared

SECTION = "/versions/{}/papers/"


def jpeg(colour: str = "white", size: tuple[int, int] = (1200, 900), **more) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, "JPEG", **more)
    return file.getvalue()


def sheet_of(version, **order) -> Sheet:
    """A sheet that was printed once and whose file is gone: what the paper says stays."""
    order = orders.Order(what="zone", zone=8, paper="A4", scale=5000, **order)
    sheet = orders.register(version, order, by=None)
    place, pages, _shape = orders.spread(version, order)
    sheet.pages, sheet.crs, sheet.name = [as_json(place, page) for page in pages], "EPSG:4548", "z8.pdf"
    sheet.save()
    return sheet


@shared
def scan(public_version, cast) -> Scan:
    """A sheet that was read: a ring in zone 8, a line, a cross, a stain."""
    sheet = sheet_of(public_version)
    row = Scan.objects.create(
        version=public_version, sheet=sheet, page=1, name="会议.jpg", digest="d", by=cast.committee
    )
    plate = Plate.of(sheet.pages[0])
    x, y, wide, high = plate.frame
    middle = np.array([x + wide / 2, y + high / 2])
    row.file.save("photo.jpg", ContentFile(jpeg()), save=False)
    scans.keep(row, jailed.Page(jpeg(size=plate.size), [
        jailed.Found("area", shapely.Polygon(ring(*middle, 9, 7)), "red", [10, 10, 60, 60], 0.4),
        jailed.Found("line", shapely.LineString([middle, middle + 12]), "blue", [10, 10, 60, 60], 0.4),
        jailed.Found("spot", shapely.Point(middle + np.array([-14, 9])), "black", [10, 10, 60, 60], 0.6),
        jailed.Found("spot", shapely.Point(middle + np.array([-20, 3])), "black", [10, 10, 60, 60], 0.6),
    ], 0.45, [[0, 0]] * 4, 300, 0.02, [0, 1, 2, 3]))  # fmt: skip
    return row


@pytest.fixture
def enter(as_user):
    def post(who, scan, number, **body):
        body = {"text": "这里要留一条路", "said_on": str(timezone.localdate()), **body}
        return as_user(who).post(
            f"/api/v1/papers/{scan.pk}/marks/{number}/comment/", body, content_type="application/json"
        )

    return post


def test_a_photograph_of_a_real_sheet_becomes_comments_at_their_places(as_user, public_version, run_jobs, cast):
    """Printed, marked in three colours, folded, photographed askew in a shadow, sent by the page, entered by the API."""
    sheet = orders.register(
        public_version, orders.Order(what="zone", zone=8, paper="A4", scale=5000), by=cast.committee
    )
    make(sheet)
    sheet.refresh_from_db()
    plate = Plate.of(sheet.pages[0])
    x, y, wide, high = plate.frame

    def at(a: float, b: float) -> tuple[float, float]:
        return x + a * wide, y + b * high

    pens = [
        Pen("area", "red", ring(*at(0.4, 0.45), 14, 10, seed=3)), Pen("line", "blue", stroke(at(0.55, 0.6), at(0.85, 0.7))),
        Pen("spot", "black", cross(*at(0.7, 0.35))),
    ]  # fmt: skip
    scene = Scene(turn=171, tilt=(12, 6), folds=(("x", plate.width / 2, 9),), shadow=0.35, blur=1.0, size=(3000, 2250))
    with sheet.file.open("rb") as stream:
        photo, _corners = photograph(draw(render(stream.read(), 1), pens), scene)
    client = as_user("committee")
    answer = client.post(SECTION.format(public_version.pk), {"photos": [SimpleUploadedFile("会议.jpg", photo)]})
    assert answer.status_code == 302
    assert {job.state for job in run_jobs()} == {"done"}
    row = Scan.objects.get()
    assert (row.state, row.fault, row.sheet_id, row.page) == ("read", "", sheet.pk, 1)
    told = client.get(f"/api/v1/papers/{row.pk}/").json()
    found = {mark["kind"]: mark for mark in told["marks"] if mark["colour"] in ("red", "blue", "black")}
    assert {(mark["kind"], mark["colour"]) for mark in told["marks"]} >= {
        ("area", "red"),
        ("line", "blue"),
        ("spot", "black"),
    }
    truth = scans.on_ground(row, shapely.Polygon(pens[0].points))
    assert found["area"]["error_m"] <= 8
    mark = row.marks.get(number=found["area"]["number"])
    crs_of = scans.plane_of(sheet)
    a, b = (
        scans.crs.transform([shapely.from_wkb(bytes(g.wkb))], scans.crs.storage_crs(), crs_of)[0]
        for g in (truth, mark.geom)
    )
    assert a.centroid.distance(b.centroid) < found["area"]["error_m"]
    assert found["area"]["area_m2"] == pytest.approx(a.area, rel=0.06)
    assert client.get(f"/papers/{row.pk}/marks/{mark.number}.jpg")["Content-Type"] == "image/jpeg"
    # the same photograph once more is the same scan
    client.post(SECTION.format(public_version.pk), {"photos": [SimpleUploadedFile("again.jpg", photo)]})
    assert Scan.objects.count() == 1
    assert Job.objects.filter(kind=scans.KIND).count() == 1


def test_a_mark_becomes_a_public_comment_with_its_shape(enter, as_user, scan, cast):
    told = enter("committee", scan, 1, speaker="王大山", zone=8).json()
    comment = Comment.objects.get(pk=told["comment"])
    assert (comment.channel, comment.zone.number, comment.speaker, comment.on_behalf) == ("paper", 8, "王大山", True)
    assert comment.shape.geom_type == "Polygon"
    assert comment.shape.equals_exact(scan.marks.get(number=1).geom, 1e-9)
    shown = next(c for c in as_user().get(f"/api/v1/versions/{scan.version_id}/comments/").json()["results"] if c["id"] == comment.pk)  # fmt: skip
    assert "王大山" not in str(shown)
    assert enter("committee", scan, 1).json()["comment"] == comment.pk  # a second time
    assert Comment.objects.filter(channel="paper").count() == 1
    spot = Comment.objects.get(pk=enter("planner", scan, 3).json()["comment"])
    assert (spot.shape, spot.geom.coords) == (None, scan.marks.get(number=3).geom.coords)
    assert AuditEntry.objects.filter(verb="paper.mark_entered").count() == 2


def test_a_sheet_is_done_when_each_mark_is_entered_or_put_aside(enter, as_user, scan):
    client = as_user("township")
    for number in (1, 2, 3):
        assert enter("township", scan, number).status_code == 200
    assert Scan.objects.get().state == "read"
    assert client.post(f"/papers/{scan.pk}/marks/4/aside/").status_code == 302
    assert Scan.objects.get().state == "done"
    assert client.post(f"/papers/{scan.pk}/marks/4/aside/", {"back": "1"}).status_code == 302
    assert Scan.objects.get().state == "read"
    answer = client.post(f"/api/v1/papers/{scan.pk}/marks/1/aside/", {"aside": True}, content_type="application/json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "entered")


def test_marks_are_put_right_and_added_by_hand(as_user, scan, enter):
    client = as_user("planner")
    plate = scans.plate_of(scan)
    x, y, wide, high = plate.frame
    there = pixels(np.array([x + wide / 4, y + high / 4])).tolist()

    def send(path, **body):
        return client.post(f"/api/v1/papers/{scan.pk}/marks/{path}", body, content_type="application/json")

    before = scan.marks.get(number=1).geom
    moved = send("1/place/", points=[there]).json()
    assert moved["area_m2"] == pytest.approx(
        float(scans.crs.area_m2([shapely.from_wkb(bytes(before.wkb))])[0]), rel=1e-3
    )
    mark = ScanMark.objects.get(scan=scan, number=1)
    assert scans.pin_of(scans.on_page(scan, mark.geom)) == pytest.approx(there, abs=0.05)
    made = send("", kind="area", points=[there, [there[0] + 60, there[1]], [there[0], there[1] + 60]]).json()
    side = 10 * plate.scale / 1000  # 60 pixels are 10 mm
    assert (made["number"], made["area_m2"]) == (5, pytest.approx(side * side / 2, rel=2e-3))
    assert send("", kind="spot", points=[[1, 1]]).json()["error"]["code"] == "points"  # in the margin
    assert send("", kind="line", points=[there]).json()["error"]["code"] == "points"
    assert send("2/place/", points=[there, [there[0] + 90, there[1]]]).status_code == 200
    enter("planner", scan, 2)
    assert send("2/place/", points=[there]).status_code == 409
    assert (
        client.post(f"/papers/{scan.pk}/marks/", {"kind": "spot", "points": f"{there[0]},{there[1]}"}).status_code
        == 302
    )
    assert client.post(f"/papers/{scan.pk}/marks/", {"kind": "spot", "points": "x"}).status_code == 400


def test_the_page_names_the_zone_a_mark_lies_on_and_its_area(as_user, scan):
    page = as_user("committee").get(f"/papers/{scan.pk}/").content.decode()
    mark = scan.marks.get(number=1)
    zone = scans.zones_of(scan, [mark])[mark.pk]
    assert isinstance(zone, Zone)
    assert f'name="m1-zone" value="{zone.number}"' in page
    assert page.count('class="paper-pin"') == 4
    listed = as_user("committee").get(SECTION.format(scan.version_id)).content.decode()
    assert f"/papers/{scan.pk}/" in listed
    assert "z8.pdf" in listed
    assert "100 MB" in listed.split("no-js-only")[1]
    assert f'data-url="/api/v1/versions/{scan.version_id}/papers/"' in listed


def test_the_day_of_the_last_mark_stays_for_the_next(enter, as_user, scan, time_machine):
    day = scan.version.notice.opens_on
    time_machine.move_to(timezone.now() + datetime.timedelta(days=3))
    assert enter("committee", scan, 1, said_on=day.isoformat()).status_code == 200
    page = as_user("committee").get(f"/papers/{scan.pk}/").content.decode()
    assert f'name="m2-said_on" value="{day.isoformat()}"' in page


def test_pictures_of_a_sheet_are_had_over_the_api_too(as_user, scan):
    client = as_user("committee")
    said = client.get(f"/api/v1/papers/{scan.pk}/").json()
    for address in (said["flat"], said["photo"], said["marks"][0]["picture"]):
        answer = client.get(address)
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/jpeg"), address
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert as_user("villager").get(address).status_code == 404


def test_more_marks_and_sheets_cost_no_more_questions(as_user, scan, django_assert_max_num_queries):
    client = as_user("committee")
    for n in range(30):
        ScanMark.objects.create(
            scan=scan, number=100 + n, kind="spot", geom=scan.marks.get(number=1).geom.point_on_surface
        )
    for address in (f"/api/v1/papers/{scan.pk}/", f"/papers/{scan.pk}/", "/api/v1" + SECTION.format(scan.version_id)):
        with django_assert_max_num_queries(25):
            assert client.get(address).status_code == 200


def test_what_was_typed_stays_when_the_day_is_wrong(as_user, scan):
    answer = as_user("committee").post(
        f"/papers/{scan.pk}/marks/1/comment/", {"m1-text": "要留路", "m1-said_on": "2001-01-01", "m1-speaker": "李四"}
    )
    assert answer.status_code == 400
    page = answer.content.decode()
    assert "要留路" in page
    assert "李四" in page
    assert not Comment.objects.filter(channel="paper").exists()


@pytest.mark.parametrize("who", [None, "villager", "stranger", "other_committee", "reviewer"])
def test_nobody_else_sees_a_marked_sheet(as_user, scan, who):
    client = as_user(who)
    refused = {302, 403, 401} if who is None else {404}
    for path in (
        SECTION.format(scan.version_id), f"/papers/{scan.pk}/", f"/papers/{scan.pk}/flat.jpg", f"/papers/{scan.pk}/photo.jpg",
        f"/papers/{scan.pk}/marks/1.jpg", f"/api/v1/papers/{scan.pk}/", f"/api/v1/versions/{scan.version_id}/papers/",
    ):  # fmt: skip
        assert client.get(path).status_code in refused, path
    for path in ("comment/", "aside/", "place/"):
        assert client.post(f"/papers/{scan.pk}/marks/1/{path}").status_code in refused, path
        answer = client.post(f"/api/v1/papers/{scan.pk}/marks/1/{path}", {}, content_type="application/json")
        assert answer.status_code in refused, path


@pytest.mark.parametrize(
    ("data", "reason"), [(b"GIF89a" + b"0" * 40, "photo_type"), (b"\xff\xd8\xff\xe0 broken", "photo_damaged")]
)
def test_what_is_no_photograph_is_refused_in_words(as_user, public_version, data, reason):
    answer = as_user("committee").post(
        f"/api/v1/versions/{public_version.pk}/papers/", {"file": SimpleUploadedFile("x.jpg", data)}
    )
    assert (answer.status_code, answer.json()["error"]["data"]["reason"]) == (400, reason)
    page = as_user("committee").post(SECTION.format(public_version.pk), {"photos": [SimpleUploadedFile("x.jpg", data)]})
    assert page.status_code == 400
    assert not Scan.objects.exists()


def test_the_kept_photograph_holds_pixels_alone(as_user, public_version):
    exif = Image.Exif()
    exif[0x010F] = "Canary-Phone"
    data = jpeg(exif=exif.tobytes())
    assert b"Canary-Phone" in data
    as_user("planner").post(SECTION.format(public_version.pk), {"photos": [SimpleUploadedFile("a.jpg", data)]})
    with Scan.objects.get().file.open("rb") as stream:
        assert b"Canary-Phone" not in stream.read()


def test_a_sheet_without_a_code_is_named_by_hand(as_user, public_version, run_jobs, monkeypatch):
    client = as_user("committee")
    client.post(SECTION.format(public_version.pk), {"photos": [SimpleUploadedFile("a.jpg", jpeg())]})
    run_jobs()
    row = Scan.objects.get()
    assert (row.state, row.fault) == ("failed", "no_code")
    sheet = sheet_of(public_version)
    page = client.get(f"/papers/{row.pk}/").content.decode()
    assert f'value="{sheet.pk}-1"' in page
    asked = []
    monkeypatch.setattr(scans.printing, "printed", lambda sheet, page: b"")
    monkeypatch.setattr(
        scans.jailed, "read_page", lambda *args: asked.append(args) or jailed.Page(jpeg(size=Plate.of(args[2]).size), [], 0.4, [], 9, 0.0, [])
    )  # fmt: skip
    assert client.post(f"/papers/{row.pk}/sheet/", {"sheet": "nosuchsheet1-1"}).status_code == 400
    assert client.post(f"/papers/{row.pk}/sheet/", {"sheet": f"{sheet.pk}-1"}).status_code == 302
    assert run_jobs()[0].state == "done"
    row.refresh_from_db()
    assert (row.state, row.sheet_id, len(asked)) == ("read", sheet.pk, 1)


@pytest.mark.parametrize(("where", "fault"), [("another version", "other_version"), ("another village", "other_sheet"), ("nowhere", "other_sheet")])  # fmt: skip
def test_a_sheet_of_another_plan_is_refused(public_version, cast, where, fault):
    pk = "nosuchsheet1"
    if where == "another village":
        pk = bare(world.make_version(world.make_village(world.OTHER, col=20), by=cast.planner)).pk
    if where == "another version":
        pk = bare(world.make_version(public_version.village, by=cast.planner)).pk
    with pytest.raises(jailed.Fault) as raised:
        scans.named(public_version, pk, 1)
    assert raised.value.code == fault
    assert faults.words(fault)


def bare(version) -> Sheet:
    return Sheet.objects.create(version=version, key="k", pages=[{"number": 1}], crs="EPSG:4548", name="x.pdf")


def test_reading_can_be_stopped_and_says_so(as_user, public_version, run_jobs):
    client = as_user("committee")
    client.post(SECTION.format(public_version.pk), {"photos": [SimpleUploadedFile("a.jpg", jpeg())]})
    job = Job.objects.get(kind="planning.read_paper")
    assert client.post(f"/jobs/{job.pk}/cancel/").status_code in (200, 302)
    assert not any(job.kind == scans.KIND for job in run_jobs())
    row = Scan.objects.get()
    assert (row.state, row.fault) == ("failed", "stopped")
    assert scans.said(row)


def test_photographs_go_and_marks_stay(scan, as_user):
    rule = RetentionRule.objects.get(kind="marked_sheet")
    Scan.objects.update(at=timezone.now() - timedelta(days=rule.days + 1))
    assert next(a.rows for a in retention.apply_retention() if a.rule.kind == "marked_sheet") == 1
    row = Scan.objects.get()
    assert (bool(row.file), bool(row.flat), row.marks.count()) == (False, False, 4)
    client = as_user("committee")
    assert client.get(f"/papers/{row.pk}/flat.jpg").status_code == 404
    assert client.get(f"/papers/{row.pk}/").status_code == 200
    assert client.get(f"/papers/{row.pk}/marks/1.jpg").status_code == 409
    assert next(a.rows for a in retention.apply_retention() if a.rule.kind == "marked_sheet") == 0


def test_the_command_reads_as_the_page_does(public_version, tmp_path, capsys):
    path = tmp_path / "a.jpg"
    path.write_bytes(jpeg())
    call_command("read_papers", public_version.pk, str(path), "--by", "planner")  # fmt: skip
    assert str(path) in capsys.readouterr().out


def test_the_command_takes_photographs_of_nobody_else(public_version, tmp_path):
    path = tmp_path / "a.jpg"
    path.write_bytes(jpeg())
    for name in ("villager", "leader", "other_committee"):
        call_command("read_papers", public_version.pk, str(path), "--by", name)
    assert not Scan.objects.exists()


def test_a_child_that_was_taken_over_can_only_say_marks():
    plate = Plate.of(as_json(place := paging.layout("A4", False), paging.Page(1, 2000, (0, 0, *place.frame[2:]))))
    good = {"kind": "spot", "points": [[50, 50]], "colour": "red", "box": [1, 1, 5, 5], "error": 0.4}
    assert jailed._mark(good, plate).kind == "spot"
    for bad in ({"points": [[50, float("inf")]]}, {"points": [[5000, 1]]}, {"kind": "x"}, {"box": [1]}, {"error": True}, {"colour": "<b>"}):  # fmt: skip
        with pytest.raises((ValueError, TypeError)):
            jailed._mark({**good, **bad}, plate)
