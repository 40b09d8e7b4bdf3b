"""A village without base-year parcels: nothing is told to grow, to balance or to be new."""

import io

import pytest
from openpyxl import load_workbook

from indicators import runs
from planning.models import PlanVersion
from tests import world
from tests.rows import shared

pytestmark = pytest.mark.django_db
NOT_COMPUTED = "There are no base-year parcels of the village on record, so the ledgers were not computed."


@shared
def judged(village, cast) -> PlanVersion:
    """A factory on permanent farmland outside the boundary, in a village nobody knows the parcels of."""
    village.parcels.all().delete()
    rows = world.plan_rows()
    rows[2] = "1001"
    version = world.make_version(village, rows=rows, by=cast.planner)
    runs.judge(version)
    return PlanVersion.objects.with_plan().get(pk=version.pk)


@pytest.fixture
def planner(as_user):
    client = as_user("planner")
    client.cookies["django_language"] = "en"
    return client


def test_nothing_is_called_new_and_an_overlap_says_what_is_not_known(judged):
    found = {(f.code, f.zone.number): f for f in judged.findings.filter(zone__isnull=False)}
    assert set(found) == {("K1", 3)}
    assert found["K1", 3].detail == {"base_unknown": True}
    notes = {note["check"]: (note["note"], note.get("partly", False)) for note in runs.newest(judged).notes}
    assert (notes["K1"], notes["K4"]) == (("base_unknown", True), ("no_base", False))


def test_the_page_of_the_ledgers_balances_nothing(judged, planner):
    page = planner.get(f"/versions/{judged.pk}/ledgers/").content.decode()
    assert NOT_COMPUTED in page
    assert "0.00 ha" not in page
    assert "Balanced" not in page


def test_the_interface_gives_no_ledger(judged, planner):
    answer = planner.get(f"/api/v1/versions/{judged.pk}/ledgers/", headers={"accept-language": "en"}).json()
    assert answer["computed"] is True
    assert (answer["sentences"], answer["ledgers"], answer["changes"]) == ({"base": NOT_COMPUTED}, {}, [])


def test_the_workbook_gives_no_balance(judged, planner):
    answer = planner.get(f"/api/v1/versions/{judged.pk}/indicators.xlsx", headers={"accept-language": "en"})
    rows = [
        [cell.value for cell in row]
        for row in load_workbook(io.BytesIO(answer.content)).worksheets[3].iter_rows(min_row=2)
    ]
    assert [row for row in rows if row[0] == "Ledgers"] == [["Ledgers", None, None, None, None, NOT_COMPUTED]]
    assert not any(row[2] == 0 or row[3] == 0 for row in rows)


def test_the_workbook_gives_no_structure_of_the_base_year(judged, planner):
    answer = planner.get(f"/api/v1/versions/{judged.pk}/indicators.xlsx", headers={"accept-language": "en"})
    sheet = load_workbook(io.BytesIO(answer.content))["Structure of land use"]
    head, *rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    columns = [head.index(name) for name in ("Base year, ha", "Base year, %", "Change, ha")]
    assert {row[n] for row in rows for n in columns} == {"not known"}
    assert rows[-1][head.index("Target year, ha")] == pytest.approx(judged.plan.village.area_m2 / 10_000, abs=0.005)


def test_the_interface_gives_no_structure_of_the_base_year(judged, planner):
    answer = planner.get(f"/api/v1/versions/{judged.pk}/structure/").json()
    assert {row["base_ha"] for row in (*answer["rows"], *answer["table"], answer["total"])} == {None}
    assert {(row["base_pct"], row["change_ha"]) for row in answer["table"]} == {(None, None)}
    assert answer["total"]["plan_ha"] == pytest.approx(answer["village_ha"], rel=1e-4)


def test_the_structure_on_the_review_page_says_that_the_base_year_is_not_known(judged, planner):
    answer = planner.get(f"/versions/{judged.pk}/review/")
    page = answer.content.decode()
    table = page[page.index('class="table table-sm structure-table"') :]
    total = table[table.index('class="line--total"') : table.index("</table>")]
    assert total.count("not known") == 2  # what there was, and what changes
    assert ">0.00<" not in total
    assert answer.context["total_fits"]
    assert "The planned total is the area of the village" in page


def test_the_review_page_says_which_part_was_not_checked(judged, planner):
    page = planner.get(f"/versions/{judged.pk}/review/").content.decode()
    assert "Construction on permanent basic farmland (K1)</strong> in part: There are no base-year parcels" in page
    assert "(K4)</strong>: There are no base-year parcels to compare with." in page
