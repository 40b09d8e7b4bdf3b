"""Receiving a file in pieces, so that an acknowledged byte is never lost and never sent twice.

The order is what makes it safe against a kill at any moment: the bytes are written and synced, then the row says so. The
row's offset is therefore never ahead of the file; whatever lies in the file beyond it was never acknowledged and is cut
off by the next piece. A lock on the file itself keeps two senders apart and is gone with the process that held it.
"""

import errno
import fcntl
import hashlib
import io
import os
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.db.models import Sum
from django.http import Http404, UnreadablePostError
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.errors import Conflict, PortalError, TooLarge
from portal.models import PartialUpload, Upload, User
from portal.models.parts import parts_folder

LIFETIME = timedelta(days=3)  # after the last piece
CHUNK = 16 * 1024**2  # largest piece; what is sent in one request is lost if its line breaks behind a proxy
OPEN_FILES = 4  # unfinished files of the largest size that one person may have
PIECE = 16 * 1024
PATIENCE = 50  # seconds for one request: less than the web server's own timeout
ALGORITHMS = ("sha1", "sha256")
LEFTOVER_SECONDS = 3600

Finish = Callable[[PartialUpload, File], tuple[Upload, bool]]


class Busy(PortalError):
    """Another request is writing this file (423): the sender asks for the offset and goes on."""

    status = 423
    code = "locked"


class Damaged(PortalError):
    """The checksum sent along does not fit (460 of the tus protocol); the piece was thrown away."""

    status = 460
    code = "checksum"


class NoRoom(PortalError):
    """The disk or the person's share of it is full (507)."""

    status = 507
    code = "no_room"


class WholeFile(File):
    """A finished file under a second name: the storage moves that name, and the bytes are never copied."""

    def temporary_file_path(self) -> str:
        return str(self.file.name)


def check_size(size: int) -> None:
    """What is refused before a byte was sent."""
    if size > settings.UPLOAD_MAX_BYTES:
        limit = settings.UPLOAD_MAX_BYTES // 1024**2
        raise TooLarge(_("The file is larger than %(limit)d MB.") % {"limit": limit})
    if size <= 0:
        raise PortalError(_("The file is empty."), code="empty")


def check_room(size: int) -> None:
    """The disk keeps UPLOAD_MIN_FREE_MB for the database and the work in hand."""
    if shutil.disk_usage(parts_folder()).free - size < settings.UPLOAD_MIN_FREE_BYTES:
        raise NoRoom(_("The server has no room for this file now. Tell whoever runs the portal, and try again later."))


def create(owner: User, *, division_code: str, name: str, size: int, **fields: Any) -> PartialUpload:
    """Begin a file; `fields` are sha256, options and metadata."""
    check_size(size)
    unfinished = PartialUpload.objects.filter(owner=owner, upload=None)
    if (unfinished.aggregate(sum=Sum("size"))["sum"] or 0) + size > OPEN_FILES * settings.UPLOAD_MAX_BYTES:
        raise NoRoom(_("You have too many unfinished uploads. Finish or discard one of them first."))
    check_room(size)
    part = PartialUpload.objects.create(
        owner=owner, division_code=division_code, name=name, size=size, expires_at=timezone.now() + LIFETIME, **fields
    )
    part.path.touch()
    return part


@contextmanager
def locked(part: PartialUpload) -> Iterator[io.FileIO]:
    """The file of a part, open and ours alone; the row is read again, for another may have written meanwhile."""
    with io.FileIO(os.open(part.path, os.O_RDWR | os.O_CREAT, 0o644), "r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(_("Another request is sending this file. Try again in a moment.")) from None
        try:
            part.refresh_from_db()
        except PartialUpload.DoesNotExist:
            raise Http404 from None
        yield file


def append(
    part: PartialUpload, *, at: int, stream: Any, length: int, checksum: tuple[str, bytes] | None = None, finish: Finish
) -> None:
    """Add the bytes of one request; the last ones count only once `finish` has stored the file.

    A sender whose line broke has sent less than `length`: what came is kept, unless a checksum says that it is not whole.
    """
    if length > CHUNK:
        raise TooLarge(_("Send at most %(limit)d MB in one request.") % {"limit": CHUNK // 1024**2})
    with locked(part) as file:
        if part.upload_id:
            raise Conflict(_("The file is complete already."), code="offset", data={"offset": part.size})
        there = os.fstat(file.fileno()).st_size
        if there < part.offset:  # only if somebody meddled with the disk
            PartialUpload.objects.filter(pk=part.pk).update(offset=there)
            part.offset = there
        if at != part.offset:
            raise Conflict(_("The file goes on at another byte."), code="offset", data={"offset": part.offset})
        if length > part.size - at:
            raise TooLarge(_("These are more bytes than the file has."))
        check_room(length)
        end = write(file, at, stream, length, checksum)
        if end == part.size:
            complete(part, file, finish)
        else:
            PartialUpload.objects.filter(pk=part.pk).update(offset=end, expires_at=timezone.now() + LIFETIME)
            part.offset = end


def write(file: io.FileIO, at: int, stream: Any, length: int, checksum: tuple[str, bytes] | None) -> int:
    """Cut off what was never acknowledged, write what comes, sync it; returns the offset behind it."""
    digest = hashlib.new(checksum[0], usedforsecurity=False) if checksum else None
    file.truncate(at)
    file.seek(at)
    try:
        for piece in pieces(stream, length):
            if file.write(piece) != len(piece):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            if digest:
                digest.update(piece)
        os.fsync(file.fileno())
    except OSError as error:
        file.truncate(at)
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise NoRoom(_("The server has no room for this file now. Try again later.")) from error
        raise
    if checksum and digest.digest() != checksum[1]:
        file.truncate(at)
        raise Damaged(_("What arrived is not what was sent. Send it once more."))
    return file.tell()


def pieces(stream: Any, length: int) -> Iterator[bytes]:
    """The body of a request until its end, or until its line breaks."""
    while length > 0:
        try:
            piece = stream.read(min(PIECE, length))
        except UnreadablePostError:
            return
        if not piece:
            return
        length -= len(piece)
        yield piece


@contextmanager
def patience(line: socket.socket | None, seconds: float = PATIENCE) -> Iterator[None]:
    """Whoever drips, or has vanished without a word, is not waited for: the line is shut, what came of it is kept.

    gunicorn names the line in the environment; behind nginx, which waits itself and passes on whole bodies, it never matters.
    """
    timer = threading.Timer(seconds, shut, [line])
    timer.daemon = True
    if line is not None:
        timer.start()
    try:
        yield
    finally:
        timer.cancel()


def shut(line: socket.socket) -> None:
    with suppress(OSError):
        line.shutdown(socket.SHUT_RD)


def complete(part: PartialUpload, file: io.FileIO, finish: Finish) -> None:
    """Hand the whole file over. The row says so in the same transaction, so that a kill in between costs one piece only."""
    second = part.path.with_suffix(".whole")
    second.unlink(missing_ok=True)
    os.link(part.path, second)
    try:
        with second.open("rb") as whole, transaction.atomic():
            upload, known = finish(part, WholeFile(whole, name=part.name))
            if part.sha256 not in ("", upload.sha256):
                if not known:
                    upload.file.delete(save=False)
                raise Damaged(_("The file that arrived is not the one you chose. Send it once more."))
            part.offset, part.upload, part.known = part.size, upload, known
            part.save(update_fields=["offset", "upload", "known"])
    except Damaged:
        PartialUpload.objects.filter(pk=part.pk).update(offset=0)
        raise
    finally:
        second.unlink(missing_ok=True)
    part.path.unlink(missing_ok=True)


def discard(part: PartialUpload) -> None:
    """The sender changed his mind, or nobody came back."""
    with locked(part):
        path = part.path
        part.delete()  # first the row: a file without a row is swept, a row without a file would deceive its sender
        path.unlink(missing_ok=True)


def sweep() -> int:
    """Remove files that nobody went on with, and what killed processes left lying; returns how many."""
    removed = 0
    for part in PartialUpload.objects.filter(expires_at__lt=timezone.now())[:100]:
        with suppress(Busy, Http404):
            discard(part)
            removed += 1
    limit = time.time() - LEFTOVER_SECONDS
    old = [path for path in parts_folder().iterdir() if path.stat().st_mtime < limit]
    wanted = set(PartialUpload.objects.filter(upload=None).values_list("pk", flat=True))
    for path in old:
        if path.name not in wanted:
            path.unlink(missing_ok=True)
            removed += 1
    return removed
