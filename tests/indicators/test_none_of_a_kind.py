"""A kind of control line that was handed over, and of which none lies in the village: its checks are made, and find nothing."""

import pytest
import shapely

from indicators import runs, unmade
from planning.models import PlanVersion
from tests import world
from tests.grid import cell
from tests.rows import shared
from villages import base_data
from villages.maps import legend_lines

pytestmark = pytest.mark.django_db
KINDS = {"YJJBNT": {"K1", "K2"}, "STBHHX": {"K3"}, "ZHFXQ": {"K6"}, "LSWHBHX": {"K7"}, "GYL": {"K15"}}
CHECKS = set().union(*KINDS.values())


def none_of(village, kinds, by) -> None:
    lines = [base_data.IssuedLine(kind, "", shapely.MultiPolygon()) for kind in kinds]
    base_data.replace(village, [], lines, source="县级控制线", by=by)


@shared
def unlined(village, cast) -> PlanVersion:
    """A plan of a village with no other line than its construction boundary."""
    village.control_lines.exclude(kind="CZJSBJ").delete()
    return world.make_version(village, by=cast.planner, rows=world.plan_rows())


def unmade_of(version) -> set[str]:
    return {one.code for one in unmade.of_run(runs.newest(version))}


def test_what_was_never_handed_over_is_not_checked(unlined):
    runs.judge(unlined)
    assert unmade_of(unlined) >= CHECKS


def test_what_was_handed_over_is_checked_and_nothing_is_there(unlined, village, cast):
    runs.judge(unlined)
    none_of(village, KINDS, cast.leader)
    assert runs.is_stale(runs.newest(unlined))
    runs.judge(unlined)
    assert not CHECKS & unmade_of(unlined)
    assert not unlined.findings.filter(code__in=CHECKS).exists()
    values = {value.code: value for value in runs.newest(unlined).values.filter(code__in=("2", "3"))}
    assert {code: (value.value, value.note) for code, value in values.items()} == {"2": (0, ""), "3": (0, "")}


def test_a_kind_says_nothing_of_another(unlined, village, cast):
    none_of(village, ["STBHHX"], cast.leader)
    runs.judge(unlined)
    assert CHECKS & unmade_of(unlined) == CHECKS - {"K3"}


def test_so_it_is_while_a_zone_is_drawn(village, cast, as_user):
    village.control_lines.exclude(kind="CZJSBJ").delete()
    body = {"geometry": shapely.geometry.mapping(cell(2, 2)), "code": "0703"}

    def not_checked() -> set[str]:
        answer = as_user("planner").post(
            f"/api/v1/villages/{village.code}/check/", body, content_type="application/json"
        )
        return {row["code"] for row in answer.json()["not_checked"]}

    assert not_checked() >= CHECKS
    none_of(village, KINDS, cast.leader)
    assert not CHECKS & not_checked()


def test_a_line_without_ground_is_in_no_legend_and_in_the_list_of_lines(village, cast, as_user):
    none_of(village, ["STBHHX"], cast.leader)
    assert "STBHHX" not in {line.kind for line in legend_lines(village)}
    found = as_user("reviewer").get(f"/api/v1/villages/{village.code}/control-lines/").json()["features"]
    (line,) = [f for f in found if f["properties"]["kind"] == "STBHHX"]
    assert (line["properties"]["area_m2"], line["geometry"]["coordinates"]) == (0, [])
