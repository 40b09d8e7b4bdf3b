"""Whose version it is never changes; which procedure it goes through only while it is a draft."""

from django.db import migrations

SQL = """
CREATE FUNCTION planning_version_whose() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.digest <> '' AND OLD.created_by_id IS DISTINCT FROM NEW.created_by_id THEN
        RAISE EXCEPTION 'version % is closed: who handed it in never changes', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.state <> 'draft' AND (OLD.track, OLD.amends_id, OLD.based_on_id) IS DISTINCT FROM (NEW.track, NEW.amends_id, NEW.based_on_id) THEN
        RAISE EXCEPTION 'version % is no draft: its procedure stays', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER version_whose BEFORE UPDATE ON planning_planversion FOR EACH ROW EXECUTE FUNCTION planning_version_whose();
"""
REVERSE = "DROP TRIGGER version_whose ON planning_planversion; DROP FUNCTION planning_version_whose();"


class Migration(migrations.Migration):
    dependencies = [("planning", "0017_words_of_comments_kept")]
    operations = [migrations.RunSQL(SQL, REVERSE)]
