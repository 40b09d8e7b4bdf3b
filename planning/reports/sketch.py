"""A small drawing of a zone and of the outline suggested for it, as paths of an SVG."""

import json
import math
from typing import Any

import shapely

from planning.models import ReturnItem

WIDTH = 240.0


def sketch(item: ReturnItem) -> dict[str, Any] | None:
    """Size and paths of the zone as it is and as it is suggested; None without a suggestion."""
    if not item.suggestion:
        return None
    suggested = shapely.from_geojson(json.dumps(item.suggestion))
    zone = shapely.from_wkb(bytes(item.zone.geom.wkb)) if item.zone_id else shapely.Polygon()
    west, south, east, north = shapely.union_all([suggested, zone]).bounds
    shrink = math.cos(math.radians((south + north) / 2))  # a degree of longitude is shorter than one of latitude
    wide = (east - west) * shrink
    scale = WIDTH / max(wide, north - south, 1e-9)
    # two units of margin on each side
    size = {"box_width": round(wide * scale + 4, 1), "box_height": round((north - south) * scale + 4, 1)}

    def path(shape: shapely.Geometry) -> str:
        rings = [
            ring for part in shapely.get_parts(shape) for ring in (part.exterior, *part.interiors) if not part.is_empty
        ]
        return " ".join(
            "M"
            + " L".join(f"{(x - west) * shrink * scale:.1f},{(north - y) * scale:.1f}" for x, y, *_z in ring.coords)
            + "Z"
            for ring in rings
        )

    return {**size, "zone": path(zone), "suggested": path(suggested)}
