"""Store the profiles shipped as data: the default's second edition, the one-map family, the Hangzhou family.

The files bear their edition and never change; another edition is another file and another migration.
"""

import json
from pathlib import Path

from django.db import migrations
from django.db.models import Max

DATA = Path(__file__).resolve().parent.parent / "data" / "profiles"
FILES = {"ghydyh": "ghydyh-2.json", "yzt": "yzt-1.json", "hangzhou": "hangzhou-1.json"}


def load(apps, schema_editor):
    MappingProfile = apps.get_model("planning", "MappingProfile")
    for name, file in FILES.items():
        content = json.loads((DATA / file).read_text("utf-8"))
        last = MappingProfile.objects.filter(name=name).aggregate(last=Max("edition"))["last"] or 0
        MappingProfile.objects.create(
            name=name, edition=last + 1, title=content["title"], content=content, source=content["source"][:200]
        )


class Migration(migrations.Migration):
    dependencies = [("planning", "0007_zone_area_written")]
    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
