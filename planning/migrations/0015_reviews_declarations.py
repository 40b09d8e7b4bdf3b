"""Each person declares interests for themselves, so a department's members do too; conditions of an approval are frozen."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

SQL = """
CREATE TRIGGER declaration_frozen BEFORE UPDATE OR DELETE ON planning_declaration
    FOR EACH ROW EXECUTE FUNCTION portal_refuse_change();

CREATE FUNCTION planning_condition_kept() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    decided boolean;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.met_at IS NOT NULL OR ROW(OLD.version_id, OLD.number, OLD.text, OLD.zone_id, OLD.due_on, OLD.set_by_id, OLD.set_at)
            IS DISTINCT FROM ROW(NEW.version_id, NEW.number, NEW.text, NEW.zone_id, NEW.due_on, NEW.set_by_id, NEW.set_at)
        THEN
            RAISE EXCEPTION 'of a condition only its being met is written, once' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END IF;
    SELECT state IN ('approved', 'published', 'filed', 'in_force') INTO decided FROM planning_planversion
        WHERE id = CASE WHEN TG_OP = 'DELETE' THEN OLD.version_id ELSE NEW.version_id END;
    IF decided THEN
        RAISE EXCEPTION 'the conditions of an approval are frozen' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER condition_kept BEFORE INSERT OR UPDATE OR DELETE ON planning_condition
    FOR EACH ROW EXECUTE FUNCTION planning_condition_kept();
"""
REVERSE = """
DROP TRIGGER condition_kept ON planning_condition;
DROP FUNCTION planning_condition_kept();
DROP TRIGGER declaration_frozen ON planning_declaration;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("planning", "0014_only_a_step_moves"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Declaration",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("conflict", models.BooleanField(verbose_name="conflict of interest")),
                ("text", models.CharField(blank=True, max_length=500, verbose_name="which interest")),
                ("at", models.DateTimeField(auto_now_add=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="declarations",
                        to="planning.reviewrequest",
                    ),
                ),
            ],
            options={
                "ordering": ["at"],
                "constraints": [
                    models.UniqueConstraint(fields=("request", "by", "conflict"), name="declaration_once"),
                    models.CheckConstraint(
                        condition=models.Q(("conflict", False), models.Q(("text", ""), _negated=True), _connector="OR"),
                        name="declaration_conflict_in_words",
                    ),
                ],
            },
        ),
        migrations.RemoveField(model_name="reviewrequest", name="interest"),
        migrations.RemoveField(model_name="reviewrequest", name="interest_text"),
        migrations.RemoveField(model_name="reviewrequest", name="interest_at"),
        migrations.RunSQL(SQL, REVERSE),
    ]
