"""Whoever handed in a version of a plan, or submitted it since it was last decided on, does not approve it, whoever asks."""

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


class Migration(migrations.Migration):
    dependencies = [("planning", "0026_marked_sheets_kept")]
    operations = [migrations.RunSQL(SECOND_PERSON, SECOND_PERSON_REVERSE)]
