"""The demo village as it is loaded and judged: its first plan is stopped by what it promises, its second by nothing."""

from pathlib import Path

from django.conf import settings

from indicators import runs
from indicators.demo import make_targets
from planning import demo, imports, my_place, places
from planning.models import Finding, PlanVersion
from tests.rows import shared
from villages.demo_load import load_county
from villages.models import Corridor, Household, Village

DATA = Path(settings.BASE_DIR) / "tests" / "data"


@shared
def county(db):
    load_county()
    demo.make_rules()
    make_targets()
    return Village.objects.get(pk=demo.LIUGOU)


def judged(village, file):
    path = DATA / file
    outcome = imports.import_plan(path, name=path.name, village=village)
    assert outcome.accepted, outcome.issues[:5]
    runs.judge(outcome.version)
    return set(outcome.version.findings.values_list("code", "severity", "category"))


def blocking(found):
    return {code for code, severity, category in found if (severity, category) == ("block", "real")}


def test_the_demo_village_has_something_to_judge_in_every_layer(county):
    assert Corridor.objects.filter(division_id=demo.LIUGOU, kind="power_110kv").count() == 1
    heads = Household.objects.filter(village=county).values_list("head_name", flat=True)
    assert len(heads) == 12
    assert all(name.startswith("演示户") for name in heads)
    assert set(county.control_lines.filter(kind="GHFQ").values_list("level", flat=True)) == {"510", "530", "540"}


def told_where_homes_were_planned_on_farmland(county):
    """Zone 沿路新建住宅 of the first plan: a conflict there, settled in the second, where the field stays a field."""
    official = demo.make_people()["demo_reviewer"]
    first, second = PlanVersion.objects.with_plan().filter(plan__village=county).order_by("number")
    zone = first.zones.get(remark="沿路新建住宅")
    place = places.chosen(first, official, "zone", str(zone.number))
    before, after = my_place.tell(first, place, official), my_place.tell(second, place, official)
    assert (before["changes"], before["planned"]["code"]) == (True, "070301")
    assert before["now"]["code"].startswith("01")
    assert before["planned"]["mu"] == round(zone.area_m2 * 3 / 2000, 1)
    assert {row["code"] for row in before["conflicts"]} >= {"K1"}
    assert {line["may_build"] for line in before["lines"] if line["kind"] == "YJJBNT"} == {"no"}
    assert after["changes"] is False
    assert "K1" in {row["code"] for row in after["settled"]}
    assert 0 < len(after["facilities"]) <= 5
    hamlet = county.hamlets.get(name="前柳沟")
    assert (
        my_place.tell(second, places.chosen(second, official, "hamlet", str(hamlet.pk)), official)["now"]["code"]
        == "070301"
    )


def test_the_first_plan_is_stopped_and_the_second_is_not(county):
    first = judged(county, "liugou_v1.gpkg")
    assert blocking(first) == {"K1", "K3", "K4", "K10"}
    assert ("K13", "warn", "real") in first
    second = judged(county, "liugou_v2.zip")
    assert blocking(second) == set()
    assert {
        ("K5", "warn", "legacy"),
        ("K8", "warn", "legacy"),
        ("K9", "warn", "real"),
        ("K11", "info", "real"),
    } <= second
    over = {f.subject: round(f.area_m2, 1) for f in Finding.objects.filter(code="K9", version__number=2)}
    told_where_homes_were_planned_on_farmland(county)
    assert over == {"101204-005": 48.5, "101204-006": 116.0, "101204-007": 0.0}  # 264 m² in the hills of 山东
