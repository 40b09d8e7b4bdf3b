"""The record of acts proves itself: five kinds of tampering, a cut tail, a forged chain; and what is written reads back the same."""

import datetime
import hashlib
import threading
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, connections, transaction
from django.utils import timezone

from portal import chain
from portal.audit import record
from portal.models import AuditEntry, AuditLink, Notification, Role, Upload, User

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@pytest.fixture
def rows(cast) -> list[AuditEntry]:
    """Ten entries, each in a commit of its own."""
    return [record("test.done", cast.planner, by=cast.township, after={"n": n}) for n in range(10)]


@pytest.fixture
def tamper():
    """Run SQL as one who owns the database: without triggers, without foreign keys."""

    def run(*statements: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT conname FROM pg_constraint WHERE conrelid = 'portal_auditlink'::regclass AND contype = 'f'"
            )
            for (name,) in cursor.fetchall():
                cursor.execute(f'ALTER TABLE portal_auditlink DROP CONSTRAINT "{name}"')
            for table in ("portal_auditentry", "portal_auditlink"):
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            for statement in statements:
                cursor.execute(statement)

    yield run
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE portal_auditentry, portal_auditlink")
        for table in ("portal_auditentry", "portal_auditlink"):
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        cursor.execute(
            "ALTER TABLE portal_auditlink ADD CONSTRAINT portal_auditlink_entry_id_fk FOREIGN KEY (entry_id)"
            " REFERENCES portal_auditentry (id) DEFERRABLE INITIALLY DEFERRED"
        )


def verdict(**options) -> str:
    """What `manage.py verify_audit` complains of; empty if nothing."""
    try:
        call_command("verify_audit", **options)
    except CommandError as error:
        return str(error)
    return ""


def link_anew() -> None:
    """The chain recomputed over what is there, as everybody can who has no key."""
    AuditLink.objects.all()._raw_delete("default")
    head = ""
    for seq, entry in enumerate(AuditEntry.objects.order_by("pk"), 1):
        head = hashlib.sha256(f"{head}{entry.pk}{entry.seal}".encode()).hexdigest()
        AuditLink.objects.create(seq=seq, entry=entry, hash=head)


COPY = """INSERT INTO portal_auditentry (id, at, actor_id, actor_name, verb, object_type, object_id, object_label, before, after, seal, seen)
SELECT nextval('portal_auditentry_id_seq'), at, actor_id, actor_name, verb, object_type, object_id, object_label, before, after, seal, seen
FROM portal_auditentry WHERE id = {}"""


def test_a_record_nobody_touched_is_whole(rows, capsys):
    assert verdict() == ""
    assert f"{AuditEntry.objects.count()} rows verified" in capsys.readouterr().out


@pytest.mark.parametrize("change", ["verb = 'x'", "after = '{\"n\": 99}'", "actor_id = NULL", "at = at + interval '1 s'",
                                    "actor_name = 'other'", "object_label = 'y'", "seal = repeat('0', 64)", "seen = 0"])  # fmt: skip
def test_a_row_that_was_edited_is_named(rows, tamper, change):
    tamper(f"UPDATE portal_auditentry SET {change} WHERE id = {rows[4].pk}")
    assert f"row {rows[4].pk} " in verdict()


def test_a_row_that_was_deleted_is_named(rows, tamper):
    tamper(f"DELETE FROM portal_auditentry WHERE id = {rows[4].pk}")
    assert f"row {rows[4].pk} (link 5): the row was deleted" in verdict()


def test_a_row_deleted_with_its_link_is_named(rows, tamper):
    tamper(
        f"DELETE FROM portal_auditlink WHERE entry_id = {rows[4].pk}",
        f"DELETE FROM portal_auditentry WHERE id = {rows[4].pk}",
    )
    assert "link 5: the link was deleted" in verdict()


def test_a_row_that_was_put_in_without_a_link_is_named(rows, tamper):
    tamper(COPY.format(rows[4].pk))
    assert f"row {AuditEntry.objects.order_by('pk').last().pk}: it is in no link" in verdict()


def test_a_copy_of_a_row_that_the_database_linked_is_named(rows):
    with connection.cursor() as cursor:
        cursor.execute(COPY.format(rows[4].pk))
    copy = AuditEntry.objects.order_by("pk").last()
    assert AuditLink.objects.filter(entry=copy).exists()
    assert f"row {copy.pk} (link 11): its seal does not fit" in verdict()


def test_rows_that_changed_places_are_named(rows, tamper):
    tamper(
        f"UPDATE portal_auditlink SET entry_id = -1 WHERE entry_id = {rows[3].pk}",
        f"UPDATE portal_auditlink SET entry_id = {rows[3].pk} WHERE entry_id = {rows[6].pk}",
        f"UPDATE portal_auditlink SET entry_id = {rows[6].pk} WHERE entry_id = -1",
    )
    assert f"row {rows[6].pk} (link 4)" in verdict()


def test_a_link_that_was_edited_is_named_even_if_it_is_the_last(rows, tamper):
    tamper("UPDATE portal_auditlink SET hash = repeat('0', 64) WHERE seq = 10")
    assert f"row {rows[9].pk} (link 10): the chain does not lead here" in verdict()


def test_a_chain_recomputed_by_hand_over_a_deleted_row_contradicts_the_next_writer(rows, tamper):
    tamper(
        f"DELETE FROM portal_auditlink WHERE entry_id = {rows[4].pk}",
        f"DELETE FROM portal_auditentry WHERE id = {rows[4].pk}",
    )
    link_anew()
    assert f"row {rows[5].pk} (link 5): its seal does not fit" in verdict()


def test_a_chain_recomputed_by_hand_over_an_edited_row_is_found(rows, tamper):
    tamper(f"UPDATE portal_auditentry SET verb = 'x' WHERE id = {rows[4].pk}")
    link_anew()
    assert f"row {rows[4].pk} (link 5): its seal does not fit" in verdict()


def test_a_tail_cut_off_is_found_by_the_anchor(rows, tamper, tmp_path):
    file = tmp_path / "anchor"
    call_command("anchor_audit", file=file)
    last = [row.pk for row in rows[-3:]]
    tamper(
        f"DELETE FROM portal_auditlink WHERE entry_id IN {tuple(last)}",
        f"DELETE FROM portal_auditentry WHERE id IN {tuple(last)}",
    )
    assert verdict() == ""
    assert "link 8: the chain ends before it, but was anchored up to link 10" in verdict(anchor=file)


def test_a_tail_cut_off_and_written_on_is_found_by_the_anchor(rows, tamper, tmp_path, cast):
    file = tmp_path / "anchor"
    call_command("anchor_audit", file=file)
    tamper(
        f"DELETE FROM portal_auditlink WHERE entry_id = {rows[-1].pk}",
        f"DELETE FROM portal_auditentry WHERE id = {rows[-1].pk}",
        "ALTER TABLE portal_auditentry ENABLE TRIGGER USER",
    )
    entry = record("test.later", cast.planner, by=None)
    assert verdict() == ""
    assert f"row {entry.pk} (link 10): the anchor of that link has another hash" in verdict(anchor=file)
    with pytest.raises(CommandError, match="link 10: the chain is not as it was anchored"):
        call_command("anchor_audit", file=file)


@pytest.mark.parametrize("forge", [lambda line: line.replace(line[:2], "12", 1), lambda line: line[:-1] + "x", lambda line: "garbage"])  # fmt: skip
def test_a_forged_anchor_is_named_by_its_line(rows, tmp_path, forge):
    file = tmp_path / "anchor"
    for _ in range(2):
        call_command("anchor_audit", file=file)
    first, second = file.read_text().splitlines()
    file.write_text(f"{first}\n{forge(second)}\n")
    assert "anchor file, line 2" in verdict(anchor=file)
    file.write_text(f"{second}\n")
    assert "anchor file, line 1" in verdict(anchor=file)


def test_an_anchor_file_that_is_missing_is_an_error(rows, tmp_path):
    assert "no anchor file" in verdict(anchor=tmp_path / "none")


VALUES = {
    "float": [1e22, 1.0, -0.0, 0.1, 1e-7, 5e-324, 1.7976931348623157e308, 123456789.123456789, 2.5e300],
    "not a number": [float("nan"), float("inf")],
    "whole": [2**63, -(2**70), True, False, None],
    "text": ["柳沟村🌾", "a\x00b", "\ud800", "\u2028", 'quote " and \\', "", "e\u0301"],
    "when": {"day": datetime.date(2026, 11, 27), "at": timezone.now(), "deep": [{"at": datetime.time(8, 30)}]},
    "decimal": [Decimal("1E+22"), Decimal("0.10")],
    "words": (Role.TOWNSHIP, Role.TOWNSHIP.label, {"b", "a"}),
    3: {1.5: "number as a key"},
}


def test_whatever_is_recorded_reads_back_as_it_was_sealed(cast):
    entry = record("test.values", cast.planner, by=cast.planner, before=VALUES, after={"nested": [VALUES, [VALUES]]})
    stored = AuditEntry.objects.get(pk=entry.pk)
    assert (stored.before, stored.after) == (entry.before, entry.after)
    assert verdict() == ""


def test_a_long_label_or_one_that_postgresql_cannot_keep_is_recorded_all_the_same(cast):
    odd = Upload(pk="x" * 12, name="é\x00" * 500)
    entry = record("test.label", odd, by=None, after={"who": "\x00" * 3})
    stored = AuditEntry.objects.get(pk=entry.pk)
    assert (stored.object_label, stored.after) == ("é" * 200, {"who": ""})
    assert verdict() == ""


def test_a_change_that_is_rolled_back_leaves_no_entry(cast):
    before = AuditEntry.objects.count()
    with pytest.raises(ZeroDivisionError), transaction.atomic():  # noqa: PT012
        record("test.done", cast.planner, by=None)
        raise ZeroDivisionError
    assert AuditEntry.objects.count() == before


def test_the_database_refuses_changes_and_deletions(rows):
    for change in (
        lambda: AuditEntry.objects.filter(pk=rows[0].pk).update(verb="x"),
        lambda: AuditEntry.objects.filter(pk=rows[0].pk)._raw_delete("default"),
        lambda: AuditLink.objects.filter(seq=1).update(hash="x"),
        lambda: AuditLink.objects.filter(seq=1)._raw_delete("default"),
    ):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            change()


def test_rows_written_while_the_record_is_verified_are_no_fault(rows, cast, monkeypatch):
    links = chain.links

    def with_a_writer(end: int):
        for n, link in enumerate(links(end)):
            if n == 3:
                thread = threading.Thread(target=write_one, args=(cast.planner,))
                thread.start()
                thread.join(30)
            yield link

    monkeypatch.setattr(chain, "links", with_a_writer)
    assert verdict() == ""
    assert AuditEntry.objects.filter(verb="test.meanwhile").exists()


def write_one(obj: User) -> None:
    record("test.meanwhile", obj, by=None)
    connections.close_all()


def test_64_writers_make_one_chain(cast):
    """Threads that begin together: no two links on the same link before, none lost."""
    each, begin, errors = 6, threading.Barrier(64), []

    def write() -> None:
        try:
            begin.wait(30)
            for n in range(each):
                record("test.raced", cast.planner, by=None, after={"n": n})
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=write) for _ in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert errors == []
    assert AuditLink.objects.count() == AuditEntry.objects.count() == 64 * each
    assert verdict() == ""


def test_the_chain_waits_for_no_row_that_waits_for_the_chain(cast):
    """One commit holds the chain and checks a foreign key to a row another one has locked, which then wants the chain."""
    ready, errors = threading.Barrier(2), []

    def first() -> None:
        User.objects.select_for_update().get(pk=cast.planner.pk)
        ready.wait(10)
        record("test.first", cast.planner, by=None)
        while not somebody_waits():
            pass

    def second() -> None:
        ready.wait(10)
        record("test.second", cast.planner, by=None)
        Notification.objects.create(user=cast.planner, kind="step_made")

    def work(act) -> None:
        try:
            with transaction.atomic():
                act()
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(act,)) for act in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert errors == []
    assert AuditLink.objects.count() == 2


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks JOIN pg_stat_activity USING (pid)"
            " WHERE NOT granted AND datname = current_database())"
        )
        return cursor.fetchone()[0]
