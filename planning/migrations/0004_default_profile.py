"""Store the default mapping profile (layer GHYDYH, code in YDYHFLDM)."""

import json
from pathlib import Path

from django.db import migrations

DATA = Path(__file__).resolve().parent.parent / "data" / "profile_ghydyh.json"


def load(apps, schema_editor):
    apps.get_model("planning", "MappingProfile").objects.create(
        name="ghydyh",
        title="规划用地用海 GHYDYH / YDYHFLDM",
        content=json.loads(DATA.read_text("utf-8")),
        source="《县级国土空间总体规划数据库规范（试行）》图层与字段命名，2026-11-22 整理",
    )


def unload(apps, schema_editor):
    apps.get_model("planning", "MappingProfile").objects.filter(name="ghydyh").delete()


class Migration(migrations.Migration):
    dependencies = [("planning", "0003_land_use_classes")]
    operations = [migrations.RunPython(load, unload)]
