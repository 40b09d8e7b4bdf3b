"""Two crossing combs must be refused before they are computed, quickly and in little memory; what is land is not."""

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import shapely

from indicators.compute import bounds
from indicators.compute.bounds import TooComplex, all_pairs, check_crossings, check_frames
from indicators.compute.edges import EdgeSet
from indicators.compute.overlay import cut, pair_areas, pair_pieces, planar_pieces, united
from indicators.compute.plane import Plane
from indicators.compute.standard import load_standard
from tests.indicators.frames_for_tests import cells, frames, in_lonlat, rect, stars
from tests.nasty.combs import crossing_combs

ROOT = Path(__file__).resolve().parent.parent.parent
SLOW = 2.0
"""seconds of processor time; a refusal takes 0.02 to 0.5, and more on a busy machine"""


def combs(teeth: int) -> tuple[np.ndarray, np.ndarray]:
    return tuple(np.array([shapely.Polygon(ring)], object) for ring in crossing_combs(teeth))


def flat_combs(teeth: int) -> tuple[np.ndarray, np.ndarray]:
    one, other = combs(teeth)
    plane = Plane.around(one, other)
    return plane.flatten(one), plane.flatten(other)


OVERLAYS = {
    "areas": lambda one, other: pair_areas(one, other),
    "pieces": lambda one, other: pair_pieces(one, other),
    "planar pieces": lambda one, other: planar_pieces(one, other),
    "cut": lambda one, other: cut(one, other),
    "cutters": lambda one, other: cut(
        np.array([shapely.box(*shapely.total_bounds(one))], object), np.concatenate([one, other])
    ),
    "union": lambda one, other: united(np.concatenate([one, other])),
}


@pytest.mark.parametrize("teeth", [600, 1200, 10_000])
@pytest.mark.parametrize("name", OVERLAYS)
def test_combs_are_refused_before_they_are_computed(name, teeth):
    polygons = combs(teeth) if name in ("areas", "pieces") else flat_combs(teeth)
    began = time.process_time()
    with pytest.raises(TooComplex) as refused:
        OVERLAYS[name](*polygons)
    assert time.process_time() - began < SLOW
    assert refused.value.counted > refused.value.limit
    assert refused.value.places[0].count > 100_000


def test_a_refusal_takes_little_memory():
    """In a process of its own that may take 300 MB more than it has; the overlay itself would take 2 GB."""
    program = """
import resource, sys
sys.path.insert(0, sys.argv[1])
from tests.indicators.test_bounds import OVERLAYS, combs, TooComplex
small = OVERLAYS["areas"](*combs(5))
held = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (held + 300 * 2**20,) * 2)
for teeth in (1200, 20_000):
    try:
        OVERLAYS["areas"](*combs(teeth))
    except TooComplex:
        print("refused")
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(ROOT)], check=True, capture_output=True, text=True, cwd=ROOT
    )
    assert done.stdout.split() == ["refused", "refused"]


@pytest.mark.parametrize("teeth", [20, 60])
def test_combs_within_the_limit_are_measured_exactly(teeth):
    one, other = combs(teeth)
    _, _, area = pair_areas(one, other)
    flat = flat_combs(teeth)
    assert area == pytest.approx(shapely.area(shapely.intersection(*flat)), rel=1e-9)
    assert planar_pieces(*flat).area_m2 == pytest.approx(area, rel=1e-9)


def test_many_combs_are_refused_together_though_each_pair_would_pass():
    """The limits are of a whole call: a thousand small evils are a large one."""
    one, other = flat_combs(150)
    assert len(planar_pieces(one, other).ia) == 1
    with pytest.raises(TooComplex):
        planar_pieces(np.repeat(one, 20), np.repeat(other, 20))


@pytest.mark.parametrize("name", ["areas", "planar pieces", "cut", "union"])
def test_stacked_polygons_are_refused_before_their_pairs_are_listed(name):
    """Twenty thousand on top of each other are 400 million pairs."""
    stack = np.array([shapely.box(100, 30, 100.001 + n * 1e-9, 30.001) for n in range(20_000)], object)
    began = time.process_time()
    with pytest.raises(TooComplex):
        OVERLAYS[name](stack, stack.copy())
    assert time.process_time() - began < SLOW


@pytest.mark.parametrize("seed", range(3))
def test_parcels_and_lines_are_far_from_any_limit(seed):
    """With a hundredth of what is allowed, land is still measured."""
    limits = {name: value / 100 for name, value in load_standard().limits.items() if name.startswith("overlay")}
    limits |= {name: load_standard().limits[name] for name in limits if name.endswith("_each")}
    parcels, lines = EdgeSet.of(cells(2000, seed), None), EdgeSet.of(stars(60, seed), None)
    bounds.checked_blocks(parcels, lines, all_pairs(parcels, lines), limits)
    check_crossings(parcels, lines, all_pairs(parcels, lines), limits)


def test_a_huge_shared_boundary_is_not_hostile():
    """Two outlines of 200,000 vertices that share every edge: the product of their vertices is 4e10, the work is not."""
    angle = np.linspace(0, 2 * np.pi, 200_000, endpoint=False)
    ring = np.column_stack([np.cos(angle), np.sin(angle)]) * (5_000 + 5 * np.sin(40 * angle)[:, None])
    outline = np.array([shapely.Polygon(ring)], object)
    assert planar_pieces(outline, outline.copy()).area_m2 == pytest.approx(shapely.area(outline))


def test_counts_are_lower_bounds_of_what_crosses():
    one, other = (EdgeSet.of(shapes, None) for shapes in flat_combs(100))
    limits = {**load_standard().limits, "overlay_crossings": 1000, "overlay_crossings_each": 0}
    with pytest.raises(TooComplex) as refused:
        check_crossings(one, other, all_pairs(one, other), limits)
    assert 1000 < refused.value.counted <= 4 * 402 * 402


def test_the_verdict_on_a_village_names_layers_and_numbers():
    one, other = combs(600)
    plan, lines = [("0703", rect(0, 0, 10, 10)), ("0703", one[0])], [("YJJBNT", other[0])]
    with pytest.raises(TooComplex) as refused:
        check_frames(frames(plan=plan, lines=lines))
    place = refused.value.places[0]
    assert (place.layer_a, place.a, place.layer_b, place.b) == ("plan", 2, "lines", 1)
    with pytest.raises(TooComplex) as refused:
        check_frames(frames(lines=[("YJJBNT", one[0]), ("STBHHX", other[0])]))
    place = refused.value.places[0]
    assert (place.layer_a, place.a, place.layer_b, place.b) == ("lines", 1, "lines", 2)


def test_a_village_as_it_should_be_passes():
    parcels, lines = in_lonlat(*cells(300, seed=1)), in_lonlat(*stars(20, seed=1))
    rows = [("0101", parcel) for parcel in parcels]
    check_frames(frames(base=rows, plan=rows, lines=[("YJJBNT", line) for line in lines]))
    check_frames(frames())
