from django.db import migrations, models
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce


def count_members(apps, schema_editor):
    """Until now who had left was forgotten; those that are there were opened with the code."""
    codes = apps.get_model("villages", "HouseholdCode").objects
    members = apps.get_model("villages", "HouseholdMember").objects.filter(code=OuterRef("pk")).order_by()
    codes.update(uses=Coalesce(Subquery(members.values("code").annotate(n=Count("pk")).values("n")), 0))


class Migration(migrations.Migration):
    dependencies = [("villages", "0008_household_tables_sealed")]

    operations = [
        migrations.AddField(
            model_name="household",
            name="comments",
            field=models.PositiveSmallIntegerField(db_default=0, default=0, editable=False),
        ),
        migrations.AddField(
            model_name="household",
            name="comments_on",
            field=models.DateField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="householdcode",
            name="uses",
            field=models.PositiveSmallIntegerField(db_default=0, default=0, editable=False),
        ),
        migrations.RunPython(count_members, migrations.RunPython.noop),
    ]
