"""The country's procedure says from which grade of identity on a comment is public at once (sample value)."""

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


class Migration(migrations.Migration):
    dependencies = [("planning", "0024_on_behalf_and_photos_kept")]
    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
