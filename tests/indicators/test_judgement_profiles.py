"""Profiles of judgement: merged from general to specific, every entry with its source, stored in editions by who may."""

import datetime
import json

import pytest
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import translation

from indicators import profiles
from indicators.catalogue import INDICATORS
from indicators.compute.frames import Frames, no_rows
from indicators.compute.standard import load_standard
from indicators.models import JudgementProfile
from indicators.profile_faults import problem
from portal.errors import NotAllowed, PortalError
from portal.models import AuditEntry, User
from tests import world

COUNTY = "370983"
OLD = datetime.date(2020, 1, 1)


@pytest.fixture
def village(db):
    return world.make_village()


@pytest.fixture
def cast(village):
    return world.make_cast()


def stored(name="own", content=None, **kwargs):
    given = {"title": name, "source": "县文件", "by": None, "division_code": COUNTY, "valid_from": OLD, **kwargs}
    own = {"indicators": {"11": {"at_most": 150}}} if content is None else content
    return profiles.save(name=name, content=own, **given)


def put(village, **values):
    for name, value in values.items():
        setattr(village, name, value)
    village.save()
    return village


def test_the_shipped_profiles_are_right_and_say_what_is_a_sample(db):
    shipped = list(JudgementProfile.objects.all())
    assert len(shipped) > 25
    for profile in shipped:
        assert problem(profile.content) is None, profile.name
        assert profile.source
        profile.full_clean()
        assert profile.sample == ("示例参数，未核实" in profile.source), profile.name
    assert {p.name for p in shipped if not p.sample} <= {"national", "national-checks"}


def test_the_national_profile_holds_the_template(village):
    found = profiles.merged(put(village, type="QT"))
    assert found.profiles[:2] == ("national@1", "national-checks@1")
    assert profiles.rule_of(found, "1")["binding"] == "binding"
    flex = profiles.rule_of(found, "27")
    assert (flex["at_most"], flex["sample"]) == (5, False)
    assert "35号" in flex["source"]
    assert not profiles.rule_of(found, "T12")["applies"]


def test_a_province_a_terrain_and_a_county_go_over_the_country_entry_by_entry(village):
    hill = profiles.rule_of(profiles.merged(put(village, terrain="hill")), "11")
    assert (hill["at_most"], hill["near"]) == (264, 0.1)
    plain = profiles.rule_of(profiles.merged(put(village, terrain="plain")), "11")
    assert (plain["at_most"], plain["near"]) == (200, 0.1)  # the limit of the plain, the amber of the province
    assert plain["profiles"] == ["shandong-plain@1", "shandong@1"]
    assert plain["sample"]
    stored()
    own = profiles.rule_of(profiles.merged(village), "11")
    assert (own["at_most"], own["near"], own["sample"], own["source"]) == (150, 0.1, False, "县文件")


def test_types_of_villages_are_judged_differently(village):
    lasting = profiles.merged(put(village, type="JJTS"))
    leaving = profiles.merged(put(village, type="BQCB"))
    assert profiles.rule_of(lasting, "24")["at_most"] is None
    rule = profiles.rule_of(leaving, "24")
    assert (rule["binding"], rule["at_most"], rule["sample"]) == ("expected", 0, False)
    assert profiles.rule_of(lasting, "22")["applies"]
    assert not profiles.rule_of(leaving, "22")["applies"]
    assert leaving.content["rules"]["new_homes_allowed"] is False


def test_a_hill_and_a_plain_county_have_sets_of_their_own(village):
    hill = profiles.merged(put(village, terrain="hill"))
    assert profiles.rule_of(hill, "30")["at_most"] == 15
    plain = profiles.merged(put(village, terrain="plain"))
    assert profiles.rule_of(plain, "29")["at_least"] == 70


def test_homesteads_are_limited_by_province_and_terrain(village):
    limits = {}
    for terrain in ("plain", "suburb", "hill", ""):
        standard = profiles.standard_for(put(village, terrain=terrain))
        limits[terrain] = standard.rules["homestead_m2"]
    assert limits == {"plain": 200, "suburb": 166, "hill": 264, "": 264}
    assert "264" in standard.rules["homestead_household_text"]
    rules = JudgementProfile.objects.get(name="sichuan").content["rules"].copy()
    profiles.settle_homestead(rules, {"rules/homestead_per_person_m2": {}}, "hill")
    assert rules["homestead_m2"] == 150


def test_the_last_edition_in_force_holds_and_of_each_division_its_own(village):
    stored(name="twice", content={"indicators": {"11": {"at_most": 190}, "7": {"at_most": 99}}})
    stored(name="twice", content={"indicators": {"11": {"at_most": 180}}})
    found = profiles.merged(village)
    assert profiles.rule_of(found, "11")["at_most"] == 180
    assert profiles.rule_of(found, "7")["at_most"] == 150  # what the first edition said is gone
    stored(name="twice", content={"indicators": {"11": {"at_most": 170}}}, division_code="37")
    assert profiles.rule_of(profiles.merged(village), "11")["at_most"] == 180
    stored(name="twice", content={"indicators": {"11": {"at_most": 160}}}, valid_from=datetime.date(2999, 1, 1))
    assert profiles.rule_of(profiles.merged(village), "11")["at_most"] == 180
    assert profiles.rule_of(profiles.merged(village, datetime.date(2999, 1, 2)), "11")["at_most"] == 160
    stored(name="elsewhere", content={"indicators": {"11": {"at_most": 1}}}, division_code="370982")
    assert profiles.rule_of(profiles.merged(village), "11")["at_most"] == 180


def test_what_is_inside_an_entry_keeps_where_it_came_from(village):
    stored(
        content={"rules": {"setbacks_m": {"国道": 25}}, "sources": {"rules/setbacks_m/国道": {"source": "县公路规划"}}}
    )
    found = profiles.merged(village)
    assert found.content["rules"]["setbacks_m"]["国道"] == 25
    assert found.content["rules"]["setbacks_m"]["省道"] == 15
    assert found.origins["rules/setbacks_m/国道"]["source"] == "县公路规划"
    assert found.origins["rules/setbacks_m/国道"]["profile"] == "own@1"
    assert found.origins["rules/setbacks_m/省道"]["profile"] == "national-checks@1"
    assert found.origins["rules/setbacks_m/省道"]["sample"] is True


def test_the_counting_rules_are_those_of_the_profiles_and_keep_their_digest_when_a_target_changes(village):
    before = profiles.standard_for(village)
    assert before is profiles.standard_for(village)
    assert before.sets == load_standard().sets
    stored()
    assert profiles.standard_for(village).digest == before.digest
    assert profiles.standard_for(village).digest != load_standard().digest
    stored(
        name="sets",
        content={"sets": {"cropland": {"include": ["01", "2303"]}}, "limits": {"technical_m2": {"value": 50}}},
    )
    after = profiles.standard_for(village)
    assert after.digest != before.digest
    assert "2303" in after["cropland"]
    assert "2303" not in before["cropland"]
    assert (after.limits["technical_m2"], before.limits["technical_m2"]) == (50, 100)


@pytest.mark.parametrize(
    ("content", "place", "words"),
    [
        ({"indicators": {"11": {"at_most": "200"}}}, "indicators/11/at_most", "not of the type"),
        ({"indicators": {"11": {"limit": 200}}}, "indicators/11", "“limit” is not known here"),
        ({"indicators": {"99": {"applies": True}}}, "indicators", "no indicator “99”"),
        ({"indicators": {"11": {"at_least": 2, "at_most": 1}}}, "indicators/11", "at_least is more than at_most"),
        ({"indicators": {"11": {"near": 2}}}, "indicators/11/near", "2 is more than 1"),
        ({"checks": {"K8": {"severity": "high"}}}, "checks/K8/severity", "none of"),
        ({"sets": {"crops": {"include": ["01"]}}}, "sets", "no set “crops”"),
        ({"sets": {"cropland": {"include": ["x"]}}}, "sets/cropland/include/0", "not written"),
        ({"limits": {"misfit_m2": {}}}, "limits/misfit_m2", "“value” is missing"),
        ({"rules": {"homestead_m2": -1}}, "rules/homestead_m2", ""),
        ({"rules": {"homestead_by_terrain_m2": {"sea": 3}}}, "rules/homestead_by_terrain_m2", ""),
        ({"sources": {"rules/none": {"source": "x"}}}, "sources", "no entry “rules/none”"),
        ({"other": {}}, "/", "“other” is not known here"),
        ({"rules": {"setbacks_m": {"国道": float("nan")}}}, "/", "no numbers"),
        ([], "/", "not of the type"),
    ],
)
def test_a_fault_of_the_content_is_named_with_its_place_and_nothing_is_stored(content, place, words, db):
    with translation.override("en"):
        text = problem(content)
        assert text.startswith(f"{place}: "), text
        assert words in text
        with pytest.raises(PortalError, match="not right"):
            stored(content=content)
    assert not JudgementProfile.objects.filter(name="own").exists()


def test_a_profile_ends_after_it_begins_and_holds_until_then(village):
    with pytest.raises(PortalError):
        stored(valid_to=OLD - datetime.timedelta(days=1))
    stored(valid_to=OLD + datetime.timedelta(days=9))
    assert "own@1" in profiles.merged(village, OLD).profiles
    assert "own@1" not in profiles.merged(village).profiles


def test_an_edition_never_changes(village):
    first = stored()
    first.title = "other"
    with pytest.raises(TypeError):
        first.save()
    second = stored()
    assert (first.edition, second.edition) == (1, 2)
    assert [e.after["edition"] for e in AuditEntry.objects.filter(verb="judgement_profile.saved").order_by("id")] == [
        1,
        2,
    ]


@pytest.mark.parametrize("name", ["planner", "committee", "villager", "township", "stranger"])
def test_who_hands_in_a_plan_does_not_say_by_what_it_is_judged(cast, name):
    with pytest.raises(NotAllowed):
        stored(by=getattr(cast, name), division_code="")


def test_officials_store_for_their_own_division_and_nobody_else_for_the_country(cast):
    assert stored(by=cast.reviewer, division_code="").division_code == COUNTY
    assert stored(by=cast.leader, division_code="370983101").division_code == "370983101"
    assert stored(by=cast.province, division_code="370982000000").division_code == "370982"
    with pytest.raises(NotAllowed):
        stored(by=cast.reviewer, division_code="370982")
    with pytest.raises(NotAllowed):
        stored(by=cast.leader, division_code="37")
    root = User.objects.create(username="root", is_superuser=True)
    assert stored(by=root, division_code="").division_code == ""


def test_the_api_lists_reads_and_stores(cast, client):
    body = {"name": "own", "title": "县方案", "source": "县文件", "content": {"indicators": {"11": {"at_most": 150}}}}
    address = "/api/v1/judgement-profiles/"
    assert client.post(address, body, content_type="application/json").status_code in (401, 403)
    client.force_login(cast.planner)
    assert client.post(address, body, content_type="application/json").status_code == 403
    client.force_login(cast.reviewer)
    wrong = {**body, "content": {"indicators": {"99": {}}}}
    answer = client.post(address, wrong, content_type="application/json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "profile")
    answer = client.post(address, body, content_type="application/json")
    assert (answer.status_code, answer.json()["edition"], answer.json()["division_code"]) == (201, 1, COUNTY)
    client.post(address, {**body, "title": "县方案二"}, content_type="application/json")
    client.logout()
    assert client.get(f"{address}own/").json()["title"] == "县方案二"
    assert client.get(f"{address}own/?edition=1").json()["title"] == "县方案"
    assert client.get(f"{address}none/").status_code == 404
    names = [p["name"] for p in client.get(f"{address}?page_size=1000").json()["results"]]
    assert {"national", "own"} <= set(names)
    holds = client.get(f"/api/v1/villages/{world.LIUGOU}/judgement/").json()
    assert "own@2" in holds["profiles"]
    assert holds["indicators"]["11"]["at_most"] == 150
    assert set(holds["indicators"]) == set(INDICATORS)
    assert client.get("/api/v1/villages/370983999999/judgement/").status_code == 404


def test_the_command_stores_files_and_says_what_is_wrong_with_them(village, tmp_path, capsys):
    path = tmp_path / "profile.json"
    good = {
        "name": "own",
        "title": "x",
        "source": "y",
        "content": {},
        "division_code": COUNTY,
        "valid_from": "2024-01-01",
    }
    path.write_text(json.dumps([good, {**good, "terrain": "hill"}]), encoding="utf-8")
    call_command("judgement_profile", str(path))
    assert "own, edition 2" in capsys.readouterr().out
    bad = [
        (lambda: {**good, "content": {"indicators": {"99": {}}}}, "99"),
        (lambda: {**good, "colour": 1}, "colour"),
        (lambda: {k: v for k, v in good.items() if k != "source"}, "source"),
        (lambda: {**good, "terrain": "sea"}, "sea"),
        (lambda: {**good, "valid_from": "soon"}, "soon"),
        (lambda: [good, 7], "no object"),
    ]
    for make, words in bad:
        path.write_text(json.dumps(make()), encoding="utf-8")
        with pytest.raises(CommandError, match=words):
            call_command("judgement_profile", str(path))
    with pytest.raises(CommandError):
        call_command("judgement_profile", str(tmp_path / "none.json"))
    assert JudgementProfile.objects.filter(name="own").count() == 2


def test_the_admin_stores_the_next_edition_and_changes_no_older_one(cast):
    staff = User.objects.create_user("staff", password="right-horse-battery", is_staff=True, is_superuser=True)
    staff.user_permissions.set(Permission.objects.all())
    first = stored()
    client = Client()
    client.force_login(staff)
    page = reverse("admin:indicators_judgementprofile_change", args=[first.pk])
    form = {"title": "neu", "division_code": COUNTY, "content": json.dumps({"indicators": {"11": {"at_most": 120}}}),
            "source": "县文件", "valid_from": "2024-01-01"}  # fmt: skip
    assert client.post(page, {**form, "content": json.dumps({"indicators": {"99": {}}})}).status_code == 200
    assert JudgementProfile.objects.filter(name="own").count() == 1
    assert client.post(page, form).status_code == 302
    first.refresh_from_db()
    assert first.title == "own"
    assert JudgementProfile.objects.get(name="own", edition=2).content["indicators"]["11"]["at_most"] == 120
    assert client.post(page, form).status_code == 403
    assert (
        client.post(reverse("admin:indicators_judgementprofile_delete", args=[first.pk]), {"post": "yes"}).status_code
        == 403
    )


def test_a_standard_of_profiles_computes(village):
    standard = profiles.standard_for(village)
    empty = Frames(no_rows("base"), no_rows("plan"), no_rows("lines"), {})
    assert {i.function(empty, standard).value for i in INDICATORS.values()} == {None}
