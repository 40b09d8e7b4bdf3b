"""Profiles are data in editions: stored by people who may, never overwritten, chosen by the division of the village."""

import json

import pytest
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import translation

from planning import profiles, schema
from planning.models import MappingProfile
from portal.errors import NotAllowed, PortalError
from portal.models import AuditEntry, User
from tests import world
from tests.planning.quality_case import ROWS, found, judged, state, zones
from tests.rows import shared

OWN = {"format": 2, "layers": [{"name": "DK", "role": "zones", "fields": [{"name": "DM", "means": "code"}]}]}
COUNTY = "370983"


def default_with(**rules) -> dict:
    return {**profiles.by_name("ghydyh").content, "rules": rules}


def test_the_families_are_there_and_say_where_they_come_from(db):
    wanted = {
        "ghydyh": "GHFW XZQ XZQJX JQYDYH GHYDYH YJJBNT STBHHX CZKFBJ CZJSBJ LSWHBHX ZHFXQ GHFQ GGFWSS JCSS GHDL ZDXM ZJD "
        "SPZZ GHZBB YTJGTZB XMB",
        "yzt": "DLTB YJJBNT STBHHX CZKFBJ GHYDYH",
        "hangzhou": "XG_GHFW XG_JSBJ XG_YTFQ XG_GHDK XG_PTSS XG_JQJF XG_KZX",
    }
    for name, layers in wanted.items():
        profile = profiles.by_name(name)
        assert profiles.problem(profile.content) is None
        assert {x.name for x in profile.layers} == set(layers.split())
        assert profile.content["source"]
        assert profile.content["date"]
        assert profile.content["sample"] is True
    assert profiles.by_name("ghydyh").edition == 2
    assert profiles.by_name("ghydyh@1").content["format"] == 2  # the stored format 1, as code uses it
    assert MappingProfile.objects.get(name="ghydyh", edition=1).content["format"] == 1


def test_only_the_zones_and_their_class_are_required_by_default(village):
    assert not judged(village, zones()).refused


def test_saving_a_name_again_makes_the_next_edition(cast):
    first = profiles.save(name="own", title="甲", content=OWN, by=cast.planner)
    changed = {**OWN, "layers": [{**OWN["layers"][0], "name": "DK2"}]}
    second = profiles.save(name="own", title="乙", content=changed, by=cast.planner)
    assert (first.edition, second.edition) == (1, 2)
    first.refresh_from_db()
    assert first.content == OWN
    assert profiles.by_name("own").layers[0].name == "DK2"
    assert profiles.by_name("own@1").layers[0].name == "DK"
    assert [e.after["edition"] for e in AuditEntry.objects.filter(verb="profile.saved").order_by("id")] == [1, 2]


@pytest.mark.parametrize("name", ["none", "ghydyh@9", "ghydyh@", "ghydyh@x", "ghydyh@１"])
def test_an_edition_that_is_not_there_is_said_so(name, db):
    with pytest.raises(PortalError):
        profiles.by_name(name)


def test_nobody_stores_an_edition_of_what_others_made_but_an_official_for_the_own_division(cast):
    content = profiles.by_name("ghydyh").content
    with pytest.raises(NotAllowed):
        profiles.save(name="ghydyh", title="", content=content, by=cast.planner)
    with pytest.raises(NotAllowed):
        profiles.save(name="ghydyh", title="", content=content, by=cast.reviewer, division_code="370982")
    stored = profiles.save(name="ghydyh", title="", content=default_with(levels={"G6": "warning"}), by=cast.reviewer)
    assert (stored.edition, stored.division_code) == (3, COUNTY)
    root = User.objects.create(username="root", is_superuser=True)
    assert profiles.save(name="ghydyh", title="", content=content, by=root).division_code == ""


def test_the_edition_of_the_countys_own_holds_there_and_nowhere_else(cast, village):
    profiles.save(name="ghydyh", title="", content=default_with(levels={"G6": "off"}), by=cast.leader)
    here, elsewhere = profiles.for_village("ghydyh", village.code), profiles.for_village("ghydyh", "110101001001")
    assert (here.edition, here.rules["levels"]) == (3, {"G6": "off"})
    assert (elsewhere.edition, elsewhere.rules) == (2, {})
    assert profiles.by_name("ghydyh").edition == 2
    profiles.save(name="ghydyh", title="", content=default_with(levels={"G6": "warning"}), by=cast.province)
    assert profiles.for_village("ghydyh", village.code).edition == 3  # the smaller division goes before
    assert profiles.for_village("ghydyh", "371001001001").edition == 4


def test_the_countys_levels_hold_for_whatever_mapping_a_file_is_read_with(cast, village):
    profiles.save(name="own", title="", content=OWN, by=cast.planner)
    assert profiles.for_village("own", village.code).rules == {}
    profiles.save(name="ghydyh", title="", content=default_with(levels={"S7": "error"}), by=cast.reviewer)
    assert profiles.for_village("own", village.code).rules == {"levels": {"S7": "error"}}
    rows = [*ROWS[:7], "07", *ROWS[8:]]
    assert judged(village, zones(rows)).refused
    assert state(judged(village, zones()), "S7") == "passed"


def test_an_older_edition_does_not_bring_older_levels_back(cast, village):
    for level in ("off", "error"):
        profiles.save(name="ghydyh", title="", content=default_with(levels={"G6": level}), by=cast.reviewer)
    for name in ("ghydyh@1", "ghydyh@3", "ghydyh@4"):
        assert profiles.for_village(name, village.code).rules == {"levels": {"G6": "error"}}
    assert profiles.for_village("ghydyh@3", village.code).edition == 3


def test_a_division_code_is_digits_of_a_division(cast):
    for code in ("37098", "abc", "3709830000001", "37 983"):
        with pytest.raises(PortalError):
            profiles.save(name="own", title="", content=OWN, by=cast.reviewer, division_code=code)
    stored = profiles.save(name="own", title="", content=OWN, by=cast.reviewer, division_code="370983000000")
    assert stored.division_code == COUNTY


def broken(**changes) -> dict:
    return {**OWN, **changes}


@pytest.mark.parametrize(
    ("content", "place", "zh"),
    [
        ({"format": 2}, "/", "“layers”"),
        (broken(layers=[]), "layers", "1"),
        (broken(more=1), "/", "“more”"),
        (broken(layers=[{"name": "A", "role": "zone"}]), "layers/0/role", "zone"),
        (broken(layers=[{"name": "A", "role": "zones", "fields": {}}]), "layers/0/fields", "array"),
        (broken(codes={"a": "1"}), "codes/a", "1"),
        (broken(rules={"levels": {"Z9": "off"}}), "rules/levels", "Z9"),
        (broken(rules={"tolerances": {"width": 1}}), "rules/tolerances", "width"),
        (broken(layers=[{"name": "A", "role": "zones"}, {"name": "a", "role": "table"}]), "layers", "a"),
        (broken(layers=[{"name": "A", "role": "zones", "fields": [{"name": "x", "domain": "D"}]}]),
         "layers/0/fields/0/domain", "D"),
        ([], "/", "object"),
        (None, "/", "null"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place_and_without_the_validators_english(content, place, zh):
    with translation.override("en"):
        told = profiles.problem(content)
    assert told.startswith(f"{place}: ")
    assert zh in told
    assert "is not valid under" not in told
    assert "does not match" not in told
    assert "Additional properties" not in told


def test_a_file_of_the_hangzhou_family_is_read_with_its_own_layers(village):
    from tests.planning.quality_case import layer, strips

    plan = layer("XG_GHDK", {"DKBH": list("abcdefghij"), "DLBM": ROWS, "PFSJ": ["2024-01-31"] * 10}, strips())
    districts = layer("XG_YTFQ", {"FQDM": ["510", "999"]}, [strips()[0]] * 2)
    judgement = judged(village, plan, districts, name="hangzhou")
    assert [i.code for i in judgement.issues if i.level == "error"] == ["S4"]
    assert found(judgement, "S4") == [("error", "XG_YTFQ", 2, "not_in_domain")]
    assert judgement.draft.codes == ROWS
    assert [f.layer for f in judgement.draft.features] == ["XG_YTFQ"]


def test_codes_of_other_countries_go_through_a_profile(village):
    """The land use of PLATEAU (Tamana, Japan) has classes of its own, 201 to 231."""
    from pathlib import Path

    from tests.planning.quality_case import layer, strips

    content = json.loads(Path(__file__).with_name("profile_plateau.json").read_text("utf-8"))
    profiles.save(name="plateau", title="PLATEAU", content=content, by=None)
    used = ["201", "202", "204", "211", "212", "213", "214", "216", "217", "219"]
    judgement = judged(village, layer("luse_LandUse", {"class": used}, strips()), name="plateau")
    assert found(judgement, "S4") == []
    assert judgement.draft.codes == [content["codes"][value] for value in used]
    assert judgement.draft.file_codes == used


# --- the API


def test_the_api_lists_the_newest_and_reads_any_edition(cast, as_user):
    client = as_user("planner")
    body = {"name": "own", "title": "甲", "content": OWN}
    assert client.post("/api/v1/profiles/", body, "application/json").json()["edition"] == 1
    assert client.post("/api/v1/profiles/", {**body, "title": "乙"}, "application/json").json()["edition"] == 2
    listed = {p["name"]: p["edition"] for p in as_user().get("/api/v1/profiles/").json()["results"]}
    assert listed == {"ghydyh": 2, "hangzhou": 1, "yzt": 1, "own": 2}
    assert as_user().get("/api/v1/profiles/own/").json()["title"] == "乙"
    assert as_user().get("/api/v1/profiles/own/?edition=1").json()["title"] == "甲"
    assert as_user().get("/api/v1/profiles/own/?edition=3").status_code == 404
    assert as_user().get("/api/v1/profiles/own/?edition=x").status_code == 400
    assert as_user().get("/api/v1/profiles/none/").status_code == 404


def test_an_edition_can_be_downloaded_and_is_what_was_stored(cast, as_user):
    answer = as_user().get("/api/v1/profiles/ghydyh/file/?edition=1")
    assert answer["Content-Disposition"] == 'attachment; filename="ghydyh-1.json"'
    assert json.loads(answer.content) == MappingProfile.objects.get(name="ghydyh", edition=1).content


def test_the_api_keeps_rules_to_the_officials_own_division(cast, as_user):
    body = {"name": "strict", "title": "严", "content": {**OWN, "rules": {"levels": {"S7": "error"}}}}
    assert as_user("planner").post("/api/v1/profiles/", body, "application/json").status_code == 403
    stored = as_user("reviewer").post("/api/v1/profiles/", body, "application/json")
    assert (stored.status_code, stored.json()["division_code"]) == (201, COUNTY)
    other = {**body, "division_code": "110101"}
    assert as_user("reviewer").post("/api/v1/profiles/", other, "application/json").status_code == 403


# --- the admin


@shared
def root(db) -> Client:
    client = Client()
    client.force_login(User.objects.create(username="root", is_staff=True, is_superuser=True))
    return client


def address(name: str, edition: int) -> str:
    row = MappingProfile.objects.get(name=name, edition=edition)
    return reverse("admin:planning_mappingprofile_change", args=[row.pk])


def typed(**changes: str) -> dict[str, str]:
    return {"title": "改", "division_code": "", "source": "", "content": json.dumps(OWN), **changes}


def test_editing_a_profile_stores_a_new_edition(root):
    before = MappingProfile.objects.get(name="ghydyh", edition=2).content
    assert root.post(address("ghydyh", 2), typed()).status_code == 302
    assert MappingProfile.objects.get(name="ghydyh", edition=2).content == before
    assert MappingProfile.objects.get(name="ghydyh", edition=3).content == OWN
    assert AuditEntry.objects.filter(verb="profile.saved").count() == 1


def test_an_old_edition_is_read_only_and_none_can_be_deleted(root):
    page = root.get(address("ghydyh", 1))
    assert page.status_code == 200
    assert 'name="content"' not in page.content.decode()
    assert root.post(address("ghydyh", 1), typed()).status_code == 403
    assert MappingProfile.objects.filter(name="ghydyh").count() == 2
    row = MappingProfile.objects.get(name="ghydyh", edition=2)
    assert root.post(reverse("admin:planning_mappingprofile_delete", args=[row.pk]), {"post": "yes"}).status_code == 403


def test_the_form_shows_the_json_indented_and_names_what_is_wrong(root):
    page = root.get(address("ghydyh", 2)).content.decode()
    assert "规划用地用海" in page
    assert "&quot;layers&quot;: [\n" in page
    answer = root.post(address("ghydyh", 2), typed(content='{"format": 2, "layers": [{"name": "A", "role": "B"}]}'))
    assert answer.status_code == 200
    assert "layers/0/role" in answer.content.decode()
    answer = root.post(address("ghydyh", 2), typed(content="{"))
    assert answer.status_code == 200
    answer = root.post(address("ghydyh", 2), typed(division_code="12x"))
    assert answer.status_code == 200
    assert MappingProfile.objects.filter(name="ghydyh").count() == 2


def test_who_may_use_the_form_has_no_more_say_than_by_the_api(cast):
    cast.planner.is_staff = True
    cast.planner.save()
    cast.planner.user_permissions.add(*Permission.objects.filter(content_type__model="mappingprofile"))
    client = Client()
    client.force_login(cast.planner)
    assert client.post(address("ghydyh", 2), typed()).status_code == 403
    assert MappingProfile.objects.filter(name="ghydyh").count() == 2


# --- the command


def test_a_profile_goes_out_and_in_by_the_command(db, tmp_path, capsys):
    path = tmp_path / "own.json"
    call_command("profile", "export", "ghydyh", str(path))
    content = json.loads(path.read_text("utf-8"))
    assert schema.of(content).layers == profiles.by_name("ghydyh").layers
    call_command("profile", "import", "county", str(path), "--division", "370983000000", "--title", "县方案")
    stored = MappingProfile.objects.get(name="county")
    assert (stored.content, stored.division_code, stored.title) == (content, COUNTY, "县方案")
    assert world.LIUGOU.startswith(stored.division_code)
