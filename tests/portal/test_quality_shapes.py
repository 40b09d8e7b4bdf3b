"""Rules of single shapes and of two layers, each asked for by itself, and the progress through which a job is cancelled."""

import time

import numpy as np
import pytest
import shapely

from portal.geo import crs, edges, patience, quality, reasons, shapes_check
from portal.geo.issues import Issue
from tests.portal.test_edges import grid

GK = crs.gauss_kruger(117)


def box(x: float, y: float, width: float, height: float) -> shapely.Polygon:
    return shapely.box(480_000 + x, 4_000_000 + y, 480_000 + x + width, 4_000_000 + y + height)


def polygon(*corners: tuple[float, float]) -> shapely.Polygon:
    return shapely.Polygon([(480_000 + x, 4_000_000 + y) for x, y in corners])


def stored(shapes) -> np.ndarray:
    made = np.empty(len(shapes), dtype=object)
    made[:] = shapes
    return crs.to_storage(made, GK)


def checks(*shapes, **options) -> quality.Checks:
    return quality.Checks("GHYDYH", stored(shapes), **options)


def told(issues: list[Issue]) -> list[tuple[str, str, int | None, str]]:
    """Code, level, row and reason; every issue has a sentence that its params fill."""
    for issue in issues:
        assert reasons.CODES[issue.params["reason"]] == issue.code
        assert "{" not in reasons.REASONS[issue.params["reason"]].format(**issue.params)
    return [(issue.code, issue.level, issue.row, issue.params["reason"]) for issue in issues]


# --- G3, G4, G9


def test_features_of_several_parts_are_counted():
    both = shapely.MultiPolygon([box(0, 0, 10, 10), box(20, 0, 10, 10)])
    issues = checks(box(0, 50, 10, 10), both, shapely.MultiPolygon([box(50, 0, 9, 9)]), None).parts()
    assert told(issues) == [("G3", "warning", 2, "several_parts")]
    assert issues[0].params["count"] == 2


def test_the_same_shape_twice_is_found_wherever_its_ring_begins_and_whichever_way_it_runs():
    square = box(0, 0, 10, 10)
    turned = shapely.Polygon(np.roll(np.array(square.exterior.coords)[:-1][::-1], 2, axis=0))
    pair = shapely.MultiPolygon([box(50, 0, 5, 5), box(60, 0, 5, 5)])
    riap = shapely.MultiPolygon([box(60, 0, 5, 5), box(50, 0, 5, 5)])
    other = polygon((0, 0), (10, 0), (10, 10), (5, 5), (0, 10))
    issues = checks(square, pair, None, turned, other, riap, square).duplicates()
    assert told(issues) == [("G4", "warning", row, "same_geometry") for row in (4, 6, 7)]
    assert [issue.params["other"] for issue in issues] == [1, 2, 1]


def test_repeated_vertices_are_counted_and_shown_and_the_closing_one_is_none():
    close = polygon((0, 0), (10, 0), (10, 0), (10, 10), (10.00005, 10), (0, 10))
    near = polygon((0, 50), (10, 50), (10.0002, 50.0), (10, 60))
    issues = checks(box(50, 0, 10, 10), close, near).duplicates()
    assert told(issues) == [("G4", "warning", 2, "repeated_vertices")]
    assert issues[0].params["count"] == 2
    assert crs.transform([issues[0].geom], crs.storage_crs(), GK)[0].distance(shapely.Point(480_010, 4_000_000)) < 0.001


def test_a_corner_sharper_than_a_degree_is_shown_where_it_is():
    spike = polygon((0, 0), (100, 0), (100, 50), (300, 51.5), (100, 53), (100, 100), (0, 100))  # 0.86 degrees
    blunt = polygon((0, 200), (100, 200), (100, 250), (300, 252), (100, 254), (100, 300))  # 1.15 degrees
    issues = checks(box(500, 0, 10, 10), spike, blunt).angles()
    assert told(issues) == [("G9", "warning", 2, "sharp_angle")]
    assert issues[0].params["degrees"] == pytest.approx(0.86, abs=0.005)
    assert (
        crs.transform([issues[0].geom], crs.storage_crs(), GK)[0].distance(shapely.Point(480_300, 4_000_051.5)) < 0.001
    )
    assert len(checks(spike, blunt, rules={"tolerances": {"sharp_angle_degrees": 1.2}}).angles()) == 2


def test_sharp_corners_are_found_in_holes_and_where_the_ring_begins_and_not_at_repeated_vertices():
    hole = [(20, 20), (80, 20.2), (20, 20.4)]
    begins = polygon((300, 1.5), (0, 3), (0, 0))
    holed = polygon((0, 100), (100, 100), (100, 200), (0, 200)).difference(polygon(*[(x, y + 100) for x, y in hole]))
    repeated = polygon((0, 300), (100, 300), (100, 300), (100.00001, 300.00001), (100, 400))
    assert [issue.row for issue in checks(begins, holed, repeated).angles()] == [1, 2]


# --- G10


def test_layers_that_cover_the_same_ground_may_be_cut_differently():
    base = [box(x, 0, 50, 100) for x in range(0, 200, 50)]
    target = [box(0, 0, 200, 30), box(0, 30, 120, 70), box(120, 30, 80, 70)]
    assert checks(*target).same_extent(stored(base), "JQYDYH") == []


def test_what_only_one_of_two_layers_covers_is_shown_with_its_area():
    base = [box(0, 0, 100, 100), box(100, 0, 100, 100)]
    target = [box(0, 0, 100, 100), box(100, 0, 90, 100), box(50, 100, 20, 5)]
    issues = checks(*target).same_extent(stored(base), "JQYDYH")
    assert told(issues) == [("G10", "error", None, "extent_short"), ("G10", "error", None, "extent_beyond")]
    assert [issue.params["area_m2"] for issue in issues] == pytest.approx([1000, 100], rel=1e-3)
    place = crs.transform([issues[0].geom], crs.storage_crs(), GK)[0]
    assert place.symmetric_difference(box(190, 0, 10, 100)).area < 0.01


def test_a_layer_without_any_ground_lacks_all_of_the_other():
    lacking = checks(None).same_extent(stored([box(0, 0, 100, 100)]), "JQYDYH")
    beyond = checks(box(0, 0, 100, 100)).same_extent(stored([]), "JQYDYH")
    assert [issue.params["reason"] for issue in lacking + beyond] == ["extent_short", "extent_beyond"]


# --- one rule at a time


def test_rules_asked_for_by_themselves_answer_what_they_answer_together():
    cells = grid(5, 5)
    shapes = [*cells[:7], *cells[8:], cells[3], shapely.box(116.79, 36.0, 116.791, 36.001)]
    outline = shapely.union_all(cells)
    options = {"known_codes": {"01"}, "outline": outline}
    together = quality.check_zones("Z", ["01"] * len(shapes), shapes, **options)
    apart = [getattr(quality.Checks("Z", shapes, outline=outline), rule)() for rule in ("overlaps", "gaps", "outside")]
    assert [issue.as_dict() for issues in apart for issue in issues] == [
        issue.as_dict() for issue in together if issue.code in ("G5", "G6", "G7")
    ]
    assert [len(issues) for issues in apart] == [1, 1, 1]


@pytest.mark.parametrize(
    ("code", "rule"), [("G3", "parts"), ("G4", "duplicates"), ("G5", "overlaps"), ("G6", "gaps"), ("G7", "outside"), ("G9", "angles")]
)  # fmt: skip
def test_a_rule_that_is_off_is_silent(code, rule):
    spike = polygon((0, 0), (300, 1), (0, 2))
    shapes = [spike, spike, shapely.MultiPolygon([box(0, 50, 5, 5), box(20, 50, 5, 5)])]
    outline = stored([box(0, 0, 100, 100)])[0]
    on, off = (checks(*shapes, outline=outline, rules={"levels": {code: level}}) for level in ("error", "off"))
    assert {issue.level for issue in getattr(on, rule)()} == {"error"}
    assert getattr(off, rule)() == []


class Cancelled(Exception):
    pass


def test_progress_is_told_often_and_never_backwards(monkeypatch):
    monkeypatch.setattr(patience, "EVERY_SECONDS", 0.001)
    shares: list[float] = []
    cells = grid(40, 40, np.random.default_rng(1), vertices=3)
    check = quality.Checks("Z", [*cells, *cells], outline=shapely.union_all(cells), progress=shares.append)
    assert len(check.overlaps()) == 501
    check.same_extent(cells, "other")
    assert len(shares) > 5
    assert shares == sorted(shares)
    assert 0 <= shares[0] <= shares[-1] <= 1


def test_what_progress_raises_ends_a_rule_in_the_middle_of_one_long_call(monkeypatch):
    monkeypatch.setattr(patience, "EVERY_SECONDS", 0.02)

    def cancel(share: float) -> None:
        raise Cancelled

    started = time.monotonic()
    with pytest.raises(Cancelled):
        patience.Patience(cancel).during(lambda: time.sleep(5))
    assert time.monotonic() - started < 1
    assert patience.Patience(lambda share: None).during(lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        patience.Patience(lambda share: None).during(lambda: 1 // 0)


def test_sharp_corners_are_the_same_however_the_rings_are_cut_up(monkeypatch):
    """A county's ten million vertices are looked at a million at a time."""
    needle = shapely.Polygon([(116.8, 36.1), (116.81, 36.1), (116.8, 36.10001), (116.8, 36.1)])
    inside = shapely.Polygon(needle.buffer(0.001).exterior, [needle.exterior.coords])
    geoms = np.array([needle, shapely.box(116.82, 36.1, 116.83, 36.11), inside, needle.buffer(0.001)], object)
    found = edges.rings(geoms)
    whole = [(c.row, tuple(c.lonlat), c.degrees) for c in shapes_check.sharp_corners(found, 5.0, 0.0001)]
    assert {row for row, *_ in whole} == {0, 2}
    for size in (1, 4, 7, 50):
        monkeypatch.setattr(shapes_check, "_PIECE_VERTICES", size)
        cut = shapes_check.sharp_corners(found, 5.0, 0.0001)
        assert [(c.row, tuple(c.lonlat), c.degrees) for c in cut] == whole
    assert shapes_check.sharp_corners(edges.rings(geoms[:0]), 5.0, 0.0001) == []
