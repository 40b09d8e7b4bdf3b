"""Whoever handed in a version of a plan, or submitted it since it was last decided on, does not approve it, whoever asks.
A letter that was not issued goes with its version; those that stayed go now: that they were written stays on the record."""

from django.db import migrations

SECOND_PERSON = """
CREATE FUNCTION planning_second_person() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    version planning_planversion%ROWTYPE;
BEGIN
    SELECT * INTO version FROM planning_planversion WHERE id = NEW.version_id;
    IF EXISTS (SELECT 1 FROM planning_planversion v WHERE v.plan_id = version.plan_id AND v.created_by_id = NEW.by_id) THEN
        RAISE EXCEPTION 'whoever handed in a version of plan % may not approve it', version.plan_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF EXISTS (
        SELECT 1 FROM planning_step s JOIN planning_planversion v ON v.id = s.version_id
        WHERE s.to_state = 'submitted' AND s.by_id = NEW.by_id AND v.plan_id = version.plan_id AND v.number <= version.number
            AND NOT EXISTS (
                SELECT 1 FROM planning_step a JOIN planning_planversion d ON d.id = a.version_id
                WHERE a.to_state = 'approved' AND d.plan_id = v.plan_id AND d.number >= v.number AND d.number < version.number
            )
    ) THEN
        RAISE EXCEPTION 'whoever submitted plan % may not approve it', version.plan_id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER step_second_person BEFORE INSERT ON planning_step FOR EACH ROW WHEN (NEW.to_state = 'approved')
    EXECUTE FUNCTION planning_second_person();
"""
SECOND_PERSON_REVERSE = "DROP TRIGGER step_second_person ON planning_step; DROP FUNCTION planning_second_person();"

KEPT = """
CREATE OR REPLACE FUNCTION planning_decision_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.issued_at IS NULL AND EXISTS (
        SELECT 1 FROM planning_planversion v
        WHERE v.id = OLD.version_id AND v.state IN ('returned', 'superseded', 'withdrawn')
    ) THEN
        RETURN OLD;
    END IF;
    IF TG_OP = 'DELETE' OR OLD.issued_at IS NOT NULL OR OLD.version_id <> NEW.version_id THEN
        RAISE EXCEPTION 'the decision letter of version % was issued: it stays as it is', OLD.version_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
DELETE FROM planning_decision d USING planning_planversion v
    WHERE v.id = d.version_id AND d.issued_at IS NULL AND v.state IN ('returned', 'superseded', 'withdrawn');
"""
KEPT_REVERSE = """
CREATE OR REPLACE FUNCTION planning_decision_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.issued_at IS NOT NULL OR OLD.version_id <> NEW.version_id THEN
        RAISE EXCEPTION 'the decision letter of version % was issued: it stays as it is', OLD.version_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("planning", "0026_marked_sheets_kept")]
    operations = [
        migrations.RunSQL(SECOND_PERSON, SECOND_PERSON_REVERSE),
        migrations.RunSQL(KEPT, KEPT_REVERSE),
    ]
