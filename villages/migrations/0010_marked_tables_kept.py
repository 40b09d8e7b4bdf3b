from django.db import migrations, models

import villages.models.tables


class Migration(migrations.Migration):
    dependencies = [("villages", "0009_uses_of_household_codes")]

    operations = [
        migrations.AddField(
            model_name="tableimport",
            name="marked",
            field=models.FileField(
                blank=True, db_default="", default="", max_length=100, upload_to=villages.models.tables.marked_path
            ),
        ),
    ]
