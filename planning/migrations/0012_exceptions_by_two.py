"""What an exception was granted for and by whom never changes; only its state goes on, and never back."""

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

SQL = """
CREATE FUNCTION planning_waiver_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.plan_id, OLD.version_id, OLD.code, OLD.key, OLD.zone_number, OLD.land_use, OLD.subject, OLD.area_m2, OLD.geom::text,
        OLD.reason, OLD.document, OLD.document_number, OLD.sha256, OLD.proposed_by_id, OLD.proposed_at)
        IS DISTINCT FROM
       (NEW.plan_id, NEW.version_id, NEW.code, NEW.key, NEW.zone_number, NEW.land_use, NEW.subject, NEW.area_m2, NEW.geom::text,
        NEW.reason, NEW.document, NEW.document_number, NEW.sha256, NEW.proposed_by_id, NEW.proposed_at) THEN
        RAISE EXCEPTION 'exception %: what was asked for never changes', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.state IN ('refused', 'withdrawn') OR (OLD.state = 'confirmed' AND NEW.state <> 'withdrawn') THEN
        RAISE EXCEPTION 'exception % is decided', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER waiver_frozen BEFORE UPDATE ON planning_waiver FOR EACH ROW EXECUTE FUNCTION planning_waiver_frozen();
CREATE TRIGGER waiver_kept BEFORE DELETE ON planning_waiver FOR EACH ROW EXECUTE FUNCTION portal_refuse_change();
"""
REVERSE = """
DROP TRIGGER waiver_kept ON planning_waiver;
DROP TRIGGER waiver_frozen ON planning_waiver;
DROP FUNCTION planning_waiver_frozen();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("planning", "0011_findings_for_the_record"),
        ("portal", "0002_append_only_audit"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.AddField("waiver", "land_use", models.CharField(blank=True, db_default="", max_length=6)),
        migrations.AddField(
            "waiver",
            "withdrawn_by",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField("waiver", "withdrawn_at", models.DateTimeField(null=True)),
        migrations.AddField(
            "workflowrule",
            "exception_more_m2",
            models.FloatField(
                db_default=10,
                default=10,
                help_text="How far a redrawn conflict may reach beyond the one an exception was granted for, and",
                validators=[django.core.validators.MinValueValidator(0)],
                verbose_name="m² beyond an exception",
            ),
        ),
        migrations.AddField(
            "workflowrule",
            "exception_more_percent",
            models.FloatField(
                db_default=1,
                default=1,
                help_text="how many per cent of its area; both must hold. Sample values, not from an official text.",
                validators=[django.core.validators.MinValueValidator(0)],
                verbose_name="% beyond an exception",
            ),
        ),
        migrations.RunSQL(SQL, REVERSE),
    ]
