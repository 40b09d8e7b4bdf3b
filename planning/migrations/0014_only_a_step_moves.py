"""The state of a version changes only in the transaction that wrote the step, and only a step its procedure holds; the
proofs of a step never change."""

import json
from pathlib import Path

from django.db import migrations

SQL = """
CREATE FUNCTION planning_step_allowed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    version planning_planversion%ROWTYPE;
BEGIN
    NEW.transaction := txid_current();
    SELECT * INTO version FROM planning_planversion WHERE id = NEW.version_id;
    IF NEW.name = 'hand_in' AND NEW.from_state = 'commissioned' AND NEW.to_state = 'draft' THEN
        RETURN NEW;
    END IF;
    IF version.state <> NEW.from_state THEN
        RAISE EXCEPTION 'version % is %, not %', NEW.version_id, version.state, NEW.from_state USING ERRCODE = 'restrict_violation';
    END IF;
    IF NOT EXISTS (
        SELECT 1 FROM planning_workflowrule r, jsonb_array_elements(r.procedure -> 'transitions') t
        WHERE r.id = NEW.rule_id AND t ->> 'name' = NEW.name AND t -> 'from' ? NEW.from_state AND t ->> 'to' = NEW.to_state
            AND t -> 'tracks' ? version.track
    ) THEN
        RAISE EXCEPTION 'no procedure leads from % to % by %', NEW.from_state, NEW.to_state, NEW.name
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.to_state = 'approved' AND NEW.by_id = version.created_by_id THEN
        RAISE EXCEPTION 'whoever handed in version % may not approve it', NEW.version_id USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.to_state = 'published' AND EXISTS (
        SELECT 1 FROM planning_step s WHERE s.version_id = NEW.version_id AND s.to_state = 'approved' AND s.by_id = NEW.by_id
    ) THEN
        RAISE EXCEPTION 'whoever approved version % may not publish it', NEW.version_id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER step_allowed BEFORE INSERT ON planning_step FOR EACH ROW EXECUTE FUNCTION planning_step_allowed();

CREATE FUNCTION planning_version_state() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'draft' THEN
            RAISE EXCEPTION 'a version begins as a draft' USING ERRCODE = 'restrict_violation';
        END IF;
    ELSIF OLD.state <> NEW.state AND NOT EXISTS (
        SELECT 1 FROM planning_step s WHERE s.version_id = NEW.id AND s.from_state = OLD.state AND s.to_state = NEW.state
            AND s.transaction = txid_current()
    ) THEN
        RAISE EXCEPTION 'the state of version % changes only by a step', NEW.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER version_state BEFORE INSERT OR UPDATE OF state ON planning_planversion
    FOR EACH ROW EXECUTE FUNCTION planning_version_state();

CREATE FUNCTION planning_procedure_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.procedure IS DISTINCT FROM NEW.procedure AND EXISTS (SELECT 1 FROM planning_step s WHERE s.rule_id = OLD.id) THEN
        RAISE EXCEPTION 'steps were made by this procedure: add an edition instead' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER procedure_kept BEFORE UPDATE ON planning_workflowrule FOR EACH ROW EXECUTE FUNCTION planning_procedure_kept();

-- a closing day only ever moves later
CREATE FUNCTION planning_notice_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.version_id <> NEW.version_id OR OLD.opens_on <> NEW.opens_on OR NEW.closes_on < OLD.closes_on THEN
        RAISE EXCEPTION 'a public notice may only be made longer' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER notice_kept BEFORE UPDATE ON planning_notice FOR EACH ROW EXECUTE FUNCTION planning_notice_kept();

CREATE TRIGGER round_frozen BEFORE UPDATE OR DELETE ON planning_villagerround FOR EACH ROW EXECUTE FUNCTION portal_refuse_change();
CREATE TRIGGER assembly_frozen BEFORE UPDATE OR DELETE ON planning_assembly FOR EACH ROW EXECUTE FUNCTION portal_refuse_change();
CREATE TRIGGER document_frozen BEFORE UPDATE OR DELETE ON planning_document FOR EACH ROW EXECUTE FUNCTION portal_refuse_change();
CREATE TRIGGER opinion_frozen BEFORE UPDATE OR DELETE ON planning_opinion FOR EACH ROW EXECUTE FUNCTION portal_refuse_change();
CREATE TRIGGER opinion_answer_frozen BEFORE UPDATE OR DELETE ON planning_opinionanswer
    FOR EACH ROW EXECUTE FUNCTION portal_refuse_change();
CREATE TRIGGER return_item_frozen BEFORE UPDATE OR DELETE ON planning_returnitem FOR EACH ROW EXECUTE FUNCTION portal_refuse_change();
CREATE TRIGGER comment_kept BEFORE DELETE ON planning_comment FOR EACH ROW EXECUTE FUNCTION portal_refuse_change();
CREATE TRIGGER reply_frozen BEFORE UPDATE OR DELETE ON planning_reply FOR EACH ROW EXECUTE FUNCTION portal_refuse_change();
"""
REVERSE = """
DROP TRIGGER reply_frozen ON planning_reply;
DROP TRIGGER comment_kept ON planning_comment;
DROP TRIGGER return_item_frozen ON planning_returnitem;
DROP TRIGGER opinion_answer_frozen ON planning_opinionanswer;
DROP TRIGGER opinion_frozen ON planning_opinion;
DROP TRIGGER document_frozen ON planning_document;
DROP TRIGGER assembly_frozen ON planning_assembly;
DROP TRIGGER round_frozen ON planning_villagerround;
DROP TRIGGER notice_kept ON planning_notice;
DROP FUNCTION planning_notice_kept();
DROP TRIGGER procedure_kept ON planning_workflowrule;
DROP FUNCTION planning_procedure_kept();
DROP TRIGGER version_state ON planning_planversion;
DROP FUNCTION planning_version_state();
DROP TRIGGER step_allowed ON planning_step;
DROP FUNCTION planning_step_allowed();
"""
NATIONAL = Path(__file__).resolve().parent.parent / "data" / "workflow" / "national.json"


def load(apps, schema_editor):
    """The country's procedure; what was under review goes on at the quality check."""
    rules = apps.get_model("planning", "WorkflowRule").objects
    rules.filter(division_code="").update(procedure=json.loads(NATIONAL.read_text("utf-8")))
    apps.get_model("planning", "PlanVersion").objects.filter(state="review").update(state="quality_check")


def unload(apps, schema_editor):
    apps.get_model("planning", "PlanVersion").objects.filter(state="quality_check").update(state="review")


class Migration(migrations.Migration):
    dependencies = [("planning", "0013_statutory_workflow"), ("portal", "0005_chain_and_seals")]
    operations = [migrations.RunPython(load, unload), migrations.RunSQL(SQL, REVERSE)]
