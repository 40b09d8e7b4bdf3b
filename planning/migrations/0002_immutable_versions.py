"""A version never changes: its zones and projects are written while its digest is empty, and then never again."""

from django.db import migrations

SQL = """
-- once a statement, not once a row: a plan may have 50,000 zones
CREATE FUNCTION planning_version_content() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM planning_planversion v WHERE v.digest <> '' AND v.id IN (SELECT version_id FROM added)) THEN
        RAISE EXCEPTION 'a closed version never changes its content' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION planning_version_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.digest <> '' AND (OLD.digest, OLD.plan_id, OLD.number, OLD.created_at)
            IS DISTINCT FROM (NEW.digest, NEW.plan_id, NEW.number, NEW.created_at) THEN
        RAISE EXCEPTION 'version % is closed: its content never changes', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER zone_insert AFTER INSERT ON planning_zone REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION planning_version_content();
CREATE TRIGGER project_insert AFTER INSERT ON planning_project REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION planning_version_content();
CREATE TRIGGER zone_frozen BEFORE UPDATE OR DELETE ON planning_zone FOR EACH ROW EXECUTE FUNCTION portal_refuse_change();
CREATE TRIGGER project_frozen BEFORE UPDATE OR DELETE ON planning_project FOR EACH ROW EXECUTE FUNCTION portal_refuse_change();
CREATE TRIGGER step_append_only BEFORE UPDATE OR DELETE ON planning_step FOR EACH ROW EXECUTE FUNCTION portal_refuse_change();
CREATE TRIGGER version_frozen BEFORE UPDATE ON planning_planversion FOR EACH ROW EXECUTE FUNCTION planning_version_frozen();
"""
REVERSE = """
DROP TRIGGER version_frozen ON planning_planversion;
DROP TRIGGER step_append_only ON planning_step;
DROP TRIGGER project_frozen ON planning_project;
DROP TRIGGER zone_frozen ON planning_zone;
DROP TRIGGER project_insert ON planning_project;
DROP TRIGGER zone_insert ON planning_zone;
DROP FUNCTION planning_version_frozen();
DROP FUNCTION planning_version_content();
"""


class Migration(migrations.Migration):
    dependencies = [("planning", "0001_initial"), ("portal", "0002_append_only_audit")]
    operations = [migrations.RunSQL(SQL, REVERSE)]
