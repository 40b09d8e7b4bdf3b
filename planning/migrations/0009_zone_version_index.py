"""zone_number_once begins with the version: two more indexes of it only made imports slower."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("planning", "0008_shipped_profiles")]
    operations = [
        migrations.AlterField(
            "zone",
            "version",
            models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="zones",
                to="planning.planversion",
            ),
        )
    ]
