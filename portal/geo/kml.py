"""KML by our own parser. A folder is a layer; links, overlays, icons and styles are never followed.

Descriptions may hold HTML: they are text here and stay text on every page.
"""

from pathlib import Path
from xml.etree.ElementTree import Element

import numpy as np

from portal.geo import markup
from portal.geo.issues import refusal
from portal.geo.markup import local
from portal.geo.outlines import Outlines
from portal.geo.source import Limits, Options, SourceLayer, Value
from portal.geo.sparse import SparseLayer, SparseLayers

_CONTAINERS = {"Folder", "Document"}
_PLAIN = {"name", "description", "address", "phoneNumber", "Snippet"}
_WHOLE, _BROKEN = {"int", "uint", "short", "ushort"}, {"float", "double"}
_OTHERS = {"Model", "Track", "MultiTrack", "Tour"}
_GEOMETRIES = {"Point", "LineString", "LinearRing", "Polygon", "MultiGeometry"} | _OTHERS

Types = dict[tuple[str, str], str]
"""of the fields of each Schema"""


def read(path: Path, stem: str, options: Options, limits: Limits) -> list[SourceLayer]:
    layers, types = SparseLayers(limits), Types()
    for element, ancestors in markup.subtrees(path, limits, _kept):
        kind = local(element.tag)
        if kind == "name":
            ancestors[-1].set("name", (element.text or "").strip())
        elif kind == "Schema":
            types.update(_types(element))
        elif kind == "NetworkLink":
            raise refusal("kml_link")
        else:
            _add(_layer(layers, ancestors, stem), element, types)
    return layers.finish(options.layers)


def _kept(tag: str, ancestors: markup.Ancestors) -> bool:
    if not ancestors:
        if local(tag) != "kml":
            raise refusal("kml_not")
        return False
    kind = local(tag)
    return kind in ("Placemark", "Schema", "NetworkLink") or (
        kind == "name" and local(ancestors[-1].tag) in _CONTAINERS
    )


def _types(schema: Element) -> Types:
    name = schema.get("id") or schema.get("name") or ""
    return {
        (name, field.get("name", "")): field.get("type", "") for field in schema if local(field.tag) == "SimpleField"
    }


def _layer(layers: SparseLayers, ancestors: markup.Ancestors, stem: str) -> SparseLayer:
    """Of the innermost folder or document around a placemark. Two folders of one name are two layers."""
    folder = next((above for above in reversed(ancestors) if local(above.tag) in _CONTAINERS), None)
    layer = layers.layer(folder, (folder.get("name") if folder is not None else "") or stem)
    layer.crs = "EPSG:4326"
    return layer


def _add(layer: SparseLayer, placemark: Element, types: Types) -> None:
    layer.next_row()
    attributes: list[tuple[tuple[str, ...], Value]] = []
    parts: list[bytes] = []
    for child in placemark:
        kind = local(child.tag)
        if kind in _PLAIN and (child.text or "").strip():
            attributes.append(((kind,), (child.text or "").strip()))
        elif kind == "ExtendedData":
            attributes += _extended(child, types)
        elif kind in _GEOMETRIES:
            parts += _parts(child, layer.outlines)
    layer.add(attributes, layer.outlines.multiple(parts))


def _extended(data: Element, types: Types) -> list[tuple[tuple[str, ...], Value]]:
    found: list[tuple[tuple[str, ...], Value]] = []
    for child in data:
        if local(child.tag) == "Data":
            value = next((inner.text for inner in child if local(inner.tag) == "value"), None)
            found.append(((child.get("name") or "field",), value or None))
        elif local(child.tag) == "SchemaData":
            schema = (child.get("schemaUrl") or "").rpartition("#")[2]
            for each in child:
                name = each.get("name") or "field"
                found.append(((name,), _typed(each.text, types.get((schema, name), ""))))
    return found


def _typed(text: str | None, kind: str) -> Value:
    """A number where the Schema says so and nothing is lost by it: a code 0101 that is called a number stays text."""
    if not text or kind not in _WHOLE | _BROKEN:
        return text or None
    try:
        whole = int(text) if kind in _WHOLE and len(text) < 19 else None
        return float(*markup.numbers(text)) if whole is None else whole if str(whole) == text else text
    except (ValueError, TypeError):
        return text


def _parts(element: Element, outlines: Outlines) -> list[bytes]:
    kind = local(element.tag)
    if kind == "MultiGeometry":
        return [part for child in element if local(child.tag) in _GEOMETRIES for part in _parts(child, outlines)]
    if kind == "Polygon":
        rings = {name: _rings(element, name, outlines) for name in ("outerBoundaryIs", "innerBoundaryIs")}
        if len(rings["outerBoundaryIs"]) != 1:
            raise outlines.refusal("kml_coordinates")
        return [outlines.polygon(rings["outerBoundaryIs"] + rings["innerBoundaryIs"])]
    if kind in _OTHERS:
        raise outlines.refusal("geometry_type", type=kind)
    xy = _positions(element, outlines)
    if kind == "Point":
        return [outlines.point(xy[0])]
    return [outlines.line(xy)]


def _rings(polygon: Element, boundary: str, outlines: Outlines) -> list[np.ndarray]:
    return [_positions(ring, outlines) for held in polygon if local(held.tag) == boundary for ring in held]


def _positions(element: Element, outlines: Outlines) -> np.ndarray:
    """`lon,lat[,height] lon,lat[,height] …`. Heights of 0, which most programs write, are no loss."""
    text = next((child.text for child in element if local(child.tag) == "coordinates"), None)
    try:
        found = [markup.numbers(position, ",") for position in (text or "").split()]
        xy = np.array([position[:2] for position in found], dtype="<f8")
    except ValueError as error:
        raise outlines.refusal("kml_coordinates") from error
    if not found or any(len(position) not in (2, 3) for position in found):
        raise outlines.refusal("kml_coordinates")
    if any(position[2] for position in found if len(position) == 3):
        outlines.note("z_dropped")
    return xy
