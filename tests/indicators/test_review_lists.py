"""The lists of the review page: thousands of conflicts, narrowed and in pages; what changed; chosen conflicts as points of a return."""

from typing import Any

import pytest
from django.urls import reverse

from indicators import runs
from planning.models import Finding, PlanVersion
from tests import world
from tests.grid import cell, geos
from tests.rows import shared

BAD_ROWS = ["070301", *world.plan_rows()[1:]]  # homesteads on permanent farmland, outside the boundary
MOST_QUERIES = 58
"""of the whole page for a second version; the gates and the age of the results take a quarter of them"""


@shared
def second(village, cast) -> PlanVersion:
    """A second version that is worse than the first, under review."""
    runs.judge(world.make_version(village, by=cast.planner))
    version = world.make_version(village, rows=BAD_ROWS, by=cast.planner)
    runs.judge(version)
    return world.put(world.publish(PlanVersion.objects.get(pk=version.pk), cast.township), "submitted")


def add(version: PlanVersion, count: int, **fields: Any) -> None:
    given = {
        "code": "K13",
        "severity": "warn",
        "category": "real",
        "carried": "new",
        "geom": geos(cell(0, 0)),
        **fields,
    }
    Finding.objects.bulk_create(
        Finding(version=version, number=1000 + n, area_m2=n, key=f"many-{n}", **given) for n in range(count)
    )


def page(client: Any, version: PlanVersion, **query: Any) -> Any:
    return client.get(reverse("review", args=[version.pk]), query)


def numbers(answer: Any) -> list[int]:
    return [row.finding.number for group in answer.context["groups"] for row in group.rows]


def test_two_thousand_conflicts_come_in_pages_by_the_same_few_queries(second, as_user, django_assert_max_num_queries):
    client = as_user("reviewer")
    page(client, second)
    few = len(numbers(page(client, second)))
    add(second, 2000)
    with django_assert_max_num_queries(MOST_QUERIES):
        first = page(client, second)
    assert first.content.count(b"data-finding=") == 100
    assert first.context["finding_total"] == few + 2000
    last = page(client, second, page=21, part="findings")
    assert b"<html" not in last.content
    assert len(numbers(last)) == few
    assert last.context["groups"][-1].rows[-1].position == few + 2000
    assert not set(numbers(first)) & set(numbers(last))


def test_real_ones_come_first_the_most_severe_of_them_before_others(second, as_user):
    add(second, 2, severity="block", category="legacy")
    ranks = [
        (row.finding.severity == "info", row.finding.category != "real", Finding.Severity.values.index(row.finding.severity))
        for group in page(as_user("reviewer"), second).context["groups"] for row in group.rows
    ]  # fmt: skip
    assert ranks == sorted(ranks)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"check": "K13"}, 3), ({"check": "K13", "severity": "block"}, 0), ({"category": "technical"}, 3), ({"since": "still", "check": "K13"}, 0),
        ({"since": "new", "category": "technical"}, 3), ({"exception": "covered"}, 0), ({"exception": "open", "check": "K13"}, 3),
        ({"check": "K13", "severity": "nonsense", "page": "x"}, 3),
    ],
)  # fmt: skip
def test_the_list_is_narrowed_by_what_an_official_asks_for(query, found, second, as_user):
    add(second, 3, category="technical")
    answer = page(as_user("reviewer"), second, part="findings", **query)
    assert len(numbers(answer)) == answer.context["finding_total"] == found


def test_the_numbers_beside_the_filters_are_those_of_the_lists(second, as_user):
    add(second, 3, category="technical")
    client = as_user("reviewer")
    for choice in page(client, second, part="findings").context["choices"]:
        for value, _label, count in choice["options"]:
            shown = page(client, second, part="findings", **{choice["name"]: value})
            assert shown.context["finding_total"] == count, (choice["name"], value)


def test_zones_that_changed_are_listed_with_their_areas_and_by_kind(second, village, as_user):
    answer = page(as_user("reviewer"), second, part="changes")
    (row,) = answer.context["changes"]
    assert (row["fate"], row["new"], row["change_m2"]) == ("recoded", [1], pytest.approx(0, abs=0.01))
    assert row["before_m2"] == pytest.approx(second.zones.get(number=1).area_m2, abs=0.01)
    assert page(as_user("reviewer"), second, part="changes", kind="split").context["changes"] == []
    assert page(as_user("reviewer"), second, part="changes", kind="recoded").context["changes"] == [row]


def test_chosen_conflicts_are_the_points_of_the_return_that_is_being_written(second, as_user):
    bad = second.findings.filter(code__in=("K1", "K4")).order_by("number")
    address = reverse("return-new", args=[second.pk])
    form = as_user("reviewer").get(address, {"finding": [*(f.number for f in bad), 99999, "x"]})
    filled = [row for _number, row in form.context["rows"] if row]
    assert [(row["zone"], row["rule"]) for row in filled] == [(str(f.zone.number), f.code) for f in bad]
    assert all(row["text"] for row in filled)
    box = as_user("reviewer").post(address, {"note": "请修改", "more": "1", "finding": [bad[0].number]})
    assert box.context["note"] == "请修改"
    assert [row["rule"] for _number, row in box.context["rows"] if row] == [bad[0].code]
    sent = {name: [row.get(name, "") for row in filled] for name in ("zone", "rule", "page", "text", "suggestion")}
    as_user("reviewer").post(f"{address}?finding={bad[0].number}", {"note": "请修改", **sent})
    assert [item.rule for item in second.return_items.order_by("number")] == [f.code for f in bad]


@pytest.mark.parametrize("part", ["findings", "changes"])
@pytest.mark.parametrize(
    ("who", "status"), [("reviewer", 200), ("villager", 404), ("other_committee", 404), (None, 302)]
)
def test_a_part_of_the_page_is_for_those_who_may_read_the_page(part, who, status, second, as_user):
    assert page(as_user(who), second, part=part).status_code == status
