"""Indicators and the structure table over the API."""

import pytest
from django.utils import translation

from indicators import api, api_indicators, applying, runs
from indicators.catalogue import INDICATORS
from indicators.checks import CHECKS
from indicators.models import Target
from planning import conflicts
from tests import world
from tests.rows import shared

pytestmark = pytest.mark.django_db


@shared
def judged(version, cast):
    """The version with its results stored, in public notice."""
    runs.judge(version)
    version.refresh_from_db()
    return world.publish(version, cast.township)


def get(client, version, part, language="zh-hans"):
    return client.get(f"/api/v1/versions/{version.pk}/{part}/", headers={"Accept-Language": language}).json()


def test_the_structure_table_adds_up_to_the_village_on_both_sides(judged, client):
    body = get(client, judged, "structure")
    assert set(body) == set(api.Structure().fields)
    assert body["computed"]
    for side in ("base_ha", "plan_ha"):
        assert sum(row[side] for row in body["rows"]) == pytest.approx(body["village_ha"], rel=1e-6)
        assert body["total"][side] == pytest.approx(body["village_ha"], rel=1e-6)
    rows = {row["code"]: row for row in body["rows"]}
    assert rows["0102"]["name"] == "水浇地"
    # the orchard of ten cells becomes homesteads, which had ten before
    assert rows["0201"]["plan_ha"] == 0
    assert rows["070301"]["plan_ha"] == pytest.approx(2 * rows["070301"]["base_ha"], rel=1e-4)


def test_the_official_table_ends_with_the_total_in_the_readers_language(judged, client):
    table = get(client, judged, "structure")["table"]
    assert (table[-1]["kind"], table[-1]["name"]) == ("total", "总计")
    assert set(table[0]) == set(api.TableRow().fields)
    leaves = [row for row in table if row["kind"] == "row"]
    assert sum(row["plan_ha"] for row in leaves) == pytest.approx(table[-1]["plan_ha"], abs=1e-6)
    assert get(client, judged, "structure", "en")["table"][-1]["name"] == "Total"


def test_indicators_come_in_the_order_of_the_catalogue_with_what_they_are_made_of(judged, client):
    body = get(client, judged, "indicators")
    applies = applying.ruling(judged.village).indicators
    assert [row["code"] for row in body["results"]] == [code for code in INDICATORS if code in applies]
    rows = {row["code"]: row for row in body["results"]}
    assert set(rows["11"]) == set(api_indicators.IndicatorShape().fields)
    per_household = rows["11"]
    assert (per_household["name"], per_household["denominator"]) == ("户均宅基地面积", 400)
    assert per_household["value"] == pytest.approx(per_household["numerator"] / per_household["denominator"])
    assert rows["24"]["value"] == pytest.approx(rows["10"]["value"] - rows["10"]["base_value"], rel=1e-6)
    assert get(client, judged, "indicators", "en")["results"][0]["name"] == "Cropland retained"


def test_a_target_stands_beside_its_indicator_and_says_whether_it_is_kept(judged, client):
    base = {row["code"]: row["base_value"] for row in get(client, judged, "indicators")["results"]}
    for code, value in (("1", base["1"]), ("10", base["10"])):
        Target.objects.create(village_id=world.LIUGOU, code=code, value=value, source="县下达", issued_on="2022-01-01")
    rows = {row["code"]: row for row in get(client, judged, "indicators")["results"]}
    assert rows["1"]["target"]["source"] == "县下达"
    assert (rows["1"]["met"], rows["10"]["met"], rows["4"]["met"]) == (True, False, None)


def test_what_is_not_computed_yet_says_so_and_is_empty(public_version, client):
    assert get(client, public_version, "indicators") == {
        "computed": False, "computed_at": None, "digest": None, "stale": False, "results": [],
    }  # fmt: skip
    body = get(client, public_version, "structure")
    assert (body["computed"], body["rows"], body["table"]) == (False, [], [])
    assert body["village_ha"] > 90


def test_findings_are_served_with_the_words_of_the_checks_that_made_them(judged, client):
    """planning names the checks for its readers, indicators makes them: the words may not part."""
    assert set(conflicts.CHECKS) == set(CHECKS)
    for language in ("en", "zh-hans"):
        with translation.override(language):
            for code, check in CHECKS.items():
                assert (conflicts.name(code), conflicts.law(code)) == (str(check.name), check.law)


def test_the_answers_take_few_queries(judged, client, django_assert_max_num_queries):
    with django_assert_max_num_queries(16):
        get(client, judged, "indicators")
    with django_assert_max_num_queries(16):  # most of them say whether it still holds
        get(client, judged, "structure")
