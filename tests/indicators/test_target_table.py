"""Issued targets come in as a table of the county, are held against the results, and are taken back."""

import datetime

import pytest
from django.core.files.base import ContentFile

from indicators import runs
from indicators.models import Target
from portal.errors import NotAllowed
from portal.models import AuditEntry
from tests import world
from villages.tables import imports, workbooks
from villages.tables.kinds import KINDS

pytestmark = pytest.mark.django_db

HEAD = "村代码,指标,目标值,单位,约束性,依据,下达日期\n"
GOOD = [
    f"{world.LIUGOU},耕地保有量,30.5,公顷,约束性,〔2024〕12号,2024年3月1日",
    f"{world.LIUGOU},11,264,,,〔2024〕12号,2024/3/1",
]


def hand_in(lines, *, by, code=world.COUNTY, store=True):
    text = HEAD + "\n".join(lines) + "\n"
    row = imports.keep(ContentFile(text.encode()), kind="targets", name="指标.csv", division_code=code, by=by)
    return imports.run(row, "store" if store else "check", by=by)


def reasons(row):
    return [(issue["row"], issue["params"]["reason"]) for issue in row.issues]


def test_a_county_hands_in_what_it_issued_and_the_results_are_held_to_it(version, cast, as_user):
    runs.judge(version)
    row = hand_in(GOOD, by=cast.reviewer)
    assert (row.state, row.result["new"]) == ("stored", 2), reasons(row)
    first, second = Target.objects.order_by("code")
    assert (first.code, first.value, first.binding, first.issued_on) == ("1", 30.5, True, datetime.date(2024, 3, 1))
    assert (second.code, second.value, second.source) == ("11", 264, "〔2024〕12号")
    assert AuditEntry.objects.filter(verb="table.stored").exists()
    page = as_user("reviewer").get(f"/versions/{version.pk}/indicators/1/").content.decode()
    assert "30.5" in page
    told = as_user("reviewer").get(f"/api/v1/versions/{version.pk}/indicators/1/").json()
    assert told["stale"] is False  # the light is of the value and the target of today, neither is stored with the other
    assert [bound["value"] for bound in told["bounds"] if bound["origin"] == "target"] == [30.5]


def test_a_target_that_a_check_is_made_with_makes_its_result_stale(version, cast, as_user):
    runs.judge(version)
    row = hand_in([f"{world.LIUGOU},4,12.5,ha,,〔2024〕12号,2024-03-01"], by=cast.reviewer)
    assert row.state == "stored", reasons(row)
    assert as_user("reviewer").get(f"/api/v1/versions/{version.pk}/indicators/1/").json()["stale"] is True


def test_a_later_table_changes_what_was_issued_and_is_taken_back(village, cast):
    hand_in(GOOD, by=cast.reviewer)
    row = hand_in([GOOD[0].replace("30.5", "31").replace("3月1日", "5月6日")], by=cast.leader)
    assert {name: row.result[name] for name in ("new", "changed", "unchanged", "absent")} == {
        "new": 0,
        "changed": 1,
        "unchanged": 0,
        "absent": 1,
    }
    assert Target.objects.get(code="1").value == 31
    imports.undo(row, by=cast.leader)
    assert (Target.objects.get(code="1").value, Target.objects.get(code="1").issued_on) == (
        30.5,
        datetime.date(2024, 3, 1),
    )


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (GOOD[0].replace("公顷", "亩"), "unit"),
        (GOOD[0].replace("耕地保有量", "没有的指标"), "not_in_list"),
        (GOOD[0].replace("2024年3月1日", "去年"), "not_day"),
        (GOOD[0].replace("2024年3月1日", "2024-02-30"), "not_day"),
        (GOOD[0].replace("2024年3月1日", "2999-01-01"), "day_to_come"),
        (GOOD[0].replace("30.5", "-1"), "too_small"),
        (GOOD[0].replace("〔2024〕12号", ""), "empty"),
        (GOOD[0].replace(world.LIUGOU, "370983101299"), "village_unknown"),
    ],
)
def test_what_cannot_be_taken_is_named_and_nothing_is_stored(line, reason, village, cast):
    row = hand_in([GOOD[1], line], by=cast.reviewer)
    assert row.state == "refused"
    assert (3, reason) in reasons(row)
    assert not Target.objects.exists()


@pytest.mark.parametrize("who", ["committee", "planner", "township", "villager"])
def test_targets_are_issued_from_above(who, village, cast):
    with pytest.raises(NotAllowed):
        hand_in(GOOD, by=getattr(cast, who), code=world.LIUGOU)
    assert not Target.objects.exists()


def test_the_template_offers_the_indicators(db):
    assert "1 耕地保有量" in KINDS["targets"].column("indicator").options()
    assert workbooks.template(KINDS["targets"])[:2] == b"PK"
