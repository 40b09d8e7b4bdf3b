"""Tiles measured over HTTP: kept ones against an empty Django view, new ones against the bare query in the database; their sizes."""

import math
import os
import random
import shutil
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

import numpy as np
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import connection
from django.db.backends.utils import CursorWrapper

from indicators.bench import Row
from planning import generalised, tiles
from planning.models import PlanVersion
from portal.geo import layers
from portal.geo import tiles as finished
from portal.models import Membership, Role, User

CACHED_GOAL = 1.5
COLD_GOAL = 2.0
DRAFT_GOAL = 1.5
DENSEST = 20
"""tiles of a zoom that are looked at, those with most zones first; of small scales there are fewer"""
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
        self.port = port
        self.address = f"http://127.0.0.1:{port}"
        self.cookie = ""
        self._open()

    def _open(self) -> None:
        self.socket = socket.create_connection(("127.0.0.1", self.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def get(self, path: str) -> tuple[float, int, bytes]:
        """Seconds, status and body of a request; once more on a new line if the server closed the old one meanwhile."""
        try:
            return self._get(path)
        except ConnectionError:
            self._open()
            return self._get(path)

    def _get(self, path: str) -> tuple[float, int, bytes]:
        cookie = f"Cookie: {self.cookie}\r\n" if self.cookie else ""
        request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: gzip\r\n{cookie}\r\n".encode()
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
def server(**settings_: str) -> Iterator[Wire]:
    """The portal as the demo runs it, on the benchmark's database, with further settings; stopped by its pid."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable, "-m", "gunicorn", "indicators.bench_wsgi:application", "--bind", f"127.0.0.1:{port}",
        "--workers", "2", "--threads", "4", "--no-control-socket", "--log-level", "error",
    ]  # fmt: skip
    env = {
        **os.environ,
        "DB_NAME": connection.settings_dict["NAME"],
        "MEDIA_ROOT": str(settings.MEDIA_ROOT),
        **settings_,
    }
    child = subprocess.Popen(command, env=env, cwd=settings.BASE_DIR)  # noqa: S603
    try:
        yield connect(port, child)
    finally:
        child.terminate()
        child.wait(timeout=30)


def connect(port: int, child: subprocess.Popen, patience: float = 60.0, path: str = "/empty") -> Wire:
    end = time.monotonic() + patience
    while time.monotonic() < end and child.poll() is None:
        try:
            wire = Wire(port)
            if wire.get(path)[1] == 200:
                return wire
        except OSError:
            time.sleep(0.2)
    raise RuntimeError("the server did not start")


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


def address(version: PlanVersion, x: int, y: int, zoom: int = ZOOM) -> str:
    return f"/api/v1/tiles/{tiles.key(version)}/{zoom}/{x}/{y}.mvt"


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
    mine, peer = beside_the_query(version)
    return [Row(f"tile-cold, z{ZOOM}", mine, "bare ST_AsMVT", peer, mine / peer, COLD_GOAL)]


def draft(version: PlanVersion) -> list[Row]:
    """The same of a version that is not public, for a planner who is signed in: nothing is kept, every tile is made."""
    opened = version.published_at
    PlanVersion.objects.filter(pk=version.pk).update(published_at=None)
    version.refresh_from_db()
    shutil.rmtree(finished.folder(), ignore_errors=True)
    try:
        mine, peer = beside_the_query(version, cookie=signed_in(version))
    finally:
        PlanVersion.objects.filter(pk=version.pk).update(published_at=opened)
        version.refresh_from_db()
    return [Row(f"tile-draft, z{ZOOM}", mine, "bare ST_AsMVT", peer, mine / peer, DRAFT_GOAL)]


def signed_in(version: PlanVersion) -> str:
    """The cookie of a planner of the village."""
    planner, _made = User.objects.get_or_create(username="bench")
    Membership.objects.get_or_create(user=planner, role=Role.PLANNER, division_code=version.division_code)
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    planner = User.objects.get(pk=planner.pk)  # with the memberships of now
    session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(planner.pk), "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY], session["by_code"] = planner.get_session_auth_hash(), True
    session["began"] = session["seen"] = time.time()
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def beside_the_query(version: PlanVersion, cookie: str = "") -> tuple[float, float]:
    ours, theirs = [], []
    with server() as wire, connection.cursor() as cursor:
        wire.cookie = cookie
        for n, (x, y) in enumerate(tile_numbers(version)[: COLD_TILES + WARM_UP]):
            if n % 2:
                mine, peer = view_seconds(wire, version, x, y), bare_seconds(cursor, version, x, y)
            else:
                peer, mine = bare_seconds(cursor, version, x, y), view_seconds(wire, version, x, y)
            if n >= WARM_UP:
                ours.append(mine)
                theirs.append(peer)
    return statistics.median(ours), statistics.median(theirs)


def sizes(version: PlanVersion) -> list[Row]:
    """The largest tile, not compressed, that a visitor of the county meets: all of small scales, the densest of the others."""
    _number, _code, _colour, x, y = generalised.places(version)
    source, largest, packed, grains = tiles.source(version), 0, 0, 0
    for zoom in range(finished.MIN_ZOOM, finished.MAX_ZOOM + 1):
        side = finished.WORLD / 2**zoom
        columns = np.column_stack([(x + finished.WORLD / 2) // side, (finished.WORLD / 2 - y) // side]).astype(int)
        numbers, counts = np.unique(columns, axis=0, return_counts=True)
        here = numbers[np.argsort(-counts)][: len(numbers) if zoom <= layers.ZOOMS[1] else DENSEST]
        made = [finished.render(tiles.VERSIONS, source, zoom, int(column), int(row)) for column, row in here]
        most = max(made, key=lambda tile: len(tile.data)).data
        print(f"  z{zoom}: {len(made)} tiles, largest {len(most) / 1000:.0f} kB", file=sys.stderr)
        largest, packed = max(largest, len(most)), max(packed, len(finished.pack(most)))
        grains += sum(tile.grain > 0 for tile in made)
    print(f"  largest compressed {packed / 1000:.0f} kB; {grains} tiles were made with less detail", file=sys.stderr)
    cap = finished.LARGEST / 1000
    return [Row("tile-largest, z8 to z18", largest / 1000, "the goal", cap, largest / 1000 / cap, 1.0, "kB")]


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
