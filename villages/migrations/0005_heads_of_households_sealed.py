"""Names of heads of households lie sealed."""

from django.db import migrations

import portal.sealing


def seal(apps, schema_editor):
    """Saving seals."""
    for household in apps.get_model("villages", "Household").objects.iterator():
        household.save(update_fields=["head_name"])


class Migration(migrations.Migration):
    dependencies = [("villages", "0004_line_kinds")]
    operations = [
        migrations.AlterField(
            "household", "head_name", portal.sealing.SealedField(max_length=50, verbose_name="head of household")
        ),
        migrations.RunPython(seal, migrations.RunPython.noop),
    ]
