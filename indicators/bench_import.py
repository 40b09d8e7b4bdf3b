"""The whole import of a plan file against a bare read plus COPY."""

import io
import statistics
import time
from pathlib import Path

import pyogrio
import shapely
from django.db import connection
from django.utils import translation

from indicators.bench import Row
from indicators.bench_county import County
from planning import imports
from villages.models import Village

GOAL = 4.0
RUNS = 3


class Stages:
    """The progress callback of a measured import: seconds by stage, known by the first word of its message."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.name, self.since = "", time.perf_counter()

    def __call__(self, percent: int, message: str = "") -> None:
        now = time.perf_counter()
        self.seconds[self.name] = self.seconds.get(self.name, 0.0) + now - self.since
        self.name, self.since = message.split()[0], now


def whole(county: County, village: Village) -> list[Row]:
    """Read in the jailed child, map, check, store, digest; against reading and copying without a question asked."""
    ours, theirs, stages, zones = [], [], [], 0
    for _ in range(RUNS):
        began, told = time.perf_counter(), Stages()
        with translation.override("en"):
            outcome = imports.import_plan(county.plan, name=county.plan.name, village=village, progress=told)
        ours.append(time.perf_counter() - began)
        told(100, "end")
        stages.append(told.seconds)
        if not outcome.accepted:
            raise RuntimeError(f"The benchmark plan was refused: {sorted({i.code for i in outcome.issues})}")
        zones = outcome.zones
        began = time.perf_counter()
        bare(county.plan)
        theirs.append(time.perf_counter() - began)
    mine, peer = statistics.median(ours), statistics.median(theirs)
    spent = {name: statistics.median(run[name] for run in stages) for name in ("Reading", "Checking", "Storing")}
    return [
        Row(f"import, {zones} zones", mine, "pyogrio.read_dataframe + COPY", peer, mine / peer, GOAL),
        *(
            Row(f"  of it {name.lower()}", part, "the whole import", mine, part / mine, 1.0)
            for name, part in spent.items()
        ),
    ]


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
