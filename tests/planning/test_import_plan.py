"""A plan file goes in: accepted as a version that never changes, or refused with what is wrong and nothing stored."""

import json
import zipfile
from pathlib import Path

import geopandas
import pytest
import shapely
from django.core.files.base import ContentFile
from django.core.management import call_command

from planning import imports, profiles
from planning.models import PlanVersion, Project, Zone
from portal.errors import NotAllowed, PortalError
from portal.models import AuditEntry, Job, Upload
from tests import world
from tests.grid import cell
from villages.models import Village


def frame(rows: list[str] | None = None, **columns) -> geopandas.GeoDataFrame:
    """Ten strips that tile the test village, with the fields of the default profile."""
    rows = rows or world.plan_rows()
    shapes = [cell(0, r, 10, 1).geoms[0] for r in range(10)]
    data = {"BSM": [f"Z{n}" for n in range(1, 11)], "YDYHFLDM": rows, "BZ": [""] * 10, **columns}
    return geopandas.GeoDataFrame(data, geometry=shapes, crs=4490)


def save(table: geopandas.GeoDataFrame, path: Path, crs: str = "EPSG:4490") -> Path:
    """Write a table as .gpkg, .geojson or .zip (Shapefile, GBK with .cpg) in a CRS."""
    table = table.to_crs(crs)
    if path.suffix == ".zip":
        folder = path.with_suffix("")
        folder.mkdir()
        table.to_file(folder / "GHYDYH.shp", encoding="GBK")
        with zipfile.ZipFile(path, "w") as archive:
            for part in folder.iterdir():
                archive.write(part, part.name)
    elif path.suffix == ".gpkg":
        table.to_file(path, layer="GHYDYH")
    else:
        named = {"type": "name", "properties": {"name": f"urn:ogc:def:crs:{crs.replace(':', '::')}"}}
        path.write_text(json.dumps({**json.loads(table.to_json()), "crs": named}), "utf-8")
    return path


def give(path: Path, village: Village, **kwargs) -> imports.Outcome:
    return imports.import_plan(path, name=path.name, village=village, **kwargs)


def codes_of(outcome: imports.Outcome, level: str = "error") -> set[str]:
    return {i.code for i in outcome.issues if i.level == level}


@pytest.mark.parametrize("suffix", [".gpkg", ".geojson", ".zip"])
@pytest.mark.parametrize("crs", ["EPSG:4490", "EPSG:4548", "EPSG:4527"], ids=["lonlat", "gk117", "gk-zone39"])
def test_a_good_file_of_any_accepted_kind_becomes_the_same_version(suffix, crs, village, tmp_path):
    outcome = give(save(frame(), tmp_path / f"plan{suffix}", crs), village)
    assert outcome.accepted, outcome.issues
    zones = list(outcome.version.zones.all())
    assert [z.code for z in zones] == world.plan_rows()
    parcels = {r: sum(p.area_m2 for p in village.parcels.all() if (p.number - 1) // 10 == r) for r in range(10)}
    for r, zone in enumerate(zones):
        assert zone.area_m2 == pytest.approx(parcels[r], rel=2e-6)


def test_a_version_is_numbered_digested_recorded_and_its_computation_started(village, cast, tmp_path):
    path = save(frame(), tmp_path / "plan.gpkg")
    first = give(path, village, by=cast.planner, options={"note": "第一稿"}).version
    second = give(path, village, by=cast.planner).version
    first.refresh_from_db()
    assert (first.number, second.number) == (1, 2)
    assert first.digest == second.digest
    assert first.state == "superseded"
    assert first.note == "第一稿"
    assert AuditEntry.objects.filter(verb="version.imported", actor=cast.planner).count() == 2
    assert Job.objects.filter(kind="indicators.judge_version", args__version=second.pk).count() == 1


def with_geometry(change) -> geopandas.GeoDataFrame:
    table = frame()
    table.geometry = change(list(table.geometry))
    return table


def bowtie(shapes):
    west, south, east, north = shapes[2].bounds
    shapes[2] = shapely.Polygon([(west, south), (east, north), (east, south), (west, north)])
    return shapes


def stretched(shapes):
    shapes[4] = cell(0, 4, 10, 1.2).geoms[0]
    return shapes


def shortened(shapes):
    shapes[4] = cell(0, 4, 9, 1).geoms[0]
    return shapes


def moved_out(shapes):
    shapes[9] = cell(0, 9, 10, 2).geoms[0]
    return shapes


DEFECTS = {
    "G1": (lambda: with_geometry(bowtie), 3),
    "G5": (lambda: with_geometry(stretched), None),
    "G6": (lambda: with_geometry(shortened), None),
    "G7": (lambda: with_geometry(moved_out), 10),
    "S3": (lambda: frame(["0102", None, *world.plan_rows()[2:]]), 2),
    "S4": (lambda: frame(["0102", "9999", *world.plan_rows()[2:]]), 2),
    "S2": (lambda: frame().rename(columns={"YDYHFLDM": "WHAT"}), None),
    "A1": (lambda: frame(TBMJ=[1.0] * 10), 1),
}


@pytest.mark.parametrize("rule", DEFECTS)
def test_each_defect_is_named_by_rule_and_row_and_nothing_is_stored(rule, village, tmp_path):
    make, row = DEFECTS[rule]
    outcome = give(save(make(), tmp_path / "bad.gpkg"), village)
    assert not outcome.accepted
    assert rule in codes_of(outcome), outcome.issues
    if row:
        assert row in {i.row for i in outcome.issues if i.code == rule}
    assert not PlanVersion.objects.exists()
    assert not Zone.objects.exists()
    assert not Job.objects.exists()


def test_a_broken_file_is_refused_and_nothing_is_stored(village, tmp_path):
    path = tmp_path / "plan.gpkg"
    path.write_bytes(b"not a geopackage")
    outcome = give(path, village)
    assert not outcome.accepted
    assert codes_of(outcome) <= {"F1", "F4"}
    assert not PlanVersion.objects.exists()


def test_projects_come_with_the_plan(village, tmp_path):
    path = save(frame(), tmp_path / "plan.gpkg")
    projects = geopandas.GeoDataFrame(
        {"XMMC": ["新建卫生室"], "XMLX": ["公共服务"], "TZE": [35.5], "ZJLY": ["衔接资金"], "KSNF": [2026], "JSNF": [2027], "XMZT": ["在建"]},
        geometry=[cell(5, 7).centroid], crs=4490,
    )  # fmt: skip
    projects.to_file(path, layer="ZDXM")
    version = give(path, village).version
    project = Project.objects.get(version=version)
    assert (project.name, float(project.budget_wan), project.state, project.ends_in) == (
        "新建卫生室",
        35.5,
        "building",
        2027,
    )


def test_the_command_prints_the_verdict_and_exits_2_on_refusal(village, tmp_path, capsys):
    call_command("import_plan", str(save(frame(), tmp_path / "good.gpkg")), "--village", village.code, "--json")
    said = json.loads(capsys.readouterr().out)
    assert said["accepted"]
    assert said["zones"] == 10
    assert PlanVersion.objects.get(pk=said["version"]).number == 1
    with pytest.raises(SystemExit) as stopped:
        call_command(
            "import_plan", str(save(DEFECTS["S4"][0](), tmp_path / "bad.gpkg")), "--village", village.code, "--json"
        )
    assert stopped.value.code == 2
    said = json.loads(capsys.readouterr().out)
    assert said["accepted"] is False
    assert said["version"] is None
    issue = next(i for i in said["issues"] if i["code"] == "S4")
    assert (issue["level"], issue["layer"], issue["row"]) == ("error", "GHYDYH", 2)
    assert "9999" in issue["text"]


@pytest.mark.parametrize("who", ["villager", "other_committee", "township", "reviewer", "stranger"])
def test_only_planner_and_committee_of_the_village_may_hand_in(who, village, cast, tmp_path):
    path = save(frame(), tmp_path / "plan.gpkg")
    with pytest.raises(NotAllowed):
        give(path, village, by=getattr(cast, who))
    assert not PlanVersion.objects.exists()


def upload(village, by, path: Path) -> Upload:
    return imports.receive(ContentFile(path.read_bytes(), path.name), name=path.name, village=village, by=by)


def test_an_upload_is_judged_by_a_job_and_keeps_its_issues(
    village, cast, tmp_path, run_jobs, django_capture_on_commit_callbacks
):
    row = upload(village, cast.planner, save(DEFECTS["G7"][0](), tmp_path / "bad.gpkg"))
    job = next(j for j in run_jobs() if j.kind == "planning.import_upload")
    row.refresh_from_db()
    assert (job.state, job.percent, job.result["accepted"]) == ("done", 100, False)
    assert row.state == Upload.State.REFUSED
    issue = row.issues.get(code="G7")
    assert issue.geom is not None
    assert issue.geom.area > 0
    assert row.result["preview"]["columns"]["code"] == "YDYHFLDM"


def test_a_refused_upload_can_be_mapped_and_checked_again(village, cast, tmp_path, run_jobs):
    table = frame().rename(columns={"YDYHFLDM": "USE"})
    table["USE"] = ["水浇地"] * 5 + ["林地"] * 2 + ["宅基地", "宅基地", "村路"]
    row = upload(village, cast.planner, save(table, tmp_path / "own.gpkg"))
    run_jobs()
    row.refresh_from_db()
    assert row.state == Upload.State.REFUSED
    preview = row.result["preview"]
    assert preview["columns"]["code"] == "USE"
    assert {v["value"]: v["code"] for v in preview["values"]} == {
        "水浇地": "0102",
        "林地": "03",
        "宅基地": None,
        "村路": None,
    }
    content = {"format": 1, "zones": {"layers": ["GHYDYH"], "fields": {"code": ["USE"]},
               "codes": {"水浇地": "0102", "林地": "0301", "宅基地": "070301", "村路": "1207"}}}  # fmt: skip
    profiles.save(name="own", title="自定", content=content, by=cast.planner)
    imports.again(row, by=cast.planner, profile="own")
    run_jobs()
    row.refresh_from_db()
    assert row.state == Upload.State.ACCEPTED
    assert PlanVersion.objects.get(pk=row.result["version"]).zones.filter(code="070301").count() == 2


def test_a_profile_that_makes_no_sense_is_refused_and_names_the_place(cast):
    with pytest.raises(PortalError) as caught:
        profiles.save(name="bad", title="", content={"format": 1, "zones": {"layers": []}}, by=cast.planner)
    assert "zones" in str(caught.value.message)
    with pytest.raises(NotAllowed):
        profiles.save(
            name="mine",
            title="",
            content={"format": 1, "zones": {"layers": ["a"], "fields": {"code": ["b"]}}},
            by=cast.villager,
        )


def test_whoever_hands_in_a_plan_cannot_switch_its_checks_off(cast):
    content = {"format": 1, "zones": {"layers": ["a"], "fields": {"code": ["b"]}}, "rules": {"levels": {"G5": "off"}}}
    with pytest.raises(NotAllowed):
        profiles.save(name="lax", title="", content=content, by=cast.planner)
    assert profiles.save(name="lax", title="", content=content, by=cast.reviewer).content == content


def test_an_upload_whose_check_was_cancelled_says_so_and_can_be_checked_again(village, cast, tmp_path, run_jobs):
    from portal import jobs

    row = upload(village, cast.planner, save(frame(), tmp_path / "plan.gpkg"))
    jobs.cancel(row.job)
    row.refresh_from_db()
    assert row.state == Upload.State.FAILED
    imports.again(row, by=cast.planner, profile="ghydyh")
    run_jobs()
    row.refresh_from_db()
    assert row.state == Upload.State.ACCEPTED
