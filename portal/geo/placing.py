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
    """Replace the WKB of each layer by 2D little-endian WKB in the storage CRS, and its CRS by a readable name."""
    vertices = 0
    for layer in layers:
        geometries = _geometries(layer)
        vertices += int(shapely.get_num_coordinates(geometries).sum())
        if vertices > limits.vertices:
            raise refusal("too_many_vertices", layer=layer.name, limit=limits.vertices)
        try:
            source = _crs(layer, options)
            _check_position(geometries, source, layer)
            placed = crs.to_storage(geometries, source)
        except crs.UnknownCRS as unknown:
            raise _refused(unknown, layer) from unknown
        _check_placed(placed, layer)
        layer.wkb = shapely.to_wkb(placed, output_dimension=2, byte_order=1).tolist()
        layer.crs = crs.describe(source)[:200]


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
    text = options.crs or layer.crs
    if not text:
        raise refusal("crs_missing", layer=layer.name)
    found = crs.resolve(text)
    if options.crs:
        layer.notes.append({"reason": "crs_chosen", "crs": crs.describe(found)[:200]})
    return found


def _refused(unknown: crs.UnknownCRS, layer: SourceLayer) -> Refused:
    return refusal(unknown.reason, layer=layer.name, **{key: str(value)[:200] for key, value in unknown.params.items()})


def _check_position(geometries: np.ndarray, source: crs.CRS, layer: SourceLayer) -> None:
    misplaced = crs.misplaced(geometries, source)
    if misplaced:
        reason, position = misplaced
        raise refusal(reason, layer=layer.name, row=position + 1)


def _check_placed(placed: np.ndarray, layer: SourceLayer) -> None:
    xy, owner = shapely.get_coordinates(placed, return_index=True)
    inside = (np.abs(xy[:, 0]) <= 180) & (np.abs(xy[:, 1]) <= 90)  # false for infinities, too
    for position in owner[~inside][:1]:
        raise refusal("coordinates_outside", layer=layer.name, row=int(position) + 1)
