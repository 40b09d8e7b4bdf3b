"""What takes an import back lies sealed; examples and faults of tables about people are masked; how long such tables are kept."""

import datetime

from django.db import migrations

import portal.sealing

KIND = "household_table"
PERSONAL = ("head_name", "place", "remark")


def seal(apps, schema_editor):
    """Saving seals."""
    for row in apps.get_model("villages", "TableImport").objects.iterator(chunk_size=20):
        row.save(update_fields=["before"])


def mask(apps, schema_editor):
    """As new ones are written (villages.tables.upsert, villages.tables.rows)."""
    for row in apps.get_model("villages", "TableImport").objects.filter(kind="households").defer("before"):
        for field in (field for example in row.result.get("examples", []) for field in example["fields"]):
            if field["field"] in PERSONAL:
                field |= {side: portal.sealing.starred(field[side]) for side in ("old", "new") if field[side]}
        for issue in row.issues:
            value = issue["params"].get("value", "")
            if issue["code"] == "T2" and isinstance(value, str) and any(sign.isalpha() for sign in value):
                issue["params"]["value"] = portal.sealing.starred(value)
        row.save(update_fields=["result", "issues"])


def keep(apps, schema_editor):
    apps.get_model("portal", "RetentionRule").objects.create(
        kind=KIND, days=90, counted_from="表格入库之日，未入库的为送入之日", valid_from=datetime.date(2026, 1, 1),
        source="个人信息保护法第19条（最短必要期限）；期限为示例值，由县自然资源主管部门按本省规定核定",
    )  # fmt: skip


def forget(apps, schema_editor):
    apps.get_model("portal", "RetentionRule").objects.filter(kind=KIND).delete()


class Migration(migrations.Migration):
    dependencies = [("villages", "0007_names_by_trigrams"), ("portal", "0008_nicknames_and_mail")]
    operations = [
        migrations.AlterField("tableimport", "before", portal.sealing.SealedJSONField(default=dict)),
        migrations.RunPython(seal, migrations.RunPython.noop),
        migrations.RunPython(mask, migrations.RunPython.noop),
        migrations.RunPython(keep, forget),
    ]
