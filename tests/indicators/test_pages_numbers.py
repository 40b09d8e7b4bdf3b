"""Pages and interface of the numbers of a version: indicators, one number with the shapes that made it, ledgers, files."""

import csv
import io

import pytest
from django.utils import timezone, translation
from openpyxl import load_workbook

from indicators import charts, comparison, members, passports, runs
from indicators.catalogue import INDICATORS
from indicators.models import Target
from planning.models import PlanVersion, State
from tests import world
from tests.rows import shared
from villages.models import Fact

pytestmark = pytest.mark.django_db
PAGES = ("indicators/", "indicators/4/", "ledgers/", "tables/indicators.xlsx")
ADDRESSES = (
    "indicators/", "indicators/4/", "indicators/4/members/", "ledgers/", "indicators.xlsx", "indicators.csv", "changes.csv",
)  # fmt: skip


def judged(version) -> PlanVersion:
    runs.judge(version)
    return PlanVersion.objects.with_plan().get(pk=version.pk)


@shared
def draft(village, cast) -> PlanVersion:
    """Fields become homesteads (row 5 of the village), homesteads fields, forest orchard; judged, not yet public."""
    rows = world.plan_rows()
    rows[4], rows[6], rows[7] = "070301", "0201", "0102"
    return judged(world.make_version(village, rows=rows, by=cast.planner))


@shared
def shown(draft, cast) -> PlanVersion:
    return world.publish(draft, cast.township)


def page(client, version, part, language="en"):
    client.cookies["django_language"] = language
    return client.get(f"/versions/{version.pk}/{part}", headers={"Accept-Language": language})


def ask(client, version, part, language="en", **query):
    return client.get(f"/api/v1/versions/{version.pk}/{part}", query, headers={"Accept-Language": language})


# who may see what


def test_a_draft_is_there_for_its_staff_and_for_nobody_else(draft, as_user):
    for name, status in (("planner", 200), ("township", 200), ("reviewer", 200), (None, 404), ("stranger", 404), ("villager", 404)):  # fmt: skip
        client = as_user(name)
        assert {page(client, draft, part).status_code for part in PAGES} == {status}, name
        assert {ask(client, draft, part).status_code for part in ADDRESSES} == {status}, name


def test_a_version_in_notice_is_there_for_all(shown, as_user):
    for name in (None, "stranger"):
        assert {page(as_user(name), shown, part).status_code for part in PAGES} == {200}
        assert {ask(as_user(name), shown, part).status_code for part in ADDRESSES} == {200}


def test_a_number_that_does_not_exist_is_not_there(shown, client):
    assert page(client, shown, "indicators/nothing/").status_code == 404
    assert ask(client, shown, "indicators/nothing/").status_code == 404
    assert ask(client, shown, "indicators/33a/members/").status_code == 404  # a figure of the statistics has no shapes
    assert page(client, shown, "tables/other.xlsx").status_code == 404


def test_before_the_first_computation_the_pages_say_so(public_version, client):
    assert "have not been computed yet" in page(client, public_version, "indicators/").content.decode()
    assert "have not been computed yet" in page(client, public_version, "ledgers/").content.decode()
    assert ask(client, public_version, "ledgers/").json()["computed"] is False
    for part in ("indicators/4/", "indicators.xlsx", "changes.csv"):
        assert ask(client, public_version, part).status_code == 404


# one source for page, interface, review


def test_page_and_interface_say_the_same_of_every_number(shown, as_user):
    Target.objects.create(village_id=world.LIUGOU, code="1", value=1.0, source="县下达", issued_on="2022-01-01")
    rows = [row for _label, rows in page(as_user(), shown, "indicators/").context["groups"] for row in rows]
    answered = {row["code"]: row for row in ask(as_user(), shown, "indicators/").json()["results"]}
    assert {row.code for row in rows} == set(answered)
    for row in rows:
        said = answered[row.code]
        assert (said["value"], said["light"], said["met"]) == (row.figure.value, row.light, row.figure.met), row.code
        assert said["change"] == row.change
    assert answered["1"]["bounds"][0] == {"kind": "at_least", "value": 1.0, "origin": "target", "binding": True}
    assert answered["1"]["light"] == "kept"
    one = ask(as_user(), shown, "indicators/1/").json()
    assert {key: one[key] for key in answered["1"]} == answered["1"]
    assert one["digest"] == runs.newest(shown).digest
    assert (one["stale"], one["base_numerator"]) == (False, pytest.approx(one["base_value"] * 10_000))


def test_every_value_is_its_numerator_over_its_denominator(shown, client):
    rows = ask(client, shown, "indicators/").json()["results"]
    ratios = [
        row for row in rows if row["value"] is not None and row["numerator"] is not None and row["denominator"] != 0
    ]
    assert len(ratios) > 10
    for row in ratios:
        made = row["numerator"] / (row["denominator"] or 1) * row["scale"]
        assert row["value"] == pytest.approx(made, rel=1e-9), row["code"]


def test_a_number_says_how_it_was_computed_with_its_figures(shown, client):
    html = page(client, shown, "indicators/7/").content.decode()
    value = runs.newest(shown).values.get(code="7")
    assert f"{value.numerator:,.2f}" in html
    assert "1,200.00" in html
    assert INDICATORS["7"].source in html


def test_every_number_has_a_page_in_both_languages(shown, client):
    codes = list(runs.newest(shown).values.values_list("code", flat=True))
    assert len(codes) > 30
    for language in ("en", "zh-hans"):
        for code in codes:
            assert page(client, shown, f"indicators/{code}/", language).status_code == 200, code


def test_every_indicator_stands_in_a_group_and_every_input_has_a_name(shown):
    grouped = {code for _label, codes in passports.GROUPS.values() for code in codes}
    assert set(INDICATORS) - grouped == set()
    for indicator in INDICATORS.values():
        for name in indicator.inputs:
            known = name in passports.INPUTS or name.removeprefix("village.") in Fact.Code.values
            assert known, name


# the shapes that made a number


def test_members_add_up_to_the_numerator(shown, as_user, settings):
    """For everybody who may see the base data; every sum of areas, parts of zones too."""
    client = as_user("planner")
    checked = 0
    for row in ask(client, shown, "indicators/").json()["results"]:
        if row["members"] is None or row["unit"] != "ha" or row["value"] is None:
            continue
        made = ask(client, shown, f"indicators/{row['code']}/members/", page_size=1000).json()
        total = sum(f["properties"]["area_m2"] for f in made["features"])
        assert total == pytest.approx(row["numerator"], rel=1e-6, abs=0.01), row["code"]
        assert made["total_m2"] == pytest.approx(total)
        assert (made["hidden"], made["total"]) == (0, len(made["features"]))
        checked += 1
    assert checked >= 10


def test_members_come_in_pages(shown, client):
    first = ask(client, shown, "indicators/1/members/", page_size=3).json()
    assert (len(first["features"]), first["total"]) == (3, 5)
    areas = [f["properties"]["area_m2"] for f in first["features"]]
    assert areas == sorted(areas, reverse=True)
    rest = client.get(first["next"]).json()
    assert (len(rest["features"]), rest["next"]) == (2, None)
    assert ask(client, shown, "indicators/1/members/", page_size=0).status_code == 400
    assert ask(client, shown, "indicators/1/members/", cursor="x").status_code == 400


def test_base_data_are_hidden_from_the_public_and_counted(shown, as_user, settings):
    settings.DEMO = False
    seen = ask(as_user(), shown, "indicators/25/members/").json()  # construction given back: base-year parcels
    staff = ask(as_user("planner"), shown, "indicators/25/members/").json()
    assert staff["total_m2"] == pytest.approx(seen["total_m2"])
    layers = {f["properties"]["layer"] for f in staff["features"]}
    if layers == {"plan"}:
        assert seen["hidden"] == 0
    else:
        assert (seen["features"], seen["hidden"]) == ([], staff["total"])
    lines = ask(as_user(), shown, "indicators/2/members/").json()
    assert (lines["features"], lines["hidden"] > 0) == ([], True)
    assert lines["hidden_m2"] == pytest.approx(lines["total_m2"])
    html = page(as_user(), shown, "indicators/2/").content.decode()
    assert "only staff of the division may see" in html
    assert "data-map=" not in html


def test_the_public_sees_whole_zones_and_not_where_a_parcel_ends(shown, as_user, settings):
    """New construction is cut along base-year parcels; its zones are public, the cuts are not."""
    settings.DEMO = False
    zones = {zone.number: zone for zone in shown.zones.all()}
    features = ask(as_user(), shown, "indicators/24/members/").json()["features"]
    assert features
    for feature in features:
        zone = zones[int(feature["properties"]["number"])]
        ring = feature["geometry"]["coordinates"][0][0]
        assert len(ring) == len(zone.geom[0][0])
        assert feature["properties"]["area_m2"] <= zone.area_m2 + 0.01


def test_members_are_computed_once_for_a_run(shown, client, monkeypatch):
    ask(client, shown, "indicators/4/members/")
    monkeypatch.setattr(members, "frames_of", lambda *a, **k: pytest.fail("read again"))
    assert ask(client, shown, "indicators/4/members/").status_code == 200


# ledgers


def test_the_ledgers_hold_what_is_drawn(shown, client):
    """Ten cells of field are built over, ten of homestead become field; ten of forest become orchard."""
    answer = ask(client, shown, "ledgers/").json()
    cell_row = shown.zones.get(number=5).area_m2
    made = answer["ledgers"]["compensation"]
    assert made["lost_m2"] == pytest.approx(cell_row, rel=1e-6)
    assert made["gained_m2"] == pytest.approx(shown.zones.get(number=8).area_m2, rel=1e-6)
    built = answer["ledgers"]["construction"]
    assert built["increase_m2"] - built["reduction_m2"] == pytest.approx(built["plan_m2"] - built["base_m2"])
    assert "of cropland are built over" in answer["sentences"]["compensation"]
    sums = {row.code: row for row in runs.newest(shown).structure.all()}
    for code, row in sums.items():
        for side in ("base", "plan"):
            cells = [c["area_m2"] for c in answer["changes"] if c[f"{side}_code"] == code]
            assert sum(cells) == pytest.approx(getattr(row, f"{side}_m2"), abs=0.01)
    for matrix in answer["matrices"]:
        assert sum(matrix["base"].values()) == pytest.approx(matrix["total_m2"])
        assert sum(matrix["plan"].values()) == pytest.approx(matrix["total_m2"])


def test_the_page_of_the_ledgers_says_it_in_sentences_drawings_and_tables(shown, client):
    for language, word in (("en", "are built over"), ("zh-hans", "</svg>")):
        html = page(client, shown, "ledgers/", language).content.decode()
        assert word in html
        assert html.count('class="sankey"') == 2
        assert html.count("matrix-table") == 2


def test_a_shortfall_is_said(village, cast, client):
    rows = world.plan_rows()
    rows[4] = "070301"
    version = world.publish(judged(world.make_version(village, rows=rows, by=cast.planner)), cast.township)
    html = page(client, version, "ledgers/").content.decode()
    assert "short by" in html
    assert "light--missed" in html


# files


def test_the_workbook_holds_numbers(shown, client):
    answer = ask(client, shown, "indicators.xlsx")
    assert answer["Content-Disposition"].endswith('indicators.xlsx"')
    book = load_workbook(io.BytesIO(answer.content))
    assert len(book.sheetnames) == 6
    sheet = book.worksheets[1]
    head = [cell.value for cell in sheet[1]]
    rows = {row[0].value: dict(zip(head, row, strict=True)) for row in sheet.iter_rows(min_row=2)}
    values = {row["code"]: row for row in ask(client, shown, "indicators/").json()["results"]}
    assert set(rows) == set(values)
    assert rows["4"]["Plan"].value == pytest.approx(values["4"]["value"])
    assert rows["4"]["Numerator"].data_type == "n"
    ledgers = [[cell.value for cell in row] for row in book.worksheets[3].iter_rows(min_row=2)]
    lost = ask(client, shown, "ledgers/").json()["ledgers"]["compensation"]["lost_m2"] / 10_000
    assert any(row[2] == pytest.approx(lost) for row in ledgers)
    changes = [[cell.value for cell in row] for row in book.worksheets[5].iter_rows(min_row=2)]
    total = sum(row[4] for row in changes)
    assert total == pytest.approx(sum(r.plan_m2 for r in runs.newest(shown).structure.all()), rel=1e-6)
    assert page(client, shown, "tables/indicators.xlsx").status_code == 200


def test_no_text_of_a_file_begins_a_formula(shown, client):
    shown.plan.name = "=HYPERLINK(1)"
    shown.plan.save()
    book = load_workbook(io.BytesIO(ask(client, shown, "indicators.xlsx").content))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert all(cell.data_type != "f" for cell in cells)
    assert "'=HYPERLINK(1)" in [cell.value for cell in cells]


def test_the_tables_as_csv(shown, client):
    for part, rows in (("indicators.csv", len(runs.newest(shown).values.all())), ("changes.csv", runs.newest(shown).changes.count())):  # fmt: skip
        text = ask(client, shown, part).content.decode("utf-8-sig")
        found = list(csv.reader(io.StringIO(text)))
        assert len(found) == rows + 1
        assert len({len(row) for row in found}) == 1


@pytest.mark.parametrize("part", ["indicators.csv", "changes.csv"])
def test_a_csv_says_when_it_was_computed_and_whether_it_is_out_of_date(shown, client, part):
    def lines() -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(ask(client, shown, part).content.decode("utf-8-sig"))))

    computed = f"{timezone.localtime(runs.newest(shown).computed_at):%Y-%m-%d %H:%M}"
    assert {(row["Computed at"], row["Out of date"]) for row in lines()} == {(computed, "no")}
    shown.plan.village.facts.filter(code="population").update(value=1)
    assert {(row["Computed at"], row["Out of date"]) for row in lines()} == {(computed, "yes: compute it again")}


# beside others


def test_medians_count_only_villages_with_a_public_version(shown, cast):
    for number in range(3):
        code = f"37098310120{6 + number}"
        world.Division.objects.create(code=code, name=f"{number}村", level=5, parent_id=world.TOWN)
        other = world.make_village(code, row=20 * (number + 1))
        judged(world.make_version(other, by=cast.planner))
    village = shown.plan.village
    assert comparison.medians(village)["4"] == {"township": None, "county": None}
    comparison.cache.clear()
    for version in PlanVersion.objects.exclude(pk=shown.pk).exclude(plan__village=village)[:2]:
        world.publish(version, cast.township)
    found = comparison.medians(village)["4"]
    assert found["township"].villages == found["county"].villages == 3
    values = sorted(
        v.runs.first().values.get(code="4").value for v in PlanVersion.objects.filter(published_at__isnull=False)
    )
    assert found["county"].value == pytest.approx(values[1])
    with translation.override("en"):
        assert passports.of_code(runs.newest(shown), "4", comparison.medians(village)).county == found["county"]


@pytest.mark.parametrize("state", [State.PUBLISHED, State.IN_FORCE, State.WITHDRAWN])
def test_a_median_takes_the_plan_in_force_and_none_that_ended(shown, cast, monkeypatch, state):
    """A newer version beside the public one, with another area; whichever holds is the middle of one village."""
    monkeypatch.setattr(comparison, "LEAST_VILLAGES", 1)
    newer = world.make_version(shown.plan.village, rows=["1001"] * 10, by=cast.planner)
    judged(newer)
    PlanVersion.objects.filter(pk=newer.pk).update(published_at=shown.published_at or "2026-01-01T00:00:00Z")
    world.put(newer if state == State.WITHDRAWN else shown, state)
    holding = runs.newest(shown).values.get(code="4").value
    assert runs.newest(newer).values.get(code="4").value != pytest.approx(holding)
    assert comparison.medians(shown.plan.village)["4"]["county"] == comparison.Median(pytest.approx(holding), 1)


# drawings


def test_bars_share_a_scale_and_a_value_below_zero_has_none():
    drawn = charts.bars(50, 100, [75])
    assert drawn["value"] * 2 == pytest.approx(drawn["base"], abs=0.02)
    assert drawn["value"] * 1.5 == pytest.approx(drawn["bounds"][0], abs=0.02)
    assert charts.bars(-1, 5, []) is None
    assert charts.bars(None, 5, []) is None
    assert charts.bars(0, None, []) is None


def test_a_radar_needs_three_axes_and_stops_a_quarter_beyond_the_target():
    assert charts.radar([1, 1]) is None
    drawn = charts.radar([1, 9, None, 0.5])
    assert len(drawn["dots"]) == 4
    assert drawn["dots"][1] == drawn["axes"][1]
    assert drawn["dots"][2] == {"x": drawn["middle"], "y": drawn["middle"]}


def test_a_sankey_draws_what_moves_and_keeps_its_proportions():
    cells = [
        {"base": "a", "plan": "a", "area_m2": 1e6}, {"base": "a", "plan": "b", "area_m2": 300.0},
        {"base": "c", "plan": "b", "area_m2": 100.0}, {"base": "c", "plan": "a", "area_m2": 0.1},
    ]  # fmt: skip
    drawn = charts.sankey(cells, ["a", "b", "c"])
    assert [(r["base"], r["plan"]) for r in drawn["ribbons"]] == [("a", "b"), ("c", "b")]
    a, c = drawn["base"]
    assert a["height"] == pytest.approx(3 * c["height"], abs=0.05)
    (b,) = drawn["plan"]
    assert b["height"] == pytest.approx(a["height"] + c["height"], abs=0.05)
    assert c["y"] > a["y"] + a["height"]
    assert charts.sankey(cells[:1], ["a"]) is None
