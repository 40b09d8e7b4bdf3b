"""Hamlets of every demo village: plausible names by the side they lie on, drawn for the demo like everything else."""

from __future__ import annotations

import numpy as np
import shapely
from shapely import Point, Polygon

from villages.demo.geodesy import project, to_stored
from villages.demo.records import HamletRecord, ParcelRecord

SIDES = {"前": (0.0, -1.0), "后": (0.0, 1.0), "东": (1.0, 0.0), "西": (-1.0, 0.0)}  # 前 is the sunny south side
NUMBERS = "一二三四"
PLANE = 4548
REACH = 0.45  # of the way from the middle to the border
HOMESTEAD = "070301"


def hamlets(code: str, name: str, outline: Polygon, homes: list[Polygon] | None = None) -> tuple[HamletRecord, ...]:
    """Up to four hamlets of a village; of a complete one on its homesteads, of the others inside the outline."""
    flat = project(np.array([outline], object), 4490, PLANE)[0]
    yards = shapely.point_on_surface(project(np.array(homes, object), 4490, PLANE)) if homes else None
    middle = np.array(shapely.get_coordinates(shapely.MultiPoint(list(yards)) if homes else flat.centroid)).mean(axis=0)
    west, south, east, north = (shapely.MultiPoint(list(yards)) if homes else flat).bounds
    half = np.array([(east - west) / 2, (north - south) / 2])
    wanted = 2 + int(code[-3:]) % 3
    found: list[tuple[str, Point]] = []
    for side, way in list(SIDES.items())[:wanted]:
        place = Point(middle + np.array(way) * half * REACH)
        if yards is not None:
            place = yards[int(np.argmin(shapely.distance(yards, place)))]
        if flat.contains(place) and all(place.distance(other) > 1 for _side, other in found):
            found.append((side, place))
    if not found:
        found = [("前", flat.representative_point())]
    stored = to_stored(np.array([place for _side, place in found], object))
    stem = name.removesuffix("村").removesuffix("社区")
    told = stem[0] in "前后东西南北"  # 前前柳沟 is no name: such villages count their groups
    return tuple(
        HamletRecord("group", f"第{NUMBERS[n]}村民小组", place)
        if told or name.endswith("社区")
        else HamletRecord("hamlet", f"{side}{stem}", place)
        for n, ((side, _flat), place) in enumerate(zip(found, stored, strict=True))
    )


def homesteads(parcels: tuple[ParcelRecord, ...]) -> list[Polygon]:
    return [parcel.geom for parcel in parcels if parcel.code == HOMESTEAD]
