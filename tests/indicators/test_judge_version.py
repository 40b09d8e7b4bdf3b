"""Judging a version: values that can be recomputed by hand, cached by their inputs, recorded."""

import json

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from indicators import runs
from indicators.catalogue import INDICATORS
from indicators.models import Run
from planning.models import Finding
from portal.models import AuditEntry, Job
from tests import world
from tests.rows import shared
from villages.models import Village

CELLS = 10  # cells in a row


@shared
def judged(version):
    return runs.judge(version)


def areas(village: Village) -> dict[int, float]:
    """Area of each row of cells, m², summed by PostGIS from the parcels."""
    rows: dict[int, float] = {}
    for parcel in village.parcels.all():
        rows[(parcel.number - 1) // 10] = rows.get((parcel.number - 1) // 10, 0.0) + parcel.area_m2
    return rows


def test_postgis_measures_on_the_ellipsoid_of_cgcs2000_as_pyproj_does(village):
    import shapely

    from portal.geo.crs import area_m2

    with connection.cursor() as cursor:
        cursor.execute("SELECT ST_Area('SRID=4490;POLYGON((116 36,117 36,117 37,116 37,116 36))'::geography)")
        ours = cursor.fetchone()[0]
    assert ours == pytest.approx(float(area_m2([shapely.box(116, 36, 117, 37)])[0]), rel=1e-9)


def test_the_structure_adds_up_to_the_village_in_both_years(judged, village):
    village.refresh_from_db()
    rows = runs.structure_rows(judged)
    for side in ("base_ha", "plan_ha"):
        assert sum(r[side] for r in rows) == pytest.approx(village.area_m2 / 10_000, rel=1e-6)
    by_code = {r["code"]: r for r in rows}
    row = areas(village)
    assert by_code["0201"]["base_ha"] == pytest.approx(row[8] / 10_000, rel=1e-6)
    assert by_code["0201"]["plan_ha"] == 0
    assert by_code["070301"]["plan_ha"] == pytest.approx((row[7] + row[8]) / 10_000, rel=1e-6)


def test_indicators_agree_with_sums_made_by_hand(judged, village):
    value = {v.code: v for v in judged.values.all()}
    row = areas(village)
    assert set(value) == set(INDICATORS) - {"T12"}  # the country's profile asks inland villages for no coast
    ha = {
        "1": sum(row[r] for r in range(5)),
        "2": sum(row[r] for r in range(4)),
        "3": (row[5] + row[6]) / 2,
        "4": row[7] + row[8] + row[9],
        "5": row[7] + row[8] + row[9],
        "6": row[7] + row[8] + row[9],
        "10": row[7] + row[8],
        "24": row[8],
    }
    for code, expected in ha.items():
        assert value[code].value == pytest.approx(expected / 10_000, rel=1e-6), code
        assert value[code].unit == "ha"
    assert value["7"].value == pytest.approx(ha["6"] / 1200, rel=1e-6)
    assert (value["7"].denominator, value["11"].denominator) == (1200, 400)
    assert value["11"].value == pytest.approx(ha["10"] / 400, rel=1e-6)
    assert value["4"].base_value == pytest.approx((row[7] + row[9]) / 10_000, rel=1e-6)


def test_conflicts_are_found_by_zone_and_category(village, cast):
    rows = world.plan_rows()
    rows[2] = "1001"  # a factory on permanent farmland (row 2 of rows 0-3), outside the construction boundary
    rows[5] = "0901"  # shops in the red line (west half of row 5)
    version = world.make_version(village, rows=rows)
    runs.judge(version)
    found = {(f.code, f.zone and f.zone.number, f.category): f for f in version.findings.all()}
    row = areas(village)
    assert found["K1", 3, "real"].area_m2 == pytest.approx(row[2], rel=1e-6)
    assert found["K3", 6, "real"].area_m2 == pytest.approx(row[5] / 2, rel=1e-6)
    assert found["K4", 3, "real"].area_m2 == pytest.approx(row[2], rel=1e-6)
    assert found["K4", 6, "real"].area_m2 == pytest.approx(row[5], rel=1e-6)
    over = found["K10", None, "real"]  # no scale was issued, so it is held to the base year
    assert over.area_m2 == pytest.approx(row[2] + row[5] + row[8], rel=1e-6)
    assert (over.subject, over.geom, over.detail["against"]) == ("4", None, "base")
    assert {f.severity for f in found.values() if f.severity != "info"} == {"block"}
    record = {key: round(f.area_m2) for key, f in found.items() if f.severity == "info"}
    assert record == {
        ("K11", 3, "real"): pytest.approx(row[2], rel=1e-4),
        **{("K18", r + 1, "real"): pytest.approx(row[r], rel=1e-4) for r in (2, 5, 8)},
    }
    assert len(found) == 5 + 4


def test_what_stood_in_the_red_line_in_the_base_year_is_legacy(village, cast):
    village.parcels.filter(number=51).update(code="070301")  # the first cell of row 5
    rows = world.plan_rows()
    rows[5] = "070301"
    version = world.make_version(village, rows=rows)
    runs.judge(version)
    found = {f.category: f.area_m2 for f in version.findings.filter(code="K3")}
    cell = village.parcels.get(number=51).area_m2
    assert found["legacy"] == pytest.approx(cell, rel=1e-6)
    assert found["real"] == pytest.approx(4 * cell, rel=1e-4)


def test_nothing_unchanged_is_computed_twice(judged, version, village):
    assert runs.judge(version).pk == judged.pk
    Village.objects.filter(pk=village.pk).update(revision=2)
    assert runs.judge(version).pk == judged.pk  # the revision rose, but nothing is different
    village.facts.filter(code="population").update(value=1000)
    again = runs.judge(version)
    assert again.pk != judged.pk
    assert version.runs.count() == 2


def test_findings_are_replaced_not_doubled(village, cast):
    rows = world.plan_rows()
    rows[2] = "1001"
    version = world.make_version(village, rows=rows)
    runs.judge(version)
    before = list(version.findings.values_list("code", "area_m2"))
    village.facts.filter(code="population").update(value=1000)
    assert runs.judge(version).pk != version.runs.last().pk
    assert list(version.findings.values_list("code", "area_m2")) == before


def test_an_expired_line_no_longer_counts(version, village):
    first = runs.judge(version)
    village.control_lines.filter(kind="YJJBNT").update(valid_to="2024-12-31")
    second = runs.judge(version)
    assert second.pk != first.pk
    assert second.values.get(code="2").value in (0, None)
    assert {"check": "K1", "note": "no_lines_of_kind", "severity": "block"} in second.notes


def test_a_village_without_people_gives_no_made_up_number(version, village):
    village.facts.all().delete()
    value = runs.judge(version).values.get(code="7")
    assert value.value is None
    assert value.note


def test_the_job_judges_and_the_record_says_so(version, cast, run_jobs):
    from portal import jobs

    jobs.start("indicators.judge_version", by=cast.planner, version=version.pk)
    (job,) = run_jobs()
    assert job.state == Job.State.DONE, job.message
    version.refresh_from_db()
    assert version.checked_at
    assert AuditEntry.objects.get(verb="version.judged").actor == cast.planner


def test_the_commands_print_what_is_stored(version, capsys):
    call_command("compute", version.pk, "--json")
    said = json.loads(capsys.readouterr().out)
    assert {r["code"] for r in said["structure"]} >= {"0102", "0201", "070301"}
    assert len(said["indicators"]) == len(INDICATORS) - 1
    call_command("check", version.pk, "--json")
    told = json.loads(capsys.readouterr().out)["findings"]
    assert {(f["code"], f["severity"], f["zone"]) for f in told} == {("K10", "block", None), ("K18", "info", 9)}
    assert Run.objects.count() == 1
    with pytest.raises(CommandError):
        call_command("compute", "nothing")
    assert Finding.objects.count() == len(told)


def test_a_long_edge_without_the_corners_of_its_neighbours_makes_no_conflict(village, cast):
    """A zone drawn as a plain rectangle parts from the cells below it by a centimetre: no conflict, whatever its area."""
    from shapely.geometry import MultiPolygon

    from planning.models import PlanVersion, Zone
    from tests.grid import cell, geos

    version = PlanVersion.objects.create(plan=world.make_version(village).plan, number=9)
    plain = [MultiPolygon([cell(0, r, 10, 1).geoms[0].minimum_rotated_rectangle.normalize()]) for r in range(10)]
    Zone.objects.bulk_create(
        Zone(version=version, number=n, code=code, geom=geos(shape))
        for n, (code, shape) in enumerate(zip(world.plan_rows(), plain, strict=True), 1)
    )
    runs.judge(version)
    assert not version.findings.filter(zone__isnull=False).exclude(code="K18").exists()
