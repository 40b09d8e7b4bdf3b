"""How a comment came stays as its words do; a photo that was sent with one stays with it."""

from django.db import migrations

SQL = """
CREATE FUNCTION planning_comment_came() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.channel, OLD.said_on, OLD.consultation_id, OLD.agreed_before, OLD.disagreed_before)
        IS DISTINCT FROM (NEW.channel, NEW.said_on, NEW.consultation_id, NEW.agreed_before, NEW.disagreed_before) THEN
        RAISE EXCEPTION 'comment %: how it came never changes', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER comment_came BEFORE UPDATE ON planning_comment FOR EACH ROW EXECUTE FUNCTION planning_comment_came();

CREATE FUNCTION planning_photo_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.comment_id IS NOT NULL AND (TG_OP = 'DELETE' OR NEW.comment_id IS DISTINCT FROM OLD.comment_id OR NEW.file <> OLD.file) THEN
        RAISE EXCEPTION 'photo %: it belongs to a comment', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER photo_kept BEFORE UPDATE OR DELETE ON planning_photo FOR EACH ROW EXECUTE FUNCTION planning_photo_kept();
"""
REVERSE = """
DROP TRIGGER photo_kept ON planning_photo;
DROP FUNCTION planning_photo_kept();
DROP TRIGGER comment_came ON planning_comment;
DROP FUNCTION planning_comment_came();
"""


class Migration(migrations.Migration):
    dependencies = [("planning", "0023_participation")]
    operations = [migrations.RunSQL(SQL, REVERSE)]
