"""Faults of single zones: geometry, codes, slivers, and areas that disagree with the file's own."""

import numpy as np
import pytest
import shapely

from portal.geo import crs, quality, reasons
from portal.geo.issues import Issue

GK = crs.gauss_kruger(117)


def placed(*geoms: shapely.Geometry | None) -> np.ndarray:
    """Squares drawn in metres, stored in degrees."""
    return crs.to_storage(np.array(geoms, dtype=object), GK)


def box(x: float, y: float, width: float, height: float) -> shapely.Polygon:
    return shapely.box(480_000 + x, 4_000_000 + y, 480_000 + x + width, 4_000_000 + y + height)


def check(*geoms: shapely.Geometry | None, codes=None, **options) -> list[Issue]:
    codes = codes if codes is not None else ["0703"] * len(geoms)
    return quality.check_zones("GHYDYH", codes, placed(*geoms), known_codes={"0703", "0101"}, outline=None, **options)


def found(issues: list[Issue], code: str) -> list[Issue]:
    return [issue for issue in issues if issue.code == code]


def test_good_zones_have_no_issue():
    assert check(box(0, 0, 100, 100), box(100, 0, 100, 100)) == []
    assert check() == []


def test_a_bow_tie_is_named_with_its_row_and_the_place_it_crosses_itself():
    bow = shapely.Polygon([(480_000, 4_000_000), (480_100, 4_000_100), (480_100, 4_000_000), (480_000, 4_000_100)])
    (issue,) = check(box(200, 0, 50, 50), bow)
    assert (issue.code, issue.level, issue.layer, issue.row) == ("G1", "error", "GHYDYH", 2)
    assert issue.params["reason"] == "self_intersection"
    middle = crs.transform([issue.geom], crs.storage_crs(), GK)[0]
    assert middle.distance(shapely.Point(480_050, 4_000_050)) < 0.01


@pytest.mark.parametrize(
    ("geometry", "reason"),
    [
        (None, "empty_geometry"),
        (shapely.Polygon(), "empty_geometry"),
        (shapely.Point(480_000, 4_000_000), "not_polygon"),
        (shapely.LineString([(480_000, 4_000_000), (480_100, 4_000_000)]), "not_polygon"),
        (box(0, 0, 9, 9).difference(box(1, 1, 3, 3)).union(box(0, 0, 0, 0)), None),
        (shapely.Polygon(box(0, 0, 9, 9).exterior, [box(20, 20, 3, 3).exterior]), "hole_outside"),
        (
            shapely.Polygon(box(0, 0, 90, 90).exterior, [box(9, 9, 60, 60).exterior, box(20, 20, 9, 9).exterior]),
            "nested_holes",
        ),
        (shapely.MultiPolygon([box(0, 0, 90, 90), box(9, 9, 9, 9)]), "nested_shells"),
    ],
)
def test_each_kind_of_broken_geometry_has_its_reason(geometry, reason):
    issues = found(check(geometry), "G1")
    assert [issue.params["reason"] for issue in issues] == ([reason] if reason else [])


def test_empty_and_unknown_codes_are_told_apart():
    squares = [box(100 * n, 0, 100, 100) for n in range(6)]
    issues = check(*squares, codes=["0703", "", None, "  ", "9999", float("nan")])
    assert [issue.row for issue in found(issues, "S3")] == [2, 3, 4, 6]
    (unknown,) = found(issues, "S4")
    assert (unknown.row, unknown.params["value"]) == (5, "9999")
    assert unknown.geom.equals(placed(squares[4])[0])


def test_slivers_are_warned_about_and_roads_are_not():
    strip, crumb, road = box(0, 0, 300, 0.5), box(0, 50, 5, 5), box(0, 100, 900, 5)
    issues = check(strip, crumb, road)
    assert [(issue.code, issue.level, issue.row) for issue in issues] == [("G8", "warning", 1), ("G8", "warning", 2)]
    assert issues[0].params["width_m"] == pytest.approx(0.5, abs=0.01)
    assert issues[0].params["thinness"] < 0.02
    assert issues[1].params["area_m2"] == pytest.approx(25, abs=0.01)


def area_issue(stated: object) -> list[tuple[str, str]]:
    return [(issue.code, issue.level) for issue in check(box(0, 0, 100, 100), file_area=[stated])]


def test_the_files_own_area_is_compared_with_the_ellipsoidal_one():
    area = float(
        crs.area_m2(placed(box(0, 0, 100, 100)))[0]
    )  # error beyond 10 m2 (0.1 %), warning beyond 1 m2 (0.01 %)
    assert area_issue(area) == area_issue(area + 0.9) == []
    assert area_issue(area + 1.1) == area_issue(area - 9.9) == [("A1", "warning")]
    assert area_issue(area + 10.1) == area_issue(area / 10_000) == [("A1", "error")]
    assert area_issue(None) == area_issue("") == area_issue("n/a") == area_issue(float("nan")) == []
    assert area_issue(str(area)) == []


def test_an_area_mismatch_says_both_figures():
    (issue,) = check(box(0, 0, 100, 100), file_area=[12_000])
    assert issue.params["file_area_m2"] == 12_000
    assert issue.params["difference_m2"] == pytest.approx(12_000 - issue.params["area_m2"], abs=0.01)


def test_small_areas_have_an_absolute_tolerance():
    area = float(crs.area_m2(placed(box(0, 0, 10, 10)))[0])
    levels = [
        issue.level
        for off in (0.4, 0.6, 1.1)
        for issue in found(check(box(0, 0, 10, 10), file_area=[area + off]), "A1")
    ]
    assert levels == ["warning", "error"]


def test_levels_and_tolerances_are_the_countys():
    squares = [box(0, 0, 5, 5), box(10, 0, 100, 100)]
    rules = {"levels": {"G8": "off", "S4": "warning", "A1": "warning"}, "tolerances": {"area_error_m2": 5.0}}
    issues = check(*squares, codes=["x", "0703"], file_area=[26, 99_999], rules=rules)
    assert [(issue.code, issue.level, issue.row) for issue in issues] == [
        ("S4", "warning", 1),
        ("A1", "warning", 2),
        ("A1", "warning", 1),
    ]


def test_a_list_of_faults_is_cut_and_says_how_many_are_missing():
    squares = [box(100 * n, 0, 100, 100) for n in range(30)]
    issues = check(*squares, codes=["x"] * 30, rules={"limits": {"issues_per_rule": 10}})
    assert len(issues) == 11
    assert issues[-1].row is None
    assert issues[-1].params == {"reason": "more", "count": 20}
    assert issues[-1].level == "error"


def test_a_feature_of_too_many_vertices_is_refused_before_it_is_tested():
    star = shapely.Point(480_000, 4_000_000).buffer(100, quad_segs=600)
    issues = check(star, box(500, 0, 100, 100), rules={"limits": {"vertices_of_one": 2000}})
    assert [(issue.code, issue.row, issue.params["reason"]) for issue in issues] == [("F3", 1, "too_many_vertices")]


def test_the_geometry_of_an_issue_is_kept_small():
    round_one = shapely.Point(480_000, 4_000_000).buffer(100, quad_segs=1000)
    (issue,) = check(round_one, codes=["x"])
    assert shapely.get_num_coordinates(issue.geom) == 5


def test_every_issue_has_a_sentence_that_its_params_fill():
    squares = [box(0, 0, 100, 100), box(50, 0, 100, 100), box(300, 0, 3, 3), None]
    issues = quality.check_zones(
        "GHYDYH", ["", "x", "0703", "0703"], placed(*squares), known_codes={"0703"},
        outline=placed(box(0, 0, 400, 90))[0], file_area=[1, 10_000, 9, None],
    )  # fmt: skip
    assert {issue.code for issue in issues} == {"G1", "S3", "S4", "G5", "G6", "G7", "G8", "A1"}
    for issue in issues:
        assert reasons.CODES[issue.params["reason"]] == issue.code
        assert "{" not in reasons.REASONS[issue.params["reason"]].format(**issue.params)
        assert set(issue.as_dict()) == {"code", "level", "layer", "row", "params", "geom"}
