"""The record of acts becomes a chain when a transaction commits; names that were stored in clear are sealed."""

from django.db import migrations

SQL = """
-- Runs when the transaction commits, so that the lock is held for a moment and no long act makes others wait.
CREATE FUNCTION portal_audit_link() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last portal_auditlink%ROWTYPE;
BEGIN
    PERFORM pg_advisory_xact_lock(7226001);
    SELECT * INTO last FROM portal_auditlink ORDER BY seq DESC LIMIT 1;
    INSERT INTO portal_auditlink (seq, entry_id, hash) VALUES (
        coalesce(last.seq, 0) + 1, NEW.id,
        encode(sha256(convert_to(coalesce(last.hash, '') || NEW.id::text || NEW.seal, 'UTF8')), 'hex'));
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER audit_linked AFTER INSERT ON portal_auditentry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION portal_audit_link();
CREATE TRIGGER audit_link_append_only BEFORE UPDATE OR DELETE ON portal_auditlink
    FOR EACH ROW EXECUTE FUNCTION portal_refuse_change();
CREATE TRIGGER consent_kept BEFORE DELETE ON portal_consent FOR EACH ROW EXECUTE FUNCTION portal_refuse_change();
"""
REVERSE = """
DROP TRIGGER consent_kept ON portal_consent;
DROP TRIGGER audit_link_append_only ON portal_auditlink;
DROP TRIGGER audit_linked ON portal_auditentry;
DROP FUNCTION portal_audit_link();
"""


def seal_names(apps, schema_editor):
    """Saving seals."""
    for user in apps.get_model("portal", "User").objects.exclude(full_name="").iterator():
        user.save(update_fields=["full_name"])


class Migration(migrations.Migration):
    dependencies = [("portal", "0004_people_notices_audit_chain")]
    operations = [migrations.RunSQL(SQL, REVERSE), migrations.RunPython(seal_names, migrations.RunPython.noop)]
