"""Is the record of acts whole? Every seal and link is computed anew; an anchor kept elsewhere tells if the end was cut off.

docs/audit.md says which falsification is found by what.
"""

import fcntl
import hashlib
import hmac
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, Max, OuterRef
from django.utils import timezone

from portal.audit import sealed
from portal.models import AuditEntry, AuditLink
from portal.sealing import derived

COLUMNS = (
    "seq", "hash", "entry__seal", "entry_id", "entry__at", "entry__actor_id", "entry__actor_name", "entry__verb",
    "entry__object_type", "entry__object_id", "entry__object_label", "entry__before", "entry__after", "entry__seen",
)  # fmt: skip
BATCH = 5000
HASH_BYTES = 32


class Broken(Exception):
    """The record was changed by hand: what is the first bad row, and why."""


class Anchor(NamedTuple):
    """The head of the chain at a moment, on one line: number and hash of the last link, time, HMAC over these and the line before."""

    seq: int
    hash: str
    at: str
    mac: str

    def __str__(self) -> str:
        return f"{self.seq} {self.hash} {self.at} {self.mac}"


@dataclass(frozen=True)
class Verdict:
    """What was verified: how many rows, up to which hash."""

    rows: int
    head: str
    anchors: int


@transaction.atomic
def verify(anchor: Path | None = None) -> Verdict:
    """Go through the record as far as it reaches now; Broken names the first row that is not as it was written."""
    anchors = read_anchors(anchor) if anchor else []
    end = last_seq()
    anchored = {a.seq: a.hash for a in anchors}
    hashes = bytearray()  # 32 MB for a million rows
    head, seq = "", 0
    for seq_of, hash_of, seal, number, *columns in links(end):
        seen = columns[-1]
        seq += 1
        if seq_of != seq:
            raise Broken(missing(seq))
        seen_hash = hashes[(seen - 1) * HASH_BYTES : seen * HASH_BYTES].hex() if 0 < seen < seq else ""
        if not hmac.compare_digest(seal, sealed([number, *columns, seen_hash])):
            raise Broken(
                f"row {number} (link {seq}): its seal does not fit what it says, or the chain it was written on"
            )
        head = hashlib.sha256(f"{head}{number}{seal}".encode()).hexdigest()
        if head != hash_of:
            raise Broken(f"row {number} (link {seq}): the chain does not lead here from the row before")
        if anchored.get(seq, head) != head:
            raise Broken(f"row {number} (link {seq}): the anchor of that link has another hash")
        hashes += bytes.fromhex(head)
    if seq < end:
        raise Broken(missing(seq + 1))
    unlinked = AuditEntry.objects.filter(~Exists(AuditLink.objects.filter(entry=OuterRef("pk")))).order_by("pk").first()
    if unlinked:
        raise Broken(f"row {unlinked.pk}: it is in no link of the chain, so no commit of the portal wrote it")
    if anchors and anchors[-1].seq > seq:
        raise Broken(f"link {seq + 1}: the chain ends before it, but was anchored up to link {anchors[-1].seq}")
    return Verdict(seq, head, len(anchors))


def last_seq() -> int:
    return AuditLink.objects.aggregate(last=Max("seq"))["last"] or 0


def links(end: int) -> Iterator[tuple]:
    """Links with their entries in the order of the chain, by a cursor on the server if called in a transaction."""
    return AuditLink.objects.filter(seq__lte=end).order_by("seq").values_list(*COLUMNS).iterator(chunk_size=BATCH)


def missing(seq: int) -> str:
    link = AuditLink.objects.filter(seq=seq).first()
    return f"row {link.entry_id} (link {seq}): the row was deleted" if link else f"link {seq}: the link was deleted"


@transaction.atomic
def anchor(path: Path) -> Anchor:
    """Write the head of the chain on a new line of the file; Broken if the chain no longer leads on from the last line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        before = read_anchors(path)
        if before and not AuditLink.objects.filter(seq=before[-1].seq, hash=before[-1].hash).exists():
            raise Broken(f"link {before[-1].seq}: the chain is not as it was anchored on {before[-1].at}")
        head = AuditLink.objects.order_by("seq").last()
        if head is None:
            raise Broken("link 1: there is nothing to anchor yet")
        at = timezone.now().isoformat(timespec="seconds")
        line = Anchor(head.seq, head.hash, at, mac_of(before[-1].mac if before else "", head.seq, head.hash, at))
        file.write(f"{line}\n")
        file.flush()
        os.fsync(file.fileno())
    return line


def read_anchors(path: Path) -> list[Anchor]:
    """The lines of an anchor file, each proven by its HMAC."""
    found: list[Anchor] = []
    for number, text in enumerate(path.read_text("ascii", "replace").splitlines(), 1):
        parts = text.split()
        if len(parts) != 4 or not parts[0].isdigit():
            raise Broken(f"anchor file, line {number}: this is no anchor")
        line = Anchor(int(parts[0]), *parts[1:])
        if not hmac.compare_digest(line.mac, mac_of(found[-1].mac if found else "", line.seq, line.hash, line.at)):
            raise Broken(f"anchor file, line {number}: its HMAC does not fit")
        found.append(line)
    return found


def mac_of(before: str, seq: int, hash_of: str, at: str) -> str:
    return hmac.digest(
        derived(settings.AUDIT_KEY, "audit anchor"), f"{before}|{seq}|{hash_of}|{at}".encode(), "sha256"
    ).hex()
