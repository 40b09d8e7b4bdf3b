"""Zones together: they neither overlap, nor leave gaps, nor leave the village; and what is hostile stays cheap."""

import time

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.geo import coverage, crs, quality
from tests import nasty

GK = crs.gauss_kruger(117)


def box(x: float, y: float, width: float, height: float) -> shapely.Polygon:
    return shapely.box(480_000 + x, 4_000_000 + y, 480_000 + x + width, 4_000_000 + y + height)


def check(zones, outline=None, **rules) -> list[quality.Issue]:
    """Issues of the tiling rules for zones and outline drawn in metres."""
    zones = crs.to_storage(np.array(zones, dtype=object), GK)
    outline = None if outline is None else crs.to_storage([outline], GK)[0]
    issues = quality.check_zones("Z", ["01"] * len(zones), zones, known_codes={"01"}, outline=outline, rules=rules)
    return [issue for issue in issues if issue.code not in ("G8", "A1")]


def measured(issue: quality.Issue) -> shapely.Geometry:
    return crs.transform([issue.geom], crs.storage_crs(), GK)[0]


def grid(columns: int, rows: int, side: float = 40) -> list[shapely.Polygon]:
    return [box(x * side, y * side, side, side) for y in range(rows) for x in range(columns)]


def test_zones_that_tile_the_village_have_no_issue():
    assert check(grid(5, 4), box(0, 0, 200, 160)) == []


def test_an_overlap_names_both_zones_its_area_and_its_place():
    (issue,) = check([box(0, 0, 100, 100), box(90, 0, 100, 100)])
    assert (issue.code, issue.level, issue.row, issue.params["other"]) == ("G5", "error", 1, 2)
    assert issue.params["area_m2"] == pytest.approx(1000, rel=1e-3)
    assert measured(issue).symmetric_difference(box(90, 0, 10, 100)).area < 0.01


def test_a_zone_inside_another_and_a_zone_drawn_twice_are_overlaps():
    outer, inner = box(0, 0, 100, 100), box(20, 20, 10, 10)
    issues = check([outer, inner, inner])
    assert [(issue.row, issue.params["other"]) for issue in issues] == [(1, 2), (1, 3), (2, 3)]


def test_a_gap_is_shown_where_it_is():
    (issue,) = check([box(0, 0, 100, 100), box(101, 0, 99, 100)], box(0, 0, 200, 100))
    assert (issue.code, issue.level, issue.row) == ("G6", "error", None)
    assert issue.params["area_m2"] == pytest.approx(100, rel=1e-3)
    assert measured(issue).symmetric_difference(box(100, 0, 1, 100)).area < 0.01


def test_a_zone_that_leaves_the_village_is_named_with_the_part_that_does():
    issues = check([box(0, 0, 100, 100), box(100, 0, 110, 100)], box(0, 0, 200, 100))
    (issue,) = issues
    assert (issue.code, issue.level, issue.row) == ("G7", "error", 2)
    assert measured(issue).symmetric_difference(box(200, 0, 10, 100)).area < 0.01


def test_a_zone_in_another_county_and_one_round_the_world_are_outside_as_a_whole():
    here = box(0, 0, 100, 100)
    zones = crs.to_storage([here, here], GK)
    zones[1] = shapely.transform(zones[1], lambda xy: xy + np.array([5, 0]))
    world = shapely.box(-180, -90, 180, 90)
    issues = quality.check_zones("Z", ["01"] * 3, [*zones, world], known_codes={"01"}, outline=zones[0])
    assert {issue.row for issue in issues if issue.code == "G7"} == {2, 3}
    assert not {"G5", "G6", "F3"} & {issue.code for issue in issues}


def test_hairs_thinner_than_a_centimetre_are_no_faults_and_wider_ones_are():
    def seam(width: float) -> list[str]:
        zones = [box(0, 0, 100, 500), box(100 + width, 0, 100 - width, 500)]
        return [issue.code for issue in check(zones, box(0, 0, 200, 500))]

    assert seam(0.008) == seam(-0.008) == []
    assert seam(0.012) == ["G6"]
    assert seam(-0.012) == ["G5"]
    assert seam(0) == []


def test_a_real_gap_with_a_long_hair_on_it_is_still_found():
    """Its mean width 2A/P is below the tolerance; it is wide enough at one place all the same."""
    hole, hair = box(100, 0, 0.5, 0.5), box(100, 0, 0.002, 400)
    rest = box(0, 0, 200, 400).difference(hole.union(hair))
    (issue,) = check([rest], box(0, 0, 200, 400))
    assert issue.code == "G6"
    assert issue.params["area_m2"] == pytest.approx(1.05, abs=0.02)


def test_shared_borders_with_a_vertex_on_one_side_only_make_no_noise_in_any_crs():
    """A straight edge in degrees is not quite straight in metres, so T-junctions open by millimetres."""
    lonlat = [shapely.box(116.8, 36.1, 116.804, 36.104), shapely.box(116.804, 36.1, 116.808, 36.102),
              shapely.box(116.804, 36.102, 116.808, 36.104)]  # fmt: skip
    outline = shapely.box(116.8, 36.1, 116.808, 36.104)
    assert quality.check_zones("Z", ["01"] * 3, lonlat, known_codes={"01"}, outline=outline) == []


def test_invalid_and_empty_zones_are_left_out_of_the_tiling_and_nothing_crashes():
    bow = shapely.Polygon([(480_000, 4_000_000), (480_100, 4_000_100), (480_100, 4_000_000), (480_000, 4_000_100)])
    issues = check([bow, None, box(100, 0, 100, 100)], box(0, 0, 200, 100))
    assert [(issue.code, issue.row) for issue in issues] == [("G1", 1), ("G1", 2), ("G6", None)]


def test_without_any_zone_the_whole_village_is_a_gap():
    (issue,) = check([], box(0, 0, 100, 100))
    assert issue.code == "G6"
    assert issue.params["area_m2"] == pytest.approx(10_000, rel=1e-3)


def test_the_largest_faults_come_first_when_the_list_is_cut():
    zones = [box(200 * n, 0, 100 + n, 100) for n in range(5)] + [box(200 * n + 100, 0, 50, 100) for n in range(5)]
    issues = check(zones, limits={"issues_per_rule": 2})
    assert [(issue.row, issue.params.get("count")) for issue in issues] == [(5, None), (4, None), (None, 2)]


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 15),
    st.floats(-8, 8).filter(lambda move: abs(move) > 0.05),
    st.booleans(),
)
def test_a_zone_moved_in_a_perfect_tiling_is_always_noticed_and_the_areas_add_up(which, move, sideways):
    """What overlaps and leaves plus what is covered once equals the zones; what is missing equals the gaps."""
    zones = grid(4, 4)
    zones[which] = shapely.transform(zones[which], lambda xy: xy + ([move, 0] if sideways else [0, move]))
    issues = check(zones, box(0, 0, 160, 160))
    area = {code: sum(i.params["area_m2"] for i in issues if i.code == code) for code in ("G5", "G6", "G7")}
    assert area["G5"] + area["G7"] == pytest.approx(40 * abs(move), rel=2e-3, abs=0.05)
    assert area["G6"] == pytest.approx(40 * abs(move), rel=2e-3, abs=0.05)
    assert all(
        issue.row == which + 1 or issue.params.get("other") == which + 1 for issue in issues if issue.code == "G5"
    )


# --- cost


def seconds(act) -> float:
    started = time.process_time()
    act()
    return time.process_time() - started


def test_five_thousand_zones_are_checked_in_five_seconds():
    zones = shapely.segmentize(np.array(grid(100, 50), dtype=object), 4.0)
    stored = crs.to_storage(zones, GK)
    outline = crs.to_storage([box(0, 0, 4000, 2000)], GK)[0]

    def act() -> None:
        assert (
            quality.check_zones(
                "Z", ["01"] * 5000, stored, known_codes={"01"}, outline=outline, file_area=[None] * 5000
            )
            == []
        )

    assert seconds(act) < 5


def hostile(zones) -> list[quality.Issue]:
    outline = shapely.box(116.7, 36.0, 116.9, 36.2)
    return quality.check_zones("Z", ["01"] * len(zones), zones, known_codes={"01"}, outline=outline)


@pytest.mark.parametrize("teeth", [1200, 20_000])
def test_crossing_combs_are_refused_before_they_are_computed(teeth):
    zones = [shapely.Polygon(ring) for ring in nasty.crossing_combs(teeth)]

    def act() -> None:
        (issue,) = [issue for issue in hostile(zones) if issue.code == "F3"]
        assert issue.params["reason"] == "overlap_too_complex"

    assert seconds(act) < 8


def test_many_small_combs_are_stopped_by_what_they_make(monkeypatch):
    monkeypatch.setattr(coverage, "MAX_PIECES", 5_000)
    pair = [shapely.Polygon(ring) for ring in nasty.crossing_combs(40)]
    zones = [shapely.transform(comb, lambda xy, n=n: xy + n * 1e-6) for n in range(30) for comb in pair]

    def act() -> None:
        assert any(issue.code == "F3" for issue in hostile(zones))

    assert seconds(act) < 20


def test_stacked_zones_are_stopped_by_the_number_of_pairs(monkeypatch):
    monkeypatch.setattr(coverage, "MAX_PAIRS", 20_000)
    issues = hostile([shapely.box(116.8, 36.1, 116.81, 36.11)] * 300)
    assert [issue.params["reason"] for issue in issues if issue.code == "F3"] == ["overlap_too_complex"]


def test_a_comb_that_crosses_the_outline_of_the_village_is_refused_too():
    one, other = (shapely.Polygon(ring) for ring in nasty.crossing_combs(1200))
    issues = quality.check_zones("Z", ["01"], [one], known_codes={"01"}, outline=other)
    assert "overlap_too_complex" in {issue.params["reason"] for issue in issues}


def test_a_few_hundred_crossings_are_work_and_not_an_attack():
    zones = [shapely.Polygon(ring) for ring in nasty.crossing_combs(15)]
    assert {issue.code for issue in hostile(zones)} >= {"G5"}
