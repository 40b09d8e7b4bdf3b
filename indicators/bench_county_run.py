"""A whole county judged, and again after one zone of one village was edited; `manage.py bench edit-one-zone`.

Every village of the benchmark county has parcels, control lines cut to it, people and a plan: its parcels, of which one in
twenty becomes a homestead. The floor of the second run is the first one; goal: under 2 %.
"""

import hashlib
import time
from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import shapely

from indicators import sweeps
from indicators.bench import Row
from indicators.bench_county import CLASSES, County
from planning.models import Plan, PlanVersion, Zone
from planning.writing import areas
from portal.geo.copy import as_hex, copy_rows
from villages.models import ControlLine, Division, Fact, Parcel, Village

GOAL = 0.02
COUNTY = "510101000000"
KINDS = {"PBF": "YJJBNT", "ERL": "STBHHX", "UDB": "CZKFBJ"}
BUILT = "070301"
SOURCE = "make_county.py"


def edit_one_zone(county: County, village: Village) -> list[Row]:
    """Seconds of the county again after an edit, against the full run; and with nothing edited."""
    codes = make(county)
    whole = judged()
    nothing = judged()
    edit(codes[len(codes) // 2])
    edited = judged()
    name = f"county of {len(codes)} villages, {len(codes) / whole:.1f} villages/s"
    return [
        Row(f"{name}, one zone edited", edited, "the full run", whole, edited / whole, GOAL),
        Row(f"{name}, nothing edited", nothing, "the full run", whole, nothing / whole, GOAL),
    ]


def judged() -> float:
    """Seconds of a county run by one worker, from asking what is due to the last row."""
    began = time.perf_counter()
    sweep = sweeps.start_or_resume(Division.objects.get(pk=COUNTY), None)
    if sweep is not None:
        sweeps.work(sweep)
        if failed := sweeps.failures(sweep):
            raise RuntimeError(f"{len(failed)} plans could not be judged: {failed[0]}")
    return time.perf_counter() - began


def edit(code: str) -> None:
    """The next version of a village's plan: one zone becomes a homestead."""
    last = PlanVersion.objects.get(plan__village_id=code)
    zones = list(last.zones.values_list("code", "geom"))
    new = next(n for n, (was, _geom) in enumerate(zones) if was != BUILT)
    codes = [BUILT if n == new else was for n, (was, _geom) in enumerate(zones)]
    write_plan(last.plan, 2, codes, shapely.from_wkb([bytes(geom.wkb) for _code, geom in zones]))


def make(county: County) -> list[str]:
    """The villages with everything in them; returns their codes."""
    parcels = gpd.read_file(county.county, layer="parcels", columns=["dlbm", "zldwdm"])
    outlines = gpd.read_file(county.county, layer="villages", columns=["code"])
    lines = gpd.read_file(county.county, layer="control", columns=["kind"])
    named = dict(zip(outlines["code"], new_codes(len(outlines)), strict=True))
    write_villages(list(named.values()), many(outlines.geometry.values))
    owner = parcels["zldwdm"].map(named).to_numpy()
    classes = parcels["dlbm"].map(CLASSES).to_numpy()
    order = np.argsort(owner, kind="stable")
    owner, classes, geoms = owner[order], classes[order], many(parcels.geometry.values[order])
    first = np.unique(owner, return_index=True)[1]
    numbers = np.arange(len(owner)) - np.repeat(first, np.diff([*first, len(owner)])) + 1
    copy_rows(
        Parcel,
        ["village", "number", "code", "survey_code", "settlement", "geom", "source"],
        ((o, n, c, "", "", g, SOURCE) for o, n, c, g in zip(owner, numbers, classes, as_hex(geoms), strict=True)),
    )
    write_lines(lines, outlines.geometry.values, list(named.values()))
    rng = np.random.default_rng(42)
    planned = np.where(rng.random(len(owner)) < 0.05, BUILT, classes)
    for code, rows in zip(owner[first], np.split(np.arange(len(owner)), first[1:]), strict=True):
        plan = Plan.objects.create(village_id=code, name=f"bench {code}")
        write_plan(plan, 1, planned[rows].tolist(), geoms[rows])
    return list(named.values())


def new_codes(count: int) -> Iterator[str]:
    """The generator's codes have no townships: a hundred villages make one."""
    return (f"{COUNTY[:6]}{100 + n // 100:03d}{200 + n % 100:03d}" for n in range(count))


def write_villages(codes: list[str], geoms: np.ndarray) -> None:
    Division.objects.create(code=COUNTY, name="bench", level=Division.Level.COUNTY)
    towns = sorted({f"{code[:9]}000" for code in codes})
    Division.objects.bulk_create(Division(code=t, name=t, level=4, parent_id=COUNTY) for t in towns)
    Division.objects.bulk_create(Division(code=c, name=c, level=5, parent_id=f"{c[:9]}000") for c in codes)
    fields = ["division", "short_name", "type", "terrain", "base_year", "geom", "source", "revision"]
    copy_rows(
        Village, fields, ((c, c, "QT", "", 2020, g, SOURCE, 1) for c, g in zip(codes, as_hex(geoms), strict=True))
    )
    facts = [("population", 1200, "人"), ("households", 400, "户")]
    Fact.objects.bulk_create(
        Fact(village_id=c, code=k, year=2020, value=v, unit=u, source=SOURCE) for c in codes for k, v, u in facts
    )


def write_lines(lines: gpd.GeoDataFrame, outlines: np.ndarray, codes: list[str]) -> None:
    """Control lines cut to each village they come into."""
    village, line = shapely.STRtree(lines.geometry.values).query(outlines, predicate="intersects")
    pieces = shapely.intersection(outlines[village], lines.geometry.values[line])
    parts, of_piece = shapely.get_parts(pieces, return_index=True)
    polygons = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    whole = shapely.multipolygons(parts[polygons], indices=of_piece[polygons], out=np.full(len(pieces), None, object))
    kept = np.flatnonzero([shape is not None for shape in whole])
    kinds = lines["kind"].map(KINDS).to_numpy()
    copy_rows(
        ControlLine,
        ["village", "number", "kind", "name", "level", "geom", "source"],
        (
            (codes[village[n]], at, kinds[line[n]], "", "", g, SOURCE)
            for at, (n, g) in enumerate(zip(kept, as_hex(whole[kept]), strict=True), 1)
        ),
    )


def write_plan(plan: Plan, number: int, codes: list[str], geoms: np.ndarray) -> None:
    version = PlanVersion.objects.create(plan=plan, number=number)
    rows = zip(range(1, len(codes) + 1), codes, areas(geoms), as_hex(geoms), strict=True)
    fields = ["version", "number", "code", "label", "remark", "file_code", "attributes", "area_m2", "geom"]
    copy_rows(Zone, fields, ((version.pk, n, code, "", "", "", "{}", area, g) for n, code, area, g in rows))
    version.digest = hashlib.sha256(f"{codes}".encode() + b"".join(shapely.to_wkb(geoms).tolist())).hexdigest()
    version.save(update_fields=["digest"])


def many(geoms: np.ndarray) -> np.ndarray:
    """Polygons as MultiPolygons."""
    geoms = np.asarray(geoms, object).copy()
    single = shapely.get_type_id(geoms) == shapely.GeometryType.POLYGON
    geoms[single] = [shapely.multipolygons([geom]) for geom in geoms[single]]
    return geoms
