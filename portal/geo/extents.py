"""Do two layers cover the same ground? Sought where edges have no partner, as in coverage.py, and measured in metres."""

import numpy as np
import shapely

from portal.geo.coverage import Tiling, cut, substantial

Geometries = np.ndarray


def differences(one: Tiling, other: Tiling) -> tuple[list[shapely.Geometry], list[shapely.Geometry]]:
    """Pieces that only the first layer covers, and pieces that only the second does. Ask both for `overlaps` first."""
    if one.untidy or other.untidy:
        ground = [side.patience.during(lambda side=side: shapely.union_all(side.all_flat())) for side in (one, other)]
        return _pieces(one, shapely.difference(*ground)), _pieces(other, shapely.difference(*ground[::-1]))
    lines = np.concatenate([side.straight(side.loose.ends) for side in (one, other)])
    faces = one.patience.during(lambda: cut(lines))
    points = shapely.point_on_surface(faces)
    return _beyond(one, other, faces[~other.covered(points)]), _beyond(other, one, faces[~one.covered(points)])


def _beyond(one: Tiling, other: Tiling, faces: Geometries) -> list[shapely.Geometry]:
    """What `one` covers of faces, neighbouring faces taken together, less what `other` does: a point that lies in no
    polygon of the other may lie in a hair between two of them."""
    covered = shapely.union_all(list(one.overlaid(shapely.intersection, faces)))
    parts = shapely.get_parts(covered)
    parts = parts[shapely.get_dimensions(parts) == 2]
    return [piece for rest in other.overlaid(shapely.difference, parts) for piece in _pieces(one, rest)]


def _pieces(side: Tiling, shape: shapely.Geometry) -> list[shapely.Geometry]:
    parts = shapely.get_parts(shape)
    return [piece for part in parts if (piece := substantial(part, side.tolerance)) is not None]
