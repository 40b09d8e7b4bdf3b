"""Polygons painted as a small picture, in the plane they are given in."""

import io

import numpy as np
import shapely
from PIL import Image, ImageDraw

SIDE = 720
"""pixels of the longer side: a phone of 360 points with two pixels to a point"""
EDGE = "#5b665f"
SPECKLED = 360
"""pixels of the picture of very many polygons: each speck costs bytes, and a slow line has few"""
OUTLINED = 2000
"""polygons up to which each has a line around; of more the lines would be all one sees"""


def painted(shapes: np.ndarray, colours: list[str], extent: tuple[float, float, float, float]) -> bytes:
    """PNG of polygons in their colours over an extent (west, south, east, north), clear where there are none.

    Larger ones first, so that what lies in a hole is painted into it; twice as fine as it is handed out, for smooth edges.
    """
    west, south, east, north = extent
    side = SIDE if len(shapes) <= OUTLINED else SPECKLED
    scale = 2 * side / max(east - west, north - south)
    size = max(round((east - west) * scale), 2), max(round((north - south) * scale), 2)
    image = Image.new("RGBA", size, (255, 255, 255, 0))
    draw = ImageDraw.Draw(image)
    edge = EDGE if len(shapes) <= OUTLINED else None
    order = np.argsort(-shapely.area(shapes), kind="stable")
    for at in order.tolist():
        for part in shapely.get_parts(shapes[at]):
            ring = (shapely.get_coordinates(part.exterior) - (west, north)) * (scale, -scale)
            draw.polygon(ring.ravel().tolist(), fill=colours[at], outline=edge)
    small = image.resize((max(size[0] // 2, 1), max(size[1] // 2, 1)), Image.Resampling.BOX)
    out = io.BytesIO()
    small.quantize(64, method=Image.Quantize.FASTOCTREE).save(out, "PNG", optimize=True)
    return out.getvalue()
