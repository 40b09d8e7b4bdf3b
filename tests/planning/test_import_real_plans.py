"""Six real statutory plans (Taiwan, EPSG:3826) go through a mapping profile kept with the tests."""

import json
import zipfile
from pathlib import Path

import pytest
import shapely
from django.core.management import call_command

from planning import profiles
from planning.models import PlanVersion
from tests import world
from tests.grid import geos
from tests.rows import shared
from villages.models import Village

PROFILE = Path(__file__).with_name("profile_taiwan.json")


@shared
def taiwan(db):
    """A village that covers all six plans: their zones are not checked against an outline of ours."""
    world.make_divisions()
    profiles.save(name="taiwan", title="台湾都市计划使用分区", content=json.loads(PROFILE.read_text("utf-8")), by=None)
    shape = shapely.MultiPolygon([shapely.box(119.9, 21.8, 122.1, 25.4)])
    return Village.objects.create(division_id=world.FAR, short_name="瑞穗", geom=geos(shape), source="test")


def run(path: Path, capsys) -> dict:
    stopped = None
    try:
        call_command("import_plan", str(path), "--village", world.FAR, "--profile", "taiwan", "--json")
    except SystemExit as stop:
        stopped = stop.code
    said = json.loads(capsys.readouterr().out)
    assert stopped == (None if said["accepted"] else 2)
    return said


def test_u0210_gives_157_zones_whose_areas_agree_with_the_file(taiwan, shared_data, capsys):
    said = run(shared_data / "zoning_taiwan" / "U0210.json", capsys)
    assert said["accepted"], said["issues"]
    assert said["zones"] == 157
    for zone in PlanVersion.objects.get(pk=said["version"]).zones.all():
        assert zone.area_m2 == pytest.approx(zone.file_area_m2, rel=1e-3), zone.number


def test_u0210_as_a_big5_shapefile_without_cpg_is_the_same_plan(taiwan, shared_data, tmp_path, capsys):
    folder = shared_data / "zoning_taiwan" / "shp_big5_nocpg"
    with zipfile.ZipFile(tmp_path / "U0210.zip", "w") as archive:
        for part in folder.iterdir():
            archive.write(part, part.name)
    said = run(tmp_path / "U0210.zip", capsys)
    assert said["accepted"], said["issues"]
    assert said["zones"] == 157
    from_json = run(shared_data / "zoning_taiwan" / "U0210.json", capsys)
    one = PlanVersion.objects.get(pk=said["version"]).zones.all()
    other = PlanVersion.objects.get(pk=from_json["version"]).zones.all()
    assert [z.code for z in one] == [z.code for z in other]
    assert sum(z.area_m2 for z in one) == pytest.approx(sum(z.area_m2 for z in other), rel=1e-6)


def test_t0207_is_refused_for_its_three_self_intersections_named_by_row(taiwan, shared_data, capsys):
    path = shared_data / "zoning_taiwan" / "T0207.json"
    features = json.loads(path.read_text("utf-8"))["features"]
    broken = [n for n, f in enumerate(features, 1) if not shapely.geometry.shape(f["geometry"]).is_valid]
    said = run(path, capsys)
    assert not said["accepted"]
    assert [i["row"] for i in said["issues"] if i["code"] == "G1" and i["level"] == "error"] == broken
    assert len(broken) == 3
    assert not PlanVersion.objects.exists()


@pytest.mark.parametrize("name", ["L0309", "U0209", "U0211", "V0307"])
def test_the_other_plans_are_judged_and_every_zone_that_is_stored_is_valid(name, taiwan, shared_data, capsys):
    path = shared_data / "zoning_taiwan" / f"{name}.json"
    features = json.loads(path.read_text("utf-8"))["features"]
    valid = all(shapely.geometry.shape(f["geometry"]).is_valid for f in features)
    said = run(path, capsys)
    assert said["accepted"] == valid, said["issues"][:5]
    if valid:
        assert said["zones"] == len(features)


def test_the_land_use_of_tamana_is_judged_by_a_profile_with_its_code_list(taiwan, shared_data):
    """363 features of PLATEAU: latitude first, heights on everything, classes 201 to 223 of a list beside the file."""
    from planning import imports

    content = json.loads(PROFILE.with_name("profile_plateau.json").read_text("utf-8"))
    profiles.save(name="plateau", title="PLATEAU", content=content, by=None)
    shape = shapely.MultiPolygon([shapely.box(130.3, 32.8, 130.8, 33.2)])
    Village.objects.filter(pk=taiwan.pk).update(geom=geos(shape))
    village = Village.objects.get(pk=taiwan.pk)
    path = shared_data / "zoning_plateau" / "tamana_landuse.gml"
    outcome = imports.import_plan(path, name=path.name, village=village, profile="plateau")
    states = {rule["code"]: rule["state"] for rule in outcome.report["rules"]}
    assert {states[code] for code in ("F1", "C1", "C2", "S1", "S2", "S3", "S4", "S5")} == {"passed"}
    assert outcome.accepted, outcome.issues[:5]
    zones = outcome.version.zones.order_by("number")
    assert outcome.zones == zones.count() == 363
    assert (zones[0].code, zones[0].file_code, zones[0].attributes) == ("0101", "201", {"surveyYear": "2022"})
    assert zones.filter(code="0701").count() == 87
