"""Indicators, structure table and change matrix of real statutory plans, against sums and overlays PostGIS makes itself.

There is no base year for these plans, so one is made from their own shapes: moved by some metres and with other classes,
which crosses every boundary of the plan. Nothing here is asked of indicators.compute.
"""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
import shapely
from django.db import connection

from indicators.catalogue import INDICATORS
from indicators.compute.standard import load_standard
from indicators.compute.structure import change_matrix, structure
from indicators.frames import frames_of
from planning import imports, profiles
from tests import world
from tests.grid import geos
from villages.models import ControlLine, Fact, Parcel, Village

PROFILES = Path(__file__).resolve().parent.parent / "planning"
PLANS = {
    "U0210": ("zoning_taiwan/U0210.json", "taiwan", (119.9, 21.8, 122.1, 25.4)),
    "tamana": ("zoning_plateau/tamana_landuse.gml", "plateau", (130.3, 32.8, 130.8, 33.2)),
}
MOVED = (0.00011, 0.00007)  # degrees: some 10 m
CLOSE = 1e-6

CONSTRUCTION = "(code ~ '^(07|08|09|10|11|12|13|14|15|16)' or code like '2301%%')"
REGIONAL = "(code ~ '^(1201|1202|1203|1204|1205|1206|1311)')"
OTHER = "(code ~ '^(15|1002|1003)')"
VILLAGE = "(code ~ '^(0703|0704|08|09|1001|11|1207|1208|1209|13|14|16|2301)' and code !~ '^1311')"
WHERE = {
    "1": "code like '01%%'",
    "4": CONSTRUCTION,
    "5": f"{CONSTRUCTION} and not {REGIONAL} and not {OTHER}",
    "6": VILLAGE,
    "T4": "code like '08%%'",
    "T5": "code like '13%%' and code not like '1311%%'",
    "8": "code like '03%%'",
    "9": "code like '05%%'",
    "10": "code like '0703%%'",
}
SHARES = {  # numerator, denominator (None: the village), scale
    "7": (VILLAGE, 1234, 1),
    "11": (WHERE["10"], 321, 1),
    "12": ("(code like '0704%%' or code like '08%%')", VILLAGE, 100),
    "13": ("(code like '1401%%' or code like '1403%%')", 1000, 1),
    "15": "(code like '0301%%' or code like '0302%%')",
    "28": CONSTRUCTION,
    "31": ("code like '0602%%'", "(code like '01%%' or code like '02%%')", 100),
}
STANDARD = load_standard()


@pytest.fixture(params=PLANS)
def judged(request, db, shared_data):
    """A real plan as a version, with a base year of its own shapes moved, lines and facts."""
    file, name, box = PLANS[request.param]
    world.make_divisions()
    profiles.save(
        name=name, title=name, content=json.loads((PROFILES / f"profile_{name}.json").read_text("utf-8")), by=None
    )
    village = Village.objects.create(
        division_id=world.FAR, short_name="test", geom=geos(shapely.MultiPolygon([shapely.box(*box)])), source="test"
    )
    path = shared_data / file
    outcome = imports.import_plan(path, name=path.name, village=village, profile=name)
    assert outcome.accepted, outcome.issues[:5]
    version = outcome.version
    zones = list(version.zones.order_by("number"))
    shapes = shapely.from_wkb([bytes(zone.geom.wkb) for zone in zones])
    west, south, east, north = shapely.total_bounds(shapes)
    outline = shapely.box(west + (east - west) * 0.1, south, east, north + (north - south) * 0.1)
    Village.objects.filter(pk=village.pk).update(geom=geos(shapely.MultiPolygon([outline])))
    codes = [zone.code for zone in zones]
    Parcel.objects.bulk_create(
        Parcel(village=village, number=n, code=codes[(n * 7) % len(codes)], geom=geos(shape),
               slope_class=1 + n % 5, source="test")
        for n, shape in enumerate(moved(shapes, MOVED), 1)
    )  # fmt: skip
    for n, (kind, part) in enumerate([("YJJBNT", 0), ("STBHHX", 1), ("GBZNT", 2), ("GBZNT", 3), ("CZJSBJ", 4)], 1):
        line = shapely.union_all(moved(shapes[part::5], MOVED[::-1]))
        line = line if line.geom_type == "MultiPolygon" else shapely.MultiPolygon([line])
        ControlLine.objects.create(village=village, number=n, kind=kind, geom=geos(line), source="test")
    for code, value in (
        ("population", 1234),
        ("households", 321),
        ("resident_population", 1000),
        ("tree_cover_m2", 50),
    ):
        Fact.objects.create(village=village, code=code, year=2020, value=value, unit="x", source="test")
    version = type(version).objects.get(pk=version.pk)
    return SimpleNamespace(version=version, village=Village.objects.get(pk=village.pk), frames=frames_of(version))


def moved(shapes, by):
    return shapely.transform(shapes, lambda xy: xy + by)


def asked(text, *values):
    with connection.cursor() as cursor:
        cursor.execute(text, values)
        return cursor.fetchall()


def sides(judged):
    """(table, its key) of plan and base year."""
    return ("planning_zone", "version_id", judged.version.pk), ("villages_parcel", "village_id", judged.village.pk)


def area(judged, side, where):
    table, key, value = sides(judged)[side]
    sql = f"select coalesce(sum(st_area(geom::geography)), 0) from {table} where {key} = %s and {where}"
    return asked(sql, value)[0][0]


def lines_area(judged, kind):
    sql = """select st_area(st_intersection(st_union(l.geom), v.geom)::geography) from villages_controlline l
             join villages_village v on v.division_id = l.village_id where v.division_id = %s and l.kind = %s group by v.geom"""
    return asked(sql, judged.village.pk, kind)[0][0]


def measured(judged, code):
    return INDICATORS[code].function(judged.frames, STANDARD)


def same(value):
    return pytest.approx(value, rel=CLOSE, abs=1e-6)


def test_sums_of_classes(judged):
    seen = 0
    for code, where in WHERE.items():
        found = measured(judged, code)
        plan, base = (area(judged, side, where) for side in (0, 1))
        assert (found.numerator, found.base_numerator) == (same(plan), same(base)), code
        assert (found.value, found.base_value) == (same(plan / 10_000), same(base / 10_000)), code
        seen += plan > 0
    assert seen >= 4


def test_shares_and_what_falls_to_each(judged):
    whole_village = asked(
        "select st_area(geom::geography) from villages_village where division_id = %s", judged.village.pk
    )[0][0]
    for code, rule in SHARES.items():
        over, under, scale = rule if isinstance(rule, tuple) else (rule, whole_village, 100)
        found = measured(judged, code)
        for side, value in enumerate((found.value, found.base_value)):
            bottom = area(judged, side, under) if isinstance(under, str) else under
            if bottom:
                assert value == same(area(judged, side, over) / bottom * scale), (code, side)
            else:
                assert value is None, (code, side)
    plan, base = (area(judged, side, VILLAGE) for side in (0, 1))
    assert measured(judged, "26").value == same((plan - base) / base * 100)


def test_the_structure_table_by_class(judged):
    rows = structure(judged.frames.base, judged.frames.plan).set_index("code")
    for side, column in enumerate(("plan_m2", "base_m2")):
        table, key, value = sides(judged)[side]
        sums = dict(
            asked(f"select code, sum(st_area(geom::geography)) from {table} where {key} = %s group by code", value)
        )
        assert rows[column][rows[column] > 0].to_dict() == {code: same(area) for code, area in sums.items()}


def test_the_change_matrix_by_overlay(judged):
    matrix = change_matrix(judged.frames.base, judged.frames.plan)
    sql = """select b.code, z.code, sum(st_area(st_intersection(b.geom, z.geom)::geography)) from villages_parcel b
             join planning_zone z on z.version_id = %s and st_intersects(b.geom, z.geom) where b.village_id = %s group by 1, 2"""
    wanted = {(b, p): area for b, p, area in asked(sql, judged.version.pk, judged.village.pk) if area > 1e-3}
    found = {(row.base_code, row.plan_code): row.area_m2 for row in matrix.itertuples() if row.area_m2 > 1e-3}
    assert len(wanted) > 20
    assert found.keys() == wanted.keys()
    for pair, area_m2 in wanted.items():
        # PostGIS cuts along straight lines of degrees and measures geodesics: some millimetres of long edges
        assert found[pair] == pytest.approx(area_m2, rel=10 * CLOSE, abs=0.01), pair
    assert sum(found.values()) == pytest.approx(sum(wanted.values()), rel=CLOSE)


def test_new_construction_and_what_is_given_back(judged):
    """Zones of U0210 overlap each other by 9 m² in all; what is drawn twice counts twice, in the measure as here."""
    sql = """select sum(st_area(one.geom::geography)) - (
                select sum(st_area(st_intersection(a.geom, b.geom)::geography)) from {0} a join {2} b
                on st_intersects(a.geom, b.geom) where a.{1} = %s and b.{3} = %s and {5} and {6})
             from {0} one where one.{1} = %s and {4}"""
    plan, base = sides(judged)
    both = [CONSTRUCTION.replace("code", f"{name}.code") for name in "ab"]
    for code, (one, other) in (("24", (plan, base)), ("25", (base, plan))):
        text = sql.format(one[0], one[1], other[0], other[1], CONSTRUCTION, *both)
        wanted = asked(text, one[2], other[2], one[2])[0][0]
        assert wanted > 1000
        assert measured(judged, code).numerator == pytest.approx(wanted, rel=CLOSE, abs=0.5), code
        assert INDICATORS[code].shown(judged.frames, STANDARD)["area_m2"].sum() == pytest.approx(wanted, abs=10), code


def test_ground_of_lines(judged):
    for code, kind in (("2", "YJJBNT"), ("3", "STBHHX")):
        assert measured(judged, code).numerator == same(lines_area(judged, kind)), code


def inside(judged, side, where, kind):
    table, key, value = sides(judged)[side]
    sql = f"""with ground as (select st_intersection(st_union(l.geom), v.geom) geom from villages_controlline l
                join villages_village v on v.division_id = l.village_id
                where v.division_id = %s and l.kind = %s group by v.geom)
              select coalesce(sum(st_area(st_intersection(p.geom, ground.geom)::geography)), 0) from {table} p, ground
              where p.{key} = %s and {where}"""
    return asked(sql, judged.village.pk, kind, value)[0][0]


def test_high_standard_farmland_and_green_inside_lines(judged):
    crops, green = "code like '01%%'", "(code like '14%%' or code like '03%%')"
    found = measured(judged, "29")
    for side, value in enumerate((found.value, found.base_value)):
        whole = area(judged, side, crops)
        wanted = inside(judged, side, crops, "GBZNT") / whole * 100 if whole else None
        assert value == (None if wanted is None else pytest.approx(wanted, rel=1e-5)), side
    found, whole = measured(judged, "14"), lines_area(judged, "CZJSBJ")
    for side, value in enumerate((found.value, found.base_value)):
        assert value == pytest.approx((inside(judged, side, green, "CZJSBJ") + 50) / whole * 100, rel=1e-5), side


def test_steep_cropland(judged):
    sql = """select coalesce(sum(st_area(st_intersection(z.geom, b.geom)::geography)), 0) from planning_zone z
             join villages_parcel b on b.village_id = %s and b.slope_class = 5 and st_intersects(z.geom, b.geom)
             where z.version_id = %s and z.code like '01%%'"""
    steep, whole = asked(sql, judged.village.pk, judged.version.pk)[0][0], area(judged, 0, "code like '01%%'")
    found = measured(judged, "30")
    assert found.value == (pytest.approx(steep / whole * 100, rel=1e-5) if whole else None)
    base = area(judged, 1, "code like '01%%'")
    over = area(judged, 1, "code like '01%%' and slope_class = 5")
    assert found.base_value == (pytest.approx(over / base * 100, rel=1e-5) if base else None)
