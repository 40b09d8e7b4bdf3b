"""Topology of a county's parcels measured against shapely's coverage check; `manage.py bench topology` prints the row.

The parcels are damaged at known places first: a check that misses one of them fails, however fast it was.
"""

from typing import NamedTuple

import geopandas as gpd
import numpy as np
import shapely

from indicators.bench import Row, medians
from indicators.bench_county import County
from portal.geo import quality
from portal.geo.coverage import Tolerance
from portal.geo.ground import Ground

PARCELS = 300_000
DEFECTS = 200
GOAL = 0.3
SEED = 42
_METRE = 1e-5
"""degrees, about"""


class Defect(NamedTuple):
    """A fault planted at a place (lon/lat) of the polygon at position `row`; `rule` must find it there."""

    kind: str
    rule: str
    row: int
    place: shapely.Point


def topology(county: County) -> list[Row]:
    """G5, G6 and G7 over all valid parcels, from lon/lat; the coverage check gets the same polygons."""
    parcels = shapes(county, "parcels")
    outline = shapely.coverage_union_all(shapes(county, "villages"))
    parcels, defects = damaged(parcels, DEFECTS, np.random.default_rng(SEED))
    valid = np.flatnonzero(shapely.is_valid(parcels))
    check(parcels, outline, defects)
    place = np.array(outline.bounds)

    def ours() -> None:
        ground = Ground(parcels, valid, place, Tolerance(), outline=outline)
        assert ground.shared
        assert len(ground.gaps())
        ground.outside()

    mine, peer = medians(ours, lambda: shapely.coverage_invalid_edges(parcels[valid]))
    name = f"topology, {len(parcels)} parcels, {len(defects)} defects"
    return [Row(name, mine, "shapely.coverage_invalid_edges", peer, mine / peer, GOAL)]


def shapes(county: County, layer: str) -> np.ndarray:
    return np.asarray(gpd.read_file(county.county, layer=layer, columns=[]).geometry.values, dtype=object)


def damaged(parcels: np.ndarray, count: int, rng: np.random.Generator) -> tuple[np.ndarray, list[Defect]]:
    """A copy with that many faults of all kinds in turn, none beside another."""
    parcels = parcels.copy()
    added: list[shapely.Geometry] = []
    defects: list[Defect] = []
    for number, row in enumerate(apart(parcels, count, rng)):
        kind, rule, plant = KINDS[number % len(KINDS)]
        shape, place = plant(parcels[row])
        if kind == "duplicate":
            added.append(shape)
        else:
            parcels[row] = shape
        defects.append(Defect(kind, rule, int(row), place))
    return np.concatenate([parcels, np.array(added, dtype=object)]), defects


def apart(parcels: np.ndarray, count: int, rng: np.random.Generator) -> list[int]:
    """Rows of parcels of more than 100 m2 of which no two are neighbours."""
    tree, taken, rows = shapely.STRtree(parcels), np.zeros(len(parcels), bool), []
    roomy = np.flatnonzero(shapely.area(parcels) > 100 * _METRE**2)
    for row in rng.permutation(roomy):
        near = tree.query(parcels[row].buffer(2 * _METRE))
        if not taken[near].any():
            taken[near] = True
            rows.append(int(row))
        if len(rows) == count:
            break
    return rows


def grown(parcel: shapely.Polygon) -> tuple[shapely.Geometry, shapely.Point]:
    """Half a metre larger all round: it overlaps its neighbours."""
    return parcel.buffer(0.5 * _METRE, join_style="mitre"), _rim(parcel)


def bitten(parcel: shapely.Polygon) -> tuple[shapely.Geometry, shapely.Point]:
    """A hole of one metre that nobody fills."""
    place = parcel.representative_point()
    return parcel.difference(place.buffer(0.5 * _METRE)), place


def dented(parcel: shapely.Polygon) -> tuple[shapely.Geometry, shapely.Point]:
    """A sliver of a gap: a border that runs 10 cm within the parcel, away from its neighbours."""
    return parcel.buffer(-0.1 * _METRE, join_style="mitre"), _rim(parcel)


def doubled(parcel: shapely.Polygon) -> tuple[shapely.Geometry, shapely.Point]:
    return parcel, parcel.representative_point()


def twisted(parcel: shapely.Polygon) -> tuple[shapely.Geometry, shapely.Point]:
    """A bow-tie: two vertices far from each other change places."""
    ring = np.array(parcel.exterior.coords)
    half = len(ring) // 2
    ring[[1, half]] = ring[[half, 1]]
    return shapely.Polygon(ring), _rim(parcel)


def _rim(parcel: shapely.Polygon) -> shapely.Point:
    return shapely.Point(parcel.exterior.coords[0])


KINDS = [
    ("overlap", "G5", grown),
    ("gap", "G6", bitten),
    ("sliver", "G6", dented),
    ("duplicate", "G5", doubled),
    ("bow-tie", "G1", twisted),
]


def check(parcels: np.ndarray, outline: shapely.Geometry, defects: list[Defect]) -> None:
    """Refuse to time a check that misses a planted defect."""
    limits = {"issues_per_rule": len(parcels), "vertices": 10**9, "vertices_of_issue": 10**9}
    checks = quality.Checks("parcels", parcels, outline=outline, rules={"limits": limits})
    found = {"G1": checks.geometry(), "G5": checks.overlaps(), "G6": checks.gaps()}
    missed = [defect for defect in defects if not any(_meets(defect, issue) for issue in found[defect.rule])]
    if missed:
        raise AssertionError(f"{len(missed)} of {len(defects)} planted defects were missed, first {missed[0]}")


def _meets(defect: Defect, issue: quality.Issue) -> bool:
    if defect.rule == "G6":
        return issue.geom.distance(defect.place) < _METRE
    return defect.row + 1 in (issue.row, issue.params.get("other"))
