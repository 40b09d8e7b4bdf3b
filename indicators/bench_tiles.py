"""Tiles measured over HTTP: kept ones against an empty Django view, new ones against the bare query in the database."""

import math
import os
import random
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection
from django.db.backends.utils import CursorWrapper

from indicators.bench import Row
from planning import tiles
from planning.models import PlanVersion

CACHED_GOAL = 1.5
COLD_GOAL = 2.0
ZOOM = 14
BLOCKS, PER_BLOCK = 40, 50
COLD_TILES = 120
WARM_UP = 20  # tiles until every thread of the server has its connection
BARE = """
    SELECT ST_AsMVT(q, 'zones', 4096, 'geom') FROM (
        SELECT ST_AsMVTGeom(t.geom_web, ST_TileEnvelope(%(z)s, %(x)s, %(y)s), 4096, 64, true) AS geom, t.number, t.code
        FROM planning_zone t
        WHERE t.geom && ST_Transform(ST_TileEnvelope(%(z)s, %(x)s, %(y)s, margin => 0.015625), 4490) AND t.version_id = %(version)s
    ) q
"""


class Wire:
    """One keep-alive connection with as little of its own as can be: a client's cost would flatter the ratio."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def get(self, path: str) -> tuple[float, int, bytes]:
        """Seconds, status and body of a request."""
        request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: gzip\r\n\r\n".encode()
        began = time.perf_counter()
        self.socket.sendall(request)
        data = b""
        while b"\r\n\r\n" not in data:
            data += self._more()
        head, body = data.split(b"\r\n\r\n", 1)
        length = next(
            (int(x.split(b":")[1]) for x in head.split(b"\r\n") if x.lower().startswith(b"content-length:")), 0
        )
        while len(body) < length:
            body += self._more()
        return time.perf_counter() - began, int(head.split(b" ", 2)[1]), body

    def _more(self) -> bytes:
        part = self.socket.recv(1 << 18)
        if not part:
            raise ConnectionError("the server closed the connection")
        return part


@contextmanager
def server() -> Iterator[Wire]:
    """The portal as the demo runs it, on the benchmark's database; stopped by its pid."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable, "-m", "gunicorn", "indicators.bench_wsgi:application", "--bind", f"127.0.0.1:{port}",
        "--workers", "2", "--threads", "4", "--no-control-socket", "--log-level", "error",
    ]  # fmt: skip
    env = {**os.environ, "DB_NAME": connection.settings_dict["NAME"], "MEDIA_ROOT": str(settings.MEDIA_ROOT)}
    child = subprocess.Popen(command, env=env, cwd=settings.BASE_DIR)  # noqa: S603
    try:
        yield connect(port, child)
    finally:
        child.terminate()
        child.wait(timeout=30)


def connect(port: int, child: subprocess.Popen, patience: float = 60.0) -> Wire:
    end = time.monotonic() + patience
    while time.monotonic() < end and child.poll() is None:
        try:
            wire = Wire(port)
            if wire.get("/empty")[1] == 200:
                return wire
        except OSError:
            time.sleep(0.2)
    raise RuntimeError("gunicorn did not start")


def tile_numbers(version: PlanVersion, zoom: int = ZOOM) -> list[tuple[int, int]]:
    """Tiles that lie wholly inside the bounds of the village, shuffled in a fixed order."""
    west, south, east, north = version.plan.village.geom.extent
    (left, top), (right, bottom) = place(west, north, zoom), place(east, south, zoom)
    numbers = [(x, y) for x in range(int(left) + 1, int(right)) for y in range(int(top) + 1, int(bottom))]
    random.Random(42).shuffle(numbers)  # noqa: S311
    return numbers


def place(lon: float, lat: float, zoom: int) -> tuple[float, float]:
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return (lon + 180) / 360 * 2**zoom, y * 2**zoom


def address(version: PlanVersion, x: int, y: int) -> str:
    return f"/api/v1/tiles/{tiles.key(version)}/{ZOOM}/{x}/{y}.mvt"


def cached(version: PlanVersion) -> list[Row]:
    """A tile that is kept against an empty view behind the same middleware, in turns, median."""
    with server() as wire:
        tile = address(version, *tile_numbers(version)[0])
        _seconds, status, body = wire.get(tile)
        if status != 200 or not body:
            raise RuntimeError(f"the tile to measure answered {status} with {len(body)} bytes")
        times: dict[str, list[float]] = {tile: [], "/empty": []}
        for block in range(BLOCKS + 2):
            for path, seconds in times.items():
                measured = [wire.get(path)[0] for _ in range(PER_BLOCK)]
                seconds.extend(measured if block >= 2 else [])  # the first two blocks warm up
        ours, theirs = statistics.median(times[tile]), statistics.median(times["/empty"])
    return [
        Row(
            f"tile-cached, z{ZOOM}, {len(body) / 1024:.0f} kB",
            ours,
            "empty Django view",
            theirs,
            ours / theirs,
            CACHED_GOAL,
        )
    ]


def cold(version: PlanVersion) -> list[Row]:
    """Tiles nobody asked for yet, through the view, against the bare query for the same rows; medians over the tiles.

    Whoever comes second finds the rows in memory, so they take turns in coming first.
    """
    ours, theirs = [], []
    with server() as wire, connection.cursor() as cursor:
        for n, (x, y) in enumerate(tile_numbers(version)[: COLD_TILES + WARM_UP]):
            if n % 2:
                mine, peer = view_seconds(wire, version, x, y), bare_seconds(cursor, version, x, y)
            else:
                peer, mine = bare_seconds(cursor, version, x, y), view_seconds(wire, version, x, y)
            if n >= WARM_UP:
                ours.append(mine)
                theirs.append(peer)
    mine, peer = statistics.median(ours), statistics.median(theirs)
    return [Row(f"tile-cold, z{ZOOM}", mine, "bare ST_AsMVT", peer, mine / peer, COLD_GOAL)]


def view_seconds(wire: Wire, version: PlanVersion, x: int, y: int) -> float:
    seconds, status, _body = wire.get(address(version, x, y))
    if status != 200:
        raise RuntimeError(f"tile {x}/{y} answered {status}")
    return seconds


def bare_seconds(cursor: CursorWrapper, version: PlanVersion, x: int, y: int) -> float:
    began = time.perf_counter()
    cursor.execute(BARE, {"z": ZOOM, "x": x, "y": y, "version": version.pk})
    cursor.fetchone()
    return time.perf_counter() - began
