"""GML 2 to 3.2 and CityGML by our own parser: GDAL's would look for schemas and lists beside the file or on the network.

A feature is whatever a `featureMember`, `member` or `cityObjectMember` holds; its kind is its layer. All values stay
text: without the schema nothing says that a code is a number.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from xml.etree.ElementTree import Element

import numpy as np

from portal.geo import arcs, crs, markup
from portal.geo.issues import refusal
from portal.geo.markup import local
from portal.geo.outlines import Outlines
from portal.geo.source import Limits, Options, SourceLayer, Value
from portal.geo.sparse import SparseLayer, SparseLayers

_GML = "http://www.opengis.net/gml"
_MEMBERS = {"featureMember", "featureMembers", "member", "cityObjectMember"}
_HREF = "{http://www.w3.org/1999/xlink}href"
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_TELLING = ("codeSpace", "uom")
"""attributes of a value that say which list or unit it is of; they become fields of their own"""

_AUTHORITY = re.compile(
    r"^(?:urn:(?:x-)?ogc:def:crs:(?P<urn>\w+):[\w.]*:|https?://www\.opengis\.net/def/crs/(?P<url>\w+)/[\w.]+/)(?P<code>\w+)$"
)
_TRADITIONAL = re.compile(r"^(?:https?://www\.opengis\.net/gml/srs/epsg\.xml#|EPSG:)(?P<code>\d{4,6})$", re.IGNORECASE)

_SURFACES = {"Polygon", "PolygonPatch", "Rectangle", "Triangle"}
_CURVES = {"LineString", "LinearRing", "LineStringSegment", "Curve", "Ring", "CompositeCurve", "OrientableCurve"}
_ARCS = {"Arc", "ArcString", "Circle"}
_COLLECTIONS = {
    "MultiPoint", "MultiLineString", "MultiCurve", "MultiPolygon", "MultiSurface", "MultiGeometry", "Surface",
    "PolyhedralSurface", "CompositeSurface", "OrientableSurface",
}  # fmt: skip
_OTHERS = {
    "Solid", "MultiSolid", "CompositeSolid", "TriangulatedSurface", "Tin", "GeometricComplex", "Grid", "RectifiedGrid",
    "ArcByBulge", "ArcStringByBulge", "ArcByCenterPoint", "CircleByCenterPoint", "CubicSpline", "BSpline", "Bezier",
    "GeodesicString", "Geodesic", "OffsetCurve", "Clothoid",
}  # fmt: skip
_GEOMETRIES = {"Point"} | _SURFACES | _CURVES | _ARCS | _COLLECTIONS | _OTHERS
_NOT_ATTRIBUTES = {"boundedBy", "metaDataProperty"}


@dataclass(frozen=True)
class Context:
    """What an element passes on to those inside it."""

    srs: str = ""
    dimension: int | None = None

    def within(self, element: Element) -> "Context":
        srs, stated = element.get("srsName"), element.get("srsDimension")
        made = replace(self, srs=srs) if srs else self
        return replace(made, dimension=int(stated)) if stated in ("2", "3") else made


def read(path: Path, options: Options, limits: Limits) -> list[SourceLayer]:
    layers, outer, gml = SparseLayers(limits), Context(), False
    for element, ancestors in markup.subtrees(path, limits, _kept):
        if len(ancestors) == 1:  # boundedBy of the whole collection
            outer = _envelope(element, outer)
            continue
        kind = local(element.tag)
        layer = layers.layer(kind, kind)
        gml = True
        bounded = next((child for child in element if local(child.tag) == "boundedBy"), None)
        _add(layer, element, _envelope(bounded, outer))
    if not gml:
        raise refusal("gml_not")
    return layers.finish(options.layers)


def _kept(tag: str, ancestors: markup.Ancestors) -> bool:
    if not ancestors:
        return False
    if len(ancestors) == 1 and local(tag) == "boundedBy":
        return True
    return len(ancestors) > 1 and local(ancestors[-1].tag) in _MEMBERS and local(tag) != "FeatureCollection"


def _envelope(bounded: Element | None, outer: Context) -> Context:
    """The coordinate system an Envelope or Box states holds for geometries that name none."""
    for inner in bounded if bounded is not None else ():
        outer = outer.within(inner)
    return outer


def _add(layer: SparseLayer, feature: Element, context: Context) -> None:
    layer.next_row()
    geometries: list[Element] = []
    attributes = list(_attributes(feature, (), geometries))
    for name in (f"{{{_GML}}}id", f"{{{_GML}/3.2}}id", "fid"):
        if feature.get(name):
            attributes.insert(0, (("gml_id",), feature.get(name)))
    plane = [geometry for geometry in geometries if local(geometry.tag) not in _OTHERS]
    chosen = (plane or geometries)[:1]
    if len(geometries) > 1:
        layer.outlines.note("geometry_first")
    wkb = None
    if chosen:
        context = context.within(chosen[0])
        reader = _Reader(layer.outlines, axes(context.srs)[1])
        wkb = layer.outlines.multiple(list(reader.parts(chosen[0], context)))
        _agree(layer, context.srs)
    layer.add(attributes, wkb)


def _agree(layer: SparseLayer, srs: str) -> None:
    """A column of geometries has one coordinate system."""
    found = axes(srs)[0]
    if layer.crs and found != layer.crs:
        raise layer.outlines.refusal("crs_mixed")
    layer.crs = found


@lru_cache(maxsize=64)
def axes(srs: str) -> tuple[str, bool, int]:
    """Name for `crs.resolve`, whether north comes first, and the number of axes of an srsName.

    URN and /def/crs/ names mean the axis order of the registry; the older names mean longitude, easting first.
    """
    stated = _AUTHORITY.match(srs)
    if stated:
        authority = (stated["urn"] or stated["url"]).upper()
        if authority == "OGC":
            return f"OGC:{stated['code']}", False, 2
        name = f"{authority}:{stated['code']}"
        return (name, *crs.registry_axes(name))
    older = _TRADITIONAL.match(srs)
    if older:
        return f"EPSG:{older['code']}", False, 2
    if "/" in srs:
        raise refusal("crs_link")
    return srs, False, 2


def _attributes(
    element: Element, above: tuple[str, ...], geometries: list[Element]
) -> Iterator[tuple[tuple[str, ...], Value]]:
    """Values by the way to them; geometries met on it are put aside."""
    for child in element:
        kind = local(child.tag)
        if markup.namespace(child.tag).startswith(_GML):
            if kind in _GEOMETRIES:
                geometries.append(child)
                continue
            if kind in _NOT_ATTRIBUTES:
                continue
        name = (*above, kind)
        if len(child):
            yield from _attributes(child, name, geometries)
            continue
        text = (child.text or "").strip() or child.get(_HREF)
        if text and child.get(_NIL) not in ("true", "1"):
            yield name, text
            yield from (
                ((*above, f"{kind}_{telling}"), child.get(telling)) for telling in _TELLING if child.get(telling)
            )


class _Reader:
    """One geometry element to the WKB of its simple parts. A reference to a geometry elsewhere is refused, not followed."""

    def __init__(self, outlines: Outlines, north_first: bool) -> None:
        self.outlines, self.north_first = outlines, north_first

    def parts(self, element: Element, context: Context) -> Iterator[bytes]:
        kind = local(element.tag)
        if kind == "Point":
            yield self.outlines.point(self.positions(element, context)[0])
        elif kind in _SURFACES:
            yield self.outlines.polygon(self.rings(element, context))
        elif kind in _CURVES | _ARCS:
            yield self.outlines.line(self.curve(element, context))
        elif kind in _COLLECTIONS:
            for member in self.members(element):
                yield from self.parts(member, context.within(member))
        else:
            raise self.outlines.refusal("geometry_type", type=kind[:40])

    def members(self, element: Element) -> Iterator[Element]:
        """Geometries inside the properties (`surfaceMember`, `segments`, …) of a geometry."""
        for held in element:
            yield from (inner for inner in self.referred(held) if local(inner.tag) in _GEOMETRIES)

    def rings(self, polygon: Element, context: Context) -> list[np.ndarray]:
        """The outline first, whatever the order in the file."""
        found: dict[bool, list[np.ndarray]] = {True: [], False: []}
        for boundary in polygon:
            outer = local(boundary.tag) in ("exterior", "outerBoundaryIs")
            if outer or local(boundary.tag) in ("interior", "innerBoundaryIs"):
                found[outer] += [self.curve(ring, context.within(ring)) for ring in self.referred(boundary)]
        if len(found[True]) != 1:
            raise self.outlines.refusal("gml_coordinates")
        return found[True] + found[False]

    def curve(self, element: Element, context: Context) -> np.ndarray:
        """Positions of a line; the pieces of a composed one are joined where they meet."""
        kind = local(element.tag)
        if kind in _ARCS:
            return self.arc(kind, self.positions(element, context))
        if kind in ("LineString", "LinearRing", "LineStringSegment"):
            return self.positions(element, context)
        if kind not in _CURVES:
            raise self.outlines.refusal("geometry_type", type=kind[:40])
        pieces = [self.curve(member, context.within(member)) for member in self.members(element)]
        if kind == "OrientableCurve" and element.get("orientation") == "-":
            pieces = [piece[::-1] for piece in pieces]
        if not pieces:
            raise self.outlines.refusal("gml_coordinates")
        joined = [pieces[0]]
        for piece in pieces[1:]:
            meets = len(piece) and len(joined[-1]) and (piece[0] == joined[-1][-1]).all()
            joined.append(piece[1:] if meets else piece)
        return np.vstack(joined)

    def arc(self, kind: str, xy: np.ndarray) -> np.ndarray:
        self.outlines.note("curves_linearised")
        if len(xy) < 3 or len(xy) % 2 == 0:
            raise self.outlines.refusal("gml_coordinates")
        if kind == "Circle":
            made = arcs.whole(*xy[:3])
            if made is None:
                raise self.outlines.refusal("gml_coordinates")
            return made
        pieces = [arcs.through(*xy[at : at + 3]) for at in range(0, len(xy) - 2, 2)]
        return np.vstack([pieces[0], *(piece[1:] for piece in pieces[1:])])

    def positions(self, element: Element, context: Context) -> np.ndarray:
        """`posList`, `pos`, `coordinates` or `coord` as easting, northing."""
        found = [position for child in element for position in self._positions(child, context.within(child))]
        try:
            width = min(len(position) for position in found)
            xy = np.array([position[:2] for position in found], dtype="<f8")
        except ValueError as error:
            raise self.outlines.refusal("gml_coordinates") from error
        if width < 2 or max(len(position) for position in found) > 3:
            raise self.outlines.refusal("gml_coordinates")
        if any(len(position) > 2 for position in found):
            self.outlines.note("z_dropped")
        return xy[:, ::-1] if self.north_first else xy

    def _positions(self, child: Element, context: Context) -> list[list[float]]:
        kind = local(child.tag)
        try:
            if kind == "posList":
                numbers = markup.numbers(child.text)
                width = context.dimension or axes(context.srs)[2]
                if len(numbers) % width:
                    raise self.outlines.refusal("gml_coordinates")
                return [numbers[at : at + width] for at in range(0, len(numbers), width)]
            if kind == "pos":
                return [markup.numbers(child.text)]
            if kind == "coordinates":
                return _coordinates(child)
            if kind == "coord":
                return [[number for axis in child for number in markup.numbers(axis.text)]]
        except ValueError as error:
            raise self.outlines.refusal("gml_coordinates") from error
        if kind in ("pointProperty", "pointRep"):
            return [position for point in self.referred(child) for position in self._points(point, context)]
        return []

    def referred(self, held: Element) -> Iterator[Element]:
        if held.get(_HREF):
            raise self.outlines.refusal("gml_xlink")
        yield from held

    def _points(self, point: Element, context: Context) -> list[list[float]]:
        return [position for child in point for position in self._positions(child, context)]


def _coordinates(element: Element) -> list[list[float]]:
    """GML 2: tuples of numbers, the three separators as attributes."""
    decimal, comma, blank = element.get("decimal", "."), element.get("cs", ","), element.get("ts", " ")
    text = element.text or ""
    if blank != " ":
        text = text.replace(blank, " ")
    tuples = re.sub(rf"\s*{re.escape(comma)}\s*", comma, text).split()
    if decimal != ".":
        return [markup.numbers(each.replace(comma, " ").replace(decimal, ".")) for each in tuples]
    return [markup.numbers(each, comma) for each in tuples]
