"""The record of acts: what a sealed and chained entry costs beside a bare row, and how fast the record is proven."""

import threading
from collections.abc import Callable, Iterator

from django.db import connection, connections, transaction
from django.utils import timezone

from indicators.bench import Row, medians
from indicators.bench_county import County
from portal import chain
from portal.audit import seal_of, write
from portal.models import AuditEntry, AuditLink
from villages.models import Village

WRITERS, EACH = 64, 30
A_SECOND = 200  # events of 64 writers together
ROWS, BATCH = 100_000, 5_000
MILLION_IN = 60.0  # seconds
BESIDE_BARE = 8.0
BESIDE_READING = 4.0
BARE = """
    INSERT INTO bench_bare (id, at, actor_name, verb, object_type, object_id, object_label, before, after, seal, seen)
    VALUES (nextval('portal_auditentry_id_seq'), now(), 'bench', 'bench.done', 'bench', '1', 'bench', '{}', '{"n": 1}', '', 0)
"""


def audit(county: County, village: Village) -> Iterator[Row]:
    """64 writers at once, each event a commit of its own; then a record of 100,000 rows verified."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_bare (LIKE portal_auditentry INCLUDING INDEXES)")
    events = WRITERS * EACH
    ours, bare = medians(lambda: at_once(entry), lambda: at_once(plain))
    name = f"audit, {events:,} events of {WRITERS} writers"
    yield Row(name, ours, "bare INSERT, no seal, no chain", bare, ours / bare, BESIDE_BARE)
    yield Row(name, ours, f"{A_SECOND} events a second", events / A_SECOND, ours / (events / A_SECOND), 1.0)
    if chain.verify().rows != AuditLink.objects.count():
        raise AssertionError("the chain has a fork")
    fill(ROWS)
    proven, read = medians(lambda: chain.verify(), reading)
    rows = AuditLink.objects.count()
    allowed = rows / 1_000_000 * MILLION_IN
    yield Row(
        f"verify_audit, {rows:,} rows", proven, "reading them, nothing proven", read, proven / read, BESIDE_READING
    )
    yield Row(f"verify_audit, {rows:,} rows", proven, "a million rows a minute", allowed, proven / allowed, 1.0)


def entry() -> None:
    write("bench.done", "bench", "1", "bench", by=None, after={"n": 1})


def plain() -> None:
    with connection.cursor() as cursor:
        cursor.execute(BARE)


def at_once(work: Callable[[], None]) -> None:
    """Every writer in a thread with a connection of its own; all begin together."""
    begin, errors = threading.Barrier(WRITERS), []

    def write_on() -> None:
        try:
            connection.ensure_connection()
            begin.wait(60)
            for _ in range(EACH):
                work()
        except Exception as error:
            errors.append(error)
            begin.abort()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=write_on) for _ in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def fill(rows: int) -> None:
    """Entries as many commits would have left them, made in few."""
    while (known := AuditLink.objects.count()) < rows:
        head = AuditLink.objects.order_by("seq").last()
        with transaction.atomic():
            AuditEntry.objects.bulk_create(made(head, n) for n in range(min(BATCH, rows - known)))


def made(head: AuditLink, n: int) -> AuditEntry:
    number = head.entry_id + 1 + n
    row = AuditEntry(
        id=number, at=timezone.now(), actor_name="bench", verb="bench.done", object_type="planning.PlanVersion",
        object_id=f"{number:012}", object_label="柳沟村村庄规划（2021-2035年）（第1版）", seen=head.seq,
        before={"state": "draft"}, after={"state": "notice", "digest": "0" * 64, "note": "同意，按程序公示。"},
    )  # fmt: skip
    row.seal = seal_of(row, head.hash)
    return row


@transaction.atomic
def reading() -> None:
    for _row in chain.links(chain.last_seq()):
        pass
