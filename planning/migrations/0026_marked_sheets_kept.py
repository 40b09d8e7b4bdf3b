"""How long photographs of marked sheets are kept: handwriting is personal data (sample value)."""

import datetime

from django.db import migrations

KIND = "marked_sheet"


def keep(apps, schema_editor):
    apps.get_model("portal", "RetentionRule").objects.create(
        kind=KIND, days=365, counted_from="纸图照片送入之日", valid_from=datetime.date(2026, 1, 1),
        source="个人信息保护法第19条（最短必要期限）；期限为示例值，由县自然资源主管部门按本省规定核定",
    )  # fmt: skip


def forget(apps, schema_editor):
    apps.get_model("portal", "RetentionRule").objects.filter(kind=KIND).delete()


class Migration(migrations.Migration):
    dependencies = [("planning", "0025_grades_of_identity"), ("portal", "0008_nicknames_and_mail")]

    operations = [migrations.RunPython(keep, forget)]
