"""Base data of the one-map family: DLTB becomes parcels, lines become control lines; by the county, all of it or nothing."""

import contextlib
import json

import geopandas as gpd
import pytest
from django.core.management import CommandError, call_command

from planning import profiles
from portal.models import AuditEntry
from tests.grid import cell
from tests.planning.quality_case import judged, layer, state, zones
from villages.models import ControlLine, Parcel, Village

CODES = ["0101"] * 5 + ["0301K", "0404", "0702", "05H1", "1006"]
BECOME = ["0101"] * 5 + ["0301", "0403", "0703", "09", "0601"]
PLACE = {"QSDWDM": "3709831012040000000", "QSDWMC": "柳沟村", "ZLDWDM": "3709831012040000000", "ZLDWMC": "柳沟村"}
NUMBERS = {"TBMJ": 1.0, "TBDLMJ": 1.0, "SJNF": 2023}


def parcels(**changes) -> gpd.GeoDataFrame:
    count = 10
    columns = {
        "BSM": [f"{n:018}" for n in range(count)], "YSDM": ["1001010100"] * count, "TBBH": [str(n) for n in range(count)],
        "DLBM": CODES, "DLMC": ["水田"] * 5 + ["可调整乔木林地", "其他草地", "农村宅基地", "商业服务业设施用地", "农村道路"],
        "QSXZ": ["30"] * count, "MSSM": ["00"] * count,
        **{name: [value] * count for name, value in {**PLACE, **NUMBERS}.items()},
    }  # fmt: skip
    return gpd.GeoDataFrame({**columns, **changes}, geometry=[cell(0, n, 10, 1) for n in range(count)], crs=4490)


def farmland(shape) -> gpd.GeoDataFrame:
    columns = {
        "BSM": ["1"], "YSDM": ["2"], "XZQDM": ["370983101204"], "XZQMC": ["柳沟村"], "YJJBNTTBBH": ["1"], "TBBH": ["1"],
        "DLBM": ["0101"], "DLMC": ["水田"], "QSXZ": ["30"], "YJJBNTTBMJ": [1.0], "YJJBNTMJ": [1.0], "SJNF": [2023],
        "BHKSSJ": ["20230101"], "BHJSSJ": ["20231231"], "WDGD": ["1"], **{name: [value] for name, value in PLACE.items()},
    }  # fmt: skip
    return gpd.GeoDataFrame(columns, geometry=[shape], crs=4490)


def lines(*shapes, **columns) -> gpd.GeoDataFrame:
    """A layer of control lines with the fields that every one has, and these."""
    count = len(shapes)
    common = {"BSM": [str(n) for n in range(count)], "XZQDM": ["370983101204"] * count, "XZQMC": ["柳沟村"] * count}
    return gpd.GeoDataFrame({**common, **columns}, geometry=list(shapes), crs=4490)


def red_line(shape) -> gpd.GeoDataFrame:
    columns = {"YSDM": ["2"], "XJXZQDM": ["370983"], "XJXZQMC": ["肥城市"], "LHLX": ["陆域"], "MJ": [1.0]}
    return gpd.GeoDataFrame({"BSM": ["1"], **columns}, geometry=[shape], crs=4490)


@pytest.fixture
def run(village, cast, tmp_path, capsys):
    def call(who: str = "reviewer", profile: str = "yzt", **layers: gpd.GeoDataFrame) -> dict:
        path = tmp_path / "base.gpkg"
        path.unlink(missing_ok=True)
        for name, table in layers.items():
            table.to_file(path, layer=name, driver="GPKG")
        with contextlib.suppress(SystemExit):
            call_command(
                "import_base", str(path), "--village", village.code, "--as", getattr(cast, who).username, "--json",
                "--profile", profile,
            )  # fmt: skip
        return json.loads(capsys.readouterr().out)

    return call


def test_parcels_and_lines_take_the_place_of_those_on_record(village, run):
    said = run(DLTB=parcels(), YJJBNT=farmland(cell(0, 0, 20, 5)))
    assert said["accepted"], said["issues"]
    assert (said["parcels"], said["lines"], said["undecided"]) == (10, 1, 2)
    rows = Parcel.objects.filter(village=village).order_by("number")
    assert [(p.code, p.survey_code) for p in rows] == list(zip(BECOME, CODES, strict=True))
    assert rows[0].source == "base.gpkg"
    line = ControlLine.objects.get(village=village, kind="YJJBNT")
    half = ControlLine.objects.filter(village=village).exclude(kind="YJJBNT")
    assert line.area_m2 == pytest.approx(village.area_m2 / 2, rel=1e-3)  # cut at the village
    assert {x.kind for x in half} == {"STBHHX", "CZJSBJ"}  # the file says nothing of them
    assert Village.objects.get(pk=village.pk).revision == village.revision + 1
    entry = AuditEntry.objects.get(verb="village.base_replaced")
    assert entry.after == {"source": "base.gpkg", "parcels": 10, "YJJBNT": 1}


def test_lines_come_with_the_level_their_owner_stated(village, run):
    two = cell(0, 0, 5, 5), cell(5, 0, 5, 5)
    said = run(
        profile="ghydyh",
        ZHFXQ=lines(*two, FXDJ=["1", "3"], ZHLX=["1", "2"]),
        LSWHBHX=lines(*two, BHJB=["核心保护区", None], MC=["柳家祠堂", "柳家祠堂"]),
        GHFQ=lines(*two, YSDM=["2090020610"] * 2, GHFQDM=["510", "540"]),
    )
    assert said["accepted"], said["issues"]
    stated = ControlLine.objects.filter(village=village, source="base.gpkg").values_list("kind", "level")
    assert sorted(stated) == [
        ("GHFQ", "510"), ("GHFQ", "540"), ("LSWHBHX", ""), ("LSWHBHX", "核心保护区"), ("ZHFXQ", "低"), ("ZHFXQ", "高"),
    ]  # fmt: skip


def test_a_profile_may_say_which_field_states_the_level(village, run, cast):
    fields = [{"name": "BSM"}, {"name": "DJ", "means": "level"}]
    content = {"format": 2, "layers": [{"name": "林地", "role": "line", "kind": "GYL", "fields": fields}]}
    profiles.save(name="forest", title="林地", content=content, by=cast.planner)
    said = run(profile="forest", 林地=lines(cell(0, 0, 5, 5), DJ=["国家级一级公益林"]))
    assert said["accepted"], said["issues"]
    assert ControlLine.objects.get(village=village, kind="GYL").level == "国家级一级公益林"


def test_that_none_of_a_kind_lies_in_the_village_is_on_record(village, run):
    said = run(DLTB=parcels(), STBHHX=red_line(cell(12, 0, 2, 2)))
    assert said["accepted"], said["issues"]
    assert (said["lines"], said["none_here"]) == (0, ["STBHHX"])
    line = ControlLine.objects.get(village=village, kind="STBHHX")
    assert (line.area_m2, line.source) == (0, "base.gpkg")  # what was on record before is no longer issued
    assert line not in ControlLine.objects.valid_on()
    assert AuditEntry.objects.get(verb="village.base_replaced").after["STBHHX"] == 0
    run(STBHHX=red_line(cell(0, 0, 2, 2)))
    assert ControlLine.objects.get(village=village, kind="STBHHX").area_m2 > 0


def test_a_file_with_nothing_in_the_village_takes_no_line_away(village, run):
    elsewhere = red_line(cell(12, 0, 2, 2))
    with pytest.raises(CommandError):
        run(STBHHX=elsewhere)
    assert ControlLine.objects.get(village=village, kind="STBHHX").area_m2 > 0
    ControlLine.objects.filter(village=village, kind="STBHHX").delete()
    assert run(STBHHX=elsewhere)["none_here"] == ["STBHHX"]


def test_an_empty_layer_says_nothing(village, run):
    run(DLTB=parcels(), STBHHX=red_line(cell(0, 0)).iloc[:0])
    assert ControlLine.objects.get(village=village, kind="STBHHX").area_m2 > 0


def test_slope_settlement_and_grade_come_with_the_parcels(village, run):
    columns = {
        "GDPDJB": ["1", "5", "3", "", None, None, None, None, None, None],
        "CZCSXM": [None] * 7 + ["203", "203A", None],
        "ZLDJ": [4, 10, 1, 0, None, None, None, None, None, None],
    }
    said = run(DLTB=parcels(**columns))
    assert said["accepted"], said["issues"]
    rows = list(Parcel.objects.filter(village=village).order_by("number"))
    assert [p.slope_class for p in rows] == [1, 5, 3] + [None] * 7
    assert [p.settlement for p in rows] == [""] * 7 + ["203", "203A", ""]
    assert [p.quality for p in rows] == [4, 10, 1] + [None] * 7


@pytest.mark.parametrize(
    ("column", "value", "domain"),
    [("ZLDJ", "11", "1–10"), ("GDDB", "优", "1–10"), ("GDPDJB", "6", "PDJB"), ("pdjb", "²", "1–5")],
)
def test_a_grade_or_slope_that_is_none_is_named_and_nothing_is_stored(column, value, domain, village, run):
    row = 5
    said = run(DLTB=parcels(**{column: [None] * 4 + [value] + [None] * 5}))
    assert not said["accepted"]
    assert [(i["code"], i["row"]) for i in said["issues"] if value in i["text"] and domain in i["text"]] == [
        ("S4", row)
    ]
    assert Parcel.objects.filter(village=village, source="base.gpkg").count() == 0


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"DLBM": [*CODES[:9], "0699"]}, "S4"),
        ({"BSM": ["1"] * 10}, "S5"),
        ({"QSDWMC": [None] * 9 + ["柳沟村"]}, "S3"),
        ({"DLMC": ["果园"] * 10}, "S6"),
        ({"geometry": [cell(0, n, 10, 1) for n in range(9)] + [cell(0, 8, 10, 2)]}, "G5"),
    ],
)
def test_one_fault_and_nothing_is_stored(changes, code, village, run):
    table = parcels(**{k: v for k, v in changes.items() if k != "geometry"})
    if "geometry" in changes:
        table = table.set_geometry(changes["geometry"], crs=4490)
    said = run(DLTB=table, YJJBNT=farmland(cell(0, 0, 20, 5)))
    assert not said["accepted"]
    assert code in {i["code"] for i in said["issues"] if i["level"] == "error"}
    assert Parcel.objects.filter(village=village).count() == 100
    assert Village.objects.get(pk=village.pk).revision == village.revision


@pytest.mark.parametrize("who", ["planner", "committee", "township", "villager"])
def test_only_the_county_says_what_the_base_year_was(who, run):
    with pytest.raises(CommandError):
        run(who, DLTB=parcels())
    assert Parcel.objects.count() == 100


def test_the_one_map_family_handed_in_with_a_plan_is_checked_and_kept_as_it_came(village):
    table = parcels()
    base = layer("DLTB", {name: table[name].tolist() for name in table.columns[:-1]}, list(table.geometry))
    judgement = judged(village, zones(), base, name="yzt")
    assert not judgement.refused, [(i.code, i.params) for i in judgement.issues if i.level == "error"]
    (kept,) = judgement.draft.features
    assert (kept.layer, [row["DLBM"] for row in kept.attributes]) == ("DLTB", CODES)
    assert state(judgement, "S6") == "passed"


def test_the_name_of_a_householder_is_not_kept_with_a_plan(village):
    homes = layer("ZJD", {"ZJDBH": ["1"], "HZXM": ["柳大爷"]}, [cell(0, 7)])
    (kept,) = judged(village, zones(), homes).draft.features
    assert kept.attributes == [{"ZJDBH": "1"}]
