"""Names of heads of households lie in no column in clear, are shown masked, and go with the table's file when their time is over."""

import datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from portal import people, resealing
from portal.errors import Conflict
from portal.models import AuditEntry, RetentionRule
from tests import world
from villages.models import Household, TableImport
from villages.tables import imports

pytestmark = pytest.mark.django_db

HEADER = "户号,户主,人数,经度,纬度,备注\n"
OLD = HEADER + "1,张三丰,4,116.8,36.1,继承\n"
NEW = HEADER + "1,李莫愁,5,116.8001,36.1001,分户\n2,周伯通,1,,,\n"
SHIFTED = HEADER + "1,4,王重阳,,,\n13812345678,郭靖,110105194912310021,,,\n"
NAMES = ("张三丰", "李莫愁", "周伯通", "王重阳", "郭靖")


def hand_in(text, by, act="store"):
    row = imports.keep(ContentFile(text.encode()), kind="households", name="户.csv", division_code=world.LIUGOU, by=by)
    return imports.run(row, act, by=by)


def tables_with(text: str) -> list[str]:
    """Tables that hold a text in clear, in whichever column."""
    with connection.cursor() as cursor:
        names = connection.introspection.table_names(cursor)
        found = []
        for name in names:
            quoted = connection.ops.quote_name(name)
            cursor.execute(f"SELECT count(*) FROM {quoted} AS row WHERE row::text LIKE %s", [f"%{text}%"])
            found += [name] * bool(cursor.fetchone()[0])
        return found


@pytest.fixture
def changed(village, cast) -> TableImport:
    """A table that changed a household which another table had brought."""
    hand_in(OLD, cast.committee)
    return hand_in(NEW, cast.committee)


def test_no_column_of_the_database_holds_a_name_in_clear(changed, cast):
    hand_in(NEW.replace("李莫愁", "张三丰"), cast.committee, act="check")
    refused = hand_in(SHIFTED, cast.committee)
    assert refused.state == "refused"
    assert {name: tables_with(name) for name in NAMES} == {name: [] for name in NAMES}
    assert "110105194912310021" not in str(refused.issues)


def test_what_people_gave_of_themselves_is_in_no_column_in_clear(cast):
    people.agree(cast.villager, "identity", by=cast.villager, guardian="柳监护")
    given = {"full_name": "柳真名", "phone": "13812345678", "id_number": "11010519491231002X", "address": "柳沟村九号"}
    people.record_identity(cast.villager, by=cast.villager, **given)
    people.look(cast.villager, by=cast.committee, purpose="verify")
    for text in ("柳监护", *given.values()):
        assert tables_with(text) == [], text


def test_the_page_shows_masked_names_and_undo_puts_back_the_whole_ones(changed, cast, as_user):
    for who in ("committee", "planner", "reviewer"):
        page = as_user(who).get(reverse("table", args=[changed.pk])).content.decode()
        assert "张**" in page
        assert "李**" in page
        assert not [name for name in (*NAMES, "116.8") if name in page]
    imports.undo(TableImport.objects.get(pk=changed.pk), by=cast.committee)
    household = Household.objects.get()
    assert (household.number, household.head_name, household.remark) == ("1", "张三丰", "继承")
    assert household.place.x == pytest.approx(116.8)


def test_new_keys_seal_what_takes_an_import_back_anew(changed, settings, cast):
    settings.PERSONAL_DATA_KEYS = ["b" * 40, *settings.PERSONAL_DATA_KEYS]
    resealing.reseal()
    settings.PERSONAL_DATA_KEYS = settings.PERSONAL_DATA_KEYS[:1]
    assert TableImport.objects.get(pk=changed.pk).before["was"][0]["head_name"] == "张三丰"


def test_taking_a_faulty_table_of_households_out_again_is_on_record(village, cast, as_user):
    row = hand_in(SHIFTED, cast.committee)
    assert as_user("planner").get(reverse("table-marked", args=[row.pk])).status_code == 200
    assert AuditEntry.objects.get(verb="table.read_out", object_id=row.pk).actor == cast.planner


def test_the_file_and_what_was_there_before_go_after_the_days_of_the_rule(changed, cast, as_user, monkeypatch):
    waiting = hand_in(OLD, cast.committee, act="check")
    path, marked = Path(changed.file.path), Path(hand_in(SHIFTED, cast.committee).marked.path)
    days, now = RetentionRule.objects.get(kind="household_table").days, timezone.now
    for later, there in ((days - 1, True), (days + 1, False)):
        monkeypatch.setattr(timezone, "now", lambda days=later: now() + datetime.timedelta(days=days))
        call_command("apply_retention", stdout=StringIO())
        assert path.exists() == marked.exists() == there
    kept = TableImport.objects.get(pk=changed.pk)
    assert (kept.before, bool(kept.file), kept.state) == ({}, False, "stored")
    for row, act, way in ((kept, imports.undo, "table-undo"), (waiting, imports.start_storing, "table-store")):
        with pytest.raises(Conflict, match=r"no longer kept|不再保存"):
            act(TableImport.objects.get(pk=row.pk), by=cast.committee)
        page = as_user("committee").get(reverse("table", args=[row.pk]))
        assert page.status_code == 200
        assert reverse(way, args=[row.pk]) not in page.content.decode()
    assert Household.objects.get(number="1").head_name == "李莫愁"


def test_other_tables_are_kept(village, cast, monkeypatch):
    text = f"村代码,指标,年份,数值,来源\n{world.LIUGOU},户籍人口,2021,1300,台账\n"
    row = imports.keep(ContentFile(text.encode()), kind="facts", name="a.csv", division_code=world.LIUGOU, by=None)
    imports.run(row, "store", by=None)
    now = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: now() + datetime.timedelta(days=4000))
    call_command("apply_retention", stdout=StringIO())
    kept = TableImport.objects.get(pk=row.pk)
    assert kept.before
    assert Path(kept.file.path).exists()
