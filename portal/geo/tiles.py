"""Vector tiles: the one MVT query, and the folder in which finished public tiles wait, compressed once.

A tile's address holds a key that names what it was made from, so a tile never changes: when the data changes, the key does.
"""

import gzip
import logging
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from portal.geo import sql
from portal.ids import new_id
from portal.models import User

logger = logging.getLogger(__name__)

MIN_ZOOM, MAX_ZOOM = 8, 18
DEEPEST = 30  # beyond this a tile number is nonsense, not only too deep
EXTENT, BUFFER = 4096, 64
REACH = f"ST_TileEnvelope(%(z)s, %(x)s, %(y)s, margin => {BUFFER / EXTENT})"


@dataclass(frozen=True)
class Layer:
    """One layer of a tileset. `table`, `fields`, `where` are SQL text of ours; values come as parameters of the tileset.

    `table` must name its geometry table `t`, with a GiST index on `geom` (EPSG:4490); `web` is its geometry in EPSG:3857.
    """

    name: str
    table: str
    fields: dict[str, str]
    where: str = "true"
    web: str = "t.geom_web"
    zooms: tuple[int, int] = (MIN_ZOOM, MAX_ZOOM)

    @property
    def sql(self) -> str:
        columns = ", ".join(f"{expression} AS {name}" for name, expression in self.fields.items())
        envelope = "ST_TileEnvelope(%(z)s, %(x)s, %(y)s)"
        # The index is asked on `geom` in degrees: a tile is a rectangle in both systems, so the stored copy needs none.
        # ST_AsMVT leaves out what was clipped to nothing (NULL); a WHERE that did so would clip every shape twice.
        return f"""(SELECT coalesce(ST_AsMVT(q, '{self.name}', {EXTENT}, 'geom'), '') FROM (
            SELECT ST_AsMVTGeom({self.web}, {envelope}, {EXTENT}, {BUFFER}, true) AS geom, {columns}
            FROM {self.table} WHERE t.geom && ST_Transform({REACH}, 4490) AND {self.where}
        ) q)"""  # noqa: S608  constants of the code, see the docstring


@dataclass(frozen=True)
class Source:
    """What a key stands for: the parameters of its layers, and whether everybody may see it."""

    params: dict[str, Any]
    is_public: bool


@dataclass(frozen=True)
class Tileset:
    """Tiles of one kind. `find(key, user)` answers None if the key is out of date or not open to the user.

    `public_now()` says whether finished public tiles of this kind may be handed out at all under the present settings.
    """

    layers: tuple[Layer, ...]
    find: Callable[[str, Callable[[], User]], Source | None]
    max_zoom: int = MAX_ZOOM
    public_now: Callable[[], bool] = lambda: True


def render(tileset: Tileset, params: dict[str, Any], z: int, x: int, y: int) -> bytes:
    """The tile as the database makes it; empty if nothing lies in it."""
    layers = [layer.sql for layer in tileset.layers if layer.zooms[0] <= z <= layer.zooms[1]]
    (data,) = sql.execute("SELECT " + " || ".join(layers), {**params, "z": z, "x": x, "y": y})
    return bytes(data)


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


def pack(data: bytes) -> bytes:
    return gzip.compress(data, 6, mtime=0)
