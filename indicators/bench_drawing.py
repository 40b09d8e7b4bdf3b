"""Checking one polygon while it is drawn, through the API, on the whole county as one village.

Beside parcels, zones and control lines of the benchmark county there are use zones, hazard areas, roads and power lines,
so that every check has something to look at. The floor is what no answer can do without: one query for the parcels and
lines under the polygon, and their overlap by shapely.
"""

import gc
import json
import statistics
import time
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from django.db import connection, models
from django.test import Client
from django.utils import timezone

from indicators.bench import Row
from indicators.bench_county import CLASSES, County
from planning.models import Plan, PlanVersion, Zone
from portal.geo import copy, crs
from portal.models import Membership, Role, User
from villages.models import ControlLine, Corridor, Parcel, Road, Village

GOAL_SECONDS = 0.1
FLOOR_GOAL = 25.0
"""the floor asks one question; the answer is that of fourteen checks, sign-in, rights and rate limit included"""
POLYGONS = 300
MANY_CORNERS = 100
WARM_UP = 20
PIECE = 20_000
SOURCE = "make_county.py"
KINDS = {"PBF": "YJJBNT", "ERL": "STBHHX", "UDB": "CZKFBJ"}
USE_ZONES = ("510", "520", "530", "540")
SIZES = (
    # share of the polygons, m² from and to, corners from and to, class it is planned as
    (0.45, 200, 600, 4, 6, ("070301", "0703")),
    (0.30, 1_000, 10_000, 4, 12, ("0704", "0803", "1001", "0602", "1207")),
    (0.20, 10_000, 50_000, 6, 30, ("0201", "0301", "1001", "1403")),
    (0.05, 450_000, 550_000, 200, 200, ("0703", "1001", "1403")),
)
"""homesteads, yards, fields, and areas of 50 ha with 200 corners"""
BARE = """
    SELECT 0, p.code, ST_AsBinary(p.geom) FROM villages_parcel p
    WHERE p.village_id = %(village)s AND ST_Intersects(p.geom, ST_SetSRID(ST_GeomFromWKB(%(polygon)s), 4490))
    UNION ALL
    SELECT 1, l.kind, ST_AsBinary(l.geom) FROM villages_controlline l
    WHERE l.village_id = %(village)s AND ST_Intersects(l.geom, ST_SetSRID(ST_GeomFromWKB(%(polygon)s), 4490))
"""


def drawing(county: County, village: Village) -> list[Row]:
    """The 95th percentile against a tenth of a second, of homesteads to fields and of areas of 50 ha apart, because one in
    twenty would decide the whole; and the median against the floor, in turns."""
    version = fill(county, village)
    client, address = drawer(village), f"/api/v1/villages/{village.code}/check/"
    ours, busy, theirs, large = [], [], [], []
    for n, (code, polygon) in enumerate(polygons(village)):
        if n == WARM_UP:
            settle()
        body = {"geometry": json.loads(shapely.to_geojson(polygon)), "code": code, "version": version.pk}
        (mine, worked), floor = asked(client, address, json.dumps(body)), bare(village, polygon)
        if n >= WARM_UP:
            ours.append(mine)
            busy.append(worked)
            theirs.append(floor)
            large.append(shapely.get_num_coordinates(polygon) > MANY_CORNERS)
    seconds, worked, big = np.array(ours), np.array(busy), np.array(large)
    middle, floor = statistics.median(ours), statistics.median(theirs)
    return [
        row("drawing, p95 up to 5 ha", seconds[~big], 95),
        row("drawing, p95 of 50 ha, 200 corners", seconds[big], 95),
        row("drawing, p95 of all", seconds, 95),
        row("drawing, p95 of all, our processor", worked, 95),
        Row("drawing, p50", middle, "bare query + shapely", floor, middle / floor, FLOOR_GOAL),
    ]


def row(name: str, seconds: np.ndarray, percent: int) -> Row:
    found = float(np.percentile(seconds, percent))
    return Row(f"{name}, n={len(seconds)}", found, "a tenth of a second", GOAL_SECONDS, found / GOAL_SECONDS, 1.0)


def fill(county: County, village: Village) -> PlanVersion:
    """Base data and a plan of one zone a parcel, by COPY; what another measure has put there is taken as it is."""
    parcels = gpd.read_file(county.county, layer="parcels", columns=["dlbm"])
    codes = parcels["dlbm"].map(CLASSES).tolist()
    geoms = multi(parcels.geometry.values)
    if not village.parcels.exists():
        rows = enumerate(zip(codes, copy.as_hex(geoms), strict=True), 1)
        fields = ["village", "number", "code", "survey_code", "source", "geom"]
        put(Parcel, fields, ((village.pk, n, code, "", SOURCE, geom) for n, (code, geom) in rows))
    put_lines(county, village)
    put_roads(village)
    known = PlanVersion.objects.filter(plan__village=village).order_by("-number").first()
    version = known or put_plan(village, codes, geoms)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as autovacuum would within a minute
    return version


def put(model: type[models.Model], fields: list[str], rows: Iterable[tuple[Any, ...]]) -> None:
    """By COPY, a piece at a time: on a busy machine the whole county takes longer than one statement may."""
    rows = iter(rows)
    while piece := list(islice(rows, PIECE)):
        copy.copy_rows(model, fields, piece)


def put_lines(county: County, village: Village) -> None:
    control = gpd.read_file(county.county, layer="control", columns=["kind"])
    outlines = gpd.read_file(county.county, layer="villages", columns=["code"]).geometry.values
    lines = [(KINDS[kind], "", geom) for kind, geom in zip(control["kind"], control.geometry.values, strict=True)]
    lines += [("GHFQ", USE_ZONES[n % len(USE_ZONES)], geom) for n, geom in enumerate(outlines)]
    hazards = shapely.buffer(shapely.centroid(outlines[::10]), 0.004, quad_segs=32)
    lines += [("ZHFXQ", ("high", "medium", "low")[n % 3], geom) for n, geom in enumerate(hazards)]
    village.control_lines.all().delete()
    rows = enumerate(zip(lines, copy.as_hex(multi(geom for *_kind, geom in lines)), strict=True), 1)
    fields = ["village", "number", "kind", "name", "level", "source", "geom"]
    put(ControlLine, fields, ((village.pk, n, kind, "", level, SOURCE, geom) for n, ((kind, level, _), geom) in rows))


def put_roads(village: Village) -> None:
    """A net of roads and power lines, 2 km apart, with a corner each 200 m."""
    west, south, east, north = village.geom.extent
    kinds = ("国道", "省道", "县道", "乡道")
    lines = [
        *across(west, south, east, north),
        *(shapely.transform(line, lambda xy: xy[:, ::-1]) for line in across(south, west, north, east)),
    ]
    lines = shapely.multilinestrings([[line] for line in lines])
    fields = ["division", "kind", "name", "source", "geom"]
    rows = list(zip(copy.as_hex(lines), range(len(lines)), strict=True))
    put(Road, fields, ((village.pk, kinds[n % 4], "", SOURCE, g) for g, n in rows if n % 5))
    power = [kind for kind in Corridor.Kind.values if kind != Corridor.Kind.RIVER]
    put(Corridor, fields, ((village.pk, power[n % len(power)], "", SOURCE, g) for g, n in rows if not n % 5))


def across(west: float, south: float, east: float, north: float) -> Iterator[shapely.LineString]:
    rng = np.random.default_rng(7)
    x = np.arange(west, east, 0.002)
    for y in np.arange(south, north, 0.02):
        yield shapely.LineString(np.column_stack([x, y + np.cumsum(rng.normal(0, 0.0001, len(x)))]))


def put_plan(village: Village, codes: list[str], geoms: np.ndarray) -> PlanVersion:
    plan = Plan.objects.create(village=village, name="bench")
    version = PlanVersion.objects.create(plan=plan, number=1, published_at=timezone.now())
    areas = np.concatenate([crs.area_m2(geoms[start : start + 5000]) for start in range(0, len(geoms), 5000)])
    fields = ["version", "number", "code", "label", "remark", "file_code", "attributes", "area_m2", "geom"]
    rows = zip(codes, areas.tolist(), copy.as_hex(geoms), strict=True)
    put(Zone, fields, ((version.pk, n, code, "", "", "", "{}", m2, g) for n, (code, m2, g) in enumerate(rows, 1)))
    return version


def multi(geoms: Iterable[shapely.Geometry]) -> np.ndarray:
    return np.array([g if g.geom_type == "MultiPolygon" else shapely.multipolygons([g]) for g in geoms], object)


def drawer(village: Village) -> Client:
    """A planner of the county, signed in; the full stack of middleware, without a socket."""
    user = User.objects.create_user("bench_planner")
    Membership.objects.create(user=user, role=Role.PLANNER, division_code=village.code)
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(user)
    return client


def polygons(village: Village, count: int = POLYGONS + WARM_UP) -> list[tuple[str, shapely.Polygon]]:
    """Seeded polygons inside the village: a class and a star-shaped outline of the sizes above, in lon/lat."""
    rng = np.random.default_rng(2035)
    outline = shapely.from_wkb(bytes(village.geom.wkb))
    shapely.prepare(outline)
    west, south, east, north = shapely.bounds(outline)
    made: list[tuple[str, Any]] = []
    while len(made) < count:
        _share, least, most, few, many, codes = SIZES[rng.choice(len(SIZES), p=[size[0] for size in SIZES])]
        corners = int(rng.integers(few, many + 1))
        angles = np.sort(rng.uniform(0, 2 * np.pi / corners / 2, corners) + np.arange(corners) * 2 * np.pi / corners)
        radius = np.sqrt(rng.uniform(least, most) / np.pi) * rng.uniform(0.85, 1.15, corners)
        lon, lat = rng.uniform(west, east), rng.uniform(south, north)
        x = lon + radius * np.cos(angles) / (111_320 * np.cos(np.radians(lat)))
        y = lat + radius * np.sin(angles) / 110_950
        polygon = shapely.Polygon(np.round(np.column_stack([x, y]), 9))
        code = str(rng.choice(codes))
        if shapely.contains_properly(outline, polygon) and polygon.is_valid:
            made.append((code, polygon))
    return made


def settle() -> None:
    """As portal/wsgi.py does when a worker has started: what it holds by now is not searched for garbage again."""
    gc.collect()
    gc.freeze()


def asked(client: Client, address: str, body: str) -> tuple[float, float]:
    """Seconds by the clock, and of them those our processor worked; the others are the database's and those of other people."""
    began = time.perf_counter(), time.thread_time()
    answer = client.post(address, body, content_type="application/json")
    spent = time.perf_counter() - began[0], time.thread_time() - began[1]
    if answer.status_code != 200:
        raise RuntimeError(f"the polygon was answered {answer.status_code}: {answer.content[:500]!r}")
    return spent


def bare(village: Village, polygon: shapely.Polygon) -> float:
    began = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(BARE, {"village": village.pk, "polygon": shapely.to_wkb(polygon)})
        rows = cursor.fetchall()
    shapes = shapely.from_wkb([bytes(wkb) for *_kind, wkb in rows])
    shapely.area(shapely.intersection(shapes, polygon))
    return time.perf_counter() - began
