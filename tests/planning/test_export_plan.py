"""What the importer reads it can also write back: import, export, import gives the same plan."""

import json
from pathlib import Path

import geopandas
import pandas
import pytest
import shapely
from django.core.management import CommandError, call_command
from django.urls import reverse

from planning import imports, profiles
from planning.models import PlanVersion
from portal.models import AuditEntry
from tests import world
from tests.grid import cell, geos
from tests.planning.test_import_plan import frame
from tests.planning.test_import_real_plans import PROFILE, taiwan  # noqa: F401  a village that covers the real plans
from villages.models import Village


def content(version: PlanVersion) -> list[tuple]:
    return [(z.number, z.code, z.label, z.remark, z.geom.wkb, z.area_m2) for z in version.zones.all()]


def exported(version: PlanVersion, path: Path) -> Path:
    call_command("export_plan", version.pk, "--out", str(path))
    return path


def stored(path: Path, village: Village, **choices: str) -> PlanVersion:
    outcome = imports.import_plan(path, name=path.name, village=village, **choices)
    assert outcome.accepted, [(i.code, i.row, i.params) for i in outcome.issues][:5]
    return outcome.version


@pytest.fixture
def full_file(tmp_path) -> Path:
    """Zones, projects of every kind of shape, facilities, roads, and a table, in Gauss-Kruger coordinates."""
    path = tmp_path / "full.gpkg"
    table = frame(BZ=["一", None, "三"] + [""] * 7)
    table.to_crs(4548).to_file(path, layer="GHYDYH")
    middle = cell(5, 5).geoms[0].centroid
    projects = geopandas.GeoDataFrame(
        {
            "XMMC": ["村卫生所改造", "道路硬化", "无图项目"],
            "TZE": [35.5, 120.0, None],
            "KSNF": [2026, 2027, None],
            "XMZT": ["在建", None, "暂缓"],
        },
        geometry=[middle, shapely.LineString([(116.801, 36.101), (116.808, 36.108)]), None],
        crs=4490,
    )
    projects.to_crs(4548).to_file(path, layer="ZDXM")
    places = geopandas.GeoDataFrame(
        {"SSLX": ["11", "05"], "SSMC": ["卫生所", None], "CC": [3, None], "KF": [True, False]},
        geometry=[middle, cell(2, 2).geoms[0].centroid],
        crs=4490,
    )
    places.to_crs(4548).to_file(path, layer="GGFWSS")
    pandas.DataFrame({"ZBMC": ["耕地保有量"], "ZBZ": [12.5]})
    return path


def test_zones_projects_and_other_layers_come_back_as_the_same_plan(full_file, village, tmp_path):
    first = stored(full_file, village)
    second = stored(exported(first, tmp_path / "back.gpkg"), village)
    assert second.digest == first.digest
    assert content(second) == content(first)
    names = list(first.projects.values_list("name", "budget_wan", "starts_in", "state"))
    assert len(names) == 3
    assert list(second.projects.values_list("name", "budget_wan", "starts_in", "state")) == names
    places = [(f.layer, f.number, f.attributes, f.geom.wkb) for f in first.features.all()]
    assert len(places) == 2
    assert [(f.layer, f.number, f.attributes, f.geom.wkb) for f in second.features.all()] == places


@pytest.mark.parametrize("name", ["U0210", "U0209", "U0211", "V0307", "L0309"])
def test_a_real_plan_comes_back_as_the_same_plan(name, taiwan, shared_data, tmp_path):  # noqa: F811
    source = shared_data / "zoning_taiwan" / f"{name}.json"
    first = imports.import_plan(source, name=source.name, village=taiwan, profile="taiwan")
    if not first.accepted:  # invalid shapes: judged by another test
        assert {i.code for i in first.issues if i.level == "error"} == {"G1"}
        return
    lenient = {**profiles.by_name(profiles.DEFAULT).content, "rules": profiles.by_name("taiwan").rules}
    profiles.save(name="back", title="as the first, under the default's names", content=lenient, by=None)
    second = stored(exported(first.version, tmp_path / "back.gpkg"), taiwan, profile="back")
    assert second.digest == first.version.digest
    assert content(second) == content(first.version)


def test_citygml_comes_back_as_the_same_plan(taiwan, shared_data, tmp_path):  # noqa: F811
    """PLATEAU's Tamana, 363 features, through a profile of its own; then under the default's names."""
    content_of = json.loads(PROFILE.with_name("profile_plateau.json").read_text("utf-8"))
    profiles.save(name="plateau", title="PLATEAU", content=content_of, by=None)
    shape = shapely.MultiPolygon([shapely.box(130.3, 32.8, 130.8, 33.2)])
    Village.objects.filter(pk=taiwan.pk).update(geom=geos(shape))
    village = Village.objects.get(pk=taiwan.pk)
    first = stored(shared_data / "zoning_plateau" / "tamana_landuse.gml", village, profile="plateau")
    lenient = {**profiles.by_name(profiles.DEFAULT).content, "rules": profiles.by_name("plateau").rules}
    profiles.save(name="back", title="as the first, under the default's names", content=lenient, by=None)
    second = stored(exported(first, tmp_path / "back.gpkg"), village, profile="back")
    assert second.layout == first.layout
    assert content(second) == content(first)
    # fields that the first profile kept beside are not known to the default's names, and belong to the digest
    assert {key for zone in first.zones.all() for key in zone.attributes} == {"surveyYear"}
    assert second.digest != first.digest


def test_the_staff_of_the_village_may_take_the_file_and_it_is_recorded(version, as_user):
    for name in ("version-geopackage", "api-version-geopackage"):
        key = {"pk": version.pk} if name == "version-geopackage" else {"id": version.pk}
        response = as_user("planner").get(reverse(name, kwargs=key))
        assert response["Content-Type"] == "application/geopackage+sqlite3"
        assert f"{world.LIUGOU}-v1.gpkg" in response["Content-Disposition"]
        assert b"".join(response.streaming_content).startswith(b"SQLite format 3\0")
    assert AuditEntry.objects.filter(verb="version.exported").count() == 2


@pytest.mark.parametrize("who", [None, "villager", "stranger", "other_committee"])
def test_exact_coordinates_are_not_given_to_others_even_of_a_public_draft(who, public_version, as_user):
    for name in ("version-geopackage", "api-version-geopackage"):
        key = {"pk": public_version.pk} if name == "version-geopackage" else {"id": public_version.pk}
        assert as_user(who).get(reverse(name, kwargs=key)).status_code == 404


def test_the_command_overwrites_nothing_and_names_what_is_missing(version, tmp_path):
    there = tmp_path / "there.gpkg"
    there.write_text("mine")
    with pytest.raises(CommandError, match="exists already"):
        call_command("export_plan", version.pk, "--out", str(there))
    with pytest.raises(CommandError, match="no version"):
        call_command("export_plan", "nothing", "--out", str(tmp_path / "new.gpkg"))
    assert there.read_text() == "mine"
