"""The country's procedure asks that every held comment was looked at, that only a failed vote is voted down, and says how long
comments said on behalf are still entered (sample value); no rule makes a public notice shorter than the law."""

import datetime
import json
from pathlib import Path

import django.core.validators
from django.db import migrations, models

NATIONAL = Path(__file__).resolve().parent.parent / "data" / "workflow" / "national.json"
SHORTEST = 30


def lengthen(apps, schema_editor):
    """A rule with fewer days than the law asks for never was one."""
    apps.get_model("planning", "WorkflowRule").objects.filter(notice_days__lt=SHORTEST).update(notice_days=SHORTEST)


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
    dependencies = [("planning", "0028_second_person_and_letters")]

    operations = [
        migrations.RunPython(lengthen, migrations.RunPython.noop),
        migrations.AlterField(
            "workflowrule", "notice_days",
            models.PositiveSmallIntegerField(
                validators=[django.core.validators.MinValueValidator(SHORTEST)], verbose_name="days of public notice"
            ),
        ),
        migrations.AddConstraint(
            "workflowrule",
            models.CheckConstraint(
                condition=models.Q(notice_days__gte=SHORTEST), name="workflow_rule_notice_as_the_law_asks"
            ),
        ),
        migrations.RunPython(load, migrations.RunPython.noop),
    ]  # fmt: skip
