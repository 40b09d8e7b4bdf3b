"""GeoJSON by our own parser: strict where GDAL guesses, and without its habit of fetching a linked CRS.

Codes keep their leading zeros, as nothing here turns text into numbers.
"""

import json
import math
import re
import struct
import sys
from pathlib import Path
from typing import Any

import numpy as np

from portal.geo.issues import refusal
from portal.geo.outlines import LINE, POLYGON, Outlines
from portal.geo.source import Limits, SourceLayer

_PARSER_DEPTH = 300
_VALUE_DEPTH = 32
_CRS_NAME = re.compile(r"^(urn:ogc:def:crs:)?(EPSG:[\d.]*:?\d{4,6}|OGC:[\d.]*:?CRS84)$", re.IGNORECASE)
_TYPES = {"Point": 1, "LineString": 2, "Polygon": 3, "MultiPoint": 4, "MultiLineString": 5, "MultiPolygon": 6}
_PLACES = (("lng", "lat"), ("lon", "lat"), ("longitude", "latitude"))


def read(path: Path, name: str, limits: Limits) -> list[SourceLayer]:
    """One layer; or, of an object that is no GeoJSON but holds FeatureCollections or lists of places, one of each."""
    notes: list[dict] = []
    document = parse(path, limits, notes)
    if not isinstance(document, dict):
        raise refusal("json_not_geojson")
    if document.get("type") in ("FeatureCollection", "Feature"):
        own = document.get("name")
        return [_layer(document, own if isinstance(own, str) and own else name, limits, notes)]
    nested = {key: made for key, value in document.items() if (made := _collection(value))}
    if not nested:
        raise refusal("json_not_geojson")
    if len(nested) > limits.layers:
        raise refusal("too_many_layers", count=len(nested), limit=limits.layers)
    if "crs" in document:
        nested = {key: {"crs": document["crs"], **value} for key, value in nested.items()}
    return [_layer(value, key, limits, list(notes)) for key, value in nested.items()]


def _layer(document: dict, name: str, limits: Limits, notes: list[dict]) -> SourceLayer:
    features = document.get("features") if document["type"] == "FeatureCollection" else [document]
    if not isinstance(features, list):
        raise refusal("json_not_geojson")
    if len(features) > limits.rows:
        raise refusal("too_many_rows", layer=name, limit=limits.rows)
    fields, columns = _table(features, name, limits)
    wkb = _Geometries(name, limits, notes).all(features)
    return SourceLayer(name, fields, columns, wkb, _crs(document, notes), "utf-8", notes)


def _collection(value: Any) -> dict | None:
    """A nested FeatureCollection, or a list of objects with longitude and latitude as one."""
    if isinstance(value, dict):
        return value if value.get("type") == "FeatureCollection" else None
    if not isinstance(value, list) or not value or not all(isinstance(one, dict) for one in value):
        return None
    pair = next((pair for pair in _PLACES if all(pair[0] in one and pair[1] in one for one in value)), None)
    return pair and {"type": "FeatureCollection", "features": [_place(one, *pair) for one in value]}


def _place(one: dict, lon: str, lat: str) -> dict:
    others = {key: value for key, value in one.items() if key not in (lon, lat)}
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [one[lon], one[lat]]},
        "properties": others,
    }


def parse(path: Path, limits: Limits, notes: list[dict]) -> Any:
    if path.stat().st_size > limits.json_bytes:
        raise refusal("file_too_large", limit_mb=limits.json_bytes >> 20)
    raw = path.read_bytes()
    if raw.startswith(b"\xef\xbb\xbf"):
        notes.append({"reason": "bom"})
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise refusal("json_encoding") from error
    del raw
    usual = sys.getrecursionlimit()
    sys.setrecursionlimit(_PARSER_DEPTH)
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_constant)
    except RecursionError as error:
        raise refusal("json_depth") from error
    except json.JSONDecodeError as error:
        raise refusal("json_invalid", line=error.lineno) from error
    except ValueError as error:  # more digits than Python turns into a number
        raise refusal("json_number") from error
    finally:
        sys.setrecursionlimit(usual)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))
        raise refusal("json_duplicate_key", key=ascii(twice[:100])[1:-1])
    return made


def _constant(_: str) -> None:
    raise refusal("json_nan")


def _crs(document: dict, notes: list[dict]) -> str:
    """The CRS by name; a link is never followed. Without the member GeoJSON is lon/lat, taken as CGCS2000."""
    if "crs" not in document:
        notes.append({"reason": "crs_assumed"})
        return "EPSG:4490"
    crs = document["crs"]
    if crs is None:  # the 2008 format: "no coordinate system can be assumed"
        return ""
    if not isinstance(crs, dict) or crs.get("type") != "name" or not isinstance(crs.get("properties"), dict):
        raise refusal("crs_link")
    name = crs["properties"].get("name")
    if not isinstance(name, str) or set(crs["properties"]) != {"name"}:
        raise refusal("crs_link")
    if not _CRS_NAME.match(name):
        raise (
            refusal("crs_link")
            if "://" in name or "/" in name
            else refusal("crs_unknown", text=ascii(name[:100])[1:-1])
        )
    return name


def _table(features: list, layer: str, limits: Limits) -> tuple[list[str], list[list]]:
    fields: dict[str, None] = {}
    rows = []
    for row, feature in enumerate(features, start=1):
        if not isinstance(feature, dict) or feature.get("type") != "Feature":
            raise refusal("json_feature", layer=layer, row=row)
        properties = feature.get("properties") or {}
        if not isinstance(properties, dict):
            raise refusal("json_feature", layer=layer, row=row)
        fields.update(dict.fromkeys(properties))
        if len(fields) > limits.fields:
            raise refusal("too_many_fields", layer=layer, count=len(fields), limit=limits.fields)
        rows.append(properties)
    columns = [
        [_value(properties.get(field), field, row, layer) for row, properties in enumerate(rows, start=1)]
        for field in fields
    ]
    return list(fields), columns


def _value(value: Any, field: str, row: int, layer: str) -> Any:
    if isinstance(value, dict | list):
        if _deeper(value, _VALUE_DEPTH):
            raise refusal("json_depth", layer=layer, row=row)
        return json.dumps(value, ensure_ascii=False)
    if (isinstance(value, int) and abs(value) >= 2**63) or (isinstance(value, float) and not math.isfinite(value)):
        raise refusal("number_too_large", layer=layer, row=row, field=field)
    return value


def _deeper(value: Any, allowed: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    children = value.values() if isinstance(value, dict) else value
    return allowed == 0 or any(_deeper(child, allowed - 1) for child in children)


class _Geometries(Outlines):
    """Coordinates to WKB, with the row of whatever is wrong in them."""

    def all(self, features: list[dict]) -> list[bytes | None]:
        wkb = []
        for self.row, feature in enumerate(features, start=1):
            wkb.append(self.one(feature.get("geometry")))
        return wkb

    def one(self, geometry: Any) -> bytes | None:
        if geometry is None:
            return None
        if not isinstance(geometry, dict) or not isinstance(geometry.get("type"), str):
            raise self.refusal("json_coordinates")
        kind = _TYPES.get(geometry["type"])
        if kind is None:
            raise self.refusal("geometry_type", type=ascii(geometry["type"][:40])[1:-1])
        coordinates = geometry.get("coordinates")
        if not isinstance(coordinates, list):
            raise self.refusal("json_coordinates")
        return self.build(kind, coordinates) if coordinates else None

    def build(self, kind: int, coordinates: list) -> bytes:
        head = struct.pack("<BI", 1, kind)
        if kind == 1:
            return head + self.positions([coordinates]).tobytes()
        if kind == LINE:
            return head + self.positions_packed(coordinates, LINE)
        self.lists(coordinates)
        if kind == POLYGON:
            rings = [self.positions_packed(ring, POLYGON) for ring in coordinates]
            return head + struct.pack("<I", len(coordinates)) + b"".join(rings)
        return head + struct.pack("<I", len(coordinates)) + b"".join(self.build(kind - 3, part) for part in coordinates)

    def positions_packed(self, coordinates: Any, kind: int) -> bytes:
        self.lists(coordinates)
        return self.packed(self.positions(coordinates), kind)

    def lists(self, coordinates: Any) -> None:
        if not isinstance(coordinates, list) or not all(isinstance(part, list) for part in coordinates):
            raise self.refusal("json_coordinates")

    def positions(self, coordinates: list) -> np.ndarray:
        self.count(len(coordinates))
        if any(len(position) < 2 for position in coordinates):
            raise self.refusal("json_coordinates")
        if any(len(position) > 2 for position in coordinates):
            coordinates = [position[:2] for position in coordinates]
            self.note("z_dropped")
        if any(type(number) not in (int, float) for position in coordinates for number in position):
            raise self.refusal("json_coordinates")
        try:
            return self.finite(np.array(coordinates, dtype="<f8").reshape(-1, 2))
        except OverflowError as error:
            raise self.refusal("coordinates_not_finite") from error
