"""Rules L1-L6 of the quality check: a plan against issued lines, farmland, targets and boundaries, and what its errors block."""

import datetime
from pathlib import Path
from typing import Any

import geopandas
import pytest
import shapely

from indicators import runs
from indicators.models import Target
from planning import gates, imports, issue_texts, workflow
from planning.models import MappingProfile, PlanVersion, State
from portal.errors import Conflict
from tests import world
from tests.grid import cell
from villages.models import ControlLine, Parcel


def strips(rows: list[str] | None = None) -> geopandas.GeoDataFrame:
    """Ten strips that tile the test village."""
    shapes = [cell(0, r, 10, 1).geoms[0] for r in range(10)]
    table = {"BSM": [f"Z{n}" for n in range(1, 11)], "YDYHFLDM": rows or world.plan_rows()}
    return geopandas.GeoDataFrame(table, geometry=shapes, crs=4490)


def layer(shapes: list[Any], **columns: list[Any]) -> geopandas.GeoDataFrame:
    return geopandas.GeoDataFrame({"MC": ["x"] * len(shapes), **columns}, geometry=shapes, crs=4490)


PROFILE = {
    "format": 2,
    "layers": [
        {"name": "GHYDYH", "role": "zones", "required": True, "fields": [{"name": "YDYHFLDM", "means": "code", "required": True}]},
        {"name": "YJJBNT", "role": "line", "kind": "YJJBNT"},
        {"name": "STBHHX", "role": "line", "kind": "STBHHX"},
        {"name": "GHFW", "role": "boundary", "fields": [{"name": "PFWH"}, {"name": "PFSJ"}]},
    ],
}  # fmt: skip


@pytest.fixture
def hand_in(village, tmp_path):
    """hand_in(rows, YJJBNT=frame): the outcome of a GeoPackage with these zones and layers, read by a profile with lines."""
    MappingProfile.objects.create(name="lines", title="lines", content=PROFILE)

    def give(rows: list[str] | None = None, *, levels: dict | None = None, **layers: Any) -> imports.Outcome:
        if levels:
            MappingProfile.objects.filter(name="lines").update(content={**PROFILE, "rules": {"levels": levels}})
        path = tmp_path / "plan.gpkg"
        path.unlink(missing_ok=True)
        for name, table in {"GHYDYH": strips(rows), **layers}.items():
            table.to_file(path, layer=name)
        return imports.import_plan(Path(path), name=path.name, village=village, profile="lines")

    return give


def rule(outcome: imports.Outcome, code: str) -> dict[str, Any]:
    return next(r for r in outcome.report["rules"] if r["code"] == code)


def issues(outcome: imports.Outcome, code: str) -> list[Any]:
    return [i for i in outcome.issues if i.code == code]


def issued(kind: str) -> shapely.Geometry:
    return shapely.from_wkb(bytes(ControlLine.objects.get(kind=kind).geom.wkb))


@pytest.mark.parametrize(("code", "kind"), [("L1", "YJJBNT"), ("L2", "STBHHX")])
def test_a_line_as_issued_passes_whatever_its_coordinate_system(code, kind, hand_in):
    assert rule(hand_in(**{kind: layer([issued(kind)])}), code)["state"] == "passed"
    metres = layer([issued(kind)]).to_crs(4548)
    assert rule(hand_in(**{kind: metres}), code)["state"] == "passed"


def test_a_piece_too_much_and_a_piece_missing_are_told_with_row_area_and_place(hand_in):
    """Issued are rows 0-3; the file has row 0 shifted out by one cell, in two features."""
    moved = layer([cell(0, 1, 10, 3).geoms[0], cell(0, 4, 10, 1).geoms[0]])
    outcome = hand_in(YJJBNT=moved)
    assert outcome.accepted
    found = {i.params["reason"]: i for i in issues(outcome, "L1")}
    assert set(found) == {"line_not_issued", "line_missing"}
    strip = Parcel.objects.filter(number__in=range(1, 11)).values_list("area_m2", flat=True)
    assert found["line_missing"].params["area_m2"] == pytest.approx(sum(strip), rel=1e-3)
    assert found["line_not_issued"].row == 2
    assert found["line_not_issued"].geom.intersects(cell(0, 4, 10, 1).geoms[0].centroid)
    assert "YJJBNT" in issue_texts.text("L1", found["line_missing"].params)
    assert rule(outcome, "L1")["errors"] == 2


def test_hairs_of_a_line_drawn_on_another_plane_are_no_difference(hand_in):
    """A vertex 1 cm off in the middle of a kilometre encloses 4.5 m², nowhere wider than a centimetre."""
    west, south, east, north = issued("YJJBNT").bounds
    bent = shapely.Polygon(
        [(west, south), (east, south), (east, north), ((west + east) / 2, north + 1e-7), (west, north)]
    )
    assert rule(hand_in(YJJBNT=layer([bent])), "L1")["state"] == "passed"


def test_without_a_layer_or_an_issued_line_the_rule_does_not_apply_and_says_why(hand_in):
    outcome = hand_in()
    assert rule(outcome, "L1")["why"]["reason"] == "no_such_layer"
    ControlLine.objects.all().delete()
    outcome = hand_in(YJJBNT=layer([cell(0, 0, 10, 4).geoms[0]]))
    for code, why in [("L1", "nothing_issued"), ("L2", "nothing_issued"), ("L3", "nothing_issued"), ("L5", "no_boundary_issued"), ("L4", "no_targets"), ("L6", "no_approval_fields")]:  # fmt: skip
        told = rule(outcome, code)
        assert (told["state"], told["why"]["reason"]) == ("not_applicable", why)
        assert issue_texts.text(code, told["why"]) != issue_texts.rule(code)


def test_homesteads_on_permanent_farmland_are_an_error_at_their_place(hand_in):
    outcome = hand_in(["070301", *world.plan_rows()[1:]])
    (found,) = issues(outcome, "L3")
    assert (found.level, found.row, found.params["value"]) == ("error", 1, "070301")
    assert found.geom.equals_exact(cell(0, 0, 10, 1).geoms[0], 1e-7) or found.geom.symmetric_difference(
        cell(0, 0, 10, 1).geoms[0]
    ).area < 1e-12  # fmt: skip
    assert outcome.accepted


def test_an_orchard_of_the_base_year_on_farmland_is_a_warning_a_new_one_an_error(hand_in):
    rows = ["0201", "0201", *world.plan_rows()[2:]]
    Parcel.objects.filter(number__in=range(1, 11)).update(code="0201")
    found = issues(hand_in(rows), "L3")
    assert [(i.row, i.level, i.params["reason"]) for i in found] == [
        (1, "warning", "orchard_on_farmland"),
        (2, "error", "not_cropland_on_farmland"),
    ]


def test_new_construction_outside_the_boundary_is_an_error_and_old_is_none(hand_in):
    """Boundary: rows 7 and 8. Row 9 has been a road, row 6 becomes homesteads."""
    rows = world.plan_rows()
    rows[6] = "070301"
    outcome = hand_in(rows)
    (found,) = issues(outcome, "L5")
    assert (found.level, found.row, found.params["reason"]) == ("error", 7, "outside_boundary")


def test_burial_ground_outside_the_boundary_is_a_warning(hand_in):
    rows = world.plan_rows()
    rows[6] = "1506"
    (found,) = issues(hand_in(rows), "L5")
    assert (found.level, found.params["reason"]) == ("warning", "outside_allowed")


def test_only_the_part_that_was_not_built_before_counts_as_new(hand_in, village):
    Parcel.objects.filter(number__in=range(61, 66)).update(code="0702")
    rows = world.plan_rows()
    rows[6] = "070301"
    (found,) = issues(hand_in(rows), "L5")
    half = sum(Parcel.objects.filter(number__in=range(66, 71)).values_list("area_m2", flat=True))
    assert found.params["area_m2"] == pytest.approx(half, rel=1e-6)


def set_target(village: Any, code: str, value: float, *, binding: bool = True) -> None:
    Target.objects.create(
        village=village,
        code=code,
        value=value,
        binding=binding,
        source="肥政发〔2024〕1号",
        issued_on=datetime.date(2024, 1, 1),
    )


def test_a_binding_target_missed_is_told_with_both_figures(hand_in, village):
    set_target(village, "1", 99.0)
    set_target(village, "4", 1000.0)
    set_target(village, "11", 1.0, binding=False)
    outcome = hand_in()
    (found,) = issues(outcome, "L4")
    cropland = sum(Parcel.objects.filter(code="0102").values_list("area_m2", flat=True)) / 10_000
    assert found.params["value"] == pytest.approx(cropland, rel=1e-6)
    assert found.params["reason"] == "target_not_reached"
    sentence = issue_texts.text("L4", found.params)
    assert "耕地保有量" in sentence
    assert "肥政发〔2024〕1号" in sentence


def test_targets_that_are_kept_to_the_hundredth_of_a_hectare_pass(hand_in, village):
    areas = dict.fromkeys(["0102", "070301"], 0.0)
    for parcel in village.parcels.filter(code__in=areas):
        areas[parcel.code] += parcel.area_m2 / 10_000
    set_target(village, "1", round(areas["0102"], 2))
    set_target(village, "2", round(ControlLine.objects.get(kind="YJJBNT").area_m2 / 10_000, 2))
    assert rule(hand_in(), "L4")["state"] == "passed"


def test_the_protected_area_of_the_files_own_line_is_what_counts(hand_in, village):
    set_target(village, "2", round(ControlLine.objects.get(kind="YJJBNT").area_m2 / 10_000, 2))
    outcome = hand_in(YJJBNT=layer([cell(0, 0, 10, 3).geoms[0]]))
    assert [i.params["name"]["zh"] for i in issues(outcome, "L4")] == ["永久基本农田保护面积"]


def test_approval_fields_matter_only_when_the_approved_plan_is_handed_in_again(hand_in, village):
    outline = cell(0, 0, 10, 10).geoms[0]
    empty = layer([outline], PFWH=[None], PFSJ=["2026-01-05"])
    first = hand_in(GHFW=empty)
    assert rule(first, "L6")["why"]["reason"] == "not_approved_yet"
    world.put(first.version, State.APPROVED)
    (found,) = issues(hand_in(GHFW=empty), "L6")
    assert (found.layer, found.row, found.params["field"]) == ("GHFW", 1, "PFWH")
    filled = layer([outline], PFWH=["肥政字〔2026〕3号"], PFSJ=["2026-01-05"])
    assert rule(hand_in(GHFW=filled), "L6")["state"] == "passed"
    changed = world.plan_rows()
    changed[8] = "0102"
    assert rule(hand_in(changed, GHFW=empty), "L6")["state"] == "not_applicable"


def test_errors_of_content_keep_the_version_but_stop_its_way_to_the_public(hand_in, cast):
    outcome = hand_in(["070301", *world.plan_rows()[1:]])
    assert outcome.accepted
    assert outcome.version.report["score"] < 100
    runs.judge(outcome.version)
    version = PlanVersion.objects.get(pk=outcome.version.pk)
    assert "L3" in gates.no_content_errors(version)
    with pytest.raises(Conflict) as refused:
        workflow.move(version, "ask_villagers", by=cast.committee)
    assert refused.value.code == "gate"
    assert "L3" in refused.value.data["missing"][0]


def test_a_county_may_make_a_rule_a_warning_and_then_nothing_is_stopped(hand_in, cast):
    outcome = hand_in(["070301", *world.plan_rows()[1:]], levels={"L3": "warning", "L5": "warning"})
    assert rule(outcome, "L3")["warnings"] == 1
    runs.judge(outcome.version)
    version = PlanVersion.objects.get(pk=outcome.version.pk)
    assert workflow.move(version, "ask_villagers", by=cast.committee).state == State.ROUND1


def test_the_default_tolerances_of_the_catalogue_are_those_the_geometry_measures_with():
    from planning.quality.registry import catalogue
    from portal.geo.tolerances import DEFAULT_RULES

    measured = DEFAULT_RULES["tolerances"]
    named = {
        n: v for c in ("G4", "G5", "G6", "G7", "G8", "G9", "G10", "A1") for n, v in catalogue()[c]["tolerances"].items()
    }
    assert named == {n: measured[n] for n in named}
