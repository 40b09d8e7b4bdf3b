"""From the file's own coordinates to storage, in the reading child: a hostile CRS text meets PROJ here and not in the
web process, which is handed longitude and latitude only."""

import numpy as np
import shapely

from portal.geo import crs
from portal.geo.issues import Refused, refusal
from portal.geo.source import Limits, Options, SourceLayer

_ACCEPTED = {0, 1, 3, 4, 5, 6}
"""shapely type ids: points, lines, polygons and their multiples; no rings, no collections"""


def place(layers: list[SourceLayer], options: Options, limits: Limits) -> None:
    """Replace the WKB of each layer by 2D little-endian WKB in the storage CRS, and its CRS by a readable name.

    A layer without any geometry is a table and needs no place.
    """
    found = _all_geometries(layers, limits)
    _check_stated(layers, found, options)
    systems: dict[str, crs.CRS] = {}
    for layer, geometries in zip(layers, found, strict=True):
        if layer.raw_bounds is None:
            layer.wkb, layer.crs = [None] * len(geometries), ""
            continue
        try:
            source = _crs(layer, options)
            if systems.setdefault(layer.name.casefold(), source) != source:
                raise refusal("crs_mixed", layer=layer.name)
            if options.swap_axes:
                geometries = shapely.transform(geometries, lambda xy: xy[:, ::-1])
                layer.notes.append({"reason": "axes_swapped"})
            _check_position(geometries, source, layer)
            placed = crs.to_storage(geometries, source)
        except crs.UnknownCRS as unknown:
            raise _refused(unknown, layer) from unknown
        _check_placed(placed, layer)
        layer.wkb = shapely.to_wkb(placed, output_dimension=2, byte_order=1).tolist()
        layer.crs = crs.describe(source)[:200]


def _all_geometries(layers: list[SourceLayer], limits: Limits) -> list[np.ndarray]:
    vertices, found = 0, []
    for layer in layers:
        geometries = _geometries(layer)
        xy = shapely.get_coordinates(geometries)
        vertices += len(xy)
        if vertices > limits.vertices:
            raise refusal("too_many_vertices", layer=layer.name, limit=limits.vertices)
        layer.raw_bounds = tuple(np.r_[xy.min(axis=0), xy.max(axis=0)].tolist()) if len(xy) else None
        found.append(geometries)
    return found


def _check_stated(layers: list[SourceLayer], found: list[np.ndarray], options: Options) -> None:
    """Of several layers without a coordinate system the one with most vertices is asked about: drawings have strays."""
    missing = [
        (int(shapely.get_num_coordinates(geometries).sum()), -number)
        for number, (layer, geometries) in enumerate(zip(layers, found, strict=True))
        if layer.raw_bounds is not None and not layer.crs
    ]
    if missing and not options.crs:
        layer = layers[-max(missing)[1]]
        raise refusal("crs_missing", layer=layer.name, **_bounds(layer))


def _bounds(layer: SourceLayer) -> dict[str, float]:
    """What a proposal needs: where the file's own coordinates lie."""
    return dict(zip(("minx", "miny", "maxx", "maxy"), layer.raw_bounds or (), strict=False))


def _geometries(layer: SourceLayer) -> np.ndarray:
    wkb = np.array(layer.wkb, dtype=object)
    geometries = shapely.from_wkb(wkb, on_invalid="ignore")
    broken = np.flatnonzero(
        shapely.is_missing(geometries) & np.array([piece is not None for piece in layer.wkb], dtype=bool)
    )
    if len(broken):
        raise refusal("ring_not_closed", layer=layer.name, row=int(broken[0]) + 1)
    types = shapely.get_type_id(geometries)
    for position in np.flatnonzero(~np.isin(types, [*_ACCEPTED, -1]))[:1]:
        raise refusal("geometry_type", layer=layer.name, row=int(position) + 1, type=geometries[position].geom_type)
    geometries[shapely.is_empty(geometries)] = None
    xy, owner = shapely.get_coordinates(geometries, return_index=True)
    for position in owner[~np.isfinite(xy).all(axis=1)][:1]:
        raise refusal("coordinates_not_finite", layer=layer.name, row=int(position) + 1)
    return geometries


def _crs(layer: SourceLayer, options: Options) -> crs.CRS:
    """The CRS the uploader chose, else the one the file declares."""
    found = crs.resolve(options.crs or layer.crs)
    if options.crs:
        layer.notes.append({"reason": "crs_chosen", "crs": crs.describe(found)[:200]})
    return found


def _refused(unknown: crs.UnknownCRS, layer: SourceLayer) -> Refused:
    params = {key: str(value)[:200] for key, value in unknown.params.items()}
    return refusal(unknown.reason, layer=layer.name, **params, **_bounds(layer))


def _check_position(geometries: np.ndarray, source: crs.CRS, layer: SourceLayer) -> None:
    misplaced = crs.misplaced(geometries, source)
    if misplaced:
        reason, position = misplaced
        raise refusal(reason, layer=layer.name, row=position + 1, **_bounds(layer))


def _check_placed(placed: np.ndarray, layer: SourceLayer) -> None:
    xy, owner = shapely.get_coordinates(placed, return_index=True)
    inside = (np.abs(xy[:, 0]) <= 180) & (np.abs(xy[:, 1]) <= 90)  # false for infinities, too
    for position in owner[~inside][:1]:
        raise refusal("coordinates_outside", layer=layer.name, row=int(position) + 1, **_bounds(layer))
    parts, whose = shapely.get_parts(placed, return_index=True)
    xy, owner = shapely.get_coordinates(parts, return_index=True)
    step = np.abs(np.diff(xy[:, 0]))
    turned = (owner[1:] == owner[:-1]) & (step > 180) & (step < 360)  # 360: an outline of the whole world
    for part in owner[1:][turned][:1]:
        raise refusal("antimeridian", layer=layer.name, row=int(whose[part]) + 1)
