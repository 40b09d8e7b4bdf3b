"""The board of a division: every plan under way by state, for its officials, at the same cost for many villages as for few."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from planning import board
from planning.models import Commission, Deadline, PlannedDate, PlanVersion
from tests import world
from tests.grid import cell, geos
from villages.models import Division, Village

SHANGHAI = ZoneInfo("Asia/Shanghai")
ADDRESS = f"/divisions/{world.COUNTY}/board/"


@pytest.fixture(autouse=True)
def _clock(time_machine):
    time_machine.move_to(datetime(2026, 9, 1, 10, tzinfo=SHANGHAI), tick=False)


def cards(code: str = world.COUNTY, **how) -> dict[str, list[board.Card]]:
    return {str(column.state.value): column.cards for column in board.columns(code, **how) if column.cards}


def test_a_plan_stands_in_the_column_of_its_state_with_what_is_due(version):
    version = world.advance(version, "joint_review")
    card = cards()["joint_review"][0]
    assert (card.village, card.version, card.left, card.working) == (version.village.short_name, version.pk, 20, True)
    assert not card.late


def test_a_notice_shows_calendar_days_and_a_planned_step_its_day(public_version, village, cast):
    card = cards()["notice"][0]
    assert (card.due_on, card.left, card.working) == (date(2026, 10, 1), 30, False)
    other = world.make_version(world.make_village(world.OTHER, col=20), by=cast.planner)
    PlannedDate.objects.create(version=other, state="assembly", on=date(2026, 9, 11))
    assert (cards()["draft"][0].due_on, cards()["draft"][0].left) == (date(2026, 9, 11), 8)


def test_commissioned_plans_stand_there_before_anything_was_handed_in(village, cast):
    plan = village.plans.create(name="柳沟村村庄规划")
    Commission.objects.create(
        plan=plan, number="1", issued_on=date(2026, 1, 1), due_on=date(2026, 8, 30), by=cast.reviewer
    )
    card = cards()["commissioned"][0]
    assert (card.left, card.late) == (-2, True)


def test_what_is_late_is_marked_and_can_be_shown_alone(version, cast, time_machine):
    world.advance(version, "joint_review")
    world.make_version(world.make_village(world.OTHER, col=20), by=cast.planner)
    time_machine.move_to(datetime(2026, 12, 1, 10, tzinfo=SHANGHAI), tick=False)
    assert cards()["joint_review"][0].late
    assert list(cards(only_late=True)) == ["joint_review"]


def test_old_drafts_and_answered_returns_do_not_stand_there_twice(public_version, village, cast):
    world.send_back(public_version, by=cast.reviewer, note="重做")
    assert list(cards()) == ["returned"]
    world.make_version(village, by=cast.planner)
    assert list(cards()) == ["draft"]


def test_cards_are_sorted_by_their_last_day(version, cast):
    world.advance(version, "joint_review")
    other = world.make_version(world.make_village(world.OTHER, col=20), by=cast.planner)
    world.advance(other, "joint_review")
    Deadline.objects.filter(version=other).update(due_on=date(2026, 9, 4))
    assert [card.village for card in cards()["joint_review"]] == ["下寨村", "柳沟村"]


def test_plans_in_force_are_counted(version, time_machine):
    world.advance(version, "notice")
    time_machine.move_to(timezone.now() + timedelta(days=40))
    world.advance(version, "in_force")
    assert cards() == {}
    assert board.in_force(world.COUNTY) == 1


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("reviewer", 200), ("leader", 200), ("province", 200), ("township", 404), ("committee", 404), ("planner", 404),
        ("agriculture", 404), ("expert", 404), ("villager", 404), ("stranger", 404), (None, 404),
    ],
)  # fmt: skip
def test_the_board_is_for_the_officials_of_the_division(version, as_user, who, status):
    assert as_user(who).get(f"/api/v1{ADDRESS}").status_code == status
    assert as_user(who).get(ADDRESS).status_code == (302 if who is None else status)


def test_a_township_has_a_board_of_its_own(version, as_user):
    assert as_user("township").get(f"/divisions/{world.TOWN}/board/").status_code == 200
    assert as_user("township").get("/divisions/370983108000/board/").status_code == 404


def test_the_page_can_be_narrowed_to_a_township(version, cast, as_user):
    world.make_version(world.make_village(world.FAR, col=40), by=cast.planner)
    client = as_user("reviewer")
    whole = client.get(ADDRESS).content.decode()
    assert "柳沟村" in whole
    assert "五埠村" in whole
    town = client.get(f"{ADDRESS}?town={world.TOWN}").content.decode()
    assert "柳沟村" in town
    assert "五埠村" not in town


def test_the_api_gives_the_columns(version, as_user):
    body = as_user("reviewer").get(f"/api/v1{ADDRESS}").json()
    column = next(c for c in body["columns"] if c["total"])
    assert (column["state"], column["cards"][0]["version"]) == ("draft", version.pk)


def make_villages(numbers: range, cast) -> None:
    """Villages of the township, each with a version in joint review, a deadline and a planned day."""
    for n in numbers:
        code = f"{world.TOWN[:9]}{500 + n}"
        Division.objects.create(code=code, name=f"村{n}", level=5, parent_id=world.TOWN)
        village = Village.objects.create(
            division_id=code,
            short_name=f"村{n}",
            type="JJTS",
            base_year=2020,
            geom=geos(cell(100 + n, 0)),
            source="test",
        )
        plan = village.plans.create(name=f"村{n}村庄规划")
        version = PlanVersion.objects.create(plan=plan, number=1, digest="0" * 64, created_by=cast.planner)
        Deadline.objects.create(
            version=version, kind="joint_review", began_on=date(2026, 9, 1), due_on=date(2026, 9, 30)
        )
        PlannedDate.objects.create(version=version, state="assembly", on=date(2026, 10, 9))


def queries(client, address: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


@pytest.mark.parametrize("address", [ADDRESS, f"/api/v1{ADDRESS}", f"/divisions/{world.COUNTY}/deadlines.ics"])
def test_fifty_villages_cost_as_many_queries_as_five(cast, as_user, address):
    world.make_divisions()
    client = as_user("reviewer")
    make_villages(range(5), cast)
    queries(client, address)
    few = queries(client, address)
    make_villages(range(5, 50), cast)
    assert queries(client, address) == few


def test_a_city_and_a_province_see_their_counties_counted_and_go_down_to_their_boards(
    version, village, cast, as_user, time_machine
):
    world.advance(version, "joint_review")
    world.make_version(world.make_village(world.OTHER, col=20), by=cast.planner)
    time_machine.move_to(datetime(2026, 12, 1, 10, tzinfo=SHANGHAI), tick=False)
    client = as_user("province")
    for code, below in (("370000000000", "370900000000"), ("370900000000", world.COUNTY)):
        answer = client.get(f"/api/v1/divisions/{code}/board/").json()
        assert answer["columns"] == []
        (line,) = answer["divisions"]
        assert (line["division"], line["total"], line["late"], line["in_force"]) == (below, 2, 1, 0)
        assert line["states"] == {"joint_review": 1, "draft": 1}
        assert f"/divisions/{below}/board/" in client.get(f"/divisions/{code}/board/").content.decode()
    assert as_user("reviewer").get("/divisions/370900000000/board/").status_code == 404


def test_a_province_calls_late_what_the_county_calls_late(version, village, cast, as_user, time_machine):
    """Also what was commissioned and not handed in, and a draft whose day is over."""
    other = world.make_village(world.OTHER, col=20)
    plans = (version.plan, other.plans.create(name="下寨村村庄规划"))
    for number, plan in enumerate(plans):
        Commission.objects.create(
            plan=plan, number=str(number), issued_on=date(2026, 1, 1), due_on=date(2026, 8, 30), by=cast.reviewer
        )
    late = sum(column.late for column in board.columns(world.COUNTY))
    (line,) = as_user("province").get("/api/v1/divisions/370900000000/board/").json()["divisions"]
    assert (line["total"], line["late"]) == (2, late) == (2, 2)


def test_the_board_of_a_city_costs_the_same_for_many_villages(version, cast, as_user):
    client, address = as_user("province"), "/api/v1/divisions/370900000000/board/"
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    world.make_version(world.make_village(world.OTHER, col=20), by=cast.planner)
    world.make_version(world.make_village(world.FAR, col=40), by=cast.planner)
    with CaptureQueriesContext(connection) as many:
        client.get(address)
    assert len(many) == len(few)
