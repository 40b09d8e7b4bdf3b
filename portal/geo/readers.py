"""The door for uploads: a file of one of the accepted kinds in; layers in storage coordinates, or a refusal, out."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import shapely

from portal.geo import sandbox
from portal.geo.archive import extension_of
from portal.geo.handover import Received
from portal.geo.issues import Refused, refusal
from portal.geo.source import LIMITS, Bounds, Limits, Options, Samples

__all__ = ["LIMITS", "Layer", "Limits", "Reading", "Refused", "read", "sniff"]

EXTENSIONS = {
    "zip": "zip", "gpkg": "gpkg", "geojson": "json", "json": "json", "gml": "gml", "kml": "kml", "dxf": "dxf",
}  # fmt: skip
_REFUSED = {"kmz": "kmz", "dwg": "dwg", "shp": "shp_unzipped"}
"""kinds that people have and that we tell what to do with"""
_SNIFFED = 1 << 14
_ROOT = re.compile(r"<(?:[\w.-]+:)?([\w.-]+)((?:\s[^<>]*)?)/?>")


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
    raw_bounds: Bounds | None = None
    """minx, miny, maxx, maxy in the file's own coordinates; None without any"""
    samples: Samples = field(default_factory=dict)
    """up to ten texts that are not ASCII, as each encoding a person may choose reads them; Shapefiles and DXF only"""


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
    swap_axes: bool = False,
    progress: sandbox.Alive = lambda share: None,
) -> Reading:
    """Read the upload at `path` that its sender called `name`. Raises Refused; then nothing of it may be used.

    `crs` and `encoding` are the uploader's own choice and go before what the file says; `layers` are the names wanted;
    `swap_axes` is a person's word that the file has latitude or northing first.
    `progress` is told the share (0..1) that is read, twice a second; what it raises ends the reading.
    """
    path = Path(path)
    kind = sniff(path, name, limits)
    options = Options(crs, encoding, None if layers is None else list(layers), swap_axes)
    stem = Path(name.replace("\\", "/")).stem
    received = sandbox.read_in_child(path, kind, stem, options, limits, progress)
    return Reading([_layer(layer) for layer in received])


def sniff(path: Path, name: str, limits: Limits = LIMITS) -> str:
    """The kind of the file, where name and first bytes agree. GDAL would go by content alone and open anything."""
    size = path.stat().st_size
    if size == 0:
        raise refusal("file_empty")
    if size > limits.file_bytes:
        raise refusal("file_too_large", limit_mb=limits.file_bytes >> 20)
    extension = extension_of(name.replace("\\", "/"))
    if extension in _REFUSED:
        raise refusal(_REFUSED[extension])
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
    if start.removeprefix(b"\xef\xbb\xbf").lstrip().startswith((b"<", b"\xff\xfe<", b"\xfe\xff\0<")):
        return _kind_of_markup(start)
    if re.match(rb"(?:\s*999\r?\n[^\n]*\n)*\s*0\r?\n\s*SECTION\r?\n", start):
        return "dxf"
    if start.startswith((b"AutoCAD Binary DXF", b"AC10")):  # its reader says what to do with these
        return "dxf"
    utf16 = start.startswith((b"\xff\xfe", b"\xfe\xff"))  # let through, so that the refusal can say what is wrong
    return "json" if utf16 or start.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[") else None


def _kind_of_markup(start: bytes) -> str | None:
    """By the first element: `kml`, or any that declares the namespace of GML. Not the parser's work: a file that is no
    XML at all must do no harm here, in the process that serves pages."""
    utf16 = start.startswith((b"\xff\xfe", b"\xfe\xff"))
    text = start.decode("utf-16" if utf16 else "utf-8", "replace")
    at, end = text.find("<"), 0
    while text.startswith(("<?", "<!--"), at):
        end = text.find("?>" if text.startswith("<?", at) else "-->", at)
        at = text.find("<", end) if end >= 0 else len(text)
    if text[at : at + 9].upper() == "<!DOCTYPE":
        raise refusal("xml_dtd")
    root = _ROOT.match(text, at)
    if root is None:
        return None
    if root.group(1) == "kml":
        return "kml"
    return "gml" if "http://www.opengis.net/gml" in root.group(2) else None


def _layer(received: Received) -> Layer:
    columns = dict(zip(received.fields, received.columns, strict=True))
    rows = pd.DataFrame(columns, index=range(len(received.wkb)), columns=received.fields, dtype=object)
    try:
        geometry = shapely.from_wkb(np.array(received.wkb, dtype=object))
    except shapely.errors.ShapelyError as error:
        raise refusal("crashed") from error
    return Layer(
        received.name, received.fields, rows, geometry, received.crs, received.encoding, received.notes,
        received.raw_bounds, received.samples,
    )  # fmt: skip
