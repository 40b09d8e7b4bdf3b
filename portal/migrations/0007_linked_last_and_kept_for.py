"""Entries are linked after everything else of a commit, their seals hold what their writer saw, and data is kept for a time."""

import datetime

from django.db import migrations, models

from portal.audit import seal_of

# The lock of the chain is taken when all other checks of a commit are done, foreign keys too: a row created while a
# deferred trigger runs has its turn after them. Else a commit that holds the chain could wait for a row whose owner
# waits for the chain.
SQL = """
CREATE TABLE portal_auditwaiting (entry_id bigint PRIMARY KEY, seal text NOT NULL);
CREATE OR REPLACE FUNCTION portal_audit_link() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO portal_auditwaiting VALUES (NEW.id, NEW.seal);
    RETURN NULL;
END $$;
CREATE FUNCTION portal_audit_chain() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last portal_auditlink%ROWTYPE;
BEGIN
    PERFORM pg_advisory_xact_lock(7226001);
    SELECT * INTO last FROM portal_auditlink ORDER BY seq DESC LIMIT 1;
    INSERT INTO portal_auditlink (seq, entry_id, hash) VALUES (
        coalesce(last.seq, 0) + 1, NEW.entry_id,
        encode(sha256(convert_to(coalesce(last.hash, '') || NEW.entry_id::text || NEW.seal, 'UTF8')), 'hex'));
    DELETE FROM portal_auditwaiting WHERE entry_id = NEW.entry_id;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER audit_chained AFTER INSERT ON portal_auditwaiting
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION portal_audit_chain();
"""
REVERSE = """
DROP TABLE portal_auditwaiting;
DROP FUNCTION portal_audit_chain();
CREATE OR REPLACE FUNCTION portal_audit_link() RETURNS trigger LANGUAGE plpgsql AS $$
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
"""

GUARDS = ("portal_auditentry {} TRIGGER audit_append_only", "portal_auditlink {} TRIGGER audit_link_append_only")
LINK = """
INSERT INTO portal_auditlink (seq, entry_id, hash)
SELECT coalesce(max(last.seq), 0) + 1, %(id)s,
    encode(sha256(convert_to(coalesce(max(last.hash), '') || %(id)s::text || %(seal)s, 'UTF8')), 'hex')
FROM (SELECT seq, hash FROM portal_auditlink ORDER BY seq DESC LIMIT 1) last
"""


def take_over(apps, schema_editor):
    """What was on record before is taken over as it stands now: sealed and linked in the order of its numbers."""
    entries = apps.get_model("portal", "AuditEntry").objects.order_by("pk")
    if not entries.exists():
        return
    with schema_editor.connection.cursor() as cursor:
        for guard in GUARDS:
            cursor.execute(f"ALTER TABLE {guard.format('DISABLE')}")
        cursor.execute("TRUNCATE portal_auditlink")
        for entry in entries.iterator():
            seal = seal_of(entry, "")
            cursor.execute("UPDATE portal_auditentry SET seal = %s WHERE id = %s", [seal, entry.pk])
            cursor.execute(LINK, {"id": entry.pk, "seal": seal})
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for guard in GUARDS:
            cursor.execute(f"ALTER TABLE {guard.format('ENABLE')}")


SAMPLE = "示例值，由县自然资源主管部门按本省规定核定"
KEPT = [
    ("unverified_identity", 90, "同意之日（身份至今未经核验）", f"个人信息保护法第19条（最短必要期限）；期限为{SAMPLE}"),
    ("unused_identity", 1095, "账号最后一次使用之日", f"个人信息保护法第19、47条；期限为{SAMPLE}"),
    ("guardian_of_withdrawn_consent", 1095, "撤回同意之日", f"个人信息保护法第31、56条（记录至少三年）；起算为{SAMPLE}"),
    ("read_message", 180, "消息阅读之日", f"个人信息保护法第19条；期限为{SAMPLE}"),
    ("ended_session", 1, "会话失效之日", f"个人信息保护法第19条；期限为{SAMPLE}"),
]  # fmt: skip


def keep(apps, schema_editor):
    rule = apps.get_model("portal", "RetentionRule")
    for kind, days, counted_from, source in KEPT:
        rule.objects.create(
            kind=kind, days=days, counted_from=counted_from, source=source, valid_from=datetime.date(2026, 1, 1)
        )


def forget(apps, schema_editor):
    apps.get_model("portal", "RetentionRule").objects.filter(kind__in=[kind for kind, *_rest in KEPT]).delete()


class Migration(migrations.Migration):
    dependencies = [("portal", "0006_second_factor_tokens_links")]
    operations = [
        migrations.AddField("auditentry", "seen", models.BigIntegerField(db_default=0)),
        migrations.RunPython(take_over, migrations.RunPython.noop),
        migrations.RunSQL(SQL, REVERSE),
        migrations.RunPython(keep, forget),
    ]
