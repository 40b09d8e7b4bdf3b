"""Cutting a generalised coverage into the tiles of a zoom; none may be larger than tiles may be."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import shapely

from portal.geo import generalised, sql
from portal.geo.tiles import BUFFER, EXTENT, LARGEST, WORLD

COARSER = (1, 1.4, 2, 4, 8)
"""how many pixels are given up in turn where a tile is too large"""


def envelope(z: int, x: int, y: int) -> tuple[float, float, float, float]:
    """West, south, east, north of a tile in EPSG:3857."""
    side, half = WORLD / 2**z, WORLD / 2
    return x * side - half, half - (y + 1) * side, (x + 1) * side - half, half - y * side


def numbers(bounds: tuple[float, float, float, float], z: int) -> list[tuple[int, int]]:
    """Tiles (x, y) that bounds (EPSG:3857) touch."""
    west, south, east, north = bounds
    side, half = WORLD / 2**z, WORLD / 2
    xs = range(max(int((west + half) / side), 0), min(int((east + half) / side), 2**z - 1) + 1)
    ys = range(max(int((half - north) / side), 0), min(int((half - south) / side), 2**z - 1) + 1)
    return [(x, y) for x in xs for y in ys]


def cut(layer: str, shapes: np.ndarray, z: int, **fields: np.ndarray) -> Iterator[tuple[int, int, bytes]]:
    """(x, y, MVT) of each tile in which the layer has something. Fields: `code`, `colour`, and `number` if it has one."""
    tree = shapely.STRtree(shapes)
    margin = WORLD / 2**z * BUFFER / EXTENT
    for x, y in numbers(tuple(shapely.total_bounds(shapes)), z):
        west, south, east, north = envelope(z, x, y)
        here = tree.query(shapely.box(west - margin, south - margin, east + margin, north + margin))
        if len(here) and (data := fitting(layer, shapes[here], z, x, y, {k: v[here] for k, v in fields.items()})):
            yield x, y, data


def fitting(layer: str, shapes: np.ndarray, z: int, x: int, y: int, fields: dict[str, np.ndarray]) -> bytes:
    """The tile with as much detail as fits into it; from the second try on zones of one class grow together."""
    data = b""
    for times in COARSER:
        if times > 1:
            shapes, codes = generalised.dissolve(shapes, generalised.absorb(shapes, fields["code"], z, times))
            colours = dict(zip(fields["code"], fields["colour"], strict=True))
            fields = {"code": codes, "colour": np.array([colours[c] for c in codes], object)}
            shapes = generalised.simplify(shapes, z, times=times)
        data = mvt(layer, shapes, z, x, y, fields)
        if len(data) <= LARGEST:
            break
    return data


def mvt(layer: str, shapes: np.ndarray, z: int, x: int, y: int, fields: dict[str, np.ndarray]) -> bytes:
    def values(name: str) -> list[Any]:
        return fields[name].tolist() if name in fields else [None] * len(shapes)

    wkb = shapely.to_wkb(shapes).tolist()
    (data,) = sql.row(
        "portal/cut_tile", layer=layer, z=z, x=x, y=y, extent=EXTENT, buffer=BUFFER,
        shapes=wkb, numbers=values("number"), codes=values("code"), colours=values("colour"),
    )  # fmt: skip
    return bytes(data)
