"""Indicators 2 and 3: protected ground inside the village, counted once."""

import pytest
import shapely

from indicators.catalogue import INDICATORS
from indicators.compute.standard import load_standard
from tests.indicators.frames_for_tests import frames, in_lonlat, rect

KINDS = [("2", "YJJBNT"), ("3", "STBHHX")]


def value_of(code, *lines, **village):
    return INDICATORS[code].function(frames(lines=list(lines), **village), load_standard())


@pytest.mark.parametrize(("code", "kind"), KINDS)
def test_overlapping_lines_count_once_and_only_inside_the_village(code, kind):
    measure = value_of(
        code,
        (kind, rect(-500, 0, 1000, 200)),  # 10 ha of it inside
        (kind, rect(300, 100, 400, 200)),  # 8 ha, 2 ha of them counted already
        ("ZHFXQ", rect(0, 500, 500, 500)),
    )
    assert measure.value == pytest.approx(16, abs=1e-6)
    assert measure.numerator == pytest.approx(160_000, abs=0.01)
    assert (measure.unit, measure.base_value, measure.note) == ("ha", None, "")


@pytest.mark.parametrize(("code", "kind"), KINDS)
def test_holes_and_several_parts_are_measured_as_drawn(code, kind):
    line = shapely.MultiPolygon(
        [shapely.box(0, 0, 200, 200).difference(shapely.box(50, 50, 150, 150)), shapely.box(800, 800, 900, 900)]
    )
    assert value_of(code, (kind, in_lonlat(line)[0])).value == pytest.approx(4, abs=1e-6)


def test_a_village_with_other_lines_only_has_zero_and_says_so():
    measure = value_of("3", ("YJJBNT", rect(0, 0, 10, 10)))
    assert (measure.value, measure.note) == (0, "no_lines_of_kind")


def test_without_any_line_or_outline_there_is_no_value():
    assert (value_of("2").value, value_of("2").note) == (None, "no_lines")
    bare = value_of("2", ("YJJBNT", rect(0, 0, 10, 10)), geom=None)
    assert (bare.value, bare.note) == (None, "no_outline")
