import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import planning.models.sheets
import portal.ids


class Migration(migrations.Migration):

    dependencies = [
        ("planning", "0020_held_comments_itemised_returns"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Sheet",
            fields=[
                ("id", models.CharField(default=portal.ids.new_id, editable=False, max_length=12, primary_key=True, serialize=False)),
                ("key", models.CharField(db_index=True, max_length=64)),
                ("options", models.JSONField(default=dict)),
                ("holds_base", models.BooleanField(default=False)),
                ("crs", models.CharField(blank=True, max_length=200)),
                ("pages", models.JSONField(default=list)),
                ("name", models.CharField(blank=True, max_length=200, verbose_name="file name")),
                ("file", models.FileField(blank=True, upload_to=planning.models.sheets.sheet_path)),
                ("preview", models.FileField(blank=True, upload_to=planning.models.sheets.sheet_path)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("created_by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("job", models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="portal.job")),
                ("version", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="sheets", to="planning.planversion")),
            ],
            options={"ordering": ["-created_at"]},
        ),
    ]
