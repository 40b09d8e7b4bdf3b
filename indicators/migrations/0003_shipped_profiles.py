"""Store the profiles of judgement shipped as data.

The files are of the first edition and never change once released; another edition is another file and another migration.
"""

import json
from pathlib import Path

from django.db import migrations
from django.db.models import Max

DATA = Path(__file__).resolve().parent.parent / "data" / "profiles"
FILES = (
    "national", "national_checks", "village_types", "terrains", "homesteads", "shandong", "zhejiang", "sichuan", "counties",
)  # fmt: skip


def load(apps, schema_editor):
    JudgementProfile = apps.get_model("indicators", "JudgementProfile")
    for file in FILES:
        stated = json.loads((DATA / f"{file}.json").read_text("utf-8"))
        for profile in stated if isinstance(stated, list) else [stated]:
            name = profile["name"]
            last = JudgementProfile.objects.filter(name=name).aggregate(last=Max("edition"))["last"] or 0
            JudgementProfile.objects.create(edition=last + 1, **profile)


class Migration(migrations.Migration):
    dependencies = [("indicators", "0002_judgement")]
    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
