"""The whole import of a plan file against a bare read plus COPY."""

import io
import statistics
import time
from pathlib import Path

import pyogrio
import shapely
from django.db import connection

from indicators.bench import Row
from indicators.bench_county import County
from planning import imports
from villages.models import Village

GOAL = 5.0
RUNS = 3


def whole(county: County, village: Village) -> list[Row]:
    """Read in the jailed child, map, check, store, digest; against reading and copying without a question asked."""
    ours, theirs, zones = [], [], 0
    for _ in range(RUNS):
        began = time.perf_counter()
        outcome = imports.import_plan(county.plan, name=county.plan.name, village=village)
        ours.append(time.perf_counter() - began)
        if not outcome.accepted:
            raise RuntimeError(f"The benchmark plan was refused: {sorted({i.code for i in outcome.issues})}")
        zones = outcome.zones
        began = time.perf_counter()
        bare(county.plan)
        theirs.append(time.perf_counter() - began)
    mine, peer = statistics.median(ours), statistics.median(theirs)
    return [Row(f"import, {zones} zones", mine, "pyogrio.read_dataframe + COPY", peer, mine / peer, GOAL)]


def bare(path: Path) -> None:
    """Rows and polygons into a table without index, trigger or computed column."""
    frame = pyogrio.read_dataframe(path)
    shapes = shapely.to_wkb(shapely.set_srid(frame.geometry.values, 4490), hex=True, include_srid=True)
    buffer = io.StringIO()
    for n, (code, shape) in enumerate(zip(frame["YDYHFLDM"], shapes, strict=True), 1):
        buffer.write(f"{n}\t{code}\t{shape}\n")
    buffer.seek(0)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_bare (number integer, code text, geom geometry(Geometry, 4490))")
        cursor.copy_expert("COPY bench_bare FROM STDIN", buffer)
        cursor.execute("DROP TABLE bench_bare")
