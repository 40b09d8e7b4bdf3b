"""What `manage.py bench` measures on: the benchmark county as files, and a database of its own in which it lies.

Nothing of the demo is touched: files go to .local/bench, rows to the database portal_bench, which is dropped at the end.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from django.conf import settings
from django.contrib.gis.geos import GEOSGeometry
from django.db import connection
from django.utils import timezone

from indicators.compute.frames import shapes
from planning import imports
from planning.models import PlanVersion
from portal.celery import app
from villages.models import Division, Village

GENERATOR = Path(settings.BASE_DIR).parent / "shared" / "bench" / "make_county.py"
FOLDER = Path(settings.BASE_DIR) / ".local" / "bench"
TOOLS = ("scipy", "pyarrow")  # what the generator needs and the portal does not
ENGINES = (
    "duckdb==1.5.5", "duckdb-extensions==1.5.5", "duckdb-extension-spatial==1.5.5", "sedonadb",
    "geoarrow-pyarrow", "geoarrow-c", "geoarrow-types",
)  # fmt: skip
"""spatial databases that are measured beside us, in a process of their own; the spatial wheel exists for 1.5.5"""
DATABASE = "portal_bench"
VILLAGE = "510000000001"
# the generator's survey classes (DLBM) as classes of the 2023 edition
CLASSES = {
    "0101": "0101", "0103": "0103", "0201": "0201", "0301": "0301", "0307": "0304", "0404": "0403", "0601": "1001",
    "0702": "0703", "1006": "0601", "1104": "1704", "1107": "1705", "1202": "0602",
}  # fmt: skip


@dataclass(frozen=True)
class County:
    """`county` holds the layers parcels, villages, control; `plan` the parcels as one plan file; all in lon/lat."""

    county: Path
    plan: Path
    parcels: int = 0  # about so many
    generator: Path = GENERATOR


def make(parcels: int, generator: Path = GENERATOR) -> County:
    """The county with about that many parcels; made once and kept."""
    folder = FOLDER / f"county-{parcels}"
    county = County(folder / "county.gpkg", folder / "plan.gpkg", parcels, generator)
    if not county.plan.exists():
        if not generator.exists():
            raise FileNotFoundError(
                f"The generator of the benchmark county is not at {generator}; name it by --generator."
            )
        folder.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, str(generator), "--parcels", str(parcels), "--out", str(folder), "--gpkg"]
        subprocess.run(command, check=True, env=with_tools(), stdout=subprocess.DEVNULL)  # noqa: S603
        write_plan(county)
    return county


def with_tools() -> dict[str, str]:
    """The environment in which the generator finds its packages; they are fetched into .local/bench the first time."""
    return with_packages(TOOLS, TOOLS)


def with_engines() -> dict[str, str]:
    """The same with DuckDB and SedonaDB. Raises CalledProcessError where they cannot be had."""
    with_tools()
    return with_packages(ENGINES, ("duckdb", "duckdb_extension_spatial", "sedonadb", "geoarrow"))


def with_packages(packages: Sequence[str], folders: Sequence[str]) -> dict[str, str]:
    """An environment that finds these packages, fetched unless their folders are there."""
    target = FOLDER / "packages"
    if not all((target / name).is_dir() for name in folders):
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(target), *packages]
        subprocess.run(command, check=True)  # noqa: S603
    return {**os.environ, "PYTHONPATH": str(target)}


def along_edges(parcels: gpd.GeoDataFrame, control: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Our step on top of the generator, which is not ours to change: lines that follow parcel edges, as real ones do.

    Each control line becomes the union of the parcels whose centroid it holds: every edge of it is a parcel's edge.
    """
    ground = shapes(parcels)
    line, parcel = shapely.STRtree(shapely.centroid(ground)).query(shapes(control), predicate="contains")
    order = np.argsort(line, kind="stable")
    lines, first = np.unique(line[order], return_index=True)
    unions = [shapely.coverage_union_all(ground[group]) for group in np.split(parcel[order], first[1:])]
    return gpd.GeoDataFrame({"kind": control["kind"].to_numpy()[lines]}, geometry=unions, crs=control.crs)


def write_plan(county: County) -> None:
    """The parcels as a plan file that the default profile reads."""
    parcels = gpd.read_file(county.county, layer="parcels", columns=["bsm", "dlbm", "tbmj"])
    parcels["dlbm"] = parcels["dlbm"].map(CLASSES)
    parcels = parcels.rename(columns={"bsm": "BSM", "dlbm": "YDYHFLDM", "tbmj": "TBMJ"})
    half = county.plan.with_suffix(".part.gpkg")
    parcels.to_file(half, layer="GHYDYH", engine="pyogrio")
    half.replace(county.plan)


@contextmanager
def database(county: County) -> Iterator[Village]:
    """An empty database with the whole county as one village; dropped at the end."""
    real, media = connection.settings_dict["NAME"], settings.MEDIA_ROOT
    connection.settings_dict["TEST"]["NAME"] = DATABASE
    app.conf.broker_url = "memory://bench"  # the jobs that an import starts are not for the demo's worker
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        with tempfile.TemporaryDirectory(prefix="bench-media-", dir=FOLDER) as folder:
            settings.MEDIA_ROOT = folder
            yield village_of(county)
    finally:
        settings.MEDIA_ROOT = media
        connection.creation.destroy_test_db(real, verbosity=0)


def village_of(county: County) -> Village:
    outlines = gpd.read_file(county.county, layer="villages", columns=["code"])
    outline = shapely.coverage_union_all(outlines.geometry.values)
    outline = shapely.multipolygons([outline]) if outline.geom_type == "Polygon" else outline
    division = Division.objects.create(code=VILLAGE, name="bench", level=Division.Level.VILLAGE)
    geom = GEOSGeometry(memoryview(shapely.to_wkb(outline)), srid=4490)
    return Village.objects.create(division=division, short_name="bench", geom=geom, source="make_county.py")


def version(county: County, village: Village) -> PlanVersion:
    """The county's plan as a public version; made by the import, once for all measures."""
    known = PlanVersion.objects.filter(plan__village=village).order_by("-number").first()
    if known is None:
        outcome = imports.import_plan(county.plan, name="plan.gpkg", village=village)
        if outcome.version is None:
            raise RuntimeError(f"The benchmark plan was refused: {[i.code for i in outcome.issues[:10]]}")
        known = outcome.version
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # as autovacuum would within a minute
    PlanVersion.objects.filter(pk=known.pk).update(published_at=timezone.now(), checked_at=timezone.now())
    known.refresh_from_db()
    return known
