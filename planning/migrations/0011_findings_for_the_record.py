from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("planning", "0010_findings_carried_and_waived")]

    operations = [
        migrations.AlterField(
            "finding",
            "severity",
            models.CharField(
                choices=[("block", "Blocks approval"), ("warn", "Warning"), ("info", "For the record")], max_length=5
            ),
        ),
    ]
