"""The demo's files that ask: each waits for exactly what a person must say, and is the second plan of 柳沟村 once it is said."""

from pathlib import Path

import pytest
import shapely
from django.core.files import File

from planning import imports
from planning.models import PlanVersion
from portal.models import Upload
from tests import world
from tests.grid import geos
from tests.rows import shared
from villages.demo.generator import county
from villages.models import Village

DATA = Path(__file__).resolve().parent.parent / "data"


@shared
def liugou(db) -> Village:
    """柳沟村 with the outline of the demo."""
    world.make_divisions()
    outline = next(v.outline for v in county().villages if v.code == world.LIUGOU)
    shape = shapely.MultiPolygon([outline])
    return Village.objects.create(division_id=world.LIUGOU, short_name="柳沟村", geom=geos(shape), source="test")


def hand_in(name: str, village: Village, run_jobs, by) -> Upload:
    with (DATA / name).open("rb") as stream:
        upload = imports.receive(File(stream, name=name), name=name, village=village, by=by)
    run_jobs()
    upload.refresh_from_db()
    return upload


def test_the_file_without_a_system_is_the_plan_once_the_first_proposal_is_confirmed(liugou, cast, run_jobs):
    good = imports.import_plan(DATA / "liugou_v2.zip", name="liugou_v2.zip", village=liugou).version
    upload = hand_in("ask_system.zip", liugou, run_jobs, cast.planner)
    assert upload.state == Upload.State.REFUSED
    assert {i.params["reason"] for i in upload.issues.filter(level="error")} == {"crs_missing"}
    proposed = upload.result["proposals"]
    assert proposed[0]["crs"] == "EPSG:4548"
    imports.again(upload, by=cast.planner, crs=proposed[0]["crs"])
    run_jobs()
    upload.refresh_from_db()
    assert upload.state == Upload.State.ACCEPTED, list(upload.issues.values_list("code", "params"))[:5]
    asked = PlanVersion.objects.get(pk=upload.result["version"])
    assert [z.code for z in asked.zones.all()] == [z.code for z in good.zones.all()]
    for one, other in zip(asked.zones.all(), good.zones.all(), strict=True):
        assert one.area_m2 == pytest.approx(other.area_m2, abs=0.02)


def test_the_file_in_codes_of_the_survey_queues_what_a_person_must_tell(liugou, cast, run_jobs):
    upload = hand_in("ask_codes.geojson", liugou, run_jobs, cast.planner)
    assert upload.state == Upload.State.ACCEPTED, list(upload.issues.values_list("code", "params"))[:5]
    items = upload.result["worklist"]
    assert items
    assert {"08H2", "1006"} <= {item["value"] for item in items}
    assert all(not item["decided"] for item in items)
    decisions = {item["layer"]: {} for item in items}
    for item in items:
        decisions[item["layer"]][str(item["row"])] = item["choices"][0]
    decided = imports.again(upload, by=cast.planner, decisions=decisions)
    run_jobs()
    decided.refresh_from_db()
    assert decided.state == Upload.State.ACCEPTED
    zones = {z.number: z for z in PlanVersion.objects.get(pk=decided.result["version"]).zones.all()}
    for item in items:
        assert zones[item["row"]].code == item["choices"][0]
        assert zones[item["row"]].file_code == item["value"]
