"""Hamlets and places of households as tables: stored, changed, taken back, and never in the wrong village."""

import json

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command

from tests import world
from villages.models import Hamlet, Household
from villages.tables import imports

pytestmark = pytest.mark.django_db

HEAD = "村代码,类型,名称,经度,纬度,来源\n"
ROWS = (
    HEAD
    + f"{world.LIUGOU},自然村,前柳沟,116.8042,36.1077,地名普查\n{world.LIUGOU},村民小组,一组,116.8052,36.1072,村委会\n"
)


def hand_in(text, kind, *, by, store=True):
    row = imports.keep(ContentFile(text.encode()), kind=kind, name="表.csv", division_code=world.LIUGOU, by=by)
    return imports.run(row, "store" if store else "check", by=by)


def test_hamlets_are_stored_changed_and_taken_back(village, cast):
    first = hand_in(ROWS, "hamlets", by=cast.committee)
    assert (first.state, first.result["new"], first.issues) == ("stored", 2, [])
    stored = {h.name: (h.kind, h.geom.x, h.geom.y, h.source) for h in Hamlet.objects.all()}
    assert stored == {
        "前柳沟": ("hamlet", 116.8042, 36.1077, "地名普查"), "一组": ("group", 116.8052, 36.1072, "村委会"),
    }  # fmt: skip
    moved = hand_in(ROWS.replace("116.8042", "116.8043"), "hamlets", by=cast.committee)
    assert (moved.result["changed"], moved.result["unchanged"]) == (1, 1)
    imports.undo(moved, by=cast.committee)
    assert Hamlet.objects.get(name="前柳沟").geom.x == 116.8042


def test_a_hamlet_in_another_village_or_with_degrees_swapped_is_a_fault(village, cast):
    far = hand_in(HEAD + f"{world.LIUGOU},自然村,远村,117.9,36.1,普查\n", "hamlets", by=cast.committee)
    swapped = hand_in(HEAD + f"{world.LIUGOU},自然村,前柳沟,36.1077,116.8042,普查\n", "hamlets", by=cast.committee)
    assert [i["params"]["reason"] for i in (*far.issues, *swapped.issues)] == ["point_outside", "swapped"]
    assert not Hamlet.objects.exists()


def test_the_command_takes_hamlets(village, tmp_path, capsys):
    file = tmp_path / "hamlets.csv"
    file.write_text(ROWS, "utf-8")
    call_command("import_table", "hamlets", str(file), village=world.LIUGOU, json=True)
    assert json.loads(capsys.readouterr().out)["state"] == "stored"
    assert Hamlet.objects.count() == 2


def test_a_household_gets_its_place_and_keeps_it_when_a_table_has_no_places(village, cast):
    head = "村代码,户号,户主姓名,人数"
    row = f"{world.LIUGOU},001,柳某某,4"
    with_place = hand_in(f"{head},经度,纬度\n{row},116.8035,36.1075\n", "households", by=cast.committee)
    assert with_place.state == "stored"
    assert Household.objects.get().place.coords == (116.8035, 36.1075)
    without = hand_in(f"{head}\n{row.replace(',4', ',5')}\n", "households", by=cast.committee)
    assert without.result["changed"] == 1
    household = Household.objects.get()
    assert (household.persons, household.place.coords) == (5, (116.8035, 36.1075))
    imports.undo(without, by=cast.committee)
    imports.undo(with_place, by=cast.committee)
    assert not Household.objects.exists()


def test_half_a_place_is_a_fault_and_so_is_one_far_away(village, cast):
    half = hand_in(
        f"村代码,户号,户主姓名,人数,经度,纬度\n{world.LIUGOU},001,柳某某,4,116.8,\n", "households", by=cast.committee
    )
    assert [(i["params"]["reason"], i["params"]["letters"]) for i in half.issues] == [("empty", "F")]
    far = hand_in(
        f"村代码,户号,户主姓名,人数,经度,纬度\n{world.LIUGOU},001,柳某某,4,117.9,36.1\n",
        "households",
        by=cast.committee,
    )
    assert [i["params"]["reason"] for i in far.issues] == ["point_outside"]
