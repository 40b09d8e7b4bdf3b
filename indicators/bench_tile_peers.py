"""Tile servers measured beside ours on the same zones, in the same run: tipg (uvicorn) and MapServer (FastCGI), if they can be had.

tipg is fetched into .local/bench by pip; MapServer is Debian's: apt-get install --no-install-recommends cgi-mapserver spawn-fcgi.
"""

import os
import shutil
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection

from indicators import bench_county, bench_tiles
from indicators.bench import Row
from planning.models import PlanVersion
from portal.geo import tiles

ZOOMS = {10: 4, 12: 16, 14: 40, 16: 60}
"""tiles of each zoom"""
WARM_UP = 10
GOAL = 1.0
TIPG = ("tipg==1.6.1", "uvicorn==0.54.0")
TABLE = "bench_zone"
Ask = Callable[[int, int, int], float]
"""asks for a tile, returns the seconds it took"""


def peers(version: PlanVersion) -> Iterator[Row]:
    """A tile nobody asked for yet (of small scales: not seeded), and one that is kept, against the others, median."""
    numbers = {z: some(version, z, count) for z, count in ZOOMS.items()}
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {TABLE}")
        cursor.execute(
            f"""CREATE TABLE {TABLE} AS SELECT id::int AS gid, number, code, geom_web::geometry(Geometry, 3857) AS geom
            FROM planning_zone WHERE version_id = %s""",  # noqa: S608  a constant
            [version.pk],
        )
        cursor.execute(f"ALTER TABLE {TABLE} ADD PRIMARY KEY (gid)")
        cursor.execute(f"CREATE INDEX ON {TABLE} USING gist (geom)")
        cursor.execute(f"ANALYZE {TABLE}")
    for name, server in (("tipg", tipg), ("MapServer, FastCGI", mapserver)):
        try:
            with server() as ask, bench_tiles.server() as wire:
                yield from beside(name, wire, version, ask, numbers)
        except (OSError, RuntimeError, subprocess.SubprocessError) as error:
            print(f"{name} cannot be had here, its rows are not measured: {error}", file=sys.stderr)


def beside(
    name: str, wire: bench_tiles.Wire, version: PlanVersion, theirs: Ask, numbers: dict[int, list[tuple[int, int]]]
) -> Iterator[Row]:
    """Ours and another's in turns, tile by tile, after each has opened its connections."""
    shutil.rmtree(tiles.folder(), ignore_errors=True)

    def ours(z: int, x: int, y: int) -> float:
        return wired(wire, bench_tiles.address(version, x, y, z))

    for x, y in numbers[16][:WARM_UP]:
        ours(17, 2 * x, 2 * y)
        theirs(16, x, y)
    for z, here in numbers.items():
        turns = [[ours(z, *tile), ours(z, *tile), theirs(z, *tile)] for tile in here]
        first, kept, other = (statistics.median(column) for column in zip(*turns, strict=True))
        yield Row(f"tile-first, z{z}", first, name, other, first / other, GOAL)
        yield Row(f"tile-kept, z{z}", kept, name, other, kept / other, GOAL)


def some(version: PlanVersion, z: int, count: int) -> list[tuple[int, int]]:
    """Tiles inside the county, those that it fills first; at small scales those in which its middle lies."""
    numbers = bench_tiles.tile_numbers(version, z)[:count]
    if numbers:
        return numbers
    west, south, east, north = version.plan.village.geom.extent
    return [tuple(map(int, bench_tiles.place((west + east) / 2, (south + north) / 2, z)))]


def wired(wire: bench_tiles.Wire, path: str) -> float:
    """Seconds of a tile over HTTP, which must hold something."""
    seconds, status, body = wire.get(path)
    if status != 200 or not body:
        raise RuntimeError(f"{path} answered {status}: {body[:200]!r}")
    return seconds


@contextmanager
def tipg() -> Iterator[Ask]:
    """tipg with one worker, told to leave nothing out and to keep to our buffer."""
    place = bench_county.FOLDER / "tipg"
    python = place / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)  # noqa: S603
    if subprocess.run([python, "-c", "import tipg, uvicorn"], capture_output=True).returncode:  # noqa: S603
        subprocess.run([python, "-m", "pip", "install", "--quiet", *TIPG], check=True)  # noqa: S603
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    it = connection.settings_dict
    host = urllib.parse.quote(it["HOST"], safe="")
    url = f"postgresql://{it['USER']}:{it['PASSWORD']}@{host}:{it['PORT']}/{it['NAME']}"
    env = {
        **os.environ, "DATABASE_URL": url, "TIPG_MAX_FEATURES_PER_TILE": "1000000", "TIPG_TILE_BUFFER": "64",
        "TIPG_DB_TABLES": f'["public.{TABLE}"]', "TIPG_DB_SPATIAL_EXTENT": "false", "TIPG_DB_DATETIME_EXTENT": "false",
    }  # fmt: skip
    command = [python, "-m", "uvicorn", "tipg.main:app", "--port", str(port), "--log-level", "error"]
    child = subprocess.Popen(command, env=env, cwd=place)  # noqa: S603
    try:
        wire = bench_tiles.connect(port, child, path=f"/collections/public.{TABLE}?f=json")
        wildcard = f"/collections/public.{TABLE}/tiles/WebMercatorQuad"
        yield lambda z, x, y: wired(wire, f"{wildcard}/{z}/{x}/{y}?properties=number,code")
    finally:
        child.terminate()
        child.wait(timeout=30)


MAPFILE = """
MAP
  NAME "bench"
  SIZE 256 256
  EXTENT -20037508 -20037508 20037508 20037508
  PROJECTION "init=epsg:3857" END
  OUTPUTFORMAT NAME "mvt" DRIVER MVT FORMATOPTION "EXTENT=4096" FORMATOPTION "EDGE_BUFFER=4" END
  LAYER
    NAME "zones"
    TYPE POLYGON
    STATUS ON
    CONNECTIONTYPE POSTGIS
    CONNECTION "host={HOST} port={PORT} dbname={NAME} user={USER} password={PASSWORD}"
    DATA "geom FROM {TABLE} USING UNIQUE gid USING SRID=3857"
    PROCESSING "CLOSE_CONNECTION=DEFER"
    PROJECTION "init=epsg:3857" END
    METADATA "gml_include_items" "number,code" "gml_types" "auto" END
    CLASS STYLE COLOR 0 0 0 END END
  END
END
"""


@contextmanager
def mapserver() -> Iterator[Ask]:
    """MapServer, one process, asked by FastCGI directly: no HTTP between, which is in its favour."""
    program = shutil.which("mapserv")
    if not program:
        raise OSError("mapserv is not installed")
    with tempfile.TemporaryDirectory(prefix="mapserver-", dir=bench_county.FOLDER) as folder:
        listening, mapfile = Path(folder) / "s", Path(folder) / "zones.map"
        mapfile.touch(mode=0o600)  # it holds the way to the database
        mapfile.write_text(MAPFILE.format(**connection.settings_dict, TABLE=TABLE))
        with socket.socket(socket.AF_UNIX) as door:
            door.bind(str(listening))
            door.listen()
            config = Path(folder) / "mapserver.conf"
            config.write_text('CONFIG\n  ENV\n    MS_MAP_PATTERN "[.]map$"\n  END\nEND\n')
            env = {**os.environ, "MAPSERVER_CONFIG_FILE": str(config)}
            # FastCGI hands over the socket as standard input
            child = subprocess.Popen([program], stdin=door, env=env)  # noqa: S603
        try:
            yield lambda z, x, y: fastcgi(
                listening, f"map={mapfile}&mode=tile&tilemode=gmap&tile={x}+{y}+{z}&map.imagetype=mvt&layers=zones"
            )
        finally:
            child.kill()
            child.wait(timeout=30)


def fastcgi(listening: Path, query: str) -> float:
    """One request of the FastCGI protocol, version 1; returns the seconds it took."""

    def record(kind: int, content: bytes) -> bytes:
        return struct.pack(">BBHHBB", 1, kind, 1, len(content), 0, 0) + content

    def pair(name: str, value: str) -> bytes:
        lengths = struct.pack(">II", len(name) | 1 << 31, len(value) | 1 << 31)
        return lengths + name.encode() + value.encode()

    said = pair("REQUEST_METHOD", "GET") + pair("QUERY_STRING", query)
    began = time.perf_counter()
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(120)
        line.connect(str(listening))
        line.sendall(record(1, struct.pack(">HB5x", 1, 0)) + record(4, said) + record(4, b"") + record(5, b""))
        with line.makefile("rb") as answer:
            out = b""
            while True:
                _version, kind, _id, length, padding, _r = struct.unpack(">BBHHBB", answer.read(8))
                content = answer.read(length)
                answer.read(padding)
                if kind == 3:
                    break
                out += content if kind == 6 else b""
    seconds = time.perf_counter() - began
    head, _, body = out.partition(b"\r\n\r\n")
    if not body or (b"vector-tile" not in head and b"x-protobuf" not in head):
        raise RuntimeError(f"MapServer said {out[-300:]!r}")
    return seconds
