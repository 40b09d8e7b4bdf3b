"""What somebody said never changes: a comment may be hidden or pinned on, its words, author and version stay."""

from django.db import migrations

SQL = """
CREATE FUNCTION planning_comment_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.text, OLD.author_id, OLD.version_id, OLD.created_at) IS DISTINCT FROM (NEW.text, NEW.author_id, NEW.version_id, NEW.created_at) THEN
        RAISE EXCEPTION 'comment %: what was said never changes', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER comment_words BEFORE UPDATE ON planning_comment FOR EACH ROW EXECUTE FUNCTION planning_comment_words();
"""
REVERSE = "DROP TRIGGER comment_words ON planning_comment; DROP FUNCTION planning_comment_words();"


class Migration(migrations.Migration):
    dependencies = [("planning", "0016_letters_and_answers_kept")]
    operations = [migrations.RunSQL(SQL, REVERSE)]
