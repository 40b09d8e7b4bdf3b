"""Load the 175 land-use classes (edition 2023) and the national default length of the public notice."""

import csv
import datetime
from pathlib import Path

from django.db import migrations

DATA = Path(__file__).resolve().parent.parent / "data" / "landuse_2023.csv"


def load(apps, schema_editor):
    LandUseClass = apps.get_model("planning", "LandUseClass")
    with DATA.open(encoding="utf-8") as file:
        LandUseClass.objects.bulk_create(
            LandUseClass(
                code=row["code"],
                code_version="2023",
                name_zh=row["name_zh"],
                name_en=row["name_en"],
                level=row["level"],
                parent_code=row["parent"],
                colour=row["hex"],
                big_class=row["big_class"],
                sansheng=row["sansheng"],
            )
            for row in csv.DictReader(file)
        )
    apps.get_model("planning", "WorkflowRule").objects.create(
        division_code="",
        notice_days=30,
        source="城乡规划法第二十六条：公告的时间不得少于三十日",
        valid_from=datetime.date(2008, 1, 1),
    )


def unload(apps, schema_editor):
    apps.get_model("planning", "LandUseClass").objects.all().delete()
    apps.get_model("planning", "WorkflowRule").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("planning", "0002_immutable_versions")]
    operations = [migrations.RunPython(load, unload)]
