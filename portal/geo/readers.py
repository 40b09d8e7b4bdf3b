"""The door for uploads: GeoPackage, zipped Shapefiles or GeoJSON in; layers in storage coordinates, or a refusal, out."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import shapely

from portal.geo import sandbox
from portal.geo.archive import extension_of
from portal.geo.handover import Received
from portal.geo.issues import Refused, refusal
from portal.geo.source import LIMITS, Limits, Options

__all__ = ["LIMITS", "Layer", "Limits", "Reading", "Refused", "read", "sniff"]

EXTENSIONS = {"zip": "zip", "gpkg": "gpkg", "geojson": "json", "json": "json"}
_SNIFFED = 4096


@dataclass(frozen=True)
class Layer:
    """Row n of `rows` belongs to geometry n; users count from 1. Geometries are 2D lon/lat (EPSG:4490) or None."""

    name: str
    fields: list[str]
    rows: pd.DataFrame
    geometry: np.ndarray
    crs_text: str
    encoding: str
    notes: list[dict]


@dataclass(frozen=True)
class Reading:
    layers: list[Layer]

    def layer(self, name: str) -> Layer:
        """The layer of that name, whatever its capital letters."""
        for layer in self.layers:
            if layer.name.casefold() == name.casefold():
                return layer
        raise refusal("layer_missing", layer=name)


def read(
    path: str | Path,
    *,
    name: str,
    limits: Limits = LIMITS,
    crs: str | None = None,
    encoding: str | None = None,
    layers: Sequence[str] | None = None,
) -> Reading:
    """Read the upload at `path` that its sender called `name`. Raises Refused; then nothing of it may be used.

    `crs` and `encoding` are the uploader's own choice and go before what the file says; `layers` are the names wanted.
    """
    path = Path(path)
    kind = sniff(path, name, limits)
    options = Options(crs, encoding, None if layers is None else list(layers))
    stem = Path(name.replace("\\", "/")).stem
    received = sandbox.read_in_child(path, kind, stem, options, limits)
    return Reading([_layer(layer) for layer in received])


def sniff(path: Path, name: str, limits: Limits = LIMITS) -> str:
    """`zip`, `gpkg` or `json`, where name and first bytes agree. GDAL would go by content alone and open anything."""
    size = path.stat().st_size
    if size == 0:
        raise refusal("file_empty")
    if size > limits.file_bytes:
        raise refusal("file_too_large", limit_mb=limits.file_bytes >> 20)
    extension = extension_of(name.replace("\\", "/"))
    declared = EXTENSIONS.get(extension)
    if declared is None:
        raise refusal("type_unsupported", extension=extension[:20])
    with path.open("rb") as stream:
        found = _kind(stream.read(_SNIFFED))
    if found != declared:
        raise refusal("not_what_it_says", extension=extension)
    return found


def _kind(start: bytes) -> str | None:
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    if start.startswith(b"SQLite format 3\0"):
        return "gpkg"
    utf16 = start.startswith((b"\xff\xfe", b"\xfe\xff"))  # let through, so that the refusal can say what is wrong
    return "json" if utf16 or start.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[") else None


def _layer(received: Received) -> Layer:
    columns = dict(zip(received.fields, received.columns, strict=True))
    rows = pd.DataFrame(columns, index=range(len(received.wkb)), columns=received.fields, dtype=object)
    try:
        geometry = shapely.from_wkb(np.array(received.wkb, dtype=object))
    except shapely.errors.ShapelyError as error:
        raise refusal("crashed") from error
    return Layer(received.name, received.fields, rows, geometry, received.crs, received.encoding, received.notes)
