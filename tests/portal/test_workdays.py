"""Working days: the State Council's list with its make-up days, what a county decided, years whose list is not out."""

from datetime import date, timedelta

import chinese_calendar
import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from portal import workdays
from portal.errors import Conflict, NotAllowed, PortalError
from portal.models import AuditEntry, CalendarDay, Membership, Role
from tests import world

DAYS = st.dates(date(2024, 1, 1), date(2028, 12, 31))


def decided(code: str, day: date, working: bool) -> CalendarDay:
    return CalendarDay.objects.create(division_code=code, day=day, working=working, note="抗旱", source="test")


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        (date(2026, 2, 17), False),  # Spring Festival, a Tuesday
        (date(2026, 2, 14), True),  # a Saturday worked to make up for it
        (date(2026, 2, 28), True),
        (date(2026, 10, 1), False),
        (date(2026, 10, 10), True),  # make-up Saturday of National Day
        (date(2026, 10, 11), False),
        (date(2027, 10, 1), True),  # a Friday of a year whose list is not out: only weekends count
        (date(2027, 10, 2), False),
    ],
)
def test_days_are_those_of_the_list_with_make_up_days(db, day, worked):
    assert workdays.is_workday(day) is worked


def test_a_year_without_a_list_is_said_to_be_unknown():
    assert workdays.is_known(date(2026, 12, 31))
    assert not workdays.is_known(date(2027, 1, 1))


def test_twenty_working_days_across_the_national_day(db):
    # 25 September 2026 is Mid-Autumn, 1 to 7 October are off, 20 September and 10 October are made up
    assert workdays.add(date(2026, 9, 24), 5) == date(2026, 10, 9)
    assert workdays.between(date(2026, 9, 24), date(2026, 10, 9)) == 5


def test_the_nearest_division_decides(db):
    day = date(2026, 11, 4)
    decided("370000000000", day, False)
    assert not workdays.is_workday(day, world.LIUGOU)
    decided(world.COUNTY, day, True)
    assert workdays.is_workday(day, world.LIUGOU)
    decided(world.TOWN, day, False)
    assert not workdays.is_workday(day, world.LIUGOU)
    assert workdays.is_workday(day, world.FAR)
    assert workdays.is_workday(day, "110101001001")


def test_a_day_of_the_whole_country_counts_everywhere_but_where_a_county_says_otherwise(db):
    day = date(2027, 2, 8)
    decided("", day, False)
    assert not workdays.is_workday(day, "110101001001")
    decided(world.COUNTY, day, True)
    assert workdays.is_workday(day, world.LIUGOU)
    assert not workdays.is_workday(day, "110101001001")


def naive_is_workday(day: date, own: dict[date, bool]) -> bool:
    if day in own:
        return own[day]
    if day.year > 2026:
        return day.weekday() < 5
    return day in chinese_calendar.workdays or (day.weekday() < 5 and day not in chinese_calendar.holidays)


@given(
    start=DAYS,
    length=st.integers(0, 120),
    own=st.dictionaries(DAYS.map(lambda d: d.replace(year=2026, day=1)), st.booleans(), max_size=6),
)
def test_counting_agrees_with_a_naive_count_day_by_day(start, length, own):
    calendar = workdays.Calendar(own)
    days = [start + timedelta(days=n) for n in range(1, length + 1)]
    worked = [day for day in days if naive_is_workday(day, own)]
    end = start + timedelta(days=length)
    assert calendar.between(start, end) == len(worked)
    assert calendar.between(end, start) == -len(worked)
    if worked:
        assert calendar.add(start, len(worked)) == worked[-1]
        assert calendar.add(end + timedelta(days=1), -len(worked)) == worked[0]
    assert calendar.add(start, 0) == start


def test_calendars_of_many_villages_cost_one_query(db, django_assert_num_queries):
    decided(world.COUNTY, date(2026, 11, 4), False)
    codes = [f"370983101{n:03}" for n in range(200, 260)]
    with django_assert_num_queries(1):
        calendars = workdays.of_many(codes)
    assert not any(calendars[code].is_workday(date(2026, 11, 4)) for code in codes)


def test_festivals_are_named_and_of_an_unknown_year_the_spring_festival_at_least():
    with translation.override("en"):
        assert workdays.festival(date(2026, 2, 17)) == "the Spring Festival"
        assert workdays.festival(date(2027, 2, 5)) == "the Spring Festival"
    assert workdays.festival(date(2026, 2, 14)) == ""  # made up, so worked
    assert workdays.festival(date(2027, 3, 1)) == ""


# --- who decides


def test_a_reviewer_of_the_county_decides_on_a_day_with_reason_and_source(cast):
    row = workdays.decide_day(
        world.COUNTY, date(2026, 12, 1), False, note="抗雪", source="肥政办〔2026〕9号", by=cast.reviewer
    )
    assert not workdays.is_workday(date(2026, 12, 1), world.LIUGOU)
    assert AuditEntry.objects.get(verb="calendar.decided").after["source"] == "肥政办〔2026〕9号"
    workdays.remove_day(row, by=cast.leader)
    assert workdays.is_workday(date(2026, 12, 1), world.LIUGOU)
    assert AuditEntry.objects.get(verb="calendar.removed").before["note"] == "抗雪"


@pytest.mark.parametrize("who", ["township", "committee", "planner", "villager", "province", "agriculture"])
def test_others_may_not_decide_on_the_days_of_a_county(cast, who):
    row = decided(world.COUNTY, date(2026, 12, 2), False)
    with pytest.raises(NotAllowed):
        workdays.decide_day(world.COUNTY, date(2026, 12, 1), False, note="x", source="x", by=getattr(cast, who))
    with pytest.raises(NotAllowed):
        workdays.remove_day(row, by=getattr(cast, who))
    assert CalendarDay.objects.count() == 1


def test_nobody_decides_for_the_county_next_door_or_for_the_country(cast):
    for code in ("370982000000", "370000000000", ""):
        with pytest.raises(NotAllowed):
            workdays.decide_day(code, date(2026, 12, 1), False, note="x", source="x", by=cast.leader)


def test_a_day_is_decided_once_and_needs_a_source(cast):
    with pytest.raises(PortalError) as caught:
        workdays.decide_day(world.COUNTY, date(2026, 12, 1), False, note="x", source=" ", by=cast.leader)
    assert caught.value.code == "source"
    workdays.decide_day(world.COUNTY, date(2026, 12, 1), False, note="x", source="x", by=cast.leader)
    with pytest.raises(Conflict):
        workdays.decide_day(world.COUNTY, date(2026, 12, 1), True, note="x", source="x", by=cast.leader)


# --- API


def test_the_api_lists_adds_and_removes_days_of_the_persons_divisions(as_user, cast):
    decided("110101000000", date(2026, 12, 3), False)
    decided("370000000000", date(2026, 12, 4), False)
    client = as_user("reviewer")
    body = {
        "division": world.COUNTY,
        "day": "2026-12-01",
        "working": False,
        "note": "抗雪",
        "source": "肥政办〔2026〕9号",
    }
    made = client.post("/api/v1/calendar/", body, content_type="application/json")
    assert made.status_code == 201, made.json()
    rows = client.get("/api/v1/calendar/").json()["results"]
    assert [row["day"] for row in rows] == ["2026-12-01", "2026-12-04"]
    assert rows[0]["may_remove"] is True
    assert rows[1]["may_remove"] is False
    address = f"/api/v1/calendar/{world.COUNTY}/2026-12-01/"
    assert as_user("township").delete(address).status_code == 403
    assert as_user("stranger").delete("/api/v1/calendar/110101000000/2026-12-03/").status_code == 404
    assert client.delete(address).status_code == 204
    assert client.delete(address).status_code == 404


def test_the_api_counts_working_days_and_says_when_the_list_is_not_out(as_user):
    answer = as_user().get("/api/v1/workdays/?start=2026-12-25&days=20").json()
    assert answer == {
        "start": "2026-12-25", "end": "2027-01-22", "working_days": 20, "calendar_days": 28, "provisional": True,
    }  # fmt: skip
    answer = as_user().get("/api/v1/workdays/?start=2026-09-24&end=2026-10-09").json()
    assert (answer["working_days"], answer["provisional"]) == (5, False)
    assert as_user().get("/api/v1/workdays/?start=2026-09-24").status_code == 400


def test_the_administration_records_who_decided_on_a_day(cast, client):
    cast.leader.is_staff = cast.leader.is_superuser = True
    cast.leader.save()
    Membership.objects.create(user=cast.leader, role=Role.ADMINISTRATOR, division_code=world.COUNTY)
    client.force_login(cast.leader)
    row = {"division_code": world.COUNTY, "day": "2026-12-01", "note": "抗雪", "source": "肥政办〔2026〕9号"}
    assert client.post("/admin/portal/calendarday/add/", row).status_code == 302
    assert AuditEntry.objects.get(verb="calendar.decided").actor == cast.leader
    pk = CalendarDay.objects.get().pk
    assert client.post(f"/admin/portal/calendarday/{pk}/delete/", {"post": "yes"}).status_code == 302
    assert AuditEntry.objects.filter(verb="calendar.removed").exists()
