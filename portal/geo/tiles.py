"""Vector tiles: the one MVT query, and the folder in which finished public tiles wait, compressed once.

A tile's address holds a key that names what it was made from, so a tile never changes: when the data changes, the key does.
No tile is larger than `LARGEST`: for small scales layers lie ready (portal.geo.layers), and what would be too large all the
same is made again with less detail.
"""

import gzip
import logging
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings

from portal.geo import layers, sql
from portal.ids import new_id
from portal.models import User

logger = logging.getLogger(__name__)

MIN_ZOOM, MAX_ZOOM = 8, 18
DEEPEST = 30  # beyond this a tile number is nonsense, not only too deep
WORLD = 40_075_016.685578488  # circumference of the earth as EPSG:3857 has it, in m
EXTENT, BUFFER = 4096, 64
LARGEST = 500_000
"""bytes that a tile may have before it is compressed: a cheap phone reads and paints it in a second"""
ROUGH = (8, 16, 32)
"""units of a tile (of 4096 on 512 pixels) given up in turn where it would be larger"""
REACH = f"ST_TileEnvelope(%(z)s, %(x)s, %(y)s, margin => {BUFFER / EXTENT})"


@dataclass(frozen=True)
class Layer:
    """One layer of a tileset. `table`, `fields`, `where` are SQL text of ours; values come as parameters of the tileset.

    `table` must name its geometry table `t`, with a GiST index on `geom` (EPSG:4490); `web` is its geometry in EPSG:3857.
    `ready` names, with the parameters, the layer that may lie ready for small scales.
    """

    name: str
    table: str
    fields: dict[str, str]
    where: str = "true"
    web: str = "t.geom_web"
    zooms: tuple[int, int] = (MIN_ZOOM, MAX_ZOOM)
    ready: str = ""

    def query(self, z: int, grain: int) -> str:
        """SQL of the layer. With a grain (units of the tile) corners stick out by as much at least, and where neither zones
        nor names are read, on small scales, areas that are smaller than it are left out."""
        columns = ", ".join(f"{expression} AS {name}" for name, expression in self.fields.items())
        envelope = "ST_TileEnvelope(%(z)s, %(x)s, %(y)s)"
        shape = f"ST_SimplifyPreserveTopology({self.web}, %(grain)s)" if grain else self.web
        where = self.where
        if grain and z <= layers.ZOOMS[1]:
            where += f" AND (ST_Dimension({self.web}) < 2 OR ST_Area({self.web}) >= %(grain)s ^ 2)"
        # The index is asked on `geom` in degrees: a tile is a rectangle in both systems, so the stored copy needs none.
        # ST_AsMVT leaves out what was clipped to nothing (NULL); a WHERE that did so would clip every shape twice.
        return f"""(SELECT coalesce(ST_AsMVT(q, '{self.name}', {EXTENT}, 'geom'), '') FROM (
            SELECT ST_AsMVTGeom({shape}, {envelope}, {EXTENT}, {BUFFER}, true) AS geom, {columns}
            FROM {self.table} WHERE t.geom && ST_Transform({REACH}, 4490) AND {where}
        ) q)"""  # noqa: S608  constants of the code, see the docstring


@dataclass(frozen=True)
class Source:
    """What a key stands for: the parameters of its layers, those that hold nothing, and whether everybody may see it.

    `by_role`: the right follows from session, person and memberships alone (portal.tile_grants).
    """

    params: dict[str, Any]
    is_public: bool
    empty: frozenset[str] = frozenset()
    by_role: bool = False


@dataclass(frozen=True)
class Tileset:
    """Tiles of one kind. `find(key, user)` answers None if the key is out of date or not open to the user.

    `public_now()` says whether finished public tiles of this kind may be handed out at all under the present settings.
    `watched` is SQL of the row, as text, that `find` judges a key (`%(key)s`) by.
    """

    layers: tuple[Layer, ...]
    find: Callable[[str, Callable[[], User]], Source | None]
    max_zoom: int = MAX_ZOOM
    public_now: Callable[[], bool] = lambda: True
    watched: str = ""


class Made(NamedTuple):
    """A tile, how many units of it were given up so that it is not too large, and what else was asked in its query."""

    data: bytes
    grain: int = 0
    told: tuple[Any, ...] = ()


def render(
    tileset: Tileset, source: Source, z: int, x: int, y: int, *, ask: str = "", given: dict[str, Any] | None = None
) -> Made:
    """The tile from ready layers and, for the others, as the database makes it; empty if nothing lies in it.

    `ask` are further expressions for the same query, with parameters `given`: their values come as `told`.
    """
    ready, live = b"", []
    for layer in tileset.layers:
        if layer.zooms[0] <= z <= layer.zooms[1] and layer.name not in source.empty:
            name = layer.ready.format(**source.params)
            kept = layers.read(name, z, x, y) if name and z <= layers.ZOOMS[1] else None
            if kept is None:
                live.append(layer)
            else:
                ready += kept
    params = {**source.params, **(given or {}), "z": z, "x": x, "y": y}
    for grain in (0, *ROUGH) if live else (0,):
        cut = " || ".join(layer.query(z, grain) for layer in live) or "''::bytea"
        metres = grain * WORLD / 2**z / EXTENT
        row = sql.execute(f"SELECT {cut}{',' + ask if ask else ''}", {**params, "grain": metres})
        data = ready + bytes(row[0])
        if len(data) <= LARGEST:
            break
    if grain:
        logger.warning("tile %s/%s/%s of %s: %s bytes with a grain of %s", z, x, y, source.params, len(data), grain)
    return Made(data, grain, row[1:])


def is_tile(z: int, x: int, y: int) -> bool:
    return z <= DEEPEST and x < 2**z and y < 2**z


def folder() -> Path:
    return Path(settings.MEDIA_ROOT) / "tiles" / "public"


def stored(key: str, z: int, x: int, y: int) -> bytes | None:
    """The finished tile, gzipped, or None."""
    try:
        with open(f"{settings.MEDIA_ROOT}/tiles/public/{key}/{z}/{x}/{y}.mvt.gz", "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None


def store(key: str, z: int, x: int, y: int, packed: bytes) -> None:
    """Keep a public tile; a reader sees the whole file or none. Without room on the disk the portal goes on without it."""
    path = folder() / key / str(z) / str(x) / f"{y}.mvt.gz"
    try:
        if not (folder() / key).exists():
            forget_older(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        half = path.with_name(f"{y}.{new_id()}.part")
        half.write_bytes(packed)
        half.replace(path)
    except OSError as error:
        logger.warning("tile %s/%s/%s/%s is not kept: %s", key, z, x, y, error)


def forget_older(key: str) -> None:
    """Remove the tiles of earlier keys of the same thing."""
    thing = key.split("-")[0]
    for other in folder().glob(f"{thing}-*"):
        if other.name != key:
            shutil.rmtree(other, ignore_errors=True)


def pack(data: bytes, level: int = 6) -> bytes:
    return gzip.compress(data, level, mtime=0)
