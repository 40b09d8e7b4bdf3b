"""A project table makes the next version of the plan: the same zones, the table's projects, and the old version untouched."""

import pytest
from django.core.files.base import ContentFile

from planning.models import PlanVersion, State
from portal.errors import NotAllowed, PortalError
from tests import world
from villages.tables import imports, workbooks
from villages.tables.kinds import KINDS

pytestmark = pytest.mark.django_db

HEAD = "项目名称,项目类型,投资估算（万元）,资金来源,开始年份,结束年份,状态,备注,经度,纬度\n"


def hand_in(lines, *, by, code=world.LIUGOU, store=True):
    text = HEAD + "\n".join(lines) + "\n"
    row = imports.keep(ContentFile(text.encode()), kind="projects", name="项目.csv", division_code=code, by=by)
    return imports.run(row, "store" if store else "check", by=by)


def reasons(row):
    return [(i["row"], i["params"].get("letters", ""), i["params"]["reason"]) for i in row.issues]


def test_the_table_makes_a_new_version_and_leaves_the_old_one(version, cast):
    lines = [
        '村卫生所改造,公共服务,"1,200.5",财政,2026,2028,在建,,,',
        "文化广场,公共服务,80,,2027,,,建于村中,116.8055,36.1025",
    ]
    row = hand_in(lines, by=cast.planner)
    assert row.state == "stored", reasons(row)
    assert {k: row.result[k] for k in ("new", "changed", "unchanged", "absent")} == {
        "new": 1, "changed": 1, "unchanged": 0, "absent": 0,
    }  # fmt: skip
    made = PlanVersion.objects.get(pk=row.result["version"])
    assert (made.number, made.state, made.created_by) == (version.number + 1, State.DRAFT, cast.planner)
    assert [z.code for z in made.zones.all()] == [z.code for z in version.zones.all()]
    assert all(a.geom.equals_exact(b.geom) for a, b in zip(made.zones.all(), version.zones.all(), strict=True))
    clinic, square = made.projects.all()
    assert (float(clinic.budget_wan), clinic.state, clinic.ends_in) == (1200.5, "building", 2028)
    assert clinic.geom.equals_exact(version.projects.get().geom)  # it stays where it was
    assert square.geom.coords == (116.8055, 36.1025)
    version.refresh_from_db()
    assert version.state == State.SUPERSEDED
    assert float(version.projects.get().budget_wan) == 35
    assert made.digest != version.digest


def test_the_preview_says_which_projects_would_be_left_out(version, cast):
    row = hand_in(["文化广场,,80,,,,,,,"], by=cast.committee, store=False)
    assert (row.state, row.result["new"], row.result["absent"]) == ("ready", 1, 1)
    assert PlanVersion.objects.count() == 1


def test_a_table_that_changes_nothing_makes_no_version(version, cast):
    row = hand_in(["村卫生所改造,公共服务,35,财政衔接资金,2026,2027,拟建,,,"], by=cast.planner)
    assert (row.state, row.result["unchanged"], row.result.get("version")) == ("stored", 1, None)
    assert PlanVersion.objects.count() == 1


def test_faults_name_their_cells_and_make_no_version(version, cast):
    lines = [
        "甲,,,,2028,2026,,,,",
        "乙,,5元,,,,,,,",
        "丙,,,,,,,,36.1025,116.8055",
        "丁,,,,,,,,116.8055,",
        "甲,,,,,,不知,,,",
    ]
    assert reasons(hand_in(lines, by=cast.planner)) == [(3, "C", "not_number"), (6, "G", "not_in_list")]
    lines = [lines[0], lines[2], lines[3], "己,,,,,,,,117.8,36.1"]
    assert reasons(hand_in(lines, by=cast.planner)) == [
        (2, "F", "years_order"), (3, "I", "swapped"), (4, "J", "empty"), (5, "I", "point_outside"),
    ]  # fmt: skip
    assert PlanVersion.objects.count() == 1


def test_a_village_without_a_plan_has_no_projects_to_replace(village, cast):
    assert reasons(hand_in(["甲,,,,,,,,,"], by=cast.planner)) == [(None, "", "no_plan")]


def test_only_the_authors_of_the_plan_and_only_for_one_village(version, cast):
    for who in ("reviewer", "township", "other_committee", "stranger"):
        with pytest.raises(NotAllowed):
            hand_in(["甲,,,,,,,,,"], by=getattr(cast, who))
    with pytest.raises(PortalError):
        hand_in(["甲,,,,,,,,,"], by=None, code=world.COUNTY)


def test_its_template_offers_the_states(db):
    assert b"PK" in workbooks.template(KINDS["projects"])[:2]
    assert KINDS["projects"].column("state").options() == ["拟建", "已批", "在建", "已完成", "停止"]
