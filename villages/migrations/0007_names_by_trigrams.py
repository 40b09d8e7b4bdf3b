"""Names of villages, divisions and hamlets are found by their trigrams; pg_trgm is a trusted extension, no superuser is needed."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("villages", "0006_hamlets_and_household_codes")]

    operations = [
        TrigramExtension(),
        migrations.AddIndex(
            "division", GinIndex(fields=["name"], opclasses=["gin_trgm_ops"], name="division_name_trigrams")
        ),
        migrations.AddIndex(
            "village", GinIndex(fields=["short_name"], opclasses=["gin_trgm_ops"], name="village_name_trigrams")
        ),
        migrations.AddIndex(
            "hamlet", GinIndex(fields=["name"], opclasses=["gin_trgm_ops"], name="hamlet_name_trigrams")
        ),
    ]
