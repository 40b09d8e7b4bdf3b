"""A decision letter never changes once it was issued, nor does the answer to a point of a return once it was accepted."""

from django.db import migrations

SQL = """
CREATE FUNCTION planning_decision_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.issued_at IS NOT NULL OR OLD.version_id <> NEW.version_id THEN
        RAISE EXCEPTION 'the decision letter of version % was issued: it stays as it is', OLD.version_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER decision_kept BEFORE UPDATE OR DELETE ON planning_decision
    FOR EACH ROW EXECUTE FUNCTION planning_decision_kept();

CREATE FUNCTION planning_item_answer_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.settled IS TRUE OR OLD.item_id <> NEW.item_id THEN
        RAISE EXCEPTION 'the answer to point % of a return was accepted: it stays as it is', OLD.item_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER item_answer_kept BEFORE UPDATE OR DELETE ON planning_itemanswer
    FOR EACH ROW EXECUTE FUNCTION planning_item_answer_kept();
"""
REVERSE = """
DROP TRIGGER item_answer_kept ON planning_itemanswer;
DROP FUNCTION planning_item_answer_kept();
DROP TRIGGER decision_kept ON planning_decision;
DROP FUNCTION planning_decision_kept();
"""


class Migration(migrations.Migration):
    dependencies = [("planning", "0015_reviews_declarations")]
    operations = [migrations.RunSQL(SQL, REVERSE)]
