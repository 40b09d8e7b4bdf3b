"""One polygon checked while it is drawn: exact areas, and the same answer as judging a plan in which it is a zone."""

import datetime
import io
import json
from dataclasses import replace

import numpy as np
import pytest
import shapely
from django.core.management import CommandError, call_command

from indicators import drawn, drawn_ground, runs
from indicators.checks import CHECKS
from indicators.drawn import TooMuch, check_drawn
from indicators.drawn_outline import BadOutline
from indicators.models import JudgementProfile
from planning.models import Plan, PlanVersion, Zone
from portal.geo.crs import area_m2
from tests import world
from tests.grid import SOUTH, WEST, cell, geos
from villages.models import ControlLine, Corridor, Parcel, Road


def geojson(shape):
    return json.loads(shapely.to_geojson(shape))


def size(*shapes):
    return float(sum(area_m2([shape])[0] for shape in shapes))


def conflicts(answer):
    return {(row["code"], row["category"]): row["area_m2"] for row in answer["conflicts"]}


# --- exact areas on the squares of the test village: rows 0-3 are farmland, 5-6 in part red line, 7-8 may be built on


def test_areas_are_ellipsoidal_and_in_three_units(village):
    answer = check_drawn(village, geojson(cell(2, 1)), "0703")
    assert answer["area_m2"] == pytest.approx(size(cell(2, 1)), rel=1e-9)
    assert answer["area_ha"] == pytest.approx(answer["area_m2"] / 10_000)
    assert answer["area_mu"] == pytest.approx(answer["area_m2"] / 10_000 * 15)


def test_a_home_half_on_farmland_is_told_with_the_half_that_is(village):
    answer = check_drawn(village, geojson(cell(2, 3, 1, 2)), "0703")
    found = conflicts(answer)
    assert found["K1", "real"] == pytest.approx(size(cell(2, 3)), rel=1e-6)
    assert found["K4", "real"] == pytest.approx(size(cell(2, 3), cell(2, 4)), rel=1e-6)
    row = next(row for row in answer["conflicts"] if row["code"] == "K1")
    assert row["severity"] == "block"
    assert row["law"].startswith("土地管理法")
    assert row["action"]
    assert row["sentence"]
    assert size(shapely.from_geojson(json.dumps(row["geometry"]))) == pytest.approx(found["K1", "real"], rel=1e-5)


def test_what_stood_there_is_legacy_and_what_lies_in_the_boundary_is_none(village):
    Parcel.objects.filter(village=village, number=61).update(code="070301")  # row 6, column 0: in the red line
    found = conflicts(check_drawn(village, geojson(cell(0, 6, 2, 1)), "0703"))
    assert found["K3", "legacy"] == pytest.approx(size(cell(0, 6)), rel=1e-6)
    assert found["K3", "real"] == pytest.approx(size(cell(1, 6)), rel=1e-6)
    assert conflicts(check_drawn(village, geojson(cell(3, 7)), "0703")) == {}


def test_the_ground_as_it_is_by_class(village):
    answer = check_drawn(village, geojson(cell(2, 4, 1, 2)), "0301")
    rows = {row["code"]: row for row in answer["now"]}
    assert set(rows) == {"0102", "0301"}
    assert rows["0102"]["area_m2"] == pytest.approx(size(cell(2, 4)), rel=1e-6)
    assert rows["0301"]["name"]
    assert answer["unrecorded_m2"] == pytest.approx(0, abs=1e-3)


def test_ground_without_parcels_is_said_to_be_unrecorded(village):
    Parcel.objects.filter(village=village, number=13).delete()
    answer = check_drawn(village, geojson(cell(2, 1)), "0301")
    assert answer["now"] == []
    assert answer["unrecorded_m2"] == pytest.approx(size(cell(2, 1)), rel=1e-9)


def test_what_lies_outside_the_village_is_told(village):
    answer = check_drawn(village, geojson(cell(9, 7, 2, 1)), "0703")
    assert answer["outside"]["area_m2"] == pytest.approx(size(cell(10, 7)), rel=1e-6)
    outside = shapely.from_geojson(json.dumps(answer["outside"]["geometry"]))
    assert size(outside) == pytest.approx(size(cell(10, 7)), rel=1e-5)
    assert answer["unrecorded_m2"] == pytest.approx(0, abs=1e-3)
    with pytest.raises(BadOutline) as error:
        check_drawn(village, geojson(cell(20, 7)), "0703")
    assert error.value.data["reason"] == "outside"


def test_zones_of_a_version_it_overlies_and_the_one_it_replaces(village, version):
    answer = check_drawn(village, geojson(cell(0, 7, 10, 1)), "0703", version=version)
    assert [(row["number"], row["code"], row["label"]) for row in answer["zones"]] == [(8, "070301", "Z8")]
    assert answer["zones"][0]["share"] == pytest.approx(1)
    assert answer["replaces"] == 8
    answer = check_drawn(village, geojson(cell(4, 6.5, 1, 1)), "0703", version=version)
    assert sorted(row["number"] for row in answer["zones"]) == [7, 8]
    assert answer["replaces"] is None
    assert check_drawn(village, geojson(cell(4, 7)), "0703")["zones"] == []


def test_a_line_not_valid_today_does_not_count(village):
    village.control_lines.filter(kind="YJJBNT").update(valid_to=datetime.date(2023, 1, 1))
    answer = check_drawn(village, geojson(cell(2, 1)), "0703")
    assert ("K1", "real") not in conflicts(answer)
    assert "K1" in {row["code"] for row in answer["not_checked"]}


def test_a_check_is_not_called_inapplicable_because_its_line_is_elsewhere(village):
    """The village has a construction boundary, far from the polygon: new construction is outside it."""
    answer = check_drawn(village, geojson(cell(2, 1)), "0703")
    assert ("K4", "real") in conflicts(answer)
    assert not {"K1", "K3", "K4"} & {row["code"] for row in answer["not_checked"]}
    village.control_lines.filter(kind="CZJSBJ").delete()
    answer = check_drawn(village, geojson(cell(2, 1)), "0703")
    assert next(row["why"] for row in answer["not_checked"] if row["code"] == "K4")


def test_every_check_is_either_made_or_named_with_a_reason(village):
    answer = check_drawn(village, geojson(cell(2, 1)), "0703")
    assert all(row["why"] and row["name"] for row in answer["not_checked"])
    assert {code for code, check in CHECKS.items() if not check.drawn} <= {row["code"] for row in answer["not_checked"]}


# --- the same as the whole plan


def surroundings(village):
    """Lines of every kind, roads and corridors over the village, some ending inside cells."""
    kinds = {
        "LSWHBHX": ("core", cell(4, 4, 2, 1)), "ZHFXQ": ("high", cell(3, 6.5, 3, 2)), "HLFXKZX": ("", cell(0, 8.25, 4, 1)),
        "HHGLFW": ("", cell(6, 7.5, 2, 1)), "YSBHQ": ("", cell(8, 3.5, 1.5, 2)), "GYL": ("I", cell(0, 5, 3, 2)),
        "GHFQ": ("520", cell(0, 0, 10, 5)), "DLHX": ("", cell(0, 7.4, 10, 0.2)),
    }  # fmt: skip
    ControlLine.objects.bulk_create(
        ControlLine(village=village, number=10 + n, kind=kind, level=level, geom=geos(shape), source=world.DRAWN)
        for n, (kind, (level, shape)) in enumerate(kinds.items())
    )
    line = shapely.MultiLineString([[(WEST - 0.001, SOUTH + 0.0063), (WEST + 0.011, SOUTH + 0.0063)]])
    Road.objects.create(division_id=village.code, kind="省道", name="", width_m=12, geom=geos(line), source=world.DRAWN)
    for n, kind in enumerate(Corridor.Kind.values):
        line = shapely.MultiLineString(
            [[(WEST + 0.0005 + n * 0.0015, SOUTH - 0.001), (WEST + 0.0007 + n * 0.0015, SOUTH + 0.011)]]
        )
        Corridor.objects.create(division_id=village.code, kind=kind, geom=geos(line), source=world.DRAWN)
    Parcel.objects.filter(village=village).update(slope_class=2)
    Parcel.objects.filter(village=village, number__in=(3, 34)).update(slope_class=5)
    Parcel.objects.filter(village=village, number__in=(55, 61)).update(code="070301")


SHAPES = {
    "square": cell(2, 1),
    "across": shapely.Polygon([(WEST + x * 0.001, SOUTH + y * 0.001) for x, y in ((0.3, 2.2), (4.6, 3.1), (5.2, 8.7), (1.1, 7.9))]),
    "with a hole": shapely.Polygon(
        [(WEST + x * 0.001, SOUTH + y * 0.001) for x, y in ((3.1, 4.2), (8.9, 4.1), (8.7, 8.8), (3.3, 8.6))],
        [[(WEST + x * 0.001, SOUTH + y * 0.001) for x, y in ((5, 5), (6, 5.2), (6, 6.5), (5, 6))]],
    ),
    "thin": shapely.Polygon([(WEST + x * 0.001, SOUTH + y * 0.001) for x, y in ((1, 6.999), (9, 6.999), (9, 7.003), (1, 7.003))]),
}  # fmt: skip


def judged_as_zone(village, code, shape):
    """What judging a plan finds in which the shape is the only zone, and which checks it could not make."""
    plan, _new = Plan.objects.get_or_create(village=village, defaults={"name": "plan"})
    version = PlanVersion.objects.create(plan=plan, number=plan.versions.count() + 1)
    Zone.objects.create(version=version, number=1, code=code, geom=geos(multi(shape)))
    PlanVersion.objects.filter(pk=version.pk).update(digest="d" * 64)
    run = runs.judge(version)
    found = {}
    for row in version.findings.all():
        if CHECKS[row.code].drawn:
            found.setdefault((row.code, row.category, row.severity, told(row.detail)), []).append(row.area_m2)
    return found, {note["check"] for note in run.notes if "check" in note}


def told(detail):
    return json.dumps(detail, sort_keys=True)


def multi(shape):
    return shape if shape.geom_type == "MultiPolygon" else shapely.MultiPolygon([shape])


def agree(village, code, shape):
    answer = check_drawn(village, geojson(shape), code)
    mine = {}
    for row in answer["conflicts"]:
        mine.setdefault((row["code"], row["category"], row["severity"], told(row["detail"])), []).append(row["area_m2"])
    theirs, skipped = judged_as_zone(village, code, shape)
    assert {row["code"] for row in answer["not_checked"]} & {c for c in CHECKS if CHECKS[c].drawn} == {
        c for c in skipped if CHECKS[c].drawn
    }
    assert set(mine) == set(theirs)
    for key, areas in theirs.items():
        assert sorted(mine[key]) == pytest.approx(sorted(areas), rel=1e-6, abs=1e-6), key
    return mine


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("code", ["070301", "0602", "0201", "0102", "0803"])
def test_the_answer_is_what_judging_it_as_a_zone_finds(village, name, code):
    surroundings(village)
    agree(village, code, SHAPES[name])


def test_every_check_that_can_be_drawn_was_compared(village):
    surroundings(village)
    answers = [
        check_drawn(village, geojson(shape), code) for shape in SHAPES.values() for code in ("070301", "0201", "0102")
    ]
    found = {row["code"] for answer in answers for row in answer["conflicts"]}
    skipped = set.intersection(*({row["code"] for row in answer["not_checked"]} for answer in answers))
    assert {code for code, check in CHECKS.items() if check.drawn} - {"K17"} <= found | skipped
    assert len(found) >= 6


def ragged(vertices, lon, lat, radius):
    """A star of many corners around a place, in degrees."""
    rng = np.random.default_rng(vertices)
    angles = np.linspace(0, 2 * np.pi, vertices, endpoint=False)
    away = radius * rng.uniform(0.97, 1, vertices)
    return shapely.MultiPolygon(
        [shapely.Polygon(np.column_stack([lon + away * np.cos(angles), lat + away * np.sin(angles)]))]
    )


@pytest.mark.parametrize("vertices", [150, 1500, drawn_ground.WHOLE_VERTICES + 2000])
def test_a_line_of_many_vertices_is_clipped_without_moving_its_edges(village, vertices):
    """Also one that is cut in the database first, being hundreds of kilometres long."""
    far = vertices > drawn_ground.WHOLE_VERTICES
    radius = 0.2 if far else 0.002
    line = ragged(vertices, WEST + 0.005 - (radius if far else 0), SOUTH + 0.005, radius)
    village.control_lines.filter(kind="YJJBNT").update(geom=geos(line))
    shape = cell(3, 3, 4, 4)
    mine = agree(village, "0703", shape)
    key = next(key for key in mine if key[:2] == ("K1", "real"))
    assert 1 < mine[key][0] < size(shape) - 1


def stars(count):
    """Random polygons over the test village, some reaching out of it, each with a class."""
    rng = np.random.default_rng(4)
    for corners in rng.integers(4, 40, count):
        angles = (np.arange(corners) + rng.uniform(0, 0.9, corners)) * 2 * np.pi / corners
        away = rng.uniform(0.3, 4.5) * rng.uniform(0.6, 1.2, corners)
        col, row = rng.uniform(1, 9, 2)
        ring = np.column_stack([col + away * np.cos(angles), row + away * np.sin(angles)]) * 0.001 + (WEST, SOUTH)
        yield shapely.Polygon(np.round(ring, 9)), str(rng.choice(["070301", "0602", "0201", "0102", "1207"]))


@pytest.mark.parametrize("ground", ["side by side", "overlapping"])
def test_what_the_checks_share_changes_nothing_that_they_find(village, ground):
    """Each check by itself cuts the ground anew, as it does for a plan."""
    surroundings(village)
    if ground == "overlapping":  # then parcels are no coverage, and are united the slow way
        Parcel.objects.filter(village=village, number__in=(2, 24, 33, 52, 63, 75)).update(
            geom=geos(multi(cell(1.5, 2.5, 6, 5)))
        )
    rules = drawn.rules_of(village)
    checks = {code: CHECKS[code] for code in rules.checks if CHECKS[code].drawn}
    seen = set()
    for shape, code in stars(12):
        frames = drawn.around(village, shape, code, checks, rules.standard, None).frames
        for name, check in checks.items():
            together, alone = (check.function(f, rules.standard) for f in (frames, replace(frames, sheet=None)))
            assert (together.status, together.note) == (alone.status, alone.note)
            assert [sameness(piece) for piece in together.found] == [sameness(piece) for piece in alone.found], (
                name,
                code,
            )
            for one, other in zip(together.found, alone.found, strict=True):
                assert one.area_m2 == pytest.approx(other.area_m2, rel=1e-6, abs=1e-3)
                assert size(shapely.symmetric_difference(one.geom, other.geom)) < 0.01
                seen.add((name, one.category))
    assert len(seen) > 12


def sameness(piece):
    return piece.zone, piece.code, piece.category, piece.subject, told(piece.detail)


# --- what cannot be answered while somebody waits


def comb(teeth, lon, lat, width, height, upright):
    """A polygon of long teeth on a spine."""
    ring = [(0.0, 0.0)]
    for n in range(teeth):
        left, right = n / teeth, (n + 0.5) / teeth
        ring += [(left, 1.0), (right, 1.0), (right, 0.02), ((n + 1) / teeth, 0.02)]
    ring += [(1.0, 0.0)]
    places = [(x, y) if upright else (y, x) for x, y in ring]
    return shapely.Polygon([(lon + x * width, lat + y * height) for x, y in places])


def test_two_crossing_combs_are_refused_before_they_are_computed(village):
    line = comb(2000, WEST, SOUTH, 0.009, 0.009, upright=True)
    village.control_lines.filter(kind="YJJBNT").update(geom=geos(multi(line)))
    drawn_comb = comb(400, WEST + 0.0002, SOUTH + 0.0002, 0.009, 0.009, upright=False)
    assert drawn_comb.is_valid
    with pytest.raises(TooMuch):
        check_drawn(village, geojson(drawn_comb), "0703")


def test_crossing_combs_under_a_plain_polygon_are_refused_too(village):
    """What stood there is cut by the line, wherever the outline of the polygon runs."""
    for model, upright in (
        (village.control_lines.filter(kind="YJJBNT"), True),
        (village.parcels.filter(number=1), False),
    ):
        model.update(geom=geos(multi(comb(300, WEST + 0.0002, SOUTH + 0.0002, 0.009, 0.009, upright=upright))))
    with pytest.raises(TooMuch):
        check_drawn(village, geojson(cell(0, 0, 10, 10)), "0703")


def test_a_comb_over_plain_ground_is_answered(village):
    answer = check_drawn(
        village, geojson(comb(400, WEST + 0.0002, SOUTH + 0.0002, 0.009, 0.009, upright=False)), "0703"
    )
    assert ("K1", "technical") in conflicts(answer) or ("K1", "real") in conflicts(answer)


def test_more_than_a_limit_of_parcels_is_refused(village, settings):
    settings.DRAWN_MAX_AROUND = 20
    with pytest.raises(TooMuch):
        check_drawn(village, geojson(cell(0, 0, 6, 6)), "0703")
    assert check_drawn(village, geojson(cell(1, 1, 2, 2)), "0703")["now"]


def test_a_query_that_takes_too_long_is_refused(village, settings):
    settings.DRAWN_SECONDS = 0.001
    with pytest.raises(TooMuch):
        check_drawn(village, geojson(cell(0, 0, 10, 10)), "0703")


def test_profiles_are_merged_once_and_anew_when_there_is_another(village):
    first = drawn.rules_of(village)
    assert drawn.rules_of(village) is first
    JudgementProfile.objects.create(name="test-here", edition=1, title="test", division_code=village.code, content={"checks": {"K1": {"applies": False}}},
                                    valid_from=datetime.date(2020, 1, 1))  # fmt: skip
    answer = check_drawn(village, geojson(cell(2, 1)), "0703")
    assert "K1" in {row["code"] for row in answer["not_checked"]}
    assert ("K1", "real") not in conflicts(answer)


# --- the command


def command(tmp_path, data, *more):
    path = tmp_path / "drawn.geojson"
    path.write_text(data if isinstance(data, str) else json.dumps(data), "utf-8")
    out = io.StringIO()
    call_command("check_drawn", world.LIUGOU, "--geojson", str(path), *more, stdout=out)
    return out.getvalue()


def test_the_command_answers_as_the_function_does(village, version, tmp_path):
    feature = {"type": "Feature", "properties": {}, "geometry": geojson(cell(2, 1))}
    said = json.loads(command(tmp_path, feature, "--code", "0703", "--plan-version", version.pk, "--json"))
    expected = check_drawn(village, geojson(cell(2, 1)), "0703", version=version)
    assert said == json.loads(json.dumps(expected))
    text = command(tmp_path, {"type": "FeatureCollection", "features": [feature]}, "--code", "0703")
    assert "K1" in text
    assert "0102" in text


def test_the_command_says_what_is_wrong(village, tmp_path):
    bow = {
        "type": "Polygon",
        "coordinates": [
            [[116.801, 36.101], [116.802, 36.102], [116.802, 36.101], [116.801, 36.102], [116.801, 36.101]]
        ],
    }
    for data, more in ((bow, ("--code", "0703")), (geojson(cell(2, 1)), ("--code", "9999")), ("{", ("--code", "0703"))):
        with pytest.raises(CommandError):
            command(tmp_path, data, *more)
    with pytest.raises(CommandError):
        command(tmp_path, geojson(cell(2, 1)), "--code", "0703", "--plan-version", "nothing")
    with pytest.raises(CommandError):
        call_command("check_drawn", "370983999999", "--geojson", "x", "--code", "0703")
