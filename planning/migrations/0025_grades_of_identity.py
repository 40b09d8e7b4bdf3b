"""The country's procedure says from which grade of identity on a comment is public at once, and how long it is kept who said
what was entered on behalf (sample values)."""

import datetime
import json
from pathlib import Path

from django.db import migrations

NATIONAL = Path(__file__).resolve().parent.parent / "data" / "workflow" / "national.json"


def load(apps, schema_editor):
    """As an edition of its own where steps were made by the one before, so that nothing changes for what goes by that one."""
    rules = apps.get_model("planning", "WorkflowRule").objects
    made = set(apps.get_model("planning", "Step").objects.exclude(rule=None).values_list("rule", flat=True))
    content = json.loads(NATIONAL.read_text("utf-8"))
    for rule in rules.filter(division_code="", procedure__name="national").order_by("-valid_from")[:1]:
        if rule.procedure == content:
            continue
        rule.procedure = content
        if rule.pk in made:
            rule.pk, rule.valid_from = None, max(datetime.date.today(), rule.valid_from + datetime.timedelta(days=1))
        rule.save()


def keep(apps, schema_editor):
    apps.get_model("portal", "RetentionRule").objects.create(
        kind="speaker_of_comment", days=1095, counted_from="代录意见之日", valid_from=datetime.date(2026, 1, 1),
        source="个人信息保护法第19条（最短必要期限）；期限为示例值，由县自然资源主管部门按本省规定核定",
    )  # fmt: skip


def forget(apps, schema_editor):
    apps.get_model("portal", "RetentionRule").objects.filter(kind="speaker_of_comment").delete()


class Migration(migrations.Migration):
    dependencies = [("planning", "0024_on_behalf_and_photos_kept"), ("portal", "0008_nicknames_and_mail")]
    operations = [
        migrations.RunPython(load, migrations.RunPython.noop),
        migrations.RunPython(keep, forget),
    ]
