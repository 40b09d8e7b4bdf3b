"""The demo county measured: outlines, planes, hectares."""

from pathlib import Path

import numpy as np

from villages.demo.geodesy import area_m2, project

REPO = Path(__file__).parents[2]
DATA = REPO / "tests" / "data"
PLANE = 4548  # metres; areas below are compared within a fraction of a percent
CONSTRUCTION = tuple(f"{n:02d}" for n in range(7, 17))


def outline_of(county, code):
    return next(v.outline for v in county.villages if v.code == code)


def plane(geoms):
    return project(np.array(list(geoms), dtype=object), 4490, PLANE)


def ha(geoms):
    return sum(map(area_m2, geoms)) / 10_000


def is_construction(code):
    return code.startswith(CONSTRUCTION) or code == "2301"
