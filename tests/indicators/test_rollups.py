"""Figures of divisions: sums equal an independent computation, no ratio is averaged, what is missing is named."""

import io

import pandas as pd
import pytest
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse
from openpyxl import load_workbook

from indicators import applying, passports, rollups, runs
from indicators.catalogue import INDICATORS
from indicators.models import ChangeRow, IndicatorValue, StructureRow, Target
from planning.models import DECIDED, ENDED, PlanVersion, State
from tests import world
from villages.models import Division, Village

PEOPLE = {world.LIUGOU: 1200, world.OTHER: 300, world.FAR: 700}


@pytest.fixture
def county(cast, monkeypatch) -> dict[str, PlanVersion]:
    """Three villages with different plans and people, all judged, without conflicts; the first two in one township."""
    monkeypatch.setattr(applying, "CHECKS", {})
    found = {}
    for n, (code, people) in enumerate(PEOPLE.items()):
        village = world.make_village(code, col=20 * n)
        village.facts.filter(code="population").update(value=people)
        rows = world.plan_rows()
        rows[n] = "070301"  # another row of fields becomes homesteads
        rows[4] = ["070301", "0102", "0301"][n]
        found[code] = world.make_version(village, rows=rows, by=cast.planner)
    for version in found.values():  # now, for the facilities of the others are near
        runs.judge(version)
    return found


def rollup(user, code: str = world.COUNTY, **more) -> rollups.Rollup:
    return rollups.rollup(Division.objects.get(pk=code), user, **more)


def by_code(found: rollups.Rollup) -> dict[str, rollups.Row]:
    return {row.indicator.code: row for row in found.rows}


def table_of(*codes: str) -> pd.DataFrame:
    """The stored values as a table, for computing anew."""
    rows = IndicatorValue.objects.filter(run__version__plan__village__in=codes)
    fields = ["code", "value", "base_value", "numerator", "denominator", "base_numerator", "base_denominator"]
    return pd.DataFrame(list(rows.values_list(*fields)), columns=fields).astype(dict.fromkeys(fields[1:], float))


def expected(rows: pd.DataFrame, scale: float) -> float:
    rows = rows[rows["value"].notna()]
    if rows["denominator"].notna().any():
        return rows["numerator"].sum() / rows["denominator"].sum() * scale
    return rows["value"].sum()


def test_every_indicator_equals_what_pandas_makes_of_the_villages(county, cast):
    table = table_of(*county)
    found = by_code(rollup(cast.reviewer))
    compared = 0
    for code, rows in table.groupby("code"):
        if not rows["value"].notna().any() or code == "33b":
            continue
        assert found[code].value == pytest.approx(expected(rows, INDICATORS[code].scale), rel=1e-12, abs=1e-12), code
        assert found[code].villages == rows["value"].notna().sum()
        compared += 1
    assert compared >= 10


def test_a_ratio_is_divided_from_sums_and_is_not_the_mean_of_ratios(county, cast):
    values = table_of(*county).query("code == '7'")
    row = by_code(rollup(cast.reviewer))["7"]
    assert row.denominator == sum(PEOPLE.values())
    assert row.value == pytest.approx(values["numerator"].sum() / sum(PEOPLE.values()), rel=1e-12)
    assert abs(row.value - values["value"].mean()) > 0.1 * row.value


def test_a_village_twice_as_large_counts_twice(county, cast):
    """Village and half a village: the roll-up of 28 (#4 / area) lies where the area says, not in the middle."""
    codes = [world.LIUGOU, world.OTHER]
    runs_of = [county[code].runs.get() for code in codes]
    for run, numerator, denominator in zip(runs_of, (300.0, 100.0), (2000.0, 1000.0), strict=True):
        values = IndicatorValue.objects.filter(run=run, code="28")
        values.update(value=numerator / denominator * 100, numerator=numerator, denominator=denominator)
    row = by_code(rollup(cast.township, world.TOWN))["28"]
    assert row.value == pytest.approx(400 / 3000 * 100)  # (2 · 15 % + 1 · 10 %) / 3
    assert row.value != pytest.approx((15 + 10) / 2)


def test_a_missing_population_is_named_and_never_counted_as_none(county, cast):
    village = county[world.OTHER].plan.village
    village.facts.filter(code="population").delete()
    runs.judge(county[world.OTHER])
    row = by_code(rollup(cast.reviewer))["7"]
    assert (row.villages, row.without) == (2, 1)
    assert row.denominator == PEOPLE[world.LIUGOU] + PEOPLE[world.FAR]
    (named,) = row.named
    assert (named["code"], named["name"]) == (world.OTHER, village.short_name)
    assert named["note"]
    rest = table_of(world.LIUGOU, world.FAR).query("code == '7'")
    assert row.value == pytest.approx(rest["numerator"].sum() / rest["denominator"].sum(), rel=1e-12)


def test_the_change_is_that_of_villages_with_both_years(county, cast):
    IndicatorValue.objects.filter(run__version=county[world.FAR], code="1").update(base_value=None)
    row = by_code(rollup(cast.reviewer))["1"]
    table = table_of(world.LIUGOU, world.OTHER).query("code == '1'")
    assert row.change == pytest.approx((table["value"] - table["base_value"]).sum())
    assert row.villages == 3


def test_an_income_per_person_is_weighted_by_people(county, cast):
    for code, income in ((world.LIUGOU, 20_000), (world.OTHER, 30_000)):
        county[code].plan.village.facts.create(code="disposable_income", year=2020, value=income, unit="元", source="t")
        runs.judge(county[code])
    row = by_code(rollup(cast.reviewer))["33b"]
    assert row.value == pytest.approx((20_000 * 1200 + 30_000 * 300) / 1500)
    assert (row.villages, row.without) == (2, 1)


def test_roads_measured_by_length_and_by_household_do_not_add_up(county, cast):
    units = [("m", 50, 100), ("m", 100, 100), ("household", 1, 10)]
    for version, (unit, above, below) in zip(county.values(), units, strict=True):
        IndicatorValue.objects.filter(run__version=version, code="16").update(
            value=100 * above / below, numerator=above, denominator=below,
            sources={"numerator_unit": unit, "denominator_unit": unit},
        )  # fmt: skip
    row = by_code(rollup(cast.reviewer))["16"]
    assert (row.value, row.villages, row.otherwise) == (pytest.approx(75.0), 2, 1)


def test_targets_add_up_beside_the_value_of_the_villages_that_have_one(county, cast):
    for code, value in ((world.LIUGOU, 4.0), (world.OTHER, 3.0)):
        Target.objects.create(village_id=code, code="1", value=value, source="文号", issued_on="2022-01-01")
    row = by_code(rollup(cast.reviewer))["1"]
    two = table_of(world.LIUGOU, world.OTHER).query("code == '1'")["value"].round(2).sum()
    assert (row.targets.value, row.targets.villages, row.targets.reached) == (7.0, 2, pytest.approx(two))
    assert row.targets.met is bool(two >= 7.0)
    assert row.value > row.targets.reached


def hold(county, code: str, figures: list[tuple[float, float]], *, binding: bool = True, near: float = 0.0) -> set[str]:
    """Give each village a value and a target; the lights of the villages."""
    for version, (value, target) in zip(county.values(), figures, strict=True):
        IndicatorValue.objects.filter(run__version=version, code=code).update(value=value, rule={"near": near})
        Target.objects.create(
            village=version.plan.village, code=code, value=target, binding=binding, source="文号", issued_on="2022-01-01"
        )  # fmt: skip
    return {passports.of_code(version.runs.get(), code).light for version in county.values()}


KEPT_BY_ALL = [(29.975, 29.98), (39.967, 39.97), (29.975, 29.98)]


def test_a_sum_is_kept_where_every_village_keeps_its_target_to_two_decimals(county, cast, as_user):
    assert hold(county, "1", KEPT_BY_ALL) == {"kept"}
    targets = by_code(rollup(cast.reviewer))["1"].targets
    assert (targets.reached, targets.value) == (pytest.approx(99.93), pytest.approx(99.93))
    assert (targets.light, targets.met) == ("kept", True)
    said = as_user("reviewer").get(reverse("api-division-indicators", args=[world.COUNTY])).json()["results"]
    (row,) = [row["target"] for row in said if row["code"] == "1"]
    assert (row["met"], row["light"], row["reached"]) == (True, "kept", pytest.approx(99.93))
    page = as_user("reviewer").get(reverse("division-judgement", args=[world.COUNTY])).content.decode()
    assert page.count("99.93") == 2
    assert "light--kept" in page
    book = load_workbook(io.BytesIO(as_user("reviewer").get(reverse("api-division-xlsx", args=[world.COUNTY])).content))
    (line,) = [row for row in book.worksheets[1].iter_rows(values_only=True) if row[0] == "1"]
    assert line[13:] == (pytest.approx(99.93), 3, pytest.approx(99.93), "达标")


@pytest.mark.parametrize(
    ("code", "figures", "more", "light"),
    [
        ("1", [(29.97, 29.98), (39.97, 39.97), (29.98, 29.98)], {}, "missed"),
        ("4", [(30.0, 30.0), (40.0, 40.0), (30.01, 30.0)], {}, "missed"),
        ("4", [(29.0, 30.0), (39.0, 40.0), (29.0, 30.0)], {"near": 0.1}, "near"),
        ("1", [(29.0, 30.0), (39.0, 40.0), (29.0, 30.0)], {"near": 0.1, "binding": False}, "near"),
        ("1", [(29.0, 30.0), (39.0, 40.0), (29.0, 30.0)], {"near": 0.1}, "missed"),
        ("T4", [(1.0, 2.0)] * 3, {}, "none"),
    ],
)
def test_the_light_of_a_sum_is_that_of_its_villages(county, cast, code, figures, more, light):
    assert light in hold(county, code, figures, **more)
    assert by_code(rollup(cast.reviewer))[code].targets.light == light


def test_the_structure_and_the_matrix_are_sums_with_the_same_margins(county, cast):
    found = rollup(cast.reviewer)
    rows = StructureRow.objects.values_list("code", "base_m2", "plan_m2")
    sums = pd.DataFrame(list(rows), columns=["code", "base_ha", "plan_ha"]).groupby("code").sum() / 10_000
    ours = pd.DataFrame(found.structure).set_index("code")
    pd.testing.assert_frame_equal(ours.sort_index(), sums.sort_index(), check_exact=False, rtol=1e-12)
    cells = pd.DataFrame(found.changes)
    assert cells["area_m2"].sum() == pytest.approx(sum(c.area_m2 for c in ChangeRow.objects.all()), rel=1e-12)
    margin = cells.groupby("plan_code")["area_m2"].sum() / 10_000
    for code, ha in margin.items():
        assert ours.loc[code, "plan_ha"] == pytest.approx(ha, rel=1e-6)
    areas = sum(v.area_m2 for v in Village.objects.all())
    assert ours["plan_ha"].sum() == pytest.approx(areas / 10_000, rel=1e-6)
    assert found.area_m2 == pytest.approx(areas, rel=1e-9)


def test_a_township_is_part_of_its_county(county, cast):
    town, far = rollup(cast.reviewer, world.TOWN), rollup(cast.reviewer, "370983108000")
    assert (town.judged, far.judged) == (2, 1)
    parts = by_code(town)["4"].value + by_code(far)["4"].value
    assert by_code(rollup(cast.reviewer))["4"].value == pytest.approx(parts, rel=1e-12)
    assert by_code(rollup(cast.province, "370000000000"))["4"].value == pytest.approx(parts, rel=1e-12)


def value_of(version: PlanVersion, code: str = "4") -> float:
    return version.runs.get().values.get(code=code).value


@pytest.mark.parametrize("state", State.values)
def test_of_each_village_the_plan_in_force_counts_or_the_newest(county, cast, state):
    """The older version is in each state in turn; beside it a newer draft."""
    old = county[world.LIUGOU]
    newer = world.make_version(old.plan.village)
    runs.judge(newer)
    world.put(old, state)
    in_force, newest = (rollup(cast.township, world.TOWN, plans=p) for p in ("in_force", "newest"))
    beside = value_of(county[world.OTHER])
    counted = old if state in DECIDED else newer
    assert by_code(in_force)["4"].value == pytest.approx(value_of(counted) + beside, rel=1e-9)
    assert by_code(newest)["4"].value == pytest.approx(value_of(newer) + beside, rel=1e-9)
    assert (in_force.in_force, newest.in_force) == (int(state in DECIDED), 0)


@pytest.mark.parametrize("state", State.values)
def test_a_version_that_was_ended_counts_no_more(county, cast, state):
    """The newer version is in each state in turn, and open to the public like the older one."""
    old = county[world.LIUGOU]
    newer = world.make_version(old.plan.village, rows=["1001"] * 10)
    runs.judge(newer)
    PlanVersion.objects.filter(plan=old.plan).update(published_at="2026-01-01T00:00:00Z")
    world.put(newer, state)
    counted = old if state in ENDED else newer
    for plans in ("in_force", "newest"):
        everybody = by_code(rollup(AnonymousUser(), world.TOWN, plans=plans))["4"]
        assert everybody.value == pytest.approx(value_of(counted), rel=1e-9)


def test_only_the_newest_run_of_a_version_counts(county, cast):
    before = by_code(rollup(cast.reviewer))["7"].value
    for code in county:
        county[code].plan.village.facts.filter(code="population").update(value=PEOPLE[code] * 2)
        runs.judge(county[code])
    assert by_code(rollup(cast.reviewer))["7"].value == pytest.approx(before / 2, rel=1e-12)


# --- who sees what


def test_drafts_count_for_staff_of_the_division_only(county, cast):
    PlanVersion.objects.filter(pk=county[world.FAR].pk).update(published_at="2026-01-01T00:00:00Z")
    for user in (AnonymousUser(), cast.stranger, cast.committee, cast.township):
        found = rollup(user)
        assert (found.judged, found.drafts) == (1, False)
        assert {v["code"] for v in found.left_out} == {world.LIUGOU, world.OTHER}
    assert rollup(cast.reviewer).judged == 3
    assert rollup(cast.township, world.TOWN).judged == 2
    assert rollup(cast.committee, world.TOWN).judged == 0


def test_the_interface_answers_the_same_figures(county, cast, as_user):
    address = reverse("api-division-indicators", args=[world.COUNTY])
    said = as_user("reviewer").get(address).json()
    ours = by_code(rollup(cast.reviewer))
    assert {r["code"]: r["value"] for r in said["results"]} == {c: r.value for c, r in ours.items()}
    assert (said["villages"], said["judged"], said["drafts"]) == (3, 3, True)
    public = as_user().get(address).json()
    assert (public["judged"], public["results"]) == (0, [])
    table = as_user("reviewer").get(reverse("api-division-structure", args=[world.COUNTY])).json()
    assert table["total"]["plan_ha"] == pytest.approx(sum(r["plan_ha"] for r in table["rows"]))
    assert {r["key"] for r in table["table"]} >= {"total", "construction"}
    assert table["changes"]


def test_what_is_out_of_date_is_told_with_the_sums(county, cast, as_user):
    assert rollup(cast.reviewer).stale == 0
    county[world.FAR].plan.village.facts.filter(code="population").update(value=1)
    assert rollup(cast.reviewer).stale == 1
    said = as_user("reviewer").get(reverse("api-division-structure", args=[world.COUNTY])).json()
    assert said["stale"] == 1
    assert rollup(cast.township, world.TOWN).stale == 0


def test_the_interface_refuses_what_it_does_not_know(county, as_user):
    address = reverse("api-division-indicators", args=[world.COUNTY])
    assert as_user().get(address, {"plans": "best"}).status_code == 400
    assert as_user().get(reverse("api-division-indicators", args=["999999000000"])).status_code == 404


def test_the_workbook_holds_the_figures_and_no_formula(county, cast, as_user):
    Village.objects.filter(pk=world.OTHER).update(short_name="=HYPERLINK(1)")
    Village.objects.get(pk=world.OTHER).facts.filter(code="population").delete()
    runs.judge(county[world.OTHER])
    answer = as_user("reviewer").get(reverse("api-division-xlsx", args=[world.COUNTY]))
    book = load_workbook(io.BytesIO(answer.content))
    rows = {row[0]: row for row in book.worksheets[1].iter_rows(values_only=True)}
    ours = by_code(rollup(cast.reviewer))
    assert rows["7"][4] == pytest.approx(ours["7"].value)
    assert rows["7"][11] == 1
    names = [row[2] for row in book.worksheets[2].iter_rows(values_only=True)]
    assert "'=HYPERLINK(1)" in names
    assert all(cell.data_type != "f" for sheet in book for line in sheet.iter_rows() for cell in line)
