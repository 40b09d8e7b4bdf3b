"""The plan as a small picture 缩略图: what a slow phone shows at once, until the map that can be moved is there.

Zones in their official colours over the extent of the village, in Web Mercator as the map has it. Made once per version.
"""

from pathlib import Path

import numpy as np
from django.conf import settings

from planning import tiles
from planning.maps import UNKNOWN_COLOUR
from planning.models import PlanVersion
from portal.geo.painting import painted
from portal.ids import new_id


def place_of(version: PlanVersion) -> Path:
    return Path(settings.MEDIA_ROOT) / "tiles" / "pictures" / f"{tiles.layer_name(version)}.png"


def kept(version: PlanVersion) -> bytes | None:
    try:
        return place_of(version).read_bytes()
    except FileNotFoundError:
        return None


def keep(version: PlanVersion, shapes: np.ndarray, colours: np.ndarray) -> bytes:
    """Paint zones (EPSG:3857) and keep the picture; a reader sees the whole file or none."""
    tints = [colour or UNKNOWN_COLOUR for colour in colours.tolist()]
    data = painted(shapes, tints, version.village.geom_web.extent)
    path = place_of(version)
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f"{path.name}.{new_id()}.part")
    half.write_bytes(data)
    half.replace(path)
    return data


def forget(version: PlanVersion) -> None:
    place_of(version).unlink(missing_ok=True)
